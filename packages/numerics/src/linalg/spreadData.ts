import { gemmWorkBytes } from '@southwell/kernels';
import { columnSums, columnsOfRows, type DenseMatrix, type Matrix } from '../arrays/index.ts';
import type { SplitRows } from '../core/index.ts';
import { sumWritten } from './spread.ts';
import { allColumns, TreeSums } from './treeSums.ts';
import { leftProduct } from './wide.ts';

/** Products with data whose rows may be distributed over ranks. */

const longest = ({ pieces }: SplitRows): number => pieces.reduce((most, [from, to]) => Math.max(most, to - from), 0);

/** out ← BX, summed over all rows. */
export function splitProduct(B: DenseMatrix, X: Matrix, out: DenseMatrix, split: SplitRows): void {
  // A single piece needs no tree of sums.
  if (X.kind === 'csc' && !split.spread) {
    leftProduct(B, X, out);
    return;
  }
  const [k, n] = [B.rows, X.cols];
  const scratch = X.arena.scratch();
  try {
    if (X.kind === 'csc') {
      const whole = new Float64Array(n * k);
      new TreeSums(X, split, scratch).into(whole, allColumns(n, scratch), n, { pointer: B.pointer, k });
      out.data.set(whole);
    } else {
      const work = scratch.f64(Math.ceil(gemmWorkBytes(k, n, longest(split)) / 8)).pointer;
      sumWritten(split, out, (from, to) => {
        const [b, x] = [B.pointer + 8 * from * k, X.pointer + 8 * from];
        X.arena.kernels.gemm(false, false, k, n, to - from, 1, b, k, x, X.rows, 0, out.pointer, k, work);
      });
    }
  } finally {
    scratch.release();
  }
}

/** `sums` ← B1 for a matrix with one column per row of the data. */
export function splitRowSums(B: DenseMatrix, sums: Float64Array, split: SplitRows): void {
  const { rows: k, data } = B;
  split.sum(sums, (_, from, to, part) => {
    for (let i = from; i < to; i++) for (let a = 0; a < k; a++) part[a] += data[i * k + a];
  });
}

/** out ← BXᵀ for the local rows. */
export function splitImage(B: DenseMatrix, X: Matrix, out: DenseMatrix, split: SplitRows): void {
  if (X.kind === 'csc') {
    // Columns are independent of each other, so the split into pieces does not affect the bits.
    if (X.rows > 0) leftProduct(B, X, out, { transpose: true });
    return;
  }
  const k = B.rows;
  const scratch = X.arena.scratch();
  try {
    const work = scratch.f64(Math.ceil(gemmWorkBytes(k, longest(split), X.cols) / 8)).pointer;
    for (const [from, to] of split.pieces) {
      const [x, o] = [X.pointer + 8 * from, out.pointer + 8 * from * k];
      X.arena.kernels.gemm(false, true, k, to - from, X.cols, 1, B.pointer, k, x, X.rows, 0, o, k, work);
    }
  } finally {
    scratch.release();
  }
}

/** out ← FᵀC for the local rows. */
export function piecewise(F: DenseMatrix, C: DenseMatrix, out: DenseMatrix, split: SplitRows): void {
  const [m, k] = [F.rows, C.cols];
  const scratch = out.arena.scratch();
  try {
    const work = scratch.f64(Math.ceil(gemmWorkBytes(longest(split), k, m) / 8)).pointer;
    for (const [from, to] of split.pieces) {
      const [f, o] = [F.pointer + 8 * from * m, out.pointer + 8 * from];
      out.arena.kernels.gemm(true, false, to - from, k, m, 1, f, m, C.pointer, m, 0, o, out.rows, work);
    }
  } finally {
    scratch.release();
  }
}

/** Sum of all values. */
export function splitSum(X: Matrix, split: SplitRows): number {
  if (!split.spread) return sumOfStored(X, (v) => v);
  if (X.kind === 'csc') return columnSums(X, split, (v) => v).reduce((sum, s) => sum + s, 0);
  const entries = columnsOfRows(X);
  const sums = new Float64Array(1);
  split.sum(sums, (_, from, to, part) =>
    entries(from, to, (_j, values, start, end) => {
      for (let at = start; at < end; at++) part[0] += values[at];
    }),
  );
  return sums[0];
}

/** Σ of(value) in storage order. */
function sumOfStored(X: Matrix, of: (value: number) => number): number {
  const values = X.kind === 'dense' ? X.data : X.values;
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += of(values[at]);
  return sum;
}

/** Column means over all rows. */
export function splitMeans(X: Matrix, split: SplitRows): Float64Array {
  if (X.kind === 'csc') return columnSums(X, split, (v) => v).map((sum) => sum / split.all);
  const entries = columnsOfRows(X);
  const sums = new Float64Array(X.cols);
  split.sum(sums, (_, from, to, part) =>
    entries(from, to, (j, values, start, end) => {
      for (let at = start; at < end; at++) part[j] += values[at];
    }),
  );
  return sums.map((sum) => sum / split.all);
}

/** ‖X − 1μᵀ‖². */
export function splitSquares(X: Matrix, mean: Float64Array | undefined, split: SplitRows): number {
  const whole = squaresOfValues(X, split);
  return mean ? Math.max(0, whole - split.all * mean.reduce((s, v) => s + v * v, 0)) : whole;
}

function squaresOfValues(X: Matrix, split: SplitRows): number {
  if (!split.spread) return sumOfStored(X, (v) => v * v);
  return X.kind === 'csc' ? columnSums(X, split, (v) => v * v).reduce((sum, s) => sum + s, 0) : denseSquares(X, split);
}

function denseSquares(X: DenseMatrix, split: SplitRows): number {
  const entries = columnsOfRows(X);
  const sums = new Float64Array(1);
  split.sum(sums, (_, from, to, part) =>
    entries(from, to, (_j, values, start, end) => {
      for (let at = start; at < end; at++) part[0] += values[at] * values[at];
    }),
  );
  return sums[0];
}
