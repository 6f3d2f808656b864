import { CscMatrix, DenseMatrix, Random } from 'southwell';
import { expect, test } from 'vitest';
import {
  best,
  blocksOf,
  constants,
  descent,
  estimates,
  lipschitzStep,
  matrixStep,
  newtonStep,
  type RivalIterate,
  variable,
} from './rival.ts';
import {
  labelsOnGraph,
  largest,
  logisticLoss,
  nonNegativeMinimiser,
  quadraticMinimiser,
  softmaxLoss,
  solved,
  squaredLoss,
} from './rivalFunctions.ts';
import { nonNegativeDescent, projectedStep, promising, thresholdedDescent } from './rivalProximal.ts';
import { colours } from './rivalTrees.ts';

const random = new Random(4);
const dense = DenseMatrix.create(12, 5);
for (let t = 0; t < dense.data.length; t++) dense.data[t] = random.normal();
const A = CscMatrix.fromDense(dense);
const y = Float64Array.from({ length: 12 }, () => random.normal());
const signs = y.map((v) => (v >= 0 ? 1 : -1));

const after = (iterates: Iterable<RivalIterate>, steps: number): RivalIterate => {
  for (const it of iterates) if (it.iteration === steps) return { ...it, x: it.x.slice() };
  throw new Error('The iterates ended.');
};

test.each([
  ['squares', squaredLoss(A, y)],
  ['logistic', logisticLoss(A, signs)],
])('slopes and Hessians of %s are those of differences of values', (_, f) => {
  const x = Float64Array.of(0.3, -0.2, 0.5, 0.1, -0.4);
  const [g, h] = [f.gradient(x), 1e-4];
  const H = f.block([1, 3], x);
  const at = (i: number, a: number, j: number, b: number) =>
    f.value(x.map((v, k) => v + (k === i ? a : 0) + (k === j ? b : 0)));
  for (let i = 0; i < 5; i++) expect((at(i, h, 0, 0) - at(i, -h, 0, 0)) / (2 * h)).toBeCloseTo(g[i], 6);
  const mixed = at(1, h, 3, h) - at(1, h, 3, -h) - at(1, -h, 3, h) + at(1, -h, 3, -h);
  expect(mixed / (4 * h * h)).toBeCloseTo(H[1], 4);
  expect(f.block([1, 3])[0]).toBeGreaterThanOrEqual(H[0]);
});

test('slopes and Hessians of softmax are those of differences of values, and the bound is none too small', () => {
  const f = softmaxLoss(
    A,
    Int32Array.from({ length: 12 }, (_, i) => i % 3),
    3,
  );
  const x = Float64Array.from({ length: 15 }, () => random.normal());
  const [b, h] = [[1, 3, 4, 10], 1e-4];
  const [g, H, bound] = [f.gradient(x), f.block(b, x), f.block(b)];
  const at = (i: number, a: number, j: number, c: number) =>
    f.value(x.map((v, k) => v + (k === i ? a : 0) + (k === j ? c : 0)));
  for (let i = 0; i < 15; i++) expect((at(i, h, 0, 0) - at(i, -h, 0, 0)) / (2 * h)).toBeCloseTo(g[i], 5);
  b.forEach((i, s) => {
    b.forEach((j, t) => {
      const mixed = at(i, h, j, h) - at(i, h, j, -h) - at(i, -h, j, h) + at(i, -h, j, -h);
      expect(mixed / (4 * h * h)).toBeCloseTo(H[s * 4 + t], 4);
    });
  });
  const d = Float64Array.from(b, () => random.normal());
  const bend = (M: Float64Array) =>
    d.reduce((sum, v, s) => sum + d.reduce((c, w, t) => c + M[s * 4 + t] * w, 0) * v, 0);
  expect(bend(bound)).toBeGreaterThan(bend(H));
});

test('an eigenvalue beside others that are near: sI − H tells them apart where powers do not', () => {
  const H = Float64Array.from({ length: 64 }, (_, at) => (at % 9 === 0 ? 1 + 1e-5 * (at / 9) : 0));
  expect(largest(H, 8)).toBeCloseTo(1 + 7e-5, 12);
});

test('a solve and an eigenvalue by hand', () => {
  const H = Float64Array.of(2, 1, 1, 2);
  expect(Array.from(solved(H, [3, 3]))).toEqual([expect.closeTo(1, 10), expect.closeTo(1, 10)]);
  expect(largest(H, 2)).toBeCloseTo(3, 10);
});

test('a path of three nodes with labels at its ends: the mean in the middle', () => {
  const W = CscMatrix.fromTriplets(3, 3, [0, 1, 1, 2], [1, 0, 2, 1], new Float64Array(4).fill(2));
  const f = labelsOnGraph(W, Float64Array.of(1, Number.NaN, 4));
  expect(quadraticMinimiser(f)[0]).toBeCloseTo(2.5, 12);
});

test('colours have no edge inside', () => {
  const path = CscMatrix.fromTriplets(
    5,
    5,
    [0, 1, 1, 2, 2, 3, 3, 4],
    [1, 0, 2, 1, 3, 2, 4, 3],
    new Float64Array(8).fill(1),
  );
  const f = labelsOnGraph(path, Float64Array.of(0, ...new Array(4).fill(Number.NaN)));
  for (const c of colours(f)) for (const i of c) for (const j of c) expect(i !== j && f.Q[i].has(j)).toBe(false);
});

test('the minimiser over x ≥ 0 has slopes of at least −λ, and −λ where it is not zero; a projected descent comes to it', () => {
  const f = squaredLoss(A, y);
  const x = nonNegativeMinimiser(f, 0.1);
  const g = f.gradient(x);
  for (let i = 0; i < 5; i++) {
    if (x[i] > 0) expect(g[i]).toBeCloseTo(-0.1, 10);
    else expect(g[i]).toBeGreaterThan(-0.1);
  }
  expect(x.some((v) => v > 0) && x.some((v) => v === 0)).toBe(true);
  after(nonNegativeDescent(f, 0.1, promising(f, 0.1, 2), projectedStep), 400).x.forEach(
    (v, i) => void expect(v).toBeCloseTo(x[i], 6),
  );
});

test('thresholded descent ends where slopes are at most λ', () => {
  const f = squaredLoss(A, y);
  const { x } = after(thresholdedDescent(f, 0.5, largest(f.block([0, 1, 2, 3, 4]), 5)), 500);
  const g = f.gradient(x);
  x.forEach(
    (v, i) =>
      void (v === 0
        ? expect(Math.abs(g[i])).toBeLessThanOrEqual(0.5)
        : expect(g[i]).toBeCloseTo(-0.5 * Math.sign(v), 8)),
  );
});

test('steps of every kind come to the least squares', () => {
  const f = squaredLoss(A, y);
  const whole = after(
    descent(
      f,
      variable(5, () => 1),
      matrixStep(f),
    ),
    1,
  );
  const blocks = blocksOf(f, 2, 'sort');
  const guess = estimates(f);
  for (const it of [
    descent(f, best(blocks, constants(f)), lipschitzStep(f)),
    descent(f, best(blocks), newtonStep(f)),
    descent(f, best(blocks, guess.constant), guess.step),
  ])
    expect(f.value(after(it, 500).x)).toBeCloseTo(f.value(whole.x), 8);
});

test('partitions: like with like, or the least beside the largest', () => {
  const f = { ...squaredLoss(A, y), curvature: Float64Array.of(5, 1, 4, 2, 3) };
  const lists = (by: 'order' | 'sort' | 'average') => blocksOf(f, 2, by).map((b) => Array.from(b));
  expect(lists('order')).toEqual([[0, 1], [2, 3], [4]]);
  expect(lists('sort')).toEqual([[1, 3], [2, 4], [0]]);
  expect(lists('average')).toEqual([[0, 1], [2, 3], [4]]);
});
