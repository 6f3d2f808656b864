import { arenaFor, gemmWorkBytes } from '@southwell/kernels';
import { timesPower } from './half.ts';

/** The matrix 2ⁿ · data, row after row, of which entries beyond the length are zero. */
export interface Matrix {
  readonly data: Float64Array;
  readonly rows: number;
  readonly columns: number;
  /** n. */
  readonly power: number;
}

/** Numbers of a panel: rows that are copied to kernel memory at once and stay in the second cache for all products. */
const PANEL = 32768;
const panelRows = (rows: number, columns: number): number => Math.max(1, Math.min(rows, Math.floor(PANEL / columns)));

/** Rows of the matrix from `row` on in kernel memory, at a byte. */
type Visit = (panel: number, row: number, count: number) => void;

/** Copies a panel after the other to kernel memory, where `panel` has the room. */
function eachPanel(heap: Float64Array, panel: number, M: Matrix, visit: Visit): void {
  const { data, rows, columns, power } = M;
  const [step, at] = [panelRows(rows, columns), panel / 8];
  for (let row = 0; row < rows; row += step) {
    const count = Math.min(step, rows - row);
    const [from, size] = [row * columns, count * columns];
    const there = Math.max(0, Math.min(size, data.length - from));
    if (power === 0) heap.set(data.subarray(from, from + there), at);
    else for (let i = 0; i < there; i++) heap[at + i] = timesPower(data[from + i], power);
    heap.fill(0, at + there, at + size);
    visit(panel, row, count);
  }
}

/** M Q: the `rank` columns of the result and of Q are one after the other. O(rank · rows · columns). */
export function image(M: Matrix, Q: Float64Array, rank: number): Float64Array {
  const { rows, columns } = M;
  const size = panelRows(rows, columns) * columns;
  const arena = arenaFor(8 * (size + rank * (rows + columns)));
  const scratch = arena.scratch();
  try {
    const panel = scratch.f64(size).pointer;
    const [q, p] = [scratch.f64(rank * columns).pointer, scratch.f64(rank * rows).pointer];
    const heap = arena.f64;
    heap.set(Q.subarray(0, rank * columns), q / 8);
    eachPanel(heap, panel, M, (at, row, count) => {
      for (let k = 0; k < rank; k++)
        arena.kernels.gemvT(columns, count, at, columns, q + 8 * k * columns, p + 8 * (k * rows + row));
    });
    return heap.slice(p / 8, p / 8 + rank * rows);
  } finally {
    scratch.release();
  }
}

/** Mᵀ P, of the first `rank` columns of P. O(rank · rows · columns). */
export function coimage(M: Matrix, P: Float64Array, rank: number): Float64Array {
  const { rows, columns } = M;
  const size = panelRows(rows, columns) * columns;
  const arena = arenaFor(8 * (size + rank * (rows + columns)));
  const scratch = arena.scratch();
  try {
    const panel = scratch.f64(size).pointer;
    const [q, p] = [scratch.f64(rank * columns).pointer, scratch.f64(rank * rows).pointer];
    const heap = arena.f64;
    heap.set(P.subarray(0, rank * rows), p / 8);
    heap.fill(0, q / 8, q / 8 + rank * columns);
    eachPanel(heap, panel, M, (at, row, count) => {
      for (let k = 0; k < rank; k++)
        arena.kernels.gemv(columns, count, 1, at, columns, p + 8 * (k * rows + row), 1, q + 8 * k * columns);
    });
    return heap.slice(q / 8, q / 8 + rank * columns);
  } finally {
    scratch.release();
  }
}

/** into ← P Qᵀ, row after row, as far as `into` goes. O(rank · rows · columns). */
export function expand(
  P: Float64Array,
  Q: Float64Array,
  rank: number,
  { rows, columns }: Pick<Matrix, 'rows' | 'columns'>,
  into: Float64Array,
): void {
  const step = panelRows(rows, columns);
  const work = gemmWorkBytes(columns, step, rank);
  const arena = arenaFor(8 * (step * columns + rank * (rows + columns)) + work);
  const scratch = arena.scratch();
  try {
    const panel = scratch.f64(step * columns).pointer;
    const [q, p] = [scratch.f64(rank * columns).pointer, scratch.f64(rank * rows).pointer];
    const room = scratch.f64(Math.ceil(work / 8)).pointer;
    const heap = arena.f64;
    heap.set(Q, q / 8);
    heap.set(P, p / 8);
    for (let row = 0; row < rows && row * columns < into.length; row += step) {
      const count = Math.min(step, rows - row);
      const at = p + 8 * row;
      // Rows of M are columns to the kernels.
      arena.kernels.gemm(false, true, columns, count, rank, 1, q, columns, at, rows, 0, panel, columns, room);
      const size = Math.min(count * columns, into.length - row * columns);
      into.set(heap.subarray(panel / 8, panel / 8 + size), row * columns);
    }
  } finally {
    scratch.release();
  }
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/** Orthonormalises the rows of P in place by Gram–Schmidt, twice; returns how many are left of those that depend on others. */
export function orthonormalise(P: Float64Array, rank: number, rows: number): number {
  let kept = 0;
  for (let k = 0; k < rank; k++) {
    const row = P.subarray(kept * rows, (kept + 1) * rows);
    row.set(P.subarray(k * rows, (k + 1) * rows));
    const before = Math.sqrt(dot(row, row));
    for (let pass = 0; pass < 2; pass++) {
      for (let l = 0; l < kept; l++) {
        const other = P.subarray(l * rows, (l + 1) * rows);
        const along = dot(row, other);
        for (let i = 0; i < rows; i++) row[i] -= along * other[i];
      }
    }
    const size = Math.sqrt(dot(row, row));
    if (!(size > 1e-10 * before)) continue;
    for (let i = 0; i < rows; i++) row[i] /= size;
    kept++;
  }
  return kept;
}
