import { expect, test } from 'vitest';
import { engines, TestArena, uniform } from '../testing.ts';

/** Rows of each column of a random pattern, in order. */
function pattern(n: number, random: () => number): number[][] {
  return Array.from({ length: n }, () => {
    const rows = Array.from({ length: n }, (_, i) => i).filter(() => random() < 4 / n);
    return rows;
  });
}

test.each(engines)('pairs of entries, sizes of rows and scaled values are those of the definition (%s)', (engine) => {
  const random = uniform(5);
  for (const n of [0, 1, 2, 9, 60]) {
    const t = new TestArena(engine);
    const columns = pattern(n, random);
    const flat = columns.flat();
    const at = Array.from({ length: n + 1 }, (_, j) => columns.slice(0, j).flat().length);
    const value = () => (random() < 0.1 ? 0 : (random() - 0.5) * 2 ** Math.floor(40 * random()));
    const numbers = flat.map(value);
    const [pointers, rows, values] = [t.i32(at), t.i32(flat), t.f64(numbers)];
    const [starts, list, seen] = [n + 1, flat.length, n].map((size) => t.i32(new Array(size).fill(-7)).pointer);
    const out = t.i32([-1, -1, -1]);
    t.kernels.symmetryCounts(n, pointers.pointer, rows.pointer, starts, list, seen, out.pointer);
    const cells = columns.flatMap((own, j) => own.map((i) => [i, j] as const));
    const beside = cells.filter(([i, j]) => i !== j);
    const pairs = beside.filter(([i, j]) => columns[i].includes(j));
    expect([...out.view]).toEqual([pairs.length, beside.length, cells.length - beside.length]);

    const [most, sums] = [t.f64(new Array(n).fill(7)), t.f64(new Array(n).fill(7))];
    t.kernels.rowSizes(n, flat.length, rows.pointer, values.pointer, most.pointer, sums.pointer);
    const ofRow = (i: number) => numbers.filter((_, k) => flat[k] === i).map(Math.abs);
    for (let i = 0; i < n; i++) {
      const largest = Math.max(0, ...ofRow(i));
      expect(most.view[i]).toBe(largest);
      expect(sums.view[i]).toBe(ofRow(i).reduce((sum, v) => (v === 0 ? sum : sum + v / largest), 0));
    }

    const [scales, scaled] = [t.f64(Array.from({ length: n }, value)), t.f64(new Array(flat.length).fill(7))];
    const counts = t.i32(new Array(n).fill(7));
    t.kernels.scaleRows(
      ...([n, flat.length, rows.pointer, values.pointer] as const),
      ...([scales.pointer, scaled.pointer, counts.pointer] as const),
    );
    expect([...scaled.view]).toEqual(flat.map((i, k) => numbers[k] * scales.view[i]));
    expect([...counts.view]).toEqual(Array.from({ length: n }, (_, i) => ofRow(i).length));
    expect(t.end()).toBe(0);
  }
});
