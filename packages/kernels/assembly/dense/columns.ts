// What the columns of a dense matrix hold, and matrices of some of its rows.

// @ts-ignore: decorator
@inline
function lane0(v: v128): f64 { return f64x2.extract_lane(v, 0); }
// @ts-ignore: decorator
@inline
function lane1(v: v128): f64 { return f64x2.extract_lane(v, 1); }

/**
 * out[5j…] ← of the finite values of A[:,j] the largest, the smallest, how many are not zero, their sum, and the sum of squares
 * of what is left of them without their mean. O(mn).
 */
export function columnSpreads(m: i32, n: i32, A: usize, lda: i32, out: usize): void {
  const zero = f64x2.splat(0), rows = <usize>(m & ~3) << 3, all = <usize>m << 3;
  for (let j = 0; j < n; j++) {
    let p = A;
    const body = A + rows, end = A + all;
    let a = zero, b = zero, empty = zero;
    let most = f64x2.splat(-Infinity), least = f64x2.splat(Infinity);
    while (p != body) {
      const v = v128.load(p), w = v128.load(p, 16);
      a = f64x2.add(a, v);
      b = f64x2.add(b, w);
      most = f64x2.pmax(f64x2.pmax(most, v), w);
      least = f64x2.pmin(f64x2.pmin(least, v), w);
      // A comparison that holds is −1.
      empty = i64x2.add(empty, i64x2.add(f64x2.eq(v, zero), f64x2.eq(w, zero)));
      p += 32;
    }
    let s0 = lane0(a), count = m + <i32>(i64x2.extract_lane(empty, 0) + i64x2.extract_lane(empty, 1));
    let large = max<f64>(lane0(most), lane1(most)), small = min<f64>(lane0(least), lane1(least));
    for (; p != end; p += 8) {
      const v = load<f64>(p);
      s0 += v;
      if (v > large) large = v;
      if (v < small) small = v;
      if (v == 0) count--;
    }
    const sum = s0 + lane1(a) + (lane0(b) + lane1(b)), mean = sum / <f64>m, means = f64x2.splat(mean);
    a = b = zero;
    p = A;
    while (p != body) {
      const v = f64x2.sub(v128.load(p), means), w = f64x2.sub(v128.load(p, 16), means);
      a = f64x2.add(a, f64x2.mul(v, v));
      b = f64x2.add(b, f64x2.mul(w, w));
      p += 32;
    }
    s0 = lane0(a);
    for (; p != end; p += 8) {
      const v = load<f64>(p) - mean;
      s0 += v * v;
    }
    store<f64>(out, large);
    store<f64>(out, small, 8);
    store<f64>(out, <f64>count, 16);
    store<f64>(out, sum, 24);
    store<f64>(out, s0 + lane1(a) + (lane0(b) + lane1(b)), 32);
    out += 40;
    A += <usize>lda << 3;
  }
}

/**
 * out[4j…] += of A[:,j] how many are numbers, whole or infinite, and not zero (NaN is not); and 0, or NaN where one is not finite.
 * O(mn).
 */
export function columnFacts(m: i32, n: i32, A: usize, lda: i32, out: usize): void {
  const zero = f64x2.splat(0), rows = <usize>(m & ~1) << 3;
  for (let j = 0; j < n; j++) {
    let p = A;
    const body = A + rows;
    let known = zero, whole = zero, empty = zero, finite = zero;
    while (p != body) {
      const v = v128.load(p);
      // A comparison that holds is −1.
      known = i64x2.sub(known, f64x2.eq(v, v));
      whole = i64x2.sub(whole, f64x2.eq(v, f64x2.floor(v)));
      empty = i64x2.sub(empty, f64x2.eq(v, zero));
      finite = f64x2.add(finite, f64x2.mul(v, zero));
      p += 16;
    }
    let knowns = i64x2.extract_lane(known, 0) + i64x2.extract_lane(known, 1);
    let wholes = i64x2.extract_lane(whole, 0) + i64x2.extract_lane(whole, 1);
    let empties = i64x2.extract_lane(empty, 0) + i64x2.extract_lane(empty, 1);
    let sum = lane0(finite) + lane1(finite);
    if (m & 1) {
      const v = load<f64>(p);
      knowns += i64(v == v);
      wholes += i64(v == Math.floor(v));
      empties += i64(v == 0);
      sum += v * 0;
    }
    store<f64>(out, load<f64>(out) + <f64>knowns);
    store<f64>(out, load<f64>(out, 8) + <f64>wholes, 8);
    store<f64>(out, load<f64>(out, 16) + <f64>(knowns - empties), 16);
    store<f64>(out, load<f64>(out, 24) + sum, 24);
    out += 32;
    A += <usize>lda << 3;
  }
}

/** B ← the k listed rows of A, m × n, in their order; B k × n. O(kn). */
export function gatherRows(k: i32, n: i32, rows: usize, A: usize, lda: i32, B: usize): void {
  const end = rows + (<usize>k << 2);
  for (let j = 0; j < n; j++) {
    for (let at = rows; at != end; at += 4) {
      store<f64>(B, load<f64>(A + (<usize>load<i32>(at) << 3)));
      B += 8;
    }
    A += <usize>lda << 3;
  }
}

/** out[j] ← Σ_i v_i(A_ij − about_j): products with columns about their means, which lose no digits where these are large. O(mn). */
export function centredProducts(m: i32, n: i32, A: usize, lda: i32, v: usize, about: usize, out: usize): void {
  const rows = <usize>(m & ~3) << 3, all = <usize>m << 3;
  for (let j = 0; j < n; j++) {
    const mean = load<f64>(about + (<usize>j << 3)), means = f64x2.splat(mean);
    let a = f64x2.splat(0), b = a, o: usize = 0;
    for (; o != rows; o += 32) {
      a = f64x2.add(a, f64x2.mul(v128.load(v + o), f64x2.sub(v128.load(A + o), means)));
      b = f64x2.add(b, f64x2.mul(v128.load(v + o, 16), f64x2.sub(v128.load(A + o, 16), means)));
    }
    let s0 = lane0(a);
    for (; o != all; o += 8) s0 += load<f64>(v + o) * (load<f64>(A + o) - mean);
    store<f64>(out + (<usize>j << 3), s0 + lane1(a) + (lane0(b) + lane1(b)));
    A += <usize>lda << 3;
  }
}
