import { CscMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { symmetricEigenvalues } from '@southwell/numerics/linalg';
import { describe, expect, test } from 'vitest';
import {
  type CompletionMethod,
  completeMatrix,
  completionIterates,
  heldOutError,
  observedMatrix,
  prepareEntries,
  rankingMetrics,
  solveRegressions,
} from '../index.ts';
import { Sketch } from './regressions.ts';

/** A rank-r matrix of normal factors, and a share of its entries. */
function planted(m: number, n: number, r: number, share: number, seed: number, noise = 0) {
  const random = new Random(seed);
  const A = Float64Array.from({ length: m * r }, () => random.normal());
  const B = Float64Array.from({ length: n * r }, () => random.normal());
  const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
  const truth = (i: number, j: number) => {
    let s = 0;
    for (let a = 0; a < r; a++) s += A[i * r + a] * B[j * r + a];
    return s;
  };
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++)
      if (random.uniform() < share) {
        rows.push(i);
        cols.push(j);
        values.push(truth(i, j) + noise * random.normal());
      }
  return { observed: observedMatrix(m, n, rows, cols, values), truth, rows, cols, values };
}

function relativeError(c: ReturnType<typeof completeMatrix>, truth: (i: number, j: number) => number): number {
  let [e, s] = [0, 0];
  for (let i = 0; i < c.rows; i++)
    for (let j = 0; j < c.cols; j++) {
      e += (c.predict(i, j) - truth(i, j)) ** 2;
      s += truth(i, j) ** 2;
    }
  return Math.sqrt(e / s);
}

describe('regressions', () => {
  const { observed } = planted(400, 6, 3, 0.8, 1);
  const k = 5;
  const random = new Random(2);
  const factor = Float64Array.from({ length: 400 * k }, (_, at) => random.normal() * (at % k === 0 ? 100 : 1));
  const weights = Float64Array.from({ length: observed.nnz }, () => random.uniform() + 0.1);
  const { byCol } = prepareEntries(observed, { weights }).observed;

  test.each(['exact', 'sketch', 'cg'] as const)('%s: the gradient is zero', (solver) => {
    for (const lambda of [0, 3]) {
      const x = solveRegressions(byCol, factor, k, { solver, lambda, maxIter: 200 });
      for (let j = 0; j < 6; j++) {
        const gradient = new Float64Array(k);
        const start = new Float64Array(k);
        for (let e = byCol.pointers[j]; e < byCol.pointers[j + 1]; e++) {
          const row = factor.subarray(byCol.indices[e] * k, byCol.indices[e] * k + k);
          const r = byCol.values[e] - row.reduce((s, v, a) => s + v * x[j * k + a], 0);
          for (let a = 0; a < k; a++) {
            gradient[a] += byCol.weights![e] * row[a] * r;
            start[a] += byCol.weights![e] * row[a] * byCol.values[e];
          }
        }
        for (let a = 0; a < k; a++) {
          expect(Math.abs(gradient[a] - lambda * x[j * k + a])).toBeLessThan(1e-8 * Math.hypot(...start));
        }
      }
    }
  });

  test('a sketch takes the condition away: at most 3 for six times as many rows as columns', () => {
    const k = 16;
    const random = new Random(3);
    // Columns of sizes 1 to 1e6, every line with half of 400 rows.
    const factor = Float64Array.from(
      { length: 400 * k },
      (_, at) => random.normal() * 10 ** ((6 * (at % k)) / (k - 1)),
    );
    const { byCol: lines } = prepareEntries(planted(400, 6, 3, 0.5, 4).observed).observed;
    const sketch = new Sketch(400, 6 * k, 5);
    for (let j = 0; j < 6; j++) {
      const L = sketch.factorOf(lines, j, factor, k, 0, { multiplyAdds: 0, innerIterations: 0 })!;
      // The Gram matrix of A L⁻ᵀ, row by row of A.
      const gram = new Float64Array(k * k);
      for (let e = lines.pointers[j]; e < lines.pointers[j + 1]; e++) {
        const z = factor.slice(lines.indices[e] * k, lines.indices[e] * k + k);
        for (let a = 0; a < k; a++) {
          for (let b = 0; b < a; b++) z[a] -= L[a * k + b] * z[b];
          z[a] /= L[a * k + a];
        }
        for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) gram[a * k + b] += z[a] * z[b];
      }
      const eigen = symmetricEigenvalues(gram, k);
      expect(Math.sqrt(Math.max(...eigen) / Math.min(...eigen))).toBeLessThan(3);
    }
  });

  test('fewer entries than unknowns: the shortest solution', () => {
    const one = prepareEntries(observedMatrix(3, 1, [1], [0], [10])).observed.byCol;
    for (const solver of ['exact', 'cg', 'sketch'] as const) {
      const x = solveRegressions(one, Float64Array.of(0, 0, 1, 2, 0, 0), 2, { solver });
      expect(x[0]).toBeCloseTo(2, 10);
      expect(x[1]).toBeCloseTo(4, 10);
    }
  });
});

describe('completion', () => {
  test.each(['robust', 'als'] as const)('%s recovers a planted matrix, and its transpose the same', (method) => {
    const { observed, truth, rows, cols, values } = planted(80, 60, 3, 0.5, 3);
    const c = completeMatrix(observed, { rank: 3, method });
    expect(c.solution.status).toBe('converged');
    expect(relativeError(c, truth)).toBeLessThan(1e-8);
    const t = completeMatrix(observedMatrix(60, 80, cols, rows, values), { rank: 3, method });
    expect(relativeError(t, (i, j) => truth(j, i))).toBeLessThan(1e-8);
    const sketched = completeMatrix(observed, { rank: 3, solver: 'sketch' });
    expect(relativeError(sketched, truth)).toBeLessThan(1e-8);
  });

  test('every entry seen: the best approximation of the rank, by the eigenvalues of the Gram matrix', () => {
    const { observed, values } = planted(20, 12, 8, 1, 4);
    const c = completeMatrix(observed, { rank: 3, method: 'als', tol: 1e-14, maxIter: 2000 });
    const gram = new Float64Array(144);
    for (let i = 0; i < 20; i++)
      for (let a = 0; a < 12; a++)
        for (let b = 0; b < 12; b++) gram[a * 12 + b] += values[i * 12 + a] * values[i * 12 + b];
    const eigen = Array.from(symmetricEigenvalues(gram, 12)).sort((a, b) => b - a);
    const least = eigen.slice(3).reduce((s, v) => s + v, 0);
    expect(2 * c.solution.objective).toBeCloseTo(least, 6);
  });

  test('singular values are those of the completed matrix', () => {
    const { observed } = planted(20, 12, 3, 0.9, 4);
    const c = completeMatrix(observed, { rank: 4, lambda: 0.1 });
    const full = c.toDense();
    const gram = new Float64Array(144);
    for (let a = 0; a < 12; a++)
      for (let b = 0; b < 12; b++) for (let i = 0; i < 20; i++) gram[a * 12 + b] += full.get(i, a) * full.get(i, b);
    const eigen = Array.from(symmetricEigenvalues(gram, 12)).sort((a, b) => b - a);
    expect(c.singularValues).toHaveLength(4);
    c.singularValues.forEach((v, a) => {
      expect(v ** 2).toBeCloseTo(eigen[a], 6);
    });
  });

  test.each(['robust', 'als'] as const)('%s recovers a planted matrix from random directions, too', (method) => {
    const { observed, truth } = planted(80, 60, 3, 0.5, 3);
    const found = [0, 1, 2].map((seed) => completeMatrix(observed, { rank: 3, method, init: 'random', seed }));
    for (const c of found) expect(relativeError(c, truth)).toBeLessThan(1e-8);
    expect(found[0].solution.trace[1].objective).not.toBe(found[1].solution.trace[1].objective);
    const shrunk = (init: 'random' | 'spectral') =>
      completeMatrix(observed, { rank: 3, method, init, lambda: 0.5, tol: 1e-12, maxIter: 2000 }).solution.objective;
    expect(shrunk('random')).toBeCloseTo(shrunk('spectral'), 6);
  });

  test('a badly conditioned matrix is recovered all the same', () => {
    const random = new Random(12);
    const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
    const factor = () => Float64Array.from({ length: 60 * 3 }, (_, at) => random.normal() * [1, 0.4, 0.2][at % 3]);
    const [A, B] = [factor(), factor()];
    const truth = (i: number, j: number) =>
      A[3 * i] * B[3 * j] + A[3 * i + 1] * B[3 * j + 1] + A[3 * i + 2] * B[3 * j + 2];
    for (let i = 0; i < 60; i++)
      for (let j = 0; j < 60; j++)
        if (random.uniform() < 0.5) {
          rows.push(i);
          cols.push(j);
          values.push(truth(i, j));
        }
    const c = completeMatrix(observedMatrix(60, 60, rows, cols, values), { rank: 3, tol: 0, maxIter: 500 });
    expect(relativeError(c, truth)).toBeLessThan(1e-9);
  });

  test('residuals that are carried stay those of the factors', () => {
    const { observed } = planted(40, 30, 4, 0.5, 13, 0.3);
    const weights = Float64Array.from({ length: observed.nnz }, (_, e) => 1 + (e % 3));
    for (const options of [{}, { lambda: 2 }, { lambda: 2, nonNegative: true }, { weights, innerSteps: 3 }]) {
      const { lambda = 0 } = options as { lambda?: number };
      const w = 'weights' in options ? options.weights! : weights.map(() => 1);
      let compared = 0;
      // The seventh sweep, before residuals are computed anew.
      const watch = { ...options, rank: 4, tol: 0, maxIter: 7 };
      const c = completeMatrix(observed, watch);
      let squares = 0;
      for (let j = 0; j < 30; j++)
        for (let e = observed.colPointers[j]; e < observed.colPointers[j + 1]; e++) {
          squares += w[e] * (observed.values[e] - c.predict(observed.rowIndices[e], j)) ** 2;
          compared++;
        }
      const { left, right } = c.factors;
      const size = [...left, ...right].reduce((s, v) => s + v * v, 0);
      expect(compared).toBe(observed.nnz);
      expect(c.solution.objective / (0.5 * squares + 0.5 * lambda * size)).toBeCloseTo(1, 10);
    }
  });

  test('enough inner steps make robust sweeps those of als', () => {
    const { observed } = planted(40, 30, 4, 0.6, 14, 0.3);
    for (const lambda of [0, 2]) {
      const run = (method: CompletionMethod, innerSteps?: number) =>
        completeMatrix(observed, { rank: 4, method, lambda, innerSteps, tol: 0, maxIter: 6 }).solution.objective;
      expect(run('robust', 40) / run('als')).toBeCloseTo(1, 8);
      expect(Math.abs(run('robust', 1) / run('als') - 1)).toBeGreaterThan(1e-5);
    }
  });

  test('factors at or above zero: a planted product of such factors is found, and its objective is a stationary point', () => {
    const random = new Random(15);
    const positive = () => Float64Array.from({ length: 40 * 3 }, () => (random.uniform() < 0.3 ? 0 : random.uniform()));
    const [A, B] = [positive(), positive()];
    const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
    const truth = (i: number, j: number) => [0, 1, 2].reduce((s, a) => s + A[3 * i + a] * B[3 * j + a], 0);
    for (let i = 0; i < 40; i++)
      for (let j = 0; j < 40; j++)
        if (random.uniform() < 0.7) {
          rows.push(i);
          cols.push(j);
          values.push(truth(i, j));
        }
    const M = observedMatrix(40, 40, rows, cols, values);
    const c = completeMatrix(M, { rank: 3, nonNegative: true, tol: 1e-12, maxIter: 5000 });
    expect(Math.min(...c.factors.left, ...c.factors.right)).toBe(0);
    expect(relativeError(c, truth)).toBeLessThan(1e-2);
    // With data below zero nothing is better than zero.
    const below = observedMatrix(3, 3, [0, 1, 2], [0, 1, 2], [-1, -2, -3]);
    expect(completeMatrix(below, { rank: 2, nonNegative: true }).predict(1, 1)).toBe(0);
  });

  test('singular value thresholding finds the matrix, and keeps to the entries', () => {
    const { observed, truth } = planted(60, 60, 2, 0.5, 16);
    const c = completeMatrix(observed, { rank: 6, method: 'svt', maxIter: 1000 });
    expect(c.solution.status).toBe('converged');
    expect(relativeError(c, truth)).toBeLessThan(1e-3);
    expect(c.trainError).toBeLessThan(2e-4);
    const found = c.factors.left.reduce((s, v) => s + (v !== 0 ? 1 : 0), 0) / 60;
    expect(found).toBe(2);
  });

  test('with exact regressions the objective never rises', () => {
    const { observed } = planted(40, 30, 5, 0.5, 5, 0.5);
    for (const lambda of [0, 1]) {
      const { trace } = completeMatrix(observed, { rank: 3, method: 'als', lambda }).solution;
      expect(trace.length).toBeGreaterThan(4);
      for (let t = 2; t < trace.length; t++) {
        expect(trace[t].objective).toBeLessThanOrEqual(trace[t - 1].objective * (1 + 1e-12));
      }
    }
  });

  test('als, robust and soft-impute of one λ and enough rank end at one objective: a convex problem in Z', () => {
    const { observed } = planted(30, 25, 2, 0.6, 6, 0.3);
    const end = (method: CompletionMethod) =>
      completeMatrix(observed, { rank: 12, method, lambda: 4, tol: 1e-12, maxIter: 5000 });
    const soft = end('soft-impute');
    expect(Math.abs(end('als').solution.objective / soft.solution.objective - 1)).toBeLessThan(1e-5);
    expect(Math.abs(end('robust').solution.objective / soft.solution.objective - 1)).toBeLessThan(1e-4);
  });

  test('rank 1, 2 × 2, an entry missing', () => {
    for (const method of ['robust', 'als'] as const) {
      const c = completeMatrix(observedMatrix(2, 2, [0, 1, 1], [0, 0, 1], [2, 3, 12]), {
        rank: 1,
        method,
        tol: 1e-15,
        maxIter: 1000,
      });
      expect(c.predict(0, 1)).toBeCloseTo(8, 5);
    }
  });

  test('zeros that are stored were seen; weights of zero were not', () => {
    const rows = [0, 0, 1, 1, 2, 2];
    const cols = [0, 1, 0, 1, 0, 1];
    const zero = completeMatrix(observedMatrix(3, 2, rows, cols, [1, 0, 2, 0, 3, 0]), { rank: 1 });
    expect(Math.abs(zero.predict(1, 1))).toBeLessThan(1e-8);
    const M = observedMatrix(3, 2, rows, cols, [1, 2, 2, 4, 3, 99]);
    // By columns: (0,0) (1,0) (2,0) (0,1) (1,1) (2,1).
    const c = completeMatrix(M, { rank: 1, weights: [1, 1, 1, 1, 1, 0], tol: 1e-15, maxIter: 1000 });
    expect(c.predict(2, 1)).toBeCloseTo(6, 5);
  });

  test('biases alone make up an additive matrix nearly; empty lines get them', () => {
    const rows: number[] = [];
    const cols: number[] = [];
    const values: number[] = [];
    for (let i = 0; i < 50; i++)
      for (let j = 0; j < 50; j++) {
        rows.push(i);
        cols.push(j);
        values.push(3 + i / 50 - j / 50);
      }
    const c = completeMatrix(observedMatrix(51, 51, rows, cols, values), { rank: 1, lambda: 1e3, biases: true });
    expect(c.trainError).toBeLessThan(0.05);
    expect(c.unidentified).toEqual({ rows: [50], cols: [50] });
    expect(c.predict(50, 50)).toBeCloseTo(3, 10);
  });

  test('a single huge entry is not recovered, and the held-out error says so', () => {
    const random = new Random(8);
    const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
    for (let i = 0; i < 30; i++)
      for (let j = 0; j < 30; j++)
        if ((i !== 7 || j !== 9) && random.uniform() < 0.5) {
          rows.push(i);
          cols.push(j);
          values.push(0);
        }
    const c = completeMatrix(observedMatrix(30, 30, rows, cols, values), { rank: 1 });
    expect(c.trainError).toBe(0);
    expect(heldOutError(c, observedMatrix(30, 30, [7], [9], [1000]))).toBe(1000);
  });
});

describe('degenerate input', () => {
  test.each(['robust', 'als', 'soft-impute', 'svt'] as const)('%s', (method) => {
    const one = completeMatrix(observedMatrix(5, 4, [2], [3], [7]), { rank: 1, method, tol: 1e-8 });
    expect(one.predict(2, 3)).toBeCloseTo(7, 4);
    expect(one.predict(0, 0)).toBe(0);
    expect(one.unidentified.rows).toEqual([0, 1, 3, 4]);
    const { observed, truth } = planted(30, 30, 2, 0.9, 9);
    const above = completeMatrix(observed, { rank: 10, method, maxIter: 500 });
    expect(above.trainError).toBeLessThan(0.05);
    expect(Number.isFinite(relativeError(above, truth))).toBe(true);
    const full = completeMatrix(observed, { rank: 30, method, lambda: 0.1, maxIter: 50 });
    expect(Number.isFinite(relativeError(full, truth))).toBe(true);
  });

  test('an unknown start, and a random one of a method without', () => {
    const { observed } = planted(9, 8, 2, 0.8, 1);
    const start = (method: 'svt' | 'als', init: string) => () =>
      completeMatrix(observed, { rank: 2, method, init: init as 'random' });
    expect(start('als', 'zero')).toThrow('init must be one of spectral, random, but is zero.');
    expect(start('svt', 'random')).toThrow(/is for als and robust, not for svt/);
  });

  test('sentences for what cannot be', () => {
    expect(() => observedMatrix(2, 2, [0], [0], [Number.NaN])).toThrow('Row 1, column 1 is NaN');
    expect(() => observedMatrix(2, 2, [0, 0], [1, 1], [1, 2])).toThrow('Row 1, column 2 is given twice');
    expect(() => observedMatrix(2, 2, [2], [0], [1])).toThrow('outside');
    expect(() => completeMatrix(CscMatrix.create(2, 2, 0), { rank: 1 })).toThrow('completion needs at least one');
    const M = observedMatrix(2, 2, [0], [0], [1]);
    expect(() => completeMatrix(M, { rank: 3 })).toThrow('from 1 to 2');
    expect(() => completeMatrix(M, { rank: 1, lambda: -1 })).toThrow('lambda');
    expect(() => completeMatrix(M, { rank: 1, weights: [1, 2] })).toThrow('one for each entry');
    expect(() => completeMatrix(M, { rank: 1, weights: [1], method: 'soft-impute' })).toThrow(
      'does not support weights',
    );
    expect(() => completeMatrix(M, { rank: 1, innerSteps: 0 })).toThrow('innerSteps');
    expect(() => completeMatrix(M, { rank: 1, nonNegative: true, method: 'als' })).toThrow('nonNegative');
    expect(() => completeMatrix(M, { rank: 1, nonNegative: true, biases: true })).toThrow('biases');
  });

  test('an abort keeps the last sweep', () => {
    const { observed } = planted(30, 30, 2, 0.5, 9);
    const c = completeMatrix(observed, { rank: 2, signal: AbortSignal.abort() });
    expect([c.solution.status, c.solution.iterations]).toEqual(['aborted', 0]);
    expect([...completionIterates(prepareEntries(observed).observed, { rank: 2 })].length).toBeGreaterThan(2);
  });
});

test('ranking: hand-made', () => {
  const order = [3, 1, 0, 2];
  const completion = {
    topN: (_: number, n: number, except?: ReadonlySet<number>) =>
      order
        .filter((j) => !except?.has(j))
        .slice(0, n)
        .map((col) => ({ col, value: 0 })),
  };
  const train = observedMatrix(2, 4, [0], [3], [5]);
  const held = observedMatrix(2, 4, [0, 0, 0], [0, 2, 1], [5, 5, 1]);
  const m = rankingMetrics(completion, train, held, { n: 2, relevant: 4 });
  // Row 0 shows 1, 0: of the relevant 0 and 2 the second place finds one. Row 1 has nothing held out.
  expect(m).toMatchObject({ precision: 0.5, recall: 0.5, rows: 1 });
  expect(m.ndcg).toBeCloseTo(1 / Math.log2(3) / (1 + 1 / Math.log2(3)), 12);
});
