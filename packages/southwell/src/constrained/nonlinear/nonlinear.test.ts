import { run } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { interiorPointIterates, nonlinearProgram, optimalityResiduals, violations } from '../index.ts';
import { quadraticProgram } from '../quadratic/index.ts';
import type { NonlinearProgram } from './program.ts';
import { sensitivity } from './sensitivity.ts';
import { programText } from './testing.ts';

const INF = Number.POSITIVE_INFINITY;

/** Hock and Schittkowski's problem 71. */
const hs71 = (more: Partial<NonlinearProgram> = {}) =>
  programText(
    'x1*x4*(x1+x2+x3) + x3',
    [
      ['x1*x2*x3*x4', 25, INF],
      ['x1^2 + x2^2 + x3^2 + x4^2', 40, 40],
    ],
    { lower: [1, 1, 1, 1], upper: [5, 5, 5, 5], start: [1, 5, 5, 1], ...more },
  );
const BEST_71 = 17.014017289152;

describe('solutions that are known', () => {
  test('the nearest point of a circle, with its multiplier', () => {
    const program = programText('(x1-2)^2 + x2^2', [['x1^2 + x2^2', 1, 1]], { start: [0.3, 0.4] });
    const { point, status, objective } = nonlinearProgram(program);
    expect(status).toBe('converged');
    expect(point.x[0]).toBeCloseTo(1, 8);
    expect(point.x[1]).toBeCloseTo(0, 6);
    // The least objective is (√b − 2)², whose derivative at b = 1 is −1.
    expect(point.rows[0]).toBeCloseTo(-1, 7);
    expect(objective).toBeCloseTo(1, 8);
  });

  test.each([{}, { barrier: 'adaptive' }, { hessian: 'limited-memory' }, { scaling: 'none' }, { mu: 1e-3 }] as const)(
    'problem 71 with %o',
    (options) => {
      const program = hs71();
      const { point, status, objective } = nonlinearProgram(program, options);
      expect(status).toBe('converged');
      expect(objective).toBeCloseTo(BEST_71, 6);
      const { relative } = optimalityResiduals(program, point);
      expect(relative).toBeLessThanOrEqual(1e-8);
      expect(violations(program, point.x)).toEqual([]);
      // A lower side has a multiplier of at least 0; x1 is at its lower bound.
      expect(point.rows[0]).toBeGreaterThan(0.5);
      expect(point.bounds[0]).toBeGreaterThan(1);
    },
  );

  test('a convex quadratic program as the other solver finds it', () => {
    const number = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(fc.array(number, { minLength: 20, maxLength: 20 }), (v) => {
        // ½xᵀ(BᵀB + I)x + qᵀx with one equality, one range and bounds.
        const B = [v.slice(0, 3), v.slice(3, 6), v.slice(6, 9)];
        const P = [0, 1, 2].map((i) =>
          [0, 1, 2].map((j) => (i === j ? 1 : 0) + B.reduce((sum, row) => sum + row[i] * row[j], 0)),
        );
        const q = v.slice(9, 12);
        const terms = P.flatMap((row, i) => row.map((p, j) => `${p / 2}*x${i + 1}*x${j + 1}`.replace('--', '+')));
        const text = [...terms, ...q.map((c, i) => `(${c})*x${i + 1}`)].map((t) => `(${t})`).join('+');
        const rows = [v.slice(12, 15), v.slice(15, 18)];
        const linear = (a: readonly number[]) => a.map((c, j) => `(${c})*x${j + 1}`).join('+');
        const sides = { rowLower: [0.1, -0.5], rowUpper: [0.1, 0.5], lower: [-1, -1, -1], upper: [1, 1, 1] };
        const exact = quadraticProgram({ P, q, A: rows, ...sides });
        fc.pre(exact.status === 'converged' && Math.max(...rows[0].map(Math.abs)) > 0.1);
        const program = programText(
          text,
          [
            [linear(rows[0]), 0.1, 0.1],
            [linear(rows[1]), -0.5, 0.5],
          ],
          { lower: sides.lower, upper: sides.upper, start: [0, 0, 0] },
        );
        const found = nonlinearProgram(program);
        expect(found.status).toBe('converged');
        expect(found.objective).toBeCloseTo(exact.objective, 6);
        for (let j = 0; j < 3; j++) expect(found.point.x[j]).toBeCloseTo(exact.point.x[j], 3);
      }),
      { numRuns: 30 },
    );
  });

  test('with the multipliers of its solution a program starts where it ended', () => {
    const { point, iterations } = nonlinearProgram(hs71());
    const again = nonlinearProgram(hs71({ start: point.x, startMultipliers: point }));
    expect(again.status).toBe('converged');
    expect(again.objective).toBeCloseTo(BEST_71, 6);
    expect(again.iterations).toBeLessThan(iterations / 2);
  });
});

describe('programs without a solution', () => {
  test('a violation that cannot be reduced is infeasible, and named', () => {
    const program = programText(
      'x1 + x2',
      [
        ['x1^2 + x2^2', -INF, 1],
        ['x1 + x2', 3, INF],
      ],
      { start: [0, 0] },
    );
    const { status, point } = nonlinearProgram(program);
    expect(status).toBe('infeasible');
    const found = violations(program, point.x);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(({ kind }) => kind === 'row')).toBe(true);
    expect(found[0].violation).toBeGreaterThanOrEqual(found.at(-1)!.violation);
  });

  test('an objective without a minimum is unbounded', () => {
    const { status, objective } = nonlinearProgram(programText('x1^3 + x2', [['x1 - x2', 0, 0]], { start: [0.5, 0] }));
    expect(status).toBe('unbounded');
    expect(objective).toBeLessThan(-1e19);
  });

  test('contradictory bounds are infeasible at once, and named', () => {
    const { status, next, iterations } = nonlinearProgram(hs71({ lower: [1, 7, 1, 1] }));
    expect([status, iterations]).toEqual(['infeasible', 0]);
    expect(next).toMatch(/Correct the bounds of x2/);
  });

  test('functions without a value at the start are refused by name', () => {
    expect(() => nonlinearProgram(programText('log(x1)', [], { start: [-1] }))).toThrow(
      /objective is NaN at the initial/,
    );
    const row = programText('x1', [['sqrt(x1)', 0, 1]], { start: [-1] });
    expect(() => nonlinearProgram(row)).toThrow(/Row 'c1' is NaN/);
  });

  test('a start at which only the bounds help is moved off them', () => {
    const { status, objective } = nonlinearProgram(programText('x1 - log(x1)', [], { lower: [0], start: [-3] }));
    expect(status).toBe('converged');
    expect(objective).toBeCloseTo(1, 8);
  });
});

describe('degenerate programs', () => {
  test('no rows, no bounds, no variables', () => {
    const free = nonlinearProgram(programText('(x1-3)^4 + (x1-x2)^2', [], { start: [0, 0] }));
    expect(free.status).toBe('converged');
    expect(free.point.x[0]).toBeCloseTo(3, 1);
    const none = nonlinearProgram({
      functions: {
        ...{ variables: 0, constraints: 0, objective: () => 4, gradient: () => {}, constraintValues: () => {} },
        jacobian: { rows: 0, cols: 0, colPointers: Int32Array.of(0), rowIndices: new Int32Array(0) },
        jacobianValues: () => {},
      },
    });
    expect([none.status, none.objective]).toEqual(['converged', 4]);
  });

  test('fixed variables keep their values and have multipliers', () => {
    const program = hs71({ lower: [1, 4.7, 1, 1], upper: [1, 4.7, 5, 5] });
    const { status, point } = nonlinearProgram(program);
    expect(status).toBe('converged');
    expect([point.x[0], point.x[1]]).toEqual([1, 4.7]);
    expect(optimalityResiduals(program, point).relative).toBeLessThanOrEqual(1e-8);
  });

  test('all variables fixed: feasible or not', () => {
    const fixed = (value: number) =>
      nonlinearProgram(programText('x1', [['x1', 1, 2]], { lower: [value], upper: [value], start: [0] }));
    expect(fixed(1.5).status).toBe('converged');
    expect(fixed(3).status).toBe('infeasible');
  });

  test('coefficients of 1e20 and 1e−20', () => {
    for (const scale of ['1e20', '1e-20']) {
      const { point, status } = nonlinearProgram(
        programText(`${scale}*(x1^2 + x2^2)`, [['x1 + x2', 2, 2]], { start: [3, 0] }),
      );
      expect(status).toBe('converged');
      expect(point.x[0] + point.x[1]).toBeCloseTo(2, 8);
    }
  });

  test('NaN, infinite and missing numbers are refused', () => {
    expect(() => nonlinearProgram(hs71({ lower: [Number.NaN, 1, 1, 1] }))).toThrow(/bound of variable 'x1' is NaN/);
    expect(() => nonlinearProgram(hs71({ lower: [INF, 1, 1, 1] }))).toThrow(/lower bound of ∞/);
    expect(() => nonlinearProgram(hs71({ start: [INF, 1, 1, 1] }))).toThrow(/initial value of 'x1' is infinite/);
    expect(() => nonlinearProgram(hs71({ lower: [1, 1] }))).toThrow(/lower has 2 values, but must have 4/);
  });

  test('a function that fails away from the start is kept off its ends', () => {
    // The first step would leave the domain of the logarithm.
    const { status, objective } = nonlinearProgram(programText('-log(2 - x1^2) + x1', [], { start: [-1.2] }));
    expect(status).toBe('converged');
    // The derivative 2x/(2 − x²) + 1 is zero at 1 − √3.
    const x = 1 - Math.sqrt(3);
    expect(objective).toBeCloseTo(-Math.log(2 - x * x) + x, 8);
  });
});

test('options that there are not', () => {
  const refusesUnknown = (name: string, call: (more: object) => unknown) =>
    expect(() => call({ los: 1 })).toThrow(`${name} has no option 'los'`);
  refusesUnknown('interiorPointIterates', (more) => [...interiorPointIterates(hs71(), more)]);
  refusesUnknown('nonlinearProgram', (more) => nonlinearProgram(hs71(), more));
});

describe('limits', () => {
  test('statuses are those of what stopped the run', () => {
    expect(nonlinearProgram(hs71(), { maxIter: 2 }).status).toBe('iteration-limit');
    expect(nonlinearProgram(hs71(), { timeLimit: 0 }).status).toBe('time-limit');
    const stop = new AbortController();
    const { status, point } = nonlinearProgram(hs71(), {
      signal: stop.signal,
      onIterate: ({ iteration }) => iteration === 3 && stop.abort(),
    });
    expect(status).toBe('aborted');
    expect(point.x.every((v) => v >= 1 && v <= 5)).toBe(true);
  });

  test('the certificate is the error of the iterate', () => {
    const { certificate, trace } = run(interiorPointIterates(hs71()));
    expect(certificate!.relative).toBeLessThanOrEqual(1e-8);
    expect(trace[0].certificate).toBeGreaterThan(0.1);
  });
});

describe('sensitivity', () => {
  test('is the derivative of the solution by a side', () => {
    const program = hs71();
    const solve = (more: Partial<NonlinearProgram>) => nonlinearProgram(hs71(more), { tol: 1e-11 });
    const { point } = solve({});
    const step = 1e-4;
    const up = solve({ rowLower: [25 + step, 40] });
    const down = solve({ rowLower: [25 - step, 40] });
    const found = sensitivity(program, point, { row: 0 });
    expect(found.objective).toBeCloseTo((up.objective - down.objective) / (2 * step), 5);
    for (let j = 0; j < 4; j++) expect(found.x[j]).toBeCloseTo((up.point.x[j] - down.point.x[j]) / (2 * step), 4);
    // The bound of x1 is active, those of x2 are not.
    expect(sensitivity(program, point, { variable: 0 }).x[0]).toBeCloseTo(1, 10);
    expect(sensitivity(program, point, { variable: 1 }).x).toEqual(new Float64Array(4));
    expect(() => sensitivity(program, point, { row: 2 })).toThrow(/no row 2/);
  });

  test('has no value where the active sides depend on each other', () => {
    const program = programText(
      '(x1-2)^2',
      [
        ['x1', -INF, 1],
        ['2*x1', -INF, 2],
      ],
      { start: [0] },
    );
    const { point } = nonlinearProgram(program);
    expect(() => sensitivity(program, point, { row: 0 })).toThrow();
  });
});
