// Numbers in the cells of a text, a delimiter between them and a line for each row.

/** 10^k for 0 ≤ k ≤ 22: the powers of ten that are doubles. */
const POWERS: usize = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]);
/** 10^k for 0 ≤ k ≤ 8. */
const WHOLE: usize = memory.data<u64>([1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000]);
const SPLIT: f64 = 134217729; // 2²⁷ + 1 (Veltkamp)
const MARGIN: f64 = 1.0000000000009095; // 1 + 2⁻⁴⁰

// @ts-ignore: decorator
@inline
function power(k: i32): f64 { return load<f64>(POWERS + (<usize>k << 3)); }

/** a·b − p exactly, for p = fl(a·b) (Dekker 1971). */
// @ts-ignore: decorator
@inline
function productError(a: f64, b: f64, p: f64): f64 {
  let t = SPLIT * a;
  const ah = t - (t - a), al = a - ah;
  t = SPLIT * b;
  const bh = t - (t - b), bl = b - bh;
  return ah * bh - p + ah * bl + al * bh + al * bl;
}

/** w / 10^n, rounded once, or NaN where the rounding is in doubt. */
function quotient(w: u64, n: i32): f64 {
  const s = <f64>w;
  const rest = <f64><i64>(w - <u64>s), p = power(n);
  const q = s / p, back = q * p;
  const q2 = (s - back - productError(q, p, back) + rest) / p;
  const value = q + q2;
  // q + q2 = value + error to about 2⁻¹⁰⁴: safe unless that could reach the midpoint between two doubles.
  const error = q2 - (value - q);
  return value + error * MARGIN == value ? value : NaN;
}

/**
 * Reads cells that are decimal numbers (sign, digits, decimal mark, exponent; at most 19 digits from the first that is not 0)
 * from a text of `used` bytes, behind which a line feed stands and eight bytes of any kind, until one is something else, has
 * leading zeros or is a whole number beyond 2⁵³, a line ends too early or too late, the text or the room for rows ends. state, four i32: where the next cell begins, its column and its row, and where that row begins; they are moved
 * on. Cells of columns whose byte of kinds is not 0 are left to the caller. Values are the nearest doubles; out has a column of `rows`
 * for each. mark: the decimal mark less the digit 0. O(bytes).
 */
export function numberCells(
  text: usize, used: i32, state: usize, kinds: usize, cols: i32, delimiter: i32, mark: i32, out: usize, rows: i32,
): void {
  // Long because it is one pass over bytes, whose place and state live in registers.
  let at = text + <usize>load<i32>(state);
  let j = load<i32>(state, 4), row = load<i32>(state, 8);
  let record = text + <usize>load<i32>(state, 12);
  const end = text + <usize>used, stride = <usize>rows << 3;
  let to = out + <usize>j * stride + (<usize>row << 3);
  while (row < rows && j < cols && load<u8>(kinds + <usize>j) == 0) {
    let p = at;
    let c = <i32>load<u8>(p);
    const negative = c == 45;
    if (negative || c == 43) c = <i32>load<u8>(++p);
    const first = p;
    let w: u64 = 0;
    let d = c - 48;
    while (<u32>d < 10) {
      w = w * 10 + <u64>d;
      d = <i32>load<u8>(++p) - 48;
    }
    let digits = <i32>(p - first), exponent = 0;
    // Leading zeros are not those of amounts.
    if (digits > 1 && load<u8>(first) == 48) break;
    if (d == mark) {
      const point = ++p;
      // Eight bytes at a time, as loops of a few rounds are guessed wrongly at their ends.
      for (;;) {
        let t = load<u64>(p) ^ 0x3030303030303030;
        // The lowest byte with its high bit set is the first that is no digit.
        const others = ((t + 0x7676767676767676) | t) & 0x8080808080808080;
        const count = others == 0 ? 8 : <i32>(ctz(others) >> 3);
        if (count == 0) break;
        t <<= <u64>(8 - count) << 3;
        // Digits to pairs, pairs to fours, fours to eight.
        t = t * 10 + (t >> 8);
        t = ((t & 0x000000ff000000ff) * 0x000f424000000064 + ((t >> 16) & 0x000000ff000000ff) * 0x0000271000000001) >> 32;
        w = w * load<u64>(WHOLE + (<usize>count << 3)) + t;
        p += count;
        if (count < 8) break;
      }
      d = <i32>load<u8>(p) - 48;
      exponent = <i32>(point - p);
      digits -= exponent;
    }
    if (digits > 19) {
      // Zeros before the others do not count.
      for (let q = first; q != p; q++) {
        const zero = load<u8>(q) == 48;
        if (zero) digits--;
        else if (<i32>load<u8>(q) - 48 != mark) break;
      }
      if (digits > 19) break;
    } else if (digits == 0) break;
    if (d == 53 || d == 21) {
      let e = p + 1;
      const sign = <i32>load<u8>(e);
      if (sign == 45 || sign == 43) e++;
      let k = <i32>load<u8>(e) - 48;
      if (<u32>k < 10) {
        let most = 0;
        do {
          if (most < 100000) most = most * 10 + k;
          k = <i32>load<u8>(++e) - 48;
        } while (<u32>k < 10);
        exponent += sign == 45 ? -most : most;
        d = k;
        p = e;
      }
    }
    if (p >= end) break;
    let value: f64;
    if (w <= 9007199254740992) {
      if (exponent < -22 || exponent > 22) break;
      value = <f64>w;
      if (exponent < 0) value /= power(-exponent);
      else if (exponent > 0) value *= power(exponent);
    } else {
      // Whole numbers of this size may be identifiers.
      if (exponent < -22 || exponent >= 0) break;
      value = quotient(w, -exponent);
      if (value != value) break;
    }
    d += 48;
    const last = j + 1 == cols;
    if (d == delimiter) {
      if (last) break;
      store<f64>(to, negative ? -value : value);
      j++;
      to += stride;
      at = p + 1;
    } else {
      if (!last) break;
      if (d == 13) {
        if (p + 1 >= end || load<u8>(p, 1) != 10) break;
        p++;
      } else if (d != 10) break;
      store<f64>(to, negative ? -value : value);
      j = 0;
      row++;
      to = out + (<usize>row << 3);
      record = at = p + 1;
    }
  }
  store<i32>(state, <i32>(at - text));
  store<i32>(state, j, 4);
  store<i32>(state, row, 8);
  store<i32>(state, <i32>(record - text), 12);
}
