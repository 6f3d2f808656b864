import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digamma, erf, erfc, logGamma, logNormalCdf, normalCdf, normalQuantile, polygamma } from './index.ts';
import { polygammas, reference } from './testing.ts';

const functions = { erf, erfc, logNormalCdf, normalQuantile, logGamma, digamma };
/** Relative to the value, or to 1 where a function crosses 0 with error that is absolute. */
const within = { erf: 2e-15, erfc: 1e-14, logNormalCdf: 1e-14, normalQuantile: 4e-15, logGamma: 6e-15, digamma: 4e-15 };
const absolute = new Set(['logGamma', 'digamma', 'normalQuantile']);

test.each(reference)('%s(%f)', (name, x, value) => {
  const scale = absolute.has(name) ? Math.max(1, Math.abs(value)) : Math.abs(value);
  expect(Math.abs(functions[name](x) - value)).toBeLessThanOrEqual(within[name] * scale);
});

test('symmetries, recurrences and inverses hold everywhere', () => {
  const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  fc.assert(
    fc.property(real(-6, 6), real(1e-12, 1), real(-20, 60), (x, p, z) => {
      expect(erf(-x)).toBe(-erf(x));
      expect(erf(x) + erfc(x)).toBeCloseTo(1, 14);
      const back = normalCdf(normalQuantile(p));
      expect(Math.abs(back / p - 1)).toBeLessThan(1e-13);
      if (Math.abs(z - Math.round(z)) > 1e-6) {
        const scale = Math.max(1, Math.abs(logGamma(z)));
        expect(Math.abs(logGamma(z + 1) - logGamma(z) - Math.log(Math.abs(z))) / scale).toBeLessThan(1e-13);
        expect(Math.abs(digamma(z + 1) - digamma(z) - 1 / z)).toBeLessThan(1e-9 * Math.max(1, Math.abs(digamma(z))));
      }
    }),
  );
});

test('ends and arguments outside of the domain', () => {
  expect([erf(0), erf(Infinity), erf(-Infinity), erfc(40), erfc(-40)]).toEqual([0, 1, -1, 0, 2]);
  for (const f of Object.values(functions)) expect(f(Number.NaN)).toBeNaN();
  expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
  expect(normalQuantile(-0.1)).toBeNaN();
  for (const pole of [0, -1, -7]) {
    expect(logGamma(pole)).toBe(Number.POSITIVE_INFINITY);
    expect(digamma(pole)).toBeNaN();
  }
  expect([logGamma(Infinity), digamma(Infinity), logNormalCdf(-1e200)]).toEqual([Infinity, Infinity, -Infinity]);
});

test.each(polygammas)('polygamma(%i, %f)', (n, x, value) => {
  expect(Math.abs(polygamma(n, x) / value - 1)).toBeLessThanOrEqual(4e-15);
});

test('polygamma at its ends', () => {
  expect(polygamma(0, 2.5)).toBe(digamma(2.5));
  for (const pole of [0, -1, -7]) expect(polygamma(1, pole)).toBeNaN();
  expect([polygamma(1, Infinity), polygamma(2, Number.NaN)]).toEqual([0, Number.NaN]);
});
