// Matrices of places in codebooks, one for each run of rows, and of signed bytes with a scale for each row. Places have `bits` bits,
// the first in the lowest ones; each row begins at a multiple of four bytes.

/** The place of `bits` bits that begins at a bit of a row of `length` bytes. */
// @ts-ignore: decorator
@inline
function placeAt(row: usize, length: usize, bit: u32, bits: i32): u32 {
  // The two bytes of the last places would end beyond the row.
  const at = min(<usize>(bit >> 3), length - 2);
  return (<u32>load<u16>(row + at) >> (bit - (<u32>at << 3))) & ((1 << bits) - 1);
}

/** The sum of four lanes. */
// @ts-ignore: decorator
@inline
function laneSum(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/** Both numbers of a codebook for which each byte of 4-bit places stands. */
function fillPairs(book: usize, pairs: usize): void {
  for (let i = 0; i < 256; i++) {
    store<f32>(pairs + (<usize>i << 3), load<f32>(book + (<usize>(i & 15) << 2)));
    store<f32>(pairs + (<usize>i << 3), load<f32>(book + (<usize>(i >> 4) << 2)), 4);
  }
}

/** The four numbers of two such bytes. */
// @ts-ignore: decorator
@inline
function fourOf(pairs: usize, low: u32, high: u32): v128 {
  return v128.load_lane<u64>(pairs + (<usize>high << 3), v128.load64_zero(pairs + (<usize>low << 3)), 1);
}

/** The product of 4-bit places with x, of 16 columns at a time. */
function nibbles(row: usize, columns: i32, pairs: usize, x: usize): v128 {
  let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (let j = 0; j < columns; j += 16) {
    s0 = f32x4.add(s0, f32x4.mul(fourOf(pairs, load<u8>(row), load<u8>(row, 1)), v128.load(x)));
    s1 = f32x4.add(s1, f32x4.mul(fourOf(pairs, load<u8>(row, 2), load<u8>(row, 3)), v128.load(x, 16)));
    s2 = f32x4.add(s2, f32x4.mul(fourOf(pairs, load<u8>(row, 4), load<u8>(row, 5)), v128.load(x, 32)));
    s3 = f32x4.add(s3, f32x4.mul(fourOf(pairs, load<u8>(row, 6), load<u8>(row, 7)), v128.load(x, 48)));
    row += 8;
    x += 64;
  }
  return f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
}

/** Four numbers of a codebook. */
// @ts-ignore: decorator
@inline
function four(book: usize, a: u32, b: u32, c: u32, d: u32): v128 {
  let v = v128.load32_zero(book + (<usize>a << 2));
  v = v128.load_lane<u32>(book + (<usize>b << 2), v, 1);
  v = v128.load_lane<u32>(book + (<usize>c << 2), v, 2);
  return v128.load_lane<u32>(book + (<usize>d << 2), v, 3);
}

/**
 * y ← the products of the rows [from, to) of a matrix of `inner` columns with x. Runs of rows begin at the `runs` rows of
 * `boundaries`; `scales` are 0 or those of the rows; `work` has 2048 bytes.
 */
export function codesTimes(
  bits: i32, from: i32, to: i32, inner: i32, codes: usize, books: usize, boundaries: usize, runs: i32, scales: usize,
  x: usize, y: usize, work: usize,
): void {
  const length = <usize>((inner * bits + 31) >> 5) << 2;
  let row = codes + <usize>from * length, run = -1, book = books;
  for (let i = from; i < to; i++) {
    while (run < 0 || (run + 1 < runs && load<i32>(boundaries + (<usize>(run + 1) << 2)) <= i)) {
      run++;
      book = books + (<usize>run << (bits + 2));
      if (bits == 4) fillPairs(book, work);
    }
    let sums = i32x4.splat(0), j = 0;
    if (bits == 4) {
      j = inner & ~15;
      sums = nibbles(row, j, work, x);
    } else if (bits == 8) {
      for (; j + 4 <= inner; j += 4) {
        const at = row + <usize>j;
        const w = four(book, load<u8>(at), load<u8>(at, 1), load<u8>(at, 2), load<u8>(at, 3));
        sums = f32x4.add(sums, f32x4.mul(w, v128.load(x + (<usize>j << 2))));
      }
    } else {
      for (; j + 4 <= inner; j += 4) {
        const at = <u32>(j * bits);
        const w = four(
          book, placeAt(row, length, at, bits), placeAt(row, length, at + bits, bits),
          placeAt(row, length, at + 2 * bits, bits), placeAt(row, length, at + 3 * bits, bits),
        );
        sums = f32x4.add(sums, f32x4.mul(w, v128.load(x + (<usize>j << 2))));
      }
    }
    let sum = laneSum(sums);
    for (; j < inner; j++)
      sum += load<f32>(book + (<usize>placeAt(row, length, <u32>(j * bits), bits) << 2)) * load<f32>(x + (<usize>j << 2));
    if (scales != 0) sum *= load<f32>(scales + (<usize>i << 2));
    store<f32>(y, sum);
    y += 4;
    row += length;
  }
}

/** y ← the rows [from, to) as they are, row after row. */
export function codesRows(
  bits: i32, from: i32, to: i32, inner: i32, codes: usize, books: usize, boundaries: usize, runs: i32, scales: usize,
  y: usize,
): void {
  const length = <usize>((inner * bits + 31) >> 5) << 2;
  let row = codes + <usize>from * length, run = 0;
  for (let i = from; i < to; i++) {
    while (run + 1 < runs && load<i32>(boundaries + (<usize>(run + 1) << 2)) <= i) run++;
    const book = books + (<usize>run << (bits + 2));
    const scale: f32 = scales == 0 ? 1 : load<f32>(scales + (<usize>i << 2));
    for (let j = 0, bit: u32 = 0; j < inner; j++, bit += bits) {
      store<f32>(y, scale * load<f32>(book + (<usize>placeAt(row, length, bit, bits) << 2)));
      y += 4;
    }
    row += length;
  }
}

/** y ← the products of the rows [from, to) of signed bytes, times their scales, with x. */
export function int8Times(
  from: i32, to: i32, inner: i32, codes: usize, scales: usize, x: usize, y: usize,
): void {
  const length = <usize>((inner + 3) >> 2) << 2;
  codes += <usize>from * length;
  for (let i = from; i < to; i++) {
    let s0 = i32x4.splat(0), s1 = s0, j = 0;
    for (; j + 8 <= inner; j += 8) {
      const wide = v128.load_ext<i8>(codes + <usize>j), at = x + (<usize>j << 2);
      const low = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(wide));
      const high = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(wide));
      s0 = f32x4.add(s0, f32x4.mul(low, v128.load(at)));
      s1 = f32x4.add(s1, f32x4.mul(high, v128.load(at, 16)));
    }
    let sum = laneSum(f32x4.add(s0, s1));
    for (; j < inner; j++) sum += <f32>load<i8>(codes + <usize>j) * load<f32>(x + (<usize>j << 2));
    store<f32>(y, sum * load<f32>(scales + (<usize>i << 2)));
    y += 4;
    codes += length;
  }
}

/** y ← the rows [from, to) as they are, row after row. */
export function int8Rows(from: i32, to: i32, inner: i32, codes: usize, scales: usize, y: usize): void {
  const length = <usize>((inner + 3) >> 2) << 2;
  codes += <usize>from * length;
  for (let i = from; i < to; i++) {
    const scale = load<f32>(scales + (<usize>i << 2));
    for (let j = 0; j < inner; j++) {
      store<f32>(y, scale * <f32>load<i8>(codes + <usize>j));
      y += 4;
    }
    codes += length;
  }
}
