import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  densityOf,
  fromCodes,
  fromScaledRows,
  type InputMoments,
  kmeans1d,
  MomentSums,
  momentsOf,
  outputError,
  type PruneMethod,
  packIndices,
  pruneWeights,
  quantiseRows,
  quantiseToCodebooks,
  reconstructWeights,
  unpackIndices,
} from './index.ts';

const draws = (seed: number, n: number): Float64Array => {
  const random = new Random(seed);
  return Float64Array.from({ length: n }, () => random.normal());
};
const matrix = (seed: number, rows: number, cols: number): DenseMatrix =>
  DenseMatrix.fromColumnMajor(draws(seed, rows * cols), rows, cols);
/** Inputs that depend on each other, row after row. */
function inputs(seed: number, count: number, columns: number): Float64Array {
  const x = draws(seed, count * columns);
  for (let r = 0; r < count; r++) for (let j = 1; j < columns; j++) x[r * columns + j] += 0.7 * x[r * columns + j - 1];
  return x;
}
/** Σ of squared differences of outputs over those of W, from the definition. */
function direct(W: DenseMatrix, V: DenseMatrix, x: Float64Array): number {
  const n = W.cols;
  let [above, below] = [0, 0];
  for (let r = 0; r < x.length / n; r++)
    for (let i = 0; i < W.rows; i++) {
      let [a, b] = [0, 0];
      for (let j = 0; j < n; j++) {
        a += W.get(i, j) * x[r * n + j];
        b += V.get(i, j) * x[r * n + j];
      }
      above += (a - b) ** 2;
      below += a * a;
    }
  return above / below;
}
const close = (a: ArrayLike<number>, b: ArrayLike<number>, bar: number): void => {
  expect(a.length).toBe(b.length);
  for (let i = 0; i < b.length; i++) expect(Math.abs(a[i] - b[i]), `at ${i}`).toBeLessThanOrEqual(bar);
};

describe('moments', () => {
  test('are the sums of products, however the rows are divided', () => {
    const x = inputs(1, 700, 5);
    const all = momentsOf(x, 5);
    const sums = new MomentSums(5);
    for (const [from, to] of [
      [0, 1],
      [1, 300],
      [300, 300],
      [300, 700],
    ])
      sums.add(x.subarray(5 * from, 5 * to));
    expect(sums.moments().samples).toBe(700);
    close(sums.moments().full!.data, all.full!.data, 1e-10);
    for (let i = 0; i < 5; i++)
      for (let j = 0; j < 5; j++) {
        let s = 0;
        for (let r = 0; r < 700; r++) s += x[5 * r + i] * x[5 * r + j];
        expect(all.full!.get(i, j)).toBeCloseTo(s, 9);
        if (i === j) expect(all.diagonal[i]).toBeCloseTo(s, 9);
      }
    expect(momentsOf(x, 5, { full: false }).full).toBeUndefined();
  });

  test('refuse NaN, with its place, and lose nothing', () => {
    const sums = new MomentSums(3);
    sums.add([1, 2, 3]);
    expect(() => sums.add([1, 2, 3, 4, Number.NaN, 6])).toThrow('Input 1 of calibration row 1 is NaN');
    expect(() => sums.add([1, 2])).toThrow('2 numbers are no whole number of inputs of 3');
    expect([...sums.moments().diagonal]).toEqual([1, 4, 9]);
  });
});

const methods: readonly PruneMethod[] = ['magnitude', 'wanda', 'nowag', 'sparsegpt'];

describe('pruneWeights', () => {
  const x = inputs(2, 300, 12);
  const moments = momentsOf(x, 12);
  const W = matrix(3, 7, 12);

  test.each(methods)('%s keeps exactly what the pattern says', (method) => {
    for (const density of [0, 0.1, 0.37, 1]) {
      const { weights, mask } = pruneWeights(W, moments, { method, pattern: { density } });
      expect(mask.reduce((s, m) => s + m, 0)).toBe(Math.round(density * 84));
      weights.data.forEach((w, i) => {
        if (mask[i] === 0) expect(w).toBe(0);
        else if (method !== 'sparsegpt') expect(w).toBe(W.data[i]);
      });
      const rows = pruneWeights(W, moments, { method, pattern: { density, scope: 'row' } }).mask;
      for (let i = 0; i < 7; i++) {
        const kept = Array.from({ length: 12 }, (_, j) => rows[j * 7 + i]).reduce((s, m) => s + m, 0);
        expect(kept).toBe(Math.round(density * 12));
      }
    }
    const { mask } = pruneWeights(W, moments, { method, pattern: { keep: 2, of: 4 } });
    for (let i = 0; i < 7; i++)
      for (let j = 0; j < 12; j += 4) expect([0, 1, 2, 3].reduce((s, k) => s + mask[(j + k) * 7 + i], 0)).toBe(2);
    expect(densityOf(mask)).toBe(0.5);
  });

  test('wanda weighs by the norms of inputs', () => {
    const two = DenseMatrix.fromRows([[1, 3]]);
    const found = momentsOf([5, 1, 5, 1], 2);
    expect([...pruneWeights(two, found, { method: 'magnitude', pattern: { density: 0.5 } }).mask]).toEqual([0, 1]);
    expect([...pruneWeights(two, found, { method: 'wanda', pattern: { density: 0.5 } }).mask]).toEqual([1, 0]);
  });

  test('of equal scores those of lower columns stay', () => {
    const ones = DenseMatrix.fromColumnMajor(new Float64Array(8).fill(1), 1, 8);
    const found = momentsOf(new Float64Array(8).fill(1), 8);
    const { mask } = pruneWeights(ones, found, { method: 'nowag', pattern: { keep: 2, of: 4 } });
    expect([...mask]).toEqual([1, 1, 0, 0, 1, 1, 0, 0]);
  });

  test('sparsegpt with independent inputs has the masks of wanda in groups, and changes nothing', () => {
    const diagonal = Float64Array.from({ length: 12 }, (_, j) => 1 + j);
    const full = DenseMatrix.create(12, 12);
    for (let j = 0; j < 12; j++) full.set(j, j, diagonal[j]);
    const separate: InputMoments = { samples: 1, diagonal, full };
    const pattern = { keep: 2, of: 4 } as const;
    const { weights, mask } = pruneWeights(W, separate, { method: 'sparsegpt', pattern, damping: 0 });
    expect(mask).toEqual(pruneWeights(W, separate, { method: 'wanda', pattern }).mask);
    weights.data.forEach((w, i) => {
      expect(w).toBe(mask[i] === 0 ? 0 : W.data[i]);
    });
  });

  test('sparsegpt that removes one weight moves the later ones to the best place', () => {
    // The first weight is much smaller than the others, hence removed: then all others are free.
    const small = DenseMatrix.fromRows([[0.01, 2, -3, 4]]);
    const found = momentsOf(inputs(5, 50, 4), 4);
    const { weights, mask } = pruneWeights(small, found, {
      method: 'sparsegpt',
      pattern: { density: 0.75 },
      damping: 0,
    });
    expect([...mask]).toEqual([0, 1, 1, 1]);
    close(weights.data, reconstructWeights(small, mask, found, { damping: 0 }).data, 1e-12);
  });

  test('more columns than a block, in groups that do not divide it', () => {
    const wide = matrix(6, 5, 300);
    const found = momentsOf(inputs(7, 400, 300), 300);
    for (const pattern of [{ keep: 1, of: 3 }, { density: 0.5 }, { density: 0.301, scope: 'row' }] as const) {
      const { weights, mask } = pruneWeights(wide, found, { method: 'sparsegpt', pattern });
      const others = pruneWeights(wide, found, { method: 'wanda', pattern }).weights;
      expect(mask.reduce((s, m) => s + m, 0)).toBe('keep' in pattern ? 500 : Math.round(pattern.density * 300) * 5);
      expect(outputError(wide, weights, found)).toBeLessThan(outputError(wide, others, found));
    }
  });

  test('inputs that are always 0, empty rows, and one calibration row', () => {
    const dead = inputs(8, 50, 12);
    for (let r = 0; r < 50; r++) dead[12 * r + 3] = 0;
    const zeros = DenseMatrix.create(2, 12);
    for (const method of methods) {
      const { weights } = pruneWeights(W, momentsOf(dead, 12), { method, pattern: { density: 11 / 12 } });
      expect(weights.data.every(Number.isFinite)).toBe(true);
      if (method !== 'magnitude') expect([...weights.column(3)]).toEqual(Array(7).fill(0));
      const none = pruneWeights(zeros, momentsOf(dead, 12), { method, pattern: { keep: 2, of: 4 } });
      expect(none.weights.data.every((w) => w === 0)).toBe(true);
      const once = pruneWeights(W, momentsOf(dead.subarray(0, 12), 12), { method, pattern: { keep: 2, of: 4 } });
      expect(once.weights.data.every(Number.isFinite)).toBe(true);
    }
  });

  test('refuses what does not fit', () => {
    const pattern = { density: 0.5 };
    const bad =
      (options: object, m: InputMoments = moments, w = W) =>
      () =>
        pruneWeights(w, m, options as never);
    expect(bad({ method: 'best', pattern })).toThrow('method must be magnitude, wanda, nowag or sparsegpt, not best');
    expect(bad({ method: 'wanda', pattern: { density: 1.5 } })).toThrow('density must be from 0 to 1, not 1.5');
    expect(bad({ method: 'wanda', pattern: { keep: 5, of: 4 } })).toThrow('not 5 of 4');
    expect(bad({ method: 'wanda' })).toThrow('pattern must be');
    expect(bad({ method: 'wanda', pattern, rows: 1 })).toThrow('rows');
    expect(bad({ method: 'sparsegpt', pattern, damping: -1 })).toThrow('damping must be a finite number of at least 0');
    expect(bad({ method: 'wanda', pattern }, momentsOf(x, 6))).toThrow('has 12 inputs, but the moments are those of 6');
    expect(bad({ method: 'sparsegpt', pattern }, momentsOf(x, 12, { full: false }))).toThrow('needs the full moments');
    const broken = DenseMatrix.fromRows([[1, Number.NaN]]);
    expect(bad({ method: 'wanda', pattern }, momentsOf([1, 2], 2), broken)).toThrow('weight [0, 1] is NaN');
  });
});

describe('reconstruction and error', () => {
  const x = inputs(11, 200, 9);
  const moments = momentsOf(x, 9);
  const W = matrix(12, 4, 9);

  test('the error is that of the outputs', () => {
    const V = matrix(13, 4, 9);
    expect(outputError(W, V, moments)).toBeCloseTo(direct(W, V, x), 10);
    expect(outputError(W, W, moments)).toBe(0);
    expect(outputError(DenseMatrix.create(4, 9), V, moments)).toBe(0);
    const independent = momentsOf(x, 9, { full: false });
    let [above, below] = [0, 0];
    for (let j = 0; j < 9; j++)
      for (let i = 0; i < 4; i++) {
        above += (W.get(i, j) - V.get(i, j)) ** 2 * moments.diagonal[j];
        below += W.get(i, j) ** 2 * moments.diagonal[j];
      }
    expect(outputError(W, V, independent)).toBeCloseTo(above / below, 12);
  });

  test('no change of a weight that stays lowers it', () => {
    const { mask, weights } = pruneWeights(W, moments, { method: 'wanda', pattern: { density: 0.4 } });
    const best = reconstructWeights(W, mask, moments, { damping: 0 });
    const least = outputError(W, best, moments);
    expect(least).toBeLessThan(outputError(W, weights, moments));
    best.data.forEach((w, at) => {
      if (mask[at] === 0) expect(w).toBe(0);
      else
        for (const step of [1e-3, -1e-3]) {
          best.data[at] = w + step;
          expect(outputError(W, best, moments)).toBeGreaterThan(least);
          best.data[at] = w;
        }
    });
    close(reconstructWeights(W, new Uint8Array(36).fill(1), moments, { damping: 0 }).data, W.data, 1e-11);
  });

  test('refuses masks of other sizes', () => {
    expect(() => reconstructWeights(W, new Uint8Array(3), moments)).toThrow('a mask of 3 places does not fit 4 × 9');
  });
});

describe('kmeans1d', () => {
  /** The least cost of k runs of sorted numbers, from all ways to divide them. */
  function least(sorted: readonly number[], k: number): number {
    if (sorted.length === 0) return 0;
    if (k === 0) return Number.POSITIVE_INFINITY;
    let best = Number.POSITIVE_INFINITY;
    for (let size = 1; size <= sorted.length; size++) {
      const run = sorted.slice(0, size);
      const mean = run.reduce((a, b) => a + b, 0) / size;
      const cost = run.reduce((s, v) => s + (v - mean) ** 2, 0);
      best = Math.min(best, cost + least(sorted.slice(size), k - 1));
    }
    return best;
  }

  test('is the best division into runs', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 1, max: 4 }),
        (x, k) => {
          const { error, codewords, indices } = kmeans1d(x, k);
          const sorted = [...x].sort((a, b) => a - b);
          expect(error).toBeCloseTo(least(sorted, Math.min(k, new Set(x).size)), 9);
          expect([...codewords]).toEqual([...codewords].sort((a, b) => a - b));
          x.forEach((v, i) => {
            expect(Math.abs(v - codewords[indices[i]])).toBe(Math.min(...codewords.map((c) => Math.abs(v - c))));
          });
        },
      ),
      { numRuns: 100, seed: 4 },
    );
  });

  test('of numbers far from 0, equal ones, and as many codewords as numbers', () => {
    expect(kmeans1d([1e8, 1e8 + 1, 1e8 + 10, 1e8 + 11], 2).error).toBeCloseTo(1, 6);
    expect(kmeans1d([3, 3, 3], 4)).toEqual({
      codewords: Float64Array.of(3),
      indices: Uint8Array.of(0, 0, 0),
      error: 0,
    });
    expect(kmeans1d([5, 1, 3], 3).error).toBe(0);
  });

  test('of very many numbers is about as good as of fewer', () => {
    const x = draws(9, 2 ** 18);
    // The table of 256 codewords is larger than the limit.
    const { error, codewords } = kmeans1d(x, 256);
    expect(codewords.length).toBe(256);
    // The least error of k codewords of a normal distribution is about √3·π/(2·k²) (Panter and Dite 1951).
    expect(error / x.length).toBeLessThan((1.02 * Math.sqrt(3) * Math.PI) / (2 * 256 ** 2));
  });

  test('refuses', () => {
    expect(() => kmeans1d([], 2)).toThrow('no numbers');
    expect(() => kmeans1d([1, Number.NaN], 2)).toThrow('number 1 is NaN');
    expect(() => kmeans1d([1], 0)).toThrow('number of codewords');
  });
});

describe('quantisation', () => {
  test('eight bits a weight, each within half a step', () => {
    const W = matrix(21, 5, 8);
    W.data.fill(0, 0, 1);
    for (let j = 0; j < 8; j++) W.set(2, j, 0);
    const coded = quantiseRows(W);
    const back = fromScaledRows(coded);
    back.data.forEach((v, at) => {
      expect(Math.abs(v - W.data[at])).toBeLessThanOrEqual(coded.scales[at % 5] * (0.5 + 1e-5));
    });
    expect(coded.scales[2]).toBe(0);
    expect(Math.max(...coded.values)).toBeLessThanOrEqual(127);
  });

  test('codebooks of groups of rows', () => {
    const W = matrix(22, 10, 12);
    const coded = quantiseToCodebooks(W, { bits: 2, groups: 3 });
    expect([...coded.boundaries]).toEqual([0, 3, 7]);
    const back = fromCodes(coded);
    for (const [g, [from, to]] of [
      [0, 3],
      [3, 7],
      [7, 10],
    ].entries()) {
      const values = new Set<number>();
      for (let i = from; i < to; i++) for (let j = 0; j < 12; j++) values.add(back.get(i, j));
      expect(values.size).toBeLessThanOrEqual(4);
      for (const v of values) expect(coded.codebooks.subarray(4 * g, 4 * g + 4)).toContain(v);
    }
    const few = DenseMatrix.fromRows([
      [1, 2, 1],
      [3, 2, 3],
    ]);
    expect(fromCodes(quantiseToCodebooks(few, { bits: 2 })).data).toEqual(few.data);
  });

  test('a sweep lowers the error of the outputs', () => {
    const W = matrix(23, 20, 150);
    const moments = momentsOf(inputs(24, 500, 150), 150);
    const error = (rounding: 'nearest' | 'sweep') =>
      outputError(W, fromCodes(quantiseToCodebooks(W, { bits: 3, rounding }, moments)), moments);
    expect(error('sweep')).toBeLessThan(0.7 * error('nearest'));
  });

  test('places are packed without gaps', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.nat(255), { maxLength: 40 }), (bits, all) => {
        const indices = Uint8Array.from(all, (v) => v % 2 ** bits);
        const packed = packIndices(indices, bits);
        expect(packed.length).toBe(Math.ceil((all.length * bits) / 8));
        expect(unpackIndices(packed, bits, all.length)).toEqual(indices);
      }),
      { seed: 5 },
    );
    expect(() => packIndices(Uint8Array.of(4), 2)).toThrow('4 at 0 does not fit into 2 bits');
    expect(() => unpackIndices(Uint8Array.of(4), 8, 2)).toThrow('2 numbers of 8 bits take 2 bytes, not 1');
  });

  test('refuses', () => {
    const W = matrix(25, 3, 4);
    expect(() => quantiseToCodebooks(W, { bits: 9 })).toThrow('bits');
    expect(() => quantiseToCodebooks(W, { bits: 2, groups: 4 })).toThrow('groups');
    expect(() => quantiseToCodebooks(W, { bits: 2, rounding: 'sweep' })).toThrow('needs moments');
    expect(() => quantiseToCodebooks(W, { bits: 2, rounding: 'up' as never })).toThrow(
      'rounding must be nearest or sweep',
    );
    expect(() => quantiseRows(DenseMatrix.fromRows([[Number.NaN]]))).toThrow('weight [0, 0] is NaN');
  });
});
