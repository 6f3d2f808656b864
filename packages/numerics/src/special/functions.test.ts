import fc from 'fast-check';
import { expect, test } from 'vitest';
import { acos, asin, atan, atan2, tan } from './circular.ts';
import { cos, sin } from './elementary.ts';
import { acosh, asinh, atanh, cbrt, cosh, expm1, hypot, log1p, log2, log10, pow, sinh, tanh } from './exponential.ts';

/** |a − b| in units of the last place of b. */
function ulps(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  const size = Math.max(Math.abs(b), 2 ** -1022);
  return Math.abs(a - b) / 2 ** (Math.floor(Math.log2(size)) - 52);
}

const runs = { numRuns: 2000 };
/** Numbers of all sizes below a limit, those near 0 too. */
const upTo = (most: number) =>
  fc
    .tuple(fc.double({ min: -300, max: Math.log10(most), noNaN: true }), fc.boolean(), fc.double({ min: -1, max: 1 }))
    .map(([e, wide, u]) => (wide ? (Number.isNaN(u) ? 0 : u * most) : (u < 0 ? -1 : 1) * 10 ** e));

// The engine's own are within an ulp or so.
test.each([
  ['atan', atan, Math.atan, 1e300, 3],
  ['asin', asin, Math.asin, 1, 4],
  ['acos', acos, Math.acos, 1, 4],
  ['expm1', expm1, Math.expm1, 700, 4],
  ['log1p', log1p, Math.log1p, 0.999, 5],
  ['log2', log2, Math.log2, 1e300, 4],
  ['log10', log10, Math.log10, 1e300, 4],
  ['sinh', sinh, Math.sinh, 709, 5],
  ['cosh', cosh, Math.cosh, 709, 6],
  ['tanh', tanh, Math.tanh, 50, 5],
  ['asinh', asinh, Math.asinh, 1e300, 5],
  ['acosh', acosh, Math.acosh, 1e300, 5],
  ['atanh', atanh, Math.atanh, 0.99, 5],
  ['cbrt', cbrt, Math.cbrt, 1e300, 2],
] as const)('%s is that of the engine within a few ulp', (_, own, engine, most, bar) => {
  fc.assert(
    fc.property(upTo(most), (x) => {
      const [a, b] = [own(x), engine(x)];
      // Subnormal results have fewer bits.
      if (Number.isNaN(b)) expect(a).toBeNaN();
      else expect(ulps(a, b)).toBeLessThanOrEqual(bar);
    }),
    runs,
  );
});

test('of two arguments', () => {
  const any = upTo(1e150);
  fc.assert(
    fc.property(any, any, (x, y) => {
      expect(ulps(atan2(y, x), Math.atan2(y, x))).toBeLessThanOrEqual(4);
      expect(ulps(hypot(x, y), Math.hypot(x, y))).toBeLessThanOrEqual(3);
    }),
    runs,
  );
  fc.assert(
    fc.property(
      fc.double({ min: 1e-4, max: 1e4, noNaN: true }),
      fc.double({ min: -9, max: 9, noNaN: true }),
      (x, y) => {
        expect(Math.abs(pow(x, y) / x ** y - 1)).toBeLessThanOrEqual(1e-13);
      },
    ),
    runs,
  );
  fc.assert(
    fc.property(fc.double({ min: -30, max: 30, noNaN: true }), fc.integer({ min: -70, max: 70 }), (x, n) => {
      const [a, b] = [pow(x, n), x ** n];
      // Beyond the largest number and below the normal ones the last steps differ.
      if (Math.abs(b) > 1e-300 && Math.abs(b) < 1e300) expect(Math.abs(a / b - 1)).toBeLessThanOrEqual(1e-13);
    }),
    runs,
  );
  fc.assert(
    fc.property(fc.double({ min: -1.5, max: 1.5, noNaN: true }), (x) => {
      expect(Math.abs(tan(x) - Math.tan(x))).toBeLessThanOrEqual(1e-14 * (1 + Math.tan(x) ** 2));
    }),
    runs,
  );
});

test('sine, cosine and tangent of numbers of any size', () => {
  // From tables of high precision.
  expect(sin(1e22)).toBeCloseTo(-0.8522008497671888, 15);
  expect(cos(1e22)).toBeCloseTo(0.5232147853951389, 15);
  fc.assert(
    fc.property(fc.double({ min: 6, max: 308, noNaN: true }), fc.boolean(), (digits, negative) => {
      const x = (negative ? -1 : 1) * 10 ** digits;
      for (const [f, engine] of [
        [sin, Math.sin],
        [cos, Math.cos],
      ] as const)
        expect(Math.abs(f(x) - engine(x)), String(x)).toBeLessThanOrEqual(4e-16);
      expect(Math.abs(tan(x) / Math.tan(x) - 1), String(x)).toBeLessThanOrEqual(1e-15 * (2 + Math.abs(Math.tan(x))));
    }),
    runs,
  );
  // The number of which the remainder modulo π/2 is least, and the largest.
  for (const x of [6381956970095103 * 2 ** 797, Number.MAX_VALUE, 2 ** 20 + 1]) {
    expect(Math.abs(cos(x) / Math.cos(x) - 1)).toBeLessThanOrEqual(4e-16);
    expect(Math.abs(sin(x) / Math.sin(x) - 1)).toBeLessThanOrEqual(4e-16);
  }
});

const SPECIAL = [0, -0, 1, -1, Infinity, -Infinity, NaN, 5e-324, 1.7976931348623157e308];

test('special values are those of the standard', () => {
  const pairs = [
    [atan, Math.atan],
    [asin, Math.asin],
    [acos, Math.acos],
    [expm1, Math.expm1],
    [log1p, Math.log1p],
    [log2, Math.log2],
    [log10, Math.log10],
    [sinh, Math.sinh],
    [cosh, Math.cosh],
    [tanh, Math.tanh],
    [asinh, Math.asinh],
    [acosh, Math.acosh],
    [atanh, Math.atanh],
    [cbrt, Math.cbrt],
  ] as const;
  for (const [own, engine] of pairs) {
    for (const x of SPECIAL) {
      const [a, b] = [own(x), engine(x)];
      if (Number.isFinite(b) && b !== 0) expect(ulps(a, b), `${engine.name}(${x})`).toBeLessThanOrEqual(3);
      else expect(a, `${engine.name}(${x})`).toBe(b);
    }
  }
  for (const y of SPECIAL) {
    for (const x of SPECIAL) {
      expect(ulps(atan2(y, x), Math.atan2(y, x)), `atan2(${y}, ${x})`).toBeLessThanOrEqual(1);
      expect(hypot(x, y), `hypot(${x}, ${y})`).toEqual(Math.hypot(x, y));
    }
  }
  expect([log10(1000), log10(1e-5), log10(1e22), log2(8), log2(2 ** -1000)]).toEqual([3, -5, 22, 3, -1000]);
  expect([pow(0, 0), pow(0, -1), pow(-2, 3), pow(-8, 1 / 3), pow(2, 0.5), pow(-1, 101), pow(NaN, 0)]).toEqual([
    ...[1, Infinity, -8, NaN],
    expect.closeTo(Math.SQRT2, 15),
    ...[-1, 1],
  ]);
  expect([pow(0, 2.5), pow(0, -2.5), pow(Infinity, -0.5), pow(2, Infinity), pow(-2, -Infinity)]).toEqual([
    ...[0, Infinity, 0, Infinity, 0],
  ]);
  expect([cbrt(27), cbrt(-8), hypot(3, 4)]).toEqual([3, -2, 5]);
});

test('powers of what is not finite, of zeros and of ones are those of JavaScript', () => {
  const special = [0, -0, 1, -1, Infinity, -Infinity, Number.NaN, 0.5, -0.5, 2.5, -2.5, 3, -3, 4, -4, 101, -101, 102];
  for (const x of [0, -0, 1, Infinity, -Infinity, Number.NaN]) {
    for (const y of special) expect(pow(x, y), `${x} to ${y}`).toBe(x ** y);
  }
});
