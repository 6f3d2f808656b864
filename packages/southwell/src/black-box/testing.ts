import { elementary } from '@southwell/numerics/special';

const { exp, power } = elementary;

export const sum = (x: Float64Array, term: (v: number, i: number) => number): number =>
  x.reduce((total, v, i) => total + term(v, i), 0);

/** Smooth functions with the least value 0. */
export const smooth: Readonly<Record<string, (x: Float64Array) => number>> = {
  sphere: (x) => sum(x, (v, i) => (v - (0.3 * (i + 1)) / x.length) ** 2),
  ellipsoid: (x) => sum(x, (v, i) => power(10, (3 * i) / Math.max(1, x.length - 1)) * (v - 0.5) ** 2),
  rosenbrock: (x) => sum(x.subarray(1), (v, i) => 100 * (v - x[i] * x[i]) ** 2 + (1 - x[i]) ** 2),
  quartic: (x) => sum(x, (v) => (v - 0.5) ** 2 + 0.1 * (v - 0.5) ** 4) + sum(x, (v) => v - 0.5) ** 2,
  trid: (x) => {
    const n = x.length;
    return sum(x, (v) => (v - 1) ** 2) - sum(x.subarray(1), (v, i) => v * x[i]) + (n * (n + 4) * (n - 1)) / 6;
  },
  expsum: (x) => sum(x, (v) => exp(v) - v - 1),
};

/** Axes of which the longest is a thousand times the shortest. */
export const ellipsoid = (x: Float64Array): number =>
  x.reduce((s, v, i) => s + 10 ** ((6 * i) / (x.length - 1)) * v * v, 0);
