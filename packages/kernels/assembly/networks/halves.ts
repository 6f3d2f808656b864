// Numbers in two bytes: half precision (IEEE 754 binary16) and, with `brain`, bfloat16, the upper half of single precision.
// They are stored, moved and converted; all arithmetic is that of single precision.

/** Single precision of four halves, their bits in lanes of 32. Exact. */
// @ts-ignore: decorator
@inline
function widened(brain: bool, bits: v128): v128 {
  if (brain) return i32x4.shl(bits, 16);
  const size = v128.and(bits, i32x4.splat(0x7fff));
  // Exponent and fraction in their new places, the exponent corrected by the product, which is exact for subnormals too.
  let x = f32x4.mul(i32x4.shl(size, 13), f32x4.splat(<f32>5.192296858534828e33));
  x = v128.or(x, v128.and(i32x4.gt_s(size, i32x4.splat(0x7bff)), i32x4.splat(0x7f800000)));
  return v128.or(x, i32x4.shl(v128.and(bits, i32x4.splat(0x8000)), 16));
}

/** Half precision of four numbers of single precision, to nearest, ties to even: bits in lanes of 32. */
// @ts-ignore: decorator
@inline
function narrowed(brain: bool, x: v128): v128 {
  const size = v128.and(x, i32x4.splat(0x7fffffff));
  const sign = v128.and(i32x4.shr_u(x, 16), i32x4.splat(0x8000));
  const none = i32x4.gt_s(size, i32x4.splat(0x7f800000));
  if (brain) {
    const odd = v128.and(i32x4.shr_u(size, 16), i32x4.splat(1));
    const near = i32x4.shr_u(i32x4.add(i32x4.add(size, i32x4.splat(0x7fff)), odd), 16);
    return v128.or(sign, v128.bitselect(i32x4.splat(0x7fc0), near, none));
  }
  // Normal numbers: the carry of rounding may increase the exponent, up to infinity.
  const odd = v128.and(i32x4.shr_u(size, 13), i32x4.splat(1));
  const normal = i32x4.shr_u(i32x4.add(i32x4.add(size, i32x4.splat(0xfff - 0x38000000)), odd), 13);
  // Subnormal ones: adding 1/2 leaves a unit of 2^−24 as the last bit.
  const small = i32x4.sub(f32x4.add(size, f32x4.splat(0.5)), i32x4.splat(0x3f000000));
  let y = v128.bitselect(small, normal, i32x4.lt_s(size, i32x4.splat(0x38800000)));
  y = v128.bitselect(i32x4.splat(0x7c00), y, i32x4.gt_s(size, i32x4.splat(0x477fffff)));
  return v128.or(sign, v128.bitselect(i32x4.splat(0x7e00), y, none));
}

/** y (f32) ← the n halves x. */
export function fromHalves(brain: bool, n: i32, x: usize, y: usize): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const bits = v128.load_ext<u16>(x);
    v128.store(y, brain ? widened(true, bits) : widened(false, bits));
    x += 8;
    y += 16;
  }
  for (; i < n; i++) {
    store<f32>(y, f32x4.extract_lane(widened(brain, i32x4.splat(load<u16>(x))), 0));
    x += 2;
    y += 4;
  }
}

/** y ← the halves nearest to the n numbers x of single precision. */
export function stoHalves(brain: bool, n: i32, x: usize, y: usize): void {
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const a = v128.load(x), b = v128.load(x, 16);
    const low = brain ? narrowed(true, a) : narrowed(false, a);
    const high = brain ? narrowed(true, b) : narrowed(false, b);
    v128.store(y, i16x8.narrow_i32x4_u(low, high));
    x += 32;
    y += 16;
  }
  for (; i < n; i++) {
    store<u16>(y, <u16>i32x4.extract_lane(narrowed(brain, i32x4.splat(load<i32>(x))), 0));
    x += 4;
    y += 2;
  }
}

/** As {@link stoHalves}, of double precision. */
export function toHalves(brain: bool, n: i32, x: usize, y: usize): void {
  for (let i = 0; i < n; i++) {
    // To single precision by rounding to odd, after which the second rounding gives what a single one would.
    const exact = load<f64>(x);
    const near = <f32>exact;
    let bits = reinterpret<i32>(near);
    if (<f64>near != exact && exact == exact) {
      if (abs(<f64>near) > abs(exact)) bits--;
      bits |= 1;
    }
    store<u16>(y, <u16>i32x4.extract_lane(narrowed(brain, i32x4.splat(bits)), 0));
    x += 8;
    y += 2;
  }
}

/**
 * y ← a, words of two bytes in tensors of any strides, given by `meta` as for mapElements. The other arguments are those
 * of mapElements, which it does not read; `work` has 128 bytes.
 */
export function copyHalves(op: i32, meta: usize, y: usize, a: usize, b: usize, c: usize, work: usize): void {
  const rank = load<i32>(meta);
  meta += 4;
  const inner = meta + <usize>(rank - 1) * 20;
  for (let d = 0; d < rank; d++) if (load<i32>(meta + <usize>d * 20) == 0) return;
  for (let d = 0; d < rank; d++) store<i32>(work + (<usize>d << 2), 0);
  const n = load<i32>(inner), sy = <isize>load<i32>(inner, 4) * 2, sa = <isize>load<i32>(inner, 8) * 2;
  while (true) {
    if (sy == 2 && sa == 2) memory.copy(y, a, <usize>n << 1);
    else {
      let to = y, from = a;
      for (let i = 0; i < n; i++) {
        store<u16>(to, load<u16>(from));
        to += sy;
        from += sa;
      }
    }
    // The next run: as a counter of many digits.
    let d = rank - 2;
    for (; d >= 0; d--) {
      const dim = meta + <usize>d * 20, counter = work + (<usize>d << 2);
      const length = load<i32>(dim), ry = <isize>load<i32>(dim, 4) * 2, ra = <isize>load<i32>(dim, 8) * 2;
      const next = load<i32>(counter) + 1;
      if (next < length) {
        store<i32>(counter, next);
        y += ry;
        a += ra;
        break;
      }
      store<i32>(counter, 0);
      y -= ry * <isize>(length - 1);
      a -= ra * <isize>(length - 1);
    }
    if (d < 0) return;
  }
}

/** As takeRows, of words of two bytes, which it does not add up. */
export function takeHalves(
  outer: i32, count: i32, length: i32, inner: i32, whole: i32, at: usize, x: usize, y: usize,
): i32 {
  const row = <usize>whole << 1;
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < count; j++) {
      const index = load<i32>(at + (<usize>j << 2));
      if (<u32>index >= <u32>length) return j;
      memory.copy(y, x + <usize>index * row, <usize>inner << 1);
      y += row;
    }
    x += <usize>length * row;
  }
  return -1;
}
