import { RowSums, rowChunk, rowsOfRank } from '@southwell/distributed';
import { inOnePlace, type SplitRows } from '@southwell/numerics/core';
import { gatherOf } from './gather.ts';
import type { JobRanks } from './ranks.ts';

/** The rows of a table on this rank, those before them on other ranks, and the total. */
interface TableSize {
  readonly rows: number;
  readonly before?: number;
  readonly all?: number;
}

/**
 * The distribution of a table's rows over the ranks of a job, for methods: this rank has the table's own rows. Sums are
 * computed by chunks of rows.
 */
export function splitRows(
  { rank, together }: Pick<JobRanks, 'rank' | 'together'>,
  { rows, before = 0, all = rows }: TableSize,
  chunk = rowChunk(all),
): SplitRows {
  const gather = gatherOf({ together });
  const [first, end] = [before, before + rows];
  const sums = together((comm) => RowSums.over(comm, { rows: all, chunk, own: [first, end] }));
  const pieces = Array.from(
    { length: Math.ceil((end - first) / chunk) },
    (_, k) => [k * chunk, Math.min(end - first, (k + 1) * chunk)] as const,
  );
  const nodeOf = new Int32Array(pieces.length);
  sums.own.forEach(([from, to], node) => void nodeOf.fill(node, from - first / chunk, to - first / chunk));
  return {
    spread: true,
    rank,
    first,
    own: end - first,
    all,
    pieces,
    sum: (into, add) =>
      together(() =>
        sums.allReduce(into, (from, to, part) => add((from - first) / chunk, from - first, to - first, part)),
      ),
    tree: { nodeOf, places: Int32Array.from(pieces, (_, k) => first / chunk + k), nodes: sums.own.length },
    sumNodes: (into, nodes) => {
      const own = sums.own.map((_, k) => nodes.subarray(k * into.length, (k + 1) * into.length));
      together(() => sums.reduceNodes(into, own));
    },
    max: (into) => together((comm) => comm.allReduce(into, 'max')),
    tell<T>(own: T): T[] {
      const text = new TextEncoder().encode(JSON.stringify(own));
      return gather(text).map((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as T);
    },
    gather: gatheredNumbers({ together }),
  };
}

/** The distribution of the rows of a table that a job has read: over its ranks, if it has any. */
export const rowsOf = (ranks: JobRanks | undefined, table: TableSize): SplitRows =>
  ranks ? splitRows(ranks, table) : inOnePlace(table.rows);

/** Distributes units of work over the ranks of a job as evenly as possible, one row per unit. */
export function splitPieces(ranks: Pick<JobRanks, 'rank' | 'size' | 'together'>, all: number): SplitRows {
  const [before, end] = rowsOfRank(all, ranks.rank, ranks.size, 1);
  return splitRows(ranks, { rows: end - before, before, all }, 1);
}

/** Concatenates the numbers of all ranks, on all of them. */
export function gatheredNumbers(ranks: Pick<JobRanks, 'together'>): (own: Float64Array) => Float64Array {
  const gather = gatherOf(ranks);
  return (own) => {
    const parts = gather(new Uint8Array(own.buffer, own.byteOffset, own.byteLength));
    const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0) / 8);
    let at = 0;
    for (const part of parts) {
      new Uint8Array(whole.buffer).set(part, at);
      at += part.length;
    }
    return whole;
  };
}
