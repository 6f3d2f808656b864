import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { matern } from './index.ts';

type Nu = 0.5 | 1.5 | 2.5;
const smoothness: readonly Nu[] = [0.5, 1.5, 2.5];

/** The kernel from its textbook form. */
function kernel(nu: Nu, l: number, v: number) {
  return (a: number, b: number): number => {
    const d = Math.abs(a - b) / l;
    if (nu === 0.5) return v * Math.exp(-d);
    const s = Math.sqrt(2 * nu) * d;
    return v * (nu === 1.5 ? 1 + s : 1 + s + (s * s) / 3) * Math.exp(-s);
  };
}

/** A⁻¹ B by Gauss's elimination with pivots. */
function solve(A: number[][], B: number[][]): number[][] {
  const rows = A.map((row, i) => [...row, ...B[i]]);
  const n = A.length;
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k; i < n; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[best][k])) best = i;
    [rows[k], rows[best]] = [rows[best], rows[k]];
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const f = rows[i][k] / rows[k][k];
      for (let j = k; j < rows[k].length; j++) rows[i][j] -= f * rows[k][j];
    }
  }
  return rows.map((row, i) => row.slice(n).map((value) => value / row[i]));
}

const times = [0, 0.03, 0.031, 0.2, 0.25, 0.5, 0.9, 0.90001, 1];
const asked = [-0.7, -1e-6, 0, 0.0305, 0.1, 0.5, 0.7, 0.95, 1, 1.2, 5];

describe.each(smoothness)('nu = %d', (nu) => {
  const [l, v] = [0.3, 1.7];
  const k = kernel(nu, l, v);
  const prior = matern(nu, { lengthscale: l, variance: v });

  test('the smoother is exact Gaussian process regression, at, between and beyond the times', () => {
    const random = new Random(3);
    const y = times.map(() => random.normal());
    const noise = times.map((_, i) => 0.05 + 0.1 * (i % 3));
    const path = prior.smooth(
      times,
      noise.map((s) => 1 / s ** 2),
      y.map((value, i) => value / noise[i] ** 2),
    );
    const K = times.map((a, i) => times.map((b, j) => k(a, b) + (i === j ? noise[i] ** 2 : 0)));
    for (const [where, found] of [
      [times, path],
      [asked, path.at(asked)],
    ] as const) {
      const cross = where.map((a) => times.map((b) => k(a, b)));
      const weights = solve(
        K,
        times.map((_, i) => [y[i], ...cross.map((row) => row[i])]),
      );
      where.forEach((_, i) => {
        const mean = times.reduce((sum, __, j) => sum + cross[i][j] * weights[j][0], 0);
        const variance = v - times.reduce((sum, __, j) => sum + cross[i][j] * weights[j][i + 1], 0);
        expect(found.mean[i]).toBeCloseTo(mean, 9);
        expect(found.covariance[i]).toBeCloseTo(variance, 9);
      });
    }
  });

  test('several functions that were measured together, through singular precisions', () => {
    // Two functions, of which each time tells the sum of multiples: Λ = aaᵀ/s², of rank one; at one time nothing.
    const random = new Random(4);
    const a = times.map(() => [random.normal(), random.normal()]);
    const y = times.map(() => random.normal());
    const tells = times.map((_, i) => (i === 4 ? 0 : 1 / (0.1 + 0.01 * i)));
    const path = prior.smooth(
      times,
      a.flatMap(([p, q], i) => [p * p, p * q, q * q].map((value) => value * tells[i])),
      a.flatMap(([p, q], i) => [p * y[i] * tells[i], q * y[i] * tells[i]]),
    );
    const seen = times.map((_, i) => i).filter((i) => tells[i] > 0);
    const K = seen.map((i) =>
      seen.map((j) => k(times[i], times[j]) * (a[i][0] * a[j][0] + a[i][1] * a[j][1]) + (i === j ? 1 / tells[i] : 0)),
    );
    const found = path.at(asked);
    asked.forEach((t, at) => {
      const cross = [0, 1].map((r) => seen.map((i) => k(t, times[i]) * a[i][r]));
      const weights = solve(
        K,
        seen.map((i, s) => [y[i], cross[0][s], cross[1][s]]),
      );
      const dot = (r: number, column: number) =>
        cross[r].reduce((sum, value, s) => sum + value * weights[s][column], 0);
      expect(found.mean[2 * at]).toBeCloseTo(dot(0, 0), 8);
      expect(found.mean[2 * at + 1]).toBeCloseTo(dot(1, 0), 8);
      expect(found.covariance[3 * at]).toBeCloseTo(v - dot(0, 1), 8);
      expect(found.covariance[3 * at + 1]).toBeCloseTo(-dot(1, 1), 8);
      expect(found.covariance[3 * at + 2]).toBeCloseTo(v - dot(1, 2), 8);
    });
  });

  test('transitions follow each other, and their noise is a covariance for any gap', () => {
    const c = prior.order;
    const product = (A: ArrayLike<number>, B: ArrayLike<number>) =>
      Float64Array.from({ length: c * c }, (_, at) => {
        const [i, j] = [Math.floor(at / c), at % c];
        let sum = 0;
        for (let m = 0; m < c; m++) sum += A[i * c + m] * B[m * c + j];
        return sum;
      });
    const transposed = (A: ArrayLike<number>) =>
      Float64Array.from({ length: c * c }, (_, at) => A[(at % c) * c + Math.floor(at / c)]);
    for (const [h1, h2] of [
      [0.1, 0.25],
      [1e-9, 0.5],
      [0.7, 3],
    ]) {
      const [one, two, both] = [h1, h2, h1 + h2].map((h) => prior.transition(h));
      product(two.A, one.A).forEach((value, at) => {
        expect(value).toBeCloseTo(both.A[at], 12);
      });
      // Noise on the way adds up, and what is forgotten comes back as noise.
      const moved = product(product(two.A, one.Q), transposed(two.A));
      moved.forEach((value, at) => {
        expect(value + two.Q[at]).toBeCloseTo(both.Q[at], 12);
      });
      const kept = product(product(both.A, prior.stationary), transposed(both.A));
      kept.forEach((value, at) => {
        expect(value + both.Q[at]).toBeCloseTo(prior.stationary[at], 12);
      });
    }
    for (let power = -9; power <= 3; power += 0.25) {
      const { Q } = prior.transition(10 ** power);
      // Scaled to a unit diagonal, all leading minors are positive: of tiny gaps, too.
      const s = Array.from({ length: c }, (_, i) => Math.sqrt(Q[i * c + i]));
      const N = (i: number, j: number) => Q[i * c + j] / (s[i] * s[j]);
      expect(Math.min(...s)).toBeGreaterThan(0);
      if (c > 1) {
        expect(Q[1]).toBe(Q[c]);
        expect(1 - N(0, 1) ** 2).toBeGreaterThan(1e-3);
      }
      if (c > 2) {
        const minor = 1 + 2 * N(0, 1) * N(0, 2) * N(1, 2) - N(0, 1) ** 2 - N(0, 2) ** 2 - N(1, 2) ** 2;
        expect(minor).toBeGreaterThan(1e-5);
      }
    }
  });
});

test('what cannot be smoothed is told', () => {
  const prior = matern(1.5);
  expect(() => prior.smooth([], [], [])).toThrow('at least one time');
  expect(() => prior.smooth([0, 1, 1], [1, 1, 1], [0, 0, 0])).toThrow('time 3, 1, comes after 1');
  expect(() => prior.smooth([0, Number.NaN], [1, 1], [0, 0])).toThrow('Time 2 is NaN');
  expect(() => prior.smooth([0, 1], [1, 1], [0, Number.NaN])).toThrow('vectors have NaN at time 2');
  expect(() => prior.smooth([0, 1], [1, 1], [0, 0, 0])).toThrow('not a multiple of 2');
  expect(() => prior.smooth([0, 1], [1, 1], [0, 0, 0, 0])).toThrow('lower triangles of 2 × 2');
  expect(() => prior.smooth([0, 1], [1, -1], [0, 0])).toThrow('precision at time 2 is not positive');
  expect(() => matern(2 as 1.5)).toThrow('nu must be 0.5, 1.5 or 2.5');
  expect(() => matern(0.5, { lengthscale: 0 })).toThrow('lengthscale must be finite and above 0');
  expect(() => prior.transition(-1)).toThrow('at least 0');
  expect(() => prior.smooth([0], [1], [0]).at([Number.NaN])).toThrow('Time 1 is NaN');
});
