import { complete, eventList, parseEventList, simulate } from '@southwell/distributed';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { qr } from '@southwell/numerics/linalg';
import { expect, test } from 'vitest';
import {
  type AdmmState,
  federatedWls,
  federatedWlsIterates,
  federatedWlsRanks,
  givenSets,
  localSolution,
  predictedDrift,
  roundRobin,
  uniformSubsets,
  type WlsClient,
  wlsMoments,
  wlsReference,
} from './index.ts';
import { drawnClients } from './testing.ts';
import { norm, squaredDistance } from './vectors.ts';

const { clients, truth } = drawnClients(12, 5);
const reference = wlsReference(clients).w;
const error = (w: Float64Array) => squaredDistance(w, reference) / norm(reference) ** 2;
const meanLocal = (of: readonly WlsClient[]) => {
  const all = of.map((client) => localSolution(wlsMoments(client)).w);
  return all[0].map((_, i) => all.reduce((sum, w) => sum + w[i], 0) / all.length);
};

test('the reference is the solution of the stacked weighted rows by QR', () => {
  const rows = clients.flatMap(({ X, weights }) => X.map((x, i) => Array.from(x, (v) => v * Math.sqrt(weights![i]))));
  const targets = clients.flatMap(({ y, weights }) => Array.from(y, (v, i) => v * Math.sqrt(weights![i])));
  const A = DenseMatrix.create(rows.length, 5);
  rows.forEach((row, i) => {
    row.forEach((v, j) => {
      A.data[j * rows.length + i] = v;
    });
  });
  const w = qr(A).leastSquares(Float64Array.from(targets));
  expect(Math.sqrt(squaredDistance(w, reference))).toBeLessThan(1e-12);
});

test('the robust form reaches the solution of all rows with any subsets, and keeps its invariant', () => {
  for (const perRound of [12, 5, 2]) {
    const found = federatedWls(clients, { rho: 20, perRound, rounds: 3000, tol: 1e-13, seed: perRound });
    expect(error(found.w)).toBeLessThan(1e-22);
    for (const { invariantDrift } of found.history) expect(invariantDrift).toBeLessThan(1e-10);
    for (const local of found.local) expect(error(local)).toBeLessThan(1e-20);
  }
  const turns = federatedWls(clients, { rho: 20, schedule: roundRobin(3), rounds: 2000 });
  expect(error(turns.w)).toBeLessThan(1e-20);
});

test('with only wₙ sent, random subsets end elsewhere', () => {
  const found = federatedWls(clients, { method: 'robust-simple', rho: 20, perRound: 4, rounds: 3000 });
  expect(error(found.w)).toBeGreaterThan(1e-9);
});

test('with all clients and without noise, robust, two-global and dual are the same iterates', () => {
  for (const w0 of [meanLocal(clients), new Float64Array(5), truth]) {
    const [robust, two, dual] = (['robust', 'two-global', 'dual'] as const).map((method) => {
      const all: Float64Array[] = [];
      federatedWls(clients, { method, rho: 15, w0, rounds: 60, onRound: (_, w) => all.push(w.slice()) });
      return all;
    });
    robust.forEach((w, n) => {
      expect(squaredDistance(w, two[n])).toBeLessThan(1e-24);
    });
    robust.forEach((w, n) => {
      expect(squaredDistance(w, dual[n])).toBeLessThan(1e-24);
    });
  }
});

test('a single client ends at its own solution', () => {
  const found = federatedWls(clients.slice(0, 1), { rounds: 400 });
  expect(squaredDistance(found.w, localSolution(wlsMoments(clients[0])).w)).toBeLessThan(1e-24);
});

test('two clients of one feature follow the powers of the transition matrix', () => {
  const [a, b, rho] = [2, 6, 3];
  const of = (h: number, w: number): WlsClient => ({ X: [[Math.sqrt(h / 2)]], y: [Math.sqrt(h / 2) * w] });
  const seen: number[] = [];
  federatedWls([of(a, 1), of(b, -2)], { rho, rounds: 30, onRound: (_, w) => seen.push(w[0]) });
  // State w₁, w₂, wₙ, wₙ₋₁.
  const [p, q] = [rho / (a + rho), rho / (b + rho)];
  const M = [
    [1 - p, 0, 2 * p, -p],
    [0, 1 - q, 2 * q, -q],
    [(1 - p) / 2, (1 - q) / 2, p + q, -(p + q) / 2],
    [0, 0, 1, 0],
  ];
  let x = [1, -2, 0, 0];
  for (const w of seen) {
    expect(w).toBeCloseTo(x[2], 12);
    x = M.map((row) => row.reduce((sum, v, j) => sum + v * x[j], 0));
  }
  // One eigenvalue 1: M − I is singular, with agreement in its kernel; the others are inside the unit disc, so powers converge.
  const ones = M.map((row) => row.reduce((sum, v) => sum + v, 0));
  for (const sum of ones) expect(sum).toBeCloseTo(1, 14);
  for (let n = 0; n < 2000; n++) x = M.map((row) => row.reduce((sum, v, j) => sum + v * x[j], 0));
  const limit = (a * 1 + b * -2) / (a + b);
  for (const v of x) expect(v).toBeCloseTo(limit, 10);
});

test('the mean over noisy runs is the run without noise', () => {
  const few = clients.slice(0, 4);
  const options = {
    rho: 10,
    schedule: givenSets([
      [0, 1],
      [2, 3],
      [1, 2],
    ]),
    perRound: 2,
    rounds: 15,
  } as const;
  const exact = federatedWls(few, options).w;
  const sum = new Float64Array(5);
  const squares = new Float64Array(5);
  const runs = 2000;
  for (let seed = 0; seed < runs; seed++) {
    const { w } = federatedWls(few, { ...options, seed, noise: { up: 0.04, down: 0.01 } });
    for (let i = 0; i < 5; i++) {
      sum[i] += w[i];
      squares[i] += (w[i] - exact[i]) ** 2;
    }
  }
  for (let i = 0; i < 5; i++) {
    const deviation = Math.sqrt(squares[i] / runs);
    expect(deviation).toBeGreaterThan(0.01);
    expect(Math.abs(sum[i] / runs - exact[i])).toBeLessThan((4 * deviation) / Math.sqrt(runs));
  }
});

test('the drift under noise is as predicted', () => {
  const [rho, perRound, noise] = [10, 4, { up: 1e-2, down: 1e-2 }];
  const starts = Array.from({ length: 40 }, (_, seed) => {
    const errors: number[] = [];
    const onRound = (_: unknown, w: Float64Array) => errors.push(squaredDistance(w, reference));
    federatedWls(clients, { rho, perRound, noise, seed, rounds: 600, onRound });
    return (errors[600] - errors[200]) / 400;
  });
  const slope = starts.reduce((a, b) => a + b, 0) / starts.length;
  const predicted = predictedDrift(clients, rho, perRound, noise);
  expect(slope / predicted).toBeGreaterThan(0.5);
  expect(slope / predicted).toBeLessThan(1.7);
});

test('clients that are away and come back do not move the limit, and rounds without an answer change nothing', () => {
  const absent = (client: number, round: number) =>
    (client < 3 && round < 40) || round % 7 === 6 || (client + round) % 5 === 0;
  const found = federatedWls(clients, { rho: 20, perRound: 6, rounds: 4000, absent, tol: 1e-13 });
  expect(error(found.w)).toBeLessThan(1e-20);
  for (const { invariantDrift } of found.history) expect(invariantDrift).toBeLessThan(1e-10);
  expect(found.history[7].answered).toBe(0);
  expect(found.history[7].floatsUp).toBe(found.history[6].floatsUp);
});

test('clients with fewer rows than features, and without rows', () => {
  const short: WlsClient[] = drawnClients(8, 5, 3, [2, 4]).clients;
  const all = [...short, { X: [], y: [] }];
  const found = federatedWls(all, { rounds: 6000, tol: 1e-14 });
  expect(found.wls.singular).toBe(false);
  expect(Math.sqrt(squaredDistance(found.w, wlsReference(short).w))).toBeLessThan(1e-10);
});

test('ranks give the bits of one process, whatever hosts which client', () => {
  const options = { rho: 10, perRound: 5, noise: { up: 1e-3, down: 1e-3 }, seed: 3, rounds: 30 };
  for (const method of ['robust', 'robust-simple', 'two-global', 'dual'] as const) {
    const one = federatedWls(clients, { ...options, method });
    for (const cuts of [
      [0, 4, 12],
      [0, 0, 7, 12],
      [0, 12, 12],
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    ]) {
      const { results } = complete(
        simulate(
          (comm) =>
            federatedWlsRanks(comm, clients.slice(cuts[comm.rank], cuts[comm.rank + 1]), { ...options, method }),
          { ranks: cuts.length - 1, latency: 1e-4, jitter: 1e-3, seed: 4 },
        ),
      );
      for (const { w, floatsUp, floatsDown } of results.map((found) => found!)) {
        expect(w).toEqual(one.w);
        expect([floatsUp, floatsDown]).toEqual([30 * 25, 30 * 25]);
      }
    }
  }
});

test('a run goes on from its checkpoints with the same bits', () => {
  const options = { rho: 10, perRound: 5, noise: { up: 1e-3, down: 1e-3 }, seed: 3 };
  for (const method of ['robust', 'two-global', 'dual'] as const) {
    const once = federatedWls(clients, { ...options, method, rounds: 30 });
    const program = (rounds: number, states?: readonly AdmmState[]) =>
      complete(
        simulate(
          function* (comm) {
            const own = clients.slice(comm.rank * 6, comm.rank * 6 + 6);
            const settings = { ...options, method, ...(states && { resume: states[comm.rank] }) };
            const iterates = federatedWlsIterates(comm, own, settings);
            let answer: unknown;
            for (;;) {
              const { value } = iterates.next(answer);
              if (!('iteration' in value!)) answer = yield value!;
              else if (value.iteration === rounds)
                return { w: value.snapshot(), state: structuredClone(value.checkpoint!()) as AdmmState };
            }
          },
          { ranks: 2 },
        ),
      ).results;
    const first = program(11);
    const states = first.map((found) => found!.state);
    expect(program(30, states)[0]!.w).toEqual(once.w);
    expect(() => program(30, [...states].reverse())).toThrow('Resume with the same ranks');
  }
});

test('what leaves each rank is the messages of its clients', () => {
  const { results } = complete(
    simulate(
      function* (comm) {
        yield* federatedWlsRanks(comm, clients.slice(comm.rank * 6, comm.rank * 6 + 6), { rounds: 10 });
        return yield* comm.traffic();
      },
      { ranks: 2, checks: false },
    ),
  );
  expect(results[1]!.up).toMatchObject({ messages: 60, bytes: 60 * 5 * 8 });
  // Rank 0 sends one vector for all clients of a rank, with six numbers of control, also in the round that is not used.
  expect(results[0]!.down).toMatchObject({ messages: 11, bytes: 11 * (5 + 6) * 8 });
});

test('clients that go on by themselves break the invariant, and end elsewhere', () => {
  const found = federatedWls(clients, { rho: 20, perRound: 4, continual: true, rounds: 2000 });
  expect(found.history.at(-1)!.invariantDrift).toBeGreaterThan(1e-6);
  expect(error(found.w)).toBeGreaterThan(1e-12);
  const all = federatedWls(clients, { rho: 20, continual: true, rounds: 2000 });
  expect(error(all.w)).toBeLessThan(1e-20);
});

test('sets of different sizes keep the invariant', () => {
  const schedule = givenSets([[0, 1, 2, 3], [4], [5, 6, 7, 8, 9, 10], [11, 2], []]);
  const found = federatedWls(clients, { rho: 20, schedule, rounds: 5000 });
  for (const { invariantDrift } of found.history) expect(invariantDrift).toBeLessThan(1e-10);
  expect(error(found.w)).toBeLessThan(1e-16);
});

test('a straggler costs time and no bits, and the event list shows its work', () => {
  const times = [undefined, { 1: 5 }].map((stragglers) => {
    const run = complete(
      simulate(
        (comm) => federatedWlsRanks(comm, clients.slice(comm.rank * 4, comm.rank * 4 + 4), { rounds: 20, work: 1e-2 }),
        {
          ranks: 3,
          latency: 1e-4,
          ...(stragglers && { stragglers }),
        },
      ),
    );
    expect(run.results[0]!.w).toEqual(federatedWls(clients, { rounds: 20 }).w);
    const list = parseEventList(JSON.stringify(eventList(run, { title: 'a federated fit' })));
    const worked = list.ranks[1].spans.reduce((sum, [kind, from, to]) => sum + (kind === 'work' ? to - from : 0), 0);
    expect(worked).toBeCloseTo(20 * 4 * 1e-2 * (stragglers ? 5 : 1), 6);
    return run.seconds;
  });
  expect(times[1] / times[0]).toBeGreaterThan(4);
});

test('schedules are the same for a seed, without repetitions', () => {
  const subsets = uniformSubsets(3, 5);
  const counts = new Float64Array(7);
  for (let round = 0; round < 700; round++) {
    const set = subsets.at(round, 7);
    expect(set).toEqual(uniformSubsets(3, 5).at(round, 7));
    expect(new Set(set).size).toBe(3);
    for (const k of set) counts[k]++;
  }
  for (const count of counts) expect(Math.abs(count - 300)).toBeLessThan(60);
});

test('input that has no answer is refused by a sentence', () => {
  const [a] = clients;
  const bad =
    (of: readonly WlsClient[], options: object = {}) =>
    () =>
      federatedWls(of, options);
  expect(bad([])).toThrow('No client has a row');
  expect(bad(clients, { noise: { up: Number.POSITIVE_INFINITY } })).toThrow('up must be');
  expect(bad(clients, { noise: { down: -1 } })).toThrow('down must be');
  expect(bad(clients, { perRound: 13 })).toThrow('13 clients cannot take part in a round, because there are only 12.');
  expect(bad(clients, { rho: 0 })).toThrow('rho must be');
  expect(bad([a, { X: [[1, 2]], y: [1] }])).toThrow('Client 1 has 2 features where others have 5.');
  expect(bad([{ ...a, weights: a.X.map(() => 0) }])).toThrow('Weights must be above 0');
  expect(bad([{ ...a, y: [...Array.from(a.y).slice(1), Number.NaN] }])).toThrow('The target of row');
  expect(bad([{ X: [[0, 0]], y: [1] }])).toThrow('give rho');
  expect(bad(clients, { schedule: givenSets([[3, 40]]) })).toThrow('The schedule names client 40');
  expect(() => givenSets([[1, 1]])).toThrow('twice');
  const twin = [
    {
      X: [
        [1, 1],
        [2, 2],
      ],
      y: [1, 2],
    },
  ];
  expect(federatedWls(twin, { rounds: 50 }).wls.singular).toBe(true);
  expect(() => predictedDrift(twin, 1, 1, { up: 1 })).toThrow('do not determine');
});
