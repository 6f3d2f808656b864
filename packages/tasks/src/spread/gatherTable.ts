import type { Column, Table } from '@southwell/data';
import { rowChunk } from '@southwell/distributed';
import type { SplitRows } from '@southwell/numerics/core';
import { CscMatrix } from 'southwell';
import { gatherOf } from './gather.ts';
import type { JobRanks } from './ranks.ts';
import { splitRows } from './splitRows.ts';

type Gather = (bytes: Uint8Array) => Uint8Array[];

/**
 * A complete table on all ranks, each of which has read a part of it. To be called on all ranks. O(cells).
 * @param needed Which columns to gather, by index and name; the others keep only this rank's rows.
 */
export function gatheredTable(
  ranks: Pick<JobRanks, 'together'>,
  table: Table,
  needed: (place: number, name: string) => boolean = () => true,
): Table {
  const gather = gatherOf(ranks);
  const { all = table.rows, before: _, sparse, index, ...rest } = table;
  return {
    ...rest,
    rows: all,
    columns: table.columns.map((column, j) => (needed(j, column.name) ? gatheredColumn(gather, column) : column)),
    ...(index && { index: gatheredColumn(gather, index) }),
    ...(sparse && {
      sparse: { X: gatheredMatrix(gather, sparse.X), ...(sparse.y && { y: floats(gather, sparse.y) }) },
    }),
  };
}

/** Levels are already those of all rows on every rank. */
const gatheredColumn = (gather: Gather, column: Column): Column =>
  column.type === 'number'
    ? {
        ...column,
        values: floats(gather, column.values),
        ...(column.written && { written: { ...column.written, codes: integers(gather, column.written.codes) } }),
      }
    : { ...column, codes: integers(gather, column.codes) };

/** Stacks the rows of all ranks; the parts are freed. */
function gatheredMatrix(gather: Gather, own: CscMatrix): CscMatrix {
  const shape = parts(gather, Int32Array.of(own.rows), Int32Array).map(([rows]) => rows);
  const pointers = parts(gather, own.colPointers.slice(0, own.cols + 1), Int32Array);
  const indices = parts(gather, own.rowIndices.slice(0, own.nnz), Int32Array);
  const values = parts(gather, own.values.slice(0, own.nnz), Float64Array);
  const { cols } = own;
  own.free();
  const rows = shape.reduce((sum, count) => sum + count, 0);
  const X = CscMatrix.create(
    rows,
    cols,
    indices.reduce((sum, { length }) => sum + length, 0),
  );
  let next = 0;
  for (let j = 0; j < cols; j++) {
    X.colPointers[j] = next;
    let before = 0;
    for (const [r, starts] of pointers.entries()) {
      for (let e = starts[j]; e < starts[j + 1]; e++) {
        X.rowIndices[next] = before + indices[r][e];
        X.values[next++] = values[r][e];
      }
      before += shape[r];
    }
  }
  X.colPointers[cols] = next;
  return X;
}

type Numbers = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
type Kind<T extends Numbers> = new (length: number | ArrayBuffer) => T;

const integers = (gather: Gather, own: Int32Array): Int32Array => joined(parts(gather, own, Int32Array), Int32Array);

const floats = (gather: Gather, own: Float64Array): Float64Array =>
  joined(parts(gather, own, Float64Array), Float64Array);

/** The numbers of each rank; copied for alignment. */
function parts<T extends Numbers>(gather: Gather, own: Float64Array | Int32Array, kind: Kind<T>): T[] {
  const bytes = new Uint8Array(own.buffer, own.byteOffset, own.byteLength);
  return gather(bytes).map((part) => new kind(part.slice().buffer));
}

function joined<T extends Numbers>(all: readonly T[], kind: Kind<T>): T {
  const out = new kind(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of all) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/**
 * Distributes rows over ranks with about equal work: `work` is the amount of work of each row, the same on all ranks.
 * The bits of sums do not depend on the distribution.
 */
export function sharedRows(ranks: Pick<JobRanks, 'rank' | 'size' | 'together'>, work: ArrayLike<number>): SplitRows {
  const all = work.length;
  const chunk = rowChunk(all);
  const chunks = Array.from({ length: Math.ceil(all / chunk) }, (_, c) => {
    let sum = 0;
    for (let i = c * chunk; i < Math.min(all, (c + 1) * chunk); i++) sum += work[i];
    return sum;
  });
  const total = chunks.reduce((sum, part) => sum + part, 0);
  const cut = (r: number): number => {
    if (r === ranks.size) return all;
    let [done, c] = [0, 0];
    // A chunk belongs to the rank in whose portion of the work its middle lies.
    while (c < chunks.length && (done + chunks[c] / 2) * ranks.size < total * r) done += chunks[c++];
    return r === 0 ? 0 : Math.min(all, c * chunk);
  };
  const before = cut(ranks.rank);
  return splitRows(ranks, { rows: cut(ranks.rank + 1) - before, before, all });
}
