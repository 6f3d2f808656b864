// Over 400 lines: a line for each step of a polynomial, as in the twin.
//
// Elementary functions of vectors of f32 or f64 by additions, multiplications, divisions and roots alone, so that they have
// the same bits in every engine; each has its twin, operation by operation, in src/twin/functions.ts. Within 2 ulp, where
// nothing else is said. Not a number stays that.

// @ts-ignore: decorator
@inline
export function num<T>(x: f64): v128 { return v128.splat<T>(<T>x); }

// Constants lie in memory: engines load and spread one from there in an instruction, but build one that stands in the code from
// several. Where single precision needs fewer terms the rest is 0. The names count places.
const ONE: i32 = 0;
const TWO: i32 = 1;
const MINUS_TWO: i32 = 2;
const HALF: i32 = 3;
const MINUS_HALF: i32 = 4;
const SIGN_BIT: i32 = 5;
const INFINITE: i32 = 6;
const MINUS_INFINITE: i32 = 7;
const NOT_A_NUMBER: i32 = 8;
const EXP_LOW: i32 = 9;
const EXP_HIGH: i32 = 10;
const EXPM1_LOW: i32 = 11;
const EXPM1_HIGH: i32 = 12;
const LOG2E: i32 = 13;
const LN2_HIGH: i32 = 14;
const LN2_LOW: i32 = 15;
const TAYLOR: i32 = 16;
const ARTANH: i32 = 28;
const ERF_END: i32 = 39;
const ERF_NEAR: i32 = 40;
const ERF_FAR: i32 = 53;
const ROOT_HALF: i32 = 71;
const DENSITY: i32 = 72;
const TURN_LOW: i32 = 73;
const TURN_HIGH: i32 = 74;
const PER_TURN: i32 = 75;
const HALF_PI: i32 = 76;
const SINE: i32 = 79;
const COSINE: i32 = 87;
const QUICK_END: i32 = 95;
const QUICK_P: i32 = 96;
const QUICK_Q: i32 = 102;
const SINGLE: usize = memory.data<f32>([
  1, 2, -2, 0.5, -0.5, -0.0, Infinity, -Infinity, NaN, -104, 90, -80, 20, 1.4426950408889634, 0.693359375,
  -2.12194440054690583e-4, 0.5, 1.6666666666666666e-1, 4.1666666666666664e-2, 8.333333333333333e-3,
  1.388888888888889e-3, 1.984126984126984e-4, 2.48015873015873e-5, 0, 0, 0, 0, 0, 2.0 / 3.0, 2.0 / 5.0, 2.0 / 7.0,
  2.0 / 9.0, 0, 0, 0, 0, 0, 0, 0, 4, 1.2837916612625122e-1, -3.761262595653534e-1, 1.1283594369888306e-1,
  -2.685421146452427e-2, 5.189087241888046e-3, -8.01686430349946e-4, 7.875874871388078e-5, 0, 0, 0, 0, 0, 0,
  1.2769783735275269, -9.276382625102997e-2, -1.660303920507431e-1, 1.6405101120471954e-1, -5.4219868034124374e-2,
  -8.0252131447196e-3, 8.718370459973812e-3, 1.1638368014246225e-3, -1.4053601771593094e-3, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0.7071067811865476, 0.3989422804014327, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3.92,
  1.1283791065216064, 0.19154870510101318, 0.05287519842386246, 0.0038080827798694372, 0.00028468435630202293,
  2.025900130320224e-06, 1, 0.5030882954597473, 0.11455892771482468, 0.015054933726787567, 0.0011707036755979061,
  3.783154170378111e-05,
]);
const DOUBLE: usize = memory.data<f64>([
  1, 2, -2, 0.5, -0.5, -0.0, Infinity, -Infinity, NaN, -746, 711, -700, 40, 1.4426950408889634,
  6.93147180369123816490e-1, 1.90821492927058770002e-10, 0.5, 1.6666666666666666e-1, 4.1666666666666664e-2,
  8.333333333333333e-3, 1.388888888888889e-3, 1.984126984126984e-4, 2.48015873015873e-5, 2.7557319223985893e-6,
  2.755731922398589e-7, 2.505210838544172e-8, 2.08767569878681e-9, 1.6059043836821613e-10, 2.0 / 3.0, 2.0 / 5.0,
  2.0 / 7.0, 2.0 / 9.0, 2.0 / 11.0, 2.0 / 13.0, 2.0 / 15.0, 2.0 / 17.0, 2.0 / 19.0, 2.0 / 21.0, 2.0 / 23.0, 6,
  1.283791670955126e-1, -3.761263890318375e-1, 1.1283791670954879e-1, -2.6866170645076792e-2, 5.2239776248180145e-3,
  -8.54832698083379e-4, 1.205533111164271e-4, -1.4925595266831182e-5, 1.6461000484121368e-6, -1.6350312701054695e-7,
  1.4659775274047436e-8, -1.1372848856791674e-9, 5.957176147748911e-11, 1.2769783815525286, -9.276382658574597e-2,
  -1.660303976152912e-1, 1.6405128003343078e-1, -5.422000099174003e-2, -8.034015081439548e-3, 8.722653856750447e-3,
  1.2713389344749736e-3, -1.4568133389069365e-3, -4.5434052737427713e-4, 2.0635643337054066e-4,
  1.5104323296688811e-4, -1.4032896295315188e-6, -3.653802749436245e-5, -1.403300441966861e-5, 4.639547402434605e-6,
  6.211065075417665e-6, -1.219440034389049e-6, 0.7071067811865476, 0.3989422804014327, -1e9, 1e9, 0.6366197723675814,
  1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21, -1.6666666666666666e-1, 8.333333333333333e-3,
  -1.984126984126984e-4, 2.7557319223985893e-6, -2.505210838544172e-8, 1.6059043836821613e-10,
  -7.647163731819816e-13, 2.8114572543455206e-15, -0.5, 4.1666666666666664e-2, -1.388888888888889e-3,
  2.48015873015873e-5, -2.755731922398589e-7, 2.08767569878681e-9, -1.1470745597729725e-11, 4.779477332387385e-14, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);

/** A constant in each lane. */
// @ts-ignore: decorator
@inline
function k<T>(at: i32): v128 { return v128.load_splat<T>((sizeof<T>() == 4 ? SINGLE : DOUBLE) + <usize>at * sizeof<T>()); }

/** p·x + a constant, rounded twice: no processor may join the two. */
// @ts-ignore: decorator
@inline
function step<T>(p: v128, x: v128, at: i32): v128 { return v128.add<T>(v128.mul<T>(p, x), k<T>(at)); }

/** The bits of b where the mask is set, else those of a. */
// @ts-ignore: decorator
@inline
export function choose(mask: v128, b: v128, a: v128): v128 { return v128.bitselect(b, a, mask); }

const MAGIC: f64 = 6755399441055744.0; // 1.5·2⁵²

/** A whole number as an integer in each lane, for |k| < 2²² (2⁵¹): added to 1.5·2²³ (2⁵²) it stands in the low bits. */
// @ts-ignore: decorator
@inline
export function whole<T>(k: v128): v128 {
  if (sizeof<T>() == 4) return i32x4.sub(f32x4.add(k, f32x4.splat(12582912)), i32x4.splat(0x4b400000));
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
    p = k<T>(TAYLOR + 6);
  } else {
    p = k<T>(TAYLOR + 11);
    p = step<T>(p, r, TAYLOR + 10);
    p = step<T>(p, r, TAYLOR + 9);
    p = step<T>(p, r, TAYLOR + 8);
    p = step<T>(p, r, TAYLOR + 7);
    p = step<T>(p, r, TAYLOR + 6);
  }
  p = step<T>(p, r, TAYLOR + 5);
  p = step<T>(p, r, TAYLOR + 4);
  p = step<T>(p, r, TAYLOR + 3);
  p = step<T>(p, r, TAYLOR + 2);
  p = step<T>(p, r, TAYLOR + 1);
  p = step<T>(p, r, TAYLOR + 0);
  return v128.add<T>(r, v128.mul<T>(v128.mul<T>(r, r), p));
}

// @ts-ignore: decorator
@inline
function exponential<T>(x: v128, halved: bool): v128 {
  const t = v128.pmin<T>(v128.pmax<T>(x, k<T>(EXP_LOW)), k<T>(EXP_HIGH));
  const e = v128.nearest<T>(v128.mul<T>(t, k<T>(LOG2E)));
  const r = v128.sub<T>(v128.sub<T>(t, v128.mul<T>(e, k<T>(LN2_HIGH))), v128.mul<T>(e, k<T>(LN2_LOW)));
  const y = v128.add<T>(k<T>(ONE), shortExpm1<T>(r));
  // In two steps: 2^k itself may be no normal number.
  if (sizeof<T>() == 4) {
    const n = halved ? i32x4.sub(whole<T>(e), i32x4.splat(1)) : whole<T>(e);
    const half = i32x4.shr_s(n, 1);
    return v128.mul<T>(v128.mul<T>(y, power<T>(half)), power<T>(i32x4.sub(n, half)));
  }
  const n = halved ? i64x2.sub(whole<T>(e), i64x2.splat(1)) : whole<T>(e);
  const half = i64x2.shr_s(n, 1);
  return v128.mul<T>(v128.mul<T>(y, power<T>(half)), power<T>(i64x2.sub(n, half)));
}

/** eˣ, to infinity and through subnormal numbers to 0. */
// @ts-ignore: decorator
@inline
export function exp<T>(x: v128): v128 { return exponential<T>(x, false); }

/** eˣ/2, also where eˣ overflows. */
// @ts-ignore: decorator
@inline
export function halfExp<T>(x: v128): v128 { return exponential<T>(x, true); }

/** eˣ − 1 for x ≤ 40 (f32: 20), without cancellation. */
// @ts-ignore: decorator
@inline
export function lowExpm1<T>(x: v128): v128 {
  const t = v128.pmin<T>(v128.pmax<T>(x, k<T>(EXPM1_LOW)), k<T>(EXPM1_HIGH));
  const e = v128.nearest<T>(v128.mul<T>(t, k<T>(LOG2E)));
  const r = v128.sub<T>(v128.sub<T>(t, v128.mul<T>(e, k<T>(LN2_HIGH))), v128.mul<T>(e, k<T>(LN2_LOW)));
  const s = power<T>(whole<T>(e));
  return v128.add<T>(v128.mul<T>(s, shortExpm1<T>(r)), v128.sub<T>(s, k<T>(ONE)));
}

/** eˣ − 1. */
// @ts-ignore: decorator
@inline
export function expm1<T>(x: v128): v128 {
  return choose(v128.gt<T>(x, k<T>(EXPM1_HIGH)), exp<T>(x), lowExpm1<T>(x));
}

/** The natural logarithm: x = 2ᵏ·m, m in [√½, √2), and log m = 2 artanh((m − 1)/(m + 1)) by its series. */
// @ts-ignore: decorator
@inline
export function log<T>(x: v128): v128 {
  let twos: v128, m: v128;
  if (sizeof<T>() == 4) {
    const tiny = f32x4.lt(x, f32x4.splat(1.17549435e-38));
    const scaled = choose(tiny, f32x4.mul(x, f32x4.splat(16777216)), x);
    const e = i32x4.shr_s(i32x4.sub(scaled, i32x4.splat(0x3f3504f3)), 23);
    m = i32x4.sub(scaled, i32x4.shl(e, 23));
    twos = f32x4.sub(f32x4.convert_i32x4_s(e), v128.and(tiny, f32x4.splat(24)));
  } else {
    const tiny = f64x2.lt(x, f64x2.splat(2.2250738585072014e-308));
    const scaled = choose(tiny, f64x2.mul(x, f64x2.splat(18014398509481984.0)), x);
    const e = i64x2.shr_s(i64x2.sub(scaled, i64x2.splat(0x3fe6a09e667f3bcd)), 52);
    m = i64x2.sub(scaled, i64x2.shl(e, 52));
    const biased = v128.or(v128.and(i64x2.add(e, i64x2.splat(0x80000)), i64x2.splat(0xfffff)), f64x2.splat(4503599627370496.0));
    twos = f64x2.sub(f64x2.sub(biased, f64x2.splat(4503599627370496.0 + 524288.0)), v128.and(tiny, f64x2.splat(54)));
  }
  // log(1 + f) = f − s·(f − R) with s = f/(2 + f) and R = 2(s²/3 + s⁴/5 + …).
  const f = v128.sub<T>(m, k<T>(ONE));
  const s = v128.div<T>(f, v128.add<T>(k<T>(TWO), f));
  const z = v128.mul<T>(s, s);
  let p: v128;
  if (sizeof<T>() == 4) {
    p = k<T>(ARTANH + 3);
  } else {
    p = k<T>(ARTANH + 10);
    p = step<T>(p, z, ARTANH + 9);
    p = step<T>(p, z, ARTANH + 8);
    p = step<T>(p, z, ARTANH + 7);
    p = step<T>(p, z, ARTANH + 6);
    p = step<T>(p, z, ARTANH + 5);
    p = step<T>(p, z, ARTANH + 4);
    p = step<T>(p, z, ARTANH + 3);
  }
  p = step<T>(p, z, ARTANH + 2);
  p = step<T>(p, z, ARTANH + 1);
  p = step<T>(p, z, ARTANH + 0);
  const R = v128.mul<T>(z, p);
  const rest = v128.sub<T>(v128.sub<T>(v128.mul<T>(s, v128.sub<T>(f, R)), v128.mul<T>(twos, k<T>(LN2_LOW))), f);
  const value = v128.sub<T>(v128.mul<T>(twos, k<T>(LN2_HIGH)), rest);
  // 0 → −∞, below → NaN; ∞ and NaN stay.
  const below = choose(v128.eq<T>(x, num<T>(0)), k<T>(MINUS_INFINITE), k<T>(NOT_A_NUMBER));
  const plain = choose(v128.gt<T>(x, num<T>(0)), value, below);
  return choose(v128.lt<T>(x, k<T>(INFINITE)), plain, x);
}

/** log(1 + x), by what rounding loses in 1 + x. */
// @ts-ignore: decorator
@inline
export function log1p<T>(x: v128): v128 {
  const u = v128.add<T>(k<T>(ONE), x);
  const lost = v128.sub<T>(v128.sub<T>(u, k<T>(ONE)), x);
  const value = v128.sub<T>(log<T>(u), v128.div<T>(lost, u));
  const ends = choose(v128.eq<T>(u, num<T>(0)), k<T>(MINUS_INFINITE), value);
  return choose(v128.eq<T>(x, k<T>(INFINITE)), x, ends);
}

// @ts-ignore: decorator
@inline
function withSignOf<T>(x: v128, size: v128): v128 {
  const sign = k<T>(SIGN_BIT);
  return v128.or(v128.andnot(size, sign), v128.and(x, sign));
}

// @ts-ignore: decorator
@inline
export function tanh<T>(x: v128): v128 {
  const e = lowExpm1<T>(v128.mul<T>(k<T>(MINUS_TWO), v128.abs<T>(x)));
  return withSignOf<T>(x, v128.div<T>(v128.neg<T>(e), v128.add<T>(k<T>(TWO), e)));
}

/** 1/(1 + e⁻ˣ), with its relative accuracy in both tails. */
// @ts-ignore: decorator
@inline
export function sigmoid<T>(x: v128): v128 {
  const e = exp<T>(v128.neg<T>(v128.abs<T>(x)));
  return v128.div<T>(choose(v128.ge<T>(x, num<T>(0)), k<T>(ONE), e), v128.add<T>(k<T>(ONE), e));
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
  const a = v128.pmin<T>(v128.abs<T>(x), k<T>(ERF_END));
  const z = v128.mul<T>(a, a);
  const t = v128.div<T>(v128.sub<T>(a, k<T>(TWO)), v128.add<T>(a, k<T>(TWO)));
  let p: v128, q: v128;
  if (sizeof<T>() == 4) {
    p = k<T>(ERF_NEAR + 6);
    p = step<T>(p, z, ERF_NEAR + 5);
    p = step<T>(p, z, ERF_NEAR + 4);
    p = step<T>(p, z, ERF_NEAR + 3);
    p = step<T>(p, z, ERF_NEAR + 2);
    p = step<T>(p, z, ERF_NEAR + 1);
    p = step<T>(p, z, ERF_NEAR + 0);
    q = k<T>(ERF_FAR + 8);
    q = step<T>(q, t, ERF_FAR + 7);
    q = step<T>(q, t, ERF_FAR + 6);
    q = step<T>(q, t, ERF_FAR + 5);
    q = step<T>(q, t, ERF_FAR + 4);
    q = step<T>(q, t, ERF_FAR + 3);
    q = step<T>(q, t, ERF_FAR + 2);
    q = step<T>(q, t, ERF_FAR + 1);
    q = step<T>(q, t, ERF_FAR + 0);
  } else {
    p = k<T>(ERF_NEAR + 12);
    p = step<T>(p, z, ERF_NEAR + 11);
    p = step<T>(p, z, ERF_NEAR + 10);
    p = step<T>(p, z, ERF_NEAR + 9);
    p = step<T>(p, z, ERF_NEAR + 8);
    p = step<T>(p, z, ERF_NEAR + 7);
    p = step<T>(p, z, ERF_NEAR + 6);
    p = step<T>(p, z, ERF_NEAR + 5);
    p = step<T>(p, z, ERF_NEAR + 4);
    p = step<T>(p, z, ERF_NEAR + 3);
    p = step<T>(p, z, ERF_NEAR + 2);
    p = step<T>(p, z, ERF_NEAR + 1);
    p = step<T>(p, z, ERF_NEAR + 0);
    q = k<T>(ERF_FAR + 17);
    q = step<T>(q, t, ERF_FAR + 16);
    q = step<T>(q, t, ERF_FAR + 15);
    q = step<T>(q, t, ERF_FAR + 14);
    q = step<T>(q, t, ERF_FAR + 13);
    q = step<T>(q, t, ERF_FAR + 12);
    q = step<T>(q, t, ERF_FAR + 11);
    q = step<T>(q, t, ERF_FAR + 10);
    q = step<T>(q, t, ERF_FAR + 9);
    q = step<T>(q, t, ERF_FAR + 8);
    q = step<T>(q, t, ERF_FAR + 7);
    q = step<T>(q, t, ERF_FAR + 6);
    q = step<T>(q, t, ERF_FAR + 5);
    q = step<T>(q, t, ERF_FAR + 4);
    q = step<T>(q, t, ERF_FAR + 3);
    q = step<T>(q, t, ERF_FAR + 2);
    q = step<T>(q, t, ERF_FAR + 1);
    q = step<T>(q, t, ERF_FAR + 0);
  }
  const near = v128.add<T>(a, v128.mul<T>(a, p));
  const tail = v128.div<T>(v128.mul<T>(exp<T>(v128.neg<T>(z)), q), v128.add<T>(k<T>(ONE), v128.mul<T>(k<T>(TWO), a)));
  return withSignOf<T>(x, choose(v128.lt<T>(a, k<T>(ONE)), near, v128.sub<T>(k<T>(ONE), tail)));
}

/** From here on three parts of π/2 leave too little of x: its quarters are counted by the binary digits of 2/π. */
const LARGE: f64 = 1e6;

/** 64 zeros and the digits of 2/π behind the point, in words of 32. */
const TWO_OVER_PI: usize = memory.data<u32>([
  0, 0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561,
  0xb7246e3a, 0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e, 0xe88235f5, 0x2ebb4484, 0xe99c7026, 0xb45f7e41,
  0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b, 0x1ff897ff, 0xde05980f, 0xef2f118b, 0x5a0a6d1f, 0x6d367ecf, 0x27cb09b7,
  0x4f463f66, 0x9e5fea2d, 0x7527bac7, 0xebe5f17b, 0x3d0739f7, 0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08, 0x56033046, 0xfc7b6bab,
  0xf0cfbc20, 0x9af4361d,
]);

/** 32 digits of 2/π from place o on. */
// @ts-ignore: decorator
@inline
function digits(o: i32): u64 {
  const at = TWO_OVER_PI + (<usize>(o >> 5) << 2);
  return (((<u64>load<u32>(at) << 32) | <u64>load<u32>(at, 4)) << <u64>(o & 31)) >> 32;
}

/** The quarter turns that {@link reduced} took off, of this instance: memory would be shared with other threads. */
let quarters: i64 = 0;

/**
 * x less its nearest multiple of π/2, for finite |x| from 1 on, within an ulp (Payne and Hanek, "Radian reduction for
 * trigonometric functions", SIGNUM Newsletter 18(1), 1983): |x| is m·2^e, and 192 digits of 2/π, those before them making
 * whole turns, times m give two digits of quarters and 190 behind the point.
 */
function reduced(x: f64): f64 {
  const bits = reinterpret<u64>(abs(x)), word: u64 = 0xffffffff;
  const m = (bits & 0xfffffffffffff) | 0x10000000000000;
  const o = <i32>(bits >> 52) - 1075 - 2 + 64;
  const low = m & word, high = m >> 32;
  let a0: u64 = 0, a1: u64 = 0, a2: u64 = 0, carry: u64 = 0, before: u64 = 0;
  for (let j = 0; j < 6; j++) {
    const now = digits(o + 160 - 32 * j);
    const t = now * low, u = before * high;
    const sum = (t & word) + (u & word) + carry;
    carry = (sum >> 32) + (t >> 32) + (u >> 32);
    before = now;
    const limb = (sum & word) << <u64>(32 * (j & 1));
    if (j < 2) a0 |= limb;
    else if (j < 4) a1 |= limb;
    else a2 |= limb;
  }
  let quarter = <i64>(a2 >> 62);
  a2 = (a2 << 2) | (a1 >> 62);
  a1 = (a1 << 2) | (a0 >> 62);
  a0 <<= 2;
  let sign: f64 = 1;
  if (a2 >> 63) {
    // Nearer to the next quarter: the distance to it.
    quarter++;
    sign = -1;
    a0 = ~a0 + 1;
    a1 = ~a1 + <u64>(a0 == 0);
    a2 = ~a2 + <u64>(a0 == 0 && a1 == 0);
  }
  const zeros = clz(a2);
  if (zeros > 0) {
    a2 = (a2 << zeros) | (a1 >> (64 - zeros));
    a1 = (a1 << zeros) | (a0 >> (64 - zeros));
  }
  const scale = reinterpret<f64>((1023 - zeros) << 52);
  const first = <f64>(a2 >> 11) * 1.1102230246251565e-16 * scale;
  const second = <f64>(((a2 & 0x7ff) << 42) | (a1 >> 22)) * 1.232595164407831e-32 * scale;
  const r = first * 1.5707963267948966 + (first * 6.123233995736766e-17 + second * 1.5707963267948966);
  quarters = x < 0 ? -quarter : quarter;
  return x < 0 ? -sign * r : sign * r;
}

/** Vectors with large numbers, their quarter turns in place of e. */
function turnedLarge(x: v128, r: v128, e: v128, turn: i64): v128 {
  let quarter = whole<f64>(e);
  const first = f64x2.extract_lane(x, 0), second = f64x2.extract_lane(x, 1);
  if (abs(first) > LARGE && abs(first) < Infinity) {
    r = f64x2.replace_lane(r, 0, reduced(first));
    quarter = i64x2.replace_lane(quarter, 0, quarters);
  }
  if (abs(second) > LARGE && abs(second) < Infinity) {
    r = f64x2.replace_lane(r, 1, reduced(second));
    quarter = i64x2.replace_lane(quarter, 1, quarters);
  }
  return turnedBy(r, i64x2.add(quarter, i64x2.splat(turn)));
}

/** sin(x + turn·π/2). */
// @ts-ignore: decorator
@inline
function turned(x: v128, turn: i64): v128 {
  const t = f64x2.pmin(f64x2.pmax(x, k<f64>(TURN_LOW)), k<f64>(TURN_HIGH));
  const e = f64x2.nearest(f64x2.mul(t, k<f64>(PER_TURN)));
  let r = f64x2.sub(x, f64x2.mul(e, k<f64>(HALF_PI)));
  r = f64x2.sub(r, f64x2.mul(e, k<f64>(HALF_PI + 1)));
  r = f64x2.sub(r, f64x2.mul(e, k<f64>(HALF_PI + 2)));
  if (v128.any_true(f64x2.gt(f64x2.abs(x), f64x2.splat(LARGE)))) return turnedLarge(x, r, e, turn);
  return turnedBy(r, i64x2.add(whole<f64>(e), i64x2.splat(turn)));
}

/** sin(r + quarter·π/2) for |r| up to π/4. */
// @ts-ignore: decorator
@inline
function turnedBy(r: v128, quarter: v128): v128 {
  const z = f64x2.mul(r, r);
  let s = k<f64>(SINE + 7);
  s = step<f64>(s, z, SINE + 6);
  s = step<f64>(s, z, SINE + 5);
  s = step<f64>(s, z, SINE + 4);
  s = step<f64>(s, z, SINE + 3);
  s = step<f64>(s, z, SINE + 2);
  s = step<f64>(s, z, SINE + 1);
  s = step<f64>(s, z, SINE + 0);
  const sine = f64x2.add(r, f64x2.mul(f64x2.mul(r, z), s));
  let c = k<f64>(COSINE + 7);
  c = step<f64>(c, z, COSINE + 6);
  c = step<f64>(c, z, COSINE + 5);
  c = step<f64>(c, z, COSINE + 4);
  c = step<f64>(c, z, COSINE + 3);
  c = step<f64>(c, z, COSINE + 2);
  c = step<f64>(c, z, COSINE + 1);
  c = step<f64>(c, z, COSINE + 0);
  const cosine = f64x2.add(k<f64>(ONE), f64x2.mul(z, c));
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

/** xʸ as e^(y·log |x|), below 0 for whole y alone: in f64 by a logarithm in two parts, f32 goes through f64 with one. */
// @ts-ignore: decorator
@inline
export function pow<T>(x: v128, y: v128): v128 {
  if (sizeof<T>() == 8) return pow64(x, y);
  const low = powPlain(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y));
  const high = powPlain(
    f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3)),
    f64x2.promote_low_f32x4(v128.shuffle<f32>(y, y, 2, 3, 2, 3)),
  );
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

function powPlain(x: v128, y: v128): v128 {
  return signedPower(x, y, exp<f64>(f64x2.mul(y, log<f64>(f64x2.abs(x)))));
}

/** xʸ by |x|ʸ. */
function signedPower(x: v128, y: v128, size: v128): v128 {
  const half = f64x2.mul(y, f64x2.splat(0.5));
  const odd = f64x2.ne(f64x2.nearest(half), half);
  const negative = choose(f64x2.ne(f64x2.nearest(y), y), f64x2.splat(NaN), choose(odd, f64x2.neg(size), size));
  const value = choose(f64x2.lt(x, f64x2.splat(0)), negative, size);
  return choose(f64x2.eq(y, f64x2.splat(0)), f64x2.splat(1), value);
}

/** What rounding took from the product p of a and b (Dekker 1971). */
function lostOf(a: v128, b: v128, p: v128): v128 {
  const split = f64x2.splat(134217729);
  let t = f64x2.mul(split, a);
  const ah = f64x2.sub(t, f64x2.sub(t, a)), al = f64x2.sub(a, ah);
  t = f64x2.mul(split, b);
  const bh = f64x2.sub(t, f64x2.sub(t, b)), bl = f64x2.sub(b, bh);
  const rest = f64x2.sub(f64x2.sub(f64x2.sub(p, f64x2.mul(ah, bh)), f64x2.mul(al, bh)), f64x2.mul(ah, bl));
  return f64x2.sub(f64x2.mul(al, bl), rest);
}

/**
 * The logarithm of |x| = 2ᵉ·m as e·log 2 + 2s + s·R in two parts, s = (m − 1)/(m + 1) itself in two: R is small, so that its
 * rounding matters to the seventh bit behind the last one only. The product by y keeps what it loses, too.
 */
function pow64(x: v128, y: v128): v128 {
  const a = f64x2.abs(x);
  const tiny = f64x2.lt(a, f64x2.splat(2.2250738585072014e-308));
  const scaled = choose(tiny, f64x2.mul(a, f64x2.splat(18014398509481984.0)), a);
  const e = i64x2.shr_s(i64x2.sub(scaled, i64x2.splat(0x3fe6a09e667f3bcd)), 52);
  const m = i64x2.sub(scaled, i64x2.shl(e, 52));
  const biased = v128.or(v128.and(i64x2.add(e, i64x2.splat(0x80000)), i64x2.splat(0xfffff)), f64x2.splat(4503599627370496.0));
  const twos = f64x2.sub(f64x2.sub(biased, f64x2.splat(4503599627370496.0 + 524288.0)), v128.and(tiny, f64x2.splat(54)));
  const f = f64x2.sub(m, k<f64>(ONE));
  const d = f64x2.add(k<f64>(TWO), f);
  const dLow = f64x2.sub(f, f64x2.sub(d, k<f64>(TWO)));
  const s = f64x2.div(f, d);
  const p = f64x2.mul(s, d);
  const left = f64x2.sub(f64x2.sub(f64x2.sub(f, p), lostOf(s, d, p)), f64x2.mul(s, dLow));
  const sLow = f64x2.div(left, d);
  const z = f64x2.mul(s, s);
  let q = k<f64>(ARTANH + 10);
  q = step<f64>(q, z, ARTANH + 9);
  q = step<f64>(q, z, ARTANH + 8);
  q = step<f64>(q, z, ARTANH + 7);
  q = step<f64>(q, z, ARTANH + 6);
  q = step<f64>(q, z, ARTANH + 5);
  q = step<f64>(q, z, ARTANH + 4);
  q = step<f64>(q, z, ARTANH + 3);
  q = step<f64>(q, z, ARTANH + 2);
  q = step<f64>(q, z, ARTANH + 1);
  q = step<f64>(q, z, ARTANH + 0);
  const small = f64x2.add(f64x2.add(sLow, sLow), f64x2.mul(s, f64x2.mul(z, q)));
  const whole = f64x2.mul(twos, k<f64>(LN2_HIGH)), twice = f64x2.add(s, s);
  const high = f64x2.add(whole, twice);
  const tail = f64x2.add(
    f64x2.sub(twice, f64x2.sub(high, whole)),
    f64x2.add(small, f64x2.mul(twos, k<f64>(LN2_LOW))),
  );
  const sum = f64x2.add(high, tail);
  const sumLow = f64x2.sub(tail, f64x2.sub(sum, high));
  // 0, ∞ and what is no number have a logarithm of one part.
  const plain = v128.and(f64x2.gt(a, num<f64>(0)), f64x2.lt(a, k<f64>(INFINITE)));
  const logarithm = choose(plain, sum, choose(f64x2.eq(a, num<f64>(0)), k<f64>(MINUS_INFINITE), a));
  const exponent = f64x2.mul(y, logarithm);
  const lost = f64x2.add(lostOf(y, logarithm, exponent), f64x2.mul(y, sumLow));
  const size = exp<f64>(exponent);
  const fits = v128.and(plain, v128.and(f64x2.lt(f64x2.abs(exponent), f64x2.splat(709)), f64x2.eq(lost, lost)));
  return signedPower(x, y, choose(fits, f64x2.add(size, f64x2.mul(size, lost)), size));
}

/** P(Z ≤ x) of a standard normal variable, to two ulp of 1: in f32 erf is x·P(x²)/Q(x²) here, without an exponential. */
// @ts-ignore: decorator
@inline
function normal<T>(x: v128): v128 {
  const y = v128.mul<T>(x, k<T>(ROOT_HALF));
  if (sizeof<T>() == 8) return v128.mul<T>(k<T>(HALF), v128.add<T>(k<T>(ONE), erf<T>(y)));
  const a = v128.pmin<T>(v128.abs<T>(y), k<T>(QUICK_END));
  const z = v128.mul<T>(a, a);
  let p = k<T>(QUICK_P + 5), q = k<T>(QUICK_Q + 5);
  p = step<T>(p, z, QUICK_P + 4);
  q = step<T>(q, z, QUICK_Q + 4);
  p = step<T>(p, z, QUICK_P + 3);
  q = step<T>(q, z, QUICK_Q + 3);
  p = step<T>(p, z, QUICK_P + 2);
  q = step<T>(q, z, QUICK_Q + 2);
  p = step<T>(p, z, QUICK_P + 1);
  q = step<T>(q, z, QUICK_Q + 1);
  p = step<T>(p, z, QUICK_P + 0);
  q = step<T>(q, z, QUICK_Q + 0);
  const size = v128.pmin<T>(v128.div<T>(v128.mul<T>(a, p), q), k<T>(ONE));
  return v128.mul<T>(k<T>(HALF), v128.add<T>(k<T>(ONE), withSignOf<T>(y, size)));
}

// @ts-ignore: decorator
@inline
export function gelu<T>(x: v128): v128 { return v128.mul<T>(x, normal<T>(x)); }

/** The derivative of gelu: Φ(x) + x·φ(x). */
// @ts-ignore: decorator
@inline
export function geluSlope<T>(x: v128): v128 {
  const density = v128.mul<T>(k<T>(DENSITY), exp<T>(v128.mul<T>(k<T>(MINUS_HALF), v128.mul<T>(x, x))));
  return v128.add<T>(normal<T>(x), v128.mul<T>(x, density));
}

/** The derivative of x·σ(x): σ + x·σ·(1 − σ). */
// @ts-ignore: decorator
@inline
export function siluSlope<T>(x: v128): v128 {
  const s = sigmoid<T>(x);
  return v128.add<T>(s, v128.mul<T>(v128.mul<T>(x, s), v128.sub<T>(k<T>(ONE), s)));
}
