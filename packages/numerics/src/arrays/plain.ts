import { DenseMatrix } from './dense.ts';

/** Key that marks a matrix in plain data. */
const MATRIX = 'denseMatrix';

/**
 * Converts a point (a plain object of numbers, typed arrays and dense matrices, nested to any depth) to plain data for
 * a checkpoint. Copies all numbers.
 */
export function toPlain(value: unknown): unknown {
  if (value instanceof DenseMatrix) {
    return { [MATRIX]: { rows: value.rows, cols: value.cols, data: value.data.slice() } };
  }
  if (ArrayBuffer.isView(value)) return (value as Float64Array).slice();
  if (Array.isArray(value)) return value.map(toPlain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toPlain(inner)]));
}

/** Inverse of {@link toPlain}; matrices are newly allocated. */
export function fromPlain<P>(plain: unknown): P {
  const back = (value: unknown): unknown => {
    if (ArrayBuffer.isView(value)) return (value as Float64Array).slice();
    if (Array.isArray(value)) return value.map(back);
    if (value === null || typeof value !== 'object') return value;
    if (MATRIX in value) {
      const { rows, cols, data } = value[MATRIX] as { rows: number; cols: number; data: Float64Array };
      return DenseMatrix.fromColumnMajor(data, rows, cols);
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, back(inner)]));
  };
  return back(plain) as P;
}
