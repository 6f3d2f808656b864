// Gamma functions of two numbers in double precision: by Stirling's series from 8 on, after eight steps x → x + 1 below, and
// by the reflection formulas below ½. With u = y(y + 7), the product of y … y + 7 is u(u + 6)(u + 10)(u + 12). Twins in
// src/common/gamma.ts.

import { choose, cos, log, num, sin } from './functions';

const STIRLING: i32 = 0;
const DIGAMMAS: i32 = 8;
const BERNOULLI: i32 = 16;
const PI: i32 = 24;
const FROM: i32 = 25;
const CONSTANT: i32 = 26;
const ONE: i32 = 27;
const HALF: i32 = 28;
const SIX: i32 = 29;
const SEVEN: i32 = 30;
const TEN: i32 = 31;
const TWELVE: i32 = 32;
const FIRST_END: i32 = 33;
const SECOND_END: i32 = 34;
const QUOTIENT: i32 = 35;
const CENTRE: i32 = 62;
const ZERO: i32 = 65;
const DOUBLE: usize = memory.data<f64>([
  -0.029550653594771242, 0.00641025641025641, -0.0019175269175269176, 0.0008417508417508417, -0.0005952380952380953, 0.0007936507936507937, -0.002777777777777778, 0.08333333333333333,
  -0.4432598039215686, 0.08333333333333333, -0.021092796092796094, 0.007575757575757576, -0.004166666666666667,
  0.003968253968253968, -0.008333333333333333, 0.08333333333333333, -7.092156862745098, 1.1666666666666667,
  -0.2531135531135531, 0.07575757575757576, -0.03333333333333333, 0.023809523809523808, -0.03333333333333333,
  0.16666666666666666, 3.141592653589793, 8, 0.4189385332046727, 1, 0.5, 6, 7, 10, 12, 1.5, 4,
  0.05195626612819862, 0.0019918498411570394, 7.408800570505093e-05, 0.3931621936905397, 0.05357844138624994,
  0.0058780427723547825, 0.503125214046934, 0.3394480004459442, 0.1002797083412412, -0.3710317397987418,
  0.710645231334511, 0.5484464580023702, -0.5772156652112683, 0.4227843350893872, 0.8958797348116213,
  0.016596072023692347, 0.00047830239551804177, 1.4302317577753232e-05, 0.3192281026776323, 0.02455659491805712,
  0.0019385614853847247, 1.3804025075137825, 0.26190218061788056, 0.05059853093805993, 2.0676825767905918,
  0.9181470668489464, 0.4111349821543291, 1, 2, 4, 1, 2, 2,
]);

// @ts-ignore: decorator
@inline
function d(at: i32): v128 { return v128.load64_splat(DOUBLE + (<usize>at << 3)); }
// @ts-ignore: decorator
@inline
function step(p: v128, x: v128, at: i32): v128 { return f64x2.add(f64x2.mul(p, x), d(at)); }

/** Coefficients from `at` on, of falling powers. */
// @ts-ignore: decorator
@inline
function eight(v: v128, at: i32): v128 {
  let p = d(at);
  p = step(p, v, at + 1);
  p = step(p, v, at + 2);
  p = step(p, v, at + 3);
  p = step(p, v, at + 4);
  p = step(p, v, at + 5);
  p = step(p, v, at + 6);
  return step(p, v, at + 7);
}

/** One of three constants: that of [½, 1½), of [1½, 4) or of [4, 12]. */
// @ts-ignore: decorator
@inline
function pick(first: v128, second: v128, at: i32): v128 {
  return choose(first, d(at), choose(second, d(at + 1), d(at + 2)));
}

/** log Γ(x) for x from ½ to 12 to 34 bits, as x − 1 or x − 2 times a quotient of polynomials. */
// @ts-ignore: decorator
@inline
export function shortLgamma(x: v128): v128 {
  const first = f64x2.lt(x, d(FIRST_END)), second = f64x2.lt(x, d(SECOND_END));
  const t = f64x2.sub(x, pick(first, second, CENTRE));
  let p = pick(first, second, QUOTIENT), q = pick(first, second, QUOTIENT + 15);
  p = f64x2.add(f64x2.mul(p, t), pick(first, second, QUOTIENT + 3));
  q = f64x2.add(f64x2.mul(q, t), pick(first, second, QUOTIENT + 18));
  p = f64x2.add(f64x2.mul(p, t), pick(first, second, QUOTIENT + 6));
  q = f64x2.add(f64x2.mul(q, t), pick(first, second, QUOTIENT + 21));
  p = f64x2.add(f64x2.mul(p, t), pick(first, second, QUOTIENT + 9));
  q = f64x2.add(f64x2.mul(q, t), pick(first, second, QUOTIENT + 24));
  p = f64x2.add(f64x2.mul(p, t), pick(first, second, QUOTIENT + 12));
  q = f64x2.add(f64x2.mul(q, t), d(ONE));
  // 0 is added for a 0 without sign at 1.
  return f64x2.add(f64x2.div(f64x2.mul(f64x2.sub(x, pick(first, second, ZERO)), p), q), num<f64>(0));
}

function sineOf(x: v128): v128 { return sin<f64>(x); }
function cosineOf(x: v128): v128 { return cos<f64>(x); }
/** π·x less a multiple of π. */
// @ts-ignore: decorator
@inline
function turn(x: v128): v128 { return f64x2.mul(d(PI), f64x2.sub(x, f64x2.nearest(x))); }

// @ts-ignore: decorator
@inline
export function lgamma(x: v128): v128 {
  const small = f64x2.lt(x, d(HALF));
  const y = choose(small, f64x2.sub(d(ONE), x), x);
  const near = f64x2.lt(y, d(FROM));
  const z = choose(near, f64x2.add(y, d(FROM)), y);
  const w = f64x2.div(d(ONE), z);
  const series = f64x2.mul(w, eight(f64x2.mul(w, w), STIRLING));
  const main = f64x2.mul(f64x2.sub(z, d(HALF)), f64x2.sub(log<f64>(z), d(ONE)));
  const value = f64x2.add(main, f64x2.add(d(CONSTANT), series));
  if (!v128.any_true(v128.or(near, small))) return value;
  const u = f64x2.mul(y, f64x2.add(y, d(SEVEN)));
  const product = f64x2.mul(
    f64x2.mul(u, f64x2.add(u, d(SIX))),
    f64x2.mul(f64x2.add(u, d(TEN)), f64x2.add(u, d(TWELVE))),
  );
  let p = choose(near, product, d(ONE));
  if (v128.any_true(small)) p = choose(small, f64x2.mul(p, f64x2.div(d(PI), f64x2.abs(sineOf(turn(x))))), p);
  const difference = f64x2.sub(value, log<f64>(p));
  return choose(small, f64x2.neg(difference), difference);
}

// @ts-ignore: decorator
@inline
export function digamma(x: v128): v128 {
  const small = f64x2.lt(x, d(HALF));
  const y = choose(small, f64x2.sub(d(ONE), x), x);
  const near = f64x2.lt(y, d(FROM));
  const z = choose(near, f64x2.add(y, d(FROM)), y);
  const w = f64x2.div(d(ONE), z), v = f64x2.mul(w, w);
  const series = f64x2.mul(v, eight(v, DIGAMMAS));
  let value = f64x2.sub(f64x2.sub(log<f64>(z), f64x2.mul(d(HALF), w)), series);
  // Σ 1/(y + k), those of the same distance from 3½ together.
  const u = f64x2.mul(y, f64x2.add(y, d(SEVEN)));
  const six = f64x2.add(u, d(SIX)), ten = f64x2.add(u, d(TEN)), twelve = f64x2.add(u, d(TWELVE));
  const first = f64x2.mul(u, six), second = f64x2.mul(ten, twelve);
  const over = f64x2.add(
    f64x2.mul(f64x2.add(u, six), second),
    f64x2.mul(f64x2.add(ten, twelve), first),
  );
  const sum = f64x2.div(
    f64x2.mul(f64x2.add(f64x2.add(y, y), d(SEVEN)), over),
    f64x2.mul(first, second),
  );
  value = choose(near, f64x2.sub(value, sum), value);
  if (v128.any_true(small)) {
    const t = turn(x);
    const reflected = f64x2.sub(value, f64x2.div(f64x2.mul(d(PI), cosineOf(t)), sineOf(t)));
    const poles = f64x2.eq(t, num<f64>(0));
    value = choose(small, choose(poles, num<f64>(NaN), reflected), value);
  }
  return value;
}

// @ts-ignore: decorator
@inline
export function trigamma(x: v128): v128 {
  const small = f64x2.lt(x, d(HALF));
  const y = choose(small, f64x2.sub(d(ONE), x), x);
  const near = f64x2.lt(y, d(FROM));
  const z = choose(near, f64x2.add(y, d(FROM)), y);
  const w = f64x2.div(d(ONE), z), v = f64x2.mul(w, w);
  const series = f64x2.mul(f64x2.mul(w, v), eight(v, BERNOULLI));
  let value = f64x2.add(f64x2.add(w, f64x2.mul(d(HALF), v)), series);
  let sum = num<f64>(0), at = y;
  for (let i = 0; i < 8; i++) {
    sum = f64x2.add(sum, f64x2.div(d(ONE), f64x2.mul(at, at)));
    at = f64x2.add(at, d(ONE));
  }
  value = choose(near, f64x2.add(value, sum), value);
  if (v128.any_true(small)) {
    const t = turn(x), q = f64x2.div(d(PI), sineOf(t));
    const poles = f64x2.eq(t, num<f64>(0));
    value = choose(small, choose(poles, num<f64>(NaN), f64x2.sub(f64x2.mul(q, q), value)), value);
  }
  return value;
}
