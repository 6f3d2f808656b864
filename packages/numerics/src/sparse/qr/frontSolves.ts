import { type QrKernels, qrKernels } from '@southwell/kernels/qr';
import type { DenseMatrix } from '../../arrays/index.ts';
import type { QrFronts } from './qrFronts.ts';

/** Where a front is: its number, first column, numbers of eliminated and of all columns, of rows of R, of reflectors. */
interface Place {
  readonly s: number;
  readonly from: number;
  readonly pivotal: number;
  readonly cols: number;
  readonly live: number;
  readonly count: number;
  readonly rows: number;
  /** Number of values of R. */
  readonly size: number;
}

/** Products with Q and solves with R of fronts. */
export class FrontSolves {
  private readonly places: readonly Place[];
  private readonly pointers: Float64Array;

  constructor(
    private readonly fronts: QrFronts,
    private readonly rows: number,
    private readonly values: DenseMatrix,
  ) {
    const { first, belowStart, pivot, reflectorStart, rowStart, valueStart } = fronts;
    this.pointers = valueStart.map((start) => values.pointer + 8 * start);
    this.places = Array.from({ length: first.length - 1 }, (_, s) => {
      const [from, pivotal] = [first[s], first[s + 1] - first[s]];
      const cols = pivotal + belowStart[s + 1] - belowStart[s];
      let [size, live] = [0, 0];
      for (let j = from; j < from + pivotal; j++) {
        live = Math.max(live, pivot[j] + 1);
        size += live;
      }
      size += live * (cols - pivotal);
      const count = reflectorStart[s + 1] - reflectorStart[s];
      return { s, from, pivotal, cols, live, count, rows: rowStart[s + 1] - rowStart[s], size };
    });
  }

  /** y ← Qᵀy, or Qy with `backward`, for y with as many entries as A has rows. */
  reflect(y: Float64Array, backward: boolean): void {
    const { fronts, places, pointers } = this;
    const { rowStart, frontRows, reflectorStart, reflectorEnd, tau } = fronts;
    this.with(({ kernels, local, ends, taus, f64, i32 }) => {
      for (let q = 0; q < places.length; q++) {
        const { s, count, rows, size } = places[backward ? places.length - 1 - q : q];
        if (count === 0) continue;
        const from = reflectorStart[s];
        i32.set(reflectorEnd.subarray(from, from + count), ends / 4);
        f64.set(tau.subarray(from, from + count), taus / 8);
        const [at, row] = [local / 8, rowStart[s]];
        for (let i = 0; i < rows; i++) f64[at + i] = y[frontRows[row + i]];
        kernels.applyKeptReflectors(backward, count, ends, taus, pointers[s] + 8 * size, local);
        for (let i = 0; i < rows; i++) y[frontRows[row + i]] = f64[at + i];
      }
    });
  }

  /** x with Rx = y, where R's rows are in their places of y, which is overwritten; 0 for dependent columns. */
  solveRows(y: Float64Array): Float64Array {
    const { fronts, places, pointers } = this;
    const { belowStart, below, rowStart, frontRows, pivot } = fronts;
    const x = new Float64Array(pivot.length);
    this.with(({ kernels, local, columns, ends, f64, i32 }) => {
      for (let q = places.length - 1; q >= 0; q--) {
        const { s, from, pivotal, cols, live, size } = places[q];
        i32.set(pivot.subarray(from, from + pivotal), ends / 4);
        for (let t = 0; t < live; t++) f64[local / 8 + t] = y[frontRows[rowStart[s] + t]];
        const to = columns / 8;
        for (let j = pivotal; j < cols; j++) f64[to + j] = x[below[belowStart[s] + j - pivotal]];
        kernels.solveKeptRows(pivotal, cols, live, ends, pointers[s], size, columns, local);
        x.set(f64.subarray(to, to + pivotal), from);
      }
    });
    return x;
  }

  /**
   * y with Rᵀy = b, in the places of R's rows in y. In b the entries of dependent columns become b − Rᵀy; returns the
   * sums of the absolute values of the terms of each.
   */
  solveColumns(b: Float64Array, y: Float64Array): Float64Array {
    const { fronts, places, pointers } = this;
    const { belowStart, below, rowStart, frontRows, pivot } = fronts;
    const sums = b.map(Math.abs);
    this.with(({ kernels, local, columns, sizes, ends, f64, i32 }) => {
      for (const { s, from, pivotal, cols, live } of places) {
        i32.set(pivot.subarray(from, from + pivotal), ends / 4);
        const [at, size] = [columns / 8, sizes / 8];
        const column = (j: number) => (j < pivotal ? from + j : below[belowStart[s] + j - pivotal]);
        for (let j = 0; j < cols; j++) {
          f64[at + j] = b[column(j)];
          f64[size + j] = sums[column(j)];
        }
        kernels.solveKeptColumns(pivotal, cols, live, ends, pointers[s], columns, sizes, local);
        for (let j = 0; j < cols; j++) {
          b[column(j)] = f64[at + j];
          sums[column(j)] = f64[size + j];
        }
        for (let t = 0; t < live; t++) y[frontRows[rowStart[s] + t]] = f64[local / 8 + t];
      }
    });
    return sums;
  }

  /** Calls `visit` for each entry of R, in the upper triangle, with its row and column as positions in P. */
  eachEntry(visit: (row: number, column: number, value: number) => void): void {
    const { belowStart, below, pivot } = this.fronts;
    const { f64 } = this.values.arena;
    const owner = new Int32Array(this.rows);
    for (const { s, from, pivotal, cols, live } of this.places) {
      for (let j = 0; j < pivotal; j++) if (pivot[from + j] >= 0) owner[pivot[from + j]] = from + j;
      let [at, height] = [this.pointers[s] / 8, 0];
      for (let j = 0; j < cols; j++) {
        height = j < pivotal ? Math.max(height, pivot[from + j] + 1) : live;
        const column = j < pivotal ? from + j : below[belowStart[s] + j - pivotal];
        for (let t = 0; t < height; t++) visit(owner[t], column, f64[at++]);
      }
    }
  }

  /** Calls `run` with scratch in kernel memory that is large enough for any front. */
  private with(run: (room: Room) => void): void {
    const { arena } = this.values;
    let [rows, cols, count] = [1, 1, 1];
    for (const place of this.places) {
      rows = Math.max(rows, place.rows);
      cols = Math.max(cols, place.cols);
      count = Math.max(count, place.count);
    }
    const scratch = arena.scratch();
    try {
      const [local, columns, sizes] = [rows, cols, cols].map((size) => scratch.f64(size).pointer);
      const [ends, taus] = [Math.max(count, cols), count].map((size) => scratch.f64(size).pointer);
      const kernels = arena.use(qrKernels);
      run({ kernels, local, columns, sizes, ends, taus, f64: arena.f64, i32: arena.i32 });
    } finally {
      scratch.release();
    }
  }
}

interface Room {
  readonly kernels: QrKernels;
  readonly local: number;
  readonly columns: number;
  readonly sizes: number;
  readonly ends: number;
  readonly taus: number;
  readonly f64: Float64Array;
  readonly i32: Int32Array;
}
