import { functions, nearest } from '../common/functions.ts';
import { digamma, lgamma, shortLgamma, trigamma } from '../common/gamma.ts';
import type { SpecialKernels } from '../generated/networks/kernels.ts';
import type { Heap } from '../heap.ts';

/** Opcodes of sspecialElements. */
export const specialCodes = {
  tan: 0,
  asin: 1,
  acos: 2,
  atan: 3,
  sinh: 4,
  cosh: 5,
  asinh: 6,
  acosh: 7,
  atanh: 8,
  lgamma: 9,
  digamma: 10,
  trigamma: 11,
} as const;

/** A function supported by sspecialElements. */
export type SpecialCode = keyof typeof specialCodes;

const r = Math.fround;
const single = functions(true);
const [RIGHT, RIGHT_LOW, EIGHTH, EIGHTH_LOW] = [
  1.5707963267948966, -4.371139000186241e-8, 0.7853981633974483, -2.1855695000931206e-8,
].map(r);
const [STRAIGHT, STRAIGHT_LOW, FAR, MIDDLE, LN2, PER_TURN] = [
  ...[Math.PI, -8.742278000372481e-8, 2.414213562373095, 0.41421356237309503, Math.LN2, 0.6366197723675814],
].map(r);

const TANGENT = [
  9.38540185543e-3, 3.11992232697e-3, 2.44301354525e-2, 5.34112807005e-2, 1.33387994085e-1, 3.33331568548e-1,
].map(r);
const ARCSINE = [4.2163199048e-2, 2.4181311049e-2, 4.5470025998e-2, 7.4953002686e-2, 1.6666752422e-1].map(r);
const ARCTANGENT = [8.05374449538e-2, -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1].map(r);
const SINE = [2.03721912945e-4, 8.33028376239e-3, 1.66667160211e-1].map(r);
const AREA_SINE = [2.0122003309e-2, -4.2699340972e-2, 7.4847586088e-2, -1.6666288134e-1].map(r);
const AREA_TANGENT = [1.8174007834e-1, 8.24370301058e-2, 1.4669143173e-1, 1.997821645e-1, 3.33337300303e-1].map(r);

const polynomial = (coefficients: readonly number[], z: number): number => {
  let p = coefficients[0];
  for (let i = 1; i < coefficients.length; i++) p = r(r(p * z) + coefficients[i]);
  return p;
};
/** a·z·p(z). */
const beyond = (coefficients: readonly number[], a: number, z: number): number =>
  r(a * r(z * polynomial(coefficients, z)));
const odd = (coefficients: readonly number[], a: number, z: number): number => r(a + beyond(coefficients, a, z));
const lessTwice = (s: number, more: number, high: number, low: number): number =>
  r(r(high - r(s + s)) - r(r(more + more) - low));
const signed = (x: number, size: number): number => (x < 0 || Object.is(x, -0) ? -size : size);

function tan(x: number): number {
  if (x === 0) return x;
  if (Math.abs(x) > 1e4) return r(single.sin(x) / single.cos(x));
  const turns = nearest(r(x * PER_TURN));
  const rest = x - turns * 1.5707963267341256 - turns * 6.077100506506192e-11;
  const short = r(rest);
  const z = r(short * short);
  const t = r(rest + r(r(z * polynomial(TANGENT, z)) * short));
  return turns & 1 ? r(-1 / t) : t;
}

function arcsine(x: number): number {
  const a = Math.abs(x);
  if (!(a > 0.5)) return signed(x, odd(ARCSINE, a, r(a * a)));
  const z = r(0.5 * r(1 - a));
  const s = r(Math.sqrt(z));
  return signed(x, lessTwice(s, beyond(ARCSINE, s, z), RIGHT, RIGHT_LOW));
}

function arccosine(x: number): number {
  const a = Math.abs(x);
  if (!(a > 0.5)) return r(RIGHT - r(odd(ARCSINE, x, r(a * a)) - RIGHT_LOW));
  const z = r(0.5 * r(1 - a));
  const s = r(Math.sqrt(z));
  const more = beyond(ARCSINE, s, z);
  if (x < 0) return lessTwice(s, more, STRAIGHT, STRAIGHT_LOW);
  return r(r(s + more) + r(s + more));
}

function arctangent(x: number): number {
  const a = Math.abs(x);
  const [far, middle] = [a > FAR, a > MIDDLE];
  const t = far ? r(-1 / a) : middle ? r(r(a - 1) / r(a + 1)) : a;
  const z = r(t * t);
  const small = r(r(r(polynomial(ARCTANGENT, z) * z) * t) + t);
  const [base, low] = far ? [RIGHT, RIGHT_LOW] : middle ? [EIGHTH, EIGHTH_LOW] : [0, 0];
  return signed(x, r(base + r(small + low)));
}

function sinh(x: number): number {
  const a = Math.abs(x);
  if (!(a > 1)) return signed(x, odd(SINE, a, r(a * a)));
  const half = single.halfExp(a);
  return signed(x, r(half - r(0.25 / half)));
}

function cosh(x: number): number {
  const half = single.halfExp(Math.abs(x));
  return r(half + r(0.25 / half));
}

function log1pSum(a: number, b: number): number {
  const sum = r(a + b);
  if (!(sum < Number.POSITIVE_INFINITY)) return sum;
  const left = r(Math.min(a, b) - r(sum - Math.max(a, b)));
  const u = r(1 + sum);
  return r(single.log(u) - r(r(r(r(u - 1) - sum) - left) / u));
}

function asinh(x: number): number {
  const a = Math.abs(x);
  const z = r(a * a);
  if (a < 0.5) return signed(x, odd(AREA_SINE, a, z));
  if (a > 1e9) return signed(x, r(log1pSum(a, 0) + LN2));
  return signed(x, log1pSum(a, r(z / r(1 + r(Math.sqrt(r(1 + z)))))));
}

function acosh(x: number): number {
  if (x < 1) return Number.NaN;
  const t = r(x - 1);
  if (x > 1e9) return r(log1pSum(t, 0) + LN2);
  return log1pSum(t, r(Math.sqrt(r(t * r(t + 2)))));
}

function atanh(x: number): number {
  const a = Math.abs(x);
  if (a > 1) return Number.NaN;
  if (a < 0.5) return signed(x, odd(AREA_TANGENT, a, r(a * a)));
  return signed(x, r(0.5 * log1pSum(r(r(a + a) / r(1 - a)), 0)));
}

const scalars: Readonly<Record<SpecialCode, (x: number) => number>> = {
  ...{ tan, asin: arcsine, acos: arccosine, atan: arctangent, sinh, cosh, asinh, acosh, atanh },
  lgamma: (x) => (x < 0.5 || x > 12 ? lgamma(x) : shortLgamma(x)),
  ...{ digamma, trigamma },
};
const byCode = Object.values(scalars);

export const special = (heap: Heap): SpecialKernels => ({
  sspecialElements: (op, n, x, y) => {
    const [f, a] = [byCode[op], heap.f32];
    for (let i = 0; i < n; i++) a[(y >>> 2) + i] = f(a[(x >>> 2) + i]);
  },
});
