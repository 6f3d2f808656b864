import { einsum as realEinsum } from '../functions/einsum.ts';
import * as real from '../functions/functions.ts';
import { inverse as realInverse, solve as realSolve } from '../functions/linalg.ts';
import { misfit } from '../op.ts';
import { concat } from '../ops/concat.ts';
import { matmul as realMatmul } from '../ops/matmul.ts';
import { slice } from '../ops/views.ts';
import type { Tensor } from '../tensor.ts';
import { conj } from './arithmetic.ts';
import { type Complex, needComplex, type Operand, type Parts, partsOf, zerosLike } from './complex.ts';
import { transpose } from './parts.ts';

/** A function that is linear in either of two operands. */
function bilinear(name: string, a: Operand, b: Operand, f: (a: Tensor, b: Tensor) => Tensor): Complex {
  const [x, y] = partsOf(name, [a, b]);
  const sum = (p: Tensor | undefined, q: Tensor | undefined) => (p && q ? real.add(p, q) : (p ?? q));
  const both = f(x.re, y.re);
  const re = x.im && y.im ? real.sub(both, f(x.im, y.im)) : both;
  return { re, im: sum(y.im && f(x.re, y.im), x.im && f(x.im, y.re)) ?? zerosLike(re) };
}

/**
 * The matrix product, batched, of complex or real operands, like that of real tensors: two to four real products.
 * @throws INVALID_SHAPE if the shapes do not fit; INVALID_PARAMETER for what is neither complex nor a tensor.
 */
export function matmul(a: Complex | Tensor, b: Complex | Tensor): Complex {
  return bilinear('matmul', a, b, realMatmul);
}

/**
 * The einsum of one operand or two, complex or real: `einsum('bix,iox->box', spectrum, weights)`.
 * @throws INVALID_PARAMETER and INVALID_SHAPE as that of real tensors.
 */
export function einsum(formula: string, a: Complex | Tensor, b?: Complex | Tensor): Complex {
  if (b !== undefined) return bilinear('einsum', a, b, (x, y) => realEinsum(formula, x, y));
  const [{ re, im }] = partsOf('einsum', [a]);
  const first = realEinsum(formula, re);
  return { re: first, im: im ? realEinsum(formula, im) : zerosLike(first) };
}

/**
 * The conjugate transpose of the last two axes.
 * @throws INVALID_PARAMETER for what is not complex.
 */
export function adjoint(z: Complex): Complex {
  return transpose(conj(needComplex('adjoint', 'z', z)));
}

/** The matrix [re −im; im re], which multiplies [re; im] as A does. */
function embedded(name: string, { re, im }: Parts): Tensor {
  const n = re.shape.at(-1);
  if (re.rank < 2 || n !== re.shape.at(-2)) misfit(name, [re], 'a must be a square matrix, or a batch of them.');
  const below = im ?? zerosLike(re);
  return concat([concat([re, real.neg(below)], -1), concat([below, re], -1)], -2);
}

/** Both halves of the rows. */
function halves(x: Tensor, n: number): Complex {
  const lead = x.shape.slice(0, -2).map(() => undefined);
  return { re: slice(x, ...lead, [0, n]), im: slice(x, ...lead, [n, 2 * n]) };
}

/**
 * The solution of A·X = B for square A [..., n, n] and B [..., n, k], complex or real, as a real system of 2n equations in
 * double precision; O(n³).
 * @throws INVALID_SHAPE unless A is square and fits B; SINGULAR if a pivot is zero.
 */
export function solve(a: Complex | Tensor, b: Complex | Tensor): Complex {
  const [A, B] = partsOf('solve', [a, b]);
  const system = embedded('solve', A);
  if (B.re.rank < 2) misfit('solve', [A.re, B.re], 'b must have rows and columns, [..., n, k].');
  const right = concat([B.re, B.im ?? zerosLike(B.re)], -2);
  return halves(realSolve(system, right), A.re.shape.at(-1)!);
}

/**
 * The inverse of square matrices, in double precision; O(n³).
 * @throws INVALID_SHAPE unless they are square; SINGULAR if a pivot is zero.
 */
export function inverse(a: Complex | Tensor): Complex {
  const [A] = partsOf('inverse', [a]);
  const n = A.re.shape.at(-1)!;
  const full = realInverse(embedded('inverse', A));
  const lead = full.shape.slice(0, -2).map(() => undefined);
  return halves(slice(full, ...lead, undefined, [0, n]), n);
}
