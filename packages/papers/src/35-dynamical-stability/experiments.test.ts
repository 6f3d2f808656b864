import { DenseMatrix, Random } from 'southwell';
import { stabilityAnalysis } from 'southwell/diagnostics';
import { expect, test } from 'vitest';
import { rankCorrelation } from '../rankCorrelation.ts';
import { expectAbort } from '../testing.ts';
import batches from './experiments/batches.ts';
import { diagonalDescent, diagonalJacobian, normals, simulatedGrowth, sparseProblem } from './lab.ts';
import { twoLayerJacobian, twoLayerLoss, twoLayerProblem } from './twoLayer.ts';

const none = async () => {};

test('the Jacobian of a diagonal network is that of differences, and its trace and norm obey theirs', () => {
  const [n, d] = [6, 5];
  const random = new Random(2);
  const X = normals(random, n * d);
  const [a, b] = [normals(random, d), normals(random, d)];
  const J = diagonalJacobian(X, n, a, b);
  const output = (i: number, u: Float64Array, v: Float64Array) =>
    u.reduce((sum, w, j) => sum + w * v[j] * X[i * d + j], 0);
  const moved = (v: Float64Array, j: number, h: number) => v.map((w, k) => (k === j ? w + h : w));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) {
      const along = (h: number) => [output(i, moved(a, j, h), b), output(i, a, moved(b, j, h))];
      const [up, down] = [along(1e-5), along(-1e-5)];
      expect(J.get(i, j)).toBeCloseTo((up[0] - down[0]) / 2e-5, 8);
      expect(J.get(i, d + j)).toBeCloseTo((up[1] - down[1]) / 2e-5, 8);
    }
  }
  // tr H = Σ E x²(a² + b²), which is at least 2·min E x²·‖a⊙b‖₁.
  const squares = Array.from({ length: d }, (_, j) =>
    Array.from({ length: n }, (__, i) => X[i * d + j] ** 2 / n).reduce((p, q) => p + q, 0),
  );
  const { trace } = stabilityAnalysis(J);
  expect(trace).toBeCloseTo(
    squares.reduce((sum, s, j) => sum + s * (a[j] ** 2 + b[j] ** 2), 0),
    10,
  );
  const least = Math.min(...squares);
  expect(trace).toBeGreaterThan(2 * least * a.reduce((sum, v, j) => sum + Math.abs(v * b[j]), 0));
  // Factors that are scaled against each other are the same function at another trace.
  const other = stabilityAnalysis(
    diagonalJacobian(
      X,
      n,
      a.map((v) => 3 * v),
      b.map((v) => v / 3),
    ),
  );
  expect(Math.abs(other.trace / trace - 1)).toBeGreaterThan(0.1);
});

test('the Jacobian of a two-layer network is that of differences, its trace that of the formula, and its loss that of zero', () => {
  const { X, d, units, start, n, y } = twoLayerProblem(new Random(5), 7, 4, 6);
  const { W, a } = start;
  const J = twoLayerJacobian(start, X, n, d);
  const output = (i: number, u: Float64Array, v: Float64Array) =>
    v.reduce((sum, c, j) => {
      let z = 0;
      for (let k = 0; k < d; k++) z += u[j * d + k] * X[i * d + k];
      return sum + c * Math.max(0, z);
    }, 0);
  const moved = (v: Float64Array, j: number, h: number) => v.map((w, k) => (k === j ? w + h : w));
  let trace = 0;
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < W.length + units; k++) {
      const at = (h: number) => (k < W.length ? output(i, moved(W, k, h), a) : output(i, W, moved(a, k - W.length, h)));
      const slope = (at(1e-7) - at(-1e-7)) / 2e-7;
      expect(J.get(i, k)).toBeCloseTo(slope, 6);
      trace += slope ** 2 / n;
    }
  }
  expect(stabilityAnalysis(J).trace).toBeCloseTo(trace, 5);
  const none = twoLayerLoss({ W, a: a.map(() => 0) }, X, y, d);
  expect(none).toBeCloseTo(y.reduce((sum, v) => sum + v * v, 0) / (2 * n), 12);
  // A kink has the slope 0.
  const still = twoLayerJacobian({ W: W.map(() => 0), a }, X, n, d);
  expect(still.data.every((v) => v === 0)).toBe(true);
});

test('simulated full gradients grow by (1 − ηλ)², and runs that diverge say so', async () => {
  const J = DenseMatrix.fromRows([[2]]);
  const options = { rate: 0.1, batch: Number.POSITIVE_INFINITY, chains: 3, steps: 4 };
  expect(await simulatedGrowth(J, options, new Random(1), none)).toBeCloseTo(0.6 ** 8, 12);
  const problem = sparseProblem(new Random(3));
  const wild = await diagonalDescent(problem, { rate: 5, batch: 1, steps: 1000 }, new Random(4), none);
  expect(wild.status).toBe('diverged');
  const short = await diagonalDescent(problem, { rate: 1e-4, batch: 1, steps: 10 }, new Random(4), none);
  expect([short.status, short.steps, short.stability]).toEqual(['unfinished', 10, undefined]);
  expect(rankCorrelation([1, 2, 3, 4], [9, 7, 5, 1])).toBe(-1);
  expect(rankCorrelation([1, 2, 3, 4], [1, 3, 2, 9])).toBeCloseTo(0.8, 14);
});

test('an abort ends a run by its reason, soon', () => expectAbort(batches));
