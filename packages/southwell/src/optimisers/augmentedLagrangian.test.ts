import { Random, run } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import {
  type AugmentedLagrangianIterate,
  type AugmentedLagrangianOptions,
  augmentedLagrangianIterates,
  type ConstrainedProblem,
  type Constraints,
} from './augmentedLagrangian.ts';
import type { GradientOracle } from './oracle.ts';
import { halving } from './search/halving.ts';
import { quadratic, symmetric } from './testing.ts';

/** Rows·x − b. */
const linear = (rows: readonly (readonly number[])[], b: readonly number[]): Constraints => ({
  count: b.length,
  evaluate(x, values) {
    rows.forEach((row, i) => {
      values[i] = row.reduce((sum, a, k) => sum + a * x[k], -b[i]);
    });
  },
  addGradient(weights, gradient) {
    rows.forEach((row, i) => {
      for (let k = 0; k < row.length; k++) gradient[k] += weights[i] * row[k];
    });
  },
});

function solve(problem: ConstrainedProblem, start: ArrayLike<number>, options: AugmentedLagrangianOptions = {}) {
  let last: AugmentedLagrangianIterate | undefined;
  const s = run(augmentedLagrangianIterates(problem, start, options), {
    maxIter: 50_000,
    onIterate: (it) => {
      last = it as AugmentedLagrangianIterate;
    },
  });
  return { ...s, multipliers: last!.multipliers, infeasibility: last!.infeasibility, rho: last!.rho };
}

/** Ax = b by elimination with pivots. */
function eliminate(A: number[][], b: number[]): number[] {
  const n = b.length;
  const rows = A.map((row, i) => [...row, b[i]]);
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k; i < n; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[best][k])) best = i;
    [rows[k], rows[best]] = [rows[best], rows[k]];
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= n; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  return rows.map((row, k) => row[n] / row[k]);
}

test('equality-constrained quadratics: point and multipliers solve the KKT system', () => {
  for (let seed = 0; seed < 8; seed++) {
    const [n, m] = [6, 2];
    const random = new Random(seed);
    const A = symmetric([1, 2, 3, 5, 8, 13], seed);
    const c = Array.from({ length: n }, () => random.normal());
    const C = Array.from({ length: m }, () => Array.from({ length: n }, () => random.normal()));
    const b = Array.from({ length: m }, () => random.normal());
    // A(x − c) + Cᵀλ = 0 and Cx = b.
    const kkt = eliminate(
      [
        ...A.map((row, i) => [...row, ...C.map((r) => r[i])]),
        ...C.map((row) => [...row, ...new Array<number>(m).fill(0)]),
      ],
      [...A.map((row) => row.reduce((sum, a, k) => sum + a * c[k], 0)), ...b],
    );
    const s = solve({ objective: quadratic(A, c), equalities: linear(C, b) }, new Float64Array(n));
    expect(s.status).toBe('converged');
    expect(s.infeasibility).toBeLessThanOrEqual(1e-8);
    for (let k = 0; k < n; k++) expect(s.point[k]).toBeCloseTo(kkt[k], 6);
    for (let k = 0; k < m; k++) expect(s.multipliers[k]).toBeCloseTo(kkt[n + k], 5);
  }
});

test('inequality-constrained quadratics: the best of all sets of active constraints', () => {
  for (let seed = 0; seed < 8; seed++) {
    const [n, m] = [4, 3];
    const random = new Random(100 + seed);
    const A = symmetric([1, 2, 4, 6], seed);
    const c = Array.from({ length: n }, () => 2 * random.normal());
    const C = Array.from({ length: m }, () => Array.from({ length: n }, () => random.normal()));
    const b = Array.from({ length: m }, () => 0.5 + random.uniform());
    const inner = (a: number[], x: number[]) => a.reduce((sum, v, k) => sum + v * x[k], 0);
    let expected: { x: number[]; mu: number[] } | undefined;
    for (let set = 0; set < 1 << m; set++) {
      const active = [0, 1, 2].filter((i) => set & (1 << i));
      const found = eliminate(
        [
          ...A.map((row, i) => [...row, ...active.map((a) => C[a][i])]),
          ...active.map((a) => [...C[a], ...active.map(() => 0)]),
        ],
        [...A.map((row) => inner(row, c)), ...active.map((a) => b[a])],
      );
      const x = found.slice(0, n);
      const mu = new Array<number>(m).fill(0);
      for (const [k, a] of active.entries()) mu[a] = found[n + k];
      if (mu.every((v) => v >= 0) && C.every((row, i) => inner(row, x) <= b[i] + 1e-12)) expected = { x, mu };
    }
    const s = solve({ objective: quadratic(A, c), inequalities: linear(C, b) }, new Float64Array(n));
    expect(s.status).toBe('converged');
    for (let k = 0; k < n; k++) expect(s.point[k]).toBeCloseTo(expected!.x[k], 6);
    for (let k = 0; k < m; k++) expect(s.multipliers[k]).toBeCloseTo(expected!.mu[k], 5);
  }
});

test('both kinds at once: the nearest point of a simplex, by its projection formula', () => {
  const c = [0.9, 0.6, -0.4, 0.2];
  const s = solve(
    {
      objective: quadratic(symmetric([1, 1, 1, 1], 1), c),
      equalities: linear([[1, 1, 1, 1]], [1]),
      inequalities: linear(
        c.map((_, i) => c.map((__, k) => (i === k ? -1 : 0))),
        [0, 0, 0, 0],
      ),
    },
    [0, 0, 0, 0],
  );
  // Σ max(c − θ, 0) = 1 where the two largest are positive: θ = (0.9 + 0.6 − 1)/2.
  const right = c.map((v) => Math.max(v - 0.25, 0));
  for (let k = 0; k < 4; k++) expect(s.point[k]).toBeCloseTo(right[k], 7);
  expect(s.multipliers[0]).toBeCloseTo(0.25, 6);
});

test('curved: the lowest point of a circle', () => {
  let at = [0, 0];
  const s = solve(
    {
      objective: (x, g) => g.fill(1) && x[0] + x[1],
      equalities: {
        count: 1,
        evaluate(x, values) {
          at = [x[0], x[1]];
          values[0] = x[0] ** 2 + x[1] ** 2 - 2;
        },
        addGradient(weights, g) {
          for (let k = 0; k < 2; k++) g[k] += 2 * weights[0] * at[k];
        },
      },
    },
    [1, -1],
  );
  expect(s.status).toBe('converged');
  for (const v of s.point) expect(v).toBeCloseTo(-1, 6);
  expect(s.multipliers[0]).toBeCloseTo(0.5, 6);
});

test('what a small weight leaves unbounded: −x² at x = 1', () => {
  const s = solve({ objective: (x, g) => g.fill(-2 * x[0]) && -(x[0] ** 2), equalities: linear([[1]], [1]) }, [0.5]);
  expect(s.status).toBe('converged');
  expect(s.point[0]).toBeCloseTo(1, 6);
  expect(s.multipliers[0]).toBeCloseTo(2, 5);
});

test('with an L1 penalty: the shortest solution of an equation', () => {
  const f: GradientOracle = (_, g) => g.fill(0) && 0;
  const problem = { objective: f, equalities: linear([[1, 2, -3]], [6]) };
  const s = solve(problem, [0.1, 0.1, 0.1], { l1: 1, search: halving() });
  expect(s.status).toBe('converged');
  expect(s.objective).toBeCloseTo(2, 6);
  expect([...s.point].map((v) => Math.round(v * 1e6) / 1e6 + 0)).toEqual([0, 0, -2]);
});

describe('ends', () => {
  const f = quadratic([[1]], [5]);
  test('constraints that contradict each other stall', () => {
    const s = solve({ objective: f, equalities: linear([[1], [1]], [1, 2]) }, [0]);
    expect(s.status).toBe('stalled');
    expect(s.infeasibility).toBeCloseTo(0.5, 6);
    expect(s.rho).toBeGreaterThanOrEqual(1e16);
  });

  test('without constraints, or already there', () => {
    expect(solve({ objective: f }, [0]).point[0]).toBeCloseTo(5, 7);
    const s = solve({ objective: f, inequalities: linear([[1]], [9]) }, [5]);
    expect(s).toMatchObject({ status: 'converged', objective: 0 });
  });

  test('not finite, and unbounded', () => {
    expect(solve({ objective: () => Number.NaN, equalities: linear([[1]], [1]) }, [0]).status).toBe('diverged');
    expect(solve({ objective: (x, g) => g.fill(-1) && -x[0] }, [0]).status).toBe('unbounded');
  });

  test('wrong options are sentences', () => {
    expect(() => solve({ objective: f }, [0], { rho: 0 })).toThrow(/rho must be above 0/);
    expect(() => solve({ objective: f }, [0], { feasibility: -1 })).toThrow(/feasibility must be above 0/);
    expect(() => solve({ objective: f }, [Number.NaN])).toThrow(/NaN at position 1/);
  });
});
