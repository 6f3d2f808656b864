// Matrices with a bit for each weight, and the values of those other than 0.

/** For each four bits, the bytes that bring the values that they stand for to their lanes, and zeros to the others. */
const LANES: usize = memory.data<u32>([
  0x80808080, 0x80808080, 0x80808080, 0x80808080, 0x03020100, 0x80808080, 0x80808080, 0x80808080,
  0x80808080, 0x03020100, 0x80808080, 0x80808080, 0x03020100, 0x07060504, 0x80808080, 0x80808080,
  0x80808080, 0x80808080, 0x03020100, 0x80808080, 0x03020100, 0x80808080, 0x07060504, 0x80808080,
  0x80808080, 0x03020100, 0x07060504, 0x80808080, 0x03020100, 0x07060504, 0x0b0a0908, 0x80808080,
  0x80808080, 0x80808080, 0x80808080, 0x03020100, 0x03020100, 0x80808080, 0x80808080, 0x07060504,
  0x80808080, 0x03020100, 0x80808080, 0x07060504, 0x03020100, 0x07060504, 0x80808080, 0x0b0a0908,
  0x80808080, 0x80808080, 0x03020100, 0x07060504, 0x03020100, 0x80808080, 0x07060504, 0x0b0a0908,
  0x80808080, 0x03020100, 0x07060504, 0x0b0a0908, 0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c,
]);

/** Four weights, of four bits, from their values on. */
// @ts-ignore: decorator
@inline
function spread(bits: u32, values: usize): v128 {
  return v128.swizzle(v128.load(values), v128.load(LANES + (<usize>bits << 4)));
}

/** The sum of the products of single weights. */
function single(bits: u32, values: usize, x: usize): f32 {
  let sum: f32 = 0;
  while (bits != 0) {
    sum += load<f32>(values) * load<f32>(x + (<usize>ctz(bits) << 2));
    values += 4;
    bits &= bits - 1;
  }
  return sum;
}

/** y ← the products of the rows [from, to) of a matrix of `inner` columns with x. */
export function bitmapTimes(
  from: i32, to: i32, inner: i32, values: usize, bits: usize, starts: usize, x: usize, y: usize,
): void {
  const words = (inner + 31) >> 5, whole = inner >> 5;
  // Values beyond the last row are not read, four at a time or one by one.
  const end = values + (<usize>load<i32>(starts + (<usize>to << 2)) << 2);
  bits += (<usize>from * <usize>words) << 2;
  for (let row = from; row < to; row++) {
    let v = values + (<usize>load<i32>(starts + (<usize>row << 2)) << 2), at = x, w = 0;
    let s0 = i32x4.splat(0), s1 = s0;
    for (; w < whole; w++) {
      const word = load<u32>(bits + (<usize>w << 2));
      const count = <usize>popcnt(word) << 2;
      if (v + count + 16 > end) break;
      let u = v;
      for (let k = 0; k < 32; k += 8) {
        const low = (word >> k) & 15, high = (word >> (k + 4)) & 15;
        const next = u + (<usize>popcnt(low) << 2);
        s0 = f32x4.add(s0, f32x4.mul(spread(low, u), v128.load(at)));
        s1 = f32x4.add(s1, f32x4.mul(spread(high, next), v128.load(at, 16)));
        u = next + (<usize>popcnt(high) << 2);
        at += 32;
      }
      v += count;
    }
    s0 = f32x4.add(s0, s1);
    let sum = f32x4.extract_lane(s0, 0) + f32x4.extract_lane(s0, 1) + (f32x4.extract_lane(s0, 2) + f32x4.extract_lane(s0, 3));
    for (; w < words; w++) {
      const word = load<u32>(bits + (<usize>w << 2));
      sum += single(word, v, at);
      v += <usize>popcnt(word) << 2;
      at += 128;
    }
    store<f32>(y, sum);
    y += 4;
    bits += <usize>words << 2;
  }
}

/** y ← the rows [from, to) as they are, row after row. */
export function bitmapRows(
  from: i32, to: i32, inner: i32, values: usize, bits: usize, starts: usize, y: usize,
): void {
  const words = (inner + 31) >> 5;
  memory.fill(y, 0, (<usize>(to - from) * <usize>inner) << 2);
  bits += (<usize>from * <usize>words) << 2;
  values += <usize>load<i32>(starts + (<usize>from << 2)) << 2;
  for (let row = from; row < to; row++) {
    for (let w = 0; w < words; w++) {
      let word = load<u32>(bits + (<usize>w << 2));
      const at = y + (<usize>w << 7);
      while (word != 0) {
        store<f32>(at + (<usize>ctz(word) << 2), load<f32>(values));
        values += 4;
        word &= word - 1;
      }
    }
    bits += <usize>words << 2;
    y += <usize>inner << 2;
  }
}
