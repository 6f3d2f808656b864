import { complete, simulate } from '@southwell/distributed';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import {
  type AdmmState,
  type ConsensusSettings,
  consensusAdmm,
  consensusAdmmIterates,
  consensusAdmmRanks,
  type LocalLoss,
  lossProx,
  wlsReference,
} from './index.ts';
import { norm, squaredDistance } from './vectors.ts';

/** Rows of unequal clients with a column of ones at the end; logistic clients 0 and 1 have one class each. */
function drawn(loss: LocalLoss, K = 8, L = 6, seed = 2) {
  const random = new Random(seed);
  const truth = Float64Array.from({ length: L + 1 }, (_, j) => (j < L / 2 ? 0.8 * random.normal() : 0));
  const clients = Array.from({ length: K }, (_, k) => {
    const D = 15 + random.integer(40);
    const X = Array.from({ length: D }, () =>
      Float64Array.from({ length: L + 1 }, (_, j) => (j === L ? 1 : (0.5 + 0.2 * j) * random.normal() + 0.1 * k)),
    );
    const y = Float64Array.from(X, (x) => {
      const eta = x.reduce((sum, v, j) => sum + v * truth[j], 0);
      if (loss === 'squared') return eta + random.normal();
      if (loss === 'logistic') return k < 2 ? 2 * k - 1 : random.uniform() < 1 / (1 + Math.exp(-eta)) ? 1 : -1;
      return Math.floor(Math.exp(0.4 * eta) * 2 * random.uniform() + 0.5);
    });
    return { X, y };
  });
  const rows = clients.reduce((sum, { y }) => sum + y.length, 0);
  const proxes = clients.map((client) =>
    lossProx(loss, { ...client, weights: new Float64Array(client.y.length).fill(1 / rows) }),
  );
  return { clients, proxes, L };
}

/** The gradient of the mean loss over the rows of all clients. */
function gradient(loss: LocalLoss, clients: ReturnType<typeof drawn>['clients'], w: Float64Array): Float64Array {
  const out = new Float64Array(w.length);
  let rows = 0;
  for (const { X, y } of clients) {
    X.forEach((x, i) => {
      const eta = x.reduce((sum, v, j) => sum + v * w[j], 0);
      const pull =
        loss === 'squared'
          ? eta - y[i]
          : loss === 'poisson'
            ? Math.exp(eta) - y[i]
            : -y[i] / (1 + Math.exp(y[i] * eta));
      x.forEach((v, j) => {
        out[j] += pull * v;
      });
      rows++;
    });
  }
  return out.map((v) => v / rows);
}

/** The largest violation of the optimality conditions over the coefficients. */
function stationarity(
  loss: LocalLoss,
  clients: ReturnType<typeof drawn>['clients'],
  w: Float64Array,
  of: { readonly l1: number; readonly ridge: number; readonly free: number },
): number {
  const violations = gradient(loss, clients, w).map((slope, j) => {
    if (j === of.free) return Math.abs(slope);
    const pull = slope + of.ridge * w[j];
    return Math.abs(w[j] === 0 ? Math.max(0, Math.abs(pull) - of.l1) : pull + of.l1 * Math.sign(w[j]));
  });
  return Math.max(...violations);
}

const relative = (w: ArrayLike<number>, of: ArrayLike<number>) => Math.sqrt(squaredDistance(w, of)) / norm(of);

for (const loss of ['squared', 'logistic', 'poisson'] as const) {
  // packages/tasks/src/linear-models/federated.test.ts compares with the estimators.
  test(`${loss}: with ridge and L1 penalties the optimality conditions hold`, () => {
    const { clients, proxes, L } = drawn(loss);
    for (const [l1, ridge] of [
      [0, 0.1],
      [0.15, 0],
      [0.025, 0.025],
    ]) {
      const found = consensusAdmm(proxes, { l1, ridge, free: [L], tol: 1e-12, rounds: 2000 });
      expect(found.status).toBe('converged');
      expect(stationarity(loss, clients, found.w, { l1, ridge, free: L })).toBeLessThan(1e-11);
      for (const local of found.local) expect(relative(local, found.w)).toBeLessThan(1e-10);
      if (l1 === 0.15) expect(found.w.some((v) => v === 0)).toBe(true);
    }
  });
}

test('penalties by coefficient are those of scaled features', () => {
  const { clients } = drawn('logistic', 6, 4);
  const scale = [1, 20, 0.1, 3, 1];
  const scaled = clients.map(({ X, y }) => ({ X: X.map((x) => x.map((v, j) => v * scale[j])), y }));
  const [plain, other] = [clients, scaled].map((of) => of.map((client) => lossProx('logistic', client)));
  const { w } = consensusAdmm(plain, { l1: 3, ridge: 2, free: [4], tol: 1e-12, rounds: 3000 });
  const by = { l1: scale.map((s) => 3 * s), ridge: scale.map((s) => 2 * s * s) };
  const found = consensusAdmm(other, { ...by, free: [4], tol: 1e-12, rounds: 3000 });
  expect(
    relative(
      found.w.map((v, j) => v * scale[j]),
      w,
    ),
  ).toBeLessThan(1e-9);
});

test('two-global, plain and accelerated dual forms of squared losses have the reference as their limit', () => {
  const { proxes, clients } = drawn('squared');
  const { w } = wlsReference(clients);
  const forms: ConsensusSettings[] = [
    { method: 'two-global', perRound: 8 },
    { acceleration: 0, relaxation: 1 },
    {},
    { perRound: 3, seed: 5 },
  ];
  for (const form of forms) {
    const found = consensusAdmm(proxes, { ...form, tol: 1e-11, rounds: 20_000 });
    expect(found.status).toBe('converged');
    expect(relative(found.w, w)).toBeLessThan(1e-8);
  }
});

test('combining rounds takes at most half of the rounds of plain consensus', () => {
  for (const loss of ['squared', 'logistic', 'poisson'] as const) {
    const { proxes } = drawn(loss, 12, 10, 4);
    const rounds = (options: ConsensusSettings) => {
      const found = consensusAdmm(proxes, { ...options, ridge: 1e-3, tol: 1e-9, rounds: 5000 });
      expect(found.status).toBe('converged');
      return found.rounds;
    };
    expect(rounds({})).toBeLessThan(0.5 * rounds({ acceleration: 0, relaxation: 1 }));
  }
});

test('clients that are away and come back do not change the limit', () => {
  const { proxes, clients } = drawn('logistic');
  const absent = (client: number, round: number) => (client < 2 && round < 9) || (client + round) % 11 === 4;
  const found = consensusAdmm(proxes, { ridge: 0.1, free: [6], tol: 1e-12, rounds: 4000, absent });
  expect(stationarity('logistic', clients, found.w, { l1: 0, ridge: 0.1, free: 6 })).toBeLessThan(1e-11);
});

test('ranks give the bits of one process, and go on from checkpoints with them', () => {
  const { proxes } = drawn('logistic', 6, 4);
  for (const options of [
    { l1: 0.02 },
    { perRound: 2, seed: 4, noise: { up: 1e-6 } },
    { method: 'two-global' as const },
  ]) {
    const one = consensusAdmm(proxes, { ...options, rounds: 25 });
    for (const cuts of [
      [0, 2, 6],
      [0, 0, 1, 5, 6],
      [0, 6, 6],
    ]) {
      const own = (rank: number) => proxes.slice(cuts[rank], cuts[rank + 1]);
      const ranks = cuts.length - 1;
      const { results } = complete(
        simulate((comm) => consensusAdmmRanks(comm, own(comm.rank), { ...options, rounds: 25 }), {
          ranks,
          jitter: 1e-3,
        }),
      );
      for (const found of results) expect(found!.w).toEqual(one.w);
      const until = (rounds: number, states?: readonly AdmmState[]) =>
        complete(
          simulate(
            function* (comm) {
              const resume = states && { resume: states[comm.rank] };
              const iterates = consensusAdmmIterates(comm, own(comm.rank), { ...options, ...resume });
              let answer: unknown;
              for (;;) {
                const { value } = iterates.next(answer);
                if (!('iteration' in value!)) answer = yield value!;
                else if (value.iteration === rounds)
                  return { w: value.snapshot(), state: structuredClone(value.checkpoint!()) as AdmmState };
              }
            },
            { ranks },
          ),
        ).results.map((found) => found!);
      const states = until(13).map(({ state }) => state);
      expect(until(25, states)[0].w).toEqual(one.w);
    }
  }
});

test('a client without rows changes nothing but the count', () => {
  const { proxes } = drawn('poisson', 5, 3);
  const empty = lossProx('poisson', { X: [], y: [] }, 4);
  const [a, b] = [proxes, [...proxes, empty]].map((of) => consensusAdmm(of, { ridge: 0.01, tol: 1e-12 }).w);
  expect(relative(a, b)).toBeLessThan(1e-9);
});

test('input that has no answer is refused by a sentence', () => {
  const { proxes } = drawn('squared', 3, 2);
  const bad =
    (options: object, of = proxes) =>
    () =>
      consensusAdmm(of, options);
  expect(bad({}, [])).toThrow('No client has a row');
  expect(bad({ method: 'two-global', l1: 1 })).toThrow("or use 'dual'");
  expect(bad({ perRound: 2, acceleration: 3 })).toThrow('Rounds can be combined only if');
  expect(bad({ noise: { up: Number.POSITIVE_INFINITY } })).toThrow('up must be');
  expect(bad({ l1: [1] })).toThrow('l1 has 1 numbers for 3 coefficients.');
  expect(bad({ ridge: [1, -1, 0] })).toThrow('ridge must be');
  expect(bad({ free: [3] })).toThrow('only 3, from 0');
  expect(bad({ relaxation: 2 })).toThrow('relaxation must be');
  expect(bad({ rho: Number.NaN })).toThrow('rho must be');
  expect(bad({ w0: [1] })).toThrow('w0 has 1 numbers for 3 coefficients.');
  expect(bad({}, [{ length: 2, prox: (v) => v }])).toThrow('give rho');
  expect(() => lossProx('logistic', { X: [[1]], y: [0] })).toThrow('targets −1 and +1');
  expect(() => lossProx('poisson', { X: [[1]], y: [-1] })).toThrow('at least 0');
  expect(() => lossProx('squared', { X: [[1], [1, 2]], y: [0, 1] })).toThrow('Row 2 of a client has 2 features');
  expect(() => lossProx('hinge' as never, { X: [[1]], y: [0] })).toThrow('The loss must be one of');
});
