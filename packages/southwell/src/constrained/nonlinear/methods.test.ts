import { run } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  boundedLbfgsIterates,
  nonlinearProgram,
  optimalityResiduals,
  programLagrangianIterates,
  quadraticProgram,
  sqpIterates,
  violations,
} from '../index.ts';
import { methodFor } from './nonlinear.ts';
import type { NonlinearProgram } from './program.ts';
import { programText } from './testing.ts';

const INF = Number.POSITIVE_INFINITY;
const withRows = ['interior-point', 'sqp', 'augmented-lagrangian'] as const;
const others = ['sqp', 'augmented-lagrangian'] as const;
const all = [...others, 'bounded-lbfgs'] as const;

const hs71 = (more: Partial<NonlinearProgram> = {}) =>
  programText(
    'x1*x4*(x1+x2+x3) + x3',
    [
      ['x1*x2*x3*x4', 25, INF],
      ['x1^2 + x2^2 + x3^2 + x4^2', 40, 40],
    ],
    { lower: [1, 1, 1, 1], upper: [5, 5, 5, 5], start: [1, 5, 5, 1], ...more },
  );
const rosenbrock = (more: Partial<NonlinearProgram> = {}) =>
  programText('100*(x2 - x1^2)^2 + (1 - x1)^2', [], { start: [-1.2, 1], ...more });
const firstOrder = (program: NonlinearProgram): NonlinearProgram => {
  const { hessian: _, hessianValues: __, ...functions } = program.functions;
  return { ...program, functions };
};

describe('solutions that are known', () => {
  test.each(withRows)('problem 71 by %s', (method) => {
    for (const program of [hs71(), firstOrder(hs71())]) {
      const { point, status, objective } = nonlinearProgram(program, { method });
      expect(status).toBe('converged');
      expect(objective).toBeCloseTo(17.014017289152, 6);
      expect(optimalityResiduals(program, point).relative).toBeLessThanOrEqual(1e-8);
      expect(violations(program, point.x)).toEqual([]);
      expect(point.rows[0]).toBeGreaterThan(0.5);
      expect(point.bounds[0]).toBeGreaterThan(1);
    }
  });

  test.each(others)('the nearest point of a circle, with its multiplier, by %s', (method) => {
    const program = programText('(x1-2)^2 + x2^2', [['x1^2 + x2^2', 1, 1]], { start: [0.3, 0.4] });
    const { point, status } = nonlinearProgram(program, { method });
    expect(status).toBe('converged');
    expect(point.x[0]).toBeCloseTo(1, 7);
    // The least objective is (√b − 2)², whose derivative at b = 1 is −1.
    expect(point.rows[0]).toBeCloseTo(-1, 6);
    expect(point.values[0]).toBeCloseTo(1, 7);
  });

  test.each(all)('a minimum inside the bounds, and one at a bound, by %s', (method) => {
    const inside = nonlinearProgram(rosenbrock(), { method });
    expect(inside.status).toBe('converged');
    expect(Array.from(inside.point.x)).toEqual([expect.closeTo(1, 6), expect.closeTo(1, 6)]);
    // With x1 ≤ ½ the minimum is (½, ¼), where the derivative by x1 is −1.
    const at = nonlinearProgram(rosenbrock({ upper: [0.5, INF] }), { method });
    expect(at.status).toBe('converged');
    expect(at.point.x[0]).toBe(0.5);
    expect(at.point.x[1]).toBeCloseTo(0.25, 7);
    expect(at.point.bounds[0]).toBeCloseTo(-1, 6);
  });

  test.each(others)('a range whose upper side binds by %s', (method) => {
    const program = programText('-x1 - 2*x2', [['x1^2 + x2^2', 1, 5]], { start: [0.1, 0.2] });
    const { point, objective } = nonlinearProgram(program, { method });
    expect(objective).toBeCloseTo(-5, 6);
    expect(point.rows[0]).toBeCloseTo(-0.5, 6);
  });

  test('a step that only a correction of second order accepts does not slow quadratic programming down', () => {
    // Maratos's example: full steps increase both the objective and the violation.
    const angle = 0.5;
    const program = programText('2*(x1^2 + x2^2 - 1) - x1', [['x1^2 + x2^2', 1, 1]], {
      start: [Math.cos(angle), Math.sin(angle)],
      startMultipliers: { rows: [1.5], bounds: [0, 0] },
    });
    const { status, iterations, objective } = nonlinearProgram(program, { method: 'sqp' });
    expect(status).toBe('converged');
    expect(objective).toBeCloseTo(-1, 8);
    expect(iterations).toBeLessThanOrEqual(5);
  });

  test('convex quadratic programs with bounds, as quadratic programming finds them', () => {
    const number = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(fc.array(number, { minLength: 24, maxLength: 24 }), (v) => {
        const B = [0, 1, 2, 3].map((i) => v.slice(4 * i, 4 * i + 4));
        const P = B.map((_, i) => B.map((__, j) => B.reduce((sum, row) => sum + row[i] * row[j], i === j ? 0.1 : 0)));
        const q = v.slice(16, 20);
        const lower = v.slice(20, 24).map((u, j) => (j === 3 ? -INF : u - 0.5));
        const upper = lower.map((u, j) => (j === 3 ? INF : j === 2 ? u : u + 1));
        const exact = quadraticProgram({ P, q, lower, upper });
        const functions: NonlinearProgram['functions'] = {
          ...{ variables: 4, constraints: 0, constraintValues: () => {}, jacobianValues: () => {} },
          jacobian: { rows: 0, cols: 4, colPointers: new Int32Array(5), rowIndices: new Int32Array(0) },
          objective: (x) =>
            x.reduce((sum, xi, i) => sum + xi * (q[i] + P[i].reduce((s, p, j) => s + p * x[j], 0) / 2), 0),
          gradient: (x, g) => {
            for (let i = 0; i < 4; i++) g[i] = q[i] + P[i].reduce((s, p, j) => s + p * x[j], 0);
          },
        };
        for (const method of ['bounded-lbfgs', 'sqp'] as const) {
          const found = nonlinearProgram({ functions, lower, upper }, { method });
          expect(found.status).toBe('converged');
          expect(found.objective).toBeCloseTo(exact.objective, 7);
          for (let j = 0; j < 4; j++) expect(found.point.x[j]).toBeCloseTo(exact.point.x[j], 5);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('ten thousand variables with bounds', () => {
    const n = 10_000;
    const functions: NonlinearProgram['functions'] = {
      ...{ variables: n, constraints: 0, constraintValues: () => {}, jacobianValues: () => {} },
      jacobian: { rows: 0, cols: n, colPointers: new Int32Array(n + 1), rowIndices: new Int32Array(0) },
      objective: (x) => x.reduce((sum, v, j) => sum + (v - (j % 7)) ** 2 * (1 + (j % 3)), 0),
      gradient: (x, g) => {
        for (let j = 0; j < n; j++) g[j] = 2 * (x[j] - (j % 7)) * (1 + (j % 3));
      },
    };
    const upper = new Float64Array(n).fill(4);
    const { status, point } = nonlinearProgram({ functions, upper });
    expect(status).toBe('converged');
    expect(point.x.every((v, j) => Math.abs(v - Math.min(j % 7, 4)) < 1e-7)).toBe(true);
  });
});

describe('warm starts of quadratic programming', () => {
  test('a solution with its multipliers takes no step, one near it a few', () => {
    const { point } = nonlinearProgram(hs71(), { tol: 1e-10 });
    const same = nonlinearProgram(hs71({ start: point.x, startMultipliers: point }), { method: 'sqp' });
    expect([same.status, same.iterations <= 1]).toEqual(['converged', true]);
    const near = hs71({ start: point.x, startMultipliers: point, rowLower: [25.1, 40.2], rowUpper: [INF, 40.2] });
    const next = nonlinearProgram(near);
    const cold = nonlinearProgram({ ...near, start: [1, 5, 5, 1], startMultipliers: undefined });
    expect(next.status).toBe('converged');
    expect(next.objective).toBeCloseTo(cold.objective, 6);
    expect(next.iterations).toBeLessThanOrEqual(3);
  });
});

describe('programs without a solution', () => {
  test.each(others)('a violation that cannot be reduced is infeasible, and named, by %s', (method) => {
    const program = programText(
      'x1 + x2',
      [
        ['x1^2 + x2^2', -INF, 1],
        ['x1 + x2', 3, INF],
      ],
      { start: [0, 0] },
    );
    const { status, point } = nonlinearProgram(program, { method });
    expect(status).toBe('infeasible');
    const found = violations(program, point.x);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(({ kind }) => kind === 'row')).toBe(true);
    // The multipliers are those of the least violation: both rows take part.
    expect(point.rows[0]).toBeLessThan(0);
    expect(point.rows[1]).toBeGreaterThan(0);
  });

  test.each(all)('an objective without a minimum is unbounded by %s', (method) => {
    const { status, objective } = nonlinearProgram(programText('x1^3 + x2', [], { start: [-0.5, 0] }), { method });
    expect(status).toBe('unbounded');
    expect(objective).toBeLessThan(-1e19);
  });

  test('nor has one with rows, of which penalties cannot say so', () => {
    const program = programText('x1^3 + x2', [['x1 - x2', 0, 0]], { start: [-0.5, 0] });
    expect(nonlinearProgram(program, { method: 'sqp' }).status).toBe('unbounded');
    const { status, next } = nonlinearProgram(program, { method: 'augmented-lagrangian' });
    expect(status).toBe('stalled');
    expect(next).toMatch(/falls without end/);
  });

  test.each(all)('contradictory bounds, and functions without a value, by %s', (method) => {
    const crossed = nonlinearProgram(rosenbrock({ lower: [2, 0], upper: [1, 1] }), { method });
    expect([crossed.status, crossed.iterations]).toEqual(['infeasible', 0]);
    expect(crossed.next).toMatch(/Correct the bounds of x1/);
    const nowhere = programText('log(x1)', [], { start: [-1] });
    expect(() => nonlinearProgram(nowhere, { method })).toThrow(/objective is NaN at the initial/);
  });
});

describe('degenerate programs', () => {
  test.each([...others, 'interior-point'] as const)('repeated and dependent rows by %s', (method) => {
    const program = programText(
      '(x1-2)^2 + (x2-1)^2',
      [
        ['x1 + x2', 1, 1],
        ['x1 + x2', 1, 1],
        ['2*x1 + 2*x2', 2, 2],
        ['x1 - x2', -INF, INF],
      ],
      { start: [5, 5] },
    );
    const { status, point } = nonlinearProgram(program, { method });
    expect(status).toBe('converged');
    expect(Array.from(point.x)).toEqual([expect.closeTo(1, 6), expect.closeTo(0, 6)]);
    expect(point.rows[3]).toBeCloseTo(0, 12);
  });

  test.each(all)('fixed variables, and no variables, by %s', (method) => {
    const program = rosenbrock({ lower: [0.5, -INF], upper: [0.5, INF] });
    const { status, point } = nonlinearProgram(program, { method });
    expect(status).toBe('converged');
    expect(point.x[0]).toBe(0.5);
    expect(optimalityResiduals(program, point).relative).toBeLessThanOrEqual(1e-8);
    const nothing = nonlinearProgram(programText('4', [], { start: [] }), { method });
    expect([nothing.status, nothing.objective]).toEqual(['converged', 4]);
  });

  test.each(all)('a function that fails away from the start by %s', (method) => {
    const { status, point } = nonlinearProgram(programText('-log(2 - x1^2) + x1', [], { start: [-1.2] }), { method });
    expect(status).toBe('converged');
    expect(point.x[0]).toBeCloseTo(1 - Math.sqrt(3), 7);
  });
});

describe('choice of the method', () => {
  test('by rows, derivatives and initial multipliers', () => {
    expect(methodFor(hs71())).toBe('interior-point');
    expect(methodFor(firstOrder(rosenbrock()))).toBe('bounded-lbfgs');
    const { point } = nonlinearProgram(hs71());
    expect(methodFor(hs71({ startMultipliers: point }))).toBe('sqp');
  });

  test('what a method cannot do is refused', () => {
    expect(() => nonlinearProgram(hs71(), { method: 'bounded-lbfgs' })).toThrow(
      /bounds alone, but this one has 2 rows/,
    );
    expect(() => nonlinearProgram(hs71(), { method: 'sqp', mu: 0.1 })).toThrow(/method 'sqp' has no option 'mu'/);
    expect(() => nonlinearProgram(hs71(), { method: 'simplex' as 'sqp' })).toThrow(/simplex/);
  });

  test('options that there are not', () => {
    const refusesUnknown = (name: string, call: (more: object) => unknown) =>
      expect(() => call({ los: 1 })).toThrow(`${name} has no option 'los'`);
    refusesUnknown('sqpIterates', (more) => [...sqpIterates(hs71(), more)]);
    refusesUnknown('programLagrangianIterates', (more) => [...programLagrangianIterates(hs71(), more)]);
    refusesUnknown('boundedLbfgsIterates', (more) => [...boundedLbfgsIterates(rosenbrock(), more)]);
  });
});

describe('audit', () => {
  test.each(all)('a status of %s claims what its point keeps, for small and large budgets', (method) => {
    const programs = [rosenbrock(), rosenbrock({ lower: [-2, 2] }), ...(method === 'bounded-lbfgs' ? [] : [hs71()])];
    for (const program of programs) {
      for (const maxIter of [0, 1, 4, 3000]) {
        const { status, point, objective } = nonlinearProgram(program, { method, maxIter });
        const { relative } = optimalityResiduals(program, point);
        expect(objective).toBe(program.functions.objective(point.x));
        expect(point.residuals.relative).toBeCloseTo(relative, 12);
        expect(status).toBe(relative <= 1e-8 ? 'converged' : 'iteration-limit');
        if (maxIter === 3000) expect(status).toBe('converged');
      }
    }
  });

  test.each(all)('%s ends when it is told to', (method) => {
    expect(nonlinearProgram(rosenbrock(), { method, timeLimit: 0 }).status).toBe('time-limit');
    const stop = new AbortController();
    const onIterate = ({ iteration }: { iteration: number }) => iteration === 2 && stop.abort();
    expect(nonlinearProgram(rosenbrock(), { method, signal: stop.signal, onIterate }).status).toBe('aborted');
  });

  test('the certificate is the error of the iterate', () => {
    const { certificate, trace } = run(sqpIterates(hs71()));
    expect(certificate!.value).toBeLessThanOrEqual(1e-8);
    expect(trace[0].certificate).toBeGreaterThan(0.1);
  });
});
