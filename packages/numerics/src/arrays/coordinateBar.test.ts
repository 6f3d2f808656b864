import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../core/index.ts';
import { coordinateBar } from './coordinateBar.ts';

/** The definition, by sorting. */
const sorted = (values: readonly number[], fraction: number): number => {
  const sizes = values.map(Math.abs).filter((v) => v > 0);
  sizes.sort((a, b) => b - a);
  return sizes[Math.min(sizes.length, Math.ceil(fraction * values.length)) - 1] ?? 0;
};

test('the bar is that of sorting, ties and zeros among the values', () => {
  const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 60 }),
      fc.double({ min: 1e-3, max: 1, noNaN: true }),
      (v, f) => {
        expect(coordinateBar(Float64Array.from(v), f)).toBe(sorted(v, f));
        const single = Float32Array.from(v.map((x) => Math.max(-1e30, Math.min(1e30, x))));
        expect(coordinateBar(single, f, new Float64Array(v.length))).toBe(sorted([...single], f));
      },
    ),
    { seed: 1 },
  );
  expect(coordinateBar(Float64Array.of(1, 2), 0)).toBe(Number.POSITIVE_INFINITY);
  expect(coordinateBar(new Float64Array(3), 0.5)).toBe(0);
});

test('many values take a small part of the time of sorting them', () => {
  const random = new Random(1);
  const values = Float64Array.from({ length: 2e5 }, () => random.normal());
  const least = (f: () => unknown): number =>
    Math.min(
      ...[1, 2, 3].map(() => {
        const began = performance.now();
        f();
        return performance.now() - began;
      }),
    );
  const work = new Float64Array(values.length);
  expect(least(() => coordinateBar(values, 0.1, work))).toBeLessThan(0.7 * least(() => values.map(Math.abs).sort()));
});
