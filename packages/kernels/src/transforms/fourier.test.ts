import { expect, test } from 'vitest';
import { engines, reals, TestArena, uniform } from '../testing.ts';

test.each(engines)('passes are those of the definition, for any radices (%s)', (engine) => {
  const random = uniform(31);
  for (const radices of [[], [2], [3], [4], [5, 3], [4, 4, 2], [4, 3, 7], [31], [4, 5, 5]]) {
    const n = radices.reduce((a, b) => a * b, 1);
    const t = new TestArena(engine);
    const values = reals(2 * n, random);
    const turn = (k: number) => (2 * Math.PI * k) / n;
    const roots = t.f64(
      Array.from({ length: 2 * n }, (_, i) => (i % 2 ? -Math.sin(turn((i - 1) / 2)) : Math.cos(turn(i / 2)))),
    );
    const [x, y] = [t.f64(values), t.f64(new Array(2 * n).fill(0))];
    const plan = t.i32(radices);
    const where = t.kernels.fourierPasses(n, plan.pointer, radices.length, roots.pointer, x.pointer, y.pointer);
    expect(where).toBe(radices.length % 2);
    const found = where === 0 ? x.view : y.view;
    for (let k = 0; k < n; k++) {
      let [re, im] = [0, 0];
      for (let j = 0; j < n; j++) {
        const [c, s] = [Math.cos(turn((j * k) % n)), -Math.sin(turn((j * k) % n))];
        re += values[2 * j] * c - values[2 * j + 1] * s;
        im += values[2 * j] * s + values[2 * j + 1] * c;
      }
      expect(found[2 * k]).toBeCloseTo(re, 12);
      expect(found[2 * k + 1]).toBeCloseTo(im, 12);
    }
    expect(t.end()).toBe(0);
  }
});

test('the compiled passes have the bits of the twin', () => {
  const results = (['wasm', 'typescript'] as const).map((engine) => {
    const random = uniform(7);
    const t = new TestArena(engine);
    const n = 4 * 4 * 2 * 3 * 5;
    const [roots, x, y] = [t.f64(reals(2 * n, random)), t.f64(reals(2 * n, random)), t.f64(reals(2 * n, random))];
    t.kernels.fourierPasses(n, t.i32([4, 4, 2, 3, 5]).pointer, 5, roots.pointer, x.pointer, y.pointer);
    return [x.view.slice(), y.view.slice()];
  });
  expect(results[0]).toEqual(results[1]);
});
