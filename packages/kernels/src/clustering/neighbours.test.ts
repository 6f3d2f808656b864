import { expect, test } from 'vitest';
import { engines, integers, TestArena, uniform } from '../testing.ts';

/** Two whole numbers a word. */
const words = (row: readonly number[]): number[] =>
  Array.from({ length: (row.length + 1) >> 1 }, (_, t) => (row[2 * t] & 0xffff) | ((row[2 * t + 1] ?? 0) << 16));

test.each(engines)('interleave puts words of a group together and repeats the last row (%s)', (engine) => {
  const arena = new TestArena(engine);
  for (const [count, width, pairs] of [
    [5, 4, 2],
    [8, 8, 7],
    [3, 8, 12],
    [9, 4, 4],
  ]) {
    const rows = arena.i32(Array.from({ length: 6 * pairs }, (_, t) => t));
    const picked = Array.from({ length: count }, (_, i) => (5 * i + 2) % 6);
    const list = arena.i32(picked);
    const filled = Math.ceil(count / width) * width;
    const out = arena.i32(new Array(filled * pairs + 1).fill(-7));
    arena.kernels.interleave(count, width, pairs, list.pointer, rows.pointer, out.pointer);
    const expected = Array.from({ length: filled * pairs }, (_, at) => {
      const i = Math.floor(at / (pairs * width)) * width + (at % width);
      return picked[Math.min(i, count - 1)] * pairs + (Math.floor(at / width) % pairs);
    });
    expect([...out.view]).toEqual([...expected, -7]);
  }
  expect(arena.end()).toBe(0);
});

/** Rows of small whole numbers, so that products are exact, as a side; names are reversed. */
function side(arena: TestArena, rows: readonly number[][], k: number, d: number) {
  const n = rows.length;
  const halves = rows.map((row) => Math.floor(row.reduce((s, v) => s + v * v, 0) / 2));
  const squares = arena.f64(new Array(n * k).fill(Number.POSITIVE_INFINITY));
  const tags = arena.i32(new Array(n * k).fill(2 ** 31 - 1));
  const limits = arena.i32(new Array(n + 8).fill(-(2 ** 31)));
  const blocks = [
    arena.f64(rows.flat()),
    arena.i32([...halves, ...new Array(8).fill(2 ** 30)]),
    arena.f64(new Array(n).fill(0)),
    limits,
    squares,
    tags,
    arena.i32(Array.from({ length: n }, (_, i) => n - 1 - i)),
  ];
  const table = arena.i32(blocks.map(({ pointer }) => pointer));
  const plain = arena.i32(rows.flatMap(words));
  const pack = (width: number, list: number) => {
    const pairs = (d + 1) >> 1;
    const out = arena.i32(new Array((Math.ceil(n / width) * width * pairs) | 0).fill(0));
    arena.kernels.interleave(n, width, pairs, list, plain.pointer, out.pointer);
    return out.pointer;
  };
  const found = (i: number) =>
    Array.from({ length: k }, (_, t) => [squares.view[i * k + t], tags.view[i * k + t]]).sort(
      (a, b) => a[0] - b[0] || a[1] - b[1],
    );
  return { table, limits, pack, found };
}

/** The k nearest of `others` for x by a sort; those with fewer rows end with what heaps start with. */
function nearest(x: readonly number[], others: readonly number[][], k: number, skip = -1): number[][] {
  const all = others.flatMap((y, q) =>
    q === skip ? [] : [[y.reduce((s, v, j) => s + (v - x[j]) ** 2, 0), others.length - 1 - q]],
  );
  const empty = Array.from({ length: k }, () => [Number.POSITIVE_INFINITY, 2 ** 31 - 1]);
  return [...all.sort((a, b) => a[0] - b[0] || a[1] - b[1]), ...empty].slice(0, k);
}

const sizes = engines.flatMap((engine) =>
  [
    [1, 1, 1, 1],
    [5, 9, 3, 2],
    [4, 8, 8, 1],
    [13, 37, 5, 7],
    [30, 61, 2, 3],
    [3, 2, 7, 4],
  ].map(([m, n, d, k]) => ({ engine, m, n, d, k })),
);

test.each(sizes)('offerNear finds what a sort finds, both ways ($engine, $m × $n, d = $d, k = $k)', (given) => {
  const { engine, m, n, d, k } = given;
  const random = uniform(m + 10 * n);
  // Few values: many distances are equal.
  const make = (count: number) => Array.from({ length: count }, () => integers(d, random).map((v) => v % 3));
  const [X, Y] = [make(m), make(n)];
  const arena = new TestArena(engine);
  const [queries, base] = [side(arena, X, k, d), side(arena, Y, k, d)];
  const [own, list] = [m, n].map((c) => arena.i32(Array.from({ length: c }, (_, i) => i)).pointer);
  const [panel, block] = [queries.pack(4, own), base.pack(8, list)];
  const none = arena.i32(new Array(n + 8).fill(2 ** 31 - 1)).pointer;
  const call = (mutual: boolean) =>
    arena.kernels.offerNear(
      m,
      n,
      (d + 1) >> 1,
      d,
      k,
      1,
      0,
      panel,
      own,
      queries.table.pointer,
      block,
      0,
      base.table.pointer,
      mutual ? base.limits.pointer : none,
      mutual,
      false,
    );
  call(true);
  X.forEach((x, i) => {
    expect(queries.found(i)).toEqual(nearest(x, Y, k));
  });
  Y.forEach((y, q) => {
    expect(base.found(q)).toEqual(nearest(y, X, k));
  });
  expect(arena.end()).toBe(0);
});

test.each(engines)('a row is no neighbour of its own, and rows beyond the limit are not compared (%s)', (engine) => {
  const [n, d, k] = [21, 4, 3];
  const random = uniform(3);
  const X = Array.from({ length: n }, () => integers(d, random));
  const arena = new TestArena(engine);
  const rows = side(arena, X, k, d);
  const list = arena.i32(Array.from({ length: n }, (_, i) => i)).pointer;
  const none = arena.i32(new Array(n + 8).fill(2 ** 31 - 1)).pointer;
  const [panel, block] = [rows.pack(4, list), rows.pack(8, list)];
  const table = rows.table.pointer;
  const call = () =>
    arena.kernels.offerNear(n, n, 2, d, k, 1, 0, panel, list, table, block, 0, table, none, false, true);
  rows.limits.view.fill(2 ** 29);
  call();
  expect(rows.found(0)).toEqual(nearest(X[0], [], k));
  rows.limits.view.fill(-(2 ** 31));
  call();
  X.forEach((x, i) => {
    expect(rows.found(i)).toEqual(nearest(x, X, k, i));
  });
  expect(arena.end()).toBe(0);
});
