// The elementary functions of assembly/common/functions.ts, operation by operation, so that their bits are the same: in
// double precision with `r` the identity, in single precision with `r` rounding every result.

/** Rounds the result of an operation to the precision of the numbers. */
export type Rounding = (x: number) => number;

/** Exact powers of two, 2^(k − 1074) at k: subnormal ones too. */
const powers = new Float64Array(2098);
for (let k = 0; k < powers.length; k++) powers[k] = k < 1 ? 5e-324 : powers[k - 1] * 2;
const power = (k: number): number => powers[k + 1074];

const bits = new DataView(new ArrayBuffer(8));

/** The nearest integer, ties to even. */
export function nearest(x: number): number {
  if (!(Math.abs(x) < 4503599627370496)) return x;
  const magic = x < 0 ? -4503599627370496 : 4503599627370496;
  const value = x + magic - magic;
  return value === 0 && (x < 0 || Object.is(x, -0)) ? -0 : value;
}

// Unlike Math.max and Math.min, these return a if it is NaN.
// biome-ignore lint/complexity/useMathMinMax: see above
const pmax = (a: number, b: number): number => (a < b ? b : a);
// biome-ignore lint/complexity/useMathMinMax: see above
const pmin = (a: number, b: number): number => (b < a ? b : a);

const ERF = {
  single: {
    p: [
      7.875874871388078e-5, -8.01686430349946e-4, 5.189087241888046e-3, -2.685421146452427e-2, 1.1283594369888306e-1,
      -3.761262595653534e-1, 1.2837916612625122e-1,
    ],
    q: [
      -1.4053601771593094e-3, 1.1638368014246225e-3, 8.718370459973812e-3, -8.0252131447196e-3, -5.4219868034124374e-2,
      1.6405101120471954e-1, -1.660303920507431e-1, -9.276382625102997e-2, 1.2769783735275269,
    ],
  },
  double: {
    p: [
      5.957176147748911e-11, -1.1372848856791674e-9, 1.4659775274047436e-8, -1.6350312701054695e-7,
      1.6461000484121368e-6, -1.4925595266831182e-5, 1.205533111164271e-4, -8.54832698083379e-4, 5.2239776248180145e-3,
      -2.6866170645076792e-2, 1.1283791670954879e-1, -3.761263890318375e-1, 1.283791670955126e-1,
    ],
    q: [
      -1.219440034389049e-6, 6.211065075417665e-6, 4.639547402434605e-6, -1.403300441966861e-5, -3.653802749436245e-5,
      -1.4032896295315188e-6, 0.00015104323296688811, 0.00020635643337054067, -4.5434052737427713e-4,
      -1.4568133389069365e-3, 1.2713389344749736e-3, 8.722653856750447e-3, -8.034015081439548e-3, -5.422000099174003e-2,
      1.6405128003343078e-1, -1.660303976152912e-1, -9.276382658574597e-2, 1.2769783815525286,
    ],
  },
};

/** erf in single precision without an exponential: x·p(x²)/q(x²). */
const QUICK = {
  p: [
    2.025900130320224e-6, 0.00028468435630202293, 0.0038080827798694372, 0.05287519842386246, 0.19154870510101318,
    1.1283791065216064,
  ].map(Math.fround),
  q: [
    3.783154170378111e-5, 0.0011707036755979061, 0.015054933726787567, 0.11455892771482468, 0.5030882954597473, 1,
  ].map(Math.fround),
};

/** The functions in single or double precision. */
export function functions(single: boolean) {
  // Long because the functions share the constants of their precision, which are rounded once.
  const r: Rounding = single ? Math.fround : (x) => x;
  const constants = (list: readonly number[]) => list.map(r);
  const [LN2_HIGH, LN2_LOW] = constants(
    single ? [0.693359375, -0.00021219444005469057] : [0.6931471803691238, 1.9082149292705877e-10],
  );
  const LOG2E = r(Math.LOG2E);
  const taylor = constants([
    ...(single
      ? [2.48015873015873e-5]
      : [
          1.6059043836821613e-10, 2.08767569878681e-9, 2.505210838544172e-8, 2.755731922398589e-7,
          2.7557319223985893e-6, 2.48015873015873e-5,
        ]),
    ...[
      1.984126984126984e-4, 1.388888888888889e-3, 8.333333333333333e-3, 4.1666666666666664e-2, 1.6666666666666666e-1,
      0.5,
    ],
  ]);
  const artanh = constants([...(single ? [9] : [23, 21, 19, 17, 15, 13, 11, 9]), 7, 5, 3].map((n) => 2 / n));
  const erfP = constants(ERF[single ? 'single' : 'double'].p);
  const erfQ = constants(ERF[single ? 'single' : 'double'].q);

  const horner = (coefficients: readonly number[], x: number): number => {
    let p = coefficients[0];
    for (let i = 1; i < coefficients.length; i++) p = r(r(p * x) + coefficients[i]);
    return p;
  };
  const shortExpm1 = (t: number): number => r(t + r(r(t * t) * horner(taylor, t)));
  const reduced = (t: number, k: number): number => r(r(t - r(k * LN2_HIGH)) - r(k * LN2_LOW));

  const exponential = (x: number, halves: number): number => {
    if (Number.isNaN(x)) return x;
    const t = single ? pmin(pmax(x, -104), 90) : pmin(pmax(x, -746), 711);
    const k = nearest(r(t * LOG2E));
    const y = r(1 + shortExpm1(reduced(t, k)));
    const n = k - halves;
    return r(r(y * power(n >> 1)) * power(n - (n >> 1)));
  };
  const exp = (x: number): number => exponential(x, 0);
  const HIGH = single ? 20 : 40;
  const lowExpm1 = (x: number): number => {
    if (Number.isNaN(x)) return x;
    const t = pmin(pmax(x, single ? -80 : -700), HIGH);
    const k = nearest(r(t * LOG2E));
    const s = power(k);
    return r(r(s * shortExpm1(reduced(t, k))) + r(s - 1));
  };
  const expm1 = (x: number): number => (x > HIGH ? exp(x) : lowExpm1(x));

  const log = (x: number): number => {
    if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
    if (x === Number.POSITIVE_INFINITY) return x;
    let k: number;
    let m: number;
    if (single) {
      const tiny = x < Math.fround(1.17549435e-38);
      bits.setFloat32(0, tiny ? x * 16777216 : x);
      const word = bits.getInt32(0);
      k = (word - 0x3f3504f3) >> 23;
      bits.setInt32(0, word - (k << 23));
      m = bits.getFloat32(0);
      if (tiny) k -= 24;
    } else {
      const tiny = x < 2.2250738585072014e-308;
      bits.setFloat64(0, tiny ? x * 18014398509481984 : x);
      const word = bits.getBigInt64(0);
      const e = (word - 0x3fe6a09e667f3bcdn) >> 52n;
      bits.setBigInt64(0, word - (e << 52n));
      m = bits.getFloat64(0);
      k = Number(e) - (tiny ? 54 : 0);
    }
    const f = r(m - 1);
    const s = r(f / r(2 + f));
    const z = r(s * s);
    const R = r(z * horner(artanh, z));
    return r(r(k * LN2_HIGH) - r(r(r(s * r(f - R)) - r(k * LN2_LOW)) - f));
  };
  const log1p = (x: number): number => {
    if (x === Number.POSITIVE_INFINITY) return x;
    const u = r(1 + x);
    if (u === 0) return Number.NEGATIVE_INFINITY;
    return r(log(u) - r(r(r(u - 1) - x) / u));
  };
  const withSignOf = (x: number, size: number): number =>
    x < 0 || Object.is(x, -0) ? -Math.abs(size) : Math.abs(size);
  const tanh = (x: number): number => {
    const e = lowExpm1(r(-2 * Math.abs(x)));
    return withSignOf(x, r(-e / r(2 + e)));
  };
  const sigmoid = (x: number): number => {
    const e = exp(-Math.abs(x));
    return r((x >= 0 ? 1 : e) / r(1 + e));
  };
  const softplus = (x: number): number => r(Math.max(x, 0) + log1p(exp(-Math.abs(x))));
  const erf = (x: number): number => {
    const a = pmin(Math.abs(x), single ? 4 : 6);
    if (a < 1) return withSignOf(x, r(a + r(a * horner(erfP, r(a * a)))));
    const q = horner(erfQ, r(r(a - 2) / r(a + 2)));
    return withSignOf(x, r(1 - r(r(exp(-r(a * a)) * q) / r(1 + r(2 * a)))));
  };
  const quick = (x: number): number => {
    const a = pmin(Math.abs(x), Math.fround(3.92));
    const z = r(a * a);
    return withSignOf(x, pmin(r(r(a * horner(QUICK.p, z)) / horner(QUICK.q, z)), 1));
  };
  const normal = (x: number): number => r(0.5 * r(1 + (single ? quick : erf)(r(x * r(Math.SQRT1_2)))));
  const density = (x: number): number => r(r(0.3989422804014327) * exp(r(-0.5 * r(x * x))));
  const siluSlope = (x: number): number => {
    const s = sigmoid(x);
    return r(s + r(r(x * s) * r(1 - s)));
  };
  return {
    halfExp: (x: number) => exponential(x, 1),
    ...{ r, exp, expm1, log, log1p, tanh, sigmoid, softplus, erf, siluSlope },
    sin: (x: number) => r(turned(x, 0)),
    cos: (x: number) => r(turned(x, 1)),
    gelu: (x: number) => r(x * normal(x)),
    geluSlope: (x: number) => r(normal(x) + r(x * density(x))),
    pow: (x: number, y: number) => r((single ? powPlain : pow64)(x, y)),
  };
}

const SINE = [
  2.8114572543455206e-15, -7.647163731819816e-13, 1.6059043836821613e-10, -2.505210838544172e-8, 2.7557319223985893e-6,
  -1.984126984126984e-4, 8.333333333333333e-3, -1.6666666666666666e-1,
];
const COSINE = [
  4.779477332387385e-14, -1.1470745597729725e-11, 2.08767569878681e-9, -2.755731922398589e-7, 2.48015873015873e-5,
  -1.388888888888889e-3, 4.1666666666666664e-2, -0.5,
];
const polynomial = (coefficients: readonly number[], x: number): number => coefficients.reduce((p, c) => p * x + c);

/** 64 zero bits, followed by the fractional bits of 2/π. */
const TWO_OVER_PI = [
  0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561, 0xb7246e3a,
  0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e, 0xe88235f5, 0x2ebb4484, 0xe99c7026, 0xb45f7e41,
  0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b, 0x1ff897ff, 0xde05980f, 0xef2f118b, 0x5a0a6d1f, 0x6d367ecf,
  0x27cb09b7, 0x4f463f66, 0x9e5fea2d, 0x7527bac7, 0xebe5f17b, 0x3d0739f7, 0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08,
  0x56033046, 0xfc7b6bab, 0xf0cfbc20, 0x9af4361d,
].reduce((all, word) => (all << 32n) | BigInt(word), 0n);
const PLACES = 64 + 32 * 40;

/** Argument reduction for |x| ≥ 1e6: the remainder modulo π/2 and the number of quarter turns, from 192 bits of 2/π. */
function reduced(x: number): [rest: number, quarters: number] {
  bits.setFloat64(0, x);
  const all = bits.getBigUint64(0) & 0x7fffffffffffffffn;
  const m = (all & 0xfffffffffffffn) | 0x10000000000000n;
  const o = Number(all >> 52n) - 1075 - 2 + 64;
  const window = (TWO_OVER_PI >> BigInt(PLACES - o - 192)) & ((1n << 192n) - 1n);
  const product = (window * m) & ((1n << 192n) - 1n);
  let quarters = Number(product >> 190n);
  let rest = (product << 2n) & ((1n << 192n) - 1n);
  let sign = 1;
  if (rest >> 191n) {
    quarters++;
    sign = -1;
    rest = (1n << 192n) - rest;
  }
  const zeros = 192 - rest.toString(2).length;
  const scaled = rest << BigInt(zeros);
  const first = Number(scaled >> 139n) * 1.1102230246251565e-16 * power(-zeros);
  const second = Number((scaled >> 86n) & ((1n << 53n) - 1n)) * 1.232595164407831e-32 * power(-zeros);
  const r = first * 1.5707963267948966 + (first * 6.123233995736766e-17 + second * 1.5707963267948966);
  return x < 0 ? [-sign * r, -quarters] : [sign * r, quarters];
}

/** sin(x + turn·π/2). */
function turned(x: number, turn: number): number {
  const t = pmin(pmax(x, -1e9), 1e9);
  const k = nearest(t * 0.6366197723675814);
  const near = x - k * 1.5707963267341256 - k * 6.077100506303966e-11 - k * 2.0222662487959506e-21;
  const large = Math.abs(x) > 1e6 && Math.abs(x) < Number.POSITIVE_INFINITY;
  const [s, whole] = large ? reduced(x) : [near, k];
  const quarter = (whole + turn) & 3;
  const z = s * s;
  const value = quarter & 1 ? 1 + z * polynomial(COSINE, z) : s + s * z * polynomial(SINE, z);
  return quarter & 2 ? -value : value;
}

const double = functions(false);

const ARTANH = [23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3].map((n) => 2 / n);

const powPlain = (x: number, y: number): number =>
  y === 0 ? 1 : signedPower(x, y, double.exp(y * double.log(Math.abs(x))));

function signedPower(x: number, y: number, size: number): number {
  if (!(x < 0)) return size;
  if (nearest(y) !== y) return Number.NaN;
  return nearest(y / 2) === y / 2 ? size : -size;
}

/** The rounding error of the product p of a and b. */
function lostOf(a: number, b: number, p: number): number {
  const split = 134217729;
  let t = split * a;
  const ah = t - (t - a);
  const al = a - ah;
  t = split * b;
  const bh = t - (t - b);
  const bl = b - bh;
  return al * bl - (p - ah * bh - al * bh - ah * bl);
}

function pow64(x: number, y: number): number {
  if (y === 0) return 1;
  const a = Math.abs(x);
  if (!(a > 0 && a < Number.POSITIVE_INFINITY)) return powPlain(x, y);
  const tiny = a < 2.2250738585072014e-308;
  bits.setFloat64(0, tiny ? a * 18014398509481984 : a);
  const word = bits.getBigInt64(0);
  const e = (word - 0x3fe6a09e667f3bcdn) >> 52n;
  bits.setBigInt64(0, word - (e << 52n));
  const twos = Number(e) - (tiny ? 54 : 0);
  const f = bits.getFloat64(0) - 1;
  const d = 2 + f;
  const s = f / d;
  const p = s * d;
  const sLow = (f - p - lostOf(s, d, p) - s * (f - (d - 2))) / d;
  const z = s * s;
  const small = sLow + sLow + s * (z * polynomial(ARTANH, z));
  const whole = twos * 0.6931471803691238;
  const high = whole + (s + s);
  const tail = s + s - (high - whole) + (small + twos * 1.9082149292705877e-10);
  const sum = high + tail;
  const exponent = y * sum;
  const lost = lostOf(y, sum, exponent) + y * (tail - (sum - high));
  const size = double.exp(exponent);
  const fits = Math.abs(exponent) < 709 && !Number.isNaN(lost);
  return signedPower(x, y, fits ? size + size * lost : size);
}
