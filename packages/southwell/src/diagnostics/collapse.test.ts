import * as ad from '@southwell/autodiff';
import { Random, SouthwellError } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { scalingAlignment, softmaxCollapse } from './index.ts';

const sentence = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    if (error instanceof SouthwellError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing';
};

describe('softmaxCollapse', () => {
  const classes = 5;
  const random = new Random(1);
  // Gaps of 0, 2, 4 … 46 between the largest logit and four equal ones, at any place and height.
  const gaps = Array.from({ length: 24 }, (_, k) => 2 * k);
  const places = gaps.map(() => random.integer(classes));
  const logits = gaps.flatMap((gap, i) => {
    const low = Math.round(8 * random.normal()) / 4;
    return Array.from({ length: classes }, (_, k) => (k === places[i] ? low + gap : low));
  });

  test.each([
    ['f16', 11],
    ['f32', 24],
    ['f64', 53],
  ] as const)('counts rows by the gap of their logits in %s', (precision, digits) => {
    const { rows, share, zeroLoss } = softmaxCollapse(logits, classes, { precision, targets: places });
    const least = digits * Math.log(2);
    const sure = gaps.filter((gap) => gap > least + Math.log(classes - 1)).length;
    const possible = gaps.filter((gap) => gap >= least).length;
    expect(rows).toBe(24);
    expect(share * rows).toBeGreaterThanOrEqual(sure);
    expect(share * rows).toBeLessThanOrEqual(possible);
    expect(sure).toBeLessThan(24);
    // Of the class that is right by far the loss is 0 there, of another it is the gap.
    expect(zeroLoss).toBe(share);
    const wrong = softmaxCollapse(logits, classes, { precision, targets: places.map((k) => (k + 1) % classes) });
    expect([wrong.share, wrong.zeroLoss]).toEqual([share, 0]);
  });

  test('counts rows without a class among those that collapse alone, and refuses what it cannot count', () => {
    const z = [90, 0, 0, 90, 0, 0];
    expect(softmaxCollapse(z, 3, { targets: [0, -1] })).toEqual({ rows: 2, share: 1, zeroLoss: 1 });
    expect(softmaxCollapse(Float32Array.from(z), 3)).toEqual({ rows: 2, share: 1 });
    expect(softmaxCollapse([7], 1)).toEqual({ rows: 1, share: 1 });
    expect(sentence(() => softmaxCollapse([], 3))).toMatch(/INVALID_SHAPE: 0 logits cannot be split into rows of 3/);
    expect(sentence(() => softmaxCollapse([1, 2, 3], 2))).toMatch(/INVALID_SHAPE/);
    expect(sentence(() => softmaxCollapse(z, 3, { targets: [0] }))).toMatch(/1 targets for 2 rows/);
    expect(sentence(() => softmaxCollapse(z, 3, { targets: [0, 3] }))).toMatch(/target of row 2 is 3/);
    expect(sentence(() => softmaxCollapse([1, Number.NaN], 2))).toMatch(/NON_FINITE: Logit 2 of row 1 is NaN/);
    expect(sentence(() => softmaxCollapse(z, 3, { precision: 'f8' as 'f16' }))).toMatch(
      /precision must be one of f16, f32, f64, but is f8/,
    );
    expect(softmaxCollapse(z, 3, { targets: [-1, -1] }).zeroLoss).toBeNaN();
  });
});

describe('scalingAlignment', () => {
  // L layers without biases: logits scale as the L-th power of the weights.
  test.each([1, 2, 3])('of %i layers without biases: ⟨θ, g⟩ is L times the mean of Σ z·∂L/∂z', (layers) => {
    const widths = [6, 5, 7, 4].slice(0, layers).concat(4);
    const parameters = widths
      .slice(1)
      .map((out, k) => ad.randomNormal(ad.foldIn(ad.randomKey(3), k), [widths[k], out], 'f64'));
    const apply = (p: readonly ad.Tensor[], inputs: ad.Tensor) =>
      p.reduce((z, w, k) => ad.matmul(k > 0 ? ad.relu(z) : z, w), inputs);
    const x = ad.randomNormal(ad.randomKey(4), [9, 6], 'f64');
    const y = ad.tensor(Int32Array.from({ length: 9 }, (_, i) => i % 4));
    const loss = (z: ad.Tensor) => ad.mean(ad.softmaxCrossEntropy(z, y, { precision: 'f64' }));
    const z = apply(parameters, x);
    const alpha = 1.7;
    const larger = parameters.map((t) => ad.mul(t, alpha));
    const scaled = apply(larger, x).data();
    z.data().forEach((v, k) => {
      expect(scaled[k]).toBeCloseTo(alpha ** layers * v, 11);
    });

    const flat = (tree: readonly ad.Tensor[]) => ad.leavesOf(tree).flatMap((t) => Array.from<number>(t.data()));
    const g = flat(ad.grad((p: readonly ad.Tensor[]) => loss(apply(p, x)))(parameters));
    const w = flat(parameters);
    const slopes = Array.from<number>(ad.grad(loss)(z).data());
    const expected = layers * slopes.reduce((sum, v, k) => sum + v * z.data()[k], 0);
    let at = 0;
    const ranges = parameters.map(({ size }) => {
      at += size;
      return { from: at - size, to: at };
    });
    const found = scalingAlignment(w, g, { ranges });
    expect(found.product).toBeCloseTo(expected, 12);
    const length = (v: readonly number[]) => Math.hypot(...v);
    expect(found.cosine).toBeCloseTo(-expected / length(w) / length(g), 12);
    // Each layer scales the logits as much as any other.
    expect(found.tensors.length).toBe(layers);
    for (const { product } of found.tensors) expect(product).toBeCloseTo(expected / layers, 12);
  });

  test('is 1 downhill along the weights, however small, and NaN where there is no direction', () => {
    const w = [3, -4, 1];
    expect(scalingAlignment(w, [-3e-200, 4e-200, -1e-200]).cosine).toBeCloseTo(1, 14);
    expect(scalingAlignment(w, w).cosine).toBeCloseTo(-1, 14);
    expect(scalingAlignment(w, [4, 3, 0]).cosine).toBeCloseTo(0, 14);
    expect(scalingAlignment(w, [0, 0, 0]).cosine).toBeNaN();
    const named = scalingAlignment(w, [0, 0, -1], {
      ranges: [
        { from: 0, to: 2, name: 'first' },
        { from: 2, to: 3 },
      ],
    });
    expect(named.tensors.map(({ name }) => name)).toEqual(['first', 'range 2']);
    expect(named.tensors[1].cosine).toBe(1);
    expect(sentence(() => scalingAlignment([], []))).toMatch(/INVALID_SHAPE/);
    expect(sentence(() => scalingAlignment([1], [1, 2]))).toMatch(/1 parameters and 2 gradient values/);
    expect(sentence(() => scalingAlignment([1, 2], [1, Number.NaN]))).toMatch(/NON_FINITE.*2 is NaN/);
    expect(sentence(() => scalingAlignment(w, w, { ranges: [{ from: 2, to: 9 }] }))).toMatch(/end of 'range 1'/);
  });
});
