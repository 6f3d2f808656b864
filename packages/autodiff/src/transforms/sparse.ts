import { CscMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { colourColumns, type Pattern, starColouring, transposed } from '@southwell/numerics/sparse';
import { needFunctions, needTensors } from '../given.ts';
import { atLine } from '../line.ts';
import { type Shape, sameShape, show } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { grad, hvp, jvp, vjp } from './derive.ts';
import { patternOf } from './pattern.ts';
import { type Compression, Products } from './products.ts';

/** A sparse matrix of derivatives, prepared for one shape of the variables. */
export interface SparseDerivative {
  /** Where entries can be non-zero; rows and columns are elements in row-major order. */
  readonly pattern: Pattern;
  /** How many products with vectors an evaluation takes. */
  readonly products: number;
  /** Whether the products are with columns (forward mode) or with rows (reverse mode). */
  readonly mode: 'forward' | 'reverse';
  /**
   * The matrix at x.
   * @throws INVALID_SHAPE if x has another shape than the tensor for which it was prepared.
   */
  evaluate(x: Tensor): CscMatrix;
  /**
   * values ← the entries at x, in the order of the pattern; x has its elements in row-major order.
   * @throws INVALID_SHAPE for other lengths.
   */
  write(x: ArrayLike<number>, values: Float64Array): void;
  /** Frees the memory of the compiled program immediately, rather than on garbage collection. */
  free(): void;
}

/** The column of each entry of a pattern. */
function columnsOf({ cols, colPointers }: Pattern): Int32Array {
  const out = new Int32Array(colPointers[cols]);
  for (let j = 0; j < cols; j++) out.fill(j, colPointers[j], colPointers[j + 1]);
  return out;
}

/** The most entries of a column. */
const fullest = ({ cols, colPointers }: Pattern): number => {
  let most = 0;
  for (let j = 0; j < cols; j++) most = Math.max(most, colPointers[j + 1] - colPointers[j]);
  return most;
};

/** Groups of columns or of rows, whichever are fewer, and where the products with them have the entries. */
function compressed(pattern: Pattern): Compression & { readonly mode: 'forward' | 'reverse' } {
  const turned = transposed(pattern);
  const { rowIndices: rows } = pattern;
  const columns = columnsOf(pattern);
  const by = (mode: 'forward' | 'reverse') => {
    const { colours, count } = colourColumns(mode === 'forward' ? pattern : turned);
    const [own, other] = mode === 'forward' ? [columns, rows] : [rows, columns];
    return { mode, colours, count, groups: own.map((j) => colours[j]), places: other };
  };
  // The fullest row needs as many groups of columns as it has entries, and vice versa.
  const [forward, reverse] = [fullest(turned), fullest(pattern)];
  const first = by(forward <= reverse ? 'forward' : 'reverse');
  if (first.count <= Math.max(forward, reverse)) return first;
  const second = by(first.mode === 'forward' ? 'reverse' : 'forward');
  return second.count < first.count ? second : first;
}

/** The products of a symmetric matrix with groups of columns from which its entries are read. */
export function starCompressed(pattern: Pattern): Compression {
  const { colours, count, rows, groups } = starColouring(pattern);
  return { colours, count, groups, places: rows };
}

/** @throws INVALID_SHAPE unless x has the shape. */
function checkLike(name: string, x: Tensor, shape: Shape): void {
  if (!sameShape(x.shape, shape))
    fail(
      'INVALID_SHAPE',
      `${name} was prepared for ${show(shape)}, not for ${show(x.shape)}${atLine()}: prepare it anew.`,
    );
}

function derivativeOf(
  name: string,
  x: Tensor,
  pattern: Pattern,
  compression: Compression & { readonly mode: 'forward' | 'reverse' },
  products: Products,
): SparseDerivative {
  return {
    pattern,
    products: compression.count,
    mode: compression.mode,
    evaluate: (at) => {
      checkLike(name, at, x.shape);
      const matrix = CscMatrix.fromColumns(
        pattern.rows,
        pattern.cols,
        pattern.colPointers,
        pattern.rowIndices,
        new Float64Array(pattern.rowIndices.length),
      );
      products.write([at.data()], matrix.values);
      return matrix;
    },
    write: (at, values) => products.write([at], values),
    free: () => products.free(),
  };
}

/**
 * The Jacobian of a function from a tensor to a tensor as a sparse matrix, for functions of which each element of the
 * value depends on few variables. The pattern is read off the trace of f at the shape of x, and is a superset of the
 * non-zero entries at any x; columns without a common row are differentiated together (or rows, if that takes fewer
 * products), by a program that is compiled once. O(products · cost of f) an evaluation.
 * @throws INVALID_PARAMETER if f does not return a tensor or x is not floating-point; NOT_SUPPORTED if f reads values,
 * or if the pattern exceeds the memory.
 */
export function sparseJacobian(f: (x: Tensor) => Tensor, x: Tensor): SparseDerivative {
  needFunctions('sparseJacobian', { f });
  needFloats('sparseJacobian', x);
  const { shape, ...pattern } = patternOf('sparseJacobian', f as never, [x]);
  const compression = compressed(pattern);
  const products =
    compression.mode === 'forward'
      ? new Products((seed, at) => jvp(f, [at], [seed])[1], [x], x.shape, compression)
      : new Products((seed, at) => vjp(f, at)[1](seed)[0], [x], shape, compression);
  return derivativeOf('The Jacobian', x, pattern, compression, products);
}

/**
 * The Hessian of a function from a tensor to a scalar as a sparse matrix with both triangles, for functions in which
 * each variable interacts with few others. Like {@link sparseJacobian}, with the pattern of the gradient's trace and a
 * star colouring, so that symmetry reduces the number of products. O(products · cost of a gradient) an evaluation.
 * @throws INVALID_SHAPE if f does not return a scalar; otherwise as {@link sparseJacobian}.
 */
export function sparseHessian(f: (x: Tensor) => Tensor, x: Tensor): SparseDerivative {
  needFunctions('sparseHessian', { f });
  needFloats('sparseHessian', x);
  const pattern = symmetrised(patternOf('sparseHessian', grad(f) as never, [x]), false);
  const compression = { ...starCompressed(pattern), mode: 'forward' as const };
  const products = new Products((seed, at) => hvp(f, [at], seed), [x], x.shape, compression);
  return derivativeOf('The Hessian', x, pattern, compression, products);
}

/** @throws INVALID_PARAMETER for integers. */
function needFloats(name: string, x: Tensor): void {
  needTensors(name, { x });
  if (x.dtype === 'i32')
    fail('INVALID_PARAMETER', `${name} differentiates floating-point tensors, not integers${atLine()}.`);
}

/** The union of a square pattern and its transpose; or its lower triangle. */
export function symmetrised(pattern: Pattern, lower: boolean): Pattern {
  const other = transposed(pattern);
  const { cols: n } = pattern;
  const colPointers = new Int32Array(n + 1);
  const indices: number[] = [];
  for (let j = 0; j < n; j++) {
    // Both lists are in ascending order.
    let [a, b] = [pattern.colPointers[j], other.colPointers[j]];
    const [endA, endB] = [pattern.colPointers[j + 1], other.colPointers[j + 1]];
    while (a < endA || b < endB) {
      const i = Math.min(a < endA ? pattern.rowIndices[a] : n, b < endB ? other.rowIndices[b] : n);
      if (a < endA && pattern.rowIndices[a] === i) a++;
      if (b < endB && other.rowIndices[b] === i) b++;
      if (!lower || i >= j) indices.push(i);
    }
    colPointers[j + 1] = indices.length;
  }
  return { rows: n, cols: n, colPointers, rowIndices: Int32Array.from(indices) };
}
