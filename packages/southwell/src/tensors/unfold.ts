import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { checkMode, checkShape, type Shape, sizeOf, stackOf, Tensor } from './tensor.ts';

/**
 * The mode-k unfolding of a tensor: a row for each index of the mode, columns in row-major order of the other modes
 * (the last index varies fastest), as in TensorLy. Modes count from 0. A copy, O(values).
 * @throws INVALID_PARAMETER.
 */
export function unfold(tensor: Tensor, mode: number): DenseMatrix {
  checkMode(tensor.shape, mode);
  const { before, size, after } = stackOf(tensor.shape, mode);
  const out = DenseMatrix.create(size, before * after, { fill: false });
  const [from, to] = [tensor.data, out.data];
  for (let l = 0; l < before; l++) {
    for (let i = 0; i < size; i++) {
      const [at, into] = [(l * size + i) * after, l * after * size + i];
      for (let r = 0; r < after; r++) to[into + r * size] = from[at + r];
    }
  }
  return out;
}

/**
 * The transpose of {@link unfold}: a column for each index of the mode. A copy, O(values).
 * @throws INVALID_PARAMETER.
 */
export function unfoldTransposed(tensor: Tensor, mode: number): DenseMatrix {
  checkMode(tensor.shape, mode);
  const { before, size, after } = stackOf(tensor.shape, mode);
  const out = DenseMatrix.create(before * after, size, { fill: false });
  const [from, to] = [tensor.data, out.data];
  for (let l = 0; l < before; l++) {
    for (let i = 0; i < size; i++) {
      const at = (l * size + i) * after;
      to.set(from.subarray(at, at + after), (i * before + l) * after);
    }
  }
  return out;
}

/**
 * The tensor of the given shape from its {@link unfold unfolding}. O(values). @throws INVALID_SHAPE, INVALID_PARAMETER,
 * EMPTY.
 */
export function fold(matrix: DenseMatrix, mode: number, shape: Shape): Tensor {
  checkShape(shape);
  checkMode(shape, mode);
  const { before, size, after } = stackOf(shape, mode);
  if (matrix.rows !== size || matrix.cols !== sizeOf(shape) / size) {
    fail(
      'INVALID_SHAPE',
      `A tensor of ${shape.join(' × ')} unfolds to ${size} × ${before * after} in mode ${mode}, not to ${matrix.rows} × ${matrix.cols}.`,
    );
  }
  const out = Tensor.zeros(shape);
  const [from, to] = [matrix.data, out.data];
  for (let l = 0; l < before; l++) {
    for (let i = 0; i < size; i++) {
      const [at, into] = [l * after * size + i, (l * size + i) * after];
      for (let r = 0; r < after; r++) to[into + r] = from[at + r * size];
    }
  }
  return out;
}
