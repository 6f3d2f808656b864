import { Random } from '@southwell/numerics/core';
import { cg, sor } from '@southwell/numerics/iterative';
import { eigenSymmetric } from '@southwell/numerics/linalg';
import { describe, expect, test } from 'vitest';
import { expectAbort } from '../testing.ts';
import { beta } from './beta.ts';
import heat from './experiments/heat.ts';
import { laplacian, truncatedNormal } from './lab.ts';

describe('the pieces', () => {
  test('the Laplacian has the spectrum that is known, and sweeps at ω* the factor ω* − 1', () => {
    const m = 5;
    const A = laplacian(m);
    const at = (k: number) => 2 - 2 * Math.cos((k * Math.PI) / (m + 1));
    const known = [1, 2, 3, 4, 5].flatMap((a) => [1, 2, 3, 4, 5].map((b) => at(a) + at(b))).sort((a, b) => a - b);
    const { values } = eigenSymmetric(A.toDense());
    values.forEach((value, k) => {
      expect(value).toBeCloseTo(known[k], 12);
    });
    const jacobi = Math.cos(Math.PI / (m + 1));
    const omega = 1 + (jacobi / (1 + Math.sqrt(1 - jacobi ** 2))) ** 2;
    const b = Float64Array.from({ length: m * m }, (_, i) => Math.sin(i + 1));
    const counts = [1e-4, 1e-12].map((tol) => sor(A, b, { omega, tol }).count);
    // k(ω − 1)ᵏ, as the iteration matrix has a Jordan block.
    const perSweep = (Math.log(1e-8) - Math.log(counts[1] / counts[0])) / (counts[1] - counts[0]);
    expect(perSweep).toBeGreaterThan(Math.log(omega - 1) - 0.15);
    expect(perSweep).toBeLessThan(Math.log(omega - 1) + 0.15);
    expect(cg(A, b, { tol: 1e-12 }).status).toBe('converged');
  });

  test('moments of beta variates, and normal vectors within their ball', () => {
    for (const [a, b] of [[2, 6] as const, [0.5, 1.5] as const]) {
      const random = new Random(3);
      const draws = Array.from({ length: 20_000 }, () => beta([a, b], random));
      const mean = draws.reduce((s, v) => s + v, 0) / draws.length;
      const variance = draws.reduce((s, v) => s + (v - mean) ** 2, 0) / draws.length;
      expect(Math.abs(mean - a / (a + b))).toBeLessThan(0.01);
      expect(variance / ((a * b) / ((a + b) ** 2 * (a + b + 1)))).toBeGreaterThan(0.95);
      expect(variance / ((a * b) / ((a + b) ** 2 * (a + b + 1)))).toBeLessThan(1.05);
    }
    const random = new Random(4);
    for (let k = 0; k < 20; k++) {
      expect(truncatedNormal(9, random).reduce((s, v) => s + v * v, 0)).toBeLessThanOrEqual(9);
    }
  });
});

// Learners that choose at random are among the nulls.
test('an abort ends a run by its reason, soon', () => expectAbort(heat));
