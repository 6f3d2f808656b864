import { Random, run } from '@southwell/numerics/core';
import { symmetricEigenvalues } from '@southwell/numerics/linalg';
import { expect, test } from 'vitest';
import { type AndersonIterate, type AndersonOptions, andersonIterates, type FixedPointMap } from './anderson.ts';
import { symmetric } from './testing.ts';

/** x ↦ Mx + b, and its fixed point by elimination. */
function affine(M: number[][], b: number[]): { map: FixedPointMap; fixed: number[] } {
  const n = b.length;
  const rows = M.map((row, i) => [...row.map((v, j) => (i === j ? 1 : 0) - v), b[i]]);
  for (let k = 0; k < n; k++) {
    const pivot = rows
      .slice(k)
      .reduce((best, row, i) => (Math.abs(row[k]) > Math.abs(rows[best][k]) ? k + i : best), k);
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= n; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  return {
    map: (x, out) => {
      for (let i = 0; i < n; i++) out[i] = M[i].reduce((sum, v, k) => sum + v * x[k], b[i]);
    },
    fixed: rows.map((row, k) => row[n] / row[k]),
  };
}

function solve(map: FixedPointMap, start: ArrayLike<number>, options: AndersonOptions = {}, maxIter = 2000) {
  let last: AndersonIterate | undefined;
  const s = run(andersonIterates(map, start, options), {
    tol: 1e-13,
    maxIter,
    onIterate: (it) => {
      last = it as AndersonIterate;
    },
  });
  return { ...s, refused: last!.refused, calls: last!.work.oracleCalls! };
}

test('linear fixed points as elimination finds them, with any memory', () => {
  for (let seed = 0; seed < 10; seed++) {
    const n = 12;
    const random = new Random(seed);
    const b = Array.from({ length: n }, () => random.normal());
    const M = symmetric(
      Array.from({ length: n }, () => 1.9 * random.uniform() - 0.95),
      seed,
    );
    const { map, fixed } = affine(M, b);
    for (const memory of [0, 1, 5, 12]) {
      const s = solve(map, new Float64Array(n), { memory });
      expect(s.status).toBe('converged');
      for (let k = 0; k < n; k++) expect(s.point[k]).toBeCloseTo(fixed[k], 8);
    }
  }
});

test('with a memory of the dimension a linear map takes few steps, however little it contracts', () => {
  const n = 6;
  const M = symmetric([0.99, 0.9, 0.5, 0.1, -0.4, -0.9], 3);
  expect(symmetricEigenvalues(Float64Array.from(M.flat()), n)[n - 1]).toBeCloseTo(0.99, 12);
  const { map, fixed } = affine(M, [1, 2, 3, 4, 5, 6]);
  const fast = solve(map, new Float64Array(n), { memory: n });
  expect(fast.status).toBe('converged');
  expect(fast.iterations).toBeLessThan(25);
  expect(solve(map, new Float64Array(n), { memory: 0 }, 5000).iterations).toBeGreaterThan(1000);
  for (let k = 0; k < n; k++) expect(fast.point[k]).toBeCloseTo(fixed[k], 8);
});

test('residuals never grow where the map does not expand, and refused steps are counted', () => {
  // Alternating projections, not smooth: onto a line and a disc in the plane.
  const map: FixedPointMap = (x, out) => {
    const t = (x[0] + 2 * x[1]) / 5;
    const [u, v] = [t, 2 * t];
    const length = Math.hypot(u - 2, v);
    const r = Math.min(1, 1.5 / length);
    out[0] = 2 + r * (u - 2);
    out[1] = r * v;
  };
  for (const start of [
    [10, -3],
    [-5, 8],
    [0, 0],
  ]) {
    const s = solve(map, start, { memory: 3 });
    for (let k = 1; k < s.trace.length; k++) {
      expect(s.trace[k].objective).toBeLessThanOrEqual(s.trace[k - 1].objective);
    }
    expect(['converged', 'stalled']).toContain(s.status);
    expect(s.objective).toBeLessThan(1e-8);
  }
  let total = 0;
  for (let seed = 0; seed < 5; seed++) {
    const random = new Random(seed);
    const b = Array.from({ length: 5 }, () => random.normal());
    const jagged: FixedPointMap = (x, out) => {
      for (let k = 0; k < 5; k++) out[k] = 0.5 * Math.sin(3 * x[(k + 1) % 5]) * Math.cos(x[k]) + b[k];
    };
    total += solve(jagged, new Float64Array(5), { memory: 5 }, 200).refused;
  }
  expect(total).toBeGreaterThan(0);
});

test('cos x = x, and ends: at a fixed point, a map that is not finite, one that only expands', () => {
  const s = solve((x, out) => (out[0] = Math.cos(x[0])), [0]);
  expect(s.point[0]).toBeCloseTo(0.7390851332151607, 12);
  expect(s.iterations).toBeLessThan(12);
  expect(solve((x, out) => out.set(x), [3, 4])).toMatchObject({ status: 'converged', iterations: 0, calls: 1 });
  expect(solve((_, out) => out.fill(Number.NaN), [1]).status).toBe('diverged');
  expect(solve((x, out) => (out[0] = x[0] + 1), [1]).status).toBe('stalled');
  expect(solve((x, out) => (out[0] = 3 * x[0]), [1], { memory: 0 }).status).toBe('stalled');
  // Memory finds even a fixed point that repels.
  expect(solve((x, out) => (out[0] = 3 * x[0] - 2), [5]).point[0]).toBeCloseTo(1, 12);
});

test('wrong options are sentences', () => {
  expect(() => [...andersonIterates(() => {}, [1], { memory: -1 })]).toThrow(/whole number/);
  expect(() => [...andersonIterates(() => {}, [1], { regularisation: -1 })]).toThrow(
    /regularisation must be at least 0, but is -1/,
  );
  expect(() => [...andersonIterates(() => {}, [Number.NaN])]).toThrow(/NaN at position 1/);
});
