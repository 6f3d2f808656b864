// Exponential and logarithm by polynomials, within an ulp or two, which costs a fifth of a call to the scalar functions.

const LOG2E: f64 = 1.4426950408889634;
const LN2_HIGH: f64 = 6.93147180369123816490e-1;
const LN2_LOW: f64 = 1.90821492927058770002e-10;
const MAGIC: f64 = 6755399441055744.0; // 1.5·2⁵²: adding it leaves an integer in the low bits

/** e^x for −708 ≤ x ≤ 0; below, e^−708 (3e-308). Cody–Waite reduction, Taylor to degree 13 on |r| ≤ ½ ln 2. */
// @ts-ignore: decorator
@inline
export function expNegative(x: v128): v128 {
  x = f64x2.pmax(x, f64x2.splat(-708));
  const shifted = f64x2.add(f64x2.mul(x, f64x2.splat(LOG2E)), f64x2.splat(MAGIC));
  const k = f64x2.sub(shifted, f64x2.splat(MAGIC));
  let r = f64x2.sub(x, f64x2.mul(k, f64x2.splat(LN2_HIGH)));
  r = f64x2.sub(r, f64x2.mul(k, f64x2.splat(LN2_LOW)));
  // Even and odd powers apart: two short chains instead of one long.
  const q = f64x2.mul(r, r);
  let odd = f64x2.splat(1.6059043836821613e-10), p = f64x2.splat(2.08767569878681e-9);
  odd = f64x2.add(f64x2.mul(odd, q), f64x2.splat(2.505210838544172e-8));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(2.755731922398589e-7));
  odd = f64x2.add(f64x2.mul(odd, q), f64x2.splat(2.7557319223985893e-6));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(2.48015873015873e-5));
  odd = f64x2.add(f64x2.mul(odd, q), f64x2.splat(1.984126984126984e-4));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(1.388888888888889e-3));
  odd = f64x2.add(f64x2.mul(odd, q), f64x2.splat(8.333333333333333e-3));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(4.1666666666666664e-2));
  odd = f64x2.add(f64x2.mul(odd, q), f64x2.splat(1.6666666666666666e-1));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(0.5));
  odd = f64x2.add(f64x2.mul(odd, q), f64x2.splat(1));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(1));
  p = f64x2.add(p, f64x2.mul(r, odd));
  const power = i64x2.shl(i64x2.add(shifted, i64x2.splat(1023)), 52);
  return f64x2.mul(p, power);
}

/** 2·artanh(z) by its odd series: 17 terms for |z| ≤ 1/3, or 11, where z is at most (√2 − 1)/(√2 + 1). */
// @ts-ignore: decorator
@inline
export function twiceArtanh(z: v128, short: bool): v128 {
  const q = f64x2.mul(z, z);
  let p: v128;
  if (short) {
    p = f64x2.splat(2.0 / 21.0);
  } else {
    p = f64x2.splat(2.0 / 33.0);
    p = f64x2.add(f64x2.mul(p, q), f64x2.splat(2.0 / 31.0));
    p = f64x2.add(f64x2.mul(p, q), f64x2.splat(2.0 / 29.0));
    p = f64x2.add(f64x2.mul(p, q), f64x2.splat(2.0 / 27.0));
    p = f64x2.add(f64x2.mul(p, q), f64x2.splat(2.0 / 25.0));
    p = f64x2.add(f64x2.mul(p, q), f64x2.splat(2.0 / 23.0));
    p = f64x2.add(f64x2.mul(p, q), f64x2.splat(2.0 / 21.0));
  }
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(2.0 / 19.0));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(2.0 / 17.0));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(2.0 / 15.0));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(2.0 / 13.0));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(2.0 / 11.0));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(2.0 / 9.0));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(2.0 / 7.0));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(2.0 / 5.0));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(2.0 / 3.0));
  p = f64x2.add(f64x2.mul(p, q), f64x2.splat(2.0));
  return f64x2.mul(p, z);
}

/** log x for normal positive x. */
// @ts-ignore: decorator
@inline
export function log(x: v128): v128 {
  // Mantissa in [√½, √2): take off the exponent of x·√2, less its own ½.
  const bits = i64x2.sub(x, i64x2.splat(0x3fe6a09e667f3bcd));
  const k = i64x2.shr_s(bits, 52);
  const m = i64x2.sub(x, i64x2.shl(k, 52));
  const z = f64x2.div(f64x2.sub(m, f64x2.splat(1)), f64x2.add(m, f64x2.splat(1)));
  const e = f64x2.sub(v128.or(v128.and(i64x2.add(k, i64x2.splat(0x80000)), i64x2.splat(0xfffff)), f64x2.splat(4503599627370496.0)), f64x2.splat(4503599627370496.0 + 524288.0));
  return f64x2.add(twiceArtanh(z, true), f64x2.mul(e, f64x2.splat(0.6931471805599453)));
}
