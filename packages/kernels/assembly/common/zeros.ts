// Products of f32 by a B that is half zeros or more, as images and outputs of ReLU are: the zeros of a column are left out, and each
// of its other values meets eight vectors of A.

import { KC, NC, pack } from './packing';

/** Rows of a panel of A: eight vectors. */
const PANEL: i32 = 32;
/** Bytes of a value of B that is not zero: the value, and where its row of the panel begins. */
const ENTRY: i32 = 8;
/** For each set of four numbers the order of bytes that brings those of the set to the front. */
const ORDERS: usize = memory.data<u8>([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  4, 5, 6, 7, 0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15,
  0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15,
  4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 12, 13, 14, 15,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
  0, 1, 2, 3, 12, 13, 14, 15, 4, 5, 6, 7, 8, 9, 10, 11,
  4, 5, 6, 7, 12, 13, 14, 15, 0, 1, 2, 3, 8, 9, 10, 11,
  0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 8, 9, 10, 11,
  8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7,
  0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 4, 5, 6, 7,
  4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
]);
/** Values that are looked at before a product is begun. */
const SAMPLE: i32 = 256;
/** Rows of A from which zeros are looked for. */
const LEAST: i32 = 64;
/** Rows of a dense product that take as long as to look for the zeros of B. */
const SEARCH: i32 = 24;

/** Whether to leave zeros out saves time, by a sample of B's k × n values. */
export function worthSkipping(m: i32, n: i32, k: i32, B: usize, brs: usize, bcs: usize): bool {
  if (m < LEAST || k < 16 || n < 4 || k * n < 2048) return false;
  let nonzero = 0;
  for (let s: u32 = 0; s < <u32>SAMPLE; s++) {
    // Multiples of odd numbers near 2³² divided by the golden ratio and by its square.
    const row = <usize>(<u64>(s * 2654435769) * <u64>k >> 32), col = <usize>(<u64>(s * 1640531527) * <u64>n >> 32);
    nonzero += i32(load<f32>(B + row * brs + col * bcs) != 0);
  }
  return (m + PANEL - 1) / PANEL * PANEL * nonzero < (m - SEARCH) * SAMPLE;
}

/** Whether all of outer × inner values are finite, `inner` of them contiguous. */
export function allFinite(outer: i32, inner: i32, a: usize, step: usize): bool {
  // v − v is 0, all of whose bits are, or no number.
  let bits = i64x2.splat(0);
  let rest: i32 = 0;
  for (let j = 0; j < outer; j++) {
    let p = a;
    const blocks = p + (<usize>(inner & ~15) << 2), end = p + (<usize>inner << 2);
    for (; p != blocks; p += 64) {
      const s = v128.load(p), t = v128.load(p, 16), u = v128.load(p, 32), v = v128.load(p, 48);
      const left = v128.or(v128.sub<f32>(s, s), v128.sub<f32>(t, t));
      bits = v128.or(bits, v128.or(left, v128.or(v128.sub<f32>(u, u), v128.sub<f32>(v, v))));
    }
    for (; p != end; p += 4) rest |= reinterpret<i32>(load<f32>(p) - load<f32>(p));
    a += step;
  }
  return !v128.any_true(bits) && rest == 0;
}

/**
 * Writes what is not zero of depth × cols of B, with the address of its row of the panel at `a`, one column after the other, and to
 * `ends` where each ends. A column of an odd number of them ends with a zero more: sums that began at 0 are never −0, so that ±0
 * leaves them as they are. The buffer holds four columns.
 */
function compress(
  depth: i32, cols: i32, B: usize, brs: usize, bcs: usize, a: usize, out: usize, ends: usize, buffer: usize,
): void {
  let q = out;
  const whole = depth & ~3;
  for (let j = 0; j < cols; j++) {
    let from = B;
    if (brs != 4) {
      if (!(j & 3)) pack<f32>(whole, min(4, cols - j), B, brs, bcs, whole, buffer);
      from = buffer + (<usize>((j & 3) * whole) << 2);
    }
    let at = i32x4.add(i32x4.splat(<i32>a), i32x4(0, PANEL * 4, PANEL * 8, PANEL * 12));
    for (const last = from + (<usize>whole << 2); from != last; from += 16) {
      const v = v128.load(from);
      const kept = v128.bitmask<i32>(v128.ne<f32>(v, v128.splat<f32>(0)));
      const order = v128.load(ORDERS + (<usize>kept << 4));
      const values = v128.swizzle(v, order), rows = v128.swizzle(at, order);
      v128.store(q, v128.shuffle<i32>(values, rows, 0, 4, 1, 5));
      v128.store(q, v128.shuffle<i32>(values, rows, 2, 6, 3, 7), 16);
      q += <usize>popcnt(kept) << 3;
      at = i32x4.add(at, i32x4.splat(PANEL * 16));
    }
    for (let p = whole; p < depth; p++) {
      const v = load<f32>(B + <usize>p * brs);
      store<f32>(q, v);
      store<u32>(q, <u32>a + <u32>(p * PANEL * 4), 4);
      q += usize(v != 0) << 3;
    }
    store<f32>(q, 0);
    store<u32>(q, <u32>a, 4);
    q += (q - out) & 8;
    store<u32>(ends, <u32>q);
    ends += 4;
    B += bcs;
  }
}

/**
 * PANEL rows of columns of C gain alpha times the product of a packed panel of A and the entries of the columns of B, an even number of
 * each, which end where those from `ends` to `last` say.
 */
function addColumns(alpha: f32, entry: usize, ends: usize, last: usize, c: usize, ldc: usize, fresh: bool): void {
  for (; ends != last; ends += 4) {
    let c0 = v128.splat<f32>(0), c1 = v128.splat<f32>(0), c2 = v128.splat<f32>(0), c3 = v128.splat<f32>(0);
    let c4 = v128.splat<f32>(0), c5 = v128.splat<f32>(0), c6 = v128.splat<f32>(0), c7 = v128.splat<f32>(0);
    // Conditions that never hold: without branches the engine loads all vectors before it multiplies, and has too few registers.
    for (const end = <usize>load<u32>(ends); entry != end; entry += 2 * ENTRY) {
      let row = <usize>load<u32>(entry, 4);
      let x = v128.load_splat<f32>(entry);
      c0 = v128.add<f32>(c0, v128.mul<f32>(v128.load(row), x));
      c1 = v128.add<f32>(c1, v128.mul<f32>(v128.load(row, 16), x));
      c2 = v128.add<f32>(c2, v128.mul<f32>(v128.load(row, 32), x));
      c3 = v128.add<f32>(c3, v128.mul<f32>(v128.load(row, 48), x));
      if (row == 0) break;
      c4 = v128.add<f32>(c4, v128.mul<f32>(v128.load(row, 64), x));
      c5 = v128.add<f32>(c5, v128.mul<f32>(v128.load(row, 80), x));
      c6 = v128.add<f32>(c6, v128.mul<f32>(v128.load(row, 96), x));
      c7 = v128.add<f32>(c7, v128.mul<f32>(v128.load(row, 112), x));
      row = <usize>load<u32>(entry, 12);
      if (row == 0) break;
      x = v128.load_splat<f32>(entry, 8);
      c0 = v128.add<f32>(c0, v128.mul<f32>(v128.load(row), x));
      c1 = v128.add<f32>(c1, v128.mul<f32>(v128.load(row, 16), x));
      c2 = v128.add<f32>(c2, v128.mul<f32>(v128.load(row, 32), x));
      c3 = v128.add<f32>(c3, v128.mul<f32>(v128.load(row, 48), x));
      if (entry == 0) break;
      c4 = v128.add<f32>(c4, v128.mul<f32>(v128.load(row, 64), x));
      c5 = v128.add<f32>(c5, v128.mul<f32>(v128.load(row, 80), x));
      c6 = v128.add<f32>(c6, v128.mul<f32>(v128.load(row, 96), x));
      c7 = v128.add<f32>(c7, v128.mul<f32>(v128.load(row, 112), x));
    }
    const s = v128.splat<f32>(alpha);
    c0 = v128.mul<f32>(s, c0);
    c1 = v128.mul<f32>(s, c1);
    c2 = v128.mul<f32>(s, c2);
    c3 = v128.mul<f32>(s, c3);
    c4 = v128.mul<f32>(s, c4);
    c5 = v128.mul<f32>(s, c5);
    c6 = v128.mul<f32>(s, c6);
    c7 = v128.mul<f32>(s, c7);
    if (!fresh) {
      c0 = v128.add<f32>(v128.load(c), c0);
      c1 = v128.add<f32>(v128.load(c, 16), c1);
      c2 = v128.add<f32>(v128.load(c, 32), c2);
      c3 = v128.add<f32>(v128.load(c, 48), c3);
      c4 = v128.add<f32>(v128.load(c, 64), c4);
      c5 = v128.add<f32>(v128.load(c, 80), c5);
      c6 = v128.add<f32>(v128.load(c, 96), c6);
      c7 = v128.add<f32>(v128.load(c, 112), c7);
    }
    v128.store(c, c0);
    v128.store(c, c1, 16);
    v128.store(c, c2, 32);
    v128.store(c, c3, 48);
    v128.store(c, c4, 64);
    v128.store(c, c5, 80);
    v128.store(c, c6, 96);
    v128.store(c, c7, 112);
    c += ldc;
  }
}

/**
 * C ← C + alpha·A·B as `addProduct` of gemm.ts, with the same bits where A is finite, for B that has many zeros. Work holds the panel of A, the last
 * rows of a column of C where m is no multiple of PANEL, and of B four columns and what is not zero: at most twice the bytes of its values,
 * those of f64, and 8 a column.
 */
export function addSparseProduct(
  m: i32, n: i32, k: i32, alpha: f32, A: usize, ars: usize, acs: usize, B: usize, brs: usize, bcs: usize, C: usize,
  ldc: usize, fresh: bool, work: usize,
): void {
  const kc = min(KC, k);
  const buffer = work + 128;
  const packedA = buffer + <usize>(KC << 4);
  const ends = packedA + <usize>(PANEL * kc << 2);
  const entries = ends + <usize>(NC << 2);
  for (let jc = 0; jc < n; jc += NC) {
    const nc = min(NC, n - jc);
    for (let pc = 0; pc < k; pc += KC) {
      const depth = min(KC, k - pc), first = fresh && pc == 0;
      compress(depth, nc, B + <usize>pc * brs + <usize>jc * bcs, brs, bcs, packedA, entries, ends, buffer);
      for (let ic = 0; ic < m; ic += PANEL) {
        const rows = min(PANEL, m - ic);
        pack<f32>(rows, depth, A + <usize>ic * ars + <usize>pc * acs, ars, acs, PANEL, packedA);
        let c = C + (<usize>ic << 2) + <usize>jc * ldc, end = ends;
        const last = ends + (<usize>nc << 2), bytes = <usize>rows << 2;
        if (rows == PANEL) {
          addColumns(alpha, entries, end, last, c, ldc, first);
          continue;
        }
        for (let entry = entries; end != last; end += 4) {
          if (!first) memory.copy(work, c, bytes);
          addColumns(alpha, entry, end, end + 4, work, 0, first);
          memory.copy(c, work, bytes);
          entry = <usize>load<u32>(end);
          c += ldc;
        }
      }
    }
  }
}
