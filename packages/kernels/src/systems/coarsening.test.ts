import { expect, test } from 'vitest';
import { compressed, dense, engines, type Matrix, reals, TestArena, uniform } from '../testing.ts';

const random = uniform(43);
/** Square with a full positive diagonal, both signs beside it. */
const matrix = (n: number, density: number): Matrix =>
  Array.from({ length: n }, (_, i) => reals(n, random).map((v, j) => (i === j ? 2 + v : random() > density ? 0 : v)));
const inverseOf = (A: Matrix): number[] => A.map((row, i) => (i % 7 === 6 ? 0 : 1 / row[i]));

/** θ times the largest tie of each row beside the diagonal, by definition. */
function limitsOf(A: Matrix, negative: boolean, theta: number): number[] {
  const inverse = inverseOf(A);
  return A.map((row, i) => {
    const others = row.filter((_, j) => j !== i);
    const most = Math.max(0, ...others.map((v) => (negative ? -v : Math.abs(v))));
    const sum = others.reduce((total, v) => total + Math.abs(v), 0);
    return most > 0 && sum * inverse[i] > 0.1 ? theta * most : Number.POSITIVE_INFINITY;
  });
}

test.each(engines)('a diagonal that is positive, and where it is not (%s)', (engine) => {
  const look = (A: Matrix) => {
    const t = new TestArena(engine);
    const largest = t.f64([9]);
    return [t.kernels.positiveDiagonal(A.length, ...compressed(t, A).at, largest.pointer), largest.view[0]];
  };
  const change = (i: number, j: number, v: number) => {
    const A = [
      [3, 1, 0],
      [1, 5, 2],
      [0, 2, 4],
    ];
    A[i][j] = v;
    return A;
  };
  expect(look(change(0, 0, 3))).toEqual([-1, 5]);
  expect(look([])).toEqual([-1, 0]);
  expect(look(change(1, 1, 0))).toEqual([1, 9]);
  expect(look(change(2, 2, -1))).toEqual([2, 9]);
  expect(look(change(1, 2, Number.NaN))).toEqual([1, 9]);
  expect(look(change(2, 1, Number.NEGATIVE_INFINITY))).toEqual([2, 9]);
  expect(look(change(0, 0, Number.POSITIVE_INFINITY))).toEqual([0, 9]);
});

test.each(engines)(
  'strong entries are what exceeds the share of their row, the rest is on the diagonal (%s)',
  (engine) => {
    for (const [n, negative] of [
      [1, false],
      [14, false],
      [14, true],
      [40, false],
    ] as const) {
      const t = new TestArena(engine);
      const A = matrix(n, 0.3);
      if (n > 1) A[2] = A[2].map((v, j) => (j === 2 ? 1 : v === 0 ? 0 : 1e-3));
      const own = compressed(t, A).at;
      const wanted = limitsOf(A, negative, 0.4);
      const least = t.f64(new Array(n).fill(9));
      t.kernels.strongLimits(n, ...own, t.f64(inverseOf(A)).pointer, negative, 0.4, 0.1, least.pointer);
      wanted.forEach((limit, i) => {
        if (Number.isFinite(limit)) expect(least.view[i]).toBeCloseTo(limit, 14);
        else expect(least.view[i]).toBe(limit);
      });
      const size = (v: number) => (negative ? -v : Math.abs(v));
      const strong = (i: number, j: number) => i === j || size(A[i][j]) > wanted[i];
      const mutual = (i: number, j: number) => strong(i, j) && (i === j || size(A[i][j]) > wanted[j]);
      const count = (holds: (i: number, j: number) => boolean) =>
        A.flatMap((row, i) => row.filter((v, j) => v !== 0 && holds(i, j))).length;
      const counts = t.i32([0, 0]);
      t.kernels.strongCounts(n, ...own, least.pointer, negative, counts.pointer);
      expect([...counts.view]).toEqual([count(strong), count(mutual)]);
      const [kept, edges] = counts.view;
      const [kP, kI, kV] = [
        t.i32(new Array(n + 1).fill(0)),
        t.i32(new Array(kept + 1).fill(9)),
        t.f64(new Array(kept + 1).fill(9)),
      ];
      const [gP, gI] = [t.i32(new Array(n + 1).fill(0)), t.i32(new Array(edges + 1).fill(9))];
      const to = [kP.pointer, kI.pointer, kV.pointer] as const;
      t.kernels.strongRows(n, ...own, least.pointer, negative, ...to, gP.pointer, gI.pointer);
      const rows = dense(n, n, kP.view, kI.view, kV.view);
      A.forEach((row, i) => {
        const weak = row.reduce((sum, v, j) => (strong(i, j) ? sum : sum + v), 0);
        row.forEach((v, j) => {
          const there = j !== i ? (strong(i, j) ? v : 0) : v + weak > 0.1 * v ? v + weak : v;
          expect(rows[i][j]).toBeCloseTo(there, 13);
        });
        expect([...gI.view.subarray(gP.view[i], gP.view[i + 1])]).toEqual(
          row.flatMap((v, j) => (v !== 0 && mutual(i, j) ? [j] : [])),
        );
      });
      expect([kI.view[kept], kV.view[kept], gI.view[edges]]).toEqual([9, 9, 9]);
      // Either alone.
      const [lone, alone] = [t.i32(new Array(edges).fill(9)), t.f64(new Array(kept).fill(9))];
      t.kernels.strongRows(n, ...own, least.pointer, negative, 0, 0, 0, gP.pointer, lone.pointer);
      t.kernels.strongRows(n, ...own, least.pointer, negative, kP.pointer, kI.pointer, alone.pointer, 0, 0);
      expect([...lone.view, ...alone.view]).toEqual([...gI.view.subarray(0, edges), ...kV.view.subarray(0, kept)]);
      expect(t.end()).toBe(0);
    }
  },
);

test('aggregates of the engines are the same: whole neighbourhoods first, then who is left', () => {
  for (const [n, density] of [
    [0, 0],
    [1, 0],
    [20, 0.1],
    [60, 0.03],
    [60, 0.2],
  ]) {
    const A = matrix(n, density);
    const graph = A.map((row, i) => row.map((v, j) => (v !== 0 || A[j][i] !== 0 ? 1 : 0)));
    const near = graph.map((row, i) => row.flatMap((v, j) => (v === 0 || j === i ? [] : [j])));
    const found = engines.map((engine) => {
      const t = new TestArena(engine);
      const parts = t.i32(new Array(n + 1).fill(9));
      const [pointers, indices] = compressed(t, graph).at;
      const count = t.kernels.greedyAggregates(n, pointers, indices, parts.pointer);
      expect(parts.view[n]).toBe(9);
      return { count, parts: [...parts.view.subarray(0, n)] };
    });
    for (const one of found) expect(one).toEqual(found[0]);
    const [{ count, parts }] = found;
    expect(new Set(parts.filter((part) => part >= 0)).size).toBe(count);
    near.forEach((others, i) => {
      expect(parts[i] < 0).toBe(others.length === 0);
      // No node is without any of its aggregate beside it, but where all its neighbours had joined others.
      if (others.length > 0 && !others.some((j) => parts[j] === parts[i]))
        expect(parts.filter((p) => p === parts[i])).toHaveLength(1);
    });
    // The first node begins an aggregate with all its neighbours.
    const first = near.findIndex((others) => others.length > 0);
    if (first >= 0)
      expect([first, ...near[first]].map((i) => parts[i])).toEqual(new Array(near[first].length + 1).fill(0));
  }
});

test.each(engines)('prolongators are smoothed by (I − ωD⁻¹F)T, rows without an aggregate by ω = 1 (%s)', (engine) => {
  const t = new TestArena(engine);
  const [n, m, omega] = [18, 5, 0.6];
  const F = matrix(n, 0.2);
  F[4][4] = 0;
  const T = Array.from({ length: n }, (_, i) =>
    Array.from({ length: m }, (_, j) => (i % m === j && i !== 7 ? 0.5 + random() : 0)),
  );
  // Places of FT, those that cancel among them, for rows of F that have an entry.
  const product = F.map((row) => T[0].map((_, j) => row.reduce((sum, v, k) => sum + v * T[k][j], 0)));
  const P = compressed(t, product);
  t.kernels.smoothedRows(n, ...compressed(t, F).at, ...compressed(t, T).at, omega, ...P.at);
  const found = dense(n, m, P.pointers.view, P.indices.view, P.values.view);
  product.forEach((row, i) => {
    row.forEach((v, j) => {
      expect(found[i][j]).toBeCloseTo(
        (F[i][i] > 0 ? (-(i === 7 ? 1 : omega) / F[i][i]) * v : 0) + (v !== 0 ? T[i][j] : 0),
        13,
      );
    });
  });
  expect(t.end()).toBe(0);
});

test.each(engines)('sums of rows, weighted squares of columns, and lower parts (%s)', (engine) => {
  const t = new TestArena(engine);
  const n = 15;
  const A = matrix(n, 0.3);
  A[3][3] = -1;
  A[5][5] = 0;
  const own = compressed(t, A).at;
  const root = t.f64(new Array(n + 1).fill(9));
  const bound = t.kernels.scaledRowSums(n, ...own, root.pointer);
  A.forEach((row, i) => {
    expect(root.view[i]).toBe(row[i] > 0 ? 1 / Math.sqrt(row[i]) : 0);
  });
  const sums = A.map((row, i) => (row[i] > 0 ? row.reduce((sum, v) => sum + Math.abs(v), 0) / row[i] : 0));
  expect(bound).toBeCloseTo(Math.max(...sums), 13);
  const inverse = A.map((_, i) => (i === 2 ? 0 : 1 / (1 + i)));
  const squares = t.f64(new Array(n + 1).fill(9));
  t.kernels.weightedSquares(n, n, ...own, t.f64(inverse).pointer, squares.pointer);
  for (let j = 0; j < n; j++) {
    expect(squares.view[j]).toBeCloseTo(
      A.reduce((sum, row, i) => (i === 2 ? sum : sum + row[j] ** 2 * (1 + i)), 0),
      10,
    );
  }
  const pointers = t.i32(new Array(n + 2).fill(9));
  const below = t.kernels.lowerRows(n, ...own, pointers.pointer, 0, 0, 0);
  expect(below).toBe(A.flatMap((row, i) => row.filter((v, j) => j < i && v !== 0)).length);
  const [indices, values] = [t.i32(new Array(below + 1).fill(9)), t.f64(new Array(below + 1).fill(9))];
  const diagonal = t.f64(new Array(n + 1).fill(9));
  t.kernels.lowerRows(n, ...own, pointers.pointer, indices.pointer, values.pointer, diagonal.pointer);
  const found = dense(n, n, pointers.view, indices.view, values.view);
  expect(found).toEqual(A.map((row, i) => row.map((v, j) => (j < i ? v : 0))));
  expect([...diagonal.view]).toEqual([...A.map((row, i) => row[i]), 9]);
  expect([root.view[n], squares.view[n], pointers.view[n + 1], indices.view[below], values.view[below]]).toEqual([
    9, 9, 9, 9, 9,
  ]);
  expect(t.end()).toBe(0);
});
