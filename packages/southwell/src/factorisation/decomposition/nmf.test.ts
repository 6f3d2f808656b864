import { readFileSync } from 'node:fs';
import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { inOnePlace, Random, SouthwellError } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { type NmfLoss, nmf, nmfAsync, truncatedSvd } from '../index.ts';
import { type NmfStart, nmfStart } from './nmfStart.ts';

interface Oracle {
  readonly X: number[][];
  readonly starts: Readonly<Record<string, { readonly W: number[][]; readonly H: number[][] }>>;
  readonly fits: ReadonlyArray<{
    readonly loss: NmfLoss;
    readonly alpha: number;
    readonly l1Ratio: number;
    readonly objective: number;
  }>;
}
// Written by scripts/factorisation-oracle.py with scikit-learn.
const oracle = JSON.parse(readFileSync(new URL('../oracle.json', import.meta.url), 'utf8')) as Oracle;

const random = (rows: number, cols: number, seed: number, density = 1) => {
  const r = new Random(seed);
  const X = DenseMatrix.create(rows, cols);
  for (let at = 0; at < rows * cols; at++) if (r.uniform() < density) X.data[at] = r.exponential();
  return X;
};

const product = (W: DenseMatrix, H: DenseMatrix) => {
  const out = DenseMatrix.create(W.rows, H.cols);
  for (let i = 0; i < W.rows; i++) {
    for (let j = 0; j < H.cols; j++) {
      let sum = 0;
      for (let a = 0; a < W.cols; a++) sum += W.get(i, a) * H.get(a, j);
      out.set(i, j, sum);
    }
  }
  return out;
};

/** Loss and penalties by their definitions. */
function objective(
  X: DenseMatrix,
  W: DenseMatrix,
  H: DenseMatrix,
  options: { loss?: NmfLoss; alpha?: number; l1Ratio?: number },
): number {
  const { loss = 'frobenius', alpha = 0, l1Ratio = 0 } = options;
  const Y = product(W, H);
  let sum = 0;
  X.data.forEach((x, at) => {
    const y = Y.data[at];
    sum += loss === 'frobenius' ? 0.5 * (x - y) ** 2 : (x > 0 ? x * Math.log(x / y) : 0) - x + y;
  });
  const term = (v: number) => l1Ratio * v + 0.5 * (1 - l1Ratio) * v * v;
  for (const v of W.data) sum += alpha * X.cols * term(v);
  for (const v of H.data) sum += alpha * X.rows * term(v);
  return sum;
}

/** The largest entry of the projected gradient, by central differences of the objective. */
function stationarity(
  X: DenseMatrix,
  W: DenseMatrix,
  H: DenseMatrix,
  options: Parameters<typeof objective>[3],
): number {
  let worst = 0;
  for (const M of [W, H]) {
    for (let at = 0; at < M.data.length; at++) {
      const v = M.data[at];
      const h = 1e-5;
      M.data[at] = v + h;
      const up = objective(X, W, H, options);
      // At the bound a step to the right shows whether leaving it would pay.
      M.data[at] = Math.max(0, v - h);
      const slope = (up - objective(X, W, H, options)) / (v + h - M.data[at]);
      M.data[at] = v;
      worst = Math.max(worst, v > h ? Math.abs(slope) : Math.max(0, -slope));
    }
  }
  return worst;
}

test.each(['nndsvd', 'nndsvda'] as NmfStart[])(
  '%s starts where scikit-learn does on data of largest entry 1',
  (start) => {
    const { W, H } = nmfStart(DenseMatrix.fromRows(oracle.X), 4, start, 0, inOnePlace(oracle.X.length));
    // The factors have the root of the units of X; scikit-learn's filling has the units of X, which is the same at 1.
    const largest = Math.max(...oracle.X.flat());
    const mean = oracle.X.flat().reduce((s, v) => s + v, 0) / oracle.X.flat().length;
    const filled = (v: number) => (start === 'nndsvda' && Math.abs(v - mean) < 1e-12 ? mean / Math.sqrt(largest) : v);
    const truth = oracle.starts[start];
    truth.W.forEach((row, i) => {
      // scikit-learn rounds entries below 1e-6 to zero.
      row.forEach((v, a) => {
        expect(Math.abs(W.get(a, i) - filled(v))).toBeLessThan(1e-6);
      });
    });
    truth.H.forEach((row, a) => {
      row.forEach((v, j) => {
        expect(Math.abs(H.get(a, j) - filled(v))).toBeLessThan(1e-6);
      });
    });
  },
);

test.each(oracle.fits)('$loss, alpha $alpha, l1Ratio $l1Ratio: no worse than scikit-learn, and stationary', (fit) => {
  const X = DenseMatrix.fromRows(oracle.X);
  const options = { loss: fit.loss, alpha: fit.alpha, l1Ratio: fit.l1Ratio };
  const model = nmf(X, { rank: 4, ...options, tol: 1e-9, maxIter: 50_000 });
  const { scores, components, solution } = model;
  expect(solution.status).toBe('converged');
  for (const v of [...scores.data, ...components.data]) expect(v).toBeGreaterThanOrEqual(0);
  const value = objective(X, scores, components, options);
  expect(solution.objective).toBeCloseTo(value, 8);
  expect(value).toBeLessThan(fit.objective * 1.001);
  expect(stationarity(X, scores, components, options)).toBeLessThan(1e-3);
  expect(model.loss).toBeCloseTo(objective(X, scores, components, { loss: fit.loss }), 8);
});

test.each(['frobenius', 'kullback-leibler'] as NmfLoss[])('%s: the objective never rises; sparse is dense', (loss) => {
  const X = random(40, 30, 1, 0.3);
  for (const init of ['nndsvda', 'random'] as const) {
    const options = { rank: 5, loss, init, alpha: 0.01, l1Ratio: 0.5, maxIter: 60, tol: 0 };
    const seen: number[] = [];
    const model = nmf(X, { ...options, onIterate: ({ objective: v }) => seen.push(v) });
    seen.slice(1).forEach((v, t) => {
      expect(v).toBeLessThanOrEqual(seen[t] * (1 + 1e-12));
    });
    const sparse = nmf(CscMatrix.fromDense(X), options);
    expect(sparse.solution.objective).toBeCloseTo(model.solution.objective, 6);
  }
});

test('rank one is known in closed form', () => {
  const X = random(25, 18, 2);
  const [s] = truncatedSvd(X, { rank: 1 }).singularValues;
  const total = X.data.reduce((a, v) => a + v * v, 0);
  expect(nmf(X, { rank: 1, tol: 1e-10 }).loss).toBeCloseTo(0.5 * (total - s * s), 9);
  // Kullback–Leibler: the product of the margins.
  const { scores, components } = nmf(X, { rank: 1, loss: 'kullback-leibler', tol: 1e-12 });
  const Y = product(scores, components);
  const all = X.data.reduce((a, v) => a + v, 0);
  for (let i = 0; i < 25; i++) {
    for (let j = 0; j < 18; j++) {
      let [row, col] = [0, 0];
      for (let t = 0; t < 18; t++) row += X.get(i, t);
      for (let t = 0; t < 25; t++) col += X.get(t, j);
      expect(Y.get(i, j)).toBeCloseTo((row * col) / all, 7);
    }
  }
});

test('exact factorisations are found, and new rows get the scores that made them', () => {
  const r = new Random(3);
  const W = random(60, 3, 4, 0.5);
  const H = random(3, 40, 5, 0.5);
  const X = product(W, H);
  const model = nmf(X, { rank: 3, tol: 1e-12, maxIter: 5000 });
  const size = X.data.reduce((a, v) => a + v * v, 0);
  expect(model.loss).toBeLessThan(1e-6 * size);
  const made = DenseMatrix.create(7, 3);
  for (let at = 0; at < made.data.length; at++) made.data[at] = r.uniform() < 0.4 ? 0 : r.uniform();
  const rows = product(made, model.components);
  const found = model.transform(rows);
  found.data.forEach((v, at) => {
    expect(v).toBeCloseTo(made.data[at], 2);
  });
  expect(() => model.transform([[1, 2]])).toThrow('40 columns');
  const kl = nmf(X, { rank: 3, loss: 'kullback-leibler', tol: 1e-7, maxIter: 5000 });
  const scores = kl.transform(X);
  // The scores of the data themselves minimise the same objective.
  expect(objective(X, scores, kl.components, { loss: 'kullback-leibler' })).toBeLessThan(kl.loss + 1e-2);
});

test('a strong penalty gives zeros; zeros and empty lines are no trouble', async () => {
  for (const loss of ['frobenius', 'kullback-leibler'] as NmfLoss[]) {
    // Under the Kullback–Leibler loss what is to explain an entry above zero is never zero.
    const strong = nmf(random(12, 9, 6), { rank: 3, loss, alpha: 1e3, l1Ratio: 1, maxIter: 500 });
    expect(Math.max(...strong.scores.data)).toBeLessThan(loss === 'frobenius' ? 1e-300 : 0.01);
    const X = random(12, 9, 7);
    for (let j = 0; j < 9; j++) X.set(4, j, 0);
    X.column(2).fill(0);
    const model = await nmfAsync(X, { rank: 2, loss });
    for (const v of [...model.scores.data, ...model.components.data]) expect(Number.isFinite(v)).toBe(true);
    for (let a = 0; a < 2; a++) expect(model.components.get(a, 2)).toBeLessThan(1e-8);
    expect(nmf(DenseMatrix.create(4, 3), { rank: 2, loss }).loss).toBe(0);
    expect(nmf([[2]], { rank: 1, loss, tol: 1e-12 }).loss).toBeLessThan(1e-9);
  }
});

test('mistakes are told', () => {
  expect(() => nmf([[1, -2]], { rank: 1 })).toThrow('-2');
  expect(() => nmf([], { rank: 1 })).toThrow(SouthwellError);
  expect(() => nmf([[1, Number.NaN]], { rank: 1 })).toThrow('column 2');
  expect(() => nmf([[1, 2]], { rank: 2 })).toThrow('from 1 to 1');
  expect(() => nmf([[1, 2]], { rank: 1, alpha: -1 })).toThrow('alpha');
  expect(() => nmf([[1, 2]], { rank: 1, l1Ratio: 2 })).toThrow('l1Ratio');
  expect(() => nmf([[1, 2]], { rank: 1, init: 'zero' as never })).toThrow('nndsvda');
  expect(() => nmf([[1, 2]], { rank: 1, loss: 'l1' as never })).toThrow('frobenius');
  expect(() => nmf([[1, 2]], { rank: 1, loss: 'kullback-leibler', init: 'nndsvd' })).toThrow('nndsvda');
});

test('nothing is left behind in kernel memory', () => {
  const X = random(30, 20, 8);
  const before = X.arena.allocatedBytes;
  for (const loss of ['frobenius', 'kullback-leibler'] as NmfLoss[]) {
    const { scores, components } = nmf(X, { rank: 3, loss, maxIter: 5 });
    for (const M of [scores, components]) M.free();
  }
  expect(X.arena.allocatedBytes).toBe(before);
});

test.each(['frobenius', 'kullback-leibler'] as const)('%s: the units of X do not matter', (loss) => {
  const X = oracle.X;
  const plain = nmf(X, { rank: 3, loss, tol: 1e-8 });
  for (const exponent of [-500, -100, 20, 100, 500]) {
    const unit = 2 ** exponent;
    const scaled = nmf(
      X.map((row) => row.map((v) => v * unit)),
      { rank: 3, loss, tol: 1e-8 },
    );
    const units = loss === 'frobenius' ? unit ** 2 : unit;
    expect(Math.abs(scaled.loss / units / plain.loss - 1)).toBeLessThan(1e-6);
  }
});

test('a start that is the end already is told as such: one part of small tables', () => {
  for (const rows of [
    [[1, 2]],
    [
      [1, 2, 3],
      [2, 1, 5],
      [3, 5, 1],
      [4, 4, 2],
    ],
  ]) {
    const { solution, loss } = nmf(DenseMatrix.fromRows(rows), { rank: 1 });
    expect(solution.status).toBe('converged');
    // The best product of two vectors is that of the leading triplet, which has no negative entry here.
    const { singularValues } = truncatedSvd(DenseMatrix.fromRows(rows), { rank: 1 });
    const squares = rows.flat().reduce((sum, v) => sum + v * v, 0);
    expect(loss).toBeCloseTo((squares - singularValues[0] ** 2) / 2, 8);
  }
});
