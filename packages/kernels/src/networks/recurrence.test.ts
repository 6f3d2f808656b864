import { expect, test } from 'vitest';
import { Arena } from '../index.ts';
import { allKernels, uniform } from '../testing.ts';

const random = uniform(13);

test.each(['f32', 'f64'])('recurrences along rows have the bits of their twin (%s)', (dtype) => {
  const single = dtype === 'f32';
  for (const [rows, n] of [
    [1, 1],
    [3, 7],
    [4, 5],
    [9, 33],
    [2, 0],
  ]) {
    const given = Array.from({ length: 2 * rows * n }, () => 2 * (random() - 0.5));
    for (const reverse of [false, true]) {
      const [twin, found] = (['typescript', 'wasm'] as const).map((engine) => {
        const arena = new Arena({ engine });
        const block = () => (single ? arena.f32Block(rows * n) : arena.f64Block(rows * n));
        const [a, b] = [block(), block()];
        a.view.set(given.slice(0, rows * n));
        b.view.set(given.slice(rows * n));
        const kernels = allKernels(arena);
        kernels[single ? 'srecurrenceRows' : 'recurrenceRows'](reverse, rows, n, a.pointer, b.pointer, b.pointer);
        return [...b.view];
      });
      expect(found).toEqual(twin);
    }
  }
});
