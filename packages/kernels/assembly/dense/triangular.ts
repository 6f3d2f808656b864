// Solves with triangular matrices on either side, by halves that meet in the packed matrix product (as cholesky.ts), and
// products with symmetric matrices of which one triangle is read: what blocked factorisations do besides gemm.

import { axpy } from './level1';
import { addProduct } from './gemm';
import { gemv, gemvT } from './level2';

const BASE: i32 = 32;
/** Bytes of a packed block of BASE × BASE. */
const BLOCK: usize = 8192;

// @ts-ignore: decorator
@inline
function half(n: i32): i32 { return (n / 2 + 7) & ~7; }

/** Four columns at once: b[from ≤ i < to] −= l[i]·x, with l[i] and b[i] of i from on. */
// @ts-ignore: decorator
@inline
function subtract4(count: i32, l: usize, b: usize, ldb: usize, x0: f64, x1: f64, x2: f64, x3: f64): void {
  const v0 = f64x2.splat(x0), v1 = f64x2.splat(x1), v2 = f64x2.splat(x2), v3 = f64x2.splat(x3);
  let b1 = b + ldb, b2 = b1 + ldb, b3 = b2 + ldb;
  const end = b + (<usize>(count & ~1) << 3);
  while (b != end) {
    const u = v128.load(l);
    v128.store(b, f64x2.sub(v128.load(b), f64x2.mul(u, v0)));
    v128.store(b1, f64x2.sub(v128.load(b1), f64x2.mul(u, v1)));
    v128.store(b2, f64x2.sub(v128.load(b2), f64x2.mul(u, v2)));
    v128.store(b3, f64x2.sub(v128.load(b3), f64x2.mul(u, v3)));
    l += 16;
    b += 16;
    b1 += 16;
    b2 += 16;
    b3 += 16;
  }
  if (count & 1) {
    const u = load<f64>(l);
    store<f64>(b, load<f64>(b) - u * x0);
    store<f64>(b1, load<f64>(b1) - u * x1);
    store<f64>(b2, load<f64>(b2) - u * x2);
    store<f64>(b3, load<f64>(b3) - u * x3);
  }
}

/** B ← T⁻¹B for T of at most BASE rows with strides, copied to `block` first. */
function leftBase(
  lower: bool, unit: bool, m: i32, n: i32, T: usize, rs: usize, cs: usize, B: usize, ldb: usize, block: usize,
): void {
  for (let j = 0; j < m; j++) {
    let from = T + <usize>j * cs, to = block + (<usize>j << 8);
    for (let i = 0; i < m; i++) {
      store<f64>(to, load<f64>(from));
      from += rs;
      to += 8;
    }
  }
  let c = 0;
  for (; c < n; c += 4) {
    const whole = c + 4 <= n;
    for (let s = 0; s < m; s++) {
      const j = lower ? s : m - 1 - s;
      const column = block + (<usize>j << 8);
      const d = unit ? 1.0 : load<f64>(column + (<usize>j << 3));
      const count = lower ? m - 1 - j : j;
      const first = lower ? <usize>(j + 1) << 3 : 0;
      const at = B + <usize>c * ldb + (<usize>j << 3);
      if (whole) {
        const a1 = at + ldb, a2 = a1 + ldb, a3 = a2 + ldb;
        const x0 = load<f64>(at) / d, x1 = load<f64>(a1) / d, x2 = load<f64>(a2) / d, x3 = load<f64>(a3) / d;
        store<f64>(at, x0);
        store<f64>(a1, x1);
        store<f64>(a2, x2);
        store<f64>(a3, x3);
        subtract4(count, column + first, B + <usize>c * ldb + first, ldb, x0, x1, x2, x3);
      } else {
        for (let r = c; r < n; r++) {
          const b = B + <usize>r * ldb;
          const x = load<f64>(b + (<usize>j << 3)) / d;
          store<f64>(b + (<usize>j << 3), x);
          axpy(count, -x, column + first, b + first);
        }
      }
    }
  }
}

/** B ← B·T⁻¹ for T of at most BASE columns with strides: eight rows at a time stay in registers. */
function rightBase(
  lower: bool, unit: bool, m: i32, n: i32, T: usize, rs: usize, cs: usize, B: usize, ldb: usize,
): void {
  for (let i = 0; i < m; i += 8) {
    const rows = B + (<usize>i << 3);
    const whole = i + 8 <= m;
    for (let s = 0; s < n; s++) {
      const j = lower ? n - 1 - s : s;
      const to = rows + <usize>j * ldb;
      const k0 = lower ? j + 1 : 0, k1 = lower ? n : j;
      let from = rows + <usize>k0 * ldb, t = T + <usize>j * cs + <usize>k0 * rs;
      const d = unit ? 1.0 : load<f64>(T + <usize>j * (rs + cs));
      if (whole) {
        let s0 = v128.load(to), s1 = v128.load(to, 16), s2 = v128.load(to, 32), s3 = v128.load(to, 48);
        for (let k = k0; k < k1; k++) {
          const x = v128.load64_splat(t);
          s0 = f64x2.sub(s0, f64x2.mul(v128.load(from), x));
          s1 = f64x2.sub(s1, f64x2.mul(v128.load(from, 16), x));
          s2 = f64x2.sub(s2, f64x2.mul(v128.load(from, 32), x));
          s3 = f64x2.sub(s3, f64x2.mul(v128.load(from, 48), x));
          from += ldb;
          t += rs;
        }
        const e = f64x2.splat(d);
        v128.store(to, f64x2.div(s0, e));
        v128.store(to, f64x2.div(s1, e), 16);
        v128.store(to, f64x2.div(s2, e), 32);
        v128.store(to, f64x2.div(s3, e), 48);
      } else {
        for (let r: usize = 0; r < <usize>(m - i) << 3; r += 8) {
          let x = load<f64>(to + r);
          let f = from + r, u = t;
          for (let k = k0; k < k1; k++) {
            x -= load<f64>(f) * load<f64>(u);
            f += ldb;
            u += rs;
          }
          store<f64>(to + r, x / d);
        }
      }
    }
  }
}

function solveLeft(
  lower: bool, unit: bool, m: i32, n: i32, T: usize, rs: usize, cs: usize, B: usize, ldb: usize, work: usize,
): void {
  if (m <= BASE) {
    leftBase(lower, unit, m, n, T, rs, cs, B, ldb, work);
    return;
  }
  const h = half(m);
  const B2 = B + (<usize>h << 3), T22 = T + <usize>h * (rs + cs);
  if (lower) {
    solveLeft(lower, unit, h, n, T, rs, cs, B, ldb, work);
    addProduct<f64>(false, m - h, n, h, -1, T + <usize>h * rs, rs, cs, B, 8, ldb, B2, ldb, false, work + BLOCK);
    solveLeft(lower, unit, m - h, n, T22, rs, cs, B2, ldb, work);
  } else {
    solveLeft(lower, unit, m - h, n, T22, rs, cs, B2, ldb, work);
    addProduct<f64>(false, h, n, m - h, -1, T + <usize>h * cs, rs, cs, B2, 8, ldb, B, ldb, false, work + BLOCK);
    solveLeft(lower, unit, h, n, T, rs, cs, B, ldb, work);
  }
}

function solveRight(
  lower: bool, unit: bool, m: i32, n: i32, T: usize, rs: usize, cs: usize, B: usize, ldb: usize, work: usize,
): void {
  if (n <= BASE) {
    rightBase(lower, unit, m, n, T, rs, cs, B, ldb);
    return;
  }
  const h = half(n);
  const B2 = B + <usize>h * ldb, T22 = T + <usize>h * (rs + cs);
  if (lower) {
    solveRight(lower, unit, m, n - h, T22, rs, cs, B2, ldb, work);
    addProduct<f64>(false, m, h, n - h, -1, B2, 8, ldb, T + <usize>h * rs, rs, cs, B, ldb, false, work + BLOCK);
    solveRight(lower, unit, m, h, T, rs, cs, B, ldb, work);
  } else {
    solveRight(lower, unit, m, h, T, rs, cs, B, ldb, work);
    addProduct<f64>(false, m, n - h, h, -1, B, 8, ldb, T + <usize>h * cs, rs, cs, B2, ldb, false, work + BLOCK);
    solveRight(lower, unit, m, n - h, T22, rs, cs, B2, ldb, work);
  }
}

/** b ← op(T)⁻¹b for one vector, at the speed of memory: blocks on the diagonal, and products with what is beside them. */
function solveVector(lower: bool, trans: bool, unit: bool, m: i32, T: usize, ldt: i32, b: usize, work: usize): void {
  const ld = <usize>ldt << 3;
  const forward = lower != trans;
  const sums = work + BLOCK;
  const blocks = (m + BASE - 1) / BASE;
  for (let s = 0; s < blocks; s++) {
    const j = (forward ? s : blocks - 1 - s) * BASE;
    const k = min(BASE, m - j);
    const x = b + (<usize>j << 3);
    // Rows of T beside the block: beneath it in a lower triangle, above it in an upper one.
    const first = lower ? j + k : 0, count = lower ? m - j - k : j;
    const beside = T + <usize>j * ld + (<usize>first << 3), other = b + (<usize>first << 3);
    if (trans) {
      gemvT(count, k, beside, ldt, other, sums);
      for (let i: usize = 0; i < <usize>k << 3; i += 8) store<f64>(x + i, load<f64>(x + i) - load<f64>(sums + i));
    }
    const block = T + <usize>j * ld + (<usize>j << 3);
    leftBase(forward, unit, k, 1, block, trans ? ld : 8, trans ? 8 : ld, x, 0, work);
    if (!trans) gemv(count, k, -1, beside, ldt, x, 1, other);
  }
}

/**
 * B ← op(T)⁻¹B, or B·op(T)⁻¹ with `right`, for B m×n and a triangular T, `lower` or upper, transposed with `trans`; its
 * other triangle is not read, nor its diagonal with `unit`. A zero on the diagonal divides. `work` has gemmWorkBytes(m,
 * n, max(m, n)) + 8448 bytes. O(m²n), or O(mn²).
 */
export function triangularSolve(
  right: bool, lower: bool, trans: bool, unit: bool, m: i32, n: i32, T: usize, ldt: i32, B: usize, ldb: i32,
  work: usize,
): void {
  if (!right && n < 4) {
    for (let c = 0; c < n; c++) solveVector(lower, trans, unit, m, T, ldt, B + ((<usize>c * <usize>ldb) << 3), work);
    return;
  }
  const t = <usize>ldt << 3;
  const rs = trans ? t : 8, cs: usize = trans ? 8 : t;
  if (right) solveRight(lower != trans, unit, m, n, T, rs, cs, B, <usize>ldb << 3, work);
  else solveLeft(lower != trans, unit, m, n, T, rs, cs, B, <usize>ldb << 3, work);
}

/** C ← C + α·A·Bᵀ on and below the diagonal only; A and B n×k; `work` has gemmWorkBytes(n, n, k) bytes. O(n²k). */
export function addLower(
  n: i32, k: i32, alpha: f64, A: usize, lda: i32, B: usize, ldb: i32, C: usize, ldc: i32, work: usize,
): void {
  addProduct<f64>(
    true, n, n, k, alpha, A, 8, <usize>lda << 3, B, <usize>ldb << 3, 8, C, <usize>ldc << 3, false, work,
  );
}

/** A ← A + α·x·yᵀ, A m×n. O(mn). */
export function addOuter(m: i32, n: i32, alpha: f64, x: usize, y: usize, A: usize, lda: i32): void {
  for (let j = 0; j < n; j++) {
    axpy(m, alpha * load<f64>(y), x, A);
    y += 8;
    A += <usize>lda << 3;
  }
}

/** y ← Ax for a symmetric A of which the lower triangle is read, once. O(n²). */
export function symv(n: i32, A: usize, lda: i32, x: usize, y: usize): void {
  const column = <usize>lda << 3;
  memory.fill(y, 0, <usize>n << 3);
  let j = 0;
  for (; j + 4 <= n; j += 4) {
    const d = <usize>j << 3;
    // The triangle on the diagonal.
    for (let c = 0; c < 4; c++) {
      const at = A + <usize>(j + c) * column + d;
      const xc = load<f64>(x + d + (<usize>c << 3));
      let s = load<f64>(at + (<usize>c << 3)) * xc;
      for (let i = c + 1; i < 4; i++) {
        const a = load<f64>(at + (<usize>i << 3));
        const yi = y + d + (<usize>i << 3);
        s += a * load<f64>(x + d + (<usize>i << 3));
        store<f64>(yi, load<f64>(yi) + a * xc);
      }
      const yc = y + d + (<usize>c << 3);
      store<f64>(yc, load<f64>(yc) + s);
    }
    let c0 = A + <usize>j * column + d + 32, c1 = c0 + column, c2 = c1 + column, c3 = c2 + column;
    let u = x + d + 32, w = y + d + 32;
    const v0 = v128.load64_splat(x + d), v1 = v128.load64_splat(x + d + 8);
    const v2 = v128.load64_splat(x + d + 16), v3 = v128.load64_splat(x + d + 24);
    let p0 = f64x2.splat(0), p1 = p0, p2 = p0, p3 = p0;
    const rows = n - j - 4;
    const end = u + (<usize>(rows & ~1) << 3);
    while (u != end) {
      const xi = v128.load(u);
      let yi = v128.load(w);
      let a = v128.load(c0);
      yi = f64x2.add(yi, f64x2.mul(a, v0));
      p0 = f64x2.add(p0, f64x2.mul(a, xi));
      a = v128.load(c1);
      yi = f64x2.add(yi, f64x2.mul(a, v1));
      p1 = f64x2.add(p1, f64x2.mul(a, xi));
      a = v128.load(c2);
      yi = f64x2.add(yi, f64x2.mul(a, v2));
      p2 = f64x2.add(p2, f64x2.mul(a, xi));
      a = v128.load(c3);
      yi = f64x2.add(yi, f64x2.mul(a, v3));
      p3 = f64x2.add(p3, f64x2.mul(a, xi));
      v128.store(w, yi);
      c0 += 16;
      c1 += 16;
      c2 += 16;
      c3 += 16;
      u += 16;
      w += 16;
    }
    let s0 = f64x2.extract_lane(p0, 0) + f64x2.extract_lane(p0, 1);
    let s1 = f64x2.extract_lane(p1, 0) + f64x2.extract_lane(p1, 1);
    let s2 = f64x2.extract_lane(p2, 0) + f64x2.extract_lane(p2, 1);
    let s3 = f64x2.extract_lane(p3, 0) + f64x2.extract_lane(p3, 1);
    if (rows & 1) {
      const xi = load<f64>(u);
      const a0 = load<f64>(c0), a1 = load<f64>(c1), a2 = load<f64>(c2), a3 = load<f64>(c3);
      s0 += a0 * xi;
      s1 += a1 * xi;
      s2 += a2 * xi;
      s3 += a3 * xi;
      store<f64>(w, load<f64>(w) + a0 * load<f64>(x + d) + a1 * load<f64>(x + d, 8) + a2 * load<f64>(x + d, 16) + a3 * load<f64>(x + d, 24));
    }
    const yj = y + d;
    store<f64>(yj, load<f64>(yj) + s0);
    store<f64>(yj, load<f64>(yj, 8) + s1, 8);
    store<f64>(yj, load<f64>(yj, 16) + s2, 16);
    store<f64>(yj, load<f64>(yj, 24) + s3, 24);
  }
  for (; j < n; j++) {
    const at = A + <usize>j * column;
    const xj = load<f64>(x + (<usize>j << 3));
    let s = load<f64>(at + (<usize>j << 3)) * xj;
    for (let i = j + 1; i < n; i++) {
      const a = load<f64>(at + (<usize>i << 3));
      const yi = y + (<usize>i << 3);
      s += a * load<f64>(x + (<usize>i << 3));
      store<f64>(yi, load<f64>(yi) + a * xj);
    }
    const yj = y + (<usize>j << 3);
    store<f64>(yj, load<f64>(yj) + s);
  }
}
