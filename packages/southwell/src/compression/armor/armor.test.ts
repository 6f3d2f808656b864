import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import {
  type FactorizeOptions,
  type Factors,
  factorizeSparse,
  factorsBytes,
  factorsMultiplications,
  factorsToDense,
  type InputMoments,
  pruneWeights,
} from '../index.ts';
import { bestChoice, choices } from './bestGroup.ts';
import { Fit, type Padded } from './fit.ts';

const random = new Random(17);
const matrix = (rows: number, cols: number): DenseMatrix =>
  DenseMatrix.fromColumnMajor(
    Float64Array.from({ length: rows * cols }, () => random.normal()),
    rows,
    cols,
  );
/** Moments of independent inputs with these mean squares. */
const separate = (diagonal: Float64Array): InputMoments => ({ samples: 1, diagonal, full: undefined });
const spread = (n: number): InputMoments => separate(Float64Array.from({ length: n }, () => Math.exp(random.normal())));

/** A problem of two by two blocks whose factors are random, with the residual computed. */
function started(): Fit {
  const [rows, columns, b] = [8, 8, 4];
  const target = Float64Array.from({ length: rows * columns }, () => random.normal());
  const mask = Uint8Array.from({ length: rows * columns }, (_, at) => (Math.floor(at / rows) % 4 < 2 ? 1 : 0));
  const h = Float64Array.from({ length: columns }, (_, j) => (j === 5 ? 0 : 0.3 + random.uniform()));
  const fit = new Fit({ rows, columns, b, keep: 2, of: 4, target, h, mask } satisfies Padded);
  for (const { data } of [fit.A, fit.B]) for (let i = 0; i < data.length; i++) data[i] += 0.5 * random.normal();
  fit.loss();
  return fit;
}

test('gradients are those of differences', () => {
  const fit = started();
  const gradients = fit.gradient().map(({ data }) => data.slice());
  for (const [k, { data }] of [fit.A, fit.B, fit.S].entries())
    for (let i = 0; i < data.length; i++) {
      const at = data[i];
      data[i] = at + 1e-5;
      const above = fit.loss();
      data[i] = at - 1e-5;
      const below = fit.loss();
      data[i] = at;
      expect(gradients[k][i]).toBeCloseTo((above - below) / 2e-5, 7);
    }
});

test('a discrete step finds the best places and values of its groups, and tells by how much the loss falls', () => {
  for (const select of ['gradient', 'greedy', 'uniform'] as const) {
    const fit = started();
    const loss = fit.loss();
    fit.gradient();
    const S = fit.S.data.slice();
    const fell = fit.decide(select, random);
    expect(fell).toBeGreaterThan(0);
    expect(fit.loss()).toBeCloseTo(loss - fell, 12);
    // One group of each of four blocks has changed: nothing else there is better.
    const changed = new Set<number>();
    fit.S.data.forEach((v, at) => {
      if (v !== S[at]) changed.add((Math.floor(at / 32) * 8 + (at % 8)) as number);
    });
    expect(changed.size).toBeLessThanOrEqual(4);
    for (const group of changed) {
      const [row, column] = [group % 8, 4 * Math.floor(group / 8)];
      const least = fit.loss();
      const own = [0, 1, 2, 3].map((k) => fit.S.data[(column + k) * 8 + row]);
      for (const places of choices(2, 4)) {
        // Newton's step in two variables, from differences of the loss, which is quadratic in them.
        const at = (v: readonly number[]): number => {
          for (let k = 0; k < 4; k++) fit.S.data[(column + k) * 8 + row] = v[k];
          return fit.loss();
        };
        const unit = (i: number, j?: number) =>
          [0, 1, 2, 3].map((k) => (k === places[i] || (j !== undefined && k === places[j]) ? 1 : 0));
        const [zero, a, b, both] = [at([0, 0, 0, 0]), at(unit(0)), at(unit(1)), at(unit(0, 1))];
        const minus = (i: number): number => at(unit(i).map((v) => -v));
        const [haa, hbb] = [a + minus(0) - 2 * zero, b + minus(1) - 2 * zero];
        const hab = both - a - b + zero;
        const [ga, gb] = [a - zero - haa / 2, b - zero - hbb / 2];
        const det = haa * hbb - hab * hab;
        const found = zero - (hbb * ga * ga - 2 * hab * ga * gb + haa * gb * gb) / (2 * det);
        expect(found).toBeGreaterThanOrEqual(least - 1e-9);
        at(own);
      }
    }
  }
});

test('sets of places on which the metric is singular are left out', () => {
  const G = Float64Array.of(1, 1, 0, 1, 1, 0, 0, 0, 2);
  expect(bestChoice(G, Float64Array.of(1, 1, 3), 1, choices(2, 3))).toEqual({
    places: [0, 2],
    values: [1, expect.closeTo(1.5, 12)],
    gain: expect.closeTo(1 + 4.5, 12),
  });
  expect(bestChoice(new Float64Array(9), new Float64Array(3), 1, choices(2, 3))).toBeUndefined();
});

describe('factorizeSparse', () => {
  test('without steps it is NoWag-P', () => {
    const W = matrix(6, 8);
    const moments = spread(8);
    const pruned = pruneWeights(W, moments, { method: 'nowag', pattern: { keep: 2, of: 4 } }).weights;
    for (const blockSize of [1, 4, 8]) {
      const { point } = factorizeSparse(W, moments, { blockSize, steps: 0, damping: 0 });
      factorsToDense(point).data.forEach((v, at) => {
        expect(v).toBeCloseTo(pruned.data[at], 12);
      });
      expect(point.loss).toBe(point.startLoss);
    }
  });

  test('lowers the loss, more with larger blocks, in sizes that are padded; what is stored is what is measured', () => {
    const W = matrix(30, 42);
    const moments = spread(42);
    const ratios = [4, 8, 16].map((blockSize) => {
      const { point, trace } = factorizeSparse(W, moments, { blockSize, steps: 150, rate: 3e-3 });
      for (const { metrics } of trace) expect(metrics!.discrete).toBeGreaterThanOrEqual(0);
      expect(point.values.length).toBe((point.padded[0] * point.padded[1]) / 2);
      expect(lossOf(W, moments, factorsToDense(point), 1e-3)).toBeCloseTo(point.loss, 9);
      return point.loss / point.startLoss;
    });
    expect(ratios[0]).toBeLessThan(0.8);
    expect(ratios[1]).toBeLessThan(ratios[0]);
    expect(ratios[2]).toBeLessThan(ratios[1]);
  });

  test('a matrix that has such factors is found more closely', () => {
    const { point } = factorizeSparse(matrix(16, 16), spread(16), { blockSize: 8, steps: 20 });
    const A = factorsToDense({ ...point, A: point.A.map((v) => v + 0.02 * random.normal()) });
    const again = factorizeSparse(A, spread(16), { blockSize: 8, steps: 800, rate: 5e-3 }).point;
    expect(again.loss).toBeLessThan(again.startLoss / 10);
  });

  test('goes on from a checkpoint with the same bits', () => {
    const [W, moments] = [matrix(16, 16), spread(16)];
    const options: FactorizeOptions = { blockSize: 8, steps: 12, seed: 3 };
    let state: unknown;
    factorizeSparse(W, moments, {
      ...options,
      maxIter: 5,
      checkpoint: {
        save: (s) => {
          state = structuredClone(s);
        },
      },
    });
    const whole = factorizeSparse(W, moments, options);
    const rest = factorizeSparse(W, moments, { ...options, resume: state as FactorizeOptions['resume'] });
    expect(rest.point).toEqual(whole.point);
    const other = () => factorizeSparse(matrix(8, 8), spread(8), { ...options, resume: state as never });
    expect(other).toThrow('checkpoint is one of weights of another size');
  });

  test('counts bytes and multiplications', () => {
    const { point } = factorizeSparse(matrix(64, 128), spread(128), { blockSize: 32, steps: 0 });
    expect(factorsMultiplications(point)).toBe(64 * 64 + 32 * (64 + 128));
    expect(factorsBytes(point)).toBe(4 * (64 * 64 + 32 * 192) + (64 * 64 * 2) / 8);
  });

  test('weights that have the pattern stay as they are; zeros, dead inputs and one row', () => {
    const sparse = DenseMatrix.fromRows([
      [1, 2, 0, 0],
      [0, 3, 0, 4],
    ]);
    const { point, status } = factorizeSparse(sparse, spread(4), { blockSize: 4 });
    expect([point.loss, status]).toEqual([0, 'converged']);
    factorsToDense(point).data.forEach((v, at) => {
      expect(v).toBeCloseTo(sparse.data[at], 12);
    });
    const zeros = factorizeSparse(DenseMatrix.create(4, 4), spread(4), { blockSize: 4 });
    expect(factorsToDense(zeros.point).data.every((v) => v === 0)).toBe(true);
    for (const diagonal of [Float64Array.of(0, 1, 0, 0), new Float64Array(4)]) {
      const found: Factors = factorizeSparse(matrix(1, 4), separate(diagonal), { blockSize: 4, steps: 30 }).point;
      expect(factorsToDense(found).data.every(Number.isFinite)).toBe(true);
    }
  });

  test('refuses what does not fit', () => {
    const bad = (options: object) => () => factorizeSparse(matrix(4, 8), spread(8), options as never);
    expect(bad({ blockSize: 6 })).toThrow('blockSize must be a multiple of the groups of 4, not 6');
    expect(bad({ keep: 5 })).toThrow('not 5 of 4');
    expect(bad({ lr: 1 })).toThrow('lr');
    expect(() => factorizeSparse(matrix(4, 8), spread(4))).toThrow('has 8 inputs, but the moments are those of 4');
    expect(() => factorizeSparse(DenseMatrix.create(0, 4), spread(4))).toThrow('no weights');
  });
});

/** The loss of a matrix from its definition. */
function lossOf(W: DenseMatrix, { diagonal }: InputMoments, V: DenseMatrix, damping: number): number {
  const { rows: m, cols: n } = W;
  const mean = diagonal.reduce((a, b) => a + b, 0) / n;
  const columns = Array.from({ length: n }, (_, j) => Math.hypot(...W.column(j)) + 1e-5);
  const rows = Array.from({ length: m }, (_, i) => Math.hypot(...columns.map((c, j) => W.get(i, j) / c)) + 1e-5);
  let [above, below] = [0, 0];
  for (let j = 0; j < n; j++)
    for (let i = 0; i < m; i++) {
      const [w, v] = [W, V].map((A) => A.get(i, j) / (columns[j] * rows[i]));
      above += (diagonal[j] / mean + damping) * (w - v) ** 2;
      below += (diagonal[j] / mean + damping) * w * w;
    }
  return above / below;
}
