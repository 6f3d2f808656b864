// Cholesky factorisation A = LLᵀ, lower triangle, f64. Recursive: halves meet in the packed matrix product, so that
// no block size needs choosing (Gustavson, "Recursion leads to automatic variable blocking for dense linear-algebra
// algorithms", IBM J. R&D 41(6), 1997).

import { axpy, dot } from './level1';
import { addProduct } from './gemm';

const BASE: i32 = 32;

// @ts-ignore: decorator
@inline
function half(n: i32): i32 { return (n / 2 + 7) & ~7; }

/** Factors a small block column by column; 0 or the first bad pivot, counted from 1. */
function potrfBase(n: i32, A: usize, lda: usize): i32 {
  for (let j = 0; j < n; j++) {
    const column = A + <usize>j * lda + (<usize>j << 3);
    for (let k = 0; k < j; k++) {
      const row = A + <usize>k * lda + (<usize>j << 3);
      axpy(n - j, -load<f64>(row), row, column);
    }
    const pivot = load<f64>(column);
    if (!(pivot > 0)) return j + 1;
    const root = Math.sqrt(pivot);
    store<f64>(column, root);
    for (let i = 1; i < n - j; i++) store<f64>(column + (<usize>i << 3), load<f64>(column + (<usize>i << 3)) / root);
  }
  return 0;
}

/** B ← B·L⁻ᵀ for n columns of at most BASE: eight rows at a time stay in registers. */
function trsmBase(m: i32, n: i32, L: usize, ldl: usize, B: usize, ldb: usize): void {
  let i = 0;
  for (; i + 8 <= m; i += 8) {
    const rows = B + (<usize>i << 3);
    for (let j = 0; j < n; j++) {
      const to = rows + <usize>j * ldb;
      let s0 = v128.load(to), s1 = v128.load(to, 16), s2 = v128.load(to, 32), s3 = v128.load(to, 48);
      let from = rows, l = L + (<usize>j << 3);
      for (let k = 0; k < j; k++) {
        const x = v128.load64_splat(l);
        s0 = f64x2.sub(s0, f64x2.mul(v128.load(from), x));
        s1 = f64x2.sub(s1, f64x2.mul(v128.load(from, 16), x));
        s2 = f64x2.sub(s2, f64x2.mul(v128.load(from, 32), x));
        s3 = f64x2.sub(s3, f64x2.mul(v128.load(from, 48), x));
        from += ldb;
        l += ldl;
      }
      const d = v128.load64_splat(l);
      v128.store(to, f64x2.div(s0, d));
      v128.store(to, f64x2.div(s1, d), 16);
      v128.store(to, f64x2.div(s2, d), 32);
      v128.store(to, f64x2.div(s3, d), 48);
    }
  }
  for (; i < m; i++) {
    const row = B + (<usize>i << 3);
    for (let j = 0; j < n; j++) {
      const to = row + <usize>j * ldb;
      let s = load<f64>(to);
      let from = row, l = L + (<usize>j << 3);
      for (let k = 0; k < j; k++) {
        s -= load<f64>(from) * load<f64>(l);
        from += ldb;
        l += ldl;
      }
      store<f64>(to, s / load<f64>(l));
    }
  }
}

/** B ← B·L⁻ᵀ for B m × n. */
function solveRight(m: i32, n: i32, L: usize, ldl: usize, B: usize, ldb: usize, work: usize): void {
  if (n <= BASE) {
    trsmBase(m, n, L, ldl, B, ldb);
    return;
  }
  const h = half(n), at = <usize>h << 3;
  const B2 = B + <usize>h * ldb;
  solveRight(m, h, L, ldl, B, ldb, work);
  addProduct<f64>(false, m, n - h, h, -1, B, 8, ldb, L + at, ldl, 8, B2, ldb, false, work);
  solveRight(m, n - h, L + <usize>h * ldl + at, ldl, B2, ldb, work);
}

function factor(n: i32, A: usize, lda: usize, work: usize): i32 {
  if (n <= BASE) return potrfBase(n, A, lda);
  const h = half(n), at = <usize>h << 3;
  const bad = factor(h, A, lda, work);
  if (bad != 0) return bad;
  const A21 = A + at, A22 = A21 + <usize>h * lda;
  solveRight(n - h, h, A, lda, A21, lda, work);
  addProduct<f64>(true, n - h, n - h, h, -1, A21, 8, lda, A21, lda, 8, A22, lda, false, work);
  const rest = factor(n - h, A22, lda, work);
  return rest == 0 ? 0 : h + rest;
}

/**
 * A ← L with A = LLᵀ; reads and writes the lower triangle only. Returns 0, or the first pivot, counted from 1, that is
 * not positive (NaN included); A is then partly overwritten. `work` has gemmWorkBytes(n, n, n) bytes. O(n³/3).
 */
export function potrf(n: i32, A: usize, lda: i32, work: usize): i32 {
  return factor(n, A, <usize>lda << 3, work);
}

/** B ← B·L⁻ᵀ for B m×n and L n×n lower triangular; `work` has gemmWorkBytes(m, n, n) bytes. O(mn²). */
export function trsm(m: i32, n: i32, L: usize, ldl: i32, B: usize, ldb: i32, work: usize): void {
  solveRight(m, n, L, <usize>ldl << 3, B, <usize>ldb << 3, work);
}

/** b ← L⁻¹b. O(n²). */
export function forwardSolve(n: i32, L: usize, ldl: i32, b: usize): void {
  const step = (<usize>ldl << 3) + 8;
  for (let j = 0; j < n; j++) {
    const x = load<f64>(b) / load<f64>(L);
    store<f64>(b, x);
    if (x != 0) axpy(n - j - 1, -x, L + 8, b + 8);
    L += step;
    b += 8;
  }
}

/** b ← L⁻ᵀb. O(n²). */
export function backwardSolve(n: i32, L: usize, ldl: i32, b: usize): void {
  const step = (<usize>ldl << 3) + 8;
  for (let j = n - 1; j >= 0; j--) {
    const column = L + <usize>j * step, at = b + (<usize>j << 3);
    store<f64>(at, (load<f64>(at) - dot(n - j - 1, column + 8, at + 8)) / load<f64>(column));
  }
}

/** b ← (LLᵀ)⁻¹b. O(n²). */
export function cholSolve(n: i32, L: usize, ldl: i32, b: usize): void {
  forwardSolve(n, L, ldl, b);
  backwardSolve(n, L, ldl, b);
}

/**
 * From the n×n factor L of a matrix to that of the matrix without row and column k (from 0), in place and compact,
 * (n−1)×(n−1) in the same leading dimension; the last row and column hold rubbish after. O((n−k)² + kn).
 */
export function cholDelete(n: i32, L: usize, ldl: i32, k: i32): void {
  const column = <usize>ldl << 3;
  for (let j = 0; j < k; j++) {
    const at = L + <usize>j * column + (<usize>k << 3);
    memory.copy(at, at + 8, <usize>(n - k - 1) << 3);
  }
  for (let j = k + 1; j < n; j++) {
    // l, the column to be cleared, lies in column j − 1 and moves to column j; the rotated column takes its place, one
    // row higher.
    let l = L + <usize>(j - 1) * column + (<usize>j << 3);
    let x = L + <usize>j * column + (<usize>j << 3);
    const a = load<f64>(x), b = load<f64>(l);
    const r = hypot(a, b), c = a / r, s = b / r;
    store<f64>(l - 8, r);
    for (let i = j + 1; i < n; i++) {
      l += 8;
      x += 8;
      const u = load<f64>(x), v = load<f64>(l);
      store<f64>(l - 8, c * u + s * v);
      store<f64>(x, c * v - s * u);
    }
  }
}

/** √(a² + b²) without overflow. */
function hypot(a: f64, b: f64): f64 {
  const x = Math.max(Math.abs(a), Math.abs(b)), y = Math.min(Math.abs(a), Math.abs(b));
  if (x == 0) return 0;
  const t = y / x;
  return x * Math.sqrt(1 + t * t);
}

/**
 * Appends row and column n to the factor: `column` has the n inner products with the old ones and then the new
 * diagonal, and is overwritten; ldl > n. Returns the square of the new pivot; if it is not positive, L is unchanged.
 * O(n²).
 */
export function cholAppend(n: i32, L: usize, ldl: i32, column: usize): f64 {
  forwardSolve(n, L, ldl, column);
  const last = column + (<usize>n << 3);
  const pivot = load<f64>(last) - dot(n, column, column);
  if (pivot > 0) {
    const step = <usize>ldl << 3;
    store<f64>(last, Math.sqrt(pivot));
    let at = L + (<usize>n << 3);
    for (let j = 0; j <= n; j++) {
      store<f64>(at, load<f64>(column + (<usize>j << 3)));
      at += step;
    }
  }
  return pivot;
}
