import { createRequire } from 'node:module';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { AcceleratorError, Arena, accelerator, gemmWorkBytes, gramWorkBytes, useOpenBlas } from './index.ts';
import { allKernels, uniform } from './testing.ts';

// Test files run in threads that share one environment, where others would find what is asked for here.
const env: NodeJS.ProcessEnv = {};
vi.stubGlobal('process', Object.create(process, { env: { value: env } }));
afterAll(() => void vi.unstubAllGlobals());

/** Whether this machine has what the accelerator needs. */
function there(): boolean {
  try {
    createRequire(import.meta.url)('koffi');
    useOpenBlas();
    return true;
  } catch {
    return false;
  } finally {
    useOpenBlas(false);
  }
}

afterEach(() => {
  useOpenBlas(false);
});

test('a library that is not there, or is another, is said', () => {
  const none = '/nowhere/libopenblas.so';
  expect(() => useOpenBlas({ library: none })).toThrow(AcceleratorError);
  expect(accelerator()).toBeUndefined();
  expect(() => useOpenBlas({ threads: 0 })).toThrow(/at least 1, not 0/);
});

describe.skipIf(!there())('by an installed OpenBLAS (needs koffi and OpenBLAS)', () => {
  const sizes = [
    [40, 30, 70],
    [129, 65, 257],
    [1, 200, 300],
  ];
  const both = [false, true];

  /** What a kernel leaves in C: by the kernels, and by the library. */
  function ownAndOther(fill: (arena: Arena) => () => Float64Array): [Float64Array, Float64Array] {
    const of = () => {
      const arena = new Arena();
      return fill(arena)().slice();
    };
    const own = of();
    useOpenBlas();
    const other = of();
    useOpenBlas(false);
    return [own, other];
  }

  const filled = (arena: Arena, length: number, seed: number) => {
    const random = uniform(seed);
    const pointer = arena.alloc(8 * length);
    for (let i = 0; i < length; i++) arena.f64[pointer / 8 + i] = random() - 0.5;
    return pointer;
  };

  test('products are those of the kernels, up to rounding, with strides and both transposed or not', () => {
    for (const [m, n, k] of sizes) {
      for (const ta of both) {
        for (const tb of both) {
          const [own, other] = ownAndOther((arena) => () => {
            const [lda, ldb, ldc] = [(ta ? k : m) + 3, (tb ? n : k) + 1, m + 2];
            const A = filled(arena, lda * (ta ? m : k), 1);
            const B = filled(arena, ldb * (tb ? k : n), 2);
            const C = filled(arena, ldc * n, 3);
            const work = arena.alloc(gemmWorkBytes(m, n, k));
            allKernels(arena).gemm(ta, tb, m, n, k, -1.5, A, lda, B, ldb, 0.5, C, ldc, work);
            return arena.f64.subarray(C / 8, C / 8 + ldc * n);
          });
          expect(Math.max(...own.map((v, i) => Math.abs(v - other[i])))).toBeLessThan(1e-13);
          // It was another that made them.
          if (m > 1) expect(own).not.toEqual(other);
        }
      }
    }
  });

  test('Gram matrices have both triangles, of either side', () => {
    for (const trans of both) {
      const [n, k] = [61, 300];
      const [own, other] = ownAndOther((arena) => () => {
        const lda = (trans ? n : k) + 1;
        const A = filled(arena, lda * (trans ? k : n), 4);
        const C = filled(arena, n * n, 5);
        allKernels(arena).syrk(trans, n, k, A, lda, C, n, arena.alloc(gemmWorkBytes(n, n, k)));
        return arena.f64.subarray(C / 8, C / 8 + n * n);
      });
      expect(Math.max(...own.map((v, i) => Math.abs(v - other[i])))).toBeLessThan(1e-13);
    }
  });

  test.each([
    ['as they lie', 0, 0],
    ['centred and scaled, the last', 1, 7],
  ])('Gram columns, and products with a target, of columns %s', (_, centred, from) => {
    const [n, m] = [600, 90];
    const [own, other] = ownAndOther((arena) => () => {
      const list = arena.i32Block(m);
      for (let a = 0; a < m; a++) list.view[a] = centred ? m - 1 - a : a;
      const [X, G] = [filled(arena, n * m, 6), filled(arena, m * m, 7)];
      const [scale, means] = [filled(arena, m, 8), filled(arena, m, 9)];
      if (!centred) for (let a = 0; a < m; a++) [arena.f64[scale / 8 + a], arena.f64[means / 8 + a]] = [1, 0];
      const target = filled(arena, n + m, 10);
      const of = [list.pointer, X, n, scale, means, 0, 0.5, G, m, arena.alloc(gramWorkBytes(m)), target] as const;
      allKernels(arena).columnGram(n, m, from, ...of);
      return Float64Array.of(
        ...arena.f64.subarray(G / 8, G / 8 + m * m),
        ...arena.f64.subarray(target / 8, target / 8 + n + m),
      );
    });
    expect(Math.max(...own.map((v, i) => Math.abs(v - other[i])))).toBeLessThan(1e-12);
  });

  test('factors and triangular solves, and the first pivot that is none: negative, not a number', () => {
    useOpenBlas();
    const arena = new Arena();
    const n = 50;
    const work = arena.alloc(gemmWorkBytes(n, n, n));
    const A = arena.alloc(8 * n * n);
    const set = (spoil?: number) => {
      for (let j = 0; j < n; j++)
        for (let i = 0; i < n; i++) arena.f64[A / 8 + j * n + i] = i === j ? n : 1 / (1 + i + j);
      if (spoil !== undefined) arena.f64[A / 8 + 20 * n + 20] = spoil;
    };
    set();
    expect(allKernels(arena).potrf(n, A, n, work)).toBe(0);
    const L = (i: number, j: number) => arena.f64[A / 8 + j * n + i];
    for (const [i, j] of [
      [0, 0],
      [30, 7],
      [49, 49],
    ]) {
      let sum = 0;
      for (let p = 0; p <= j; p++) sum += L(i, p) * L(j, p);
      expect(sum).toBeCloseTo(i === j ? n : 1 / (1 + i + j), 12);
    }
    const B = filled(arena, 40 * n, 6);
    const before = arena.f64.slice(B / 8, B / 8 + 40 * n);
    allKernels(arena).trsm(40, n, A, n, B, 40, work);
    // B·Lᵀ gives what there was.
    for (const [i, j] of [
      [0, 0],
      [17, 33],
      [39, 49],
    ]) {
      let sum = 0;
      for (let p = 0; p <= j; p++) sum += arena.f64[B / 8 + p * 40 + i] * L(j, p);
      expect(sum).toBeCloseTo(before[j * 40 + i], 12);
    }
    for (const spoil of [-1, Number.NaN]) {
      set(spoil);
      expect(allKernels(arena).potrf(n, A, n, work)).toBe(21);
    }
  });

  test('it is on for matrices that were there before, and off again', () => {
    const arena = new Arena();
    const { kernels } = arena;
    expect(useOpenBlas()).toMatch(/^OpenBLAS \d/);
    expect(allKernels(arena).syrk).not.toBe(kernels.syrk);
    expect(env.SOUTHWELL_BLAS).toBe('openblas');
    expect(useOpenBlas(false)).toBeUndefined();
    expect(arena.kernels).toBe(kernels);
    expect(env.SOUTHWELL_BLAS).toBeUndefined();
  });
});
