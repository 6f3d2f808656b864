import { expect, test } from 'vitest';
import { engines, reals, TestArena, uniform } from './testing.ts';

test.each(engines)('nonnegativeDescent ends where the KKT conditions hold (%s)', (engine) => {
  const random = uniform(3);
  for (const k of [1, 2, 3, 7, 16, 33]) {
    const t = new TestArena(engine);
    const m = k + 5;
    const A = reals(m * k, random);
    const ldg = k + 1;
    const gram = new Array<number>(ldg * k).fill(Number.NaN);
    for (let a = 0; a < k; a++) {
      for (let b = 0; b < k; b++) {
        let sum = 0;
        for (let i = 0; i < m; i++) sum += A[a * m + i] * A[b * m + i];
        gram[a * ldg + b] = sum;
      }
    }
    const count = 5;
    const c = reals(count * k, random);
    const start = Array.from({ length: count * k }, () => Math.max(0, random() - 0.5));
    const G = t.f64(gram);
    const W = t.f64(start);
    const residual = (w: ArrayLike<number>, i: number, a: number) => {
      let q = c[i * k + a];
      for (let b = 0; b < k; b++) q -= gram[a * ldg + b] * w[i * k + b];
      return q;
    };
    const Q = t.f64(c.map((_, at) => residual(start, Math.floor(at / k), at % k)));
    const passes = t.kernels.nonnegativeDescent(count, k, G.pointer, ldg, Q.pointer, W.pointer, 20_000, 1e-18);
    expect(passes).toBeGreaterThanOrEqual(count);
    for (let i = 0; i < count; i++) {
      for (let a = 0; a < k; a++) {
        const q = residual(W.view, i, a);
        expect(Q.view[i * k + a]).toBeCloseTo(q, 10);
        expect(W.view[i * k + a]).toBeGreaterThanOrEqual(0);
        if (W.view[i * k + a] > 0) expect(Math.abs(q)).toBeLessThan(1e-6);
        else expect(q).toBeLessThan(1e-6);
      }
    }
    expect(t.end()).toBe(0);
  }
});

test.each(engines)(
  'nonnegativeDescent treats coordinates without curvature and stops early when asked (%s)',
  (engine) => {
    const t = new TestArena(engine);
    const G = t.f64([0, 0, 0, 2]);
    const W = t.f64([5, 1]);
    const Q = t.f64([1, 4]);
    expect(t.kernels.nonnegativeDescent(1, 2, G.pointer, 2, Q.pointer, W.pointer, 50, 0.5)).toBe(2);
    expect([...W.view]).toEqual([5, 3]);
    expect([...Q.view]).toEqual([1, 0]);
    expect(t.end()).toBe(0);
  },
);

test.each(engines)('products of a dense and a sparse matrix agree with their definition (%s)', (engine) => {
  const random = uniform(4);
  for (const k of [1, 2, 5, 8, 11, 19]) {
    const t = new TestArena(engine);
    const [rows, cols] = [9, 7];
    const dense = Array.from({ length: rows * cols }, () => (random() < 0.4 ? Math.floor(random() * 9) - 4 : 0));
    const pointers = [0];
    const indices: number[] = [];
    const values: number[] = [];
    for (let j = 0; j < cols; j++) {
      for (let i = 0; i < rows; i++) {
        if (dense[j * rows + i] === 0) continue;
        indices.push(i);
        values.push(dense[j * rows + i]);
      }
      pointers.push(indices.length);
    }
    const X = [t.i32(pointers).pointer, t.i32(indices).pointer, t.f64(values).pointer] as const;
    const b = Array.from({ length: k * 9 }, () => Math.floor(random() * 9) - 4);
    const B = t.f64(b);
    const Y = t.f64(new Array<number>(k * cols).fill(Number.NaN));
    t.kernels.cscLeftProduct(k, cols, ...X, B.pointer, Y.pointer);
    const T = t.f64(new Array<number>(k * rows).fill(Number.NaN));
    t.kernels.cscLeftProductT(k, rows, cols, ...X, B.pointer, T.pointer);
    for (let a = 0; a < k; a++) {
      for (let j = 0; j < cols; j++) {
        let sum = 0;
        for (let i = 0; i < rows; i++) sum += b[i * k + a] * dense[j * rows + i];
        expect(Y.view[j * k + a]).toBe(sum);
      }
      for (let i = 0; i < rows; i++) {
        let sum = 0;
        for (let j = 0; j < cols; j++) sum += b[j * k + a] * dense[j * rows + i];
        expect(T.view[i * k + a]).toBe(sum);
      }
    }
    expect(t.end()).toBe(0);
  }
});
