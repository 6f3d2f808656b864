// The two smallest entries of the columns of a single-precision matrix, four rows a vector, four columns at a time.

/** Lane by lane: the smallest so far, the second and the row of the smallest. */
let f: v128 = f32x4.splat(0), s: v128 = f32x4.splat(0), at: v128 = i32x4.splat(0);

/** The four lanes of one column, into f, s and at. */
// @ts-ignore: decorator
@inline
function column(k: i32, d: usize, shift: usize): void {
  let first = f32x4.splat(Infinity), second = first;
  let best = i32x4.splat(0), row = i32x4(0, 1, 2, 3);
  for (const end = d + (<usize>k << 2); d != end; d += 16) {
    const v = f32x4.add(v128.load(d), v128.load(shift));
    best = v128.bitselect(row, best, f32x4.lt(v, first));
    second = f32x4.pmin(second, f32x4.pmax(first, v));
    first = f32x4.pmin(first, v);
    row = i32x4.add(row, i32x4.splat(4));
    shift += 16;
  }
  f = first;
  s = second;
  at = best;
}

// @ts-ignore: decorator
@inline
function low(a: v128, b: v128): v128 { return v128.shuffle<i32>(a, b, 0, 4, 1, 5); }
// @ts-ignore: decorator
@inline
function high(a: v128, b: v128): v128 { return v128.shuffle<i32>(a, b, 2, 6, 3, 7); }

/**
 * Of every column of D + shift·1ᵀ in single precision, k × count, k a multiple of 4, leading dimension ldd: the row
 * (i32) of the smallest entry, the first of equal ones; that entry; and the smallest entry of the other rows. No entry
 * is NaN; those of rows that fill up a multiple may be infinite. O(k·count).
 */
export function twoSmallest(
  k: i32, count: i32, D: usize, ldd: i32, shift: usize, index: usize, first: usize, second: usize,
): void {
  const last = count - 1;
  const stride = <usize>ldd << 2;
  for (let i = 0; i < count; i += 4) {
    // The last group repeats its last column.
    column(k, D + <usize>i * stride, shift);
    const f0 = f, s0 = s, r0 = at;
    column(k, D + <usize>min<i32>(i + 1, last) * stride, shift);
    const f1 = f, s1 = s, r1 = at;
    column(k, D + <usize>min<i32>(i + 2, last) * stride, shift);
    const f2 = f, s2 = s, r2 = at;
    column(k, D + <usize>min<i32>(i + 3, last) * stride, shift);
    // Transposed: a vector has one lane of the four columns.
    let u = low(f0, f2), v = low(f1, f), x = high(f0, f2), y = high(f1, f);
    const fa = low(u, v), fb = high(u, v), fc = low(x, y), fd = high(x, y);
    u = low(s0, s2); v = low(s1, s); x = high(s0, s2); y = high(s1, s);
    const sa = low(u, v), sb = high(u, v), sc = low(x, y), sd = high(x, y);
    u = low(r0, r2); v = low(r1, at); x = high(r0, r2); y = high(r1, at);
    const ra = low(u, v), rb = high(u, v), rc = low(x, y), rd = high(x, y);
    let a = fa, b = sa, best = ra;
    let better = v128.or(f32x4.lt(fb, a), v128.and(f32x4.eq(fb, a), i32x4.lt_s(rb, best)));
    best = v128.bitselect(rb, best, better);
    b = f32x4.pmin(f32x4.pmin(b, sb), f32x4.pmax(a, fb));
    a = f32x4.pmin(a, fb);
    better = v128.or(f32x4.lt(fc, a), v128.and(f32x4.eq(fc, a), i32x4.lt_s(rc, best)));
    best = v128.bitselect(rc, best, better);
    b = f32x4.pmin(f32x4.pmin(b, sc), f32x4.pmax(a, fc));
    a = f32x4.pmin(a, fc);
    better = v128.or(f32x4.lt(fd, a), v128.and(f32x4.eq(fd, a), i32x4.lt_s(rd, best)));
    best = v128.bitselect(rd, best, better);
    b = f32x4.pmin(f32x4.pmin(b, sd), f32x4.pmax(a, fd));
    a = f32x4.pmin(a, fd);
    const to = <usize>i << 2;
    if (i + 4 <= count) {
      v128.store(index + to, best);
      v128.store(first + to, a);
      v128.store(second + to, b);
    } else {
      for (let t: usize = 0, rest = <usize>(count - i); t < rest; t++) {
        store<i32>(index + to + (t << 2), i32x4.extract_lane(best, 0));
        store<f32>(first + to + (t << 2), f32x4.extract_lane(a, 0));
        store<f32>(second + to + (t << 2), f32x4.extract_lane(b, 0));
        best = v128.shuffle<i32>(best, best, 1, 2, 3, 0);
        a = v128.shuffle<i32>(a, a, 1, 2, 3, 0);
        b = v128.shuffle<i32>(b, b, 1, 2, 3, 0);
      }
    }
  }
}
