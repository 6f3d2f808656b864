import { expect, test } from 'vitest';
import { Arena } from '../index.ts';
import { allKernels, uniform } from '../testing.ts';

const random = uniform(12);
const edges = [0, -0, 1, -1, 30, -30, 100, -100, 1e-30, -1e-39, Infinity, -Infinity, NaN];

test.each(['f32', 'f64'])('bends and their derivatives have the bits of their twins (%s)', (dtype) => {
  const single = dtype === 'f32';
  for (const n of [1, 2, 3, 5, 64, 83]) {
    const given = Array.from({ length: 2 * n }, (_, i) => edges[i] ?? (random() - 0.5) * 8);
    for (const kind of [0, 1, 2]) {
      const outcomes = (['typescript', 'wasm'] as const).map((engine) => {
        const arena = new Arena({ engine });
        const block = () => (single ? arena.f32Block(n) : arena.f64Block(n));
        const [x, g, y, d] = [block(), block(), block(), block()];
        x.view.set(given.slice(0, n));
        g.view.set(given.slice(n));
        const kernels = allKernels(arena);
        const work = arena.alloc(32);
        const attrs = [kind, n, 1.3, 0.7, 1.1] as const;
        kernels[single ? 'sbendElements' : 'bendElements'](...attrs, x.pointer, y.pointer, work);
        kernels[single ? 'sbendBackward' : 'bendBackward'](...attrs, x.pointer, g.pointer, d.pointer, work);
        return [...y.view, ...d.view];
      });
      expect(outcomes[1]).toEqual(outcomes[0]);
    }
  }
});
