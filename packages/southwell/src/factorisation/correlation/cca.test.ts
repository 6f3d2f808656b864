import { readFileSync } from 'node:fs';
import type { DenseMatrix } from '@southwell/numerics/arrays';
import { Random, run, SouthwellError } from '@southwell/numerics/core';
import { jacobiSvd } from '@southwell/numerics/linalg';
import { describe, expect, test } from 'vitest';
import {
  ccaExact,
  eyGradient,
  eyIterates,
  eyLoss,
  generalisedEigen,
  pls,
  StochasticCca,
  type StochasticCcaState,
  truncatedSvd,
} from '../index.ts';
import { planted } from '../testing.ts';

// Written by scripts/factorisation-oracle.py with scikit-learn.
const oracle = JSON.parse(readFileSync(new URL('../oracle.json', import.meta.url), 'utf8')).views as {
  readonly x: number[][];
  readonly y: number[][];
  readonly correlations: number[];
  readonly covariances: number[];
  readonly plsWeights: number[][];
};

const flat = (M: DenseMatrix): number[][] =>
  Array.from({ length: M.rows }, (_, i) => Array.from({ length: M.cols }, (__, j) => M.get(i, j)));

test('canonical correlations and PLS agree with scikit-learn', () => {
  const cca = ccaExact([oracle.x, oracle.y], { components: 3 });
  cca.eigenvalues.forEach((v, c) => {
    expect(v).toBeCloseTo(oracle.correlations[c], 8);
  });
  cca.correlations([oracle.x, oracle.y]).forEach((v, c) => {
    expect(v).toBeCloseTo(oracle.correlations[c], 8);
  });
  const Z = cca.transform([oracle.x, oracle.y]);
  for (const M of Z) {
    for (let c = 0; c < 3; c++) {
      expect(M.column(c).reduce((s, v) => s + v * v, 0) / 39).toBeCloseTo(1, 10);
    }
  }
  const found = pls([oracle.x, oracle.y], { components: 3 });
  found.eigenvalues.forEach((v, c) => {
    expect(v).toBeCloseTo(oracle.covariances[c], 8);
    const dot = found.weights[0].column(c).reduce((s, w, j) => s + w * oracle.plsWeights[j][c], 0);
    expect(Math.abs(dot)).toBeCloseTo(1, 8);
  });
});

test('an invertible map of a view changes no correlation; ridge lies between CCA and PLS', () => {
  const [X, Y] = planted(200, [6, 5], [0.9, 0.6], 1);
  const before = ccaExact([X, Y], { components: 4 }).eigenvalues;
  const mapped = flat(X).map((r) => r.map((v, j) => 3 * v + 0.5 * r[(j + 1) % 6] + 7));
  ccaExact([mapped, Y], { components: 4 }).eigenvalues.forEach((v, c) => {
    expect(v).toBeCloseTo(before[c], 9);
    expect(v).toBeLessThanOrEqual(1);
    expect(v).toBeGreaterThanOrEqual(0);
  });
  const nearly = ccaExact([X, Y], { components: 2, ridge: 1 - 1e-9 });
  pls([X, Y], { components: 2 }).eigenvalues.forEach((v, c) => {
    expect(nearly.eigenvalues[c]).toBeCloseTo(v, 6);
  });
});

test('large problems take the leading eigenspace: the same as the SVD of whitened cross-covariances', () => {
  const dims = [70, 60];
  const views = planted(400, dims, [0.95, 0.9, 0.8], 2);
  const found = ccaExact(views, { components: 3, ridge: 0.2 });
  // Whitening by Cholesky, by hand.
  const C = (X: DenseMatrix, Y: DenseMatrix) => {
    const centred = (M: DenseMatrix, j: number) => {
      const col = M.column(j);
      const mean = col.reduce((a, b) => a + b, 0) / M.rows;
      return col.map((v) => v - mean);
    };
    const ys = Array.from({ length: Y.cols }, (_, j) => centred(Y, j));
    return Array.from({ length: X.cols }, (_, i) => {
      const x = centred(X, i);
      return ys.map((y) => x.reduce((s, v, t) => s + v * y[t], 0) / (X.rows - 1));
    });
  };
  const chol = (V: number[][]) => {
    const n = V.length;
    const L = V.map((r, i) => r.map((v, j) => 0.8 * v + (i === j ? 0.2 : 0)));
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < j; k++) for (let i = j; i < n; i++) L[i][j] -= L[i][k] * L[j][k];
      const d = Math.sqrt(L[j][j]);
      for (let i = j; i < n; i++) L[i][j] /= d;
    }
    return L;
  };
  const solve = (L: number[][], B: number[][]) => {
    const out = B.map((r) => [...r]);
    for (let i = 0; i < L.length; i++) {
      for (let k = 0; k < i; k++) for (let j = 0; j < out[i].length; j++) out[i][j] -= L[i][k] * out[k][j];
      for (let j = 0; j < out[i].length; j++) out[i][j] /= L[i][i];
    }
    return out;
  };
  const turned = (M: number[][]) => M[0].map((_, j) => M.map((r) => r[j]));
  const [Lx, Ly] = views.map((X) => chol(C(X, X)));
  const T = solve(Ly, turned(solve(Lx, C(views[0], views[1]))));
  truncatedSvd(T, { rank: 3 }).singularValues.forEach((v, c) => {
    expect(found.eigenvalues[c]).toBeCloseTo(v, 8);
  });
});

test('three views: a copy of a view has the eigenvalue of its correlation', () => {
  const [X] = planted(150, [4], [0.5], 3);
  const same = ccaExact([X, X, X], { components: 2 });
  for (const v of same.eigenvalues) expect(v).toBeCloseTo(2, 9);
  for (const v of same.correlations([X, X, X])) expect(v).toBeCloseTo(1, 9);
});

test.each([
  [0, 2],
  [0.3, 2],
  [1, 3],
  [0.5, 4],
])('gradients by finite differences, α = %f, %i views', (ridge, count) => {
  const random = new Random(4);
  const k = 3;
  const dims = [5, 4, 3, 6].slice(0, count);
  const batch = () => dims.map((d) => Float64Array.from({ length: 7 * d }, () => random.normal()));
  const weights = dims.map((d) => Float64Array.from({ length: d * k }, () => random.normal()));
  const alpha = dims.map((_, v) => (ridge === 0.5 && v === 1 ? 0 : ridge));
  const first = batch();
  for (const second of [first, batch()]) {
    const { gradients } = eyGradient(first, second, weights, alpha, 7, k);
    weights.forEach((U, v) => {
      for (let at = 0; at < U.length; at++) {
        const [old, h] = [U[at], 1e-5];
        U[at] = old + h;
        const up = eyLoss(first, second, weights, alpha, 7, k);
        U[at] = old - h;
        const down = eyLoss(first, second, weights, alpha, 7, k);
        U[at] = old;
        expect(Math.abs(gradients[v][at] - (up - down) / (2 * h))).toBeLessThan(
          1e-5 * (1 + Math.abs(gradients[v][at])),
        );
      }
    });
  }
});

test('at the solution the loss is minus the sum of squared eigenvalues, whatever the rotation', () => {
  const views = planted(80, [5, 4], [0.9, 0.7], 5);
  const cca = ccaExact(views, { components: 2 });
  const rows = views.map((X, v) => Float64Array.from(flat(X).flatMap((r) => r.map((x, j) => x - cca.means[v][j]))));
  // uᵀBu = 1 over both views together, times √λ.
  const turn = (a: number) => [Math.cos(a), Math.sin(a), -Math.sin(a), Math.cos(a)];
  const truth = -cca.eigenvalues.reduce((s, v) => s + v * v, 0);
  for (const angle of [0, 0.7]) {
    const [p, q, r, s] = turn(angle);
    const weights = cca.weights.map((W) =>
      Float64Array.from(
        flat(W).flatMap((w) => {
          const [x, y] = w.map((v, c) => v * Math.sqrt(cca.eigenvalues[c] / 2));
          return [p * x + r * y, q * x + s * y];
        }),
      ),
    );
    expect(eyLoss(rows, rows, weights, [0, 0], 80, 2)).toBeCloseTo(truth, 10);
  }
});

test('small batches find planted correlations; two views, three views, PLS', () => {
  const views = planted(4000, [20, 16], [0.9, 0.85, 0.8], 8);
  const exact = ccaExact(views, { components: 3 }).eigenvalues.reduce((s, v) => s + v, 0);
  const found = new StochasticCca({ components: 3, batchSize: 5, epochs: 3, learningRate: 3e-3, seed: 1 }).fit(
    views,
  ).point;
  expect(found.eigenvalues.reduce((s, v) => s + v, 0) / exact).toBeGreaterThan(0.9);
  const three = planted(3000, [8, 9, 7], [0.9, 0.8], 9);
  const best = ccaExact(three, { components: 2 }).eigenvalues.reduce((s, v) => s + v, 0);
  const model = new StochasticCca({ components: 2, epochs: 5, learningRate: 3e-3 }).fit(three).point;
  expect(model.eigenvalues.reduce((s, v) => s + v, 0) / best).toBeGreaterThan(0.95);
  const covariance = pls(views, { components: 2 }).eigenvalues.reduce((s, v) => s + v, 0);
  const stochastic = new StochasticCca({ components: 2, ridge: 1, epochs: 5, learningRate: 3e-3 }).fit(views).point;
  expect(stochastic.eigenvalues.reduce((s, v) => s + v, 0) / covariance).toBeGreaterThan(0.9);
});

test('rows may come as a stream, and runaway rates are halved', async () => {
  const [X, Y] = planted(4000, [8, 6], [0.9, 0.8], 10).map(flat);
  async function* batches() {
    for (let epoch = 0; epoch < 4; epoch++) {
      for (let i = 0; i + 20 <= 4000; i += 20) yield [X.slice(i, i + 20), Y.slice(i, i + 20)];
    }
  }
  const stream = new StochasticCca({ components: 2, learningRate: 3e-3 });
  const { point: found, status } = await stream.fitStream(batches());
  expect(status).toBe('completed');
  expect(stream.steps).toBe(800);
  const exact = ccaExact([X, Y], { components: 2 }).eigenvalues;
  const reached = found.correlations([X, Y]).reduce((s, v) => s + v, 0);
  expect(reached / (exact[0] + exact[1])).toBeGreaterThan(0.95);
  const wild = new StochasticCca({ components: 2, optimiser: 'sgd', learningRate: 10 });
  const tamed = wild.fit([X, Y]).point;
  expect(wild.halvings).toBeGreaterThan(0);
  expect(tamed.eigenvalues.every(Number.isFinite)).toBe(true);
});

test('a stream that is stopped while it waits for rows goes on with the same bits', async () => {
  const [X, Y] = planted(400, [4, 3], [0.9, 0.8], 10).map(flat);
  /** Before the batch of that number it waits, and tells. */
  async function* batches(waits?: { readonly at: number; readonly then: () => Promise<void> }) {
    for (let i = 0; i + 20 <= 400; i += 20) {
      if (waits?.at === i / 20) await waits.then();
      yield [X.slice(i, i + 20), Y.slice(i, i + 20)];
    }
  }
  const model = () => new StochasticCca({ components: 2, learningRate: 3e-3 });
  const whole = await model().fitStream(batches());
  for (const at of [2, 7, 19]) {
    const controller = new AbortController();
    const states: StochasticCcaState[] = [];
    const then = async () => {
      controller.abort();
      await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const stopped = await model().fitStream(batches({ at, then }), {
      signal: controller.signal,
      checkpoint: { save: (state) => states.push(state as StochasticCcaState), every: 1e9 },
    });
    expect(stopped.status).toBe('aborted');
    const rest = await model().fitStream(batches(), { resume: states.at(-1) });
    expect(rest.point.weights.map((W) => W.data)).toEqual(whole.point.weights.map((W) => W.data));
  }
});

test('generalised eigenvalues of diagonal matrices', () => {
  const { values, vectors } = generalisedEigen(Float64Array.of(6, 0, 0, 2), Float64Array.of(2, 0, 0, 4), 2, 2);
  expect(values[0]).toBeCloseTo(3, 12);
  expect(values[1]).toBeCloseTo(0.5, 12);
  expect(Math.abs(vectors[0][0])).toBeCloseTo(Math.SQRT1_2, 12);
  expect(() => generalisedEigen(Float64Array.of(1), Float64Array.of(0), 1, 1)).toThrow(SouthwellError);
});

test('the loss over matrices ends at the leading eigenvectors from every start', () => {
  const random = new Random(12);
  const n = 12;
  const F = Array.from({ length: n * n }, () => random.normal());
  const A = new Float64Array(n * n);
  const B = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      A[i * n + j] = F[i * n + j] + F[j * n + i];
      for (let t = 0; t < n; t++) B[i * n + j] += (F[i * n + t] * F[j * n + t]) / n;
      if (i === j) B[i * n + j] += 1;
    }
  }
  const by = (M: Float64Array) => (v: Float64Array, out: Float64Array) => {
    for (let i = 0; i < n; i++) out[i] = v.reduce((s, x, j) => s + M[i * n + j] * x, 0);
  };
  const { values } = generalisedEigen(A, B, n, 3);
  expect(values[2]).toBeGreaterThan(0);
  for (const seed of [1, 2, 3]) {
    const { objective, status } = run(eyIterates(by(A), by(B), n, 3, { seed }), { tol: 1e-9, maxIter: 5000 });
    expect(status).toBe('converged');
    expect(objective).toBeCloseTo(-values.reduce((s, v) => s + v * v, 0), 8);
  }
  expect(() => run(eyIterates(by(A), by(B), n, 13))).toThrow('from 1 to 12');
});

describe('views whose columns depend on each other', () => {
  const random = new Random(21);
  const free = Array.from({ length: 60 }, () => [3 * random.normal(), 7 + random.normal(), 100 * random.normal()]);
  const other = free.map(([a, b]) => [a + random.normal(), b - a + random.normal()]);
  const plain = ccaExact([free, other], { components: 2 });

  test('the shortest weights, the same scores, and which columns depend on which', () => {
    // Constant; twice the first; a sum and a number.
    const full = free.map(([a, b, c]) => [a, 5, b, 2 * a, c, a + b + 3]);
    const found = ccaExact([full, other], { components: 2 });
    found.eigenvalues.forEach((v, c) => {
      expect(v).toBeCloseTo(plain.eigenvalues[c], 9);
    });
    const structure = found.structures![0]!;
    expect(structure.independent).toEqual([0, 2, 4]);
    expect(structure.constant).toEqual([1]);
    expect(structure.dependent.map(({ column, on }) => [column, on.map((o) => o.column)])).toEqual([
      [3, [0]],
      [5, [0, 2]],
    ]);
    expect(structure.dependent[0].on[0].coefficient).toBeCloseTo(2, 9);
    expect(structure.dependent[1].constant).toBeCloseTo(3, 7);
    for (let c = 0; c < 2; c++) {
      const w = found.weights[0].column(c);
      // At a right angle to what changes no score.
      expect(Math.abs(w[1])).toBe(0);
      expect(w[3] - 2 * w[0]).toBeCloseTo(0, 9);
      expect(w[5] - w[0] - w[2]).toBeCloseTo(0, 9);
      const [z, own] = [found.transform([full, other])[0], plain.transform([free, other])[0]];
      const sign = Math.sign(z.get(0, c) * own.get(0, c));
      for (let i = 0; i < 60; i++) expect(sign * z.get(i, c)).toBeCloseTo(own.get(i, c), 7);
    }
  });

  test('independent columns: nothing is said, and the condition is that of singular values', () => {
    const [structure] = plain.structures!;
    expect([structure!.dependent, structure!.constant]).toEqual([[], []]);
    const near = free.map(([a, b, c], i) => [a, b, c, a + b + 1e-4 * Math.sin(i * i)]);
    const { condition } = ccaExact([near, other]).structures![0]!;
    const columns = near[0].map((_, j) => {
      const mean = near.reduce((s, row) => s + row[j] / 60, 0);
      const off = near.map((row) => row[j] - mean);
      const size = Math.hypot(...off);
      return off.map((v) => v / size);
    });
    const { sizes } = jacobiSvd(
      near.flatMap((_, i) => columns.map((column) => column[i])),
      60,
      4,
    );
    expect(condition / (Math.max(...sizes) / Math.min(...sizes))).toBeCloseTo(1, 3);
    expect(condition).toBeGreaterThan(1e4);
  });

  test('more columns than rows: every correlation is 1, the weights are the shortest', () => {
    const wide = Array.from({ length: 6 }, () => Array.from({ length: 9 }, () => random.normal()));
    const y = wide.map(([a]) => [a + random.normal()]);
    const found = ccaExact([wide, y]);
    expect(found.eigenvalues[0]).toBeCloseTo(1, 9);
    expect(found.structures![0]!.independent).toHaveLength(5);
    // In the span of the centred rows, as shortest ones are.
    const w = [...found.weights[0].column(0)];
    const rows = wide.map((row) => row.map((v, j) => v - wide.reduce((s, r) => s + r[j] / 6, 0)));
    let left = w;
    const basis: number[][] = [];
    for (const row of rows) {
      let own = row;
      for (const q of [...basis, ...basis]) {
        const along = own.reduce((s, v, j) => s + v * q[j], 0);
        own = own.map((v, j) => v - along * q[j]);
      }
      const size = Math.hypot(...own);
      if (size > 1e-9) basis.push(own.map((v) => v / size));
    }
    for (const q of basis) {
      const along = left.reduce((s, v, j) => s + v * q[j], 0);
      left = left.map((v, j) => v - along * q[j]);
    }
    expect(Math.hypot(...left)).toBeLessThan(1e-9 * Math.hypot(...w));
  });
});

test('mistakes are told', () => {
  const X = [
    [1, 2],
    [3, 4],
    [5, 7],
  ];
  expect(() => ccaExact([X])).toThrow('two views');
  expect(() => ccaExact([])).toThrow('array of matrices');
  expect(() => ccaExact([X, X.slice(1)])).toThrow('2');
  expect(() => ccaExact([X, X], { components: 3 })).toThrow('components');
  expect(() => ccaExact([X, X], { ridge: 2 })).toThrow('ridge');
  expect(() => ccaExact([X, X], { ridge: [0] })).toThrow('ridge');
  expect(() => ccaExact([X, [[1], [1], [1]]])).toThrow('constant');
  expect(() => ccaExact([X, [[1], [Number.NaN], [1]]])).toThrow('view 1');
  expect(() => new StochasticCca({ batchSize: 1 })).toThrow('batchSize');
  expect(() => new StochasticCca({ learningRate: 0 })).toThrow('learningRate');
  expect(() => new StochasticCca().calibrate([X, X])).toThrow('weights');
  expect(() => new StochasticCca().partialFit([X, X])).toThrow('four rows');
});
