import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import {
  chebTuckerFromSeparable,
  chebyshevCoefficients,
  chebyshevPoints,
  chebyshevValues,
  cubicSpline,
  potentialTerms,
  separateRange,
  sincNewton,
} from '../index.ts';

/** T_k by its definition. */
const T = (k: number, x: number) => Math.cos(k * Math.acos(Math.max(-1, Math.min(1, x))));
const largest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (v, i) => Math.abs(v - b[i])));

test.each([1, 2, 3, 17, 38, 129])('%s points: there and back, and T_k is a unit coefficient', (m) => {
  const random = new Random(m);
  const values = Float64Array.from({ length: m }, () => random.normal());
  expect(largest(chebyshevValues(chebyshevCoefficients(values)), values)).toBeLessThan(1e-14 * 10);
  const x = chebyshevPoints(m);
  for (const k of new Set([0, Math.floor(m / 3), m - 1])) {
    const c = chebyshevCoefficients(x.map((t) => T(k, t)));
    expect(
      largest(
        c,
        Float64Array.from(c, (_, j) => (j === k ? 1 : 0)),
      ),
    ).toBeLessThan(1e-12);
  }
});

test('points of an interval are symmetric and have its ends', () => {
  const x = chebyshevPoints(6, [1, 3]);
  expect([x[0], x[5], x[1] + x[4]]).toEqual([1, 3, 4]);
  expect(chebyshevPoints(1, [1, 3])[0]).toBe(2);
  expect(() => chebyshevPoints(0)).toThrow('must be a whole number of at least 1');
});

test('splines: cubics are exact, few knots give lower degrees, and the error falls as the fourth power', () => {
  const cubic = (x: number) => 1 - x + 2 * x ** 2 - 0.7 * x ** 3;
  const points = [-0.5, 0.2, 1, 2.6, 3.7];
  const knots = [0, 0.3, 1.1, 1.2, 2, 3];
  const found = cubicSpline(knots, knots.map(cubic), points);
  expect(largest(found, points.map(cubic))).toBeLessThan(1e-12);
  expect(cubicSpline([0, 1, 3], [0, 1, 9], [2, 4])).toEqual(Float64Array.of(4, 16));
  expect(cubicSpline([0, 1], [1, 3], [2])).toEqual(Float64Array.of(5));
  expect(cubicSpline([7], [3], [2])).toEqual(Float64Array.of(3));
  const error = (n: number) => {
    const x = Array.from({ length: n + 1 }, (_, i) => (2 * i) / n);
    const at = Array.from({ length: 300 }, (_, i) => i / 150);
    return largest(cubicSpline(x, x.map(Math.exp), at), at.map(Math.exp));
  };
  expect(error(20) / error(40)).toBeGreaterThan(13);
  expect(() => cubicSpline([0, 0], [1, 1], [0])).toThrow('must be ascending, but point 2 is 0 after 0');
  expect(() => cubicSpline([0, 1], [1, Number.NaN], [0])).toThrow('Value 2 of the spline is NaN');
  expect(() => cubicSpline([0, 1], [1], [0])).toThrow('needs 2 values');
  expect(() => cubicSpline([], [], [0])).toThrow('at least one knot');
});

test('a sinc sum is 1/z where it says so, its first term half', () => {
  const [zMin, zMax] = [1 / 256, Math.sqrt(12)];
  const sum = sincNewton({ zMin, zMax, tol: 1e-6 });
  for (let i = 0; i <= 1000; i++) {
    const z = zMin + ((zMax - zMin) * i) / 1000;
    const found = sum.rates.reduce((s, t, k) => s + sum.weights[k] * Math.exp(-t * t * z * z), 0);
    expect(Math.abs(z * found - 1)).toBeLessThan(1.01e-6);
  }
  expect(sum.weights[0]).toBeCloseTo(sum.step / Math.sqrt(Math.PI), 12);
  expect(sum.rates.length).toBeLessThan(40);
  expect(sincNewton({ zMin: 0.1, zMax: 1, step: 1 }).error).toBeGreaterThan(1e-3);
  expect(() => sincNewton({ zMin: 0, zMax: 1 })).toThrow('zMin must be above 0');
  expect(() => sincNewton({ zMin: 1, zMax: 2, tol: 0 })).toThrow('tol must be at least 1e-14');
});

test('the long range of charges is a smooth function, and with the short range the potential', () => {
  const kernel = sincNewton({ zMin: 1e-2, zMax: 4, tol: 1e-7 });
  const { long, short } = separateRange(kernel, 4);
  const positions = [
    [0.1, 0.2, -0.3],
    [-0.4, 0, 0.2],
  ];
  const charges = [1, -0.5];
  const model = chebTuckerFromSeparable(potentialTerms(positions, charges, long));
  expect(model.resolved).toBe(true);
  const at = [0.5, 0.4, -0.1];
  const distances = positions.map((p) => Math.hypot(...p.map((v, k) => v - at[k])));
  const near = distances.reduce(
    (sum, d, i) =>
      sum + charges[i] * short.rates.reduce((s, t, k) => s + short.weights[k] * Math.exp(-((t * d) ** 2)), 0),
    0,
  );
  const [x, y, z] = at;
  expect(model.at(x, y, z) + near).toBeCloseTo(1 / distances[0] - 0.5 / distances[1], 6);
  expect(() => potentialTerms(positions, [1], long)).toThrow('There are 1 charges for 2 positions');
  expect(() => separateRange(kernel, Number.NaN)).toThrow('rate must be at least 0');
});
