import { expect, test } from 'vitest';
import { engines, TestArena, uniform } from '../testing.ts';

test.each(engines)(
  'a child is added to the rows and columns of its parent; blocks are packed in place (%s)',
  (engine) => {
    const random = uniform(3);
    for (const [side, M] of [
      [0, 3],
      [1, 1],
      [3, 7],
      [8, 20],
    ]) {
      const t = new TestArena(engine);
      const numbers = (count: number) => Array.from({ length: count }, () => Math.round(20 * random()));
      const map = Array.from({ length: M }, (_, i) => i)
        .sort(() => random() - 0.5)
        .slice(0, side)
        .sort((a, b) => a - b);
      const [child, parent] = [numbers(side * side), numbers(M * M)];
      for (const lower of [0, 1]) {
        const [c, p, m] = [t.f64(child), t.f64(parent), t.i32(map)];
        t.kernels.extendAdd(side, c.pointer, m.pointer, M, p.pointer, lower);
        const expected = [...parent];
        for (let a = 0; a < side; a++) {
          for (let b = lower * a; b < side; b++) expected[map[a] * M + map[b]] += child[a * side + b];
        }
        expect([...p.view]).toEqual(expected);
      }
      const k = Math.floor(M / 2);
      const [c, m] = [t.f64(child), t.i32(map)];
      const [P, U] = [t.f64(new Array(M * k).fill(1)), t.f64(new Array((M - k) ** 2).fill(2))];
      t.kernels.extendAddSplit(side, c.pointer, m.pointer, k, P.pointer, M, U.pointer, M - k);
      const split = [new Array(M * k).fill(1), new Array((M - k) ** 2).fill(2)];
      for (let a = 0; a < side; a++) {
        for (let b = a; b < side; b++) {
          if (map[a] < k) split[0][map[a] * M + map[b]] += child[a * side + b];
          else split[1][(map[a] - k) * (M - k) + map[b] - k] += child[a * side + b];
        }
      }
      expect([[...P.view], [...U.view]]).toEqual(split);
      // The lower right block, moved to the beginning.
      const block = t.f64(parent);
      const from = block.pointer + 8 * (M - side) * (M + 1);
      t.kernels.packBlock(side, side, from, M, block.pointer);
      const packed = Array.from({ length: side * side }, (_, k) => {
        const [i, j] = [k % side, Math.floor(k / side)];
        return parent[(M - side + j) * M + M - side + i];
      });
      expect([...block.view.slice(0, side * side)]).toEqual(packed);
      expect(t.end()).toBe(0);
    }
  },
);
