import { Arena } from '@southwell/kernels';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { svd } from '@southwell/numerics/linalg';
import { dct2Rows, dctMatrix } from '@southwell/numerics/transforms';
import { describe, expect, test } from 'vitest';
import {
  adamW,
  type LowRankAdamWOptions,
  lowRankAdamW,
  muon,
  type Numbers,
  newtonSchulz,
  rangesOf,
  saveState,
  selectBasisColumns,
  stateBytes,
  type TrainingOptimiser,
  trion,
} from '../../index.ts';
import { sentence } from '../../testing.ts';
import { addRows, quantiseRows } from './feedback.ts';

// Oracles: tables of numbers and loops over them, without kernels, transforms or layouts of the library.
type Table = number[][];
const table = (n: number, m: number, of: (i: number, j: number) => number): Table =>
  Array.from({ length: n }, (_, i) => Array.from({ length: m }, (__, j) => of(i, j)));
const turned = (A: Table): Table => A[0].map((_, j) => A.map((row) => row[j]));
const times = (A: Table, B: Table): Table => {
  const C = turned(B);
  return A.map((row) => C.map((col) => row.reduce((sum, v, k) => sum + v * col[k], 0)));
};
const plus = (A: Table, B: Table, b = 1): Table => A.map((row, i) => row.map((v, j) => v + b * B[i][j]));
const cosines = (n: number): Table =>
  table(n, n, (k, j) => Math.sqrt((k === 0 ? 1 : 2) / n) * Math.cos((Math.PI * k * (2 * j + 1)) / (2 * n)));
const drawn = (n: number, m: number, random: Random): Table => table(n, m, () => random.normal());
const frobenius = (A: Table): number => Math.sqrt(A.flat().reduce((sum, v) => sum + v * v, 0));
const largest = (A: Table): number => Math.max(...A.flat().map(Math.abs));
const best = (scores: readonly number[], r: number): number[] =>
  scores
    .map((score, at) => ({ score, at }))
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .slice(0, r)
    .map(({ at }) => at)
    .sort((a, b) => a - b);
const aligned = (S: Table, r: number, norm: 'l1' | 'l2'): number[] =>
  best(
    turned(S).map((col) => col.reduce((sum, v) => sum + (norm === 'l1' ? Math.abs(v) : v * v), 0)),
    r,
  );

/** DCT-AdamW by its steps, of a matrix with at least as many rows as columns. */
function* oracle(W: Table, slope: (W: Table, t: number) => Table, o: Required<LowRankAdamWOptions>) {
  const [n, m, r] = [W.length, W[0].length, o.rank];
  const Q = cosines(m);
  let [M, V] = [table(n, r, () => 0), table(n, r, () => 0)];
  let E = table(n, m, () => 0);
  let places: number[] = [];
  for (let t = 1; ; t++) {
    const A = plus(slope(W, t), E);
    const before = places;
    if (t === 1 || t % o.updateEvery === 0) {
      places = aligned(times(A, turned(Q)), r, o.norm);
      if (o.rotate && before.length > 0) {
        const R = times(
          before.map((k) => Q[k]),
          turned(places.map((k) => Q[k])),
        );
        [M, V] = [times(M, R), times(V, R).map((row) => row.map(Math.abs))];
      }
    }
    const P = places.map((k) => Q[k]);
    const a = times(A, turned(P));
    if (o.errorFeedback === 'full') E = plus(A, times(a, P), -1);
    M = M.map((row, i) => row.map((v, j) => o.beta1 * v + (1 - o.beta1) * a[i][j]));
    V = V.map((row, i) => row.map((v, j) => o.beta2 * v + (1 - o.beta2) * a[i][j] ** 2));
    const u = M.map((row, i) =>
      row.map((v, j) => v / (1 - o.beta1 ** t) / (Math.sqrt(V[i][j] / (1 - o.beta2 ** t)) + o.epsilon)),
    );
    const rate = o.rate as number;
    W = plus(
      W.map((row) => row.map((v) => v * (1 - rate * o.weightDecay))),
      times(u, P),
      -rate,
    );
    yield { W, E, places };
  }
}

const weights = (n: number, m: number): Table => table(n, m, (i, j) => Math.sin(1 + 3 * i + 7 * j));
const slope = (W: Table, t: number): Table =>
  W.map((row, i) => row.map((w, j) => (1 + 0.1 * i + 0.3 * j) * w + Math.sin(2 * t + i * j)));
const base: Required<LowRankAdamWOptions> = {
  ...{ rate: 0.05, rank: 3, subspace: 'dct', updateEvery: 1, rotate: true, errorFeedback: 'none', norm: 'l1' },
  ...{ beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1, seed: 0 },
};

/** Steps of an optimiser of one matrix. */
function* steps(optimiser: TrainingOptimiser, W: Table, of = slope) {
  const [n, m] = [W.length, W[0].length];
  const x = Float64Array.from(W.flat());
  const state = optimiser.init(x, rangesOf([[n, m]]));
  for (let t = 1; ; t++) {
    const now = table(n, m, (i, j) => x[i * m + j]);
    optimiser.step(state, x, Float64Array.from(of(now, t).flat()));
    yield { W: table(n, m, (i, j) => x[i * m + j]), state };
  }
}

describe('cosines', () => {
  test.each([1, 2, 8, 15, 31, 37, 64])('of %i numbers: orthogonal, by the formula, and by Fourier transforms', (n) => {
    const Q = dctMatrix(n);
    const rows = table(n, n, (i, j) => Q[i * n + j]);
    expect(largest(plus(rows, cosines(n), -1))).toBeLessThan(1e-13);
    expect(
      largest(
        plus(
          times(rows, turned(rows)),
          table(n, n, (i, j) => Number(i === j)),
          -1,
        ),
      ),
    ).toBeLessThan(1e-12);
    const X = drawn(5, n, new Random(n));
    const found = dct2Rows(Float64Array.from(X.flat()), n);
    const wanted = times(X, turned(cosines(n))).flat();
    expect(Math.max(...wanted.map((v, k) => Math.abs(v - found[k])))).toBeLessThan(1e-12);
  });
  test('what is no matrix is a sentence', () => {
    expect(sentence(() => dctMatrix(0))).toMatch(/INVALID_PARAMETER: .*cosine matrix must be a whole number/);
    expect(sentence(() => dct2Rows(new Float64Array(7), 3))).toMatch(
      /INVALID_SHAPE: The number of values, 7, is not a multiple of the row length 3/,
    );
  });
});

describe('the choice of vectors', () => {
  test.each([1, 2, 5, 9])('no other %i of ten leave less of a matrix, and the error is what they leave', (r) => {
    const random = new Random(r);
    const G = times(drawn(7, 4, random), drawn(4, 10, random));
    const left = (Q: Table, places: readonly number[]): number => {
      const P = places.map((k) => Q[k]);
      return (frobenius(plus(G, times(times(G, turned(P)), P), -1)) / frobenius(G)) ** 2;
    };
    const subsets = (from: number, count: number): number[][] =>
      count === 0
        ? [[]]
        : Array.from({ length: 10 - from }, (_, k) => from + k).flatMap((k) =>
            subsets(k + 1, count - 1).map((rest) => [k, ...rest]),
          );
    // A reflection is a basis, too.
    const v = Array.from({ length: 10 }, () => random.normal());
    const square = v.reduce((sum, x) => sum + x * x, 0);
    const reflection = table(10, 10, (i, j) => Number(i === j) - (2 * v[i] * v[j]) / square);
    for (const [basis, Q] of [
      ['dct', cosines(10)],
      [reflection, reflection],
    ] as const) {
      const { columns, projected, error } = selectBasisColumns(G, r, { basis });
      const all = subsets(0, r).map((places) => left(Q, places));
      expect(error).toBeCloseTo(Math.min(...all), 12);
      expect(error).toBeCloseTo(left(Q, [...columns]), 12);
      const P = [...columns].map((k) => Q[k]);
      const found = table(7, r, (i, j) => projected.get(i, j));
      expect(largest(plus(found, times(G, turned(P)), -1))).toBeLessThan(1e-12);
    }
  });
  test('of equal scores the first; sums of magnitudes may choose otherwise than squares', () => {
    expect(
      selectBasisColumns(
        table(3, 5, () => 0),
        2,
      ),
    ).toMatchObject({ columns: Int32Array.of(0, 1), error: 0 });
    const identity = table(3, 3, (i, j) => Number(i === j));
    const G = [
      [3, 2, 0],
      [0, 2, 0],
      [0, 0, 1],
    ];
    expect(selectBasisColumns(G, 1, { basis: identity, norm: 'l1' }).columns[0]).toBe(1);
    expect(selectBasisColumns(G, 1, { basis: identity }).columns[0]).toBe(0);
  });
  test('what cannot be chosen is a sentence', () => {
    const refused = (f: () => unknown) => sentence(f);
    expect(refused(() => selectBasisColumns([[1, 2]], 3))).toMatch(/r must be a whole number from 1 to 2/);
    expect(refused(() => selectBasisColumns([[1, Number.NaN]], 1))).toMatch(/NON_FINITE/);
    expect(refused(() => selectBasisColumns(DenseMatrix.create(0, 2), 1))).toMatch(/INVALID_SHAPE: G has no rows/);
    expect(refused(() => selectBasisColumns([[1, 2]], 1, { basis: [[1]] }))).toMatch(/must be 2 × 2, but is 1 × 1/);
    expect(refused(() => selectBasisColumns([[1]], 1, { norm: 'l3' as never }))).toMatch(
      /norm must be one of l1, l2, but is l3/,
    );
  });
});

describe('DCT-AdamW', () => {
  test.each<Partial<LowRankAdamWOptions>>([
    {},
    { norm: 'l2', rank: 1 },
    { rotate: false },
    { updateEvery: 4 },
    { errorFeedback: 'full' },
    { errorFeedback: 'full', updateEvery: 3, rank: 4 },
  ])('has the steps of the paper, of tall matrices and wide ones: %o', (some) => {
    const options = { ...base, ...some };
    for (const [n, m] of [
      [9, 6],
      [5, 5],
    ]) {
      const W = weights(n, m);
      const expected = oracle(W, slope, options);
      const tall = steps(lowRankAdamW(options), W);
      // What is wide is chosen from the left, as its transpose is from the right; those of as many rows as columns are not.
      const wide = steps(lowRankAdamW(options), turned(W), (V, t) => turned(slope(turned(V), t)));
      const seen = new Set<string>();
      for (let t = 0; t < 25; t++) {
        const right = expected.next().value!;
        seen.add(right.places.join());
        const found = tall.next().value!;
        expect(largest(plus(found.W, right.W, -1))).toBeLessThan(1e-9);
        const left = wide.next().value!;
        if (n > m) expect(largest(plus(turned(left.W), right.W, -1))).toBeLessThan(1e-9);
        if (options.errorFeedback === 'full') {
          const { error } = saveState(found.state).slots;
          expect(
            largest(
              plus(
                table(n, m, (i, j) => error[i * m + j]),
                right.E,
                -1,
              ),
            ),
          ).toBeLessThan(1e-9);
        }
      }
      // The choice changes, or nothing was tried.
      expect(seen.size).toBeGreaterThan(1);
    }
  });

  test('where a loss sees a matrix through few vectors alone, it is AdamW of what is seen', () => {
    const [n, m] = [8, 6];
    const P = [1, 3, 4].map((k) => cosines(m)[k]);
    const start = weights(n, m);
    const seen = (Z: Table, t: number): Table => slope(Z, t);
    const whole = steps(lowRankAdamW({ ...base, weightDecay: 0 }), start, (W, t) =>
      times(seen(times(W, turned(P)), t), P),
    );
    const { rate, beta1, beta2, epsilon } = base;
    const few = steps(adamW({ rate, beta1, beta2, epsilon, weightDecay: 0 }), times(start, turned(P)), seen);
    for (let t = 0; t < 20; t++) {
      const Z = times(whole.next().value!.W, turned(P));
      expect(largest(plus(Z, few.next().value!.W, -1))).toBeLessThan(1e-11);
    }
  });

  test('of as many vectors as there are, of vectors and of what is no matrix, it is AdamW to the bit', () => {
    const ranges = rangesOf([[4, 3], [5]]);
    const run = (optimiser: TrainingOptimiser) => {
      const x = Float64Array.from({ length: 17 }, (_, i) => Math.sin(i));
      const state = optimiser.init(x, ranges);
      for (let t = 0; t < 9; t++)
        optimiser.step(
          state,
          x,
          x.map((v, i) => v + Math.cos(i * t)),
        );
      return x;
    };
    expect(run(lowRankAdamW({ rate: 0.1, rank: 3 }))).toEqual(run(adamW({ rate: 0.1 })));
    expect(run(lowRankAdamW({ rate: 0.1, rank: 2 }))).not.toEqual(run(adamW({ rate: 0.1 })));
  });

  test.each(['svd', 'fresh'] as const)('moments follow %s vectors by the products of old and new ones', (subspace) => {
    for (const [n, m] of [
      [7, 5],
      [5, 7],
    ]) {
      const run = steps(lowRankAdamW({ ...base, subspace, rank: 2 }), weights(n, m));
      const parts = (): { P: Table; M: Table; V: Table } => {
        const { vectors, mean, square } = saveState(run.next().value!.state).slots;
        const side = Math.min(n, m);
        const other = Math.max(n, m);
        // Kernels have matrices by columns.
        const low = (values: ArrayLike<number>) =>
          table(other, 2, (i, k) => values[n >= m ? k + 2 * i : i + other * k]);
        return { P: table(2, side, (k, j) => vectors[k + 2 * j]), M: low(mean), V: low(square) };
      };
      let before = parts();
      let x = weights(n, m);
      // Gradients are those at points that another run has, too.
      const same = steps(lowRankAdamW({ ...base, subspace, rank: 2 }), x);
      x = same.next().value!.W;
      for (let t = 2; t < 6; t++) {
        const G = slope(x, t);
        const after = parts();
        expect(
          largest(
            plus(
              times(after.P, turned(after.P)),
              [
                [1, 0],
                [0, 1],
              ],
              -1,
            ),
          ),
        ).toBeLessThan(1e-12);
        const R = times(before.P, turned(after.P));
        const a = times(n >= m ? G : turned(G), turned(after.P));
        const M = plus(
          times(before.M, R).map((row) => row.map((v) => 0.9 * v)),
          a,
          0.1,
        );
        const V = times(before.V, R).map((row, i) => row.map((v, j) => 0.99 * Math.abs(v) + 0.01 * a[i][j] ** 2));
        expect(largest(plus(after.M, M, -1))).toBeLessThan(1e-12);
        expect(largest(plus(after.V, V, -1))).toBeLessThan(1e-12);
        if (subspace === 'svd') {
          const { singularValues } = svd(DenseMatrix.fromRows(G));
          const kept = singularValues[0] ** 2 + singularValues[1] ** 2;
          expect(frobenius(a) ** 2 / kept).toBeCloseTo(1, 10);
        }
        before = after;
        x = same.next().value!.W;
      }
    }
  });

  test('errors in few bits are within half a unit of the row', () => {
    const random = new Random(4);
    for (const bits of [8, 4] as const) {
      const [rows, cols] = [6, 13];
      const values = Float64Array.from({ length: rows * cols }, (_, k) => (k < cols ? 3 : random.normal() - 2));
      const codes = new Int32Array(rows * Math.ceil((cols * bits) / 32));
      const limits = new Float64Array(2 * rows);
      quantiseRows(values, cols, bits, codes, limits);
      const found = new Float64Array(rows * cols);
      addRows(found, cols, bits, codes, limits);
      for (let i = 0; i < rows; i++) {
        const own = [...values.subarray(i * cols, (i + 1) * cols)];
        const unit = (Math.max(...own) - Math.min(...own)) / (2 ** bits - 1);
        for (const [j, v] of own.entries()) {
          expect(Math.abs(found[i * cols + j] - v)).toBeLessThan(unit / 2 + 1e-12);
        }
      }
    }
    // Of eight bits the run is nearly that in full, of four less so; without, another one.
    const end = (errorFeedback: 'none' | 'full' | 8 | 4): Table => {
      const run = steps(lowRankAdamW({ ...base, errorFeedback }), weights(9, 6));
      for (let t = 0; t < 4; t++) run.next();
      return run.next().value!.W;
    };
    const off = (kind: 'none' | 8 | 4) => frobenius(plus(end(kind), end('full'), -1));
    expect(off(8)).toBeLessThan(off(4));
    expect(off(4)).toBeLessThan(off('none'));
    expect(off(8)).toBeGreaterThan(0);
  });

  test('bytes: 2nr numbers and r places, with vectors r numbers of the smaller side each, and what feedback keeps', () => {
    const x = new Float32Array(20 * 12 + 5);
    const ranges = rangesOf([[20, 12], [5]]);
    const own = 2 * 4 * 5 + 16;
    const bytes = (options: Partial<LowRankAdamWOptions>) =>
      stateBytes(lowRankAdamW({ rate: 1, rank: 3, ...options }).init(x, ranges)) - own;
    expect(bytes({})).toBe(4 * (2 * 20 * 3 + 3));
    expect(bytes({ subspace: 'first' })).toBe(4 * 2 * 20 * 3);
    expect(bytes({ subspace: 'svd' })).toBe(4 * (2 * 20 * 3 + 3 * 12));
    expect(bytes({ errorFeedback: 'full' })).toBe(4 * (2 * 20 * 3 + 3 + 240));
    expect(bytes({ errorFeedback: 8 })).toBe(4 * (2 * 20 * 3 + 3 + 40) + 240);
    expect(bytes({ errorFeedback: 4 })).toBe(4 * (2 * 20 * 3 + 3 + 40) + 20 * 8);
    expect(stateBytes(trion({ rate: 1, rank: 3 }).init(x, ranges)) - own).toBe(4 * 240);
  });

  test('a basis of signs, and of random directions by their seed', () => {
    const run = (subspace: 'hadamard' | 'random', seed: number) => {
      const all = steps(lowRankAdamW({ ...base, rank: 2, weightDecay: 0, subspace, seed }), weights(9, 4));
      return plus(all.next().value!.W, weights(9, 4), -1);
    };
    // A first step is ±rate along each vector: rows of signs come as sums of two.
    const signs = run('hadamard', 0).flat();
    expect(new Set(signs.map((v) => Math.round(1e4 * Math.abs(v)) / 1e4))).toEqual(new Set([0, 0.05]));
    expect(run('random', 1)).toEqual(run('random', 1));
    expect(run('random', 1)).not.toEqual(run('random', 2));
    for (const optimiser of [
      lowRankAdamW({ ...base, subspace: 'hadamard' }),
      trion({ rate: 1, rank: 3, basis: 'hadamard' }),
    ]) {
      expect(sentence(() => optimiser.init(new Float64Array(54), rangesOf([[9, 6]])))).toMatch(
        /INVALID_PARAMETER: A Hadamard basis .* smaller side of 'range 1' is 6: use the basis 'dct'/,
      );
    }
  });

  test('options that are none are sentences', () => {
    const refused = (more: object) => sentence(() => lowRankAdamW({ rate: 1, rank: 2, ...more }));
    expect(refused({ rank: 0 })).toMatch(/rank must be a whole number/);
    expect(refused({ subspace: 'pca' })).toMatch(/subspace must be one of dct, .* but is pca/);
    expect(refused({ errorFeedback: 16 })).toMatch(/errorFeedback must be one of none, full, 8, 4, but is 16/);
    expect(refused({ updateEvery: 0 })).toMatch(/updateEvery/);
    expect(refused({ beta2: 1 })).toMatch(/beta2/);
    expect(sentence(() => trion({ rate: 1, rank: 2, scaling: 'x' as never }))).toMatch(/scaling must be one of/);
    expect(sentence(() => trion({ rate: 1, rank: 2, momentum: 1 }))).toMatch(/momentum must be at least 0 and below 1/);
    expect(
      sentence(() => adamW({ rate: 1 }).init(new Float64Array(4), [{ from: 0, to: 4, outputs: 'x' as never }])),
    ).toMatch(/outputs of 'range 1' must be one of first, last/);
  });
});

describe('Newton and Schulz', () => {
  const polynomial = (B: Table): Table => {
    let X = B.map((row) => row.map((v) => v / (frobenius(B) + 1e-7)));
    for (let t = 0; t < 5; t++) {
      const S = times(X, turned(X));
      const T = plus(
        S.map((row) => row.map((v) => -4.775 * v)),
        times(S, S),
        2.0315,
      );
      X = plus(
        X.map((row) => row.map((v) => 3.4445 * v)),
        times(T, X),
      );
    }
    return X;
  };

  test('singular values of matrices of conditions up to 20 come to between 0.6 and 1.3, directions stay', () => {
    const random = new Random(8);
    for (const [n, m] of [
      [12, 5],
      [5, 12],
      [6, 6],
      [1, 4],
    ]) {
      const B = drawn(n, m, random);
      const found = newtonSchulz(B);
      const wanted = polynomial(B);
      expect(
        largest(
          plus(
            table(n, m, (i, j) => found.get(i, j)),
            wanted,
            -1,
          ),
        ),
      ).toBeLessThan(1e-6);
      const { singularValues, U, V } = svd(DenseMatrix.fromRows(B));
      const inside = turned(table(n, U.cols, (i, j) => U.get(i, j)));
      const seen = times(
        times(inside, wanted),
        table(m, V.cols, (i, j) => V.get(i, j)),
      );
      expect(largest(seen.map((row, i) => row.map((v, j) => (i === j ? 0 : v))))).toBeLessThan(1e-10);
      if (singularValues[0] / singularValues[singularValues.length - 1] > 20) continue;
      const after = svd(found).singularValues;
      expect(Math.min(...after)).toBeGreaterThan(0.6);
      expect(Math.max(...after)).toBeLessThan(1.3);
    }
    expect(
      newtonSchulz([
        [0, 0],
        [0, 0],
      ]).data.every((v) => v === 0),
    ).toBe(true);
    expect(newtonSchulz([[1e-200]]).data[0]).toBeCloseTo(newtonSchulz([[1]]).data[0], 5);
    expect(sentence(() => newtonSchulz([[1]], 0))).toMatch(/steps must be a whole number/);
  });

  test('Trion has the steps of the paper, of tall matrices and wide ones', () => {
    for (const [n, m] of [
      [9, 6],
      [6, 9],
    ]) {
      let W = weights(n, m);
      let M = table(n, m, () => 0);
      const Q = cosines(6);
      const run = steps(trion({ rate: 0.05, rank: 3, weightDecay: 0.1 }), W);
      for (let t = 1; t < 20; t++) {
        const right = (A: Table) => (n >= m ? A : turned(A));
        M = plus(M, slope(W, t));
        const S = times(right(M), turned(Q));
        const P = aligned(S, 3, 'l1').map((k) => Q[k]);
        const b = times(right(M), turned(P));
        M = plus(M, right(times(b, P)), -0.05);
        const step = right(times(polynomial(b), P));
        // Outputs are the last axis.
        const length = 0.05 * Math.sqrt(Math.max(1, m / n));
        W = plus(
          W.map((row) => row.map((v) => v * (1 - 0.05 * 0.1))),
          step,
          -length,
        );
        const found = run.next().value!;
        expect(largest(plus(found.W, W, -1))).toBeLessThan(1e-9);
        const { momentum } = saveState(found.state).slots;
        expect(
          largest(
            plus(
              table(n, m, (i, j) => momentum[i * m + j]),
              M,
              -1,
            ),
          ),
        ).toBeLessThan(1e-9);
      }
    }
  });

  test('of all vectors Trion is Muon without Nesterov’s step', () => {
    const [a, b] = [trion({ rate: 0.1, rank: 9 }), muon({ rate: 0.1, nesterov: false })].map((optimiser) =>
      steps(optimiser, weights(5, 7)),
    );
    for (let t = 0; t < 10; t++) {
      // Their guards against division by 0 differ.
      expect(largest(plus(a.next().value!.W, b.next().value!.W, -1))).toBeLessThan(1e-5);
    }
  });

  test('lengths by outputs and inputs, wherever they lie', () => {
    const length = (scaling: 'muon' | 'adam' | 'spectral' | 'none', outputs: 'first' | 'last'): number => {
      const optimiser = trion({ rate: 1, rank: 2, scaling });
      const x = new Float64Array(8 * 4);
      const state = optimiser.init(x, [{ from: 0, to: 32, shape: [8, 4], outputs }]);
      optimiser.step(
        state,
        x,
        Float64Array.from({ length: 32 }, (_, i) => Math.sin(i * i)),
      );
      return Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));
    };
    const plain = length('none', 'last');
    expect(length('muon', 'last') / plain).toBeCloseTo(1, 12);
    expect(length('muon', 'first') / plain).toBeCloseTo(Math.sqrt(2), 12);
    expect(length('spectral', 'last') / plain).toBeCloseTo(Math.sqrt(1 / 2), 12);
    expect(length('adam', 'first') / plain).toBeCloseTo(0.2 * Math.sqrt(8), 12);
  });
});

test('the same bits wherever arrays lie, of both kernels in WebAssembly', () => {
  const ranges = rangesOf([[40, 70], [70, 40], [9]]);
  const n = 2 * 40 * 70 + 9;
  const run = (make: TrainingOptimiser, x: Numbers, g: Numbers): number[] => {
    x.set(Float64Array.from({ length: n }, (_, i) => Math.sin(1.3 * i)));
    const state = make.init(x, ranges);
    for (let t = 0; t < 4; t++) {
      for (let i = 0; i < n; i++) g[i] = x[i] + Math.sin(0.7 * i + t);
      make.step(state, x, g);
    }
    return Array.from(x);
  };
  for (const make of [lowRankAdamW({ rate: 0.1, rank: 7, errorFeedback: 4 }), trion({ rate: 0.1, rank: 7 })]) {
    for (const kind of ['f64Block', 'f32Block'] as const) {
      const outside = () => (kind === 'f64Block' ? new Float64Array(n) : new Float32Array(n));
      const expected = run(make, outside(), outside());
      for (const engine of ['wasm-shared', 'wasm'] as const) {
        const arena = new Arena({ engine });
        // Room for the state, so that views stay.
        arena.free(arena.alloc(2 ** 23));
        expect(run(make, arena[kind](n).view, arena[kind](n).view)).toEqual(expected);
      }
    }
  }
});
