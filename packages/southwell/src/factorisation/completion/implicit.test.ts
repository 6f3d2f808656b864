import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import {
  areaUnderCurve,
  foldInImplicit,
  type ImplicitOptions,
  implicitFactors,
  implicitIterates,
  observedMatrix,
  rankingMetrics,
} from '../index.ts';

/** Counts of two tastes: rows of one see the first half of the columns, the others the second. */
function tastes(rows: number, cols: number, seed: number) {
  const random = new Random(seed);
  const parts = { train: [[], [], []] as number[][], held: [[], [], []] as number[][] };
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const own = i % 2 === 0 ? j < cols / 2 : j >= cols / 2;
      if (random.uniform() > (own ? 0.5 : 0.04)) continue;
      const to = random.uniform() < 0.2 ? parts.held : parts.train;
      const entry = [i, j, 1 + Math.floor(5 * random.uniform())];
      for (let c = 0; c < 3; c++) to[c].push(entry[c]);
    }
  }
  const matrix = ([r, c, v]: number[][]) => observedMatrix(rows, cols, r, c, v);
  return { train: matrix(parts.train), held: matrix(parts.held) };
}

/** ½Σ c(p − u·v)² + ½λ(‖U‖² + ‖V‖²), pair by pair. */
function objective(counts: number[][], U: Float64Array, V: Float64Array, k: number, alpha: number, lambda: number) {
  let twice = 0;
  counts.forEach((row, i) => {
    row.forEach((r, j) => {
      let z = 0;
      for (let a = 0; a < k; a++) z += U[i * k + a] * V[j * k + a];
      twice += (1 + alpha * r) * ((r > 0 ? 1 : 0) - z) ** 2;
    });
  });
  for (const v of [...U, ...V]) twice += lambda * v * v;
  return twice / 2;
}

/** The minimiser of ½Σ w(p − x·f)² + ½λ‖x‖² over all rows of f, by elimination with pivots. */
function weightedLeastSquares(f: Float64Array, k: number, w: number[], p: number[], lambda: number): number[] {
  const M = Array.from({ length: k }, (_, a) => Array.from({ length: k + 1 }, (__, b) => (a === b ? lambda : 0)));
  w.forEach((weight, j) => {
    for (let a = 0; a < k; a++) {
      for (let b = 0; b < k; b++) M[a][b] += weight * f[j * k + a] * f[j * k + b];
      M[a][k] += weight * p[j] * f[j * k + a];
    }
  });
  for (let a = 0; a < k; a++) {
    let best = a;
    for (let b = a; b < k; b++) if (Math.abs(M[b][a]) > Math.abs(M[best][a])) best = b;
    [M[a], M[best]] = [M[best], M[a]];
    for (let b = 0; b < k; b++) {
      if (b === a) continue;
      const by = M[b][a] / M[a][a];
      for (let c = a; c <= k; c++) M[b][c] -= by * M[a][c];
    }
  }
  return M.map((row, a) => row[k] / row[a]);
}

const dense = (rows: number, cols: number, M: ReturnType<typeof observedMatrix>) => {
  const out = Array.from({ length: rows }, () => new Array<number>(cols).fill(0));
  for (let j = 0; j < cols; j++) {
    for (let e = M.colPointers[j]; e < M.colPointers[j + 1]; e++) out[M.rowIndices[e]][j] = M.values[e];
  }
  return out;
};

test.each(['cg', 'cholesky'] as const)(
  'the objective is that of all pairs, falls, and %s ends where both sides are least squares',
  (solver) => {
    const [rows, cols, rank, alpha, lambda] = [9, 7, 2, 3, 0.7];
    const { train } = tastes(rows, cols, 3);
    const counts = dense(rows, cols, train);
    const options = { rank, alpha, lambda, solver, tol: 0, maxIter: 400 };
    let last = Number.POSITIVE_INFINITY;
    for (const it of implicitIterates(train, options)) {
      const { left, right } = it.snapshot();
      expect(it.objective).toBeCloseTo(objective(counts, left, right, rank, alpha, lambda), 9);
      expect(it.objective).toBeLessThanOrEqual(last * (1 + 1e-12));
      last = it.objective;
      if (it.iteration === 20) break;
    }
    const { factors } = implicitFactors(train, options);
    const [U, V] = [factors.left, factors.right];
    for (let i = 0; i < rows; i++) {
      const x = weightedLeastSquares(
        V,
        rank,
        counts[i].map((r) => 1 + alpha * r),
        counts[i].map((r) => (r > 0 ? 1 : 0)),
        lambda,
      );
      x.forEach((v, a) => {
        expect(Math.abs(U[i * rank + a] - v)).toBeLessThan(1e-4);
      });
    }
    for (let j = 0; j < cols; j++) {
      const own = counts.map((row) => row[j]);
      const y = weightedLeastSquares(
        U,
        rank,
        own.map((r) => 1 + alpha * r),
        own.map((r) => (r > 0 ? 1 : 0)),
        lambda,
      );
      y.forEach((v, a) => {
        expect(Math.abs(V[j * rank + a] - v)).toBeLessThan(1e-4);
      });
    }
  },
);

test('a new row is coded by the least squares of its entries, explicit zeros and rows without entries too', () => {
  const { train } = tastes(30, 20, 4);
  const model = implicitFactors(train, { rank: 3, alpha: 5, lambda: 2 });
  const counts = new Array<number>(20).fill(0);
  counts[2] = 3;
  counts[5] = 1;
  const code = model.foldIn([2, 5, 9], [3, 1, 0]);
  const expected = weightedLeastSquares(
    model.factors.right,
    3,
    counts.map((r) => 1 + 5 * r),
    counts.map((r) => (r > 0 ? 1 : 0)),
    2,
  );
  expected.forEach((v, a) => {
    expect(code[a]).toBeCloseTo(v, 10);
  });
  expect([...model.foldIn([], [])]).toEqual([0, 0, 0]);
});

test('tastes are found: held-out columns come first, those seen left out', () => {
  const { train, held } = tastes(80, 40, 5);
  const model = implicitFactors(train, { rank: 2, alpha: 10, lambda: 1 });
  expect(model.solution.status).toBe('converged');
  // No more can be known than whose taste a column is to: among these, which were held out is chance.
  const own = (i: number, j: number) => (i % 2 === 0 ? +(j < 20) : +(j >= 20));
  const knowing = {
    predict: own,
    topN: (i: number, n: number, except = new Set<number>()) =>
      Array.from({ length: 40 }, (_, col) => ({ col, value: own(i, col) }))
        .filter(({ col, value }) => value > 0 && !except.has(col))
        .slice(0, n),
  };
  const [found, limit] = [model, knowing].map((m) => ({
    ...rankingMetrics(m, train, held, { n: 5, relevant: 1 }),
    auc: areaUnderCurve(m, train, held, { relevant: 1 }),
  }));
  expect(found.auc).toBeGreaterThan(limit.auc - 0.03);
  expect(found.precision).toBeGreaterThan(0.75 * limit.precision);
  expect(found.ndcg).toBeGreaterThan(0.75 * limit.ndcg);
  expect(areaUnderCurve({ predict: () => 0 }, train, held, { relevant: 1 })).toBeCloseTo(0.5, 12);
  const seen = new Set([0, 1, 2]);
  expect(model.topN(0, 40, seen)).toHaveLength(37);
});

test('goes on from a checkpoint with the same bits; an abort and a limit are told', () => {
  const { train } = tastes(40, 30, 6);
  const options: ImplicitOptions = { rank: 3, tol: 0, maxIter: 8 };
  const states: unknown[] = [];
  const whole = implicitFactors(train, { ...options, checkpoint: { save: (state) => states.push(state) } });
  expect(whole.solution.status).toBe('iteration-limit');
  const rest = implicitFactors(train, { ...options, resume: states[3] as ImplicitOptions['resume'] });
  expect(rest.factors).toEqual(whole.factors);
  expect(implicitFactors(train, { ...options, signal: AbortSignal.abort() }).solution.status).toBe('aborted');
});

test('mistakes are told', () => {
  const M = observedMatrix(3, 3, [0, 1], [1, 2], [1, 2]);
  expect(() => implicitFactors(M, { rank: 4 })).toThrow('from 1 to 3');
  expect(() => implicitFactors(M, { rank: 1, lambda: 0 })).toThrow('lambda must be finite and above 0');
  expect(() => implicitFactors(M, { rank: 1, alpha: -1 })).toThrow('alpha');
  expect(() => implicitFactors(M, { rank: 1, solver: 'qr' as 'cg' })).toThrow('solver must be one of cg, cholesky');
  expect(() => implicitFactors(observedMatrix(2, 2, [0], [0], [-1]), { rank: 1 })).toThrow('at least 0');
  expect(() => implicitFactors(observedMatrix(2, 2, [], [], []), { rank: 1 })).toThrow('no observed entries');
  expect(() => foldInImplicit({ right: new Float64Array(3), rank: 1, alpha: 1, lambda: 1 }, [3], [1])).toThrow(
    'no column',
  );
});
