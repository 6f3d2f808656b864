import type { Communicator, Exchange } from '../communicator.ts';
import { complete, type Ranks } from '../drive.ts';
import { refused, same } from '../testing.checks.ts';
import type { Arrivals } from './arrivals.ts';
import { recorded } from './recorded.ts';
import { replayed } from './replayed.ts';

/** Conformance tests for every communicator, as programs whose course depends on the order of arrival. */
export const arrivals: Readonly<Record<string, (comm: Communicator) => Exchange>> = {
  *'of several exchanges the one that is over is told, and the others go on'(comm) {
    const { rank, size } = comm;
    const [next, before] = [(rank + 1) % size, (rank + size - 1) % size];
    const into = [1, 2, 3].map(() => new Float64Array(1));
    const coming = [
      yield* comm.begin(comm.receive(before, into[0], 11)),
      yield* comm.begin(comm.receive('any', into[1], 12)),
    ];
    yield* comm.send(next, Float64Array.of(20 + rank), 12);
    same(yield* comm.waitAny(coming), 1, 'which is over');
    same(yield* comm.test(coming[1]), true, 'what is over');
    same(yield* comm.wait(coming[1]), { from: before, length: 1 }, 'what a receive answers');
    same(into[1][0], 20 + before, 'its number');
    // A collective while a message is not yet sent, and one of a group.
    const alone = (yield* comm.split(rank))!;
    const sum = Float64Array.of(1);
    const own = yield* alone.begin(alone.receive(0, into[2], 13));
    const summing = yield* comm.begin(comm.allReduce(sum));
    same(yield* alone.waitAny([coming[0], own, summing]), 2, 'a collective');
    yield* comm.wait(summing);
    same(sum[0], size, 'a sum');
    yield* alone.send(0, Float64Array.of(30), 13);
    same(yield* comm.waitAny([coming[0], own]), 1, 'a message of a group');
    yield* alone.wait(own);
    // Nobody sends the last message before all have tested for it.
    yield* comm.barrier();
    yield* comm.send(next, Float64Array.of(10 + rank), 11);
    same(yield* comm.waitAny([coming[0]]), 0, 'the last one');
    yield* comm.wait(coming[0]);
    same([into[0][0], into[2][0]], [10 + before, 30], 'numbers');
  },

  *'whoever waits for messages of all takes each once'(comm) {
    const { rank, size } = comm;
    const into = Array.from({ length: size }, () => new Float64Array(2000));
    const coming = [];
    for (let r = 0; r < size; r++) coming.push(yield* comm.begin(comm.receive(r, into[r], 14)));
    const sent = [];
    for (let k = 1; k <= size; k++) {
      sent.push(yield* comm.begin(comm.send((rank + k) % size, new Float64Array(2000).fill(rank + 1), 14)));
      yield* comm.work(1e-5);
    }
    const open = coming.map((pending, from) => ({ pending, from }));
    while (open.length > 0) {
      const at = (yield* comm.waitAny(open.map((one) => one.pending)))!;
      const [{ pending, from }] = open.splice(at, 1);
      same(yield* comm.wait(pending), { from, length: 2000 }, 'what a receive answers');
      same([into[from][0], into[from][1999]], [from + 1, from + 1], 'its numbers');
    }
    for (const pending of sent) yield* comm.wait(pending);
  },

  *'a wait ends at its moment, or at once where one is over'(comm) {
    const { rank, size } = comm;
    const into = new Float64Array(1);
    const coming = yield* comm.begin(comm.receive((rank + size - 1) % size, into, 15));
    const from = yield* comm.clock();
    same(yield* comm.waitAny([coming], from + 0.02), undefined, 'nothing');
    same(yield* comm.waitAny([], from + 0.03), undefined, 'nothing at all');
    const to = yield* comm.clock();
    // The tolerance allows for rounding of the clock.
    if (to < from + 0.03 - 1e-9) throw new Error(`A wait of 0.03 s took ${to - from}.`);
    same(yield* comm.waitAny([coming], from), undefined, 'a moment that is over');
    // Nobody sends before all have tested.
    yield* comm.barrier();
    yield* comm.send((rank + 1) % size, Float64Array.of(rank), 15);
    same(yield* comm.waitAny([coming], to + 50), 0, 'a message before the moment');
    same(yield* comm.waitAny([coming], from), 0, 'what is over, after the moment');
    yield* comm.wait(coming);
    yield* refused(comm.waitAny([]), 'INVALID_PARAMETER', /would wait forever/);
    yield* refused(comm.waitAny([coming], Number.NaN), 'INVALID_PARAMETER', /not NaN/);
    // An error of an exchange is thrown by its wait. In this order, because Open MPI does not detect it for a message
    // to oneself whose receive was begun before.
    const own = yield* comm.begin(comm.send((rank + 1) % size, new Float64Array(3), 16));
    const bad = yield* comm.begin(comm.receive((rank + size - 1) % size, into, 16));
    same(yield* comm.waitAny([bad]), 0, 'one that failed');
    yield* refused(comm.wait(bad), 'INVALID_SHAPE', /3 numbers does not fit into 1/);
    yield* comm.wait(own);
    yield* comm.barrier();
  },

  *'a run that depends on who comes first is repeated to the bit by its record'(comm) {
    const records: Arrivals[] = [];
    const one = yield* recorded(asynchronous, (record) => void (records[comm.rank] = record))(comm);
    yield* comm.barrier();
    const text = JSON.stringify(records[comm.rank]);
    for (let k = 0; k < 2; k++) {
      same(yield* replayed(asynchronous, JSON.parse(text))(comm), one, 'what was repeated');
      yield* comm.barrier();
    }
  },
};

/**
 * Asynchronous iterations: rank 0 updates a point as the others request it, depending on the order of arrival and on
 * how often they have tested for its answer, so that the numbers differ from run to run. Returns the point, and the sum
 * of what the rank has seen.
 */
export function* asynchronous(comm: Communicator): Exchange<number[]> {
  const { rank, size } = comm;
  const [x, g] = [Float64Array.of(1), new Float64Array(1)];
  const rounds = 5;
  let seen = 0;
  const update = (from: number) => {
    x[0] = Math.sin(x[0] * (from + 1)) + g[0];
    seen += x[0];
  };
  if (rank > 0) {
    for (let k = 0; k < 2 * rounds; k++) {
      yield* comm.work(1e-4);
      g[0] = (x[0] * rank) / 10;
      const asking = yield* comm.begin(comm.send(0, g, k < rounds ? 20 : 22));
      const coming = yield* comm.begin(comm.receive('any', x, 21));
      let looks = 0;
      for (; !(yield* comm.test(coming)); looks++) yield* comm.work(1e-5);
      yield* comm.wait(coming);
      yield* comm.wait(asking);
      x[0] += 1 / (1 + looks);
      seen += x[0];
    }
    return [x[0], seen];
  }
  for (let k = 0; k < rounds * (size - 1); k++) {
    const { from } = yield* comm.receive('any', g, 20);
    update(from);
    yield* comm.send(from, x, 21);
  }
  // One pending receive from each rank; takes whichever completes first, or none before a deadline.
  const open = [];
  for (let from = 1; from < size; from++) {
    const into = new Float64Array(1);
    open.push({ from, into, left: rounds, pending: yield* comm.begin(comm.receive(from, into, 22)) });
  }
  while (open.length > 0) {
    const until = (yield* comm.clock()) + 2e-5;
    const at = yield* comm.waitAny(
      open.map((one) => one.pending),
      until,
    );
    if (at === undefined) {
      x[0] *= 0.99;
      continue;
    }
    const one = open[at];
    yield* comm.wait(one.pending);
    g[0] = one.into[0];
    update(one.from);
    yield* comm.send(one.from, x, 21);
    if (--one.left === 0) open.splice(at, 1);
    else one.pending = yield* comm.begin(comm.receive(one.from, one.into, 22));
  }
  return [x[0], seen];
}

/** Repeats {@link asynchronous} from records of all ranks; run by workers and MPI processes. */
export function repeated(ranks: Ranks, records: readonly Arrivals[]): number[] {
  return complete(ranks(replayed(asynchronous, records)));
}
