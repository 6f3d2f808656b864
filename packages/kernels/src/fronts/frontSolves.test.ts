import { expect, test } from 'vitest';
import { engines, TestArena, uniform } from '../testing.ts';

// Supernodes {0, 1, 2}, {3}, {4, 5} and {6}, of which the first has the rows 3, 5 and 6 below, and so on.
const first = [0, 3, 4, 6, 7];
const below = [[3, 5, 6], [4, 5], [6], []];
const n = 7;

test.each(engines)('solves with supernodes are those with the matrix, with a diagonal and without (%s)', (engine) => {
  const random = uniform(9);
  const t = new TestArena(engine);
  const L = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  const values: number[] = [];
  below.forEach((rows, s) => {
    const own = Array.from({ length: first[s + 1] - first[s] }, (_, c) => first[s] + c);
    for (const j of own) {
      for (const i of [...own, ...rows]) {
        const v = i === j ? 1 + random() : random() - 0.5;
        values.push(v);
        // What is above the diagonal is not read.
        if (i >= j) L[i][j] = v;
      }
    }
  });
  const starts = [0, ...below.map((_, s) => below.slice(0, s + 1).flat().length)];
  const lists = [first, starts, below.flat()].map((list) => t.i32(list).pointer) as [number, number, number];
  const V = t.f64(values);
  const room = t.f64(new Array(n).fill(Number.NaN)).pointer;
  for (const unit of [0, 1]) {
    const entry = (i: number, j: number) => (unit === 1 && i === j ? 1 : L[i][j]);
    const x = Array.from({ length: n }, () => random() - 0.5);
    const times = (transposed: boolean) =>
      x.map((_, i) => x.reduce((sum, v, j) => sum + (transposed ? entry(j, i) : entry(i, j)) * v, 0));
    const lower = t.f64(times(false));
    t.kernels.solveFrontsLower(4, ...lists, V.pointer, lower.pointer, room, unit);
    const upper = t.f64(times(true));
    t.kernels.solveFrontsUpper(4, ...lists, V.pointer + 8 * values.length, upper.pointer, room, unit);
    for (let i = 0; i < n; i++) {
      expect(lower.view[i]).toBeCloseTo(x[i], 12);
      expect(upper.view[i]).toBeCloseTo(x[i], 12);
    }
  }
  expect(t.end()).toBe(0);
});
