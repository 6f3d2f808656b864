import type { Communicator, Exchange } from '@southwell/distributed';
import { fail } from '@southwell/numerics/core';
import type { JobRanks } from './ranks.ts';

/** Number of bytes per message. */
const PIECE = 1 << 22;

/** The bytes of all ranks, of any lengths, on each of them. */
export function* gathered(comm: Communicator, bytes: Uint8Array): Exchange<Uint8Array[]> {
  const lengths = new Float64Array(comm.size);
  yield* comm.allGather(Float64Array.of(bytes.length), lengths);
  const longest = lengths.reduce((a, b) => Math.max(a, b));
  const all = Array.from(lengths, (length) => new Uint8Array(length));
  for (let from = 0; from < longest; from += PIECE) {
    const count = Math.min(PIECE, longest - from);
    const own = new Uint8Array(count);
    own.set(bytes.subarray(from, from + count));
    const into = new Uint8Array(count * comm.size);
    yield* comm.allGather(own, into);
    all.forEach((part, r) => {
      const there = Math.min(count, part.length - from);
      if (there > 0) part.set(into.subarray(r * count, r * count + there), from);
    });
  }
  return all;
}

/** The same for a job; to be called on all ranks. */
export const gatherOf =
  ({ together }: Pick<JobRanks, 'together'>) =>
  (bytes: Uint8Array): Uint8Array[] =>
    together((comm) => gathered(comm, bytes));

/**
 * Checks that all ranks run the same version.
 * @throws MISMATCH, on all ranks.
 */
export function* sameVersion(comm: Communicator, version: string): Exchange {
  const all = (yield* gathered(comm, new TextEncoder().encode(version))).map((bytes) =>
    new TextDecoder().decode(bytes),
  );
  const other = all.findIndex((found) => found !== all[0]);
  if (other < 0) return;
  fail(
    'MISMATCH',
    `Rank 0 runs southwell ${all[0]} and rank ${other} southwell ${all[other]}: install the same version wherever ranks run.`,
  );
}
