import { rowsOfRank } from '@southwell/distributed';
import type { JobRanks } from './ranks.ts';

/**
 * Fills an array of that many rows: each rank fills its own rows and sends them to all, so that every rank gets all
 * rows for the work of its own. `fill` must not fail on only some ranks. To be called on all ranks.
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
      // Sent in pieces, since images may be hundreds of megabytes, and a rank that does not respond for long is presumed
      // dead.
      for (let at = first * each; at < end * each; at += PIECE) {
        yield* comm.broadcast(into.subarray(at, Math.min(end * each, at + PIECE)), root);
      }
    }
  });
  return into;
}

/** Number of values per message. */
const PIECE = 1 << 22;
