import type { Communicator, Exchange } from '../communicator.ts';
import { complete, type Ranks } from '../drive.ts';
import type { EventList } from './eventList.ts';
import { Recording } from './recording.ts';

/** Exchanges of all kinds, one after the other. */
export function* blocking(comm: Communicator): Exchange<number> {
  const { rank, size } = comm;
  const [next, before] = [(rank + 1) % size, (rank + size - 1) % size];
  const short = Float64Array.from({ length: 4 * size }, (_, k) => rank + k);
  const long = new Float32Array(20_000).fill(rank);
  yield* comm.work(1e-3 * (rank + 1));
  yield* comm.allReduce(short);
  yield* comm.send(next, new Float64Array(5), 3);
  yield* comm.receive(before, new Float64Array(9), 3);
  yield* comm.work(2e-3);
  yield* comm.allReduce(long, 'max');
  yield* comm.broadcast(long.subarray(0, 77), size - 1);
  yield* comm.reduce(short, 'sum', 0);
  yield* comm.barrier();
  yield* comm.allGather(new Int32Array(6), new Int32Array(6 * size));
  yield* comm.reduceScatter(short, new Float64Array(4));
  yield* comm.allToAll(short, new Float64Array(4 * size));
  // Odd and even ranks, and the first rank of each.
  const half = (yield* comm.split(rank % 2, -rank))!;
  yield* half.allReduce(new Float64Array(10 + (rank % 2)));
  const first = yield* half.split(half.rank === 0 ? 0 : undefined);
  if (first) yield* first.barrier();
  if (half.rank > 0) yield* half.send(0, new Uint8Array(100), 4);
  else for (let r = 1; r < half.size; r++) yield* half.receive('any', new Uint8Array(100), 4);
  yield* comm.barrier();
  return short[0];
}

/** Exchanges of which several are pending at once: the order of their messages is not known. */
export function* overlapping(comm: Communicator): Exchange {
  const { rank, size } = comm;
  const [next, before] = [(rank + 1) % size, (rank + size - 1) % size];
  const coming = yield* comm.begin(comm.receive(before, new Float64Array(9), 3));
  const summing = yield* comm.begin(comm.allReduce(new Float32Array(20_000), 'max'));
  yield* comm.send(next, new Float64Array(5), 3);
  yield* comm.waitAny([coming, summing]);
  yield* comm.wait(coming);
  yield* comm.work(2e-3);
  yield* comm.wait(summing);
  // What has arrived before it is waited for.
  const late = yield* comm.begin(comm.receive('any', new Float64Array(2), 5));
  yield* comm.send(next, new Float64Array(2), 5);
  yield* comm.barrier();
  while (!(yield* comm.test(late)));
  yield* comm.wait(late);
}

/** The events of both programs on the given ranks, on the first of them. */
export function recordedRun(ranks: Ranks): EventList | undefined {
  const recording = Recording.over(ranks);
  complete(recording.ranks(blocking));
  recording.mark(0, 1);
  complete(recording.ranks(overlapping));
  recording.mark(1, 0.5);
  return recording.list({ title: 'exchanges', measure: 'error' });
}

/** By sender and receiver: the bytes of messages in the order in which they were sent. */
export function bytesByPair(messages: EventList['messages']): Readonly<Record<string, readonly number[]>> {
  const found: Record<string, number[]> = {};
  for (const [from, to, bytes] of messages) (found[`${from} to ${to}`] ??= []).push(bytes);
  return found;
}
