import { expect, test } from 'vitest';
import { engines, integers, reals, TestArena, uniform } from '../testing.ts';

const guard = 12345;

test.each(engines)('squares are exact (%s)', (engine) => {
  const random = uniform(21);
  for (const n of [0, 1, 3, 4, 7, 8, 13]) {
    const t = new TestArena(engine);
    const x = reals(n, random);
    const y = t.f64(new Array(n + 1).fill(guard));
    t.kernels.squares(n, -3, t.f64(x).pointer, y.pointer);
    expect([...y.view]).toEqual([...x.map((v) => -3 * (v * v)), guard]);
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('signs and a transposed product are added, exactly on integers (%s)', (engine) => {
  const random = uniform(22);
  for (const n of [0, 1, 2, 3, 6, 9]) {
    const t = new TestArena(engine);
    const [w, m, g] = [integers(n * n, random), integers(n * n, random), integers(n * n, random)];
    if (n > 1) {
      w[0] = 0;
      w[1] = -0;
    }
    const G = t.f64([...g, guard]);
    t.kernels.addSignsAndTransposed(n, 5, -2, t.f64(w).pointer, t.f64(m).pointer, G.pointer);
    const expected = g.map((v, at) => {
      const [j, i] = [Math.floor(at / n), at % n];
      return v + 5 * Math.sign(w[at]) - 2 * w[at] * m[i * n + j] + 0;
    });
    expect(Array.from(G.view, (v) => v + 0)).toEqual([...expected, guard]);
    expect(t.end()).toBe(0);
  }
});
