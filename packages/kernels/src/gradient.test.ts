import { expect, test } from 'vitest';
import { engines, integers, reals, TestArena, uniform } from './testing.ts';

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

test.each(engines)('adam has the bits of its formulas (%s)', (engine) => {
  const random = uniform(23);
  for (const n of [0, 1, 2, 5, 8]) {
    const t = new TestArena(engine);
    const [g, m0, v0] = [reals(n, random), reals(n, random), reals(n, random).map(Math.abs)];
    const [m, v, direction] = [t.f64([...m0, guard]), t.f64([...v0, guard]), t.f64(new Array(n + 1).fill(guard))];
    const [b1, b2, c1, c2, epsilon] = [0.9, 0.99, 1.7, 2.3, 1e-3];
    t.kernels.adam(n, b1, b2, c1, c2, epsilon, t.f64(g).pointer, m.pointer, v.pointer, direction.pointer);
    const m1 = m0.map((x, k) => b1 * x + (1 - b1) * g[k]);
    const v1 = v0.map((x, k) => b2 * x + (1 - b2) * g[k] * g[k]);
    expect([...m.view]).toEqual([...m1, guard]);
    expect([...v.view]).toEqual([...v1, guard]);
    expect([...direction.view]).toEqual([...m1.map((x, k) => (c1 * x) / (Math.sqrt(c2 * v1[k]) + epsilon)), guard]);
    expect(t.end()).toBe(0);
  }
});
