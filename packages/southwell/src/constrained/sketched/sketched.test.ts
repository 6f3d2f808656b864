import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { programText } from '../nonlinear/testing.ts';
import { exactAugmentedLagrangian } from './merit.ts';
import { type SketchedSqpOptions, sketchedSqp, sketchedSqpIterates } from './sketchedSqp.ts';

const INF = Number.POSITIVE_INFINITY;
const circle = (start: readonly number[]) =>
  programText('x1 + 2*x2 + x1*x2', [['x1^2 + x2^2', 2, 2]], { start: Float64Array.from(start) });

test('the gradient of the exact augmented Lagrangian is that of differences', () => {
  const program = programText(
    'x1^3*x2 + exp(x3)',
    [
      ['x1^2 + x2*x3', 1, 1],
      ['sin(x3) - x1', 0, 0],
    ],
    { start: [0, 0, 0] },
  );
  const coordinate = fc.double({ min: -2, max: 2, noNaN: true });
  fc.assert(
    fc.property(fc.tuple(...Array.from({ length: 5 }, () => coordinate)), (at) => {
      const value = (v: readonly number[]) =>
        exactAugmentedLagrangian(
          program,
          { x: Float64Array.from(v.slice(0, 3)), rows: Float64Array.from(v.slice(3)) },
          { eta1: 3, eta2: 0.4 },
        );
      const { x, rows } = value(at);
      [...x, ...rows].forEach((given, k) => {
        const moved = (by: number) => value(at.with(k, at[k] + by)).value;
        const step = 1e-5;
        expect(Math.abs((moved(step) - moved(-step)) / (2 * step) - given)).toBeLessThan(1e-4 * (1 + Math.abs(given)));
      });
    }),
  );
});

const solvers: ReadonlyArray<readonly [string, SketchedSqpOptions]> = [
  ['rows', { solver: 'kaczmarz' }],
  ['rows by norm', { solver: 'kaczmarz', sampling: 'norms' }],
  ['blocks of rows', { solver: 'kaczmarz', blockSize: 2 }],
  ['Gaussian combinations', { solver: 'gaussian' }],
  ['accuracy as in the paper', { accuracy: 'paper', maxInner: 1e6 }],
  ['GMRES', { solver: 'gmres' }],
  ['MINRES', { solver: 'minres' }],
  ['factors', { solver: 'direct' }],
  ['factors without checks', { solver: 'direct', checks: false }],
];

describe.each(solvers)('systems by %s', (_, options) => {
  test('a program of equations; multipliers as other methods have them', () => {
    const { point, status } = sketchedSqp(circle([-1, -0.5]), options);
    expect(status).toBe('converged');
    // ∇f = y∇c.
    const { x, rows, residuals } = point;
    expect(x[0] ** 2 + x[1] ** 2).toBeCloseTo(2, 5);
    expect(1 + x[1]).toBeCloseTo(2 * rows[0] * x[0], 5);
    expect(2 + x[0]).toBeCloseTo(2 * rows[0] * x[1], 5);
    expect(Math.max(residuals.primal, residuals.dual)).toBeLessThan(1e-6);
  });
});

test('a quadratic program takes one step with factors; every step decreases the merit function', () => {
  const program = programText('x1^2 + x1*x2 + 2*x2^2 + x3^2 - x1', [['x1 + x2 + x3', 1, 1]], { start: [5, -3, 2] });
  const { iterations, status, point } = sketchedSqp(program, { solver: 'direct' });
  expect([status, iterations]).toEqual(['converged', 1]);
  expect(point.residuals.dual).toBeLessThan(1e-12);
  let last: { readonly x: Float64Array; readonly rows: Float64Array } | undefined;
  for (const { snapshot, metrics, done } of sketchedSqpIterates(circle([2, 1]), { seed: 3 })) {
    const at = snapshot();
    const eta = { eta1: metrics!.eta1, eta2: metrics!.eta2 };
    if (last) {
      const [now, before] = [at, last].map((p) => exactAugmentedLagrangian(circle([0, 0]), p, eta).value);
      expect(now).toBeLessThan(before);
    }
    last = at;
    if (done) break;
  }
});

test('unit steps at the end, and superlinear ones as the accuracy grows', () => {
  const program = programText('x1^4 + x2^2 + x1*x2', [['x1*exp(x2)', 1, 1]], { start: [1.5, 0.5] });
  const errors: number[] = [];
  let alpha = 0;
  for (const { metrics, done } of sketchedSqpIterates(program, { tol: 1e-10, theta: 1e-4, seed: 1 })) {
    errors.push(metrics!.kkt);
    alpha = metrics!.alpha;
    if (done) break;
  }
  expect(alpha).toBe(1);
  const ratios = errors.slice(1).map((error, k) => error / errors[k]);
  expect(ratios.at(-1)).toBeLessThan(0.01);
});

test('unknown options', () => {
  const refusesUnknown = (name: string, call: (more: object) => unknown) =>
    expect(() => call({ los: 1 })).toThrow(`${name} has no option 'los'`);
  refusesUnknown('sketchedSqp', (more) => sketchedSqp(circle([1, 1]), more));
  refusesUnknown('sketchedSqpIterates', (more) => [...sketchedSqpIterates(circle([1, 1]), more)]);
  const at = { x: Float64Array.of(1, 1), rows: Float64Array.of(0) };
  refusesUnknown('exactAugmentedLagrangian', (more) => exactAugmentedLagrangian(circle([1, 1]), at, more));
});

describe('what it does not solve', () => {
  test('bounds, inequalities, functions without second derivatives', () => {
    const bounded = programText('x1', [], { start: [1], lower: [0] });
    expect(() => sketchedSqp(bounded)).toThrow("Variable 'x1' has bounds");
    const unequal = programText('x1^2', [['x1', 0, INF]], { start: [1] });
    expect(() => sketchedSqp(unequal)).toThrow("Row 'c1' is an inequality");
    const { hessian: _, hessianValues: __, ...functions } = circle([1, 1]).functions;
    expect(() => sketchedSqp({ ...circle([1, 1]), functions })).toThrow('no second derivatives');
    expect(() => sketchedSqp(circle([1, 1]), { solver: 'direct', blockSize: 2 })).toThrow('has no blocks');
    expect(() => sketchedSqp(circle([1, 1]), { eta1: 0 })).toThrow(/eta1/);
    expect(() => sketchedSqp(circle([1, 1]), { delta: 0 })).toThrow(/delta/);
    expect(() => sketchedSqp(programText('log(x1)', [], { start: [-1] }))).toThrow(/objective is NaN at the initial/);
  });

  test('dependent rows, more rows than variables, and equations without a solution are told', () => {
    const dependent = programText(
      'x1^2 + x2^2',
      [
        ['x1 + x2', 1, 1],
        ['2*x1 + 2*x2', 2, 2],
      ],
      { start: [3, 1] },
    );
    for (const program of [
      dependent,
      programText(
        'x1^2',
        [
          ['x1', 1, 1],
          ['x1', 2, 2],
        ],
        { start: [0] },
      ),
      programText('x1', [['x1^2', -1, -1]], { start: [0] }),
    ]) {
      const { status, next } = sketchedSqp(program);
      expect([status, next]).toEqual(['stalled', expect.stringMatching(/^Rows of the Jacobian are dependent/)]);
    }
    const none = sketchedSqp(programText('x1', [['x1^2', -1, -1]], { start: [1] }), { solver: 'direct', maxIter: 200 });
    expect(none.status).not.toBe('converged');
  });

  test('no rows: a minimum of the objective, at negative curvature too', () => {
    const well = programText('(x1^2 - 1)^2 + x2^2', [], { start: [0.1, 1] });
    for (const checks of [true, false]) {
      const { status, point } = sketchedSqp(well, { solver: 'direct', checks });
      expect([status, Math.abs(point.x[0])]).toEqual(['converged', expect.closeTo(1, 5)]);
    }
  });
});

const values = new URL('../../../../../../shared/data/s2mpj_values/s2mpj.json', import.meta.url);

test.skipIf(!existsSync(values))('problems of CUTEst with equations alone (needs ../shared)', () => {
  const { problems } = JSON.parse(readFileSync(values, 'utf8'));
  const few = problems.filter(
    (p: { n_eq: number; m: number; x_lower: unknown[] | null; x_upper: unknown[] | null }) =>
      p.n_eq === p.m && [...(p.x_lower ?? []), ...(p.x_upper ?? [])].every((v) => v === null),
  );
  expect(few.length).toBeGreaterThanOrEqual(15);
  const solved = few.filter((p: { f: string; c: string[]; c_lower: number[]; x0: number[]; name: string }) => {
    const program = programText(
      p.f,
      p.c.map((text, i) => [text, p.c_lower[i], p.c_lower[i]] as const),
      { start: p.x0 },
    );
    return sketchedSqp(program, { tol: 1e-4, seed: 1 }).status === 'converged';
  });
  expect(solved.length).toBeGreaterThanOrEqual(few.length - 1);
});
