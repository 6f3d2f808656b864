// Sums of runs in an order of their own length alone: in blocks of 1024, each in four vectors, the blocks in double
// precision. Twins in src/twin/sums.ts.

const BLOCK: i32 = 1024;

/** The sum of the lanes: neighbours first. */
// @ts-ignore: decorator
@inline
export function acrossLanes<T>(v: v128): T {
  if (sizeof<T>() == 8) return <T>(f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1));
  return <T>((f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3)));
}

// @ts-ignore: decorator
@inline
export function lane0<T>(v: v128): T {
  if (sizeof<T>() == 8) return <T>f64x2.extract_lane(v, 0);
  return <T>f32x4.extract_lane(v, 0);
}

/** Σ x, or Σ (x − shift)² with `squared`, or Σ x·y with `products`. */
// @ts-ignore: decorator
@inline
function total<T>(n: i32, x: usize, y: usize, shift: T, squared: bool, products: bool): f64 {
  let sum: f64 = 0;
  const c = v128.splat<T>(shift);
  const lanes = 16 / sizeof<T>();
  for (let at = 0; at < n; at += BLOCK) {
    const count = min(BLOCK, n - at);
    let s0 = v128.splat<T>(0), s1 = s0, s2 = s0, s3 = s0;
    for (let i = count / (4 * lanes); i > 0; i--) {
      let a = v128.load(x), b = v128.load(x, 16), d = v128.load(x, 32), e = v128.load(x, 48);
      if (squared) {
        a = v128.sub<T>(a, c);
        b = v128.sub<T>(b, c);
        d = v128.sub<T>(d, c);
        e = v128.sub<T>(e, c);
        a = v128.mul<T>(a, a);
        b = v128.mul<T>(b, b);
        d = v128.mul<T>(d, d);
        e = v128.mul<T>(e, e);
      }
      if (products) {
        a = v128.mul<T>(a, v128.load(y));
        b = v128.mul<T>(b, v128.load(y, 16));
        d = v128.mul<T>(d, v128.load(y, 32));
        e = v128.mul<T>(e, v128.load(y, 48));
        y += 64;
      }
      s0 = v128.add<T>(s0, a);
      s1 = v128.add<T>(s1, b);
      s2 = v128.add<T>(s2, d);
      s3 = v128.add<T>(s3, e);
      x += 64;
    }
    let s = acrossLanes<T>(v128.add<T>(v128.add<T>(s0, s1), v128.add<T>(s2, s3)));
    for (let i = count % (4 * lanes); i > 0; i--) {
      let a = load<T>(x);
      if (squared) {
        a = <T>(a - shift);
        a = <T>(a * a);
      }
      if (products) {
        a = <T>(a * load<T>(y));
        y += sizeof<T>();
      }
      s = <T>(s + a);
      x += sizeof<T>();
    }
    sum += <f64>s;
  }
  return sum;
}

export function sumOf<T>(n: i32, x: usize): f64 { return total<T>(n, x, x, 0, false, false); }
export function squaresAround<T>(n: i32, x: usize, shift: T): f64 { return total<T>(n, x, x, shift, true, false); }
export function productsOf<T>(n: i32, x: usize, y: usize): f64 { return total<T>(n, x, y, 0, false, true); }

/** The largest or least of n ≥ 1; NaN where one is. */
// @ts-ignore: decorator
@inline
export function extremeOf<T>(least: bool, n: i32, x: usize): T {
  const lanes = 16 / sizeof<T>();
  let best = v128.splat<T>(load<T>(x));
  for (let i = n / lanes; i > 0; i--) {
    best = least ? v128.min<T>(best, v128.load(x)) : v128.max<T>(best, v128.load(x));
    x += 16;
  }
  for (let i = n % lanes; i > 0; i--) {
    const a = v128.splat<T>(load<T>(x));
    best = least ? v128.min<T>(best, a) : v128.max<T>(best, a);
    x += sizeof<T>();
  }
  const swapped = sizeof<T>() == 8 ? v128.shuffle<f64>(best, best, 1, 0) : v128.shuffle<f32>(best, best, 2, 3, 0, 1);
  best = least ? v128.min<T>(best, swapped) : v128.max<T>(best, swapped);
  if (sizeof<T>() == 4) {
    const other = v128.shuffle<f32>(best, best, 1, 0, 3, 2);
    best = least ? v128.min<T>(best, other) : v128.max<T>(best, other);
  }
  return lane0<T>(best);
}

export function largestOf<T>(n: i32, x: usize): T { return extremeOf<T>(false, n, x); }
export function leastOf<T>(n: i32, x: usize): T { return extremeOf<T>(true, n, x); }
