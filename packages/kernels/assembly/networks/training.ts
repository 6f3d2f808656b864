// Steps of first-order optimisers on all parameters at once, and the sum of squares of a gradient; of f64, and of f32 by names
// that begin with s.

// @ts-ignore: decorator
@inline
function adamOf<T>(
  largest: bool, n: i32, beta1: f64, beta2: f64, step: f64, c2: f64, epsilon: f64, keep: f64, l2: f64,
  g: usize, m: usize, v: usize, most: usize, p: usize,
): void {
  const b1 = v128.splat<T>(<T>beta1), r1 = v128.splat<T>(<T>(1 - beta1));
  const b2 = v128.splat<T>(<T>beta2), r2 = v128.splat<T>(<T>(1 - beta2));
  const s = v128.splat<T>(<T>step), c = v128.splat<T>(<T>c2), e = v128.splat<T>(<T>epsilon);
  const k = v128.splat<T>(<T>keep), l = v128.splat<T>(<T>l2);
  const lanes = 16 / sizeof<T>();
  for (let i = n / lanes; i > 0; i--) {
    const point = v128.load(p);
    const x = v128.add<T>(v128.load(g), v128.mul<T>(l, point));
    const mean = v128.add<T>(v128.mul<T>(b1, v128.load(m)), v128.mul<T>(r1, x));
    let square = v128.add<T>(v128.mul<T>(b2, v128.load(v)), v128.mul<T>(v128.mul<T>(r2, x), x));
    v128.store(m, mean);
    v128.store(v, square);
    if (largest) {
      square = v128.max<T>(square, v128.load(most));
      v128.store(most, square);
      most += 16;
    }
    const move = v128.div<T>(v128.mul<T>(s, mean), v128.add<T>(v128.sqrt<T>(v128.mul<T>(c, square)), e));
    v128.store(p, v128.sub<T>(v128.mul<T>(k, point), move));
    g += 16;
    m += 16;
    v += 16;
    p += 16;
  }
  for (let i = n % lanes; i > 0; i--) {
    const point = load<T>(p);
    const x = <T>(load<T>(g) + <T>(<T>l2 * point));
    const mean = <T>(<T>(<T>beta1 * load<T>(m)) + <T>(<T>(1 - beta1) * x));
    let square = <T>(<T>(<T>beta2 * load<T>(v)) + <T>(<T>(<T>(1 - beta2) * x) * x));
    store<T>(m, mean);
    store<T>(v, square);
    if (largest) {
      square = max<T>(square, load<T>(most));
      store<T>(most, square);
      most += sizeof<T>();
    }
    const move = <T>(<T>(<T>step * mean) / <T>(<T>sqrt<T>(<T>(<T>c2 * square)) + <T>epsilon));
    store<T>(p, <T>(<T>(<T>keep * point) - move));
    g += sizeof<T>();
    m += sizeof<T>();
    v += sizeof<T>();
    p += sizeof<T>();
  }
}

/**
 * Adam: with x = g + l2·p, m ← β₁m + (1 − β₁)x, v ← β₂v + (1 − β₂)x², p ← keep·p − step·m/(√(c2·v) + ε). The caller has the
 * corrections of the first steps in step and c2, and decoupled decay in keep. Where `most` is not 0 it holds the largest v so
 * far, which then stands in for v (AMSGrad).
 */
export function adamStep(
  n: i32, beta1: f64, beta2: f64, step: f64, c2: f64, epsilon: f64, keep: f64, l2: f64,
  g: usize, m: usize, v: usize, most: usize, p: usize,
): void {
  if (most) adamOf<f64>(true, n, beta1, beta2, step, c2, epsilon, keep, l2, g, m, v, most, p);
  else adamOf<f64>(false, n, beta1, beta2, step, c2, epsilon, keep, l2, g, m, v, most, p);
}

/** As {@link adamStep}, of f32. */
export function sadamStep(
  n: i32, beta1: f64, beta2: f64, step: f64, c2: f64, epsilon: f64, keep: f64, l2: f64,
  g: usize, m: usize, v: usize, most: usize, p: usize,
): void {
  if (most) adamOf<f32>(true, n, beta1, beta2, step, c2, epsilon, keep, l2, g, m, v, most, p);
  else adamOf<f32>(false, n, beta1, beta2, step, c2, epsilon, keep, l2, g, m, v, most, p);
}

// @ts-ignore: decorator
@inline
function sgdOf<T>(
  moving: bool, ahead: bool, n: i32, rate: f64, momentum: f64, l2: f64, keep: f64, g: usize, v: usize, p: usize,
): void {
  const r = v128.splat<T>(<T>rate), b = v128.splat<T>(<T>momentum), l = v128.splat<T>(<T>l2), k = v128.splat<T>(<T>keep);
  const lanes = 16 / sizeof<T>();
  for (let i = n / lanes; i > 0; i--) {
    const point = v128.load(p);
    const x = v128.add<T>(v128.load(g), v128.mul<T>(l, point));
    let d = x;
    if (moving) {
      d = v128.add<T>(v128.mul<T>(b, v128.load(v)), x);
      v128.store(v, d);
      if (ahead) d = v128.add<T>(x, v128.mul<T>(b, d));
      v += 16;
    }
    v128.store(p, v128.sub<T>(v128.mul<T>(k, point), v128.mul<T>(r, d)));
    g += 16;
    p += 16;
  }
  for (let i = n % lanes; i > 0; i--) {
    const point = load<T>(p);
    const x = <T>(load<T>(g) + <T>(<T>l2 * point));
    let d = x;
    if (moving) {
      d = <T>(<T>(<T>momentum * load<T>(v)) + x);
      store<T>(v, d);
      if (ahead) d = <T>(x + <T>(<T>momentum * d));
      v += sizeof<T>();
    }
    store<T>(p, <T>(<T>(<T>keep * point) - <T>(<T>rate * d)));
    g += sizeof<T>();
    p += sizeof<T>();
  }
}

// @ts-ignore: decorator
@inline
function sgdChosen<T>(
  n: i32, rate: f64, momentum: f64, l2: f64, keep: f64, nesterov: bool, g: usize, v: usize, p: usize,
): void {
  if (!v) sgdOf<T>(false, false, n, rate, momentum, l2, keep, g, v, p);
  else if (nesterov) sgdOf<T>(true, true, n, rate, momentum, l2, keep, g, v, p);
  else sgdOf<T>(true, false, n, rate, momentum, l2, keep, g, v, p);
}

/**
 * With x = g + l2·p: v ← momentum·v + x, p ← keep·p − rate·d, where d is v or, with `nesterov`, x + momentum·v. Where v is 0
 * there is no momentum: d is x.
 */
export function sgdStep(
  n: i32, rate: f64, momentum: f64, l2: f64, keep: f64, nesterov: bool, g: usize, v: usize, p: usize,
): void {
  sgdChosen<f64>(n, rate, momentum, l2, keep, nesterov, g, v, p);
}

/** As {@link sgdStep}, of f32. */
export function ssgdStep(
  n: i32, rate: f64, momentum: f64, l2: f64, keep: f64, nesterov: bool, g: usize, v: usize, p: usize,
): void {
  sgdChosen<f32>(n, rate, momentum, l2, keep, nesterov, g, v, p);
}

// @ts-ignore: decorator
@inline
function adagradOf<T>(n: i32, rate: f64, epsilon: f64, l2: f64, g: usize, s: usize, p: usize): void {
  const r = v128.splat<T>(<T>rate), e = v128.splat<T>(<T>epsilon), l = v128.splat<T>(<T>l2);
  const lanes = 16 / sizeof<T>();
  for (let i = n / lanes; i > 0; i--) {
    const point = v128.load(p);
    const x = v128.add<T>(v128.load(g), v128.mul<T>(l, point));
    const sum = v128.add<T>(v128.load(s), v128.mul<T>(x, x));
    v128.store(s, sum);
    v128.store(p, v128.sub<T>(point, v128.div<T>(v128.mul<T>(r, x), v128.add<T>(v128.sqrt<T>(sum), e))));
    g += 16;
    s += 16;
    p += 16;
  }
  for (let i = n % lanes; i > 0; i--) {
    const point = load<T>(p);
    const x = <T>(load<T>(g) + <T>(<T>l2 * point));
    const sum = <T>(load<T>(s) + <T>(x * x));
    store<T>(s, sum);
    store<T>(p, <T>(point - <T>(<T>(<T>rate * x) / <T>(<T>sqrt<T>(sum) + <T>epsilon))));
    g += sizeof<T>();
    s += sizeof<T>();
    p += sizeof<T>();
  }
}

/** With x = g + l2·p: s ← s + x², p ← p − rate·x/(√s + ε). */
export function adagradStep(n: i32, rate: f64, epsilon: f64, l2: f64, g: usize, s: usize, p: usize): void {
  adagradOf<f64>(n, rate, epsilon, l2, g, s, p);
}

/** As {@link adagradStep}, of f32. */
export function sadagradStep(n: i32, rate: f64, epsilon: f64, l2: f64, g: usize, s: usize, p: usize): void {
  adagradOf<f32>(n, rate, epsilon, l2, g, s, p);
}

/** Σ x², in eight sums of which each has every eighth: not finite where a value is not. */
export function sumOfSquares(n: i32, x: usize): f64 {
  let s0 = f64x2.splat(0), s1 = f64x2.splat(0), s2 = f64x2.splat(0), s3 = f64x2.splat(0);
  for (let i = n / 8; i > 0; i--) {
    const a = v128.load(x), b = v128.load(x, 16), c = v128.load(x, 32), d = v128.load(x, 48);
    s0 = f64x2.add(s0, f64x2.mul(a, a));
    s1 = f64x2.add(s1, f64x2.mul(b, b));
    s2 = f64x2.add(s2, f64x2.mul(c, c));
    s3 = f64x2.add(s3, f64x2.mul(d, d));
    x += 64;
  }
  s0 = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  let sum = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  for (let i = n % 8; i > 0; i--) {
    sum += load<f64>(x) * load<f64>(x);
    x += 8;
  }
  return sum;
}

/** As {@link sumOfSquares}, of f32, added up in f64. */
export function ssumOfSquares(n: i32, x: usize): f64 {
  let s0 = f64x2.splat(0), s1 = f64x2.splat(0), s2 = f64x2.splat(0), s3 = f64x2.splat(0);
  for (let i = n / 8; i > 0; i--) {
    const p = v128.load(x), q = v128.load(x, 16);
    const a = f64x2.promote_low_f32x4(p), b = f64x2.promote_low_f32x4(v128.shuffle<f64>(p, p, 1, 1));
    const c = f64x2.promote_low_f32x4(q), d = f64x2.promote_low_f32x4(v128.shuffle<f64>(q, q, 1, 1));
    s0 = f64x2.add(s0, f64x2.mul(a, a));
    s1 = f64x2.add(s1, f64x2.mul(b, b));
    s2 = f64x2.add(s2, f64x2.mul(c, c));
    s3 = f64x2.add(s3, f64x2.mul(d, d));
    x += 32;
  }
  s0 = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  let sum = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  for (let i = n % 8; i > 0; i--) {
    const v = <f64>load<f32>(x);
    sum += v * v;
    x += 4;
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function anyNotFinite<T>(n: i32, x: usize): i32 {
  let bits = i64x2.splat(0);
  const lanes = 16 / sizeof<T>();
  // v − v is 0, all of whose bits are, or no number.
  for (let i = n / (4 * lanes); i > 0; i--) {
    const a = v128.load(x), b = v128.load(x, 16), c = v128.load(x, 32), d = v128.load(x, 48);
    const left = v128.or(v128.sub<T>(a, a), v128.sub<T>(b, b));
    bits = v128.or(bits, v128.or(left, v128.or(v128.sub<T>(c, c), v128.sub<T>(d, d))));
    x += 64;
  }
  let found: i32 = v128.any_true(bits) ? 1 : 0;
  for (let i = n % (4 * lanes); i > 0; i--) {
    const v = load<T>(x);
    if (v - v != 0) found = 1;
    x += sizeof<T>();
  }
  return found;
}

/** 1 where a value is not finite, else 0. */
export function notFinite(n: i32, x: usize): i32 {
  return anyNotFinite<f64>(n, x);
}

/** As {@link notFinite}, of f32. */
export function snotFinite(n: i32, x: usize): i32 {
  return anyNotFinite<f32>(n, x);
}
