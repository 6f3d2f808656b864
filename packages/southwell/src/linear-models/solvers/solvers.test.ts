/** Every solver with every penalty and loss that it can take, against each other and against definitions written out here. */

import { CscMatrix, DenseMatrix, type Matrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { logistic, poisson, squared } from '../../losses/index.ts';
import { type Penalty, type PenaltyName, type PenaltySpec, penalties } from '../../penalties/index.ts';
import {
  huberRegression,
  LinearProblem,
  type LinearSolver,
  type LossName,
  lasso,
  linearSolvers,
  mcpRegression,
  penalisedRegression,
  poissonRegression,
  type SolverName,
} from '../index.ts';
import { LOSS_NAMES, lossNamed } from '../namedLosses.ts';
import { fits } from './needs.ts';

const [n, p] = [60, 9];
const random = new Random(12);
const rows = Array.from({ length: n }, () =>
  Array.from({ length: p }, (_, j) => (random.uniform() < 0.3 ? 0 : random.normal() + (j === 4 ? 2 : 0))),
);
const dense = DenseMatrix.fromRows(rows);
const sparse = CscMatrix.fromDense(dense);
const signal = rows.map((x) => 0.9 * x[0] - 0.7 * x[1] + 0.5 * x[4] + 0.5 * random.normal());
const labels = signal.map((s) => (s + random.normal() > 1 ? 1 : 0));
const counts = signal.map((s) => Math.round(Math.exp(0.4 * s)));
const positive = signal.map((s) => Math.exp(0.4 * s));
const cox = { time: positive.map((t) => 1 / t), event: signal.map((_, i) => (i % 4 === 0 ? 0 : 1)) };
const targets: Partial<Record<LossName, unknown>> = {
  logistic: labels,
  'squared-hinge': labels,
  poisson: counts,
  gamma: positive,
  tweedie: counts,
  cox,
};
const sampleWeight = Float64Array.from({ length: n }, (_, i) => (i % 7 === 0 ? 0 : 1 + (i % 3)));
const offset = Float64Array.from({ length: n }, (_, i) => 0.2 * Math.cos(i));

const solvers = Object.keys(linearSolvers) as SolverName[];
const names = Object.keys(penalties) as PenaltyName[];
const losses = LOSS_NAMES;

/** What the types refuse for some pairs: here all are tried. */
const make = (loss: LossName, penalty: PenaltySpec, solver: SolverName, alpha: number, tol: number) =>
  penalisedRegression({ loss, penalty, solver: solver as never, alpha, tol, delta: 0.7, smoothing: 0.5 });

const able = (solver: SolverName, loss: LossName, penalty: PenaltyName) =>
  fits(linearSolvers[solver] as LinearSolver, lossNamed(loss, {}), penalties[penalty]);

const cases = losses.flatMap((loss) => names.map((penalty): [LossName, PenaltyName] => [loss, penalty]));

describe.each(cases)('%s with %s', (loss, name) => {
  const penalty: Penalty = penalties[name];
  const specs: PenaltySpec[] = penalty.convex
    ? [{ type: name }, { type: 'elastic-net', l1Ratio: 0.4 }]
    : [{ type: name }];

  test('the default solver takes them', () => {
    expect(able('working-sets', loss, name)).toBe(true);
  });

  test.each(solvers.filter((solver) => able(solver, loss, name)))(
    '%s: its certificate is true, and converged only where it meets the tolerance',
    (solver) => {
      for (const spec of specs) {
        for (const X of [dense, sparse] as Matrix[]) {
          const fit = (s: SolverName, tol: number) =>
            make(loss, spec, s, 0.05, tol).fit(X, (targets[loss] ?? signal) as never, { sampleWeight, offset });
          const model = fit(solver, 1e-7);
          const { certificate, objective } = model.report;
          expect(model.status).toBe('converged');
          expect(certificate!.relative).toBeLessThanOrEqual(1e-7);
          if (penalty.convex) {
            // The gap bounds the distance to the best that any solver finds.
            const best = fit('working-sets', 1e-12).report.objective;
            expect(certificate!.kind).toBe('dualityGap');
            expect(objective - best).toBeLessThanOrEqual(certificate!.value + 1e-13);
            expect(objective).toBeGreaterThanOrEqual(best - 1e-10);
            // Also far from the end.
            const loose = fit(solver, 0.1);
            expect(loose.report.objective - best).toBeLessThanOrEqual(loose.report.certificate!.value + 1e-13);
          } else expect(certificate!.kind).toBe('kktResidual');
        }
      }
    },
  );

  test.each(solvers.filter((solver) => !able(solver, loss, name)))('%s refuses them in a sentence', (solver) => {
    expect(() => make(loss, { type: name }, solver, 0.05, 1e-6).fit(dense, (targets[loss] ?? signal) as never)).toThrow(
      new RegExp(`The solver ${solver} needs a .*working-sets`),
    );
  });
});

describe.each(names)('%s on orthogonal columns', (name) => {
  const penalty: Penalty = penalties[name];
  // Columns of a Hadamard matrix: with ‖x_j‖²/n = 1 the problem falls apart into proximal points.
  const m = 16;
  const X = DenseMatrix.create(m, 6);
  for (let j = 0; j < 6; j++) {
    for (let i = 0; i < m; i++) {
      let bits = i & (j + 1);
      let odd = 0;
      for (; bits > 0; bits >>= 1) odd ^= bits & 1;
      X.data[j * m + i] = odd === 1 ? -1 : 1;
    }
  }
  const truth = [2.5, -1.4, 0.9, -0.35, 0.15, 0];
  const y = Float64Array.from({ length: m }, (_, i) => 3 + truth.reduce((s, b, j) => s + b * X.get(i, j), 0));

  test.each(solvers.filter((solver) => able(solver, 'squared', name)))('%s finds the proximal points', (solver) => {
    for (const alpha of [0.1, 0.5, 1.2]) {
      const model = make('squared', { type: name }, solver, alpha, 1e-10).fit(X, y);
      const defaults = Object.fromEntries(Object.entries(penalty.parameters).map(([k, v]) => [k, v.default]));
      const { a1, a2, gamma } = penalty.unit(defaults, alpha, 1);
      truth.forEach((z, j) => {
        expect(model.coef[j]).toBeCloseTo(penalty.prox(z, 1, a1, a2, gamma, -Infinity, Infinity), 6);
      });
      expect(model.intercept).toBeCloseTo(3, 8);
    }
  });
});

describe('a pair that cannot work', () => {
  const y = Float64Array.from(signal);
  test('does not compile, and throws', () => {
    const solver = linearSolvers['proximal-gradient'];
    // @ts-expect-error MCP has no conjugate.
    expect(() => new LinearProblem(dense, y, squared(), { type: 'mcp' }, { solver })).toThrow(/convex penalty/);
    // @ts-expect-error Poisson's curvature has no bound.
    expect(() => new LinearProblem(dense, y, poisson(), { type: 'elastic-net' }, { solver })).toThrow(/has none/);
    // @ts-expect-error The same by name.
    expect(() => mcpRegression({ solver: 'proximal-gradient' }).fit(dense, y)).toThrow(/mcp is not/);
    // @ts-expect-error The same by name.
    expect(() => poissonRegression({ solver: 'proximal-gradient' }).fit(dense, counts)).toThrow(/bound/);
    const penalty = { type: 'scad' } as const;
    // @ts-expect-error The same in the estimator that takes any penalty.
    const estimator = penalisedRegression({ penalty, solver: 'proximal-gradient' });
    expect(() => estimator.fit(dense, y)).toThrow(/scad is not/);
    // @ts-expect-error There is no such solver.
    expect(() => lasso({ solver: 'proximal-gradent' })).toThrow(/did you mean proximal-gradient/);
    // @ts-expect-error There is no such penalty.
    expect(() => penalisedRegression({ penalty: { type: 'lasso' } }).fit(dense, y)).toThrow(
      /There is no penalty lasso/,
    );
  });

  test('and those that can, do', () => {
    const options = { solver: linearSolvers['proximal-gradient'], tol: 1e-8 };
    const signs = Float64Array.from(labels, (v) => (v > 0 ? 1 : -1));
    const problem = new LinearProblem(dense, signs, logistic(), { type: 'elastic-net', l1Ratio: 0.5 }, options);
    const solution = problem.solve(problem.alphaMax / 10);
    expect(solution.status).toBe('converged');
    problem.release();
    const model = lasso({ solver: 'proximal-gradient', alpha: 0.1 }).fit(dense, y);
    expect(model.report.message).toMatch(/^Converged: duality gap .* after \d+ rounds\.$/);
  });

  test('a solver of one’s own has a slot too', () => {
    const solver: LinearSolver = {
      name: 'none',
      summary: 'stays where it is',
      needs: { loss: {}, penalty: {} },
      round: 'look',
      maxIter: 1,
      start: (state) => ({
        *iterates() {
          for (let iteration = 0; ; iteration++) {
            yield { iteration, objective: state.value, work: {}, snapshot: () => state.point() };
          }
        },
        release() {},
      }),
    };
    const problem = new LinearProblem(dense, y, squared(), { type: 'mcp' }, { solver });
    expect(problem.solve(1).status).toBe('iteration-limit');
    problem.release();
  });
});

test('the second solver follows paths, cross-validates, and goes to threads by name', async () => {
  const options = { tol: 1e-9 };
  const [one, other] = (['working-sets', 'proximal-gradient'] as const).map((solver) =>
    lasso({ ...options, solver }).path(sparse, signal, { nAlphas: 8 }),
  );
  one.models.forEach((model, k) => {
    expect(other.models[k].status).toBe('converged');
    expect(other.models[k].report.objective).toBeCloseTo(model.report.objective, 9);
  });
  const cv = await lasso({ solver: 'proximal-gradient' }).crossValidate(dense, signal, { folds: 3, nAlphas: 5 });
  expect(cv.mean.every(Number.isFinite)).toBe(true);
  const { recipe } = lasso({ solver: 'proximal-gradient' });
  expect(structuredClone(recipe)).toEqual(recipe);
});

test('near interpolation, in units far apart, faces with more columns than their rank end at the certificate', () => {
  const own = new Random(160);
  const scale = Array.from({ length: 100 }, () => 10 ** (6 * own.uniform() - 3));
  const wide = Array.from({ length: 60 }, () => scale.map((s) => s * own.normal()));
  const y = wide.map((x) => x.reduce((sum, v, j) => sum + (j % 3 === 0 ? v / scale[j] : 0), 0) / 3 + own.normal());
  const X = DenseMatrix.fromRows(wide);
  for (const make of [lasso, huberRegression]) {
    const alpha = 1e-7 * make().alphaMax(X, y);
    const { report } = make({ alpha, tol: 1e-9 }).fit(X, y);
    expect(report.status).toBe('converged');
    // Not more than there are rows, as the solution of a problem in general position.
    expect((report.certificate as { active?: number }).active).toBeLessThanOrEqual(61);
  }
});
