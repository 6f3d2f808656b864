import { DenseMatrix } from '@southwell/numerics/arrays';
import { finished, Random, type RunOptions, type Status } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { linearModels, type ModelOptions } from './catalogue.ts';
import { elasticNet } from './index.ts';

/** Every model of the catalogue with too small a budget, a normal one and an abort: the status must be the truth. */

const [n, p] = [80, 30];
const random = new Random(11);
const X = DenseMatrix.fromColumnMajor(
  Float64Array.from({ length: n * p }, () => random.normal()),
  n,
  p,
);
const eta = Float64Array.from({ length: n }, (_, i) => X.get(i, 0) - 2 * X.get(i, 3) + X.get(i, 7) + random.normal());
const targets: Readonly<Record<string, unknown>> = {
  number: eta,
  count: eta.map((v) => Math.round(Math.exp(v / 3))),
  positive: eta.map((v) => Math.exp(v / 2)),
  class: Array.from(eta, (v) => (v > 0 ? 'yes' : 'no')),
  classes: Array.from(eta, (v) => (v > 1 ? 'a' : v < -1 ? 'b' : 'c')),
  numbers: Array.from({ length: n }, (_, i) => [eta[i], eta[i] + random.normal()]),
  survival: {
    time: eta.map((v) => Math.exp(v)),
    event: Int32Array.from({ length: n }, (_, i) => (i % 3 === 0 ? 0 : 1)),
  },
};
/** These say `number`, but take counts and positive numbers. */
const targetOf = (name: string): unknown =>
  name === 'poisson' || name === 'tweedie'
    ? targets.count
    : name === 'gamma'
      ? targets.positive
      : targets[linearModels[name].target];

const TOL = 1e-8;

describe.each(Object.keys(linearModels))('%s', (name) => {
  const kind = linearModels[name];
  const base: ModelOptions = {
    tol: TOL,
    ...(kind.penalised && { alpha: 0.02 }),
    ...(name.startsWith('group') && { groups: 3 }),
  };
  const fit = (options: Partial<ModelOptions> = {}, watch: RunOptions<never> = {}) =>
    kind.make({ ...base, ...options }).fit(X, targetOf(name), watch as never);

  /** The certificate decides, and nothing else. */
  const truthful = (model: ReturnType<typeof fit>): void => {
    const { status, certificate, message } = model.report;
    expect(certificate, message).toBeDefined();
    expect(status === 'converged', message).toBe(certificate!.relative <= TOL);
    expect(message.startsWith('Converged')).toBe(status === 'converged');
    if (!finished(status)) expect(message).toMatch(/^(Stopped|Diverged)/);
  };

  test('a normal budget', () => {
    const model = fit();
    truthful(model);
    expect<readonly Status[]>(['converged', 'stalled']).toContain(model.status);
  });

  test('one round only', () => {
    const model = fit({ maxIter: 1, tol: 0 });
    expect(model.status).not.toBe('completed');
    const { certificate } = model.report;
    if (model.status === 'converged') expect(certificate!.relative).toBe(0);
  });

  test('aborted at once and after the first round', () => {
    const at = fit({}, { signal: AbortSignal.abort() });
    if (at.report.certificate!.relative > TOL) expect(at.status).toBe('aborted');
    truthful(at);
    const controller = new AbortController();
    const later = fit({}, { signal: controller.signal, onIterate: (it) => it.iteration === 1 && controller.abort() });
    truthful(later);
    if (later.status === 'aborted') expect(later.report.iterations).toBe(1);
  });
});

test('the gap of a lasso is what its primal and a dual point of ours say', () => {
  const alpha = 0.1;
  const model = elasticNet({ alpha, l1Ratio: 1, tol: 1e-9, fitIntercept: false }).fit(X, eta);
  const residual = eta.map((v, i) => v - model.coef.reduce((s, b, j) => s + b * X.get(i, j), 0));
  const primal =
    residual.reduce((s, r) => s + r * r, 0) / (2 * n) + alpha * model.coef.reduce((s, b) => s + Math.abs(b), 0);
  let steepest = 0;
  for (let j = 0; j < p; j++) {
    let dot = 0;
    for (let i = 0; i < n; i++) dot += X.get(i, j) * residual[i];
    steepest = Math.max(steepest, Math.abs(dot) / n);
  }
  const s = Math.min(1, alpha / steepest);
  // sup over θ = s·r/n of −n‖θ‖²/2 + θᵀy.
  const dual = residual.reduce((sum, r, i) => sum + (s * r * eta[i]) / n - (s * r) ** 2 / (2 * n), 0);
  expect(model.report.objective).toBeCloseTo(primal, 12);
  expect(primal - dual).toBeLessThanOrEqual(1e-9 * (eta.reduce((q, v) => q + v * v, 0) / (2 * n)) * 1.01);
});
