// Exponential, logarithm and trigonometric functions, computed from additions, multiplications and divisions alone.
// ECMAScript leaves the last bits of Math.exp and related functions to each engine, and even releases of one engine
// differ. These functions give the same bits everywhere, so that a seed gives the same data in Node and in every
// browser. Within 2 ulp of the true value.

const bits = new DataView(new ArrayBuffer(8));
// ln 2 in two parts, the first with its last 32 bits zero, so that its product with an exponent is exact.
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** 2^k for −1074 ≤ k ≤ 1023. */
function powerOfTwo(k: number): number {
  if (k < -1022) return powerOfTwo(k + 54) / 2 ** 54;
  bits.setUint32(0, (k + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

/** eˣ: x = k·ln 2 + r with |r| ≤ ln 2/2, and Taylor's series of degree 13 in r. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709.8) return Number.POSITIVE_INFINITY;
  if (x < -745.2) return 0;
  const k = Math.round(x / (LN2_HIGH + LN2_LOW));
  const high = x - k * LN2_HIGH;
  const r = high - k * LN2_LOW;
  let sum = 0;
  for (let n = 13; n >= 2; n--) sum = (r * (1 + sum)) / n;
  // eʳ = 1 + r + r·sum, corrected for the rounding error of r = x − k·ln 2.
  const value = 1 + (r + (r * sum + (high - r - k * LN2_LOW)));
  return k > 1023 ? value * 2 * powerOfTwo(k - 1) : value * powerOfTwo(k);
}

/** The natural logarithm: x = 2ᵏ·m with m in [√½, √2), and log m = 2 artanh((m − 1)/(m + 1)) by its series. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  let k = 0;
  if (x < 2 ** -1022) {
    x *= 2 ** 54;
    k = -54;
  }
  bits.setFloat64(0, x);
  const top = bits.getUint32(0);
  k += (top >>> 20) - 1023;
  bits.setUint32(0, (top & 0xfffff) | 0x3ff00000);
  let m = bits.getFloat64(0);
  if (m > Math.SQRT2) {
    m /= 2;
    k++;
  }
  // With f = m − 1 and s = f/(2 + f): log(1 + f) = f − s·(f − R), R = 2(s²/3 + s⁴/5 + …).
  const f = m - 1;
  const s = f / (2 + f);
  const z = s * s;
  let R = 0;
  for (let n = 23; n >= 3; n -= 2) R = z * (2 / n + R);
  return k * LN2_HIGH - (s * (f - R) - k * LN2_LOW - f);
}

/** xʸ for x ≥ 0, by exp and log: the relative error grows with |y log x| and is about 1e-15 for moderate powers. */
export function power(x: number, y: number): number {
  return y === 0 ? 1 : y === 1 ? x : exp(y * log(x));
}

// π/2 in three parts, the first two with trailing zero bits.
const HALF_PI_1 = 1.5707963267341256;
const HALF_PI_2 = 6.077100506303966e-11;
const HALF_PI_3 = 2.0222662487959506e-21;

/** sin(r + quarter·π/2) for |r| ≤ π/4, by Taylor's series. */
function turned(r: number, quarter: number): number {
  const z = r * r;
  const odd = (quarter & 1) === 1;
  let sum = 0;
  for (let n = odd ? 18 : 19; n >= 2; n -= 2) sum = (-z * (1 + sum)) / (n * (n - 1));
  const value = odd ? 1 + sum : r + r * sum;
  return (quarter & 2) === 0 ? value : -value;
}

/** From here on, the three parts of π/2 lose digits. */
const LARGE = 2 ** 20;
// π/2·2^1160, for arguments of any size: the greatest double is below 2^1024.
const LARGE_PLACES = 1160n;
const LARGE_HALF_PI = BigInt(
  `0x${[
    '1921fb54442d18469898cc51701b839a252049c1114cf98e804177d4c76273644a29410f31c6809bbdf2a33679a74863',
    '6605614dbe4be286e9fc26adadaa3848bc90b6aecc4bcfd8de89885d34c6fdad617feb96de80d6fdbdc70d7f6b5133f4',
    'b5d3e4822f8963fcc9250cca3d9c8b67b8400f97142c77e0b31b4906c38aba734d22c7f51fa499ebf06caba47b9475b2',
    'c38',
  ].join('')}`,
);

/** The remainder of |x| > 2^20 and the quarter turns, by exact division of whole numbers. */
function reduceLarge(x: number): { r: number; quarter: number } {
  bits.setFloat64(0, Math.abs(x));
  const word = bits.getBigUint64(0);
  const mantissa = (word & 0xfffffffffffffn) | 0x10000000000000n;
  const scaled = mantissa << ((word >> 52n) - 1075n + LARGE_PLACES);
  let quarter = scaled / LARGE_HALF_PI;
  let rest = scaled - quarter * LARGE_HALF_PI;
  if (2n * rest > LARGE_HALF_PI) {
    quarter++;
    rest -= LARGE_HALF_PI;
  }
  // Two words of the remainder are enough: it is at least 2^−62.
  const r = Number(rest >> (LARGE_PLACES - 160n)) * 2 ** -160;
  const turns = Number(quarter & 3n);
  return x < 0 ? { r: -r, quarter: (4 - turns) & 3 } : { r, quarter: turns };
}

function reduce(x: number): { r: number; quarter: number } {
  if (Math.abs(x) > LARGE && Math.abs(x) < Number.POSITIVE_INFINITY) return reduceLarge(x);
  const k = Math.round(x / (HALF_PI_1 + HALF_PI_2));
  return { r: x - k * HALF_PI_1 - k * HALF_PI_2 - k * HALF_PI_3, quarter: ((k % 4) + 4) % 4 };
}

/** The sine; NaN for infinite x. */
export function sin(x: number): number {
  const { r, quarter } = reduce(x);
  return turned(r, quarter);
}

/** The cosine; NaN for infinite x. */
export function cos(x: number): number {
  const { r, quarter } = reduce(x);
  return turned(r, (quarter + 1) % 4);
}
