import { expect, test } from 'vitest';
import { engines, TestArena, uniform } from '../testing.ts';

/** A random symmetric graph by neighbours, with a few nodes of many. */
function graph(n: number, random: () => number): number[][] {
  const near = Array.from({ length: n }, () => new Set<number>());
  for (let e = 0; e < 2 * n; e++) {
    const [i, j] = [Math.floor(random() ** (e % 5 === 0 ? 4 : 1) * n), Math.floor(random() * n)];
    if (i === j) continue;
    near[i].add(j);
    near[j].add(i);
  }
  return near.map((set) => [...set]);
}

const starts = (lists: readonly number[][]) =>
  Array.from({ length: lists.length + 1 }, (_, k) => lists.slice(0, k).flat().length);

test('orderings are permutations, the same of all engines, also where the lists must be compressed', () => {
  const orders = engines.map((engine) => {
    const random = uniform(11);
    const cases = [1, 2, 7, 60, 400].flatMap((n) => [n, Math.ceil(0.6 * n)].map((inner) => [n, inner]));
    return cases.map(([n, inner]) => {
      const t = new TestArena(engine);
      const near = graph(n, random);
      const flat = near.flat();
      // The least room that the algorithm takes.
      const room = flat.length + Math.floor(flat.length / 5) + 2 * n + 16;
      const [pointers, list] = [t.i32(starts(near)), t.i32([...flat, ...new Array(room - flat.length).fill(-7)])];
      const [work, order] = [t.bytes(48 * (n + 1)), t.i32(new Array(n).fill(-1))];
      t.kernels.minimumDegree(
        n,
        inner,
        pointers.pointer,
        list.pointer,
        room,
        Math.max(16, 10 * Math.sqrt(n)),
        work,
        order.pointer,
      );
      const found = [...order.view.slice(0, inner)];
      expect([...found].sort((a, b) => a - b)).toEqual(found.map((_, i) => i));
      expect(order.view.slice(inner)).toEqual(new Int32Array(n - inner).fill(-1));
      expect(t.end()).toBe(0);
      return found;
    });
  });
  for (const other of orders.slice(1)) expect(other).toEqual(orders[0]);
});

test.each(engines)('the graph of AᵀA without full rows; more neighbours than there is room for (%s)', (engine) => {
  const t = new TestArena(engine);
  // Rows {0, 1}, {1, 2, 3}, {0, 1, 2, 3, 4} and {4}.
  const rows = [[0, 1], [1, 2, 3], [0, 1, 2, 3, 4], [4]];
  const columns = [0, 1, 2, 3, 4].map((j) => rows.flatMap((row, i) => (row.includes(j) ? [i] : [])));
  const lists = [starts(columns), columns.flat(), starts(rows), rows.flat()].map((list) => t.i32(list).pointer);
  const [seen, pointers, near] = [
    t.i32(new Array(5).fill(0)),
    t.i32(new Array(6).fill(0)),
    t.i32(new Array(20).fill(-1)),
  ];
  const graphWith = (dense: number, room: number) =>
    t.kernels.columnGraph(
      ...([5, lists[0], lists[1], lists[2], lists[3], dense, seen.pointer] as const),
      ...([pointers.pointer, near.pointer, room] as const),
    );
  expect(graphWith(4, 20)).toBe(8);
  const found = [0, 1, 2, 3, 4].map((j) => [...near.view.slice(pointers.view[j], pointers.view[j + 1])].sort());
  expect(found).toEqual([[1], [0, 2, 3], [1, 3], [1, 2], []]);
  expect(graphWith(5, 3)).toBe(20);
  expect(t.end()).toBe(0);
});

test.each(engines)('neighbours that remain count in degrees, and are not ordered (%s)', (engine) => {
  const t = new TestArena(engine);
  // A path 0 – 1 – 2, where 0 has the neighbours 3, 4 and 5 that remain.
  const near = [[1, 3, 4, 5], [0, 2], [1], [0], [0], [0]];
  const flat = near.flat();
  const [pointers, list] = [t.i32(starts(near)), t.i32([...flat, ...new Array(40).fill(-7)])];
  const [work, order] = [t.bytes(48 * 7), t.i32(new Array(6).fill(-1))];
  t.kernels.minimumDegree(6, 3, pointers.pointer, list.pointer, flat.length + 40, 16, work, order.pointer);
  expect([...order.view]).toEqual([2, 1, 0, -1, -1, -1]);
  expect(t.end()).toBe(0);
});
