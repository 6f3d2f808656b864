// Matrices of which at most two of every four consecutive inputs are other than 0 (2:4), in blocks of 8 rows and 16 columns: 64
// values and 16 bytes of places each. Value (4·g + p)·4 + l is of the group of columns g and the row 2·p + ⌊l/2⌋; its place in the
// group is in the bits 2·l of byte 4·g + p.

/** The bytes that bring the first of two values to each of four lanes, then the second; zeros elsewhere. */
const LANES: usize = memory.data<u32>([
  0x03020100, 0x80808080, 0x80808080, 0x80808080, 0x80808080, 0x03020100, 0x80808080, 0x80808080,
  0x80808080, 0x80808080, 0x03020100, 0x80808080, 0x80808080, 0x80808080, 0x80808080, 0x03020100,
  0x07060504, 0x80808080, 0x80808080, 0x80808080, 0x80808080, 0x07060504, 0x80808080, 0x80808080,
  0x80808080, 0x80808080, 0x07060504, 0x80808080, 0x80808080, 0x80808080, 0x80808080, 0x07060504,
]);

/** The products of four values of a pair of rows with the numbers of x at their places. */
// @ts-ignore: decorator
@inline
function product(value: v128, lanes: usize, pair: u32, x: v128): v128 {
  return f32x4.mul(value, v128.swizzle(x, v128.load(lanes + (<usize>pair << 4))));
}

/**
 * y ← the products of the rows [from, to) of a matrix of `inner` columns with x; `from` is a multiple of 8. `lanes` has, for each
 * byte of places, the 16 bytes that bring the numbers at these places to the lanes of the values. `work` has 64 bytes.
 */
export function groupsTimes(
  from: i32, to: i32, inner: i32, values: usize, places: usize, lanes: usize, x: usize, y: usize, work: usize,
): void {
  const across = (inner + 15) >> 4, whole = inner >> 4, rest = inner & 15;
  const skipped = <usize>(from >> 3) * <usize>across;
  values += skipped << 8;
  places += skipped << 4;
  if (rest > 0) {
    memory.fill(work, 0, 64);
    memory.copy(work, x + (<usize>whole << 6), <usize>rest << 2);
  }
  for (let row = from; row < to; row += 8) {
    let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, at = x;
    for (let c = 0; c < across; c++) {
      if (c == whole) at = work;
      let x0 = v128.load(at, 0);
      s0 = f32x4.add(s0, product(v128.load(values, 0), lanes, load<u8>(places, 0), x0));
      s1 = f32x4.add(s1, product(v128.load(values, 16), lanes, load<u8>(places, 1), x0));
      s2 = f32x4.add(s2, product(v128.load(values, 32), lanes, load<u8>(places, 2), x0));
      s3 = f32x4.add(s3, product(v128.load(values, 48), lanes, load<u8>(places, 3), x0));
      x0 = v128.load(at, 16);
      s0 = f32x4.add(s0, product(v128.load(values, 64), lanes, load<u8>(places, 4), x0));
      s1 = f32x4.add(s1, product(v128.load(values, 80), lanes, load<u8>(places, 5), x0));
      s2 = f32x4.add(s2, product(v128.load(values, 96), lanes, load<u8>(places, 6), x0));
      s3 = f32x4.add(s3, product(v128.load(values, 112), lanes, load<u8>(places, 7), x0));
      x0 = v128.load(at, 32);
      s0 = f32x4.add(s0, product(v128.load(values, 128), lanes, load<u8>(places, 8), x0));
      s1 = f32x4.add(s1, product(v128.load(values, 144), lanes, load<u8>(places, 9), x0));
      s2 = f32x4.add(s2, product(v128.load(values, 160), lanes, load<u8>(places, 10), x0));
      s3 = f32x4.add(s3, product(v128.load(values, 176), lanes, load<u8>(places, 11), x0));
      x0 = v128.load(at, 48);
      s0 = f32x4.add(s0, product(v128.load(values, 192), lanes, load<u8>(places, 12), x0));
      s1 = f32x4.add(s1, product(v128.load(values, 208), lanes, load<u8>(places, 13), x0));
      s2 = f32x4.add(s2, product(v128.load(values, 224), lanes, load<u8>(places, 14), x0));
      s3 = f32x4.add(s3, product(v128.load(values, 240), lanes, load<u8>(places, 15), x0));
      values += 256;
      places += 16;
      at += 64;
    }
    const low = f32x4.add(v128.shuffle<i32>(s0, s1, 0, 2, 4, 6), v128.shuffle<i32>(s0, s1, 1, 3, 5, 7));
    const high = f32x4.add(v128.shuffle<i32>(s2, s3, 0, 2, 4, 6), v128.shuffle<i32>(s2, s3, 1, 3, 5, 7));
    if (row + 8 <= to) {
      v128.store(y, low);
      v128.store(y, high, 16);
      y += 32;
    } else {
      v128.store(work, low);
      v128.store(work, high, 16);
      memory.copy(y, work, <usize>(to - row) << 2);
    }
  }
}

/** y ← the rows [from, to) as they are, row after row. */
export function groupsRows(from: i32, to: i32, inner: i32, values: usize, places: usize, y: usize): void {
  const across = (inner + 15) >> 4;
  for (let row = from; row < to; row++) {
    const block = <usize>(row >> 3) * <usize>across;
    const pair = <usize>((row >> 1) & 3), second = row & 1;
    let v = values + (block << 8) + (pair << 4) + (<usize>second << 3), p = places + (block << 4) + pair;
    let j = 0;
    for (; j + 4 <= inner; j += 4) {
      const two = <u32>load<u8>(p) >> (second << 2), both = v128.load64_zero(v);
      const first = v128.swizzle(both, v128.load(LANES + (<usize>(two & 3) << 4)));
      const other = v128.swizzle(both, v128.load(LANES + (<usize>(two & 12) << 2), 64));
      v128.store(y + (<usize>j << 2), f32x4.add(first, other));
      v += 64;
      p += 4;
    }
    if (j < inner) {
      const two = <i32>load<u8>(p) >> (second << 2), a = j + (two & 3), b = j + ((two >> 2) & 3);
      for (let k = j; k < inner; k++) store<f32>(y + (<usize>k << 2), 0);
      if (a < inner) store<f32>(y + (<usize>a << 2), load<f32>(v));
      if (b < inner) store<f32>(y + (<usize>b << 2), load<f32>(y + (<usize>b << 2)) + load<f32>(v, 4));
    }
    y += <usize>inner << 2;
  }
}
