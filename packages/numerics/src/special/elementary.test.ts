import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cos, exp, log, power, sin } from './elementary.ts';

/** |a − b| in units of the last place of b. */
function ulps(a: number, b: number): number {
  if (a === b) return 0;
  const size = Math.max(Math.abs(b), 2 ** -1022);
  return Math.abs(a - b) / 2 ** (Math.floor(Math.log2(size)) - 52);
}

test('exp and log are within 3 ulp of the engine’s', () => {
  fc.assert(
    fc.property(fc.double({ min: -740, max: 709, noNaN: true }), (x) => {
      // Subnormal results have fewer bits.
      expect(x < -708 ? Math.abs(exp(x) - Math.exp(x)) / 5e-324 : ulps(exp(x), Math.exp(x))).toBeLessThanOrEqual(3);
    }),
    { numRuns: 3000 },
  );
  fc.assert(
    fc.property(fc.double({ min: 5e-324, max: Number.MAX_VALUE, noNaN: true }), (x) => {
      expect(ulps(log(x), Math.log(x))).toBeLessThanOrEqual(3);
    }),
    { numRuns: 3000 },
  );
  // Near 1 the logarithm is small, and its relative error still is.
  fc.assert(
    fc.property(fc.double({ min: 0.5, max: 2, noNaN: true }), (x) => {
      expect(ulps(log(x), Math.log(x))).toBeLessThanOrEqual(3);
    }),
    { numRuns: 3000 },
  );
});

test('sin and cos are within 1e-15, power within 1e-13', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e5, max: 1e5, noNaN: true }), (x) => {
      expect(Math.abs(sin(x) - Math.sin(x))).toBeLessThanOrEqual(1e-15);
      expect(Math.abs(cos(x) - Math.cos(x))).toBeLessThanOrEqual(1e-15);
    }),
    { numRuns: 3000 },
  );
  fc.assert(
    fc.property(
      fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
      fc.double({ min: -5, max: 5, noNaN: true }),
      (x, y) => {
        expect(Math.abs(power(x, y) / x ** y - 1)).toBeLessThanOrEqual(1e-13);
      },
    ),
  );
});

test('ends and special values', () => {
  expect([exp(0), exp(-800), exp(800), exp(Number.NEGATIVE_INFINITY), exp(Number.NaN)]).toEqual([
    1,
    0,
    Infinity,
    0,
    NaN,
  ]);
  expect([log(1), log(0), log(-1), log(Infinity), log(Number.NaN)]).toEqual([0, -Infinity, NaN, Infinity, NaN]);
  expect([power(0.01, 0), power(0.01, 1), power(7, 1)]).toEqual([1, 0.01, 7]);
  expect(exp(709.78)).toBeCloseTo(Math.exp(709.78), -300);
});
