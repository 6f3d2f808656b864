import { expect, test } from 'vitest';
import { engines, reals, TestArena, uniform } from '../testing.ts';

test.each(engines)(
  'a sweep is a similarity by an orthogonal matrix and keeps the form of Hessenberg (%s)',
  (engine) => {
    const random = uniform(5);
    for (const n of [2, 3, 4, 7, 20]) {
      const t = new TestArena(engine);
      const h = reals(n * n, random);
      for (let j = 0; j < n; j++) for (let i = j + 2; i < n; i++) h[j * n + i] = 0;
      const I = new Array(n * n).fill(0);
      for (let j = 0; j < n; j++) I[j * (n + 1)] = 1;
      const [H, Z] = [t.f64(h), t.f64(I)];
      const kept = t.bytes(32 * n);
      t.kernels.francisSweep(0, n - 1, 0.3, -0.2, 0.1, H.pointer, n, 0, n, kept);
      t.kernels.applyKept(n, n - 1, kept, Z.pointer, n);
      for (let j = 0; j < n; j++) {
        for (let i = 0; i < n; i++) {
          if (i > j + 1) expect(H.view[j * n + i]).toBe(0);
          let [gram, left, right] = [0, 0, 0];
          for (let k = 0; k < n; k++) {
            gram += Z.view[i * n + k] * Z.view[j * n + k];
            left += h[k * n + i] * Z.view[j * n + k]; // (A Z)[i, j]
            right += Z.view[k * n + i] * H.view[j * n + k]; // (Z H)[i, j]
          }
          expect(gram).toBeCloseTo(i === j ? 1 : 0, 13);
          expect(left).toBeCloseTo(right, 13);
        }
      }
      expect(t.end()).toBe(0);
    }
  },
);

test('WebAssembly sweeps as its twin does', () => {
  const results = engines.map((engine) => {
    const random = uniform(6);
    const t = new TestArena(engine);
    const [n, low, high] = [12, 3, 9];
    const h = reals(n * n, random);
    for (let j = 0; j < n; j++) for (let i = j + 2; i < n; i++) h[j * n + i] = 0;
    [h[2 * n + 3], h[9 * n + 10]] = [0, 0];
    const rows = 37;
    const [H, Z] = [t.f64(h), t.f64(reals(rows * n, random))];
    const kept = t.f64(new Array(4 * n).fill(0));
    t.kernels.francisSweep(low, high, 1, 0.5, 0.25, H.pointer, n, low, high + 1, kept.pointer);
    // After the sweep a rotation of columns 2 and 3, and one reflector that does nothing.
    kept.view.set([2.5, 0.6, 0.8, 0], 4 * (high - low));
    kept.view.set([1.25, 0, 0, 0], 4 * (high - low + 1));
    t.kernels.applyKept(rows, high - low + 2, kept.pointer, Z.pointer, rows);
    return [...H.view, ...Z.view];
  });
  for (const other of results.slice(1)) expect(other).toEqual(results[0]);
});

test.each(engines)('rotate turns pairs (%s)', (engine) => {
  const random = uniform(7);
  for (const n of [0, 1, 2, 7]) {
    const t = new TestArena(engine);
    const [x, y] = [reals(n, random), reals(n, random)];
    const [X, Y] = [t.f64(x), t.f64(y)];
    t.kernels.rotate(n, X.pointer, Y.pointer, 0.6, 0.8);
    expect([...X.view]).toEqual(x.map((v, i) => 0.6 * v + 0.8 * y[i]));
    expect([...Y.view]).toEqual(x.map((v, i) => 0.6 * y[i] - 0.8 * v));
    expect(t.end()).toBe(0);
  }
});
