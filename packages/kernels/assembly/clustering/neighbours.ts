// Nearest neighbours by bounds: products of 16-bit whole numbers, eight to an instruction, say which pairs may be near;
// of those alone distances are taken in double precision.

/**
 * Puts `count` rows of `pairs` words (i32), those of `list`, together by `width`, four or eight: word t of row i goes to
 * (⌊i/width⌋·pairs + t)·width + i mod width. The last group repeats its last row. O(count·pairs).
 */
export function interleave(count: i32, width: i32, pairs: i32, list: usize, rows: usize, out: usize): void {
  const step = <usize>width << 2, stride = <usize>pairs << 2;
  const filled = (count + width - 1) / width * width, last = count - 1;
  for (let i = 0; i < filled; i += 4) {
    let r0 = rows + <usize>load<i32>(list + (<usize>min<i32>(i, last) << 2)) * stride;
    let r1 = rows + <usize>load<i32>(list + (<usize>min<i32>(i + 1, last) << 2)) * stride;
    let r2 = rows + <usize>load<i32>(list + (<usize>min<i32>(i + 2, last) << 2)) * stride;
    let r3 = rows + <usize>load<i32>(list + (<usize>min<i32>(i + 3, last) << 2)) * stride;
    let to = out + (<usize>(i / width) * stride * <usize>width) + (<usize>(i % width) << 2);
    for (const end = r0 + (<usize>(pairs & ~3) << 2); r0 != end; r0 += 16) {
      const a = v128.load(r0), b = v128.load(r1), c = v128.load(r2), d = v128.load(r3);
      const p = v128.shuffle<i32>(a, b, 0, 4, 1, 5), q = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
      const u = v128.shuffle<i32>(a, b, 2, 6, 3, 7), v = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<i64>(p, q, 0, 2));
      v128.store(to + step, v128.shuffle<i64>(p, q, 1, 3));
      v128.store(to + 2 * step, v128.shuffle<i64>(u, v, 0, 2));
      v128.store(to + 3 * step, v128.shuffle<i64>(u, v, 1, 3));
      r1 += 16;
      r2 += 16;
      r3 += 16;
      to += 4 * step;
    }
    for (const end = r0 + (<usize>(pairs & 3) << 2); r0 != end; r0 += 4) {
      store<i32>(to, load<i32>(r0));
      store<i32>(to, load<i32>(r1), 4);
      store<i32>(to, load<i32>(r2), 8);
      store<i32>(to, load<i32>(r3), 12);
      r1 += 4;
      r2 += 4;
      r3 += 4;
      to += step;
    }
  }
}

/** ‖x − y‖² of d numbers each. */
// @ts-ignore: decorator
@inline
function square(d: i32, x: usize, y: usize): f64 {
  let a = f64x2.splat(0), b = a;
  for (const end = x + (<usize>(d & ~3) << 3); x != end; x += 32) {
    const u = f64x2.sub(v128.load(x), v128.load(y)), v = f64x2.sub(v128.load(x, 16), v128.load(y, 16));
    a = f64x2.add(a, f64x2.mul(u, u));
    b = f64x2.add(b, f64x2.mul(v, v));
    y += 32;
  }
  a = f64x2.add(a, b);
  let sum = f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
  for (const end = x + (<usize>(d & 3) << 3); x != end; x += 8) {
    const v = load<f64>(x) - load<f64>(y);
    sum += v * v;
    y += 8;
  }
  return sum;
}

// A side of a search is seven pointers (i32): values (f64, d a row), halves (i32), errors (f64), limits (i32), squares
// (f64, k a row), tags (i32, k a row) and names (i32).
// @ts-ignore: decorator
@inline
function part(side: usize, which: i32): usize { return <usize>load<i32>(side + (<usize>which << 2)); }

/** Whether (v, tag) comes after (w, other). */
// @ts-ignore: decorator
@inline
function after(v: f64, tag: i32, w: f64, other: i32): bool { return v > w || (v == w && tag > other); }

/** Offers (v, tag) to the heap of row p, whose farthest is at its root, and renews the limit of p. */
function offer(side: usize, p: i32, k: i32, v: f64, tag: i32, scale: f64, slack: f64): void {
  const values = part(side, 4) + (<usize>p * <usize>k << 3), tags = part(side, 5) + (<usize>p * <usize>k << 2);
  if (!after(load<f64>(values), load<i32>(tags), v, tag)) return;
  let at = 0;
  for (let child = 1; child < k; child = 2 * at + 1) {
    let w = load<f64>(values + (<usize>child << 3)), other = load<i32>(tags + (<usize>child << 2));
    if (child + 1 < k) {
      const w1 = load<f64>(values + (<usize>child << 3), 8), other1 = load<i32>(tags + (<usize>child << 2), 4);
      if (after(w1, other1, w, other)) {
        child++;
        w = w1;
        other = other1;
      }
    }
    if (!after(w, other, v, tag)) break;
    store<f64>(values + (<usize>at << 3), w);
    store<i32>(tags + (<usize>at << 2), other);
    at = child;
  }
  store<f64>(values + (<usize>at << 3), v);
  store<i32>(tags + (<usize>at << 2), tag);
  const far = Math.sqrt(load<f64>(values)) * scale + load<f64>(part(side, 2) + (<usize>p << 3)) + slack;
  store<i32>(part(side, 3) + (<usize>p << 2), <i32>max<f64>(-2147483648, -2 - Math.floor(far * far / 2)));
}

/**
 * Offers rows of a base to the heaps of queries. Vectors are given twice: in double precision, and as whole numbers of
 * 16 bits, two a word, x̃ ≈ scale·x with ‖x̃ − scale·x‖ ≤ errors. Pairs with x̃·ỹ − halves − halves above the limit are
 * compared in double precision and offered; the limit of a row is −2 − ⌊(scale·r + errors + slack)²/2⌋ for its farthest
 * neighbour so far, at r, so that with halves = ⌊‖x̃‖²/2⌋ and slack at least the errors of the other side no neighbour is
 * missed. Of equal distances the smaller name is nearer.
 *
 * `panel` has the words of the m queries `list` by four, as {@link interleave} gives them, `block` those of `count` rows
 * from `first` on by eight. `others` has a limit for each row of the block and up to a whole eight: those of the base
 * where `mutual`, which offers both ways, else the largest integer; halves are also read up to a whole eight. `self`:
 * query p is row p. A side is the address of seven pointers: values, halves, errors, limits, squares, tags, names.
 * O(m·count·pairs).
 */
export function offerNear(
  m: i32, count: i32, pairs: i32, d: i32, k: i32, scale: f64, slack: f64, panel: usize, list: usize, queries: usize,
  block: usize, first: i32, base: usize, others: usize, mutual: bool, self: bool,
): void {
  const halves = part(queries, 1), limits = part(queries, 3);
  const baseHalves = part(base, 1) + (<usize>first << 2);
  const last = m - 1;
  for (let i = 0; i < m; i += 4) {
    const p0 = <usize>load<i32>(list + (<usize>i << 2)) << 2;
    const p1 = <usize>load<i32>(list + (<usize>min<i32>(i + 1, last) << 2)) << 2;
    const p2 = <usize>load<i32>(list + (<usize>min<i32>(i + 2, last) << 2)) << 2;
    const p3 = <usize>load<i32>(list + (<usize>min<i32>(i + 3, last) << 2)) << 2;
    let b = block, h = baseHalves, o = others;
    for (let c = 0; c < count; c += 8) {
      const h0 = v128.load(h), h1 = v128.load(h, 16);
      let x = v128.load32_splat(halves + p0);
      let c00 = i32x4.neg(i32x4.add(x, h0)), c01 = i32x4.neg(i32x4.add(x, h1));
      x = v128.load32_splat(halves + p1);
      let c10 = i32x4.neg(i32x4.add(x, h0)), c11 = i32x4.neg(i32x4.add(x, h1));
      x = v128.load32_splat(halves + p2);
      let c20 = i32x4.neg(i32x4.add(x, h0)), c21 = i32x4.neg(i32x4.add(x, h1));
      x = v128.load32_splat(halves + p3);
      let c30 = i32x4.neg(i32x4.add(x, h0)), c31 = i32x4.neg(i32x4.add(x, h1));
      let a = panel;
      for (const end = a + (<usize>pairs << 4); a != end; a += 16) {
        const u = v128.load(b), w = v128.load(b, 16);
        x = v128.load32_splat(a);
        c00 = i32x4.add(c00, i32x4.dot_i16x8_s(x, u));
        c01 = i32x4.add(c01, i32x4.dot_i16x8_s(x, w));
        x = v128.load32_splat(a, 4);
        c10 = i32x4.add(c10, i32x4.dot_i16x8_s(x, u));
        c11 = i32x4.add(c11, i32x4.dot_i16x8_s(x, w));
        x = v128.load32_splat(a, 8);
        c20 = i32x4.add(c20, i32x4.dot_i16x8_s(x, u));
        c21 = i32x4.add(c21, i32x4.dot_i16x8_s(x, w));
        x = v128.load32_splat(a, 12);
        c30 = i32x4.add(c30, i32x4.dot_i16x8_s(x, u));
        c31 = i32x4.add(c31, i32x4.dot_i16x8_s(x, w));
        b += 32;
      }
      const o0 = v128.load(o), o1 = v128.load(o, 16);
      x = v128.load32_splat(limits + p0);
      c00 = i32x4.gt_s(c00, i32x4.min_s(x, o0));
      c01 = i32x4.gt_s(c01, i32x4.min_s(x, o1));
      x = v128.load32_splat(limits + p1);
      c10 = i32x4.gt_s(c10, i32x4.min_s(x, o0));
      c11 = i32x4.gt_s(c11, i32x4.min_s(x, o1));
      x = v128.load32_splat(limits + p2);
      c20 = i32x4.gt_s(c20, i32x4.min_s(x, o0));
      c21 = i32x4.gt_s(c21, i32x4.min_s(x, o1));
      x = v128.load32_splat(limits + p3);
      c30 = i32x4.gt_s(c30, i32x4.min_s(x, o0));
      c31 = i32x4.gt_s(c31, i32x4.min_s(x, o1));
      x = v128.or(v128.or(v128.or(c00, c01), v128.or(c10, c11)), v128.or(v128.or(c20, c21), v128.or(c30, c31)));
      if (v128.any_true(x)) {
        let mask = i32x4.bitmask(c00) | (i32x4.bitmask(c01) << 4) | (i32x4.bitmask(c10) << 8) |
          (i32x4.bitmask(c11) << 12) | (i32x4.bitmask(c20) << 16) | (i32x4.bitmask(c21) << 20) |
          (i32x4.bitmask(c30) << 24) | (i32x4.bitmask(c31) << 28);
        for (; mask != 0; mask &= mask - 1) {
          const bit = ctz<i32>(mask);
          const row = i + (bit >> 3), col = c + (bit & 7);
          if (row >= m || col >= count) continue;
          const p = load<i32>(list + (<usize>row << 2)), q = first + col;
          if (self && p == q) continue;
          const v = square(d, part(queries, 0) + (<usize>p * <usize>d << 3), part(base, 0) + (<usize>q * <usize>d << 3));
          offer(queries, p, k, v, load<i32>(part(base, 6) + (<usize>q << 2)), scale, slack);
          if (mutual) offer(base, q, k, v, load<i32>(part(queries, 6) + (<usize>p << 2)), scale, slack);
        }
      }
      h += 32;
      o += 32;
    }
    panel += <usize>pairs << 4;
  }
}
