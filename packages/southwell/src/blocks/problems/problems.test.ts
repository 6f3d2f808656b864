import { CscMatrix } from '@southwell/numerics/arrays';
import { Random, SouthwellError } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BlockProblem } from '../problem.ts';
import { eigenvalues, gram, type Rows, randomRows, submatrix, toDense } from '../testing.ts';
import { graphLabelPropagation, leastSquares, logistic, quadratic, smoothProblem, softmax } from './index.ts';

const A = randomRows(14, 6, 1, { density: 0.6, spread: 1 });
const y = Array.from({ length: 14 }, (_, r) => Math.sin(r) * 3);
const signs = y.map((v) => (v > 0 ? 1 : -1));
const classes = y.map((_, r) => r % 4);
const spd = gram(randomRows(9, 6, 2)).map((row, i) => row.map((v, j) => (i === j ? v + 0.5 : v)));
const sparse = (rows: Rows) => CscMatrix.fromDense(toDense(rows));

const softmaxValue = (x: ArrayLike<number>) =>
  A.reduce((total, row, r) => {
    const z = [0, 1, 2, 3].map((c) => row.reduce((s, v, f) => s + v * x[f * 4 + c], 0));
    return total + Math.log(z.reduce((s, v) => s + Math.exp(v), 0)) - z[classes[r]];
  }, 0);
const margins = (x: ArrayLike<number>) => A.map((row) => row.reduce((s, v, j) => s + v * x[j], 0));
const lsValue = (x: ArrayLike<number>) => margins(x).reduce((s, m, r) => s + 0.5 * (m - y[r]) ** 2, 0);
const lgValue = (x: ArrayLike<number>) => margins(x).reduce((s, m, r) => s + Math.log(1 + Math.exp(-signs[r] * m)), 0);
const b = [1, -2, 3, 0.5, 0, -1];
const quadValue = (x: ArrayLike<number>) =>
  spd.reduce((s, row, i) => s + x[i] * (0.5 * row.reduce((t, v, j) => t + v * x[j], 0) - b[i]), 0);

const cases: Array<[string, BlockProblem, (x: ArrayLike<number>) => number]> = [
  ['least squares, dense', leastSquares(A, y), lsValue],
  ['least squares, sparse', leastSquares(sparse(A), y), lsValue],
  ['logistic, dense', logistic(A, signs), lgValue],
  ['logistic, sparse', logistic(sparse(A), signs), lgValue],
  ['softmax, dense', softmax(A, classes), softmaxValue],
  ['softmax, sparse', softmax(sparse(A), classes, 4), softmaxValue],
  ['quadratic', quadratic(spd, b), quadValue],
  [
    'plain functions',
    smoothProblem({
      dim: 6,
      coordinateLipschitz: spd.map((row, i) => row[i]),
      value: quadValue,
      gradient: (x, out) => spd.forEach((row, i) => void (out[i] = row.reduce((t, v, j) => t + v * x[j], -b[i]))),
      hessianBlock: (_, block, out) =>
        submatrix(spd, block)
          .flat()
          .forEach((v, k) => void (out[k] = v)),
      boundBlock: (block, out) =>
        submatrix(spd, block)
          .flat()
          .forEach((v, k) => void (out[k] = v)),
    }),
    quadValue,
  ],
];

describe.each(cases)('%s', (_, problem, value) => {
  const p = problem.dim;
  const point = (seed: number, size = 0.3) => {
    const random = new Random(seed);
    return Float64Array.from({ length: p }, () => size * random.normal());
  };
  const all = Int32Array.from({ length: p }, (_, i) => i);

  test('value, gradient and Hessian agree with the formula and with differences', () => {
    const x = point(3);
    const state = problem.start(x);
    expect(state.value()).toBeCloseTo(value(x), 10);
    const g = state.gradient().slice();
    const h = 1e-5;
    const differences = Float64Array.from(all, (i) => {
      const [up, down] = [x.slice(), x.slice()];
      up[i] += h;
      down[i] -= h;
      return (value(up) - value(down)) / (2 * h);
    });
    for (let i = 0; i < p; i++) expect(Math.abs(g[i] - differences[i])).toBeLessThan(1e-6 * (1 + Math.abs(g[i])));
    const H = new Float64Array(p * p);
    state.hessianBlock!(all, H);
    for (let j = 0; j < p; j++) {
      const [up, down] = [x.slice(), x.slice()];
      up[j] += h;
      down[j] -= h;
      const [gu, gd] = [problem.start(up).gradient(), problem.start(down).gradient()];
      for (let i = 0; i < p; i++) {
        const slope = (gu[i] - gd[i]) / (2 * h);
        expect(Math.abs(H[i * p + j] - slope)).toBeLessThan(1e-5 * (1 + Math.abs(slope)));
      }
    }
    const block = Int32Array.of(1, 3, 4);
    const gb = new Float64Array(3);
    problem.start(x).gradientBlock(block, gb);
    for (let a = 0; a < 3; a++) expect(gb[a]).toBeCloseTo(g[block[a]], 10);
  });

  test('H_b − ∇²_bb f is positive semi-definite at random points, L_i bounds the diagonal', () => {
    const random = new Random(8);
    for (let trial = 0; trial < 25; trial++) {
      const size = 1 + random.integer(Math.min(6, p));
      const block = random.sample(p, size).sort();
      const state = problem.start(point(trial + 100, trial % 5));
      const [H, bound] = [new Float64Array(size * size), new Float64Array(size * size)];
      state.hessianBlock!(block, H);
      problem.boundBlock!(block, bound);
      const scale = Math.max(...bound.map(Math.abs));
      const rows = Array.from({ length: size }, (_, i) =>
        Array.from({ length: size }, (_, j) => bound[i * size + j] - H[i * size + j]),
      );
      expect(eigenvalues(rows)[0]).toBeGreaterThanOrEqual(-1e-12 * scale);
      for (let a = 0; a < size; a++) {
        expect(problem.coordinateLipschitz[block[a]]).toBeGreaterThanOrEqual(H[a * size + a] * (1 - 1e-12));
      }
    }
  });

  test('property: change and apply agree with fresh states along a random walk', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const random = new Random(seed);
        const state = problem.start(point(seed, 0.2));
        for (let step = 0; step < 6; step++) {
          const size = 1 + random.integer(3);
          const block = random.sample(p, size).sort();
          const d = Float64Array.from({ length: size }, () => random.normal() * 10 ** -random.integer(4));
          if (random.integer(2) === 0) state.gradient();
          const before = problem.start(state.x).value();
          const change = state.change(block, d);
          state.apply(block, d);
          const fresh = problem.start(state.x);
          expect(Math.abs(before + change - fresh.value())).toBeLessThan(1e-10 * (1 + Math.abs(before)));
          expect(Math.abs(state.value() - fresh.value())).toBeLessThan(1e-10 * (1 + Math.abs(before)));
          const [g, exact] = [state.gradient(), fresh.gradient()];
          for (let i = 0; i < p; i++) expect(Math.abs(g[i] - exact[i])).toBeLessThan(1e-9 * (1 + Math.abs(exact[i])));
        }
        expect(state.refresh()).toBeLessThan(1e-10);
      }),
      { numRuns: 30 },
    );
  });

  test('H d and Σ_j |H_ij| agree with the matrix', () => {
    if (!problem.boundProduct || !problem.boundRowSums) return expect(problem.name).toBe('user problem');
    // The full bound: every block bound of all coordinates (for softmax k′ = k there).
    const H = new Float64Array(p * p);
    problem.boundBlock!(all, H);
    const scale = Math.max(...H.map(Math.abs));
    for (const d of [point(5), point(6).map((v, i) => (i === 2 ? v : 0))]) {
      const out = new Float64Array(p);
      problem.boundProduct(d, out);
      for (let i = 0; i < p; i++) {
        let sum = 0;
        for (let j = 0; j < p; j++) sum += H[i * p + j] * d[j];
        expect(Math.abs(out[i] - sum)).toBeLessThan(1e-12 * scale * p);
      }
    }
    const sums = problem.boundRowSums();
    for (let i = 0; i < p; i++) {
      let sum = 0;
      for (let j = 0; j < p; j++) sum += Math.abs(H[i * p + j]);
      expect(Math.abs(sums[i] - sum)).toBeLessThan(1e-12 * scale * p);
    }
  });
});

test('logistic change is accurate for tiny and for huge steps', () => {
  const state = logistic([[1], [1]], [1, -1]).start(Float64Array.of(0.5));
  const block = Int32Array.of(0);
  // d/dm softplus: to first order the change is the gradient times the step.
  expect(state.change(block, Float64Array.of(1e-12)) / (state.gradient()[0] * 1e-12)).toBeCloseTo(1, 9);
  expect(state.change(block, Float64Array.of(1e4))).toBeCloseTo(
    1e4 + 0.5 - (Math.log(1 + Math.exp(-0.5)) + Math.log(1 + Math.exp(0.5))),
    6,
  );
});

describe('hostile input gets a sentence', () => {
  const cases: Array<[string, () => unknown, string, RegExp]> = [
    ['NaN in A', () => leastSquares([[1, Number.NaN]], [1]), 'NON_FINITE', /row 1, column 2/],
    ['infinite y', () => leastSquares([[1]], [Number.POSITIVE_INFINITY]), 'NON_FINITE', /row 1/],
    ['empty A', () => leastSquares([], []), 'EMPTY', /0 rows/],
    ['no columns', () => leastSquares([[], []], [1, 2]), 'EMPTY', /0 columns/],
    ['short y', () => leastSquares([[1], [2]], [1]), 'INVALID_SHAPE', /1 values, but the matrix has 2 rows/],
    ['labels of logistic', () => logistic([[1], [2]], [0, 1]), 'INVALID_TARGET', /-1 or 1/],
    ['one class', () => softmax([[1], [2]], [0, 0]), 'INVALID_TARGET', /two classes/],
    ['half a class', () => softmax([[1], [2]], [0, 0.5], 2), 'INVALID_TARGET', /integers/],
    ['rectangular quadratic', () => quadratic([[1, 2]], [1]), 'INVALID_SHAPE', /square/],
    [
      'asymmetric',
      () =>
        quadratic(
          [
            [1, 2],
            [0, 1],
          ],
          [1, 1],
        ),
      'INVALID_SHAPE',
      /not symmetric: entry \(1, 0\)/,
    ],
    [
      'zero diagonal',
      () =>
        quadratic(
          [
            [0, 0],
            [0, 1],
          ],
          [1, 1],
        ),
      'NUMERICAL',
      /Diagonal entry 1/,
    ],
    [
      'negative weight',
      () =>
        graphLabelPropagation(
          [
            [0, -1],
            [-1, 0],
          ],
          [1, Number.NaN],
        ),
      'INVALID_PARAMETER',
      /weight of edge/,
    ],
    [
      'no labels',
      () =>
        graphLabelPropagation(
          [
            [0, 1],
            [1, 0],
          ],
          [null, undefined],
        ),
      'INVALID_TARGET',
      /No node/,
    ],
    [
      'all labels',
      () =>
        graphLabelPropagation(
          [
            [0, 1],
            [1, 0],
          ],
          [1, 2],
        ),
      'INVALID_TARGET',
      /Every node/,
    ],
    [
      'a component without a label',
      () =>
        graphLabelPropagation(
          [
            [0, 1, 0, 0],
            [1, 0, 0, 0],
            [0, 0, 0, 1],
            [0, 0, 1, 0],
          ],
          [1, null, null, null],
        ),
      'SINGULAR',
      /Node 2/,
    ],
    [
      'bad constants',
      () => smoothProblem({ dim: 1, coordinateLipschitz: [-1], value: () => 0, gradient: () => {} }),
      'NON_FINITE',
      /\[0\] is -1/,
    ],
    [
      'no coordinates',
      () => smoothProblem({ dim: 0, coordinateLipschitz: [], value: () => 0, gradient: () => {} }),
      'INVALID_SHAPE',
      /dim/,
    ],
  ];
  test.each(cases)('%s', (_, act, code, sentence) => {
    let error: unknown;
    try {
      act();
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(SouthwellError);
    expect((error as SouthwellError).code).toBe(code);
    expect((error as SouthwellError).message).toMatch(sentence);
  });
});

test('label propagation restricts the Laplacian and ignores self-loops', () => {
  const W = [
    [5, 2, 1],
    [2, 0, 3],
    [1, 3, 0],
  ];
  const problem = graphLabelPropagation(W, [10, null, null]);
  expect(Array.from(problem.unlabelled)).toEqual([1, 2]);
  expect(Array.from(problem.graph.toDense().data)).toEqual([5, -3, -3, 4]);
  expect(Array.from(problem.b)).toEqual([20, 10]);
  expect(Array.from(problem.nodeValues([1, 2]))).toEqual([10, 1, 2]);
});
