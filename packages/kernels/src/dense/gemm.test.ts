import { expect, test } from 'vitest';
import { gemmWorkBytes } from '../index.ts';
import { engines, gamma, integers, padded, reals, TestArena, uniform, unitF32, unitF64 } from '../testing.ts';

// Below, at and above the tile (4 or 8 × 4), the blocks of rows (64), of depth (256) and of columns (1024).
const shapes: Array<[number, number, number]> = [
  [0, 3, 2],
  [3, 0, 2],
  [3, 2, 0],
  [1, 1, 1],
  [4, 4, 4],
  [5, 7, 3],
  [8, 4, 17],
  [13, 9, 300],
  [100, 6, 257],
  [131, 5, 259],
  [3, 1030, 2],
];
const guard = 12345;
const both = [false, true];

test.each(engines)('gemm and sgemm are exact on integers, both transposed or not (%s)', (engine) => {
  const random = uniform(11);
  const cases = shapes.flatMap((s) => both.flatMap((ta) => both.map((tb) => [s, ta, tb] as const)));
  cases.forEach(([[m, n, k], ta, tb], index) => {
    const pad = index % 3;
    const [alpha, beta] = [
      [1, 0],
      [-2, 1],
      [3, -1],
    ][index % 3];
    const a = integers(m * k, random); // op(A)[i, p] = a[p·m + i]
    const b = integers(k * n, random);
    const c = integers(m * n, random);
    const turn = (v: number[], rows: number, cols: number) =>
      Array.from({ length: rows * cols }, (_, at) => v[(at % cols) * rows + Math.floor(at / cols)]);
    const storedA = ta ? padded(turn(a, m, k), k, m, pad) : padded(a, m, k, pad);
    const storedB = tb ? padded(turn(b, k, n), n, k, pad) : padded(b, k, n, pad);
    const before = padded(c, m, n, pad).map((v) => (Number.isNaN(v) ? guard : v));
    const expected = [...before];
    for (let j = 0; j < n; j++) {
      for (let i = 0; i < m; i++) {
        let sum = 0;
        for (let p = 0; p < k; p++) sum += a[p * m + i] * b[j * k + p];
        expected[j * (m + pad) + i] = beta * c[j * m + i] + alpha * sum + 0;
      }
    }
    for (const kernel of ['gemm', 'sgemm'] as const) {
      const t = new TestArena(engine);
      const block = (v: number[]) => (kernel === 'gemm' ? t.f64(v) : t.f32(v));
      const C = block([...before, guard]);
      if (beta === 0) for (let j = 0; j < n; j++) for (let i = 0; i < m; i++) C.view[j * (m + pad) + i] = Number.NaN;
      const work = t.bytes(gemmWorkBytes(m, n, k));
      const sentinel = t.f64([guard]); // lies behind work: an overrun would show
      const lda = (ta ? k : m) + pad;
      const ldb = (tb ? n : k) + pad;
      const [A, B] = [block(storedA).pointer, block(storedB).pointer];
      t.kernels[kernel](ta, tb, m, n, k, alpha, A, lda, B, ldb, beta, C.pointer, m + pad, work);
      expect(C.view.findIndex((v, at) => v !== (at < expected.length ? expected[at] : guard))).toBe(-1);
      expect(sentinel.view[0]).toBe(guard);
      expect(t.end()).toBe(0);
    }
  });
});

test.each(engines)('random products stay within γ_k·|A||B| of the exact ones (%s)', (engine) => {
  const random = uniform(12);
  const [m, n, k] = [21, 10, 333];
  for (const [kernel, unit] of [
    ['gemm', unitF64],
    ['sgemm', unitF32],
  ] as const) {
    const t = new TestArena(engine);
    const block = (v: number[]) => (kernel === 'gemm' ? t.f64(v) : t.f32(v));
    const A = block(reals(m * k, random));
    const B = block(reals(k * n, random));
    const C = block(new Array(m * n).fill(0));
    const work = t.bytes(gemmWorkBytes(m, n, k));
    t.kernels[kernel](false, false, m, n, k, 1, A.pointer, m, B.pointer, k, 0, C.pointer, m, work);
    for (let j = 0; j < n; j++) {
      for (let i = 0; i < m; i++) {
        let sum = 0;
        let magnitude = 0;
        for (let p = 0; p < k; p++) {
          sum += A.view[p * m + i] * B.view[j * k + p];
          magnitude += Math.abs(A.view[p * m + i] * B.view[j * k + p]);
        }
        // The reference errs by γ in double precision itself; α and the addition to C round once more each.
        const bound = (gamma(k + 2, unit) + gamma(k)) * magnitude;
        expect(Math.abs(C.view[j * m + i] - sum)).toBeLessThanOrEqual(bound);
      }
    }
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('a block of columns has the bits of the whole product (%s)', (engine) => {
  const random = uniform(13);
  const t = new TestArena(engine);
  const [m, n, k] = [37, 23, 600];
  const A = t.f64(reals(m * k, random)).pointer;
  const B = t.f64(reals(n * k, random)).pointer;
  const [whole, parts] = [t.f64(new Array(m * n).fill(0)), t.f64(new Array(m * n).fill(0))];
  const work = t.bytes(gemmWorkBytes(m, n, k));
  t.kernels.gemm(true, false, m, n, k, 1, A, k, B, k, 0, whole.pointer, m, work);
  for (const [from, to] of [
    [0, 7],
    [7, 8],
    [8, 23],
  ]) {
    const columns = parts.pointer + from * m * 8;
    t.kernels.gemm(true, false, m, to - from, k, 1, A, k, B + from * k * 8, k, 0, columns, m, work);
  }
  expect(Array.from(parts.view)).toEqual(Array.from(whole.view));
  expect(t.end()).toBe(0);
});

test.each(engines)('syrk gives both triangles of AᵀA and of AAᵀ exactly on integers (%s)', (engine) => {
  const random = uniform(14);
  for (const [n, k] of [
    [0, 3],
    [3, 0],
    [1, 1],
    [5, 2],
    [66, 7],
    [131, 260],
    [1027, 1],
  ]) {
    const t = new TestArena(engine);
    const a = integers(n * k, random);
    const C = t.f64(padded(new Array(n * n).fill(Number.NaN), n, n, 1));
    const work = t.bytes(gemmWorkBytes(n, n, k));
    for (const trans of both) {
      const value = (i: number, p: number) => (trans ? a[p * n + i] : a[i * k + p]);
      const [stored, lda] = trans ? [padded(a, n, k, 2), n + 2] : [padded(a, k, n, 2), k + 2];
      t.kernels.syrk(trans, n, k, t.f64(stored).pointer, lda, C.pointer, n + 1, work);
      let wrong = 0;
      for (let j = 0; j < n; j++) {
        for (let i = 0; i < n; i++) {
          let sum = 0;
          for (let p = 0; p < k; p++) sum += value(i, p) * value(j, p);
          if (C.view[j * (n + 1) + i] !== sum) wrong++;
        }
        if (!Number.isNaN(C.view[j * (n + 1) + n])) wrong++; // the padding stays
      }
      expect(wrong).toBe(0);
    }
    expect(t.end()).toBe(0);
  }
});

/** Bit for bit, −0 told from 0: quicker than toEqual. */
const alike = (a: Float32Array, b: Float32Array) => a.length === b.length && a.every((v, at) => Object.is(v, b[at]));

// Three columns at a time, which is too few to look for zeros, have the bits of dense products.
test.each(engines)('zeros of B that are left out change no bit (%s)', (engine) => {
  const random = uniform(15);
  for (const [m, n, k, ta, tb, alpha, beta] of [
    [64, 40, 100, false, false, 1, 0],
    [64, 40, 100, true, true, -2, 1],
    [101, 23, 517, false, true, 1, 0.5],
    [19, 1030, 31, true, false, 0.3, 0],
    [256, 4, 600, true, false, 1, 1],
    [16, 1024, 17, false, true, 1, 0],
  ] as const) {
    const t = new TestArena(engine);
    const pad = 3;
    const [lda, ldb, ldc] = [(ta ? k : m) + pad, (tb ? n : k) + pad, m + pad];
    const A = t.f32(reals(lda * (ta ? m : k), random));
    const zeros = reals(ldb * (tb ? k : n), random).map((v) => (random() < 0.6 ? 0 * v : v));
    // A column, and a row, of zeros alone; one without.
    const place = (p: number, j: number) => (tb ? p * ldb + j : j * ldb + p);
    for (let p = 0; p < k; p++) zeros[place(p, 1)] = 0;
    for (let p = 0; p < k; p++) zeros[place(p, 2)] = 1 + random();
    for (let j = 0; j < n; j++) zeros[place(5, j)] = 0;
    const B = t.f32(zeros);
    const before = [...reals(ldc * n, random), guard];
    const [whole, parts] = [t.f32(before), t.f32(before)];
    const work = t.bytes(gemmWorkBytes(m, n, k));
    const sentinel = t.f64([guard]);
    const run = (from: number, to: number, C: number) =>
      t.kernels.sgemm(
        ...([ta, tb, m, to - from, k, alpha, A.pointer, lda, B.pointer + 4 * place(0, from), ldb, beta] as const),
        ...([C + 4 * from * ldc, ldc, work] as const),
      );
    run(0, n, whole.pointer);
    for (let j = 0; j < n; j += 3) run(j, Math.min(n, j + 3), parts.pointer);
    expect(alike(whole.view, parts.view)).toBe(true);
    expect(sentinel.view[0]).toBe(guard);
    // 0·∞ is not left out, in whichever vector it lies.
    for (const [i, bad] of [0, 5, 10, 15, m - 1].flatMap((row) => [
      [row, Number.POSITIVE_INFINITY],
      [row, Number.NaN],
    ])) {
      const at = ta ? i * lda + 5 : 5 * lda + i;
      const good = A.view[at];
      A.view[at] = bad;
      run(0, n, whole.pointer);
      let others = 0;
      for (let j = 0; j < n; j++) if (!Number.isNaN(whole.view[j * ldc + i])) others++;
      expect(others).toBe(0);
      A.view[at] = good;
    }
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('products by a packed matrix have the bits of sgemm (%s)', (engine) => {
  for (const [m, n, k] of shapes.filter(([m, n, k]) => m * n * k > 0)) {
    for (const transA of both) {
      const random = uniform(m + k);
      const t = new TestArena(engine);
      const pad = 2;
      const lda = (transA ? k : m) + pad;
      const A = t.f32(reals(lda * (transA ? m : k), random));
      const B = t.f32(reals((k + pad) * n, random));
      const [C, D] = [t.f32(new Array(m * n).fill(Number.NaN)), t.f32(new Array((m + pad) * n).fill(guard))];
      const work = t.bytes(gemmWorkBytes(m, n, k));
      const packed = t.f32([...new Array(Math.ceil(m / 8) * 8 * k).fill(0), guard]);
      t.kernels.sgemm(transA, false, m, n, k, 1, A.pointer, lda, B.pointer, k + pad, 0, C.pointer, m, work);
      t.kernels.sgemmPack(transA, m, k, A.pointer, lda, packed.pointer);
      expect(packed.view.at(-1)).toBe(guard);
      t.kernels.sgemmPacked(m, n, k, packed.pointer, B.pointer, k + pad, D.pointer, m + pad, work);
      const made = Array.from({ length: m * n }, (_, i) => D.view[Math.floor(i / m) * (m + pad) + (i % m)]);
      expect(made).toEqual([...C.view]);
      for (let j = 0; j < n; j++) expect(D.view[j * (m + pad) + m]).toBe(guard);
    }
  }
});
