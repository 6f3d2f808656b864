import fc from 'fast-check';
import { expect, test } from 'vitest';
import { incompleteBeta, studentCdf, studentQuantile } from './index.ts';

// By SciPy 1.17.
test.each([
  [0.975, 1, 12.706204736174694],
  [0.975, 2, 4.302652729749462],
  [0.975, 3, 3.1824463052837078],
  [0.975, 7, 2.364624251592784],
  [0.9875, 4, 3.4954059325164417],
  [0.99167, 19, 2.62529287179412],
  [0.001, 5, -5.893429531356009],
  [0.3, 1.5, -0.651795482602357],
  [0.975, 1000, 1.9623390808264083],
  [0.6, 30, 0.2556053649519128],
  [1e-6, 12, -8.504302718054584],
])('studentQuantile(%f, %f)', (p, df, t) => expect(Math.abs(studentQuantile(p, df) / t - 1)).toBeLessThan(1e-10));

test.each([
  [0.1, 0.5, 0.5, 0.20483276469913345],
  [0.5, 2, 3, 0.6875],
  [0.9, 10, 0.5, 0.15164090963470994],
  [0.3, 100, 200, 0.10884306564490986],
  [0.999, 0.5, 40, 1],
  [1e-5, 3, 0.5, 3.125011718820313e-16],
])('incompleteBeta(%f, %f, %f)', (x, a, b, value) =>
  expect(Math.abs(incompleteBeta(x, a, b) / value - 1)).toBeLessThan(1e-12),
);

test('quantiles invert the distribution, which is symmetric and has closed forms for one and two degrees', () => {
  const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  fc.assert(
    fc.property(real(1e-6, 1 - 1e-6), real(0.7, 500), real(-50, 50), (p, df, t) => {
      expect(studentCdf(studentQuantile(p, df), df)).toBeCloseTo(p, 10);
      expect(studentCdf(t, df) + studentCdf(-t, df)).toBeCloseTo(1, 12);
      expect(studentCdf(t, 1)).toBeCloseTo(0.5 + Math.atan(t) / Math.PI, 12);
      expect(studentCdf(t, 2)).toBeCloseTo(0.5 + t / (2 * Math.sqrt(2 + t * t)), 12);
    }),
  );
});

test('near 0 the distribution is a straight line, whose digits are kept', () => {
  expect(studentCdf(-1.4142607821594105e-12, 0.7)).toBeLessThan(0.5);
  for (const t of [1e-12, 1e-9, 1e-7]) expect((studentCdf(t, 1) - 0.5) * Math.PI).toBeCloseTo(t, 15);
});

test('ends and arguments outside of the domain', () => {
  expect([studentQuantile(0, 3), studentQuantile(0.5, 3), studentQuantile(1, 3)]).toEqual([-Infinity, 0, Infinity]);
  expect([studentCdf(-Infinity, 3), studentCdf(0, 3), studentCdf(Infinity, 3)]).toEqual([0, 0.5, 1]);
  for (const v of [studentQuantile(2, 3), studentQuantile(0.5, 0), studentCdf(1, -1), incompleteBeta(1.1, 1, 1)])
    expect(v).toBeNaN();
});
