import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random, run } from '@southwell/numerics/core';
import { lu } from '@southwell/numerics/linalg';
import { projectBall, projectBox, projectSimplex } from '@southwell/numerics/projections';
import { expect, test } from 'vitest';
import { type ExtragradientState, extragradient, extragradientIterates } from './extragradient.ts';
import { matrixGame } from './games/matrixGame.ts';
import { gapFunction } from './games/payoffs.ts';
import { lipschitzEstimate, saddle } from './operators.ts';

const product = saddle({ gradX: (_, y) => y, gradY: (x) => x, dx: 1, dy: 1 });

/** z ↦ Kz + c, monotone: K is skew-symmetric plus λI. */
function affine(n: number, lambda: number, seed: number) {
  const random = new Random(seed);
  const K = Array.from({ length: n }, () => new Float64Array(n));
  for (let i = 0; i < n; i++) {
    K[i][i] = lambda;
    for (let j = 0; j < i; j++) {
      K[i][j] = random.normal();
      K[j][i] = -K[i][j];
    }
  }
  const c = Float64Array.from({ length: n }, () => random.normal());
  const F = (z: Float64Array) => Float64Array.from(K, (row, i) => row.reduce((sum, v, j) => sum + v * z[j], c[i]));
  const solution = lu(DenseMatrix.fromRows(K)).solve(c.map((v) => -v));
  return { F, solution, K };
}

test('descent and ascent in turn spiral out of x·y, and extragradient converges', () => {
  let z = Float64Array.of(1, 1);
  for (let k = 0; k < 100; k++) z = z.map((v, i) => v - 0.3 * product(z)[i]);
  expect(Math.hypot(...z)).toBeGreaterThan(50);
  for (const options of [{}, { step: 0.3 }]) {
    const { point, status } = extragradient(product, [1, 1], { tol: 1e-10, ...options });
    expect(status).toBe('converged');
    expect(Math.hypot(...point.z)).toBeLessThan(2e-10);
  }
});

test('one constant step is the formula', () => {
  const { point } = extragradient(product, [1, 2], { step: 0.5, tol: 0, maxIter: 1 });
  // z½ = (1 − 0.5·2, 2 + 0.5·1) = (0, 2.5); z⁺ = (1 − 0.5·2.5, 2 + 0.5·0).
  expect([...point.z]).toEqual([-0.25, 2]);
  expect([...point.zAverage]).toEqual([0, 2.5]);
});

test.each([1e-3, 1, 1e3])('affine operators in units of %d reach the solution of the linear system', (unit) => {
  const { F, solution } = affine(20, 0.3, 3);
  const { point, status } = extragradient((z) => F(z).map((v) => v * unit), new Float64Array(20), { tol: 1e-11 });
  expect(status).toBe('converged');
  for (const [i, v] of solution.entries()) expect(point.z[i]).toBeCloseTo(v, 8);
});

test('projections: the residual vanishes at a point of the set from which no direction leads down', () => {
  const { F } = affine(8, 0.5, 4);
  for (const prox of [
    (z: Float64Array) => projectBall(z, 0.2),
    (z: Float64Array) => projectBox(z, 0, 0.1),
    (z: Float64Array) => projectSimplex(z),
  ]) {
    const { point, status } = extragradient(F, new Float64Array(8), { tol: 1e-11, prox });
    expect(status).toBe('converged');
    const value = F(point.z);
    const random = new Random(1);
    for (let k = 0; k < 50; k++) {
      const other = prox(Float64Array.from({ length: 8 }, () => random.normal()));
      expect(other.reduce((sum, v, i) => sum + value[i] * (v - point.z[i]), 0)).toBeGreaterThan(-1e-8);
    }
  }
});

test('the averaged point of a game on simplices has a gap of O(1/k), certified by the gap function', () => {
  const random = new Random(6);
  const A = Array.from({ length: 6 }, () => Array.from({ length: 5 }, () => random.normal()));
  const gapOf = gapFunction(A);
  const F = saddle({
    // The row player maximises, so that y comes first.
    gradX: (_, x) => A[0].map((_, j) => A.reduce((sum, row, i) => sum + row[j] * x[i], 0)),
    gradY: (y) => A.map((row) => row.reduce((sum, a, j) => sum + a * y[j], 0)),
    dx: 5,
    dy: 6,
  });
  const prox = (z: Float64Array) => {
    const out = new Float64Array(11);
    out.set(projectSimplex(z.subarray(0, 5)));
    out.set(projectSimplex(z.subarray(5)), 5);
    return out;
  };
  const start = new Float64Array(11).fill(1 / 5, 0, 5).fill(1 / 6, 5);
  const gap = (z: Float64Array) => gapOf(z.subarray(5), z.subarray(0, 5)).gap;
  const { point, status, certificate } = extragradient(F, start, { prox, gap, tol: 1e-3 });
  expect(status).toBe('converged');
  expect(certificate!.kind).toBe('dualityGap');
  const { value } = matrixGame(A, { tol: 1e-13 }).point;
  const bounds = gapOf(point.zAverage.subarray(5), point.zAverage.subarray(0, 5));
  expect(bounds.lower).toBeLessThanOrEqual(value);
  expect(bounds.upper).toBeGreaterThanOrEqual(value);
});

test('a constant step beyond 1/L diverges and says so; no step is too long for the adaptive rule', () => {
  const { status, next, point } = extragradient(product, [1, 1], { step: 5 });
  expect([status, next]).toEqual(['diverged', 'Use a smaller step, or none to adapt it.']);
  expect(point.z.every(Number.isFinite)).toBe(true);
  expect(extragradient(product, [1, 1], { initialStep: 1e8 }).status).toBe('converged');
});

test('a start at the solution, and bad input', () => {
  expect(extragradient(product, [0, 0])).toMatchObject({ status: 'converged', iterations: 0 });
  expect(() => extragradient(product, [])).toThrow('at least one value');
  expect(() => extragradient(product, [1, Number.NaN])).toThrow('The starting point has NaN in entry 2');
  expect(() => extragradient((z) => z.slice(1), [1, 2])).toThrow('The operator returned 1 values at a point of 2');
  expect(() => extragradient((z) => z.map(() => Number.NaN), [1, 2])).toThrow('not finite at the starting point');
  expect(() => extragradient(product, [1, 1], { step: -1 })).toThrow('step must be finite and above 0, but is -1');
  expect(() => saddle({ gradX: () => [], gradY: () => [], dx: 0, dy: 1 })).toThrow('dx must be a whole number');
  expect(() => saddle({ gradX: () => [1, 2], gradY: () => [1], dx: 1, dy: 1 })(Float64Array.of(1, 1))).toThrow(
    'gradX returned 2 values where x has 1',
  );
});

test('unknown options', () => {
  const refusesUnknown = (name: string, call: (more: object) => unknown) =>
    expect(() => call({ tool: 1 })).toThrow(`${name} has no option 'tool'`);
  refusesUnknown('extragradient', (more) => extragradient(product, [1, 1], more));
  refusesUnknown('extragradientIterates', (more) => extragradientIterates(product, [1, 1], more).next());
  refusesUnknown('lipschitzEstimate', (more) => lipschitzEstimate(product, [1, 1], more));
  refusesUnknown('saddle', (more) => saddle({ gradX: () => [1], gradY: () => [1], dx: 1, dy: 1, ...more }));
});

test('a run that was cut short goes on with the same bits', () => {
  const { F } = affine(10, 0.2, 9);
  const start = new Float64Array(10).fill(1);
  let state: unknown;
  run(extragradientIterates(F, start), { maxIter: 7, checkpoint: { save: (s) => (state = structuredClone(s)) } });
  const whole = extragradient(F, start, { maxIter: 40, tol: 0 });
  const rest = extragradient(F, start, { maxIter: 40, tol: 0, resume: state as ExtragradientState });
  expect(rest.point).toEqual(whole.point);
  expect(rest.work).toEqual(whole.work);
});

test('the Lipschitz estimate of a normal matrix is its norm, and a lower bound for others', () => {
  const { F } = affine(12, 0.5, 2);
  const { K } = affine(12, 0.5, 2);
  const largest = Math.sqrt(Math.max(...powerOf(K)));
  expect(lipschitzEstimate(F, new Float64Array(12), { iterations: 400 })).toBeCloseTo(largest, 4);
  expect(lipschitzEstimate((z) => Float64Array.of(z[1], 0), [0, 0])).toBeLessThanOrEqual(1 + 1e-9);
  expect(lipschitzEstimate((z) => z.map(() => 3), [1, 2])).toBe(0);
});

/** The largest eigenvalue of KᵀK, by many steps of the power method. */
function powerOf(K: Float64Array[]): number[] {
  let v = Float64Array.from(K, (_, i) => 1 + Math.sin(i));
  let value = 0;
  for (let k = 0; k < 3000; k++) {
    const w = K.map((row) => row.reduce((sum, a, j) => sum + a * v[j], 0));
    v = Float64Array.from(K, (_, j) => K.reduce((sum, row, i) => sum + row[j] * w[i], 0));
    value = Math.hypot(...v);
    v = v.map((a) => a / value);
  }
  return [value];
}
