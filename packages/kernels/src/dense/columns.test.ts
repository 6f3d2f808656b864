import { expect, test } from 'vitest';
import { engines, integers, padded, reals, TestArena, uniform } from '../testing.ts';

const shapes: Array<[number, number]> = [
  [1, 1],
  [2, 5],
  [7, 4],
  [33, 13],
  [2049, 6],
];
const guard = 12345;

test('columnSpreads: the engines give the same bits, and on whole numbers what a loop gives', () => {
  const random = uniform(7);
  for (const [m, n] of shapes) {
    for (const whole of [true, false]) {
      const a = whole ? integers(m * n, random) : reals(m * n, random);
      const all = engines.map((engine) => {
        const t = new TestArena(engine);
        const A = t.f64(padded(a, m, n, 3));
        const out = t.f64(new Array(5 * n + 1).fill(guard));
        t.kernels.columnSpreads(m, n, A.pointer, m + 3, out.pointer);
        return Array.from(out.view);
      });
      for (const other of all) expect(other).toEqual(all[0]);
      for (let j = 0; j < n; j++) {
        const column = Array.from(a.slice(j * m, (j + 1) * m));
        const sum = column.reduce((s, v) => s + v, 0);
        const squares = column.reduce((s, v) => s + (v - sum / m) ** 2, 0);
        const [largest, smallest, filled, ...sums] = all[0].slice(5 * j, 5 * j + 5);
        expect([largest, smallest, filled]).toEqual([
          Math.max(...column),
          Math.min(...column),
          column.filter((v) => v !== 0).length,
        ]);
        expect(sums[0]).toBeCloseTo(sum, whole ? 12 : 9);
        expect(sums[1] / (squares || 1)).toBeCloseTo(squares === 0 ? 0 : 1, 9);
      }
      expect(all[0][5 * n]).toBe(guard);
    }
  }
});

test.each(engines)(
  'columnFacts: numbers, whole ones, zeros and what is not finite, beside what was there (%s)',
  (engine) => {
    const columns = [
      [1, -2.5, 0, -0, 7],
      [Number.NaN, 0.5, Number.NaN, 3, Number.NaN],
      [Number.POSITIVE_INFINITY, 2, 0, 0, 0],
      [0.25, 1, 2, 3, Number.NEGATIVE_INFINITY],
    ];
    for (const m of [0, 1, 4, 5]) {
      const t = new TestArena(engine);
      const A = t.f64(
        padded(
          columns.flatMap((column) => column.slice(0, m)),
          m,
          columns.length,
          2,
        ),
      );
      const out = t.f64([...columns.flatMap(() => [10, 20, 30, 0]), guard]);
      t.kernels.columnFacts(m, columns.length, A.pointer, m + 2, out.pointer);
      columns.forEach((column, j) => {
        const values = column.slice(0, m);
        const [known, whole, filled, finite] = out.view.subarray(4 * j, 4 * j + 4);
        expect(known).toBe(10 + values.filter((v) => !Number.isNaN(v)).length);
        expect(whole).toBe(20 + values.filter((v) => v === Math.floor(v)).length);
        expect(filled).toBe(30 + values.filter((v) => Math.abs(v) > 0).length);
        expect(finite === 0).toBe(values.every(Number.isFinite));
      });
      expect(out.view[4 * columns.length]).toBe(guard);
    }
  },
);

test.each(engines)('gatherRows: rows in any order, more than once (%s)', (engine) => {
  const t = new TestArena(engine);
  const A = t.f64(padded([1, 2, 3, 4, 5, 6], 3, 2, 1));
  const out = t.f64(new Array(9).fill(guard));
  t.kernels.gatherRows(4, 2, t.i32([2, 0, 2, 1]).pointer, A.pointer, 4, out.pointer);
  expect(Array.from(out.view)).toEqual([3, 1, 3, 2, 6, 4, 6, 5, guard]);
});

test.each(engines)('centredProducts: of any number of rows, exactly on whole numbers (%s)', (engine) => {
  const random = uniform(9);
  for (const [m, n] of [
    [0, 2],
    [1, 1],
    [7, 3],
    [12, 2],
  ]) {
    const t = new TestArena(engine);
    const [values, v, about] = [integers((m + 1) * n, random), integers(m, random), integers(n, random)];
    const out = t.f64(new Array(n).fill(-1));
    t.kernels.centredProducts(
      ...([m, n, t.f64(values).pointer, m + 1, t.f64(v).pointer, t.f64(about).pointer, out.pointer] as const),
    );
    const wanted = about.map((mean, j) => v.reduce((sum, x, i) => sum + x * (values[j * (m + 1) + i] - mean), 0));
    expect(Array.from(out.view)).toEqual(wanted);
    expect(t.end()).toBe(0);
  }
});
