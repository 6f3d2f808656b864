// Matrix-vector products, column-major, written once for f64 and f32. Whatever reads a column in full adds it up in one
// fixed order, so that a column's sum does not depend on its neighbours, on a subset or on the number of threads.

// Rows of y that stay in the first-level cache while columns stream past.
const ROWS = 2048;

// Rows that a round of a loop takes: two vectors.
// @ts-ignore: decorator
@inline
function STEP<T>(): i32 { return 32 / sizeof<T>(); }

// @ts-ignore: decorator
@inline
function sumLanes<T>(v: v128): T {
  if (sizeof<T>() == 8) return <T>(f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1));
  return <T>(f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3)));
}

/** Four columns times x: each vector of x is loaded once. */
// @ts-ignore: decorator
@inline
function dot4<T>(m: i32, c0: usize, c1: usize, c2: usize, c3: usize, x: usize, y: usize): void {
  let p0 = v128.splat<T>(0), p1 = v128.splat<T>(0), p2 = v128.splat<T>(0), p3 = v128.splat<T>(0);
  let q0 = v128.splat<T>(0), q1 = v128.splat<T>(0), q2 = v128.splat<T>(0), q3 = v128.splat<T>(0);
  const end = x + (<usize>(m & ~(STEP<T>() - 1)) << alignof<T>());
  while (x != end) {
    const u = v128.load(x);
    p0 = v128.add<T>(p0, v128.mul<T>(v128.load(c0), u));
    p1 = v128.add<T>(p1, v128.mul<T>(v128.load(c1), u));
    p2 = v128.add<T>(p2, v128.mul<T>(v128.load(c2), u));
    p3 = v128.add<T>(p3, v128.mul<T>(v128.load(c3), u));
    const v = v128.load(x, 16);
    q0 = v128.add<T>(q0, v128.mul<T>(v128.load(c0, 16), v));
    q1 = v128.add<T>(q1, v128.mul<T>(v128.load(c1, 16), v));
    q2 = v128.add<T>(q2, v128.mul<T>(v128.load(c2, 16), v));
    q3 = v128.add<T>(q3, v128.mul<T>(v128.load(c3, 16), v));
    x += 32;
    c0 += 32;
    c1 += 32;
    c2 += 32;
    c3 += 32;
  }
  p0 = v128.add<T>(p0, q0);
  p1 = v128.add<T>(p1, q1);
  p2 = v128.add<T>(p2, q2);
  p3 = v128.add<T>(p3, q3);
  let s0 = sumLanes<T>(p0);
  let s1 = sumLanes<T>(p1);
  let s2 = sumLanes<T>(p2);
  let s3 = sumLanes<T>(p3);
  for (let i = m & ~(STEP<T>() - 1); i < m; i++) {
    const u = load<T>(x);
    s0 += load<T>(c0) * u;
    s1 += load<T>(c1) * u;
    s2 += load<T>(c2) * u;
    s3 += load<T>(c3) * u;
    x += sizeof<T>();
    c0 += sizeof<T>();
    c1 += sizeof<T>();
    c2 += sizeof<T>();
    c3 += sizeof<T>();
  }
  store<T>(y, s0);
  store<T>(y, s1, sizeof<T>());
  store<T>(y, s2, 2 * sizeof<T>());
  store<T>(y, s3, 3 * sizeof<T>());
}

/** One column times x, in the order of dot4. */
function dot1<T>(m: i32, c: usize, x: usize): T {
  let p = v128.splat<T>(0), q = v128.splat<T>(0);
  const end = x + (<usize>(m & ~(STEP<T>() - 1)) << alignof<T>());
  while (x != end) {
    p = v128.add<T>(p, v128.mul<T>(v128.load(c), v128.load(x)));
    q = v128.add<T>(q, v128.mul<T>(v128.load(c, 16), v128.load(x, 16)));
    x += 32;
    c += 32;
  }
  p = v128.add<T>(p, q);
  let s = sumLanes<T>(p);
  for (let i = m & ~(STEP<T>() - 1); i < m; i++) {
    s += load<T>(c) * load<T>(x);
    x += sizeof<T>();
    c += sizeof<T>();
  }
  return s;
}

/** y ← Aᵀx. */
function columnDots<T>(m: i32, n: i32, A: usize, lda: i32, x: usize, y: usize): void {
  const column = <usize>lda << alignof<T>();
  let j = 0;
  for (; j + 4 <= n; j += 4) {
    dot4<T>(m, A, A + column, A + 2 * column, A + 3 * column, x, y);
    A += 4 * column;
    y += 4 * sizeof<T>();
  }
  for (; j < n; j++) {
    store<T>(y, dot1<T>(m, A, x));
    A += column;
    y += sizeof<T>();
  }
}

/** y[t] ← A[:, columns[t]]ᵀx for t < k, equal to gemvT's bit for bit; `columns` points to i32. O(mk). */
export function gemvTSubset(m: i32, k: i32, columns: usize, A: usize, lda: i32, x: usize, y: usize): void {
  const column = <usize>lda << alignof<f64>();
  let t = 0;
  for (; t + 4 <= k; t += 4) {
    const c0 = A + <usize>load<i32>(columns) * column;
    const c1 = A + <usize>load<i32>(columns, 4) * column;
    const c2 = A + <usize>load<i32>(columns, 8) * column;
    const c3 = A + <usize>load<i32>(columns, 12) * column;
    dot4<f64>(m, c0, c1, c2, c3, x, y);
    columns += 16;
    y += 4 * sizeof<f64>();
  }
  for (; t < k; t++) {
    store<f64>(y, dot1<f64>(m, A + <usize>load<i32>(columns) * column, x));
    columns += 4;
    y += sizeof<f64>();
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

/** dots[j] ← A[:,j]ᵀr, equal to gemvT's bit for bit, and squares[j] ← ‖A[:,j]‖², in one pass. O(mn). */
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

/** sums[t] ← Σ d_i x_i and squares[t] ← Σ d_i x_i² for the k listed columns x of A, in one pass. O(mk). */
export function weightedStats(
  m: i32, k: i32, columns: usize, A: usize, lda: i32, d: usize, sums: usize, squares: usize,
): void {
  for (let t = 0; t < k; t++) {
    let x = A + ((<usize>load<i32>(columns) * <usize>lda) << 3);
    let w = d;
    let s = f64x2.splat(0), q = s, u = s, p = s;
    const end = w + (<usize>(m & ~3) << 3);
    while (w != end) {
      const x0 = v128.load(x), x1 = v128.load(x, 16);
      const w0 = f64x2.mul(v128.load(w), x0), w1 = f64x2.mul(v128.load(w, 16), x1);
      s = f64x2.add(s, w0);
      q = f64x2.add(q, f64x2.mul(w0, x0));
      u = f64x2.add(u, w1);
      p = f64x2.add(p, f64x2.mul(w1, x1));
      x += 32;
      w += 32;
    }
    s = f64x2.add(s, u);
    q = f64x2.add(q, p);
    let sum = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
    let square = f64x2.extract_lane(q, 0) + f64x2.extract_lane(q, 1);
    for (let i = m & ~3; i < m; i++) {
      const wx = load<f64>(w) * load<f64>(x);
      sum += wx;
      square += wx * load<f64>(x);
      x += 8;
      w += 8;
    }
    store<f64>(sums, sum);
    store<f64>(squares, square);
    columns += 4;
    sums += 8;
    squares += 8;
  }
}

/** B (n×m) ← Aᵀ for A m×n, in blocks that the first-level cache holds; they may not overlap. O(mn). */
export function transpose(m: i32, n: i32, A: usize, lda: i32, B: usize, ldb: i32): void {
  const a = <usize>lda << 3, b = <usize>ldb << 3;
  for (let jb = 0; jb < n; jb += 32) {
    const jEnd = min(n, jb + 32);
    for (let ib = 0; ib < m; ib += 32) {
      const iEnd = min(m, ib + 32);
      for (let i = ib; i < iEnd; i++) {
        let from = A + <usize>jb * a + (<usize>i << 3), to = B + <usize>i * b + (<usize>jb << 3);
        for (let j = jb; j < jEnd; j++) {
          store<f64>(to, load<f64>(from));
          from += a;
          to += 8;
        }
      }
    }
  }
}

/** y ← y + a₀c₀ + a₁c₁ + a₂c₂ + a₃c₃, added from left to right as four calls of axpy would. */
// @ts-ignore: decorator
@inline
function axpy4<T>(
  m: i32, a0: T, a1: T, a2: T, a3: T, c0: usize, c1: usize, c2: usize, c3: usize, y: usize,
): void {
  const v0 = v128.splat<T>(a0), v1 = v128.splat<T>(a1), v2 = v128.splat<T>(a2), v3 = v128.splat<T>(a3);
  const end = y + (<usize>(m & ~(STEP<T>() - 1)) << alignof<T>());
  while (y != end) {
    let s = v128.add<T>(v128.load(y), v128.mul<T>(v0, v128.load(c0)));
    let t = v128.add<T>(v128.load(y, 16), v128.mul<T>(v0, v128.load(c0, 16)));
    s = v128.add<T>(s, v128.mul<T>(v1, v128.load(c1)));
    t = v128.add<T>(t, v128.mul<T>(v1, v128.load(c1, 16)));
    s = v128.add<T>(s, v128.mul<T>(v2, v128.load(c2)));
    t = v128.add<T>(t, v128.mul<T>(v2, v128.load(c2, 16)));
    s = v128.add<T>(s, v128.mul<T>(v3, v128.load(c3)));
    t = v128.add<T>(t, v128.mul<T>(v3, v128.load(c3, 16)));
    v128.store(y, s);
    v128.store(y, t, 16);
    y += 32;
    c0 += 32;
    c1 += 32;
    c2 += 32;
    c3 += 32;
  }
  for (let i = m & ~(STEP<T>() - 1); i < m; i++) {
    store<T>(y, load<T>(y) + a0 * load<T>(c0) + a1 * load<T>(c1) + a2 * load<T>(c2) + a3 * load<T>(c3));
    y += sizeof<T>();
    c0 += sizeof<T>();
    c1 += sizeof<T>();
    c2 += sizeof<T>();
    c3 += sizeof<T>();
  }
}

/** y ← y + a·c. */
function axpy1<T>(m: i32, a: T, c: usize, y: usize): void {
  const v = v128.splat<T>(a);
  const end = y + (<usize>(m & ~(STEP<T>() - 1)) << alignof<T>());
  while (y != end) {
    v128.store(y, v128.add<T>(v128.load(y), v128.mul<T>(v, v128.load(c))));
    v128.store(y, v128.add<T>(v128.load(y, 16), v128.mul<T>(v, v128.load(c, 16))), 16);
    y += 32;
    c += 32;
  }
  for (let i = m & ~(STEP<T>() - 1); i < m; i++) {
    store<T>(y, load<T>(y) + a * load<T>(c));
    y += sizeof<T>();
    c += sizeof<T>();
  }
}

/** y ← βy; β = 0 clears, whatever y held. */
function scaleVector<T>(n: i32, beta: T, y: usize): void {
  if (beta == 0) {
    memory.fill(y, 0, <usize>n << alignof<T>());
  } else if (beta != 1) {
    for (let i = 0; i < n; i++) {
      store<T>(y, beta * load<T>(y));
      y += sizeof<T>();
    }
  }
}

// @ts-ignore: decorator
@inline
function nextNonZero<T>(j: i32, n: i32, x: usize): i32 {
  while (j < n && load<T>(x + (<usize>j << alignof<T>())) == 0) j++;
  return j;
}

/** y ← αAx + βy; columns whose x[j] is zero are not read. */
function addColumns<T>(m: i32, n: i32, alpha: T, A: usize, lda: i32, x: usize, beta: T, y: usize): void {
  scaleVector<T>(m, beta, y);
  const column = <usize>lda << alignof<T>();
  for (let i = 0; i < m; i += ROWS) {
    const rows = min(ROWS, m - i);
    const block = A + (<usize>i << alignof<T>()), out = y + (<usize>i << alignof<T>());
    let j = nextNonZero<T>(0, n, x);
    while (j < n) {
      const j0 = j;
      const j1 = nextNonZero<T>(j0 + 1, n, x);
      const j2 = nextNonZero<T>(j1 + 1, n, x);
      const j3 = nextNonZero<T>(j2 + 1, n, x);
      const a0 = alpha * load<T>(x + (<usize>j0 << alignof<T>()));
      if (j3 < n) {
        const a1 = alpha * load<T>(x + (<usize>j1 << alignof<T>()));
        const a2 = alpha * load<T>(x + (<usize>j2 << alignof<T>()));
        const a3 = alpha * load<T>(x + (<usize>j3 << alignof<T>()));
        const c0 = block + <usize>j0 * column, c1 = block + <usize>j1 * column;
        const c2 = block + <usize>j2 * column, c3 = block + <usize>j3 * column;
        axpy4<T>(rows, a0, a1, a2, a3, c0, c1, c2, c3, out);
        j = nextNonZero<T>(j3 + 1, n, x);
      } else {
        axpy1<T>(rows, a0, block + <usize>j0 * column, out);
        j = j1;
      }
    }
  }
}

/** y ← αAx + βy, A m×n. Columns with x[j] = 0 are not read; β = 0 overwrites y whatever it held. O(mn). */
export function gemv(m: i32, n: i32, alpha: f64, A: usize, lda: i32, x: usize, beta: f64, y: usize): void {
  addColumns<f64>(m, n, alpha, A, lda, x, beta, y);
}

/** As {@link gemv}, in single precision throughout. */
export function sgemv(m: i32, n: i32, alpha: f32, A: usize, lda: i32, x: usize, beta: f32, y: usize): void {
  addColumns<f32>(m, n, alpha, A, lda, x, beta, y);
}

/** y ← Aᵀx, A m×n. Each column is added up in one fixed order, alone or among others. O(mn). */
export function gemvT(m: i32, n: i32, A: usize, lda: i32, x: usize, y: usize): void {
  columnDots<f64>(m, n, A, lda, x, y);
}

/** As {@link gemvT}, in single precision throughout. */
export function sgemvT(m: i32, n: i32, A: usize, lda: i32, x: usize, y: usize): void {
  columnDots<f32>(m, n, A, lda, x, y);
}
