import { SouthwellError } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elasticNetPenalty } from './elasticNet.ts';
import { box, type CoordinatePenalty, checkedParameters, elasticNet, l1, none, nonNegative, ridge } from './index.ts';

const { POSITIVE_INFINITY: MORE, NEGATIVE_INFINITY: LESS } = Number;
const refusal = (code: string, message: string) =>
  expect.objectContaining({ constructor: SouthwellError, code, message });
const number = fc.double({ min: -5, max: 5, noNaN: true });
const alphas = fc.double({ min: 0, max: 5, noNaN: true });

describe('the constructors', () => {
  test('have the values that they say, inside of bounds and outside', () => {
    fc.assert(
      fc.property(number, alphas, fc.double({ min: 0, max: 1, noNaN: true }), (x, alpha, ratio) => {
        const size = Math.abs(x);
        const values: [CoordinatePenalty, string, number][] = [
          [none(), 'none', 0],
          [l1(alpha), 'l1', alpha * size],
          [ridge(alpha), 'ridge', (alpha * x ** 2) / 2],
          [elasticNet(alpha, ratio), 'elastic-net', alpha * (ratio * size + ((1 - ratio) * x ** 2) / 2)],
          [nonNegative(), 'non-negative', x < 0 ? MORE : 0],
          [nonNegative(alpha), 'non-negative', x < 0 ? MORE : alpha * x],
          [box(-1, 2), 'box', x < -1 || x > 2 ? MORE : 0],
          [box(-1, 2, alpha), 'box', x < -1 || x > 2 ? MORE : alpha * size],
        ];
        for (const [penalty, name, expected] of values) {
          expect(penalty.name).toBe(name);
          expect(penalty.convex).toBe(true);
          if (expected === MORE) expect(penalty.value(0, x)).toBe(MORE);
          else expect(penalty.value(0, x)).toBeCloseTo(expected, 12);
        }
      }),
    );
  });

  test('take numbers by coordinate', () => {
    const weighted = l1([0.5, 0, 2]);
    expect([0, 1, 2].map((j) => weighted.value(j, -3))).toEqual([1.5, 0, 6]);
    expect([0, 1, 2].map((j) => weighted.prox(j, 3, 0.5))).toEqual([2.75, 3, 2]);
    expect([0, 1].map((j) => ridge([2, 6]).prox(j, 3, 0.5))).toEqual([1.5, 0.75]);
    expect([0, 1].map((j) => nonNegative([1, 2]).prox(j, 3, 1))).toEqual([2, 1]);
    const bounded = box([-1, 0, -2], Float64Array.of(1, 3, 0), [0, 1, 0]);
    expect([0, 1, 2].map((j) => bounded.prox(j, 9, 1))).toEqual([1, 3, 0]);
    expect([0, 1, 2].map((j) => bounded.prox(j, -9, 1) + 0)).toEqual([-1, 0, -2]);
  });

  test('an infinite alpha keeps its coordinate at zero', () => {
    for (const penalty of [l1(MORE), ridge(MORE), elasticNet(MORE, 0), elasticNet(MORE, 0.5), elasticNet(MORE, 1)]) {
      for (const z of [-1e9, -1, 0, 2]) {
        expect(penalty.prox(0, z, 0.3) + 0).toBe(0);
        expect(penalty.subdifferentialDistance(0, 0, z)).toBe(0);
      }
      expect(penalty.value(0, 0)).toBe(0);
      expect(penalty.value(0, -0.1)).toBe(MORE);
    }
    for (const penalty of [l1([1, MORE]), ridge([1, MORE])]) {
      expect([0, 1].map((j) => penalty.value(j, 0))).toEqual([0, 0]);
      expect([0, 1].map((j) => penalty.prox(j, 3, 1))).toEqual([penalty.name === 'l1' ? 2 : 1.5, 0]);
      expect([0, 1].map((j) => penalty.subdifferentialDistance(j, 0, 7))).toEqual([penalty.name === 'l1' ? 6 : 7, 0]);
    }
  });

  test('refuse an alpha below zero, and say where it stands', () => {
    const one = refusal('INVALID_PARAMETER', 'alpha must be at least 0, but is -1.');
    const second = refusal('INVALID_PARAMETER', 'alpha must be at least 0, but is -2 at 1.');
    for (const make of [l1, ridge, nonNegative, (alpha: number | number[]) => box(-1, 1, alpha)]) {
      expect(() => make(-1)).toThrow(one);
      expect(() => make([-1])).toThrow(one);
      expect(() => make([0, -2])).toThrow(second);
      expect(() => make(Number.NaN)).toThrow('alpha must be at least 0, but is NaN.');
      expect(() => make(0)).not.toThrow();
      expect(() => make([])).not.toThrow();
    }
    expect(() => elasticNet(-1, 0.5)).toThrow(one);
  });

  test('refuse bounds that leave zero out, and say of which coordinate', () => {
    const text = (j: number, lower: number, upper: number) =>
      refusal('INVALID_PARAMETER', `Bounds must contain 0, but coordinate ${j} has lower ${lower} and upper ${upper}.`);
    expect(() => box(1, 2)).toThrow(text(0, 1, 2));
    expect(() => box(-2, -1)).toThrow(text(0, -2, -1));
    expect(() => box([-1, 0.5], 2)).toThrow(text(1, 0.5, 2));
    expect(() => box(-1, [1, 1, -0.5])).toThrow(text(2, -1, -0.5));
    expect(() => box([-1, Number.NaN], [1, 1])).toThrow(text(1, Number.NaN, 1));
    expect(() => box([0, -1], [1, 0])).not.toThrow();
  });

  test('refuse an l1Ratio outside of [0, 1] and names that are none', () => {
    for (const ratio of [-1e-9, 1 + 1e-9, Number.NaN]) {
      const message = `The elastic net needs l1Ratio between 0 (ridge) and 1 (lasso), but l1Ratio is ${ratio}.`;
      expect(() => elasticNet(1, ratio)).toThrow(refusal('INVALID_PARAMETER', message));
    }
    for (const ratio of [0, 1]) expect(() => elasticNet(1, ratio)).not.toThrow();
    expect(checkedParameters(elasticNetPenalty, {})).toEqual({ l1Ratio: 1 });
    expect(() => checkedParameters(elasticNetPenalty, { l1ratio: 1 })).toThrow(/l1ratio/);
  });
});

test('in other units it is the same function', () => {
  fc.assert(
    fc.property(
      number,
      alphas,
      fc.constantFrom(0, 0.3, 1),
      fc.constantFrom(1e-3, 0.5, 1, 40),
      (b, alpha, l1Ratio, t) => {
        const { a1, a2, gamma } = elasticNetPenalty.unit({ l1Ratio }, alpha, t);
        expect(gamma).toBe(0);
        const expected = elasticNet(alpha, l1Ratio).value(0, t * b);
        const found = elasticNetPenalty.value(b, a1, a2, gamma, LESS, MORE);
        expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-13 * expected + 1e-300);
      },
    ),
  );
  // The lasso knows no squares: units whose square overflows are as good as others.
  expect(elasticNetPenalty.unit({ l1Ratio: 1 }, 2, 1e200)).toEqual({ a1: 2e200, a2: 0, gamma: 0 });
  for (const l1Ratio of [0, 0.5, 1]) {
    expect(elasticNetPenalty.unit({ l1Ratio }, MORE, 0.5)).toEqual({ a1: MORE, a2: 0, gamma: 0 });
  }
});

describe('the conjugate', () => {
  const { conjugate } = elasticNetPenalty;
  const bounds = [
    [LESS, MORE],
    [LESS, 2],
    [-0.5, MORE],
    [-0.5, 2],
    [0, MORE],
    [LESS, 0],
    [0, 0],
  ];
  const settings = bounds.flatMap(([lower, upper]) =>
    [0, 0.7].flatMap((a1) => [0, 0.4].map((a2) => [a1, a2, lower, upper] as const)),
  );
  const slopes = [-3, -0.7, -0.2, 0, 0.2, 0.7, 0.9, 3];

  /** u·b − g(b) is concave: its supremum is at a bound, at 0, where its slope is zero, or infinitely far. */
  const supremum = (u: number, a1: number, a2: number, lower: number, upper: number) => {
    const at = (b: number) => u * b - elasticNetPenalty.value(b, a1, a2, 0, lower, upper);
    const candidates = [0, -1e30, 1e30, lower, upper, ...[-1, 1].map((sign) => (u - sign * a1) / a2)];
    const best = Math.max(...candidates.filter(Number.isFinite).map(at));
    return best > 1e20 ? MORE : best;
  };

  test('is the supremum of u·b − g(b), infinite where that is', () => {
    for (const [a1, a2, lower, upper] of settings) {
      for (const u of slopes) {
        const found = conjugate.value(u, a1, a2, 0, lower, upper);
        const expected = supremum(u, a1, a2, lower, upper);
        if (expected === MORE) expect(found).toBe(MORE);
        else expect(found).toBeCloseTo(expected, 13);
      }
    }
  });

  test('is finite at the feasible scale, which is the largest up to 1', () => {
    const finite = (u: number, a1: number, a2: number, lower: number, upper: number) =>
      supremum(u, a1, a2, lower, upper) < MORE;
    for (const [a1, a2, lower, upper] of settings) {
      for (const u of slopes) {
        const s = conjugate.feasibleScale(u, a1, a2, 0, lower, upper);
        expect(s).toBeGreaterThanOrEqual(0);
        expect(s).toBeLessThanOrEqual(1);
        expect(finite(s * u * (1 - 1e-12), a1, a2, lower, upper)).toBe(true);
        if (s < 1) expect(finite((s + 1e-9) * u, a1, a2, lower, upper)).toBe(false);
      }
    }
  });

  test('is free where g is zero as far as one side goes', () => {
    for (const [a1, a2, lower, upper] of settings) {
      const far = [lower, upper].filter((side) => !Number.isFinite(side)).map((side) => (side > 0 ? 1e9 : -1e9));
      const flat = far.some((b) => elasticNetPenalty.value(b, a1, a2, 0, lower, upper) === 0);
      expect(conjugate.free(a1, a2, 0, lower, upper)).toBe(flat);
    }
  });
});
