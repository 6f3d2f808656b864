// Products of 16-bit whole numbers: one instruction multiplies eight and adds neighbours.

/** The largest magnitude of d numbers. */
export function largestMagnitude(d: i32, x: usize): f64 {
  let most = f64x2.splat(0);
  for (const end = x + (<usize>(d & ~1) << 3); x != end; x += 16) most = f64x2.pmax(most, f64x2.abs(v128.load(x)));
  const both = max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1));
  return d & 1 ? max(both, abs(load<f64>(x))) : both;
}

/**
 * The d numbers at x times `times` as whole numbers of 16 bits, halves to even, two a word (i32), words `stride` words
 * apart. Returns the sum of the squares of what was rounded away. O(d).
 */
export function wholeNumbers(d: i32, x: usize, times: f64, out: usize, stride: i32): f64 {
  const scale = f64x2.splat(times), step = <usize>stride << 2;
  let errors = f64x2.splat(0);
  for (const end = x + (<usize>(d & ~1) << 3); x != end; x += 16) {
    const v = f64x2.mul(v128.load(x), scale), whole = f64x2.nearest(v);
    const e = f64x2.sub(v, whole);
    errors = f64x2.add(errors, f64x2.mul(e, e));
    const words = i32x4.trunc_sat_f64x2_s_zero(whole);
    v128.store_lane<i32>(out, i16x8.narrow_i32x4_s(words, words), 0);
    out += step;
  }
  let error = f64x2.extract_lane(errors, 0) + f64x2.extract_lane(errors, 1);
  if (d & 1) {
    const v = load<f64>(x) * times, whole = nearest<f64>(v), e = v - whole;
    error += e * e;
    store<i32>(out, <i32>whole & 0xffff);
  }
  return error;
}

/** The sum of squares of whole numbers of 16 bits in `pairs` words. It must fit 32 bits. */
export function wholeSquare(pairs: i32, words: usize): i32 {
  let sums = i32x4.splat(0);
  for (const end = words + (<usize>(pairs & ~3) << 2); words != end; words += 16) {
    const v = v128.load(words);
    sums = i32x4.add(sums, i32x4.dot_i16x8_s(v, v));
  }
  let sum = i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3);
  for (const end = words + (<usize>(pairs & 3) << 2); words != end; words += 4) {
    const lo = <i32>load<i16>(words), hi = <i32>load<i16>(words, 2);
    sum += lo * lo + hi * hi;
  }
  return sum;
}

/**
 * C[c + i·ldc] = a[c]·b[p]·Σ A_c·B_p in single precision, for c < m, p = list[i] (i32) and i < count. A and B hold
 * whole numbers of 16 bits, the even one in the lower half of an i32; row p of B has `pairs` of these in a row, A has
 * eight rows together: pair t of row c at (⌊c/8⌋·pairs + t)·8 + c mod 8. m and ldc are multiples of 8. Sums are exact,
 * and must fit 32 bits. O(m·count·pairs).
 */
export function pairProducts(
  m: i32, count: i32, pairs: i32, A: usize, a: usize, list: usize, B: usize, b: usize, C: usize, ldc: i32,
): void {
  const stride = <usize>pairs << 2;
  const last = count - 1;
  for (let i = 0; i < count; i += 4) {
    // The last group repeats its last point.
    const i1 = min<i32>(i + 1, last), i2 = min<i32>(i + 2, last), i3 = min<i32>(i + 3, last);
    const p0 = <usize>load<i32>(list + (<usize>i << 2)), p1 = <usize>load<i32>(list + (<usize>i1 << 2));
    const p2 = <usize>load<i32>(list + (<usize>i2 << 2)), p3 = <usize>load<i32>(list + (<usize>i3 << 2));
    const s0 = v128.load32_splat(b + (p0 << 2)), s1 = v128.load32_splat(b + (p1 << 2));
    const s2 = v128.load32_splat(b + (p2 << 2)), s3 = v128.load32_splat(b + (p3 << 2));
    let to0 = C + (<usize>i * <usize>ldc << 2), to1 = C + (<usize>i1 * <usize>ldc << 2);
    let to2 = C + (<usize>i2 * <usize>ldc << 2), to3 = C + (<usize>i3 * <usize>ldc << 2);
    let q = A, f = a;
    for (let c = 0; c < m; c += 8) {
      let x0 = B + p0 * stride, x1 = B + p1 * stride, x2 = B + p2 * stride, x3 = B + p3 * stride;
      let c00 = i32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
      for (const end = q + (stride << 3); q != end; q += 32) {
        const u = v128.load(q), w = v128.load(q, 16);
        let x = v128.load32_splat(x0);
        c00 = i32x4.add(c00, i32x4.dot_i16x8_s(x, u));
        c01 = i32x4.add(c01, i32x4.dot_i16x8_s(x, w));
        x = v128.load32_splat(x1);
        c10 = i32x4.add(c10, i32x4.dot_i16x8_s(x, u));
        c11 = i32x4.add(c11, i32x4.dot_i16x8_s(x, w));
        x = v128.load32_splat(x2);
        c20 = i32x4.add(c20, i32x4.dot_i16x8_s(x, u));
        c21 = i32x4.add(c21, i32x4.dot_i16x8_s(x, w));
        x = v128.load32_splat(x3);
        c30 = i32x4.add(c30, i32x4.dot_i16x8_s(x, u));
        c31 = i32x4.add(c31, i32x4.dot_i16x8_s(x, w));
        x0 += 4;
        x1 += 4;
        x2 += 4;
        x3 += 4;
      }
      const g = v128.load(f), h = v128.load(f, 16);
      v128.store(to0, f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(c00), g), s0));
      v128.store(to0, f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(c01), h), s0), 16);
      v128.store(to1, f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(c10), g), s1));
      v128.store(to1, f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(c11), h), s1), 16);
      v128.store(to2, f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(c20), g), s2));
      v128.store(to2, f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(c21), h), s2), 16);
      v128.store(to3, f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(c30), g), s3));
      v128.store(to3, f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(c31), h), s3), 16);
      f += 32;
      to0 += 32;
      to1 += 32;
      to2 += 32;
      to3 += 32;
    }
  }
}
