// Elementary functions of vectors of f32 or f64 by additions, multiplications, divisions and roots alone, so that they have
// the same bits in every engine; each has its twin, operation by operation, in src/twin/functions.ts. Within 2 ulp, where
// nothing else is said. Not a number stays that.

// @ts-ignore: decorator
@inline
export function num<T>(x: f64): v128 { return v128.splat<T>(<T>x); }

/** p·x + c, rounded twice: no processor may join the two. */
// @ts-ignore: decorator
@inline
function step<T>(p: v128, x: v128, c: f64): v128 { return v128.add<T>(v128.mul<T>(p, x), num<T>(c)); }

/** The bits of b where the mask is set, else those of a. */
// @ts-ignore: decorator
@inline
export function choose(mask: v128, b: v128, a: v128): v128 { return v128.bitselect(b, a, mask); }

const LN2_HIGH_64: f64 = 6.93147180369123816490e-1;
const LN2_LOW_64: f64 = 1.90821492927058770002e-10;
const LN2_HIGH_32: f64 = 0.693359375;
const LN2_LOW_32: f64 = -2.12194440054690583e-4;
const LOG2E: f64 = 1.4426950408889634;
const MAGIC: f64 = 6755399441055744.0; // 1.5·2⁵²: adding it leaves an integer in the low bits

// @ts-ignore: decorator
@inline
function ln2High<T>(): v128 { return num<T>(sizeof<T>() == 4 ? LN2_HIGH_32 : LN2_HIGH_64); }
// @ts-ignore: decorator
@inline
function ln2Low<T>(): v128 { return num<T>(sizeof<T>() == 4 ? LN2_LOW_32 : LN2_LOW_64); }

/** A whole number as an integer in each lane, for |k| < 2³¹. */
// @ts-ignore: decorator
@inline
function whole<T>(k: v128): v128 {
  if (sizeof<T>() == 4) return i32x4.trunc_sat_f32x4_s(k);
  return i64x2.sub(f64x2.add(k, f64x2.splat(MAGIC)), v128.splat<i64>(0x4338000000000000));
}

/** 2^k for integers k whose power is a normal number. */
// @ts-ignore: decorator
@inline
function power<T>(k: v128): v128 {
  if (sizeof<T>() == 4) return i32x4.shl(i32x4.add(k, i32x4.splat(127)), 23);
  return i64x2.shl(i64x2.add(k, i64x2.splat(1023)), 52);
}

/** eʳ − 1 for |r| ≤ ½ ln 2: Taylor's series, of degree 8 or 13. */
// @ts-ignore: decorator
@inline
function shortExpm1<T>(r: v128): v128 {
  let p: v128;
  if (sizeof<T>() == 4) {
    p = num<T>(2.48015873015873e-5);
  } else {
    p = num<T>(1.6059043836821613e-10);
    p = step<T>(p, r, 2.08767569878681e-9);
    p = step<T>(p, r, 2.505210838544172e-8);
    p = step<T>(p, r, 2.755731922398589e-7);
    p = step<T>(p, r, 2.7557319223985893e-6);
    p = step<T>(p, r, 2.48015873015873e-5);
  }
  p = step<T>(p, r, 1.984126984126984e-4);
  p = step<T>(p, r, 1.388888888888889e-3);
  p = step<T>(p, r, 8.333333333333333e-3);
  p = step<T>(p, r, 4.1666666666666664e-2);
  p = step<T>(p, r, 1.6666666666666666e-1);
  p = step<T>(p, r, 0.5);
  return v128.add<T>(r, v128.mul<T>(v128.mul<T>(r, r), p));
}

/** eˣ, to infinity and through subnormal numbers to 0. */
// @ts-ignore: decorator
@inline
export function exp<T>(x: v128): v128 {
  const low: f64 = sizeof<T>() == 4 ? -104 : -746, high: f64 = sizeof<T>() == 4 ? 89 : 710;
  const t = v128.pmin<T>(v128.pmax<T>(x, num<T>(low)), num<T>(high));
  const k = v128.nearest<T>(v128.mul<T>(t, num<T>(LOG2E)));
  const r = v128.sub<T>(v128.sub<T>(t, v128.mul<T>(k, ln2High<T>())), v128.mul<T>(k, ln2Low<T>()));
  const y = v128.add<T>(num<T>(1), shortExpm1<T>(r));
  const n = whole<T>(k);
  // In two steps: 2^k itself may be no normal number.
  if (sizeof<T>() == 4) {
    const half = i32x4.shr_s(n, 1);
    return v128.mul<T>(v128.mul<T>(y, power<T>(half)), power<T>(i32x4.sub(n, half)));
  }
  const half = i64x2.shr_s(n, 1);
  return v128.mul<T>(v128.mul<T>(y, power<T>(half)), power<T>(i64x2.sub(n, half)));
}

/** eˣ − 1 for x ≤ 40 (f32: 20), without cancellation. */
// @ts-ignore: decorator
@inline
function lowExpm1<T>(x: v128): v128 {
  const low: f64 = sizeof<T>() == 4 ? -80 : -700, high: f64 = sizeof<T>() == 4 ? 20 : 40;
  const t = v128.pmin<T>(v128.pmax<T>(x, num<T>(low)), num<T>(high));
  const k = v128.nearest<T>(v128.mul<T>(t, num<T>(LOG2E)));
  const r = v128.sub<T>(v128.sub<T>(t, v128.mul<T>(k, ln2High<T>())), v128.mul<T>(k, ln2Low<T>()));
  const s = power<T>(whole<T>(k));
  return v128.add<T>(v128.mul<T>(s, shortExpm1<T>(r)), v128.sub<T>(s, num<T>(1)));
}

/** eˣ − 1. */
// @ts-ignore: decorator
@inline
export function expm1<T>(x: v128): v128 {
  const high: f64 = sizeof<T>() == 4 ? 20 : 40;
  return choose(v128.gt<T>(x, num<T>(high)), exp<T>(x), lowExpm1<T>(x));
}

/** The natural logarithm: x = 2ᵏ·m, m in [√½, √2), and log m = 2 artanh((m − 1)/(m + 1)) by its series. */
// @ts-ignore: decorator
@inline
export function log<T>(x: v128): v128 {
  let k: v128, m: v128;
  if (sizeof<T>() == 4) {
    const tiny = f32x4.lt(x, f32x4.splat(1.17549435e-38));
    const scaled = choose(tiny, f32x4.mul(x, f32x4.splat(16777216)), x);
    const e = i32x4.shr_s(i32x4.sub(scaled, i32x4.splat(0x3f3504f3)), 23);
    m = i32x4.sub(scaled, i32x4.shl(e, 23));
    k = f32x4.sub(f32x4.convert_i32x4_s(e), v128.and(tiny, f32x4.splat(24)));
  } else {
    const tiny = f64x2.lt(x, f64x2.splat(2.2250738585072014e-308));
    const scaled = choose(tiny, f64x2.mul(x, f64x2.splat(18014398509481984.0)), x);
    const e = i64x2.shr_s(i64x2.sub(scaled, i64x2.splat(0x3fe6a09e667f3bcd)), 52);
    m = i64x2.sub(scaled, i64x2.shl(e, 52));
    const biased = v128.or(v128.and(i64x2.add(e, i64x2.splat(0x80000)), i64x2.splat(0xfffff)), f64x2.splat(4503599627370496.0));
    k = f64x2.sub(f64x2.sub(biased, f64x2.splat(4503599627370496.0 + 524288.0)), v128.and(tiny, f64x2.splat(54)));
  }
  // log(1 + f) = f − s·(f − R) with s = f/(2 + f) and R = 2(s²/3 + s⁴/5 + …).
  const f = v128.sub<T>(m, num<T>(1));
  const s = v128.div<T>(f, v128.add<T>(num<T>(2), f));
  const z = v128.mul<T>(s, s);
  let p: v128;
  if (sizeof<T>() == 4) {
    p = num<T>(2.0 / 9.0);
  } else {
    p = num<T>(2.0 / 23.0);
    p = step<T>(p, z, 2.0 / 21.0);
    p = step<T>(p, z, 2.0 / 19.0);
    p = step<T>(p, z, 2.0 / 17.0);
    p = step<T>(p, z, 2.0 / 15.0);
    p = step<T>(p, z, 2.0 / 13.0);
    p = step<T>(p, z, 2.0 / 11.0);
    p = step<T>(p, z, 2.0 / 9.0);
  }
  p = step<T>(p, z, 2.0 / 7.0);
  p = step<T>(p, z, 2.0 / 5.0);
  p = step<T>(p, z, 2.0 / 3.0);
  const R = v128.mul<T>(z, p);
  const rest = v128.sub<T>(v128.sub<T>(v128.mul<T>(s, v128.sub<T>(f, R)), v128.mul<T>(k, ln2Low<T>())), f);
  const value = v128.sub<T>(v128.mul<T>(k, ln2High<T>()), rest);
  // 0 → −∞, below → NaN; ∞ and NaN stay.
  const below = choose(v128.eq<T>(x, num<T>(0)), num<T>(-Infinity), num<T>(NaN));
  const plain = choose(v128.gt<T>(x, num<T>(0)), value, below);
  return choose(v128.lt<T>(x, num<T>(Infinity)), plain, x);
}

/** log(1 + x), by what rounding loses in 1 + x. */
// @ts-ignore: decorator
@inline
export function log1p<T>(x: v128): v128 {
  const u = v128.add<T>(num<T>(1), x);
  const lost = v128.sub<T>(v128.sub<T>(u, num<T>(1)), x);
  const value = v128.sub<T>(log<T>(u), v128.div<T>(lost, u));
  const ends = choose(v128.eq<T>(u, num<T>(0)), num<T>(-Infinity), value);
  return choose(v128.eq<T>(x, num<T>(Infinity)), x, ends);
}

// @ts-ignore: decorator
@inline
function withSignOf<T>(x: v128, size: v128): v128 {
  const sign = num<T>(-0.0);
  return v128.or(v128.andnot(size, sign), v128.and(x, sign));
}

// @ts-ignore: decorator
@inline
export function tanh<T>(x: v128): v128 {
  const e = lowExpm1<T>(v128.mul<T>(num<T>(-2), v128.abs<T>(x)));
  return withSignOf<T>(x, v128.div<T>(v128.neg<T>(e), v128.add<T>(num<T>(2), e)));
}

/** 1/(1 + e⁻ˣ), with its relative accuracy in both tails. */
// @ts-ignore: decorator
@inline
export function sigmoid<T>(x: v128): v128 {
  const e = exp<T>(v128.neg<T>(v128.abs<T>(x)));
  return v128.div<T>(choose(v128.ge<T>(x, num<T>(0)), num<T>(1), e), v128.add<T>(num<T>(1), e));
}

/** log(1 + eˣ). */
// @ts-ignore: decorator
@inline
export function softplus<T>(x: v128): v128 {
  return v128.add<T>(v128.max<T>(x, num<T>(0)), log1p<T>(exp<T>(v128.neg<T>(v128.abs<T>(x)))));
}

/** erf: x + x·P(x²) below 1, and 1 − e^(−x²)·Q((x − 2)/(x + 2))/(1 + 2x), both by Chebyshev's interpolation. Within 1 ulp. */
// @ts-ignore: decorator
@inline
export function erf<T>(x: v128): v128 {
  const a = v128.pmin<T>(v128.abs<T>(x), num<T>(sizeof<T>() == 4 ? 4 : 6));
  const z = v128.mul<T>(a, a);
  const t = v128.div<T>(v128.sub<T>(a, num<T>(2)), v128.add<T>(a, num<T>(2)));
  let p: v128, q: v128;
  if (sizeof<T>() == 4) {
    p = num<T>(7.875874871388078e-5);
    p = step<T>(p, z, -8.01686430349946e-4);
    p = step<T>(p, z, 5.189087241888046e-3);
    p = step<T>(p, z, -2.685421146452427e-2);
    p = step<T>(p, z, 1.1283594369888306e-1);
    p = step<T>(p, z, -3.761262595653534e-1);
    p = step<T>(p, z, 1.2837916612625122e-1);
    q = num<T>(-1.4053601771593094e-3);
    q = step<T>(q, t, 1.1638368014246225e-3);
    q = step<T>(q, t, 8.718370459973812e-3);
    q = step<T>(q, t, -8.0252131447196e-3);
    q = step<T>(q, t, -5.4219868034124374e-2);
    q = step<T>(q, t, 1.6405101120471954e-1);
    q = step<T>(q, t, -1.660303920507431e-1);
    q = step<T>(q, t, -9.276382625102997e-2);
    q = step<T>(q, t, 1.2769783735275269);
  } else {
    p = num<T>(5.957176147748911e-11);
    p = step<T>(p, z, -1.1372848856791674e-9);
    p = step<T>(p, z, 1.4659775274047436e-8);
    p = step<T>(p, z, -1.6350312701054695e-7);
    p = step<T>(p, z, 1.6461000484121368e-6);
    p = step<T>(p, z, -1.4925595266831182e-5);
    p = step<T>(p, z, 1.205533111164271e-4);
    p = step<T>(p, z, -8.54832698083379e-4);
    p = step<T>(p, z, 5.2239776248180145e-3);
    p = step<T>(p, z, -2.6866170645076792e-2);
    p = step<T>(p, z, 1.1283791670954879e-1);
    p = step<T>(p, z, -3.761263890318375e-1);
    p = step<T>(p, z, 1.283791670955126e-1);
    q = num<T>(-1.219440034389049e-6);
    q = step<T>(q, t, 6.211065075417665e-6);
    q = step<T>(q, t, 4.639547402434605e-6);
    q = step<T>(q, t, -1.403300441966861e-5);
    q = step<T>(q, t, -3.653802749436245e-5);
    q = step<T>(q, t, -1.4032896295315188e-6);
    q = step<T>(q, t, 1.5104323296688811e-4);
    q = step<T>(q, t, 2.0635643337054066e-4);
    q = step<T>(q, t, -4.5434052737427713e-4);
    q = step<T>(q, t, -1.4568133389069365e-3);
    q = step<T>(q, t, 1.2713389344749736e-3);
    q = step<T>(q, t, 8.722653856750447e-3);
    q = step<T>(q, t, -8.034015081439548e-3);
    q = step<T>(q, t, -5.422000099174003e-2);
    q = step<T>(q, t, 1.6405128003343078e-1);
    q = step<T>(q, t, -1.660303976152912e-1);
    q = step<T>(q, t, -9.276382658574597e-2);
    q = step<T>(q, t, 1.2769783815525286);
  }
  const near = v128.add<T>(a, v128.mul<T>(a, p));
  const tail = v128.div<T>(v128.mul<T>(exp<T>(v128.neg<T>(z)), q), v128.add<T>(num<T>(1), v128.mul<T>(num<T>(2), a)));
  return withSignOf<T>(x, choose(v128.lt<T>(a, num<T>(1)), near, v128.sub<T>(num<T>(1), tail)));
}

// π/2 in three parts, the first two with zeros at their ends.
const HALF_PI_1: f64 = 1.5707963267341256;
const HALF_PI_2: f64 = 6.077100506303966e-11;
const HALF_PI_3: f64 = 2.0222662487959506e-21;

/** sin(x + turn·π/2) for |x| up to a million or so. */
// @ts-ignore: decorator
@inline
function turned(x: v128, turn: i64): v128 {
  const t = f64x2.pmin(f64x2.pmax(x, f64x2.splat(-1e9)), f64x2.splat(1e9));
  const k = f64x2.nearest(f64x2.mul(t, f64x2.splat(0.6366197723675814)));
  let r = f64x2.sub(x, f64x2.mul(k, f64x2.splat(HALF_PI_1)));
  r = f64x2.sub(r, f64x2.mul(k, f64x2.splat(HALF_PI_2)));
  r = f64x2.sub(r, f64x2.mul(k, f64x2.splat(HALF_PI_3)));
  const quarter = i64x2.add(whole<f64>(k), i64x2.splat(turn));
  const z = f64x2.mul(r, r);
  let s = f64x2.splat(2.8114572543455206e-15);
  s = step<f64>(s, z, -7.647163731819816e-13);
  s = step<f64>(s, z, 1.6059043836821613e-10);
  s = step<f64>(s, z, -2.505210838544172e-8);
  s = step<f64>(s, z, 2.7557319223985893e-6);
  s = step<f64>(s, z, -1.984126984126984e-4);
  s = step<f64>(s, z, 8.333333333333333e-3);
  s = step<f64>(s, z, -1.6666666666666666e-1);
  const sine = f64x2.add(r, f64x2.mul(f64x2.mul(r, z), s));
  let c = f64x2.splat(4.779477332387385e-14);
  c = step<f64>(c, z, -1.1470745597729725e-11);
  c = step<f64>(c, z, 2.08767569878681e-9);
  c = step<f64>(c, z, -2.755731922398589e-7);
  c = step<f64>(c, z, 2.48015873015873e-5);
  c = step<f64>(c, z, -1.388888888888889e-3);
  c = step<f64>(c, z, 4.1666666666666664e-2);
  c = step<f64>(c, z, -0.5);
  const cosine = f64x2.add(f64x2.splat(1), f64x2.mul(z, c));
  const odd = i64x2.ne(v128.and(quarter, i64x2.splat(1)), i64x2.splat(0));
  const value = choose(odd, cosine, sine);
  return v128.xor(value, i64x2.shl(v128.and(quarter, i64x2.splat(2)), 62));
}

// @ts-ignore: decorator
@inline
function turnedOf<T>(x: v128, turn: i64): v128 {
  if (sizeof<T>() == 8) return turned(x, turn);
  // In double precision, two at a time.
  const low = f32x4.demote_f64x2_zero(turned(f64x2.promote_low_f32x4(x), turn));
  const high = f32x4.demote_f64x2_zero(turned(f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3)), turn));
  return v128.shuffle<f32>(low, high, 0, 1, 4, 5);
}

// @ts-ignore: decorator
@inline
export function sin<T>(x: v128): v128 { return turnedOf<T>(x, 0); }
// @ts-ignore: decorator
@inline
export function cos<T>(x: v128): v128 { return turnedOf<T>(x, 1); }

/**
 * xʸ as e^(y·log |x|), below 0 for whole y alone; the relative error of f64 grows with |y·log x|, f32 goes through f64.
 */
// @ts-ignore: decorator
@inline
export function pow<T>(x: v128, y: v128): v128 {
  if (sizeof<T>() == 8) return pow64(x, y);
  const low = pow64(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y));
  const high = pow64(
    f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3)),
    f64x2.promote_low_f32x4(v128.shuffle<f32>(y, y, 2, 3, 2, 3)),
  );
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

function pow64(x: v128, y: v128): v128 {
  const size = exp<f64>(f64x2.mul(y, log<f64>(f64x2.abs(x))));
  const half = f64x2.mul(y, f64x2.splat(0.5));
  const odd = f64x2.ne(f64x2.nearest(half), half);
  const negative = choose(f64x2.ne(f64x2.nearest(y), y), f64x2.splat(NaN), choose(odd, f64x2.neg(size), size));
  const value = choose(f64x2.lt(x, f64x2.splat(0)), negative, size);
  return choose(f64x2.eq(y, f64x2.splat(0)), f64x2.splat(1), value);
}

/** P(Z ≤ x) of a standard normal variable, to an absolute ulp of 1. */
// @ts-ignore: decorator
@inline
function normal<T>(x: v128): v128 {
  return v128.mul<T>(num<T>(0.5), v128.add<T>(num<T>(1), erf<T>(v128.mul<T>(x, num<T>(0.7071067811865476)))));
}

// @ts-ignore: decorator
@inline
export function gelu<T>(x: v128): v128 { return v128.mul<T>(x, normal<T>(x)); }

/** The derivative of gelu: Φ(x) + x·φ(x). */
// @ts-ignore: decorator
@inline
export function geluSlope<T>(x: v128): v128 {
  const density = v128.mul<T>(num<T>(0.3989422804014327), exp<T>(v128.mul<T>(num<T>(-0.5), v128.mul<T>(x, x))));
  return v128.add<T>(normal<T>(x), v128.mul<T>(x, density));
}

/** The derivative of x·σ(x): σ + x·σ·(1 − σ). */
// @ts-ignore: decorator
@inline
export function siluSlope<T>(x: v128): v128 {
  const s = sigmoid<T>(x);
  return v128.add<T>(s, v128.mul<T>(v128.mul<T>(x, s), v128.sub<T>(num<T>(1), s)));
}
