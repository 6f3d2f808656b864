// Trigonometric, hyperbolic and gamma functions of contiguous vectors of f32, within 2 ulp; what would lose digits is
// computed in double precision, two numbers at a time. Twins in src/networks/special.ts. Polynomials without another source
// are those of Moshier's Cephes.

import { choose, cos, halfExp, log, num, sin, whole } from '../common/functions';
import { digamma, lgamma, shortLgamma, trigamma } from '../common/gamma';

// The numbers of the functions, those of specialCodes in src/networks/special.ts.
const TAN: i32 = 0;
const ASIN: i32 = 1;
const ACOS: i32 = 2;
const ATAN: i32 = 3;
const SINH: i32 = 4;
const COSH: i32 = 5;
const ASINH: i32 = 6;
const ACOSH: i32 = 7;
const ATANH: i32 = 8;
const LGAMMA: i32 = 9;
const DIGAMMA: i32 = 10;
const TRIGAMMA: i32 = 11;

const TANGENT: i32 = 0;
const ARCSINE: i32 = 6;
const ARCTANGENT: i32 = 11;
const SINE: i32 = 15;
const AREA_SINE: i32 = 18;
const AREA_TANGENT: i32 = 22;
const ONE: i32 = 27;
const MINUS_ONE: i32 = 28;
const HALF: i32 = 29;
const QUARTER: i32 = 30;
const PER_TURN: i32 = 31;
const RIGHT: i32 = 32;
const RIGHT_LOW: i32 = 33;
const EIGHTH: i32 = 34;
const EIGHTH_LOW: i32 = 35;
const STRAIGHT: i32 = 36;
const STRAIGHT_LOW: i32 = 37;
const FAR: i32 = 38;
const MIDDLE: i32 = 39;
const TURNS: i32 = 40;
const LARGE: i32 = 41;
const LN2: i32 = 42;
const TWO: i32 = 43;
const INFINITE: i32 = 44;
const GAMMA_END: i32 = 45;
const HALF_PI: f64 = 1.5707963267341256;
const HALF_PI_LOW: f64 = 6.077100506506192e-11;
const SINGLE: usize = memory.data<f32>([
  9.38540185543e-3, 3.11992232697e-3, 2.44301354525e-2, 5.34112807005e-2, 1.33387994085e-1, 3.33331568548e-1,
  4.2163199048e-2, 2.4181311049e-2, 4.5470025998e-2, 7.4953002686e-2, 1.6666752422e-1, 8.05374449538e-2,
  -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1, 2.03721912945e-4, 8.33028376239e-3, 1.66667160211e-1,
  2.0122003309e-2, -4.2699340972e-2, 7.4847586088e-2, -1.6666288134e-1, 1.81740078349e-1, 8.24370301058e-2,
  1.46691431730e-1, 1.99782164500e-1, 3.33337300303e-1, 1, -1, 0.5, 0.25, 0.6366197723675814, 1.5707963267948966,
  -4.371139000186241e-8, 0.7853981633974483, -2.1855695000931206e-8, 3.141592653589793, -8.742278000372481e-8,
  2.414213562373095, 0.41421356237309503, 1e4, 1e9, 0.6931471805599453, 2, Infinity, 12,
]);

// @ts-ignore: decorator
@inline
function k(at: i32): v128 { return v128.load32_splat(SINGLE + (<usize>at << 2)); }
// @ts-ignore: decorator
@inline
function step(p: v128, x: v128, at: i32): v128 { return f32x4.add(f32x4.mul(p, x), k(at)); }
/** The upper half of four numbers, below. */
// @ts-ignore: decorator
@inline
function upper(x: v128): v128 { return v128.shuffle<f32>(x, x, 2, 3, 2, 3); }
// @ts-ignore: decorator
@inline
function joined(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}
/** A size of its own with the sign of x. */
// @ts-ignore: decorator
@inline
function signed(x: v128, size: v128): v128 { return v128.or(size, v128.and(x, num<f32>(-0.0))); }

/** x less a multiple of π/2. */
// @ts-ignore: decorator
@inline
function rest(x: v128, turns: v128): v128 {
  return f64x2.sub(f64x2.sub(x, f64x2.mul(turns, f64x2.splat(HALF_PI))), f64x2.mul(turns, f64x2.splat(HALF_PI_LOW)));
}

/** The tangent of numbers with many turns. */
function farTangent(x: v128): v128 { return f32x4.div(sin<f32>(x), cos<f32>(x)); }

// @ts-ignore: decorator
@inline
function tan(x: v128): v128 {
  const turns = f32x4.nearest(f32x4.mul(x, k(PER_TURN)));
  const low = rest(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(turns));
  const high = rest(f64x2.promote_low_f32x4(upper(x)), f64x2.promote_low_f32x4(upper(turns)));
  const r = joined(low, high), z = f32x4.mul(r, r);
  let p = k(TANGENT);
  p = step(p, z, TANGENT + 1);
  p = step(p, z, TANGENT + 2);
  p = step(p, z, TANGENT + 3);
  p = step(p, z, TANGENT + 4);
  p = step(p, z, TANGENT + 5);
  p = f32x4.mul(f32x4.mul(z, p), r);
  const t = joined(f64x2.add(low, f64x2.promote_low_f32x4(p)), f64x2.add(high, f64x2.promote_low_f32x4(upper(p))));
  const odd = i32x4.shr_s(i32x4.shl(whole<f32>(turns), 31), 31);
  const near = choose(f32x4.eq(x, num<f32>(0)), x, choose(odd, f32x4.div(k(MINUS_ONE), t), t));
  const far = f32x4.gt(f32x4.abs(x), k(TURNS));
  if (v128.any_true(far)) return choose(far, farTangent(x), near);
  return near;
}

/** asin s − s for s up to ½, by its square; beyond, asin and acos use s = √((1 − |x|)/2). */
// @ts-ignore: decorator
@inline
function aboveSine(s: v128, z: v128): v128 {
  let p = k(ARCSINE);
  p = step(p, z, ARCSINE + 1);
  p = step(p, z, ARCSINE + 2);
  p = step(p, z, ARCSINE + 3);
  p = step(p, z, ARCSINE + 4);
  return f32x4.mul(s, f32x4.mul(z, p));
}

/** high − 2·(s + more) with the lower digits of high: the first difference is exact. */
// @ts-ignore: decorator
@inline
function lessTwice(s: v128, more: v128, high: v128, low: v128): v128 {
  return f32x4.sub(f32x4.sub(high, f32x4.add(s, s)), f32x4.sub(f32x4.add(more, more), low));
}

// @ts-ignore: decorator
@inline
function asin(x: v128): v128 {
  const a = f32x4.abs(x), high = f32x4.gt(a, k(HALF));
  const z = choose(high, f32x4.mul(k(HALF), f32x4.sub(k(ONE), a)), f32x4.mul(a, a));
  const s = choose(high, f32x4.sqrt(z), a), more = aboveSine(s, z);
  return signed(x, choose(high, lessTwice(s, more, k(RIGHT), k(RIGHT_LOW)), f32x4.add(s, more)));
}

// @ts-ignore: decorator
@inline
function acos(x: v128): v128 {
  const a = f32x4.abs(x), high = f32x4.gt(a, k(HALF)), below = f32x4.lt(x, num<f32>(0));
  const z = choose(high, f32x4.mul(k(HALF), f32x4.sub(k(ONE), a)), f32x4.mul(a, a));
  const s = choose(high, f32x4.sqrt(z), x), more = aboveSine(s, z), p = f32x4.add(s, more);
  const large = choose(below, lessTwice(s, more, k(STRAIGHT), k(STRAIGHT_LOW)), f32x4.add(p, p));
  return choose(high, large, f32x4.sub(k(RIGHT), f32x4.sub(p, k(RIGHT_LOW))));
}

/** Beyond tan(3π/8) by −1/|x|, in the middle by (|x| − 1)/(|x| + 1). */
// @ts-ignore: decorator
@inline
function atan(x: v128): v128 {
  const a = f32x4.abs(x), one = k(ONE), zero = num<f32>(0);
  const far = f32x4.gt(a, k(FAR)), middle = f32x4.gt(a, k(MIDDLE));
  const over = choose(far, k(MINUS_ONE), choose(middle, f32x4.sub(a, one), a));
  const under = choose(far, a, choose(middle, f32x4.add(a, one), one));
  const t = f32x4.div(over, under), z = f32x4.mul(t, t);
  let p = k(ARCTANGENT);
  p = step(p, z, ARCTANGENT + 1);
  p = step(p, z, ARCTANGENT + 2);
  p = step(p, z, ARCTANGENT + 3);
  const small = f32x4.add(f32x4.mul(f32x4.mul(p, z), t), t);
  const low = choose(far, k(RIGHT_LOW), choose(middle, k(EIGHTH_LOW), zero));
  const base = choose(far, k(RIGHT), choose(middle, k(EIGHTH), zero));
  return signed(x, f32x4.add(base, f32x4.add(small, low)));
}

// @ts-ignore: decorator
@inline
function sinh(x: v128): v128 {
  const a = f32x4.abs(x), z = f32x4.mul(a, a), half = halfExp<f32>(a);
  let p = k(SINE);
  p = step(p, z, SINE + 1);
  p = step(p, z, SINE + 2);
  const small = f32x4.add(a, f32x4.mul(a, f32x4.mul(z, p)));
  return signed(x, choose(f32x4.gt(a, k(ONE)), f32x4.sub(half, f32x4.div(k(QUARTER), half)), small));
}

// @ts-ignore: decorator
@inline
function cosh(x: v128): v128 {
  const half = halfExp<f32>(f32x4.abs(x));
  return f32x4.add(half, f32x4.div(k(QUARTER), half));
}

/** log(1 + a + b) for a ≥ 0 and 0 ≤ b, with what rounding loses in both sums. */
// @ts-ignore: decorator
@inline
function log1pSum(a: v128, b: v128): v128 {
  const sum = f32x4.add(a, b), larger = f32x4.max(a, b);
  const left = f32x4.sub(f32x4.min(a, b), f32x4.sub(sum, larger));
  const u = f32x4.add(k(ONE), sum);
  const lost = f32x4.sub(f32x4.sub(f32x4.sub(u, k(ONE)), sum), left);
  return choose(f32x4.lt(sum, k(INFINITE)), f32x4.sub(log<f32>(u), f32x4.div(lost, u)), sum);
}

/** log(1 + |x| + x²/(1 + √(1 + x²))), for large numbers log 2|x|. */
// @ts-ignore: decorator
@inline
function asinh(x: v128): v128 {
  const a = f32x4.abs(x), z = f32x4.mul(a, a), large = f32x4.gt(a, k(LARGE));
  let p = k(AREA_SINE);
  p = step(p, z, AREA_SINE + 1);
  p = step(p, z, AREA_SINE + 2);
  p = step(p, z, AREA_SINE + 3);
  const small = f32x4.add(a, f32x4.mul(a, f32x4.mul(z, p)));
  const more = f32x4.div(z, f32x4.add(k(ONE), f32x4.sqrt(f32x4.add(k(ONE), z))));
  const value = log1pSum(a, v128.andnot(more, large));
  const plain = f32x4.add(value, v128.and(k(LN2), large));
  return signed(x, choose(f32x4.lt(a, k(HALF)), small, plain));
}

/** With t = x − 1: log(1 + t + √(t(t + 2))), for large numbers log 2x. */
// @ts-ignore: decorator
@inline
function acosh(x: v128): v128 {
  const large = f32x4.gt(x, k(LARGE)), t = f32x4.sub(x, k(ONE));
  const more = f32x4.sqrt(f32x4.mul(t, f32x4.add(t, k(TWO))));
  const value = f32x4.add(log1pSum(t, v128.andnot(more, large)), v128.and(k(LN2), large));
  return choose(f32x4.lt(x, k(ONE)), num<f32>(NaN), value);
}

/** ½·log(1 + 2|x|/(1 − |x|)). */
// @ts-ignore: decorator
@inline
function atanh(x: v128): v128 {
  const a = f32x4.abs(x), z = f32x4.mul(a, a);
  let p = k(AREA_TANGENT);
  p = step(p, z, AREA_TANGENT + 1);
  p = step(p, z, AREA_TANGENT + 2);
  p = step(p, z, AREA_TANGENT + 3);
  p = step(p, z, AREA_TANGENT + 4);
  const small = f32x4.add(a, f32x4.mul(a, f32x4.mul(z, p)));
  const w = f32x4.div(f32x4.add(a, a), f32x4.sub(k(ONE), a));
  const value = f32x4.mul(k(HALF), log1pSum(w, num<f32>(0)));
  const inside = choose(f32x4.lt(a, k(HALF)), small, value);
  return choose(f32x4.gt(a, k(ONE)), num<f32>(NaN), signed(x, inside));
}

function longLgamma(x: v128): v128 {
  return joined(lgamma(f64x2.promote_low_f32x4(x)), lgamma(f64x2.promote_low_f32x4(upper(x))));
}

// @ts-ignore: decorator
@inline
function valueOf(op: i32, x: v128): v128 {
  if (op == TAN) return tan(x);
  if (op == ASIN) return asin(x);
  if (op == ACOS) return acos(x);
  if (op == ATAN) return atan(x);
  if (op == SINH) return sinh(x);
  if (op == COSH) return cosh(x);
  if (op == ASINH) return asinh(x);
  if (op == ACOSH) return acosh(x);
  if (op == ATANH) return atanh(x);
  const low = f64x2.promote_low_f32x4(x), high = f64x2.promote_low_f32x4(upper(x));
  if (op == LGAMMA) {
    const value = joined(shortLgamma(low), shortLgamma(high));
    const outside = v128.or(f32x4.lt(x, k(HALF)), f32x4.gt(x, k(GAMMA_END)));
    if (v128.any_true(outside)) return choose(outside, longLgamma(x), value);
    return value;
  }
  if (op == DIGAMMA) return joined(digamma(low), digamma(high));
  return joined(trigamma(low), trigamma(high));
}

// @ts-ignore: decorator
@inline
function loop(op: i32, n: i32, x: usize, y: usize, work: usize): void {
  for (let i = n >> 2; i > 0; i--) {
    v128.store(y, valueOf(op, v128.load(x)));
    x += 16;
    y += 16;
  }
  const rest = <usize>(n & 3) << 2;
  if (rest != 0) {
    memory.copy(work, x, rest);
    v128.store(work, valueOf(op, v128.load(work)));
    memory.copy(y, work, rest);
  }
}

// In two groups, which the compiler takes less time for.

function circular(op: i32, n: i32, x: usize, y: usize, work: usize): void {
  switch (op) {
    case TAN: loop(TAN, n, x, y, work); break;
    case ASIN: loop(ASIN, n, x, y, work); break;
    case ACOS: loop(ACOS, n, x, y, work); break;
    case ATAN: loop(ATAN, n, x, y, work); break;
    case LGAMMA: loop(LGAMMA, n, x, y, work); break;
    case DIGAMMA: loop(DIGAMMA, n, x, y, work); break;
    case TRIGAMMA: loop(TRIGAMMA, n, x, y, work); break;
  }
}

function hyperbolic(op: i32, n: i32, x: usize, y: usize, work: usize): void {
  switch (op) {
    case SINH: loop(SINH, n, x, y, work); break;
    case COSH: loop(COSH, n, x, y, work); break;
    case ASINH: loop(ASINH, n, x, y, work); break;
    case ACOSH: loop(ACOSH, n, x, y, work); break;
    case ATANH: loop(ATANH, n, x, y, work); break;
  }
}

/** y ← f(x) of n contiguous numbers; y may be x. `op` is a number of specialCodes; `work` has 16 bytes. */
export function sspecialElements(op: i32, n: i32, x: usize, y: usize, work: usize): void {
  if (op >= SINH && op <= ATANH) hyperbolic(op, n, x, y, work);
  else circular(op, n, x, y, work);
}
