// Shared by the tests of this folder. Not exported from the package.
import { Random, type RunOptions, run, type Solution, SouthwellError } from '@southwell/numerics/core';
import { type DescentOptions, descentIterates } from './descent.ts';
import type { GradientOracle } from './oracle.ts';

/** A symmetric matrix with these eigenvalues, as rows: a diagonal matrix between random reflections. */
export function symmetric(eigenvalues: readonly number[], seed: number): number[][] {
  const n = eigenvalues.length;
  const random = new Random(seed);
  const v = Array.from({ length: n }, () => random.normal());
  const square = v.reduce((sum, x) => sum + x * x, 0);
  const H = v.map((a, i) => v.map((b, j) => (i === j ? 1 : 0) - (2 * a * b) / square));
  return H.map((row) => H.map((other) => row.reduce((sum, h, k) => sum + h * eigenvalues[k] * other[k], 0)));
}

/** ½(x − c)ᵀA(x − c). */
export const quadratic =
  (A: readonly (readonly number[])[], c: readonly number[]): GradientOracle =>
  (x, g) => {
    let value = 0;
    for (let i = 0; i < x.length; i++) {
      g[i] = 0;
      for (let j = 0; j < x.length; j++) g[i] += A[i][j] * (x[j] - c[j]);
      value += 0.5 * (x[i] - c[i]) * g[i];
    }
    return value;
  };

/** Rosenbrock's function in any dimension, with minimum 0 at ones. */
export const rosenbrock: GradientOracle = (x, g) => {
  let value = 0;
  g.fill(0);
  for (let i = 0; i + 1 < x.length; i++) {
    const [a, b] = [x[i + 1] - x[i] * x[i], 1 - x[i]];
    value += 100 * a * a + b * b;
    g[i] -= 400 * a * x[i] + 2 * b;
    g[i + 1] += 200 * a;
  }
  return value;
};

/** The usual initial point in n dimensions. */
export const rosenbrockStart = (n: number): number[] => Array.from({ length: n }, (_, i) => (i % 2 ? 1 : -1.2));

/** Runs a method to its end, and counts the calls of f. */
export function minimise(
  f: GradientOracle,
  start: ArrayLike<number>,
  options: DescentOptions & RunOptions<Float64Array> = {},
): Solution<Float64Array> & { readonly calls: number } {
  let calls = 0;
  const counted: GradientOracle = (x, g) => {
    calls++;
    return f(x, g);
  };
  const { direction, search, l1, ...rules } = options;
  const solution = run(descentIterates(counted, start, { direction, search, l1 }), { maxIter: 20_000, ...rules });
  return { ...solution, calls };
}

/** The message and code of the error that a call throws. */
export const sentence = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    if (error instanceof SouthwellError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing';
};
