import { Random, SouthwellError } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import * as ad from '../index.ts';

const precisions = { f16: 11, f32: 24, f64: 53 } as const satisfies Record<ad.SoftmaxPrecision, number>;
const rows = (values: readonly (readonly number[])[], dtype: 'f32' | 'f64' = 'f64') => ad.tensor(values, { dtype });
const ints = (...values: number[]) => ad.tensor(Int32Array.from(values));
const sentence = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    if (error instanceof SouthwellError) return error.message;
    throw error;
  }
  return 'nothing';
};

describe.each(Object.entries(precisions))('a softmax in %s', (name, digits) => {
  const precision = name as ad.SoftmaxPrecision;
  // 1 + δ is 1 from δ = 2^−digits on, and e^−gap is what the others are.
  const gap = digits * Math.log(2);
  const sumOf = (gapped: number, others: number) =>
    ad.softmaxSum(rows([[gapped, ...Array.from({ length: others }, () => 0)]]), { precision }).item();

  test('collapses where the other terms are half of the last place of 1', () => {
    const near = precision === 'f16' ? 0.02 : 1e-4;
    expect(sumOf(gap - near, 1)).toBeGreaterThan(1);
    expect(sumOf(gap + near, 1)).toBe(1);
    for (const others of [7, 30, 112]) {
      // Absorbed one by one at the earliest, and all together at the latest.
      expect(sumOf(gap - near, others)).toBeGreaterThan(1);
      expect(sumOf(gap + Math.log(others) + 2 * near, others)).toBe(1);
    }
  });

  test('has no loss and no slope at its class then, and at the others their exponentials', () => {
    const z = rows([[gap + 1, 0, 0.5]], 'f64');
    const [loss, slope] = ad.valueAndGrad((x: ad.Tensor) => ad.sum(ad.softmaxCrossEntropy(x, ints(0), { precision })))(
      z,
    );
    const [own, ...others] = slope.data();
    if (ad.softmaxSum(z, { precision }).item() !== 1) throw new Error('It has not collapsed.');
    expect([loss.item(), own]).toEqual([0, 0]);
    const most = 2 ** (1 - digits);
    others.forEach((v, k) => {
      expect(v).toBeGreaterThan(0);
      expect(Math.abs(v / Math.exp(0.5 * k - gap - 1) - 1)).toBeLessThan(precision === 'f16' ? 0.01 : 10 * most + 1e-6);
    });
  });

  test('agrees with rounding every operation by hand', () => {
    const round = { f16: byHand, f32: Math.fround, f64: (v: number) => v }[precision];
    const random = new Random(digits);
    const last = 2 ** (1 - digits);
    for (let trial = 0; trial < 15; trial++) {
      const z = Array.from({ length: 5 }, () => 6 * random.normal());
      const target = random.integer(5);
      const rounded = z.map(round);
      const top = Math.max(...rounded);
      const shifted = rounded.map((v) => round(v - top));
      const e = shifted.map((v) => round(Math.exp(v)));
      const total = round(e.reduce((a, b) => a + b, 0));
      const expected = round(round(Math.log(total)) - shifted[target]);
      const [loss, slope] = ad.valueAndGrad((x: ad.Tensor) =>
        ad.sum(ad.softmaxCrossEntropy(x, ints(target), { precision })),
      )(rows([z]));
      // Sums and exponentials may differ in their last place.
      expect(Math.abs(loss.item() - expected)).toBeLessThanOrEqual(4 * last * Math.max(1, expected));
      slope.data().forEach((v, k) => {
        const p = round(round(e[k] / total) - Number(k === target));
        expect(Math.abs(v - p)).toBeLessThanOrEqual(4 * last);
      });
    }
  });
});

/** Half precision by the definition: the nearest multiple of the last place, the even one of two. */
function byHand(x: number): number {
  const last = Math.max(2 ** -24, 2 ** (Math.floor(Math.log2(Math.abs(x) || 1)) - 10));
  const low = Math.floor(x / last);
  const rest = x / last - low;
  return last * (rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low);
}

test('in double precision it is cross-entropy, with a slope where that by log Σ eˣ has none any more', () => {
  const z = rows([
    [3, -1, 0.5],
    [60, 25, 20],
  ]);
  const slopes = (f: (z: ad.Tensor, t: ad.Tensor) => ad.Tensor) =>
    ad.valueAndGrad((x: ad.Tensor) => ad.sum(f(x, ints(1, 0))))(z);
  const [precise, slope] = slopes((x, t) => ad.softmaxCrossEntropy(x, t, { precision: 'f64' }));
  const [fused, other] = slopes(ad.crossEntropy);
  expect(precise.item()).toBeCloseTo(fused.item(), 14);
  for (const k of [0, 1, 2]) expect(slope.data()[k]).toBeCloseTo(other.data()[k], 14);
  expect(-slope.data()[3] / Math.exp(-35)).toBeCloseTo(1, 0);
  expect(other.data()[3]).toBe(0);
});

test('losses are of the kind of the logits, rows without target count 0, and compiled bits are those of eager ones', () => {
  const z = rows(
    [
      [1, 2, 4],
      [0, 9, -3],
    ],
    'f32',
  );
  for (const loss of [ad.softmaxCrossEntropy, ad.stableMaxCrossEntropy] as const) {
    for (const precision of Object.keys(precisions) as ad.SoftmaxPrecision[]) {
      const f = (x: ad.Tensor) =>
        ad.sum(
          loss === ad.softmaxCrossEntropy
            ? ad.softmaxCrossEntropy(x, ints(-1, 1), { precision })
            : ad.stableMaxCrossEntropy(x, ints(-1, 1)),
        );
      const [value, slope] = ad.valueAndGrad(f)(z);
      expect([value.dtype, slope.dtype]).toEqual(['f32', 'f32']);
      expect(slope.data().slice(0, 3)).toEqual(new Float32Array(3));
      const [again, same] = ad.compile(ad.valueAndGrad(f))(z);
      expect(again.item()).toBe(value.item());
      expect(same.data()).toEqual(slope.data());
    }
  }
});

describe('StableMax', () => {
  const s = (z: number) => (z >= 0 ? z + 1 : 1 / (1 - z));
  const ds = (z: number) => (z >= 0 ? 1 : 1 / (1 - z) ** 2);

  test('has the slope of its formula, at 0 and on both sides', () => {
    const random = new Random(2);
    for (let trial = 0; trial < 12; trial++) {
      const z = Array.from({ length: 4 }, (_, k) => (trial % 4 === k ? 0 : 3 * random.normal()));
      const y = random.integer(4);
      const S = z.reduce((sum, v) => sum + s(v), 0);
      const f = (x: ad.Tensor) => ad.sum(ad.stableMaxCrossEntropy(x, ints(y)));
      const [loss, slope] = ad.valueAndGrad(f)(rows([z]));
      expect(loss.item()).toBeCloseTo(-Math.log(s(z[y]) / S), 13);
      slope.data().forEach((v, k) => {
        expect(v).toBeCloseTo(ds(z[k]) / S - (k === y ? ds(z[k]) / s(z[k]) : 0), 13);
        const at = (h: number) => f(rows([z.map((u, j) => u + (j === k ? h : 0))])).item();
        // At 0 the second derivative jumps, so that differences are right to their step.
        expect(Math.abs((at(1e-6) - at(-1e-6)) / 2e-6 - v)).toBeLessThan(3e-6);
      });
    }
  });

  test('sums to 1, has the order of the logits, and is finite up to 1e30', () => {
    const random = new Random(3);
    for (let trial = 0; trial < 30; trial++) {
      const z = Array.from({ length: 6 }, () => 10 ** (4 * random.normal()) * (random.integer(2) ? 1 : -1));
      const p = Array.from(ad.stableMax(rows([z])).data());
      expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
      const order = (v: readonly number[]) => v.map((_, i) => i).sort((i, j) => v[i] - v[j]);
      expect(order(p)).toEqual(order(z));
    }
    for (const dtype of ['f32', 'f64'] as const) {
      const [loss, slope] = ad.valueAndGrad((x: ad.Tensor) => ad.sum(ad.stableMaxCrossEntropy(x, ints(0, 1))))(
        rows(
          [
            [-1e30, 1e30, 0],
            [-1e30, 1e30, 0],
          ],
          dtype,
        ),
      );
      expect(Number.isFinite(loss.item())).toBe(true);
      expect(slope.data().every((v: number) => Number.isFinite(v))).toBe(true);
      // No collapse: the slope at the class that is right by far is not 0 in double precision, where it is 1/(1e30)².
      if (dtype === 'f64') expect(slope.data()[0]).not.toBe(0);
    }
  });
});

test('what does not fit is refused', () => {
  const z = rows([[1, 2]]);
  expect(sentence(() => ad.softmaxCrossEntropy(z, ints(0), { precision: 'bf16' as 'f16' }))).toMatch(
    /precision must be one of f16, f32, f64, not bf16/,
  );
  expect(sentence(() => ad.softmaxSum(z, { digits: 3 } as object))).toMatch(/digits/);
  expect(sentence(() => ad.softmaxCrossEntropy(z, ints(0), { bits: 16 } as object))).toMatch(/bits/);
  expect(sentence(() => ad.softmaxCrossEntropy(z, ints(0, 1)))).toMatch(/softmaxCrossEntropy.*targets/);
  expect(sentence(() => ad.stableMaxCrossEntropy(z, ints(0, 1)))).toMatch(/stableMaxCrossEntropy.*targets/);
  expect(sentence(() => ad.stableMaxCrossEntropy(z, ints(2)))).toMatch(/2/);
  expect(sentence(() => ad.stableMax(ints(1, 2)))).toMatch(/logits must have a last axis/);
});
