// The program of every rank in `npm run bench -- communication`: in a thread, or as a process under mpirun.
import { type Communicator, complete, mpi, type Ranks } from '@southwell/distributed';

export interface Timing {
  /** What was timed. */
  readonly what: 'sum' | 'there and back';
  /** Number of doubles. */
  readonly length: number;
  /** Microseconds over rounds: minimum and median. */
  readonly best: number;
  readonly median: number;
}

/** Number of rounds for each length, and of exchanges per round. */
export const PLAN = [
  { length: 1, rounds: 40, each: 200 },
  { length: 1000, rounds: 40, each: 50 },
  { length: 100_000, rounds: 40, each: 4 },
  { length: 1_000_000, rounds: 40, each: 1 },
] as const;

/** Times sums over all ranks, and round trips between rank 0 and rank 1. */
export default function timings(ranks: Ranks): Timing[] {
  return complete(
    ranks(function* (comm: Communicator) {
      const out: Timing[] = [];
      for (const { length, rounds, each } of PLAN) {
        for (const what of ['sum', 'there and back'] as const) {
          const x = new Float64Array(length);
          const times: number[] = [];
          for (let r = 0; r < rounds; r++) {
            yield* comm.barrier();
            const from = performance.now();
            for (let k = 0; k < each; k++) {
              if (what === 'sum') yield* comm.allReduce(x);
              else if (comm.rank === 0) {
                yield* comm.send(1, x);
                yield* comm.receive(1, x);
              } else if (comm.rank === 1) {
                yield* comm.receive(0, x);
                yield* comm.send(0, x);
              }
            }
            times.push((1000 * (performance.now() - from)) / each);
          }
          times.sort((a, b) => a - b);
          out.push({ what, length, best: times[0], median: times[rounds >> 1] });
        }
      }
      return out;
    }),
  );
}

if (process.argv[2] === 'under-mpirun') {
  const joined = mpi({ checks: process.argv[3] === 'checks' });
  const found = timings(joined.ranks);
  if (joined.rank === 0) console.log(JSON.stringify(found));
  joined.close();
}
