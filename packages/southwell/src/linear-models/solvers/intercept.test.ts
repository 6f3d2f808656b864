import { CscMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { logistic } from '../../losses/index.ts';
import { LinearProblem } from '../fit.ts';

const n = 50_000;

/** A logistic loss of many rows, few of them positive, and predictors around −4. */
function lopsided(seed: number) {
  const random = new Random(seed);
  const y = Float64Array.from({ length: n }, () => (random.uniform() < 0.03 ? 1 : -1));
  const eta = Float64Array.from({ length: n }, () => -4 + 2 * random.normal());
  return { y, eta };
}

/** Σ v as a fraction of Σ|v|. */
const imbalance = (v: Float64Array): number =>
  Math.abs(v.reduce((sum, x) => sum + x, 0)) / v.reduce((sum, x) => sum + Math.abs(x), 0);

test('centring over many rows, whose value is rounded to fewer digits than its decrease, costs no halvings', () => {
  const [p, ones] = [40, 6];
  const random = new Random(3);
  const columns = Array.from({ length: p }, () => [] as number[]);
  const slopes = columns.map((_, j) => (j % 3 === 0 ? 2 * random.normal() : 0));
  const score = Float64Array.from({ length: n }, (_, i) => {
    let sum = Math.log(1 / random.uniform() - 1);
    for (const j of random.sample(p, ones)) {
      columns[j].push(i);
      sum += slopes[j];
    }
    return sum;
  });
  const top = score.slice().sort()[Math.floor(0.97 * n)];
  const starts = [0];
  for (const column of columns) starts.push(starts[starts.length - 1] + column.length);
  const rows = columns.flat();
  const X = CscMatrix.fromColumns(n, p, starts, rows, new Float64Array(rows.length).fill(1));
  let evaluations = 0;
  const counted: ReturnType<typeof logistic> = {
    ...logistic(),
    bind(y, w) {
      const bound = logistic().bind(y, w);
      return {
        ...bound,
        derivatives(...at) {
          evaluations++;
          return bound.derivatives(...at);
        },
        attach: bound.attach?.bind(bound),
        detach: bound.detach?.bind(bound),
      };
    },
  };
  const y = score.map((s) => (s > top ? 1 : -1));
  const problem = new LinearProblem(X, y, counted, { type: 'elastic-net' }, {});
  for (let k = 0; k < 15; k++) {
    expect(problem.solve(problem.alphaMax * 1e-3 ** (k / 14)).status).toBe('converged');
    expect(imbalance(problem.state.v.view)).toBeLessThan(1e-12);
  }
  // One for the step, and one or two for its intercept; those of the coarse start and of new eta are few.
  expect(evaluations).toBeLessThan(3 * problem.state.counts.newtonSteps);
  problem.release();
});

test('moves so small that the gradient is linear in them leave it and the value at those of the new predictors', () => {
  const { y, eta } = lopsided(9);
  const X = CscMatrix.fromColumns(n, 1, [0, 2], [0, 31], [1, 1]);
  const problem = new LinearProblem(X, y, logistic(), { type: 'elastic-net' }, {});
  const { state } = problem;
  expect(state.loss.steady).toBe(true);
  state.eta.view.set(eta);
  state.evaluate();
  for (const away of [1e-7, -3e-8, 1e-10]) {
    const before = state.intercept;
    for (let i = 0; i < n; i++) state.eta.view[i] += away;
    state.evaluate();
    expect(state.intercept - before).toBeCloseTo(-away, 12);
    const v = state.v.view.slice();
    expect(imbalance(v)).toBeLessThan(1e-13);
    const [fresh, d] = [new Float64Array(n), new Float64Array(n)];
    const value = state.loss.derivatives(state.eta.view.slice(), fresh, d);
    expect(Math.abs(state.value - value)).toBeLessThan(1e-12 * value);
    const errors = v.map((x, i) => Math.abs(x - fresh[i]) / Math.abs(fresh[i]));
    expect(errors.reduce((most, e) => Math.max(most, e), 0)).toBeLessThan(3e-14);
  }
  problem.release();
});
