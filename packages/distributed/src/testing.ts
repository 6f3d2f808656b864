import type { Iterate } from '@southwell/numerics/core';
import { arrivals } from './arrivals/testing.ts';
import type { Communicator, Exchange, Numbers, Reduction, Request } from './communicator.ts';
import { complete, type Ranks } from './drive.ts';
import { RowSums } from './rowSums.ts';
import { refused, same } from './testing.checks.ts';

/**
 * Conformance tests for every implementation of the communicator, as programs for any number of ranks that throw on
 * failure. They run without a test framework, in workers and under mpirun.
 */
export const conformance: Readonly<Record<string, (comm: Communicator) => Exchange>> = {
  *'collectives give what their definitions say, for every type and length'(comm) {
    const { rank, size } = comm;
    for (const [type, make] of Object.entries(types)) {
      for (const n of type === 'Float64Array' ? [0, 1, 7, 9001] : [1, 7]) {
        // Small integers, whose sums are exact in every type and order.
        const own = (r: number): Numbers => make(n).map((_, i) => (i + 3 * r) % 5);
        const all = Array.from({ length: size }, (_, r) => own(r));
        const folded = (reduction: Reduction) => all.reduce((a, b) => fold(a, b, reduction));
        const say = (what: string) => `${what} of ${n} in ${type}`;
        for (const root of [0, size - 1]) {
          const x = own(rank);
          yield* comm.broadcast(x, root);
          same(x, own(root), say(`broadcast from ${root}`));
          const y = own(rank);
          yield* comm.reduce(y, 'sum', root);
          if (rank === root) same(y, folded('sum'), say(`reduce at ${root}`));
        }
        for (const reduction of ['sum', 'max', 'min'] as const) {
          const x = own(rank);
          yield* comm.allReduce(x, reduction);
          same(x, folded(reduction), say(`allReduce (${reduction})`));
          const parts = make(n * size).map((_, i) => (i + rank) % 4);
          const wanted = make(n).map((_, i) => {
            const entries = Array.from({ length: size }, (_, r) => (i + n * rank + r) % 4);
            return entries.reduce((a, b) => (reduction === 'sum' ? a + b : Math[reduction](a, b)));
          });
          const into = make(n);
          yield* comm.reduceScatter(parts, into, reduction);
          same(into, wanted, say(`reduceScatter (${reduction})`));
        }
        const gathered = make(n * size);
        yield* comm.allGather(own(rank), gathered);
        for (const [r, x] of all.entries()) same(gathered.subarray(r * n, (r + 1) * n), x, say('allGather'));
        const [out, come] = [make(n * size), make(n * size)];
        out.forEach((_, i) => {
          out[i] = (7 * rank + Math.floor(i / n)) % 100;
        });
        yield* comm.allToAll(out, come);
        same(
          come,
          come.slice().map((_, i) => (7 * Math.floor(i / n) + rank) % 100),
          say('allToAll'),
        );
      }
      yield* comm.barrier();
    }
  },

  *'sums have the same bits on all ranks'(comm) {
    for (const n of [1, 9001]) {
      const x = new Float64Array(n).map((_, i) => Math.sin(1 + i + 31 * comm.rank));
      yield* comm.allReduce(x);
      const first = x.slice();
      yield* comm.broadcast(first);
      same(new Uint8Array(x.buffer), new Uint8Array(first.buffer), `the bits of ${n}`);
    }
  },

  *'messages keep their order, tags are apart, any rank will do'(comm) {
    const { rank, size } = comm;
    const [next, before] = [(rank + 1) % size, (rank + size - 1) % size];
    const data = Int32Array.of(rank);
    const handed = [];
    for (const [tag, value] of [
      [5, 10],
      [6, 20],
      [5, 30],
    ]) {
      data[0] = value + rank;
      handed.push(yield* comm.begin(comm.send(next, data.slice(), tag)));
    }
    const into = new Int32Array(2);
    same(yield* comm.receive('any', into, 6), { from: before, length: 1 }, 'what a receive answers');
    for (const value of [20, 10, 30]) {
      if (value !== 20) yield* comm.receive(before, into, 5);
      same(into, Int32Array.of(value + before, 0), 'a message');
    }
    for (const sent of handed) yield* comm.wait(sent);
    // All ranks, including rank 0 itself, send to rank 0, in any order.
    const own = yield* comm.begin(comm.send(0, Float64Array.of(rank), 7));
    if (rank === 0) {
      const seen = new Set<number>();
      for (let k = 0; k < size; k++) {
        const x = new Float64Array(1);
        const { from } = yield* comm.receive('any', x, 7);
        same(x[0], from, 'who sent it');
        seen.add(from);
      }
      same(seen.size, size, 'the number of senders');
    }
    yield* comm.wait(own);
  },

  *'long messages go both ways at once'(comm) {
    const { rank, size } = comm;
    const n = 200_003;
    const out = new Float64Array(n).map((_, i) => i + rank);
    const into = new Float64Array(n);
    const coming = yield* comm.begin(comm.receive((rank + size - 1) % size, into));
    yield* comm.send((rank + 1) % size, out);
    same(yield* comm.wait(coming), { from: (rank + size - 1) % size, length: n }, 'what a receive answers');
    same([into[0], into[n - 1]], [(rank + size - 1) % size, n - 1 + ((rank + size - 1) % size)], 'ends of the message');
  },

  *'what was begun goes on while others are at work, in any order of waiting'(comm) {
    const { rank, size } = comm;
    const [a, b] = [Float64Array.of(rank), new Float64Array(9000).fill(1)];
    const first = yield* comm.begin(comm.allReduce(a));
    const second = yield* comm.begin(comm.allReduce(b));
    const between = Float64Array.of(rank);
    yield* comm.allReduce(between, 'max');
    same(between[0], size - 1, 'a collective in between');
    yield* comm.wait(second);
    while (!(yield* comm.test(first))) yield* comm.work(1e-6);
    yield* comm.wait(first);
    same([a[0], b[0], b[8999]], [(size * (size - 1)) / 2, size, size], 'sums');
    yield* comm.wait(yield* comm.begin(comm.barrier()));
  },

  *'groups are communicators of their own'(comm) {
    const { rank, size } = comm;
    const parity = (yield* comm.split(rank % 2, -rank))!;
    same(parity.size, Math.ceil((size - (rank % 2)) / 2), 'the size of a group');
    // Keys reverse the order.
    same(parity.rank, parity.size - 1 - Math.floor(rank / 2), 'the rank in a group');
    const none = yield* comm.split(rank === 0 ? undefined : 4);
    same(none?.size, rank === 0 ? undefined : size - 1, 'no colour');
    const x = Float64Array.of(1);
    yield* parity.allReduce(x);
    same(x[0], parity.size, 'the sum in a group');
    const half = (yield* parity.split(0))!;
    same([half.size, half.rank], [parity.size, parity.rank], 'a group of a group');
    // The same tag in two communicators.
    const sent = [
      yield* comm.begin(comm.send(rank, Float64Array.of(1))),
      yield* parity.begin(parity.send(parity.rank, Float64Array.of(2))),
    ];
    yield* parity.receive('any', x);
    same(x[0], 2, 'a message in a group');
    yield* comm.receive('any', x);
    same(x[0], 1, 'a message in the whole');
    for (const one of sent) yield* comm.wait(one);
  },

  *'sums over chunks of rows have the bits of one rank'(comm) {
    for (const [rows, chunk] of [
      [0, 4],
      [3, 4],
      [1000, 7],
      [4096, 64],
    ]) {
      const d = 5;
      const add = (from: number, to: number, part: Float64Array) => {
        for (let i = from; i < to; i++) for (let j = 0; j < d; j++) part[j] += Math.sin(i * d + j) / (1 + i);
      };
      const alone = (yield* comm.split(comm.rank))!;
      const [one, all] = [new Float64Array(d), new Float64Array(d)];
      // Integers, whose sums are exact in every order: tests the value of the sum rather than its bits.
      const plain = new Float64Array(d);
      const whole = (from: number, to: number, part: Float64Array) => {
        for (let i = from; i < to; i++) for (let j = 0; j < d; j++) part[j] += ((i * d + j) % 97) - 40;
      };
      whole(0, rows, plain);
      yield* (yield* RowSums.over(comm, { rows, chunk })).allReduce(all, whole);
      same(all, plain, `the sum of ${rows} rows`);
      yield* (yield* RowSums.over(alone, { rows, chunk })).allReduce(one, add);
      yield* (yield* RowSums.over(comm, { rows, chunk })).allReduce(all, add);
      same(new Uint8Array(all.buffer), new Uint8Array(one.buffer), `the bits of ${rows} rows`);
      // All rows are on the last rank.
      const own = comm.rank === comm.size - 1 ? ([0, rows] as const) : ([0, 0] as const);
      yield* (yield* RowSums.over(comm, { rows, chunk, own })).allReduce(all, add);
      same(new Uint8Array(all.buffer), new Uint8Array(one.buffer), 'the bits of rows on one rank');
    }
  },

  *'sums in single precision go by the same tree, sum after sum, and what is not a number passes on some ranks'(comm) {
    const alone = (yield* comm.split(comm.rank))!;
    for (const [parts, d] of [
      [2, 9001],
      [5, 70],
      [3, 5],
    ]) {
      const leaf = (part: number, j: number, round: number) => Math.fround(Math.sin(100 * round + 7 * part + j));
      // The reference by hand: siblings first, each addition rounded to single precision.
      const tree = (from: number, to: number, j: number, round: number): number => {
        if (to - from === 1) return leaf(from, j, round);
        const half = from + 2 ** Math.floor(Math.log2(to - from - 1));
        return Math.fround(tree(from, half, j, round) + tree(half, to, j, round));
      };
      const [many, one] = [
        yield* RowSums.over(comm, { rows: parts, chunk: 1 }),
        yield* RowSums.over(alone, { rows: parts, chunk: 1 }),
      ];
      for (const round of [1, 2, 3]) {
        const wanted = Float32Array.from({ length: d }, (_, j) => tree(0, parts, j, round));
        const add = (from: number, _: number, part: Float32Array) => {
          for (let j = 0; j < d; j++) part[j] += leaf(from, j, round);
        };
        for (const sums of [many, one]) {
          const found = new Float32Array(d);
          yield* sums.allReduce(found, add);
          same(found, wanted, `sum ${round} of ${parts} parts in single precision`);
        }
        // The same number of doubles between two sums of other types: buffers must not be mixed up.
        const doubles = new Float64Array(d);
        yield* many.allReduce(doubles, (from, _, part) => void part.fill(from));
        same(doubles, new Float64Array(d).fill((parts * (parts - 1)) / 2), 'doubles in between');
      }
      const odd = new Float32Array(d);
      yield* many.allReduce(odd, (from, _, part) => void (part[0] = from === 0 ? Number.NaN : 1));
      same(Number.isNaN(odd[0]) && odd[d - 1] === 0, true, 'what is not a number');
    }
  },

  *'views of kernel memory travel'(comm) {
    const memories = [new WebAssembly.Memory({ initial: 1 }).buffer];
    if (typeof SharedArrayBuffer !== 'undefined') {
      memories.push(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer);
    }
    for (const memory of memories) {
      const x = new Float64Array(memory, 64, 3).fill(comm.rank + 1);
      yield* comm.allReduce(x);
      same([...x], new Array(3).fill((comm.size * (comm.size + 1)) / 2), 'a view');
      same(new Float64Array(memory, 88, 1)[0], 0, 'what lies behind it');
    }
  },

  *'ranks that disagree are named, by all, and go on'(comm) {
    const { rank, size } = comm;
    const odd = size - 1;
    const isOdd = rank === odd;
    if (size > 1) {
      const both = ['MISMATCH', new RegExp(`rank ${odd} asks for broadcast of 3 doubles, root 0`)] as const;
      yield* refused(isOdd ? comm.broadcast(new Float64Array(3)) : comm.allReduce(new Float64Array(3)), ...both);
      yield* refused(
        comm.allReduce(new Float64Array(isOdd ? 4 : 3)),
        'MISMATCH',
        new RegExp(`rank ${odd} asks for allReduce \\(sum\\) of 4 doubles`),
      );
      yield* refused(comm.allReduce(isOdd ? new Float32Array(3) : new Float64Array(3)), 'MISMATCH', /of 3 floats/);
      yield* refused(
        comm.allReduce(Float64Array.of(1, isOdd ? Number.NaN : 2)),
        'NON_FINITE',
        new RegExp(`rank ${odd} gave NaN`),
      );
    }
    const x = Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY);
    yield* comm.allReduce(x);
    same([...x], [Number.NaN, Number.POSITIVE_INFINITY], 'what is not a number on all ranks');
    const own = yield* comm.begin(comm.send(rank, new Float64Array(3)));
    yield* refused(comm.receive(rank, new Float64Array(2)), 'INVALID_SHAPE', /3 numbers does not fit into 2/);
    yield* comm.wait(own);
    const other = yield* comm.begin(comm.send(rank, new Float64Array(3)));
    yield* refused(comm.receive(rank, new Int32Array(8)), 'MISMATCH', /sends 3 doubles where 8 whole numbers/);
    yield* comm.wait(other);
    yield* comm.barrier();
  },

  *'what is sent is counted by phase'(comm) {
    same(yield* comm.phase('one'), '', 'the phase of before');
    const { rank, size } = comm;
    const into = new Float64Array(100);
    const coming = yield* comm.begin(comm.receive('any', into));
    yield* comm.send((rank + 1) % size, into.slice());
    yield* comm.wait(coming);
    same(yield* comm.phase('two'), 'one', 'the phase of before');
    yield* comm.allReduce(new Float64Array(8192 * size));
    const { one, two } = yield* comm.traffic();
    if (size === 1) return;
    same([one.messages, one.bytes], [1, 800], 'a message');
    // The agreement before the collective counts, too.
    const least = 2 * 65536 * (size - 1);
    if (two.bytes < least || two.bytes > least + 100 * size) throw new Error(`${two.bytes} bytes for ${least}.`);
    if (!(two.seconds > 0)) throw new Error('An exchange took no time.');
  },

  ...arrivals,
};

const types: Readonly<Record<string, (n: number) => Numbers>> = {
  Float64Array: (n) => new Float64Array(n),
  Float32Array: (n) => new Float32Array(n),
  Int32Array: (n) => new Int32Array(n),
  Uint8Array: (n) => new Uint8Array(n),
};

const fold = (a: Numbers, b: Numbers, reduction: Reduction): Numbers =>
  a.map((x, i) => (reduction === 'sum' ? x + b[i] : Math[reduction](x, b[i])));

/**
 * Runs programs of {@link conformance} by name; used by workers and MPI processes. Returns the error messages of those
 * that failed.
 */
export function conform(ranks: Ranks, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    try {
      complete(ranks(conformance[name]));
      return [];
    } catch (error) {
      return [`${name}: ${(error as Error).message}`];
    }
  });
}

/** Tests ranks one of which never arrives at a sum. */
export function lateness(
  ranks: Ranks,
  { late, forever }: { readonly late: number; readonly forever: boolean },
): string {
  const program = function* (comm: Communicator): Exchange<string> {
    yield* comm.barrier();
    if (comm.rank === late) {
      if (!forever) return '';
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    }
    try {
      yield* comm.allReduce(Float64Array.of(1));
    } catch (error) {
      return (error as Error).message;
    }
    return 'The sum came.';
  };
  return complete(ranks(program));
}

/**
 * Tests ranks one of which arrives at a sum after some seconds of work, during which it polls an exchange, or `idles`:
 * waits for one until a deadline.
 */
export function busy(
  ranks: Ranks,
  { late, seconds, idles = false }: { readonly late: number; readonly seconds: number; readonly idles?: boolean },
): string {
  const program = function* (comm: Communicator): Exchange<string> {
    yield* comm.barrier();
    const { rank, size } = comm;
    const stop = yield* comm.begin(comm.receive((rank + 1) % size, new Float64Array(1), 5));
    const until = performance.now() + 1000 * seconds;
    if (rank === late && idles) yield* comm.waitAny([stop], until / 1000);
    while (rank === late && performance.now() < until) yield* comm.test(stop);
    try {
      yield* comm.allReduce(Float64Array.of(1));
    } catch (error) {
      return (error as Error).message;
    }
    yield* comm.send((rank + size - 1) % size, Float64Array.of(1), 5);
    yield* comm.wait(stop);
    return 'The sum came.';
  };
  return complete(ranks(program));
}

/** Tests ranks that each yield two iterates between exchanges; returns how many the driver passed on. */
export function iterating(ranks: Ranks): number {
  const program = function* (comm: Communicator): Generator<Iterate<Float64Array> | Request, void, unknown> {
    for (let iteration = 0; iteration < 2; iteration++) {
      const x = Float64Array.of(10 * comm.rank + iteration);
      yield { iteration, objective: x[0], work: {}, snapshot: () => x.slice() };
      yield* comm.allReduce(x);
    }
  };
  return [...ranks(program)].length;
}

export { repeated } from './arrivals/testing.ts';
