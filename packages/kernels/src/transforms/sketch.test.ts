import { expect, test } from 'vitest';
import { engines, integers, padded, reals, TestArena, uniform } from '../testing.ts';

/** The sign of Sylvester's matrix: the parity of the bits that i and j share. */
const sign = (i: number, j: number): number => {
  let bits = i & j;
  let odd = 0;
  for (; bits > 0; bits >>= 1) odd ^= bits & 1;
  return odd ? -1 : 1;
};

test.each(engines)('the Hadamard transform is that of its matrix, and is its own inverse times n (%s)', (engine) => {
  const random = uniform(5);
  for (const n of [1, 2, 4, 8, 16, 32, 64, 256]) {
    const t = new TestArena(engine);
    const values = integers(n, random);
    const x = t.f64(values);
    t.kernels.hadamard(n, x.pointer);
    const wanted = values.map((_, i) => values.reduce((sum, v, j) => sum + sign(i, j) * v, 0));
    expect([...x.view]).toEqual(wanted);
    expect(wanted.reduce((s, v) => s + v * v, 0)).toBe(n * values.reduce((s, v) => s + v * v, 0));
    t.kernels.hadamard(n, x.pointer);
    expect([...x.view]).toEqual(values.map((v) => n * v));
    expect(t.end()).toBe(0);
  }
});

test('the compiled transform has the bits of the twin', () => {
  const [wasm, twin] = (['wasm', 'typescript'] as const).map((engine) => {
    const t = new TestArena(engine);
    return [1 << 13, 1 << 14].map((n) => {
      const x = t.f64(reals(n, uniform(n)));
      t.kernels.hadamard(n, x.pointer);
      return x.view.slice();
    });
  });
  expect(wasm).toEqual(twin);
});

test.each(engines)('rows are added to their places with their signs and scales (%s)', (engine) => {
  const random = uniform(9);
  for (const [m, n, per, rows] of [
    [1, 1, 1, 3],
    [7, 3, 2, 4],
    [12, 4, 3, 5],
    [33, 10, 4, 8],
    [0, 5, 2, 4],
  ]) {
    for (const scaled of [false, true]) {
      const t = new TestArena(engine);
      const [A, S] = [integers(m * n, random), integers(rows * n, random)];
      const scales = integers(m, random);
      const places = Array.from({ length: m * per }, () => Math.floor(random() * 2 * rows));
      const wanted = S.slice();
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          for (const place of places.slice(per * i, per * (i + 1))) {
            const by = (place % 2 ? -1 : 1) * (scaled ? scales[i] : 1);
            wanted[j * rows + Math.floor(place / 2)] += by * A[j * m + i];
          }
        }
      }
      const [from, to] = [t.f64(padded(A, m, n, 3)), t.f64(padded(S, rows, n, 2))];
      const scale = scaled ? t.f64(scales).pointer : 0;
      const where = t.i32(places).pointer;
      const work = t.bytes(32 * rows);
      t.kernels.scatterRows(m, n, per, where, scale, from.pointer, m + 3, rows, to.pointer, rows + 2, work);
      expect([...to.view]).toEqual(padded(wanted, rows, n, 2));
      expect(t.end()).toBe(0);
    }
  }
});
