import { expect, test } from 'vitest';
import { compressed, engines, integers, type Matrix, TestArena, uniform } from '../testing.ts';

const random = uniform(41);
/** Square, with rows that are empty, dominant or sum to 0 among them. */
const matrix = (n: number, density: number): Matrix =>
  Array.from({ length: n }, (_, i) => {
    const row = integers(n, random).map((v) => (random() > density ? 0 : v));
    const others = row.reduce((sum, v, j) => (j === i ? sum : sum + v), 0);
    if (i % 5 === 1) row[i] = -others;
    if (i % 5 === 2) row[i] = row.reduce((sum, v, j) => (j === i ? sum : sum + Math.abs(v)), 0);
    return i % 5 === 3 ? row.map(() => 0) : row;
  });
const transposed = (A: Matrix): number[][] => A.map((_, j) => A.map((row) => row[j]));

test.each(engines)('what rows say is what their definitions say (%s)', (engine) => {
  for (const n of [0, 1, 7, 30]) {
    const t = new TestArena(engine);
    const A = matrix(n, 0.2);
    const [states, out] = [t.i32(new Array(n + 1).fill(9)), t.f64(new Array(8).fill(9))];
    t.kernels.rowFacts(n, ...compressed(t, A).at, states.pointer, out.pointer);
    A.forEach((row, i) => {
      const others = row.reduce((sum, v, j) => (j === i ? sum : sum + Math.abs(v)), 0);
      const [own, sum] = [Math.abs(row[i]), row.reduce((a, b) => a + b, 0)];
      expect(states.view[i]).toBe((own > others ? 2 : own === others ? 1 : 0) | (sum === 0 ? 4 : 0));
    });
    const all = A.flatMap((row, i) => row.flatMap((v, j) => (v === 0 ? [] : [{ i, j, v }])));
    const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b), 0);
    const count = (holds: (v: number) => boolean) => A.filter((row, i) => holds(row[i])).length;
    expect([...out.view]).toEqual([
      ...[all.length, most(all.map(({ v }) => Math.abs(v))), most(all.map(({ i, j }) => Math.abs(i - j)))],
      ...[count((v) => v > 0), count((v) => v < 0), count((v) => v === 0)],
      ...[all.filter(({ i, j, v }) => i !== j && v > 0).length, 9],
    ]);
    expect(states.view[n]).toBe(9);
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('a sum that rounding alone keeps from 0 counts as 0, and dominance as reached (%s)', (engine) => {
  const t = new TestArena(engine);
  const A = [
    [0.3, -0.1, -0.2],
    [-0.1, 0.3 + 1e-12, -0.2],
    [-0.1, -0.2, 0.3 - 1e-12],
  ];
  const [states, out] = [t.i32([0, 0, 0]), t.f64(new Array(7).fill(0))];
  t.kernels.rowFacts(3, ...compressed(t, A).at, states.pointer, out.pointer);
  expect([...states.view]).toEqual([1 | 4, 2, 0]);
  t.end();
});

test.each(engines)('the difference of two matrices (%s)', (engine) => {
  for (let trial = 0; trial < 6; trial++) {
    const t = new TestArena(engine);
    const A = matrix(12, 0.3);
    const B = trial % 2 ? A.map((row) => row.map((v) => 3 * v)) : matrix(12, 0.3);
    const out = t.f64([9]);
    const same = t.kernels.rowsDifference(12, ...compressed(t, A).at, ...compressed(t, B).at, out.pointer);
    const differences = A.flatMap((row, i) => row.map((v, j) => Math.abs(v - B[i][j])));
    expect(out.view[0]).toBe(Math.max(...differences) / 2);
    expect(same).toBe(A.every((row, i) => row.every((v, j) => (v === 0) === (B[i][j] === 0))) ? 1 : 0);
    expect(same).toBe(trial % 2);
    t.end();
  }
  const t = new TestArena(engine);
  const out = t.f64([0]);
  const huge = (sign: number) => compressed(t, [[sign * Number.MAX_VALUE]]).at;
  t.kernels.rowsDifference(1, ...huge(1), ...huge(-1), out.pointer);
  expect(out.view[0]).toBe(Number.MAX_VALUE);
});

test.each(engines)('parts are what paths lead between, and depths how long the shortest are (%s)', (engine) => {
  for (const [n, density] of [
    [0, 0],
    [1, 0],
    [9, 0.08],
    [25, 0.04],
    [25, 0.15],
  ]) {
    const t = new TestArena(engine);
    const A = matrix(n, density);
    const [own, other] = [compressed(t, A), compressed(t, transposed(A))];
    // Lengths of shortest paths over entries in either direction (Floyd and Warshall).
    const d = A.map((row, i) =>
      row.map((v, j) => (i === j ? 0 : v !== 0 || A[j][i] !== 0 ? 1 : Number.POSITIVE_INFINITY)),
    );
    for (let k = 0; k < n; k++) {
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) d[i][j] = Math.min(d[i][j], d[i][k] + d[k][j]);
    }
    const [parts, stack] = [t.i32(new Array(n + 1).fill(9)), t.i32(new Array(n + 1).fill(9))];
    const [p, q] = [own.at, other.at];
    const count = t.kernels.connectedParts(n, p[0], p[1], q[0], q[1], parts.pointer, stack.pointer);
    const firsts = d.flatMap((row, i) => (row.findIndex(Number.isFinite) === i ? [i] : []));
    expect(count).toBe(firsts.length);
    d.forEach((row, i) => {
      expect(parts.view[i]).toBe(firsts.indexOf(row.findIndex(Number.isFinite)));
    });
    expect([parts.view[n], stack.view[n]]).toEqual([9, 9]);
    if (n === 0) continue;
    const both = compressed(
      t,
      A.map((row, i) => row.map((v, j) => (v !== 0 || A[j][i] !== 0 ? 1 : 0))),
    ).at;
    const again = t.kernels.connectedParts(
      n,
      both[0],
      both[1],
      0,
      0,
      stack.pointer,
      t.i32(new Array(n).fill(0)).pointer,
    );
    expect([again, ...stack.view.subarray(0, n)]).toEqual([count, ...parts.view.subarray(0, n)]);
    const [depth, queue] = [t.i32(new Array(n + 1).fill(9)), t.i32(new Array(n + 1).fill(9))];
    const reached = t.kernels.breadthFirst(n, both[0], both[1], n >> 1, depth.pointer, queue.pointer);
    const far = d[n >> 1];
    expect(reached).toBe(far.filter(Number.isFinite).length);
    far.forEach((length, i) => {
      expect(depth.view[i]).toBe(Number.isFinite(length) ? length : -1);
    });
    const order = [...queue.view.subarray(0, reached)];
    expect(order.map((i) => far[i])).toEqual(order.map((i) => far[i]).toSorted((a, b) => a - b));
    expect([new Set(order).size, depth.view[n], queue.view[n]]).toEqual([reached, 9, 9]);
    expect(t.end()).toBe(0);
  }
});
