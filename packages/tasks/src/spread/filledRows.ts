import { rowsOfRank } from '@southwell/distributed';
import type { JobRanks } from './ranks.ts';

/**
 * Fills numbers of so many rows: on ranks each fills its own rows and sends them to all, so that every rank has those of all rows
 * with the work of its own. `fill` may not fail on some ranks alone. To be called on all ranks alike.
 */
export function filledRows<T extends Float32Array | Float64Array>(
  ranks: Pick<JobRanks, 'rank' | 'size' | 'together'> | undefined,
  into: T,
  rows: number,
  fill: (from: number, to: number) => void,
): T {
  const [from, to] = ranks ? rowsOfRank(rows, ranks.rank, ranks.size, 1) : [0, rows];
  if (to > from) fill(from, to);
  const each = rows > 0 ? into.length / rows : 0;
  ranks?.together(function* (comm) {
    for (let root = 0; root < comm.size; root++) {
      const [first, end] = rowsOfRank(rows, root, comm.size, 1);
      // Of images these may be hundreds of megabytes, and a rank that answers nothing for long is given up.
      for (let at = first * each; at < end * each; at += PIECE) {
        yield* comm.broadcast(into.subarray(at, Math.min(end * each, at + PIECE)), root);
      }
    }
  });
  return into;
}

/** Numbers that are sent at once. */
const PIECE = 1 << 22;
