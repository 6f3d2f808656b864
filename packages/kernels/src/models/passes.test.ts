import { expect, test } from 'vitest';
import { engines, gamma, integers, reals, TestArena, uniform } from '../testing.ts';

const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 33, 1000];

test.each(engines)('followVector: the square of the way, and a copy (%s)', (engine) => {
  const random = uniform(1);
  for (const n of sizes) {
    const t = new TestArena(engine);
    const [x, last] = [t.f64(reals(n, random)), t.f64(reals(n, random))];
    const way = x.view.reduce((sum, v, i) => sum + (v - last.view[i]) ** 2, 0);
    const found = t.kernels.followVector(n, x.pointer, last.pointer);
    expect(Math.abs(found - way)).toBeLessThanOrEqual(2 * gamma(n + 3) * way);
    expect(last.view).toEqual(x.view);
    expect(t.kernels.followVector(n, x.pointer, last.pointer)).toBe(0);
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('weightFacts: sum, how many above 0, all alike (%s)', (engine) => {
  for (const [weights, wanted] of [
    [
      [2, 2, 2],
      [6, 3, 1],
    ],
    [
      [2, 2, 3],
      [7, 3, 0],
    ],
    [
      [0, 4, 0, -1],
      [3, 1, 0],
    ],
    [
      [0, 0],
      [0, 0, 1],
    ],
  ]) {
    const t = new TestArena(engine);
    const facts = t.f64([9, 9, 9]);
    t.kernels.weightFacts(weights.length, t.f64(weights).pointer, facts.pointer);
    expect(Array.from(facts.view)).toEqual(wanted);
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('squareRoots are those of Math.sqrt (%s)', (engine) => {
  const t = new TestArena(engine);
  const values = [0, 2, 1e-310, 7, Number.POSITIVE_INFINITY];
  const out = t.f64([0, 0, 0, 0, 0, 5]);
  t.kernels.squareRoots(5, t.f64(values).pointer, out.pointer);
  expect(Array.from(out.view)).toEqual([...values.map(Math.sqrt), 5]);
  expect(t.end()).toBe(0);
});

test.each(engines)('signsOf two numbers, and of what is not two numbers (%s)', (engine) => {
  for (const [y, count, signs] of [
    [[3, -1, 3, 3], 2, [1, -1, 1, 1]],
    [[0, 1, 1], 2, [-1, 1, 1]],
    [[5, 5], 1, [1, 1]],
    [[1, 2, 3], 3, undefined],
    [[1, Number.NaN, 1], 3, undefined],
    [[1, 0, Number.POSITIVE_INFINITY], 3, undefined],
    [[Number.NaN, 1], 3, undefined],
    [[], 0, undefined],
  ] as const) {
    const t = new TestArena(engine);
    const [out, classes] = [t.f64(y.map(() => 0)), t.f64([0, 0])];
    expect(t.kernels.signsOf(y.length, t.f64(y).pointer, out.pointer, classes.pointer)).toBe(count);
    if (signs) {
      expect(Array.from(out.view)).toEqual(signs);
      expect(Array.from(classes.view)).toEqual([Math.min(...y), Math.max(...y)]);
    }
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('cscSomeRows takes the first rows of every few, wherever the first row stands (%s)', (engine) => {
  const random = uniform(3);
  const [n, p, period, run] = [50, 6, 4, 3];
  for (const before of [0, 2, 5, 37]) {
    const t = new TestArena(engine);
    const dense = Array.from({ length: p }, () => integers(n, random).map((v) => (random() < 0.5 ? 0 : v)));
    const entries = dense.map((column) => column.flatMap((v, i) => (v === 0 ? [] : [{ i, v }])));
    const starts = [0];
    for (const column of entries) starts.push(starts[starts.length - 1] + column.length);
    const at = [
      t.i32(starts).pointer,
      t.i32(entries.flat().map(({ i }) => i)).pointer,
      t.f64(entries.flat().map(({ v }) => v)).pointer,
    ] as const;
    const isTaken = (row: number) => row % 2 ** period < run;
    const first = Array.from({ length: before }, (_, r) => r).filter(isTaken).length;
    const rows = Array.from({ length: n }, (_, i) => i).filter((i) => isTaken(before + i));
    const wanted = entries.map((column) =>
      column.filter(({ i }) => rows.includes(i)).map(({ i, v }) => [rows.indexOf(i), v]),
    );
    const pointers = t.i32(new Array(p + 1).fill(-1));
    const how = [before, period, run, first, pointers.pointer] as const;
    const count = t.kernels.cscSomeRows(p, ...at, ...how, 0, 0);
    expect(count).toBe(wanted.flat().length);
    const [indices, values] = [t.i32(new Array(count).fill(0)), t.f64(new Array(count).fill(0))];
    expect(t.kernels.cscSomeRows(p, ...at, ...how, indices.pointer, values.pointer)).toBe(count);
    expect(Array.from(indices.view, (i, k) => [i, values.view[k]])).toEqual(wanted.flat());
    expect(Array.from(pointers.view)).toEqual([0, ...wanted.map((_, j) => wanted.slice(0, j + 1).flat().length)]);
    expect(t.end()).toBe(0);
  }
});
