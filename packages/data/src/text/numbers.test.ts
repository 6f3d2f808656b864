import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scanNumber, scanned } from './numbers.ts';

const encoder = new TextEncoder();
function scan(text: string, follow = ','): number {
  expect(scanNumber(encoder.encode(text + follow), 0), text).toBe(text.length);
  return scanned[0];
}
const digits = (min: number, max: number) => fc.stringMatching(new RegExp(`^[0-9]{${min},${max}}$`));

test('any double, in its shortest spelling, comes back', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
      expect(scan(String(x))).toBe(x === 0 ? 0 : x); // String(-0) is "0"
    }),
    { numRuns: 3000 },
  );
});

test('any spelling is rounded as Number rounds it', () => {
  const spelling = fc
    .tuple(
      fc.constantFrom('', '-', '+'),
      digits(0, 25),
      fc.constantFrom('', '.'),
      digits(0, 25),
      fc.oneof(
        fc.constant(''),
        fc.integer({ min: -340, max: 320 }).map((e) => `e${e}`),
        fc.constant('E+05'),
      ),
    )
    .map(([sign, whole, point, part, exponent]) => sign + whole + point + (point ? part : '') + exponent)
    .filter((text) => /[0-9]/.test(text.split(/e/i)[0]));
  fc.assert(
    fc.property(spelling, (text) => {
      expect(scan(text)).toBe(Number(text));
    }),
    { numRuns: 10_000 },
  );
});

test('15 to 20 digits over every power of ten: the path in double-double', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 14, max: 20 }),
      fc.bigInt({ min: 1n, max: 10n ** 20n }),
      fc.nat(22),
      (count, m, k) => {
        const all = String(m)
          .slice(0, count)
          .padStart(k + 1, '0');
        const text = k ? `${all.slice(0, -k)}.${all.slice(-k)}` : all;
        expect(scan(text)).toBe(Number(text));
      },
    ),
    { numRuns: 10_000 },
  );
});

test('exact midpoints between doubles, and their neighbours, round to even', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 2n ** 53n, max: 2n ** 54n - 1n }), fc.integer({ min: 0, max: 9 }), (m, scale) => {
      // (2m + 1)·2^(scale−1) lies halfway between two doubles of 53 bits when m has 53 bits.
      const middle = ((m >> 1n) * 2n + 1n) << BigInt(scale);
      for (const v of [middle - 1n, middle, middle + 1n]) expect(scan(String(v))).toBe(Number(v));
    }),
    { numRuns: 2000 },
  );
  for (const text of [
    '9007199254740993',
    '9007199254740993.0',
    '900719925474099.35',
    '0.1000000000000000055511151231257827',
  ]) {
    expect(scan(text)).toBe(Number(text));
  }
});

test('what is no number is none, and an unfinished exponent is left over', () => {
  for (const text of ['', '-', '.', '+.', 'e5', 'abc', '-e1', ' 1']) {
    expect(scanNumber(encoder.encode(`${text},`), 0), text).toBe(-1);
  }
  expect(scanNumber(encoder.encode('12e+,'), 0)).toBe(2);
  expect(scanned[0]).toBe(12);
  expect(Object.is(scan('-0'), -0)).toBe(true);
  expect(scan('1e999')).toBe(Number.POSITIVE_INFINITY);
  expect(scan('1e-999')).toBe(0);
  expect(scan('1e99999999999999999999')).toBe(Number.POSITIVE_INFINITY);
});
