import { stack } from '../ops/concat.ts';
import { constant } from '../ops/constants.ts';
import { binary, unary, where } from '../ops/elementwise.ts';
import { matmul } from '../ops/matmul.ts';
import { sum, sumTo } from '../ops/reductions.ts';
import { softmax } from '../ops/rows.ts';
import { broadcastTo, permute, reshape, slice, turned } from '../ops/views.ts';
import type { Calculus } from '../primitive.ts';
import { isHalf, type Tensor } from '../tensor.ts';

/** Whether a tensor is known to be constant with this value, so that adding 0 and multiplying by 1 can be skipped. */
function known(x: Tensor | number, value: number): boolean {
  if (typeof x === 'number') return x === value;
  return (
    x.size > 0 &&
    !x.tracked &&
    !isHalf(x.dtype) &&
    x.strides.every((s, d) => s === 0 || x.shape[d] === 1) &&
    x.storage.values?.[x.offset] === value
  );
}
const fits = (a: Tensor, b: Tensor | number): boolean =>
  typeof b === 'number' || (b.rank <= a.rank && b.shape.every((n, d) => n === 1 || n === a.shape[a.rank - b.rank + d]));

const multiply = binary('mul');

/** The functions in which derivative rules are written. */
export const calculus: Calculus = {
  add: binary('add'),
  sub: binary('sub'),
  mul: (a, b) => {
    if (known(b, 1) && fits(a, b)) return a;
    if (typeof b !== 'number' && known(a, 1) && fits(b, a)) return b;
    return multiply(a, b);
  },
  div: (a, b) => (typeof a !== 'number' && known(b, 1) && fits(a, b) ? a : binary('div')(a, b)),
  pow: binary('pow'),
  neg: unary('neg'),
  exp: unary('exp'),
  log: unary('log'),
  sqrt: unary('sqrt'),
  sin: unary('sin'),
  cos: unary('cos'),
  sign: unary('sign'),
  sigmoid: unary('sigmoid'),
  erf: unary('erf'),
  square: unary('square'),
  less: binary('lt'),
  lessEqual: binary('le'),
  equal: binary('eq'),
  ...{ where, sum, sumTo, broadcastTo, reshape, permute, turned, matmul, softmax },
  at: (x, i) => slice(x, i),
  stack: (tensors) => stack(tensors),
  zerosLike: (x) => broadcastTo(constant(0, x.dtype), x.shape),
};
