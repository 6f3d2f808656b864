import { expect, test } from 'vitest';
import { gemmWorkBytes } from '../index.ts';
import { engines, gamma, reals, TestArena, uniform } from '../testing.ts';

const sizes = [0, 1, 2, 7, 8, 31, 32, 33, 47, 64, 65, 100, 201];

/** BᵀB + n·I, column-major n × n: well conditioned. */
function positiveDefinite(n: number, random: () => number): number[] {
  const b = reals(n * n, random);
  const a = new Array<number>(n * n);
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = i === j ? n : 0;
      for (let k = 0; k < n; k++) sum += b[i * n + k] * b[j * n + k];
      a[j * n + i] = a[i * n + j] = sum;
    }
  }
  return a;
}

/** The lower triangle in a leading dimension of n + pad; all else is NaN, which a correct kernel leaves alone. */
function lower(a: ArrayLike<number>, n: number, pad: number, cols = n): number[] {
  const out = new Array<number>((n + pad) * cols).fill(Number.NaN);
  for (let j = 0; j < n; j++) for (let i = j; i < n; i++) out[j * (n + pad) + i] = a[j * n + i];
  return out;
}

/** max over i ≥ j of |A − LLᵀ| / (|L||Lᵀ|), elementwise. */
function backwardError(n: number, L: ArrayLike<number>, ldl: number, a: (i: number, j: number) => number): number {
  let worst = 0;
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = 0;
      let magnitude = 0;
      for (let k = 0; k <= j; k++) {
        const p = L[k * ldl + i] * L[k * ldl + j];
        sum += p;
        magnitude += Math.abs(p);
      }
      const error = Math.abs(a(i, j) - sum) / magnitude;
      if (!(error <= worst)) worst = error;
    }
  }
  return worst;
}

test.each(engines)('potrf: |A − LLᵀ| ≤ γ_{n+1}|L||Lᵀ|, the upper triangle untouched (%s)', (engine) => {
  const random = uniform(21);
  for (const n of sizes) {
    const t = new TestArena(engine);
    const a = positiveDefinite(n, random);
    const L = t.f64(lower(a, n, 3));
    expect(t.kernels.potrf(n, L.pointer, n + 3, t.bytes(gemmWorkBytes(n, n, n)))).toBe(0);
    // Higham, theorem 10.3; the check itself adds up to n rounded products.
    const bound = gamma(n + 1) + gamma(n + 1);
    expect(backwardError(n, L.view, n + 3, (i, j) => a[j * n + i])).toBeLessThanOrEqual(bound);
    let touched = 0;
    for (let j = 0; j < n; j++) for (let i = 0; i < j; i++) if (!Number.isNaN(L.view[j * (n + 3) + i])) touched++;
    expect(touched).toBe(0);
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('potrf of min(i, j) is the triangle of ones, exactly (%s)', (engine) => {
  for (const n of [1, 5, 40, 150]) {
    const t = new TestArena(engine);
    const a = Array.from({ length: n * n }, (_, at) => Math.min(at % n, Math.floor(at / n)) + 1);
    const L = t.f64(lower(a, n, 0));
    expect(t.kernels.potrf(n, L.pointer, n, t.bytes(gemmWorkBytes(n, n, n)))).toBe(0);
    expect(Array.from(L.view)).toEqual(lower(new Array(n * n).fill(1), n, 0));
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('potrf of the Hilbert matrix has its closed-form factor (%s)', (engine) => {
  // L[i][j] = √(2j+1) · (i!)² / ((i+j+1)! (i−j)!), rows and columns from 0.
  const factorial = (k: number): number => (k < 2 ? 1 : k * factorial(k - 1));
  const n = 6;
  const t = new TestArena(engine);
  const L = t.f64(
    lower(
      Array.from({ length: n * n }, (_, at) => 1 / ((at % n) + Math.floor(at / n) + 1)),
      n,
      0,
    ),
  );
  expect(t.kernels.potrf(n, L.pointer, n, t.bytes(gemmWorkBytes(n, n, n)))).toBe(0);
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      const exact = (Math.sqrt(2 * j + 1) * factorial(i) ** 2) / (factorial(i + j + 1) * factorial(i - j));
      // The condition number is 1.5e7.
      expect(Math.abs(L.view[j * n + i] - exact)).toBeLessThanOrEqual(1.5e7 * n * 2 ** -53 * Math.abs(exact) * 10);
    }
  }
  expect(t.end()).toBe(0);
});

test.each(engines)('potrf names the first pivot that is not positive (%s)', (engine) => {
  for (const n of [1, 5, 40, 130]) {
    for (const at of [0, Math.floor(n / 2), n - 1]) {
      for (const bad of ['negative', 'zero', 'NaN']) {
        const t = new TestArena(engine);
        // min(i, j) with one diagonal entry lowered: its pivot is 1 − 1 = 0, or 1 − 2 = −1, exactly.
        const a = Array.from({ length: n * n }, (_, k) => Math.min(k % n, Math.floor(k / n)) + 1);
        a[at * n + at] = bad === 'NaN' ? Number.NaN : a[at * n + at] - (bad === 'zero' ? 1 : 2);
        const L = t.f64(lower(a, n, 1));
        expect(t.kernels.potrf(n, L.pointer, n + 1, t.bytes(gemmWorkBytes(n, n, n)))).toBe(at + 1);
        expect(t.end()).toBe(0);
      }
    }
  }
});

test.each(engines)('trsm divides by Lᵀ from the right, exactly on unit triangles (%s)', (engine) => {
  const random = uniform(22);
  for (const [m, n] of [
    [0, 3],
    [3, 0],
    [1, 1],
    [9, 33],
    [17, 70],
  ]) {
    const t = new TestArena(engine);
    // L is the triangle of ones, so X·Lᵀ has running sums of the columns of X.
    const x = Array.from({ length: m * n }, () => Math.floor(random() * 19) - 9);
    const b = x.map((_, at) => {
      let sum = 0;
      for (let k = 0; k <= Math.floor(at / m); k++) sum += x[k * m + (at % m)];
      return sum;
    });
    const L = t.f64(lower(new Array(n * n).fill(1), n, 0));
    const B = t.f64(b);
    t.kernels.trsm(m, n, L.pointer, n, B.pointer, m, t.bytes(gemmWorkBytes(m, n, n)));
    expect(Array.from(B.view, (v) => v + 0)).toEqual(x.map((v) => v + 0));
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('cholSolve has a small residual (%s)', (engine) => {
  const random = uniform(23);
  for (const n of sizes) {
    const t = new TestArena(engine);
    const a = positiveDefinite(n, random);
    const L = t.f64(lower(a, n, 2));
    t.kernels.potrf(n, L.pointer, n + 2, t.bytes(gemmWorkBytes(n, n, n)));
    const b = reals(n, random);
    const x = t.f64(b);
    t.kernels.cholSolve(n, L.pointer, n + 2, x.pointer);
    let outside = 0;
    for (let i = 0; i < n; i++) {
      let residual = -b[i];
      let scale = Math.abs(b[i]);
      for (let j = 0; j < n; j++) {
        residual += a[j * n + i] * x.view[j];
        // Higham, theorem 10.4: |b − Ax| ≤ γ_{3n+1}|L||Lᵀ||x|; row i of |L||Lᵀ| is at most √(a_ii a_jj).
        scale += Math.sqrt(a[i * n + i] * a[j * n + j]) * Math.abs(x.view[j]);
      }
      if (!(Math.abs(residual) <= gamma(4 * n + 2) * scale)) outside++;
    }
    expect(outside).toBe(0);
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('cholDelete and cholAppend give factors of the smaller and the larger matrix (%s)', (engine) => {
  const random = uniform(24);
  for (const n of [1, 2, 5, 33, 60]) {
    for (const k of [0, Math.floor(n / 2), n - 1]) {
      const t = new TestArena(engine);
      const a = positiveDefinite(n, random);
      const ldl = n + 1;
      const L = t.f64(lower(a, n, 1));
      t.kernels.potrf(n, L.pointer, ldl, t.bytes(gemmWorkBytes(n, n, n)));
      t.kernels.cholDelete(n, L.pointer, ldl, k);
      const kept = Array.from({ length: n }, (_, i) => i).filter((i) => i !== k);
      const bound = 10 * gamma(n + 1);
      const order = [...kept, k];
      const entry = (i: number, j: number) => a[order[j] * n + order[i]];
      expect(backwardError(n - 1, L.view, ldl, entry)).toBeLessThanOrEqual(bound);
      for (let j = 0; j < n - 1; j++) expect(L.view[j * ldl + j]).toBeGreaterThan(0);

      // Appending what was deleted gives the factor of the matrix with row and column k moved to the end.
      const column = t.f64(order.map((i) => a[k * n + i]));
      const pivot = t.kernels.cholAppend(n - 1, L.pointer, ldl, column.pointer);
      expect(pivot).toBeGreaterThan(0);
      expect(L.view[(n - 1) * ldl + n - 1]).toBe(Math.sqrt(pivot));
      expect(backwardError(n, L.view, ldl, entry)).toBeLessThanOrEqual(bound);
      expect(t.end()).toBe(0);
    }
  }
});

test.each(engines)('cholAppend refuses a dependent column and writes nothing (%s)', (engine) => {
  const t = new TestArena(engine);
  const L = t.f64([1, 1, 7, Number.NaN, 1, 7, 7, 7, 7]); // the factor of [[1, 1], [1, 2]] in a 3 × 3
  const before = Array.from(L.view);
  expect(t.kernels.cholAppend(2, L.pointer, 3, t.f64([1, 2, 2]).pointer)).toBe(0);
  expect(t.kernels.cholAppend(2, L.pointer, 3, t.f64([1, 2, 1]).pointer)).toBe(-1);
  expect(Array.from(L.view)).toEqual(before);
  expect(t.kernels.cholAppend(2, L.pointer, 3, t.f64([1, 2, 3]).pointer)).toBe(1);
  expect(Array.from(L.view)).toEqual([1, 1, 1, Number.NaN, 1, 1, 7, 7, 1]);
  expect(t.end()).toBe(0);
});
