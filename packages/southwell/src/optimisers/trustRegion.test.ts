import { Random, run } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GradientOracle } from './oracle.ts';
import { quadratic, rosenbrock, rosenbrockStart, symmetric } from './testing.ts';
import { type HessianProduct, type TrustRegionIterate, trustRegionIterates } from './trustRegion.ts';

const productOf =
  (A: readonly (readonly number[])[]): HessianProduct =>
  (_, v, out) => {
    for (let i = 0; i < v.length; i++) out[i] = A[i].reduce((sum, a, k) => sum + a * v[k], 0);
  };

test('convex quadratics in one step where the radius reaches, with products or differences', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.1, max: 30, noNaN: true }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 0, max: 1e6 }),
      fc.boolean(),
      (eigenvalues, seed, exact) => {
        const random = new Random(seed);
        const c = eigenvalues.map(() => 3 * random.normal());
        const A = symmetric(eigenvalues, seed);
        const hessianProduct = exact ? productOf(A) : undefined;
        const s = run(
          trustRegionIterates(quadratic(A, c), new Float64Array(c.length), { radius: 1e6, hessianProduct }),
          { tol: 1e-9, maxIter: 20 },
        );
        expect(s.status).toBe('converged');
        for (let k = 0; k < c.length; k++) expect(Math.abs(s.point[k] - c[k])).toBeLessThan(1e-5);
      },
    ),
    { numRuns: 50 },
  );
});

test('steps stay within the radius, and without products are Steihaug’s on the boundary', () => {
  const iterates: TrustRegionIterate[] = [];
  const points: Float64Array[] = [];
  run(trustRegionIterates(rosenbrock, [-1.2, 1], { radius: 0.1, maxRadius: 0.3 }), {
    tol: 1e-10,
    maxIter: 500,
    onIterate: (it) => {
      iterates.push(it as TrustRegionIterate);
      points.push(it.snapshot());
    },
  });
  for (let k = 1; k < points.length; k++) {
    const moved = Math.hypot(...points[k].map((v, i) => v - points[k - 1][i]));
    expect(moved).toBeLessThanOrEqual(iterates[k - 1].radius * (1 + 1e-12));
    expect(iterates[k].objective).toBeLessThanOrEqual(iterates[k - 1].objective);
  }
  expect(Math.max(...iterates.map((it) => it.radius))).toBe(0.3);
  for (const v of points.at(-1)!) expect(v).toBeCloseTo(1, 8);
});

test('the valley of Rosenbrock in ten dimensions, superlinear in the end', () => {
  const norms: number[] = [];
  const s = run(trustRegionIterates(rosenbrock, rosenbrockStart(10)), {
    tol: 1e-12,
    maxIter: 500,
    onIterate: (it) => norms.push(it.certificate!.value),
  });
  expect(s.status).toBe('converged');
  expect(s.iterations).toBeLessThan(150);
  for (const v of s.point) expect(v).toBeCloseTo(1, 9);
  expect(norms.at(-1)!).toBeLessThan(1e-3 * norms.at(-2)!);
});

describe('indefinite Hessians', () => {
  // ¼Σ xᵢ⁴ + ½xᵀAx.
  const quartic =
    (A: number[][]): GradientOracle =>
    (x, g) => {
      let value = 0;
      for (let i = 0; i < x.length; i++) {
        const Ax = A[i].reduce((sum, a, k) => sum + a * x[k], 0);
        g[i] = x[i] ** 3 + Ax;
        value += 0.25 * x[i] ** 4 + 0.5 * x[i] * Ax;
      }
      return value;
    };

  test('from near a saddle to a minimum, where the Hessian is positive', () => {
    for (let seed = 0; seed < 10; seed++) {
      const A = symmetric([-5, -2, 1, 3], seed);
      const s = run(trustRegionIterates(quartic(A), Float64Array.of(1e-3, -1e-3, 1e-3, 1e-3)), {
        tol: 1e-8,
        maxIter: 300,
      });
      expect(s.status).toBe('converged');
      expect(s.objective).toBeLessThan(-1);
      // Gershgorin would not do: vᵀHv over many directions.
      const random = new Random(seed);
      for (let k = 0; k < 200; k++) {
        const v = Array.from({ length: 4 }, () => random.normal());
        let curvature = 0;
        for (let i = 0; i < 4; i++) {
          curvature += 3 * s.point[i] ** 2 * v[i] ** 2;
          for (let j = 0; j < 4; j++) curvature += v[i] * A[i][j] * v[j];
        }
        expect(curvature).toBeGreaterThan(0);
      }
    }
  });

  test('the first step goes to the boundary along negative curvature', () => {
    const [first, second] = trustRegionIterates(quartic([[-1]]), [0.1], { radius: 0.25 });
    expect(first.iteration).toBe(0);
    expect(second.x[0]).toBeCloseTo(0.35, 14);
  });
});

test('ends: at an optimum, flat, unbounded, stalled by rounding, not finite', () => {
  const end = (f: GradientOracle, start: number[]) => run(trustRegionIterates(f, start), { maxIter: 3000 }).status;
  expect(end(quadratic([[2]], [7]), [7])).toBe('converged');
  expect(end((_, g) => g.fill(0) && 3, [1])).toBe('converged');
  expect(end((x, g) => g.fill(-2 * x[0]) && -(x[0] ** 2), [1])).toBe('unbounded');
  expect(end(() => Number.NaN, [1])).toBe('diverged');
  expect(end((_, g) => g.fill(Number.NaN) && 1, [1])).toBe('diverged');
  expect(end((x, g) => g.fill(-2 * x[0]) && x[0] ** 2, [1])).toBe('stalled');
  const f = quadratic(symmetric([1, 3, 9], 5), [0.1, -0.7, 0.3]);
  const s = run(
    trustRegionIterates((x, g) => 1 + f(x, g), [4, 5, 6]),
    { maxIter: 300 },
  );
  expect(['converged', 'stalled']).toContain(s.status);
  expect(s.certificate!.value).toBeLessThan(1e-12);
});

test('a wall where nothing is finite is kept away from', () => {
  const f: GradientOracle = (x, g) => {
    g[0] = x[0] > 0 ? 1 - 1 / x[0] : Number.NaN;
    return x[0] > 0 ? x[0] - Math.log(x[0]) : Number.NaN;
  };
  const s = run(trustRegionIterates(f, [20], { radius: 100 }), { tol: 1e-10, maxIter: 100 });
  expect(s.status).toBe('converged');
  expect(s.point[0]).toBeCloseTo(1, 8);
});

test('wrong options are sentences', () => {
  const f = quadratic([[1]], [0]);
  expect(() => [...trustRegionIterates(f, [1], { radius: 0 })]).toThrow(/above 0/);
  expect(() => [...trustRegionIterates(f, [1], { radius: 2, maxRadius: 1 })]).toThrow(/at most maxRadius/);
  expect(() => [...trustRegionIterates(f, [Number.POSITIVE_INFINITY])]).toThrow(/Infinity at position 1/);
});
