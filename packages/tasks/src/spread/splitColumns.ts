import { ColumnParts, CscMatrix, DenseMatrix, type Matrix } from '@southwell/numerics/arrays';
import type { SplitRows } from '@southwell/numerics/core';
import type { JobRanks } from './ranks.ts';
import { gatheredNumbers } from './splitRows.ts';

/** Number of values that a rank sends at once, to all others together. */
const PIECE = 1 << 20;

/** The columns [first, end) of a rank, distributed as evenly as possible. */
export const columnsOfRank = (cols: number, rank: number, size: number): [first: number, end: number] => [
  Math.floor((rank * cols) / size),
  Math.floor(((rank + 1) * cols) / size),
];

/**
 * Redistributes a matrix from rows to columns: every rank sends the others the entries of its rows in their columns. To
 * be called on all ranks. The given matrix is freed.
 */
export function splitColumns(ranks: JobRanks, X: Matrix, rows: SplitRows): ColumnParts {
  const { rank, size, together } = ranks;
  const counts = rows.tell(rows.own);
  const [first, end] = columnsOfRank(X.cols, rank, size);
  const all = { counts, rows: rows.all, first, end };
  const own = X.kind === 'dense' ? denseColumns(ranks, X, all) : sparseColumns(ranks, X, all);
  const parts = new ColumnParts(own, first, X.cols, {
    ranks: size,
    gather: gatheredNumbers(ranks),
    sum: (values) => together((comm) => comm.allReduce(values)),
  });
  X.free();
  return parts;
}

interface Parts {
  /** Number of rows of each rank. */
  readonly counts: readonly number[];
  readonly rows: number;
  /** The first column of this rank. */
  readonly first: number;
  readonly end: number;
}

function denseColumns({ size, together }: JobRanks, X: DenseMatrix, { counts, rows, first, end }: Parts): DenseMatrix {
  const own = DenseMatrix.create(rows, end - first, { fill: false });
  const tallest = Math.max(1, ...counts);
  const widest = Math.ceil(X.cols / size);
  const width = Math.max(1, Math.min(widest, Math.floor(PIECE / (size * tallest))));
  const part = width * tallest;
  const [sent, received] = [new Float64Array(size * part), new Float64Array(size * part)];
  for (let done = 0; done < widest; done += width) {
    for (let to = 0; to < size; to++) {
      const [from, until] = columnsOfRank(X.cols, to, size);
      for (let k = 0; k < width && from + done + k < until; k++) {
        sent.set(X.column(from + done + k), to * part + k * tallest);
      }
    }
    together((comm) => comm.allToAll(sent, received));
    let before = 0;
    for (let of = 0; of < size; of++) {
      for (let k = 0; k < width && first + done + k < end; k++) {
        const at = of * part + k * tallest;
        own.column(done + k).set(received.subarray(at, at + counts[of]), before);
      }
      before += counts[of];
    }
  }
  return own;
}

function sparseColumns(ranks: JobRanks, X: CscMatrix, { counts, rows, first, end }: Parts): CscMatrix {
  const { size } = ranks;
  const { cols } = X;
  const startOf = (to: number) => (to < size ? X.colPointers[columnsOfRank(cols, to, size)[0]] : X.colPointers[cols]);
  const leaving = Float64Array.from({ length: size }, (_, to) => startOf(to + 1) - startOf(to));
  const coming = new Float64Array(size);
  ranks.together((comm) => comm.allToAll(leaving, coming));
  const nnz = coming.reduce((sum, count) => sum + count, 0);
  const columnOf = new Int32Array(X.values.length);
  for (let j = 0; j < cols; j++) columnOf.fill(j, X.colPointers[j], X.colPointers[j + 1]);
  const columns = exchanged(ranks, columnOf, leaving, coming, new Int32Array(nnz));
  const rowIndices = exchanged(ranks, X.rowIndices, leaving, coming, new Int32Array(nnz));
  const values = exchanged(ranks, X.values, leaving, coming, new Float64Array(nnz));
  // The rows of the ranks are consecutive, so that a stable sort by columns leaves rows ascending.
  const own = CscMatrix.create(rows, end - first, nnz);
  const { colPointers } = own;
  for (const j of columns) colPointers[j - first + 1]++;
  for (let j = 0; j < end - first; j++) colPointers[j + 1] += colPointers[j];
  const next = colPointers.slice(0, end - first);
  const [toRow, toValue] = [own.rowIndices, own.values];
  let [k, before] = [0, 0];
  coming.forEach((count, of) => {
    for (const until = k + count; k < until; k++) {
      const at = next[columns[k] - first]++;
      toRow[at] = before + rowIndices[k];
      toValue[at] = values[k];
    }
    before += counts[of];
  });
  return own;
}

/**
 * `values` are grouped by destination rank, with counts `leaving`; `into` receives those grouped by source rank, with
 * counts `coming`.
 */
function exchanged<T extends Int32Array | Float64Array>(
  { size, together }: JobRanks,
  values: T,
  leaving: Float64Array,
  coming: Float64Array,
  into: T,
): T {
  const part = Math.max(1, Math.floor(PIECE / size));
  const room = (): T => new (values.constructor as new (length: number) => T)(size * part);
  const [sent, received] = [room(), room()];
  const most = Float64Array.of(leaving.reduce((a, b) => Math.max(a, b), 0));
  together((comm) => comm.allReduce(most, 'max'));
  const copy = (from: T, at: number, count: number, to: T, place: number) =>
    to.set(from.subarray(at, at + Math.max(0, Math.min(part, count))) as T & ArrayLike<number>, place);
  for (let done = 0; done < most[0]; done += part) {
    let at = 0;
    leaving.forEach((count, to) => {
      copy(values, at + done, count - done, sent, to * part);
      at += count;
    });
    together((comm) => comm.allToAll(sent, received));
    at = 0;
    coming.forEach((count, of) => {
      if (count > done) copy(received, of * part, count - done, into, at + done);
      at += count;
    });
  }
  return into;
}
