// Matrix-vector products, f64, column-major. Whatever reads a column in full adds it up in one fixed order, so that a
// column's sum does not depend on its neighbours, on a subset or on the number of threads.

import { axpy } from './level1';

// Rows of y that stay in the first-level cache while columns stream past.
const ROWS = 2048;

/** Four columns times x: each vector of x is loaded once. */
// @ts-ignore: decorator
@inline
function dot4(m: i32, c0: usize, c1: usize, c2: usize, c3: usize, x: usize, y: usize): void {
  let p0 = f64x2.splat(0), p1 = f64x2.splat(0), p2 = f64x2.splat(0), p3 = f64x2.splat(0);
  let q0 = f64x2.splat(0), q1 = f64x2.splat(0), q2 = f64x2.splat(0), q3 = f64x2.splat(0);
  // Offsets from one moving pointer would cost an addition a load; four pointers moving together cost four a round.
  const end = x + (<usize>(m & ~3) << 3);
  while (x != end) {
    const u = v128.load(x);
    p0 = f64x2.add(p0, f64x2.mul(v128.load(c0), u));
    p1 = f64x2.add(p1, f64x2.mul(v128.load(c1), u));
    p2 = f64x2.add(p2, f64x2.mul(v128.load(c2), u));
    p3 = f64x2.add(p3, f64x2.mul(v128.load(c3), u));
    const v = v128.load(x, 16);
    q0 = f64x2.add(q0, f64x2.mul(v128.load(c0, 16), v));
    q1 = f64x2.add(q1, f64x2.mul(v128.load(c1, 16), v));
    q2 = f64x2.add(q2, f64x2.mul(v128.load(c2, 16), v));
    q3 = f64x2.add(q3, f64x2.mul(v128.load(c3, 16), v));
    x += 32;
    c0 += 32;
    c1 += 32;
    c2 += 32;
    c3 += 32;
  }
  p0 = f64x2.add(p0, q0);
  p1 = f64x2.add(p1, q1);
  p2 = f64x2.add(p2, q2);
  p3 = f64x2.add(p3, q3);
  let s0 = f64x2.extract_lane(p0, 0) + f64x2.extract_lane(p0, 1);
  let s1 = f64x2.extract_lane(p1, 0) + f64x2.extract_lane(p1, 1);
  let s2 = f64x2.extract_lane(p2, 0) + f64x2.extract_lane(p2, 1);
  let s3 = f64x2.extract_lane(p3, 0) + f64x2.extract_lane(p3, 1);
  for (let i = m & ~3; i < m; i++) {
    const u = load<f64>(x);
    s0 += load<f64>(c0) * u;
    s1 += load<f64>(c1) * u;
    s2 += load<f64>(c2) * u;
    s3 += load<f64>(c3) * u;
    x += 8;
    c0 += 8;
    c1 += 8;
    c2 += 8;
    c3 += 8;
  }
  store<f64>(y, s0);
  store<f64>(y, s1, 8);
  store<f64>(y, s2, 16);
  store<f64>(y, s3, 24);
}

/** One column times x, in the order of dot4. */
function dot1(m: i32, c: usize, x: usize): f64 {
  let p = f64x2.splat(0), q = f64x2.splat(0);
  const end = x + (<usize>(m & ~3) << 3);
  while (x != end) {
    p = f64x2.add(p, f64x2.mul(v128.load(c), v128.load(x)));
    q = f64x2.add(q, f64x2.mul(v128.load(c, 16), v128.load(x, 16)));
    x += 32;
    c += 32;
  }
  p = f64x2.add(p, q);
  let s = f64x2.extract_lane(p, 0) + f64x2.extract_lane(p, 1);
  for (let i = m & ~3; i < m; i++) {
    s += load<f64>(c) * load<f64>(x);
    x += 8;
    c += 8;
  }
  return s;
}

/** y ← Aᵀx. */
export function gemvT(m: i32, n: i32, A: usize, lda: i32, x: usize, y: usize): void {
  const column = <usize>lda << 3;
  let j = 0;
  for (; j + 4 <= n; j += 4) {
    dot4(m, A, A + column, A + 2 * column, A + 3 * column, x, y);
    A += 4 * column;
    y += 32;
  }
  for (; j < n; j++) {
    store<f64>(y, dot1(m, A, x));
    A += column;
    y += 8;
  }
}

/** y[t] ← A[:, columns[t]]ᵀx for t < k. */
export function gemvTSubset(m: i32, k: i32, columns: usize, A: usize, lda: i32, x: usize, y: usize): void {
  const column = <usize>lda << 3;
  let t = 0;
  for (; t + 4 <= k; t += 4) {
    const c0 = A + <usize>load<i32>(columns) * column;
    const c1 = A + <usize>load<i32>(columns, 4) * column;
    const c2 = A + <usize>load<i32>(columns, 8) * column;
    const c3 = A + <usize>load<i32>(columns, 12) * column;
    dot4(m, c0, c1, c2, c3, x, y);
    columns += 16;
    y += 32;
  }
  for (; t < k; t++) {
    store<f64>(y, dot1(m, A + <usize>load<i32>(columns) * column, x));
    columns += 4;
    y += 8;
  }
}

/** Dot products with r, in the order of dot4, and sums of squares of two columns. */
// @ts-ignore: decorator
@inline
function stats2(m: i32, c: usize, d: usize, x: usize, dots: usize, squares: usize, both: bool): void {
  let p = f64x2.splat(0), q = f64x2.splat(0), v = f64x2.splat(0), w = f64x2.splat(0);
  let e = f64x2.splat(0), f = f64x2.splat(0), g = f64x2.splat(0), h = f64x2.splat(0);
  const end = x + (<usize>(m & ~3) << 3);
  while (x != end) {
    const r0 = v128.load(x), r1 = v128.load(x, 16);
    const c0 = v128.load(c), c1 = v128.load(c, 16);
    p = f64x2.add(p, f64x2.mul(c0, r0));
    q = f64x2.add(q, f64x2.mul(c1, r1));
    v = f64x2.add(v, f64x2.mul(c0, c0));
    w = f64x2.add(w, f64x2.mul(c1, c1));
    const d0 = v128.load(d), d1 = v128.load(d, 16);
    e = f64x2.add(e, f64x2.mul(d0, r0));
    f = f64x2.add(f, f64x2.mul(d1, r1));
    g = f64x2.add(g, f64x2.mul(d0, d0));
    h = f64x2.add(h, f64x2.mul(d1, d1));
    x += 32;
    c += 32;
    d += 32;
  }
  p = f64x2.add(p, q);
  v = f64x2.add(v, w);
  e = f64x2.add(e, f);
  g = f64x2.add(g, h);
  let s = f64x2.extract_lane(p, 0) + f64x2.extract_lane(p, 1);
  let t = f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
  let S = f64x2.extract_lane(e, 0) + f64x2.extract_lane(e, 1);
  let T = f64x2.extract_lane(g, 0) + f64x2.extract_lane(g, 1);
  for (let i = m & ~3; i < m; i++) {
    const r = load<f64>(x), a = load<f64>(c), b = load<f64>(d);
    s += a * r;
    t += a * a;
    S += b * r;
    T += b * b;
    x += 8;
    c += 8;
    d += 8;
  }
  store<f64>(dots, s);
  store<f64>(squares, t);
  if (both) {
    store<f64>(dots, S, 8);
    store<f64>(squares, T, 8);
  }
}

/** dots[j] ← A[:,j]ᵀr (as gemvT would) and squares[j] ← A[:,j]ᵀA[:,j], in one pass. */
export function columnStats(m: i32, n: i32, A: usize, lda: i32, r: usize, dots: usize, squares: usize): void {
  const column = <usize>lda << 3;
  for (let j = 0; j < n; j += 2) {
    const both = j + 1 < n;
    stats2(m, A, both ? A + column : A, r, dots, squares, both);
    A += 2 * column;
    dots += 16;
    squares += 16;
  }
}

/** y ← y + a₀c₀ + a₁c₁ + a₂c₂ + a₃c₃, added from left to right as four calls of axpy would. */
// @ts-ignore: decorator
@inline
function axpy4(m: i32, a0: f64, a1: f64, a2: f64, a3: f64, c0: usize, c1: usize, c2: usize, c3: usize, y: usize): void {
  const v0 = f64x2.splat(a0), v1 = f64x2.splat(a1), v2 = f64x2.splat(a2), v3 = f64x2.splat(a3);
  const end = y + (<usize>(m & ~3) << 3);
  while (y != end) {
    let s = f64x2.add(v128.load(y), f64x2.mul(v0, v128.load(c0)));
    let t = f64x2.add(v128.load(y, 16), f64x2.mul(v0, v128.load(c0, 16)));
    s = f64x2.add(s, f64x2.mul(v1, v128.load(c1)));
    t = f64x2.add(t, f64x2.mul(v1, v128.load(c1, 16)));
    s = f64x2.add(s, f64x2.mul(v2, v128.load(c2)));
    t = f64x2.add(t, f64x2.mul(v2, v128.load(c2, 16)));
    s = f64x2.add(s, f64x2.mul(v3, v128.load(c3)));
    t = f64x2.add(t, f64x2.mul(v3, v128.load(c3, 16)));
    v128.store(y, s);
    v128.store(y, t, 16);
    y += 32;
    c0 += 32;
    c1 += 32;
    c2 += 32;
    c3 += 32;
  }
  for (let i = m & ~3; i < m; i++) {
    store<f64>(y, load<f64>(y) + a0 * load<f64>(c0) + a1 * load<f64>(c1) + a2 * load<f64>(c2) + a3 * load<f64>(c3));
    y += 8;
    c0 += 8;
    c1 += 8;
    c2 += 8;
    c3 += 8;
  }
}

/** y ← βy; β = 0 clears, whatever y held. */
export function scaleVector(n: i32, beta: f64, y: usize): void {
  if (beta == 0) {
    memory.fill(y, 0, <usize>n << 3);
  } else if (beta != 1) {
    for (let i = 0; i < n; i++) {
      store<f64>(y, beta * load<f64>(y));
      y += 8;
    }
  }
}

// @ts-ignore: decorator
@inline
function nextNonZero(j: i32, n: i32, x: usize): i32 {
  while (j < n && load<f64>(x + (<usize>j << 3)) == 0) j++;
  return j;
}

/** y ← αAx + βy; columns whose x[j] is zero are not read. */
export function gemv(m: i32, n: i32, alpha: f64, A: usize, lda: i32, x: usize, beta: f64, y: usize): void {
  scaleVector(m, beta, y);
  const column = <usize>lda << 3;
  for (let i = 0; i < m; i += ROWS) {
    const rows = min(ROWS, m - i);
    const block = A + (<usize>i << 3), out = y + (<usize>i << 3);
    let j = nextNonZero(0, n, x);
    while (j < n) {
      const j0 = j;
      const j1 = nextNonZero(j0 + 1, n, x);
      const j2 = nextNonZero(j1 + 1, n, x);
      const j3 = nextNonZero(j2 + 1, n, x);
      const a0 = alpha * load<f64>(x + (<usize>j0 << 3));
      if (j3 < n) {
        const a1 = alpha * load<f64>(x + (<usize>j1 << 3));
        const a2 = alpha * load<f64>(x + (<usize>j2 << 3));
        const a3 = alpha * load<f64>(x + (<usize>j3 << 3));
        const c0 = block + <usize>j0 * column, c1 = block + <usize>j1 * column;
        const c2 = block + <usize>j2 * column, c3 = block + <usize>j3 * column;
        axpy4(rows, a0, a1, a2, a3, c0, c1, c2, c3, out);
        j = nextNonZero(j3 + 1, n, x);
      } else {
        axpy(rows, a0, block + <usize>j0 * column, out);
        j = j1;
      }
    }
  }
}
