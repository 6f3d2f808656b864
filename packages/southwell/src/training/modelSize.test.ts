import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random, SouthwellError } from '@southwell/numerics/core';
import { eigenSymmetric, lu } from '@southwell/numerics/linalg';
import { describe, expect, test } from 'vitest';
import {
  type FitLinearOptions,
  fitLinear,
  gdSpectralFilter,
  peakHeight,
  randomFeatures,
  sweepModelSize,
  sweepModelSizeIterates,
} from './index.ts';

type Rows = number[][];
const normal = (n: number, p: number, seed: number): Rows => {
  const random = new Random(seed);
  return Array.from({ length: n }, () => Array.from({ length: p }, () => random.normal()));
};
const dense = (rows: Rows): DenseMatrix => DenseMatrix.fromRows(rows);
const times = (A: Rows, B: Rows): Rows =>
  A.map((row) => B[0].map((_, c) => row.reduce((s, v, k) => s + v * B[k][c], 0)));
const turned = (A: Rows): Rows => A[0].map((_, j) => A.map((row) => row[j]));
const rowsOf = (A: DenseMatrix): Rows =>
  Array.from({ length: A.rows }, (_, i) => Array.from({ length: A.cols }, (__, j) => A.get(i, j)));
const apart = (A: DenseMatrix, B: Rows): number =>
  Math.max(...rowsOf(A).flatMap((row, i) => row.map((v, j) => Math.abs(v - B[i][j]))));
const inverse = (A: Rows): Rows => rowsOf(lu(dense(A)).inverse());

/** Explicit steps on ‖ZW − Y‖²/(NC), nothing shared with the library; L by power iteration. */
function explicitSteps(Z: Rows, Y: Rows, T: number, c: number, beta: number, start?: Rows): Rows {
  const [p, C] = [Z[0].length, Y[0].length];
  const G = times(turned(Z), Z);
  const B = times(turned(Z), Y);
  let v = Array.from({ length: p }, (_, k) => [1 + 0.1 * k]);
  let most = 0;
  for (let k = 0; k < 20_000; k++) {
    v = times(G, v);
    most = Math.hypot(...v.map(([x]) => x));
    v = v.map(([x]) => [x / most]);
  }
  let W = start ?? Array.from({ length: p }, () => new Array<number>(C).fill(0));
  let before = W;
  for (let t = 0; t < T; t++) {
    const slope = times(G, W).map((row, i) => row.map((x, j) => x - B[i][j]));
    const next = W.map((row, i) => row.map((x, j) => x - (c / most) * slope[i][j] + beta * (x - before[i][j])));
    [before, W] = [W, next];
  }
  return W;
}

describe.each([
  [9, 5],
  [6, 6],
  [5, 11],
])('features %i × %i', (n, p) => {
  const [Z, Y] = [normal(n, p, 1), normal(n, 3, 2)];
  const fit = (options: FitLinearOptions) => fitLinear(dense(Z), dense(Y), options);

  test.each([
    [0, 1],
    [0, 1.7],
    [0.8, 1],
    [0.8, 3],
  ])(
    'steps with momentum %d and rate %d/L are those of an explicit loop, one by one and in closed form',
    (beta, rate) => {
      const wanted = explicitSteps(Z, Y, 500, rate, beta);
      const closed = fit({ solver: 'gd-closed', iterations: 500, rate, ...(beta > 0 && { momentum: beta }) });
      expect(apart(closed.weights, wanted)).toBeLessThan(1e-10);
      const stepped = beta > 0 ? ({ solver: 'momentum', momentum: beta } as const) : ({ solver: 'gd' } as const);
      expect(apart(fit({ ...stepped, iterations: 500, rate }).weights, wanted)).toBeLessThan(1e-10);
    },
  );

  test('endless steps, no ridge and batches of all end at the solution of least norm', () => {
    const least =
      n >= p
        ? times(inverse(times(turned(Z), Z)), times(turned(Z), Y))
        : times(turned(Z), times(inverse(times(Z, turned(Z))), Y));
    for (const options of [
      { solver: 'pinv' },
      { solver: 'ridge', ridge: 1e-13 },
      { solver: 'gd-closed', iterations: Number.POSITIVE_INFINITY },
      { solver: 'gd-closed', iterations: 1e12 },
    ] as const) {
      expect(apart(fit(options).weights, least)).toBeLessThan(1e-8);
    }
    const loss = times(Z, least).flatMap((row, i) => row.map((v, j) => (v - Y[i][j]) ** 2));
    const { trainLoss, weightNorm } = fit({ solver: 'pinv' });
    expect(trainLoss).toBeCloseTo(loss.reduce((a, b) => a + b, 0) / (3 * n), 12);
    expect(weightNorm).toBeCloseTo(Math.hypot(...least.flat()), 9);
    const ridge = inverse(times(turned(Z), Z).map((row, i) => row.map((v, j) => v + (i === j ? 2 : 0))));
    expect(apart(fit({ solver: 'ridge', ridge: 2 }).weights, times(ridge, times(turned(Z), Y)))).toBeLessThan(1e-11);
  });

  test('the condition number is that of the eigenvalues', () => {
    const gram = n >= p ? times(turned(Z), Z) : times(Z, turned(Z));
    const { values } = eigenSymmetric(dense(gram), { vectors: false });
    const { condition } = fit({ solver: 'pinv' });
    expect(condition / Math.sqrt(values[values.length - 1] / values[0])).toBeCloseTo(1, 8);
  });

  test('examples in another order, or targets times two, give the same weights, or twice them', () => {
    for (const options of [
      { solver: 'pinv' },
      { solver: 'gd-closed', iterations: 50 },
      { solver: 'gd', iterations: 50 },
    ] as const) {
      const first = rowsOf(fit(options).weights);
      const back = fitLinear(dense([...Z].reverse()), dense([...Y].reverse()), options);
      expect(apart(back.weights, first)).toBeLessThan(1e-11);
      const twice = fitLinear(dense(Z), dense(Y.map((row) => row.map((v) => 2 * v))), options);
      expect(
        apart(
          twice.weights,
          first.map((row) => row.map((v) => 2 * v)),
        ),
      ).toBeLessThan(1e-11);
    }
  });

  test('what a start has outside the rows of Z stays as it is', () => {
    const at = (iterations: number) => rowsOf(fit({ solver: 'gd-closed', iterations, startScale: 2, seed: 7 }).weights);
    const [start, end] = [at(0), at(300)];
    expect(Math.max(...start.flat().map(Math.abs))).toBeGreaterThan(0.1);
    expect(apart(fit({ solver: 'gd', iterations: 300, startScale: 2, seed: 7 }).weights, end)).toBeLessThan(1e-11);
    expect(apart(dense(end), explicitSteps(Z, Y, 300, 1, 0, start))).toBeLessThan(1e-10);
    if (n >= p) return;
    const outside = times(turned(Z), times(inverse(times(Z, turned(Z))), Z)).map((row, i) =>
      row.map((v, j) => (i === j ? 1 : 0) - v),
    );
    expect(apart(dense(times(outside, end)), times(outside, start))).toBeLessThan(1e-11);
    // And from zero there is nothing of it.
    const fromZero = rowsOf(fit({ solver: 'gd-closed', iterations: 300 }).weights);
    expect(Math.max(...times(outside, fromZero).flat().map(Math.abs))).toBeLessThan(1e-11);
  });
});

test('Adam on a diagonal is what its formulas say', () => {
  const d = [2, 0.5];
  const fit = fitLinear(
    dense([
      [2, 0],
      [0, 0.5],
    ]),
    dense([[1], [-3]]),
    { solver: 'adam', iterations: 3, rate: 0.1 },
  );
  const wanted = d.map((s, i) => {
    let [w, m, v] = [0, 0, 0];
    for (let t = 1; t <= 3; t++) {
      const g = s * (s * w - [1, -3][i]);
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      w -= (0.1 * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8);
    }
    return [w];
  });
  expect(apart(fit.weights, wanted)).toBeLessThan(1e-13);
});

test('batches see every example, and a step that is too long is told', () => {
  const [Z, w] = [normal(40, 3, 5), [[1], [-2], [0.5]]];
  const Y = times(Z, w);
  // Without noise every batch agrees on the solution.
  const fit = fitLinear(dense(Z), dense(Y), { solver: 'sgd', batchSize: 8, iterations: 4000, rate: 0.3, seed: 2 });
  expect(apart(fit.weights, w)).toBeLessThan(1e-9);
  expect(fitLinear(dense(Z), dense(Y), { solver: 'sgd', iterations: 4000, rate: 50 }).diverged).toBe(true);
});

test('the filter keeps small parts to full precision, and is what steps fit', () => {
  const [tiny] = gdSpectralFilter([1e-9, 1], { iterations: 1000 });
  expect(tiny / 1e-15).toBeCloseTo(1, 10);
  for (const [s, rate, momentum] of [
    [0.3, 1, 0],
    [0.01, 1.9, 0],
    [0.2, 1, 0.9],
    [1, 3.5, 0.9],
  ]) {
    let [e, before] = [1, 1];
    for (let t = 0; t < 77; t++) [e, before] = [e - rate * s * s * e + momentum * (e - before), e];
    const [found] = gdSpectralFilter([s, 1], { iterations: 77, rate, momentum });
    expect(found).toBeCloseTo(1 - e, 12);
  }
  expect([...gdSpectralFilter([0, 0], { iterations: 9 })]).toEqual([0, 0]);
});

test('features are nested, and act on inputs times weights', () => {
  const X = normal(7, 4, 3);
  for (const [activation, f] of [
    ['relu', (v: number) => Math.max(0, v)],
    ['tanh', Math.tanh],
    ['identity', (v: number) => v],
  ] as const) {
    const { weights, apply } = randomFeatures({ inputDim: 4, features: 9, activation, seed: 5 });
    const all = apply(dense(X));
    expect(
      apart(
        all,
        times(X, rowsOf(weights)).map((row) => row.map(f)),
      ),
    ).toBeLessThan(1e-14);
    const few = randomFeatures({ inputDim: 4, features: 3, activation, seed: 5 });
    expect([...few.weights.data]).toEqual([...weights.data.subarray(0, 12)]);
    expect([...few.apply(dense(X)).data]).toEqual([...all.data.subarray(0, 21)]);
    expect([...apply(dense(X), 3).data]).toEqual([...all.data.subarray(0, 21)]);
  }
  const { data } = randomFeatures({ inputDim: 50, features: 200 }).weights;
  expect(data.reduce((s, w) => s + w * w, 0) / 200).toBeCloseTo(1, 1);
});

describe('a sweep', () => {
  const [X, T] = [normal(20, 4, 1), normal(30, 4, 2)];
  const label = (rows: Rows) => rows.map(([a, b]) => (a * b > 0 ? [1, 0] : [0, 1]));
  const [train, testing] = [
    { X: dense(X), Y: dense(label(X)) },
    { X: dense(T), Y: dense(label(T)) },
  ];
  const solvers = { exact: { solver: 'pinv' }, short: { solver: 'gd-closed', iterations: 10 } } as const;

  test('has rows that are fits by themselves', () => {
    const rows = sweepModelSize(train, testing, { ratios: [0.5, 1, 2], solvers, seed: 4 });
    expect(rows.map(({ solver, features }) => [solver, features])).toEqual(
      [10, 20, 40].flatMap((p) => [
        ['exact', p],
        ['short', p],
      ]),
    );
    for (const row of rows) {
      const { apply } = randomFeatures({ inputDim: 4, features: row.features, seed: 4 });
      const fit = fitLinear(apply(train.X), train.Y, solvers[row.solver as 'exact']);
      const guesses = times(rowsOf(apply(testing.X)), rowsOf(fit.weights));
      const errors = guesses.filter(([a, b], i) => Number(b > a) !== label(T)[i][1]).length;
      expect(row.testError).toBeCloseTo(errors / 30, 12);
      expect(row.trainLoss).toBeCloseTo(fit.trainLoss, 12);
      expect(row.condition).toBeCloseTo(fit.condition, 8);
    }
    expect(rows[3].trainLoss).toBeGreaterThan(rows[2].trainLoss);
    const short = rows.filter(({ solver }) => solver === 'short');
    const [half, one, two] = short.map(({ testError }) => testError);
    expect(peakHeight(short)).toBe(one - Math.max(half, two));
    const steps = [
      ...sweepModelSizeIterates(train, testing, { ratios: [1], solvers: { gd: { solver: 'gd', iterations: 5 } } }),
    ];
    expect(steps.map(({ done }) => done)).toEqual([...new Array(6).fill(undefined), 'completed']);
  });

  const sentence = (f: () => unknown): string => {
    try {
      f();
    } catch (error) {
      if (error instanceof SouthwellError) return `${error.code}: ${error.message}`;
      throw error;
    }
    return 'nothing';
  };
  test('refuses what makes no sense', () => {
    const [Z, Y] = [dense(X), dense(label(X))];
    expect(sentence(() => fitLinear(Z, dense(label(T)), { solver: 'pinv' }))).toMatch(
      /INVALID_SHAPE: There are 20 rows/,
    );
    expect(sentence(() => fitLinear(dense([[1], [Number.NaN]]), dense([[1], [2]]), { solver: 'pinv' }))).toMatch(
      /NON_FINITE.*NaN in row 2, column 1/,
    );
    expect(sentence(() => fitLinear(DenseMatrix.create(0, 2), DenseMatrix.create(0, 1), { solver: 'pinv' }))).toMatch(
      /at least one row/,
    );
    expect(sentence(() => fitLinear(Z, Y, { solver: 'newton' as 'gd' }))).toMatch(/solver must be one of pinv, ridge/);
    expect(sentence(() => fitLinear(Z, Y, { solver: 'pinv', rate: 1 }))).toMatch(/'pinv' has no option 'rate'/);
    expect(sentence(() => fitLinear(Z, Y, { solver: 'gd', rate: 2 }))).toMatch(/below 2, in units of 1\/L/);
    expect(sentence(() => gdSpectralFilter([-1], { iterations: 1 }))).toMatch(/Singular value 1 is -1/);
    expect(sentence(() => gdSpectralFilter([1], { iterations: 1.5 }))).toMatch(/whole number/);
    expect(sentence(() => randomFeatures({ inputDim: 2, features: 0 }))).toMatch(/features must be/);
    expect(sentence(() => randomFeatures({ inputDim: 2, features: 1 }).apply(Z))).toMatch(/need 2 input columns/);
    expect(sentence(() => sweepModelSize(train, testing, { solvers: {} }))).toMatch(/at least one solver/);
    expect(sentence(() => sweepModelSize(train, testing, { ratios: [0.001], solvers }))).toMatch(
      /ratio 0.001 times 20/,
    );
    expect(sentence(() => sweepModelSize(train, { X: Z, Y: dense([[1]]) }, { solvers }))).toMatch(
      /test set has 20 rows/,
    );
    expect(sentence(() => peakHeight([{ ratio: 1, testError: 0 }]))).toMatch(/one row of ratio 0.5|one row of ratio/);
    // Features without anything: no curvature, nothing to fit.
    const none = DenseMatrix.create(3, 2);
    for (const solver of ['pinv', 'ridge', 'gd-closed', 'gd', 'sgd', 'adam'] as const) {
      const fit = fitLinear(none, dense([[1], [1], [1]]), { solver });
      expect([fit.weightNorm, fit.trainLoss, fit.condition]).toEqual([0, 1, Number.POSITIVE_INFINITY]);
    }
  });

  const refusesUnknown = (name: string, call: (more: object) => unknown) =>
    test(`${name} refuses options that it does not know`, () =>
      expect(() => call({ hallo: 1 })).toThrow("no option 'hallo'"));
  refusesUnknown('fitLinear', (more) => fitLinear(train.X, train.Y, { solver: 'pinv', ...more }));
  refusesUnknown('gdSpectralFilter', (more) => gdSpectralFilter([1], { iterations: 1, ...more }));
  refusesUnknown('randomFeatures', (more) => randomFeatures({ inputDim: 1, features: 1, ...more }));
  refusesUnknown('sweepModelSize', (more) => sweepModelSize(train, testing, { solvers, ...more }));
  refusesUnknown('sweepModelSizeIterates', (more) => [...sweepModelSizeIterates(train, testing, { solvers, ...more })]);
});
