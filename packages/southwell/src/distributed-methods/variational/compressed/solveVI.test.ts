import { type Communicator, complete, simulate } from '@southwell/distributed';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { decodeCheckpoint, encodeCheckpoint, Random, run } from '@southwell/numerics/core';
import { lu } from '@southwell/numerics/linalg';
import { projectSimplex } from '@southwell/numerics/projections';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identity, lowRank, randK, scaledSign, topK } from '../../compressors/index.ts';
import { extragradient } from '../extragradient.ts';
import { gapFunction } from '../games/payoffs.ts';
import type { Operator } from '../operators.ts';
import { solveVI, type VariationalOptions, variationalIterates } from './solveVI.ts';
import type { VariationalState } from './state.ts';

const f64 = { values: 'f64' } as const;

/** Bilinear games with λ/2(‖x‖² − ‖y‖²) on several devices, whose solution is that of their mean. */
function bilinear({ d = 4, devices = 5, lambda = 1, noise = 1, seed = 1 } = {}) {
  const random = new Random(seed);
  const square = (scale: number) =>
    Array.from({ length: d }, () => Float64Array.from({ length: d }, () => scale * random.normal()));
  const common = square(2);
  const parts = Array.from({ length: devices }, () => {
    const own = square(noise);
    return {
      A: common.map((row, i) => row.map((v, j) => v + own[i][j])),
      c: Float64Array.from({ length: 2 * d }, () => 5 * random.normal()),
    };
  });
  const operators: Operator[] = parts.map(({ A, c }) => (z) => {
    const out = c.slice();
    for (let i = 0; i < d; i++) {
      out[i] += lambda * z[i];
      out[d + i] += lambda * z[d + i];
      for (let j = 0; j < d; j++) {
        out[i] += A[i][j] * z[d + j];
        out[d + j] -= A[i][j] * z[i];
      }
    }
    return out;
  });
  const F: Operator = (z) => {
    const values = operators.map((f) => f(z));
    return values[0].map((_, i) => values.reduce((sum, v) => sum + v[i], 0) / devices);
  };
  const zero = F(new Float64Array(2 * d));
  const K = DenseMatrix.create(2 * d, 2 * d);
  for (let j = 0; j < 2 * d; j++) {
    const unit = new Float64Array(2 * d);
    unit[j] = 1;
    K.column(j).set(F(unit).map((v, i) => v - zero[i]));
  }
  const solution = lu(K).solve(zero.map((v) => -v));
  return { problem: { operators, z0: new Float64Array(2 * d) }, F, solution, length: 2 * d };
}

const errorOf = (z: Float64Array, solution: Float64Array) =>
  Math.hypot(...z.map((v, i) => v - solution[i])) / Math.hypot(...solution);
const close = (a: Float64Array, b: Float64Array, digits: number) => {
  for (const [i, v] of a.entries()) expect(v).toBeCloseTo(b[i], digits);
};

describe('special cases', () => {
  const { problem, F } = bilinear();

  test('dense messages and a reference that always moves are extragradient', () => {
    const settings = { gamma: 0.05, tau: 0, tol: 0, maxIter: 30 };
    const ours = solveVI(problem, settings);
    const plain = extragradient(F, problem.z0, { step: 0.05, tol: 0, maxIter: 30 });
    close(ours.point.z, plain.point.z, 12);
    close(ours.point.zAverage, plain.point.zAverage, 12);
    // The certificate of the distributed method is that of the point before its last step.
    const { point } = solveVI(problem, { method: 'eg', gamma: 0.05, tol: 0, maxIter: 31 });
    close(point.z, plain.point.z, 12);
  });

  test('MASHA2 without compression is MASHA1 without compression', () => {
    const settings = { gamma: 0.03, tau: 0.6, tol: 0, maxIter: 60, seed: 3 };
    const [one, two] = (['masha1', 'masha2'] as const).map((method) => solveVI(problem, { ...settings, method }));
    close(one.point.z, two.point.z, 11);
  });

  test('the mean over the draws of a step is the step without compression', () => {
    const settings = { gamma: 0.05, tau: 0.9, tol: 0, maxIter: 1 };
    const exact = solveVI(problem, settings).point.z;
    const [sum, squares] = [new Float64Array(8), new Float64Array(8)];
    const draws = 2000;
    for (let seed = 0; seed < draws; seed++) {
      const { z } = solveVI(problem, { ...settings, uplink: randK(2, f64), downlink: randK(4, f64), seed }).point;
      for (let i = 0; i < 8; i++) {
        sum[i] += z[i] - exact[i];
        squares[i] += (z[i] - exact[i]) ** 2;
      }
    }
    for (let i = 0; i < 8; i++) {
      expect(squares[i]).toBeGreaterThan(0);
      expect(Math.abs(sum[i]) / Math.sqrt(squares[i])).toBeLessThan(4.5);
    }
  });
});

describe('convergence', () => {
  const { problem, solution } = bilinear({ d: 5, devices: 8, seed: 2 });
  const settings: Record<string, VariationalOptions> = {
    'masha1, rand-k': { uplink: randK(2, f64) },
    'masha1, values of 32 bits': { uplink: randK(2) },
    'masha1, both ways': { uplink: randK(2, f64), downlink: randK(3, f64) },
    'masha1, previous point': { uplink: randK(2, f64), refreshPrevious: true },
    'masha1, some devices': { uplink: randK(2, f64), participation: 3, tau: 0.9 },
    'masha2, top-k': { method: 'masha2', uplink: topK(2, f64) },
    'masha2, both ways': { method: 'masha2', uplink: topK(2, f64), downlink: topK(3, f64) },
    'masha2, signs': { method: 'masha2', uplink: scaledSign() },
    eg: { method: 'eg' },
  };
  test.each(Object.entries(settings))('%s', (_, options) => {
    const { status, point } = solveVI(problem, { tol: 1e-8, ...options });
    expect(status).toBe('converged');
    expect(errorOf(point.z, solution)).toBeLessThan(1e-6);
  });

  test.each(['ceg', 'csgda'] as const)('%s stalls at a noise level, and has no certificate', (method) => {
    for (const uplink of [randK(2, f64), topK(2, f64)]) {
      const { status, point, certificate } = solveVI(problem, { method, uplink, gamma: 0.01, maxIter: 800 });
      expect([status, certificate]).toEqual(['iteration-limit', undefined]);
      expect(errorOf(point.z, solution)).toBeGreaterThan(1e-3);
      expect(errorOf(point.z, solution)).toBeLessThan(3);
    }
  });

  test('without strong monotonicity, where descent and ascent spiral out', () => {
    const game = bilinear({ d: 3, devices: 4, lambda: 0, seed: 5 });
    const spiral = solveVI(game.problem, { method: 'csgda', gamma: 0.05, maxIter: 3000 });
    expect(errorOf(spiral.point.z, game.solution)).toBeGreaterThan(10);
    for (const options of [{ method: 'eg' }, { uplink: randK(2, f64) }] as const) {
      const { status, point } = solveVI(game.problem, { ...options, tol: 1e-8 });
      expect(status).toBe('converged');
      expect(errorOf(point.z, game.solution)).toBeLessThan(1e-5);
    }
  });

  test('batches of samples, at the point and at the reference alike', () => {
    // Each operator is the mean of those of five games.
    const games = Array.from({ length: 3 }, (_, k) => bilinear({ d: 3, devices: 5, seed: 10 + k }));
    const operators = games.map(({ problem: { operators: parts } }) => ({
      samples: 5,
      at: (z: Float64Array, samples = Int32Array.of(0, 1, 2, 3, 4)) => {
        const values = Array.from(samples, (s) => parts[s](z));
        return values[0].map((_, i) => values.reduce((sum, v) => sum + v[i], 0) / values.length);
      },
    }));
    const whole = solveVI({ operators, z0: new Float64Array(6) }, { method: 'eg', tol: 1e-12 });
    const ours = solveVI(
      { operators, z0: new Float64Array(6) },
      { uplink: randK(3, f64), batch: 1, tau: 0.9, gamma: 0.02 },
    );
    expect(ours.status).toBe('converged');
    expect(errorOf(ours.point.z, whole.point.z)).toBeLessThan(1e-5);
    expect(() => solveVI(problem, { batch: 1, gamma: 0.1 })).toThrow('batch needs operators with samples');
  });

  test('games on simplices through a projection', () => {
    const random = new Random(4);
    const parts = Array.from({ length: 4 }, () =>
      Array.from({ length: 3 }, () => Float64Array.from({ length: 3 }, () => random.normal())),
    );
    const mean = (i: number, j: number) => parts.reduce((sum, A) => sum + A[i][j], 0) / 4;
    // x minimises, so that y is the player of the rows of the transposed game.
    const operators: Operator[] = parts.map((A) => (z) => {
      const out = new Float64Array(6);
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 3; j++) {
          out[i] += A[i][j] * z[3 + j];
          out[3 + j] -= A[i][j] * z[i];
        }
      return out;
    });
    const prox = (z: Float64Array) => {
      const out = new Float64Array(6);
      out.set(projectSimplex(z.subarray(0, 3)));
      out.set(projectSimplex(z.subarray(3)), 3);
      return out;
    };
    const { point, status } = solveVI(
      { operators, z0: new Float64Array(6).fill(1 / 3), prox },
      { uplink: randK(2, f64), tol: 1e-9 },
    );
    expect(status).toBe('converged');
    const transposed = [0, 1, 2].map((j) => [0, 1, 2].map((i) => mean(i, j)));
    expect(gapFunction(transposed)(point.z.subarray(3), point.z.subarray(0, 3)).gap).toBeLessThan(1e-7);
  });
});

test('refreshes come with probability 1 − τ, and every bit that devices send is counted', () => {
  const { problem } = bilinear({ d: 10, devices: 3 });
  const [steps, tau, k, D] = [3000, 0.9, 4, 20];
  const { metrics } = solveVI(problem, { uplink: randK(k, f64), tau, gamma: 1e-3, tol: 0, maxIter: steps });
  const { refreshes, bitsUp, bitsDown } = metrics!;
  expect(Math.abs(refreshes - 1 - steps * 0.1)).toBeLessThan(3 * Math.sqrt(steps * 0.1 * 0.9));
  // A message of rand-k has a byte of its coding, four of its seed, and the values.
  expect(bitsUp).toBe(3 * 8 * (steps * (5 + 8 * k) + refreshes * 8 * D));
  // Dense answers have a byte of their coding.
  expect(bitsDown).toBe(3 * 8 * (steps * (1 + 8 * D) + refreshes * 8 * D));
});

describe('several ranks', () => {
  const { problem } = bilinear({ d: 4, devices: 4, seed: 7 });
  const options = { uplink: randK(2), downlink: randK(5), participation: 3, seed: 5 };
  const program = (split: readonly number[]) =>
    function* (comm: Communicator) {
      const from = split.slice(0, comm.rank).reduce((a, b) => a + b, 0);
      const operators = problem.operators.slice(from, from + split[comm.rank]);
      yield* variationalIterates(comm, { ...problem, operators }, options);
    };
  const whole = solveVI(problem, { ...options, maxIter: 80, tol: 0 });

  test.each([[[4]], [[1, 1, 1, 1]], [[0, 4]], [[3, 0, 1]]])(
    '%j devices on the ranks give the bits of one process, on the first rank and on the last',
    (split) => {
      for (const iterates of new Set([0, split.length - 1])) {
        const ranks = simulate(program(split), { ranks: split.length, iterates, latency: 1e-4, jitter: 1e-4 });
        const found = run(ranks, { maxIter: 80, tol: 0 });
        expect(found.point).toEqual(whole.point);
        expect(found.certificate).toEqual(whole.certificate);
        if (iterates === 0) expect(found.metrics).toEqual(whole.metrics);
      }
    },
  );

  test('the communicator counts the bytes that leave each device, and none else, as sent up', () => {
    const counted = function* (comm: Communicator) {
      const operators = comm.rank === 0 ? [] : [problem.operators[comm.rank - 1]];
      const iterates = variationalIterates(comm, { ...problem, operators }, options);
      let bits = 0;
      for (let step = iterates.next(); !step.done; ) {
        if ('iteration' in step.value) {
          bits = step.value.metrics!.bitsUp;
          if (step.value.iteration === 50) break;
          step = iterates.next();
        } else step = iterates.next(yield step.value);
      }
      const { up } = yield* comm.traffic();
      return [up?.bytes ?? 0, bits / 8];
    };
    const { results } = complete(simulate(counted, { ranks: 5 }));
    for (const [sent, told] of results.slice(1) as number[][]) expect(sent).toBe(told);
    const total = results.slice(1).reduce((sum, own) => sum + own![0], 0);
    expect(results[0]).toEqual([0, total]);
  });

  test('ranks with different options do not start', () => {
    const differing = function* (comm: Communicator) {
      yield* variationalIterates(comm, problem, { ...options, seed: comm.rank });
    };
    expect(() => run(simulate(differing, { ranks: 2 }), { maxIter: 2 })).toThrow(
      'Ranks 0 and 1 have different methods',
    );
  });
});

describe('what goes wrong', () => {
  const { problem, solution } = bilinear();

  test('steps that are too long diverge, or are halved', () => {
    const found = solveVI(problem, { gamma: 5, uplink: randK(2, f64) });
    expect(found.status).toBe('diverged');
    expect(found.next).toContain('use a smaller gamma');
    expect(found.point.z.every(Number.isFinite)).toBe(true);
    // Lipschitz constants that are far too small make the first steps too long.
    const halved = solveVI(problem, { uplink: randK(2, f64), lipschitz: [0.01, 0.01, 0.01, 0.01, 0.01] });
    expect(halved.status).toBe('converged');
    expect(halved.metrics!.halvings).toBeGreaterThan(2);
    expect(errorOf(halved.point.z, solution)).toBeLessThan(1e-5);
  });

  test('a device without finite values', () => {
    const far: Operator = (z) => (Math.hypot(...z) > 0.5 ? z.map(() => Number.NaN) : problem.operators[0](z));
    const operators = [far, ...problem.operators.slice(1)];
    expect(solveVI({ ...problem, operators }, { gamma: 0.1, uplink: randK(2) }).status).toBe('diverged');
    expect(() => solveVI({ ...problem, operators, z0: problem.z0.map(() => 9) }, { gamma: 0.1 })).toThrow(
      'not finite at the starting point',
    );
  });

  test('options', () => {
    const refusesUnknown = (name: string, call: (more: object) => unknown) =>
      expect(() => call({ tool: 1 })).toThrow(`${name} has no option 'tool'`);
    refusesUnknown('solveVI', (more) => solveVI(problem, more));
    refusesUnknown('variationalIterates', (more) =>
      run(simulate((comm) => variationalIterates(comm, problem, more), { ranks: 1 })),
    );
    expect(() => solveVI(problem, { uplink: topK(2) })).toThrow(
      'MASHA1 needs an unbiased uplink, but top-k=2 is biased',
    );
    expect(() => solveVI(problem, { method: 'masha2', uplink: randK(2) })).toThrow('MASHA2 needs a contraction');
    expect(() => solveVI(problem, { method: 'eg', uplink: identity() })).toThrow("'eg' sends dense messages");
    expect(() => solveVI(problem, { method: 'ceg', gamma: 'theory' })).toThrow('no theory of the step of ceg');
    expect(() => solveVI(problem, { method: 'csgda', tau: 0.5 })).toThrow('tau is an option of masha1 and masha2');
    expect(() => solveVI(problem, { gamma: -1 })).toThrow("gamma must be a number above 0, 'theory' or 'auto'");
    expect(() => solveVI(problem, { tau: 1 })).toThrow('tau must be at least 0 and below 1');
    expect(() => solveVI({ operators: [], z0: [1] })).toThrow('at least one operator');
  });

  test('a start at the solution has nothing to do', () => {
    const operators: Operator[] = [(z) => z.slice(), (z) => z.slice()];
    expect(solveVI({ operators, z0: [0, 0] })).toMatchObject({ status: 'converged', iterations: 0 });
    expect(solveVI({ operators: [(z) => z.map(() => 0)], z0: [1, 2] })).toMatchObject({ status: 'converged' });
  });
});

describe('checkpoints', () => {
  const { problem } = bilinear({ d: 3, devices: 4 });
  const sampled = problem.operators.map((F, m) => ({
    samples: 3,
    at: (z: Float64Array, samples = Int32Array.of(0, 1, 2)) =>
      F(z).map((v, i) => v + samples.reduce((sum, s) => sum + (s - 1) * Math.sin(i + m), 0) / samples.length),
  }));
  const cases: ReadonlyArray<readonly [VariationalOptions, object?]> = [
    [{ uplink: randK(2, f64) }],
    [{ uplink: randK(2, f64), downlink: randK(3, f64), tau: 0.5, participation: 3, refreshPrevious: true }],
    [{ uplink: randK(2, f64), batch: 2, gamma: 0.01 }, { operators: sampled }],
    [{ method: 'masha2', uplink: topK(2, f64), downlink: scaledSign(), gamma: 0.005 }],
    [{ method: 'masha2', uplink: lowRank(1), tau: 0.7 }],
    // Steps that are too long at first are halved.
    [{ method: 'masha2', uplink: topK(1, f64), gamma: 'auto', lipschitz: [0.1, 0.1, 0.1, 0.1] }],
    [{ method: 'eg' }, { prox: (z: Float64Array) => z.map((v) => Math.max(-1, Math.min(1, v))) }],
    [{ method: 'ceg', uplink: topK(2, f64), gamma: 0.01 }],
    [{ method: 'csgda', uplink: randK(2, f64), gamma: 0.01 }],
  ];

  test('a run that stops at any step, and is read again from its text, goes on with the same bits', () => {
    const arbitrary = fc.record({
      at: fc.nat(cases.length - 1),
      stops: fc.uniqueArray(fc.integer({ min: 1, max: 39 }), { minLength: 1, maxLength: 3 }),
      seed: fc.nat(99),
    });
    fc.assert(
      fc.property(arbitrary, ({ at, stops, seed }) => {
        const [options, changed] = cases[at];
        const own = { ...problem, ...changed };
        const limited = { ...options, seed, tol: 0 };
        const whole = solveVI(own, { ...limited, maxIter: 40 });
        let resume: VariationalState | undefined;
        for (const stop of [...stops].sort((a, b) => a - b)) {
          let saved: unknown;
          const save = (state: unknown) => void (saved = state);
          solveVI(own, { ...limited, resume, maxIter: stop, checkpoint: { save } });
          const text = encodeCheckpoint({ method: 'solveVI', problem: '', iteration: stop, state: saved });
          resume = decodeCheckpoint<VariationalState>(text).state;
        }
        const rest = solveVI(own, { ...limited, resume, maxIter: 40 });
        expect(rest.point).toEqual(whole.point);
        expect([rest.work, rest.metrics, rest.status]).toEqual([whole.work, whole.metrics, whole.status]);
      }),
      { numRuns: 60 },
    );
    expect(solveVI(problem, { ...cases[5][0], tol: 0, maxIter: 40 }).metrics!.halvings).toBeGreaterThan(0);
  });

  test('each of several ranks goes on from its own state, and from no other', () => {
    const options = { method: 'masha2', uplink: topK(2, f64), gamma: 0.005 } as const;
    const from = (maxIter: number, resume?: readonly VariationalState[]) =>
      complete(
        simulate(
          function* (comm: Communicator) {
            const operators = problem.operators.slice(2 * comm.rank, 2 * comm.rank + 2);
            const program = variationalIterates(
              comm,
              { ...problem, operators },
              { ...options, resume: resume?.[comm.rank] },
            );
            let step = program.next();
            while (!step.done) {
              const { value } = step;
              if (!('iteration' in value)) step = program.next(yield value);
              else if (value.iteration < maxIter) step = program.next();
              else return { z: value.snapshot().z, state: value.checkpoint!() as VariationalState };
            }
            throw new Error('The program ended.');
          },
          { ranks: 2, latency: 1e-4 },
        ),
      ).results.map((result) => result!);
    const whole = from(30);
    const states = from(11).map(({ state }) => state);
    expect(from(30, states)).toEqual(whole);
    expect(() => from(30, [...states].reverse())).toThrow(
      /The checkpoint is of rank [01] of 2, but this is rank [01] of 2. Resume with as many ranks as before/,
    );
    expect(() => solveVI(problem, { ...options, resume: states[0] })).toThrow(/rank 0 of 2, but this is rank 0 of 1/);
    const other = { ...states[0], own: { ...states[0].own, ranks: 1 } };
    expect(() => solveVI(problem, { ...options, resume: other, seed: 5 })).toThrow(/made with other settings/);
  });
});
