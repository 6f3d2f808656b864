/** 10^k for 0 ≤ k ≤ 22, the powers of ten that are exact doubles. */
const POWERS = new Float64Array(23);
for (let k = 0; k < 23; k++) POWERS[k] = Number(`1e${k}`);

const SPLIT = 134217729; // 2²⁷ + 1 (Veltkamp)
const MARGIN = 1 + 2 ** -40;
const latin1 = new TextDecoder('latin1');

/** Decimal marks for {@link scanNumber}: the character code minus that of the digit 0. `NO_MARK` is none. */
export const POINT = -2;
export const COMMA = -4;
export const NO_MARK = 1000;

/** Element 0 is the number found by {@link scanNumber}; returning a double would allocate it on the heap. */
export const scanned = new Float64Array(1);

/**
 * Reads the decimal number that begins at `at` (sign, digits, decimal mark, exponent) into {@link scanned}; returns its
 * end, or −1 if there is none. The value is the nearest double (ties to even), always the same as that of `Number`. The
 * data must be followed by a byte that cannot continue a number.
 *
 * Up to 15 digits and powers of ten up to 22 are exact doubles, so that one division or product rounds once (Clinger
 * 1990, "How to read floating point numbers accurately"); up to 18 digits use double-double arithmetic with a check
 * that the rounding is certain; everything else goes to `Number`.
 */
export function scanNumber(b: Uint8Array, at: number, mark: number = POINT): number {
  const first = at;
  let c = b[at];
  const negative = c === 45;
  if (negative || c === 43) c = b[++at];
  const start = at;
  while (c === 48) c = b[++at];
  let zeros = at - start;
  // The first 9 significant digits and the next 9, as 32-bit integers.
  let high = 0;
  let low = 0;
  let digits = 0;
  let d = c - 48;
  while (d >= 0 && d <= 9) {
    if (digits < 9) high = (Math.imul(high, 10) + d) | 0;
    else low = (Math.imul(low, 10) + d) | 0;
    digits++;
    d = b[++at] - 48;
  }
  let exponent = 0;
  if (d === mark) {
    const point = ++at;
    d = b[at] - 48;
    if (digits === 0) {
      while (d === 0) d = b[++at] - 48;
      zeros += at - point;
    }
    while (d >= 0 && d <= 9) {
      if (digits < 9) high = (Math.imul(high, 10) + d) | 0;
      else low = (Math.imul(low, 10) + d) | 0;
      digits++;
      d = b[++at] - 48;
    }
    exponent = point - at;
  }
  if (digits + zeros === 0) return -1;
  if (d === 53 || d === 21) {
    let e = at + 1;
    const sign = b[e];
    if (sign === 45 || sign === 43) e++;
    let k = b[e] - 48;
    if (k >= 0 && k <= 9) {
      let power = 0;
      do {
        if (power < 100000) power = power * 10 + k;
        k = b[++e] - 48;
      } while (k >= 0 && k <= 9);
      exponent += sign === 45 ? -power : power;
      at = e;
    }
  }
  let value = digits <= 9 ? high : high * POWERS[digits - 9] + low;
  if (exponent === 0 && digits <= 15) {
    // An integer is exact.
  } else if (digits <= 15 && exponent >= -22 && exponent <= 22) {
    value = exponent < 0 ? value / POWERS[-exponent] : value * POWERS[exponent];
  } else {
    value = digits <= 18 && exponent <= 0 && exponent >= -22 ? quotient(high, digits - 9, low, -exponent) : Number.NaN;
    // biome-ignore lint/suspicious/noSelfCompare: the fastest test for NaN
    if (value !== value) {
      const text = latin1.decode(b.subarray(first, at));
      scanned[0] = Number(mark === COMMA ? text.replace(',', '.') : text);
      return at;
    }
  }
  scanned[0] = negative ? -value : value;
  return at;
}

/** (high·10^k + low) / 10^n for 16 to 18 digits, or NaN if the rounding is uncertain. */
function quotient(high: number, k: number, low: number, n: number): number {
  // The numerator is s + rest, exactly or to within 2^-106.
  const p = high * POWERS[k];
  const s = p + low;
  const rest = low - (s - p) + productError(high, POWERS[k], p);
  const power = POWERS[n];
  const q = s / power;
  const back = q * power;
  const q2 = (s - back - productError(q, power, back) + rest) / power;
  const value = q + q2;
  // q + q2 = value + error to about 2^-104: safe unless that could reach the midpoint between two doubles.
  const error = q2 - (value - q);
  return value + error * MARGIN === value ? value : Number.NaN;
}

/** a·b − p exactly, for p = fl(a·b) (Dekker 1971). */
function productError(a: number, b: number, p: number): number {
  let t = SPLIT * a;
  const ah = t - (t - a);
  const al = a - ah;
  t = SPLIT * b;
  const bh = t - (t - b);
  const bl = b - bh;
  return ah * bh - p + ah * bl + al * bh + al * bl;
}
