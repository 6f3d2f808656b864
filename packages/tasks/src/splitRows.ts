import { type Communicator, type Exchange, RowSums, rowChunk } from '@southwell/distributed';
import type { SplitRows } from '@southwell/numerics/core';
import type { JobRanks } from './ranks.ts';

/** The rows of a table that is spread over the ranks of a job, for methods: this rank has the table's own. */
export function splitRows(
  { rank, together }: Pick<JobRanks, 'rank' | 'together'>,
  { rows, before = 0, all = rows }: { readonly rows: number; readonly before?: number; readonly all?: number },
): SplitRows {
  const chunk = rowChunk(all);
  const [first, end] = [before, before + rows];
  const sums = together((comm) => RowSums.over(comm, { rows: all, own: [first, end] }));
  const pieces = Array.from(
    { length: Math.ceil((end - first) / chunk) },
    (_, k) => [k * chunk, Math.min(end - first, (k + 1) * chunk)] as const,
  );
  return {
    rank,
    first,
    own: end - first,
    all,
    pieces,
    sum: (into, add) =>
      together(() =>
        sums.allReduce(into, (from, to, part) => add((from - first) / chunk, from - first, to - first, part)),
      ),
    max: (into) => together((comm) => comm.allReduce(into, 'max')),
    tell<T>(own: T): T[] {
      const text = new TextEncoder().encode(JSON.stringify(own));
      return together((comm) => gathered(comm, text)).map((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as T);
    },
    gather(own) {
      const parts = together((comm) => gathered(comm, own));
      const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of parts) {
        whole.set(part, at);
        at += part.length;
      }
      return whole;
    },
  };
}

/** What each rank has, which may be of another length on each. */
function* gathered<N extends Float64Array | Uint8Array>(comm: Communicator, own: N): Exchange<N[]> {
  const lengths = new Float64Array(comm.size);
  yield* comm.allGather(Float64Array.of(own.length), lengths);
  const most = lengths.reduce((a, b) => Math.max(a, b), 0);
  const of = (length: number) => (own instanceof Float64Array ? new Float64Array(length) : new Uint8Array(length)) as N;
  const [mine, into] = [of(most), of(most * comm.size)];
  mine.set(own);
  yield* comm.allGather(mine, into);
  return Array.from(lengths, (length, r) => into.slice(r * most, r * most + length) as N);
}
