import { expect, test } from 'vitest';
import { engines, reals, TestArena, uniform } from '../testing.ts';

const guard = 12345;

test.each(engines)('adamStep has the bits of its formulas (%s)', (engine) => {
  const random = uniform(23);
  for (const n of [0, 1, 2, 5, 8]) {
    const t = new TestArena(engine);
    const [g, m0, v0, p0] = [reals(n, random), reals(n, random), reals(n, random).map(Math.abs), reals(n, random)];
    const w0 = reals(n, random).map(Math.abs);
    const [b1, b2, step, c2, epsilon, keep, l2] = [0.9, 0.99, 1.7, 2.3, 1e-3, 0.9, 0.1];
    for (const largest of [false, true]) {
      const [m, v, w, p] = [m0, v0, w0, p0].map((x) => t.f64([...x, guard]));
      const g1 = t.f64(g).pointer;
      const most = largest ? w.pointer : 0;
      t.kernels.adamStep(n, b1, b2, step, c2, epsilon, keep, l2, g1, m.pointer, v.pointer, most, p.pointer);
      const x = g.map((value, k) => value + l2 * p0[k]);
      const m1 = m0.map((value, k) => b1 * value + (1 - b1) * x[k]);
      const v1 = v0.map((value, k) => b2 * value + (1 - b2) * x[k] * x[k]);
      const used = largest ? v1.map((value, k) => Math.max(value, w0[k])) : v1;
      expect([...m.view]).toEqual([...m1, guard]);
      expect([...v.view]).toEqual([...v1, guard]);
      expect([...w.view]).toEqual([...(largest ? used : w0), guard]);
      const moved = p0.map((value, k) => keep * value - (step * m1[k]) / (Math.sqrt(c2 * used[k]) + epsilon));
      expect([...p.view]).toEqual([...moved, guard]);
    }
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('sums of squares, and a test of bits, tell of what is not finite (%s)', (engine) => {
  const t = new TestArena(engine);
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (let at = 0; at < 19; at++) {
      const values = new Array<number>(19).fill(-1e300);
      expect(t.kernels.notFinite(19, t.f64(values).pointer)).toBe(0);
      values.fill(1);
      values[at] = bad;
      expect(t.kernels.notFinite(19, t.f64(values).pointer)).toBe(1);
      expect(t.kernels.snotFinite(19, t.f32(values).pointer)).toBe(1);
      expect(t.kernels.notFinite(at, t.f64(values).pointer)).toBe(0);
      expect(t.kernels.snotFinite(at, t.f32(values).pointer)).toBe(0);
      expect(Number.isFinite(t.kernels.sumOfSquares(19, t.f64(values).pointer))).toBe(false);
      expect(Number.isFinite(t.kernels.ssumOfSquares(19, t.f32(values).pointer))).toBe(false);
    }
  }
  const values = Array.from({ length: 21 }, (_, i) => i);
  expect(t.kernels.sumOfSquares(21, t.f64(values).pointer)).toBe(2870);
  expect(t.kernels.ssumOfSquares(21, t.f32(values).pointer)).toBe(2870);
  // Squares beyond f32.
  expect(t.kernels.ssumOfSquares(1, t.f32([1e30]).pointer)).toBeCloseTo(1e60, -53);
  expect(t.end()).toBe(0);
});
