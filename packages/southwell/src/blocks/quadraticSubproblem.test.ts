import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { box, elasticNet, l1, nonNegative, type SeparablePenalty } from '../penalties/index.ts';
import { solveQuadraticSubproblem } from './quadraticSubproblem.ts';
import { gram, randomRows, solve, submatrix } from './testing.ts';

/** The minimiser by trying every assignment of coordinates to (at lower, at kink 0, free −, free +, at upper). */
function bruteForce(
  H: number[][],
  g: number[],
  x: number[],
  kind: { alpha: number; ridge: number; lower: number; upper: number },
): number[] {
  const m = g.length;
  const states = [...new Set([0, kind.lower, kind.upper].filter(Number.isFinite)), '-', '+'] as Array<
    number | '-' | '+'
  >;
  let best: number[] = [];
  let bestValue = Number.POSITIVE_INFINITY;
  const value = (u: number[]) => {
    let sum = 0;
    for (let i = 0; i < m; i++) {
      if (u[i] < kind.lower || u[i] > kind.upper) return Number.POSITIVE_INFINITY;
      const d = u[i] - x[i];
      sum += g[i] * d + kind.alpha * Math.abs(u[i]) + 0.5 * kind.ridge * u[i] ** 2;
      for (let j = 0; j < m; j++) sum += 0.5 * d * H[i][j] * (u[j] - x[j]);
    }
    return sum;
  };
  const total = states.length ** m;
  for (let code = 0; code < total; code++) {
    const u = new Array<number>(m).fill(0);
    const free: number[] = [];
    const signs: number[] = [];
    for (let i = 0, c = code; i < m; i++, c = Math.floor(c / states.length)) {
      const s = states[c % states.length];
      if (typeof s === 'number') u[i] = s;
      else {
        free.push(i);
        signs.push(s === '+' ? 1 : -1);
      }
    }
    if (free.length > 0) {
      // Stationarity on the free coordinates: H_FF(u_F − x_F) + H_FR(u_R − x_R) + g_F + alpha·sign + ridge·u_F = 0.
      const M = submatrix(H, free).map((row, s) => row.map((v, t) => (s === t ? v + kind.ridge : v)));
      const rhs = free.map((i, s) => {
        let r = -g[i] - kind.alpha * signs[s];
        for (let j = 0; j < m; j++) r -= H[i][j] * ((free.includes(j) ? 0 : u[j]) - x[j]);
        return r;
      });
      solve(M, rhs).forEach((v, s) => void (u[free[s]] = v));
    }
    const v = value(u);
    if (v < bestValue) {
      bestValue = v;
      best = u;
    }
  }
  return best;
}

const kinds: Array<[string, SeparablePenalty, { alpha: number; ridge: number; lower: number; upper: number }]> = [
  ['l1', l1(0.8), { alpha: 0.8, ridge: 0, lower: -Infinity, upper: Infinity }],
  ['elastic net', elasticNet(1, 0.6), { alpha: 0.6, ridge: 0.4, lower: -Infinity, upper: Infinity }],
  ['non-negative', nonNegative(0.3), { alpha: 0.3, ridge: 0, lower: 0, upper: Infinity }],
  ['box', box(-0.2, 0.3), { alpha: 0, ridge: 0, lower: -0.2, upper: 0.3 }],
];

describe.each(kinds)('%s', (_, penalty, kind) => {
  test('agrees with trying every active set', () => {
    for (let seed = 0; seed < 25; seed++) {
      const random = new Random(seed);
      const m = 1 + random.integer(4);
      const H = gram(randomRows(m + 2, m, seed + 50, { spread: 1 }));
      const g = Array.from({ length: m }, () => 3 * random.normal());
      const x = Array.from({ length: m }, () => Math.min(kind.upper, Math.max(kind.lower, random.integer(3) - 1 || 0)));
      const block = Int32Array.from({ length: m }, (_, i) => 3 * i + 1);
      const next = new Float64Array(m);
      const residual = solveQuadraticSubproblem(
        Float64Array.from(H.flat()),
        Float64Array.from(g),
        block,
        x,
        penalty,
        next,
      );
      expect(residual).toBeLessThan(1e-13);
      const expected = bruteForce(H, g, x, kind);
      for (let i = 0; i < m; i++) expect(Math.abs(next[i] - expected[i])).toBeLessThan(1e-8);
    }
  });
});

test('larger, badly conditioned and singular H: the KKT conditions hold to 1e-12', () => {
  for (const [rows, m, spread] of [
    [80, 60, 3],
    [20, 60, 0],
    [200, 100, 2],
  ]) {
    const A = randomRows(rows, m, m + rows, { spread });
    const H = gram(A);
    const random = new Random(7);
    // g in the range of H, so that the problem is bounded below even without curvature.
    const g = H.map((row) => row.reduce((s, v) => s + v * 0.1 * random.normal(), 0));
    const penalty = nonNegative(0.01 * Math.max(...g.map(Math.abs)));
    const block = Int32Array.from({ length: m }, (_, i) => i);
    const next = new Float64Array(m);
    const residual = solveQuadraticSubproblem(
      Float64Array.from(H.flat()),
      Float64Array.from(g),
      block,
      new Float64Array(m),
      penalty,
      next,
    );
    expect(residual).toBeLessThan(1e-12);
  }
});

test('zeros and no curvature have defined answers', () => {
  const next = new Float64Array(2);
  const block = Int32Array.of(0, 1);
  expect(solveQuadraticSubproblem(new Float64Array(4), new Float64Array(2), block, [3, -1], l1(1), next)).toBe(0);
  expect(Array.from(next, (v) => v || 0)).toEqual([0, 0]);
});
