// Combinations of columns of floats or doubles, in double precision: floats are widened in registers.

// @ts-ignore: decorator
@inline
function low(at: usize): v128 { return f64x2.promote_low_f32x4(v128.load64_zero(at)); }

/** y ← x, n floats as doubles. */
export function widen(n: i32, x: usize, y: usize): void {
  const end = x + (<usize>(n & ~3) << 2);
  while (x != end) {
    v128.store(y, low(x));
    v128.store(y, low(x + 8), 16);
    x += 16;
    y += 32;
  }
  for (let i = n & ~3; i < n; i++) {
    store<f64>(y, <f64>load<f32>(x));
    x += 4;
    y += 8;
  }
}

/** Σ x[i]² of n floats, with the bits of {@link dot} of the same numbers as doubles. */
export function squareFloats(n: i32, x: usize): f64 {
  let s0 = f64x2.splat(0), s1 = f64x2.splat(0), s2 = f64x2.splat(0), s3 = f64x2.splat(0);
  const end = x + (<usize>(n & ~7) << 2);
  while (x != end) {
    const a = low(x), b = low(x + 8), c = low(x + 16), d = low(x + 24);
    s0 = f64x2.add(s0, f64x2.mul(a, a));
    s1 = f64x2.add(s1, f64x2.mul(b, b));
    s2 = f64x2.add(s2, f64x2.mul(c, c));
    s3 = f64x2.add(s3, f64x2.mul(d, d));
    x += 32;
  }
  s0 = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  let sum = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  for (let i = n & ~7; i < n; i++) {
    const v = <f64>load<f32>(x);
    sum += v * v;
    x += 4;
  }
  return sum;
}

/**
 * y ← Σ w[j]·x_j of p columns of n floats, which lie `ld` floats apart. Each number is added up from 0 in the order of the columns.
 * Returns 0, or NaN if a number of y is not finite. O(np).
 */
export function combineFloats(n: i32, p: i32, x: usize, ld: i32, w: usize, y: usize): f64 {
  const step = <usize>ld << 2, zero = f64x2.splat(0), wEnd = w + (<usize>p << 3);
  let probe = zero;
  const end = x + (<usize>(n & ~7) << 2);
  while (x != end) {
    let a = zero, b = zero, c = zero, d = zero;
    let at = x;
    for (let j = w; j != wEnd; j += 8) {
      const s = v128.load64_splat(j);
      a = f64x2.add(a, f64x2.mul(s, low(at)));
      b = f64x2.add(b, f64x2.mul(s, low(at + 8)));
      c = f64x2.add(c, f64x2.mul(s, low(at + 16)));
      d = f64x2.add(d, f64x2.mul(s, low(at + 24)));
      at += step;
    }
    v128.store(y, a);
    v128.store(y, b, 16);
    v128.store(y, c, 32);
    v128.store(y, d, 48);
    // One by one: a sum of finite numbers may not be finite.
    const ab = f64x2.add(f64x2.mul(zero, a), f64x2.mul(zero, b));
    probe = f64x2.add(probe, f64x2.add(ab, f64x2.add(f64x2.mul(zero, c), f64x2.mul(zero, d))));
    x += 32;
    y += 64;
  }
  let rest = f64x2.extract_lane(probe, 0) + f64x2.extract_lane(probe, 1);
  for (let i = n & ~7; i < n; i++) {
    let sum: f64 = 0;
    let at = x;
    for (let j = w; j != wEnd; j += 8) {
      sum += load<f64>(j) * <f64>load<f32>(at);
      at += step;
    }
    store<f64>(y, sum);
    rest += sum * 0;
    x += 4;
    y += 8;
  }
  return rest;
}

/** As {@link combineFloats}, of doubles, with the same bits. */
export function combineDoubles(n: i32, p: i32, x: usize, ld: i32, w: usize, y: usize): f64 {
  const step = <usize>ld << 3, zero = f64x2.splat(0), wEnd = w + (<usize>p << 3);
  let probe = zero;
  const end = x + (<usize>(n & ~7) << 3);
  while (x != end) {
    let a = zero, b = zero, c = zero, d = zero;
    let at = x;
    for (let j = w; j != wEnd; j += 8) {
      const s = v128.load64_splat(j);
      a = f64x2.add(a, f64x2.mul(s, v128.load(at)));
      b = f64x2.add(b, f64x2.mul(s, v128.load(at, 16)));
      c = f64x2.add(c, f64x2.mul(s, v128.load(at, 32)));
      d = f64x2.add(d, f64x2.mul(s, v128.load(at, 48)));
      at += step;
    }
    v128.store(y, a);
    v128.store(y, b, 16);
    v128.store(y, c, 32);
    v128.store(y, d, 48);
    // One by one: a sum of finite numbers may not be finite.
    const ab = f64x2.add(f64x2.mul(zero, a), f64x2.mul(zero, b));
    probe = f64x2.add(probe, f64x2.add(ab, f64x2.add(f64x2.mul(zero, c), f64x2.mul(zero, d))));
    x += 64;
    y += 64;
  }
  let rest = f64x2.extract_lane(probe, 0) + f64x2.extract_lane(probe, 1);
  for (let i = n & ~7; i < n; i++) {
    let sum: f64 = 0;
    let at = x;
    for (let j = w; j != wEnd; j += 8) {
      sum += load<f64>(j) * load<f64>(at);
      at += step;
    }
    store<f64>(y, sum);
    rest += sum * 0;
    x += 8;
    y += 8;
  }
  return rest;
}
