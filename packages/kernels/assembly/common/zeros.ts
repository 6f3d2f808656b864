// Products of f32 by a B that is half zeros or more, as images and outputs of ReLU are: the zeros of a column are left out, and each
// of its other values meets eight vectors of A.

import { KC, NC, pack } from './packing';

/** Rows of a panel of A: eight vectors. */
const PANEL: i32 = 32;
/** Bytes of a value of B that is not zero: where its row of the panel begins, and the value. */
const ENTRY: i32 = 8;
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
  const zero = v128.splat<f32>(0);
  // 0·x is 0 but where x is not finite.
  let sum = zero;
  let rest: f32 = 0;
  for (let j = 0; j < outer; j++) {
    let p = a;
    const vectors = p + (<usize>(inner & ~3) << 2), end = p + (<usize>inner << 2);
    for (; p != vectors; p += 16) sum = v128.add<f32>(sum, v128.mul<f32>(v128.load(p), zero));
    for (; p != end; p += 4) rest += load<f32>(p) * 0;
    a += step;
  }
  return !v128.any_true(v128.ne<f32>(sum, zero)) && rest == 0;
}

/** Writes what is not zero of depth × cols of B, each column where there is room for `depth`, and to `ends` where those of each end. */
function compress(depth: i32, cols: i32, B: usize, brs: usize, bcs: usize, out: usize, ends: usize): void {
  const last = <u64>depth * PANEL * 4;
  for (let j = 0; j < cols; j++) {
    let q = out, from = B;
    for (let at: u64 = 0; at != last; at += PANEL * 4) {
      const bits = <u64>load<u32>(from);
      store<u64>(q, bits << 32 | at);
      // Without a branch; of 0 and −0 nothing is left but the sign.
      q += usize(bits << 33 != 0) << 3;
      from += brs;
    }
    store<u32>(ends, <u32>q);
    ends += 4;
    out += <usize>(depth * ENTRY);
    B += bcs;
  }
}

/** PANEL rows of a column of C gain alpha times the product of a packed panel of A and the entries of a column of B. */
function addColumn(alpha: f32, a: usize, entry: usize, end: usize, c: usize, fresh: bool): void {
  let c0 = v128.splat<f32>(0), c1 = v128.splat<f32>(0), c2 = v128.splat<f32>(0), c3 = v128.splat<f32>(0);
  let c4 = v128.splat<f32>(0), c5 = v128.splat<f32>(0), c6 = v128.splat<f32>(0), c7 = v128.splat<f32>(0);
  for (; entry != end; entry += ENTRY) {
    const row = a + <usize>load<u32>(entry);
    const x = v128.load_splat<f32>(entry, 4);
    c0 = v128.add<f32>(c0, v128.mul<f32>(v128.load(row), x));
    c1 = v128.add<f32>(c1, v128.mul<f32>(v128.load(row, 16), x));
    c2 = v128.add<f32>(c2, v128.mul<f32>(v128.load(row, 32), x));
    c3 = v128.add<f32>(c3, v128.mul<f32>(v128.load(row, 48), x));
    // Never so: a branch, or the engine loads all eight vectors before it multiplies, and has too few registers.
    if (row == 0) break;
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
}

/**
 * C ← C + alpha·A·B as `addProduct` of gemm.ts, with the same bits where A is finite, for B that has many zeros. Work holds the panel of A, the last
 * columns of C where m is no multiple of PANEL, and of B what is not zero: at most twice the bytes of its values, those of f64.
 */
export function addSparseProduct(
  m: i32, n: i32, k: i32, alpha: f32, A: usize, ars: usize, acs: usize, B: usize, brs: usize, bcs: usize, C: usize,
  ldc: usize, fresh: bool, work: usize,
): void {
  const kc = min(KC, k);
  const packedA = work + 128;
  const ends = packedA + <usize>(PANEL * kc << 2);
  // Where a panel of B begins in products of so few rows.
  const entries = packedA + <usize>(LEAST * kc << 3);
  for (let jc = 0; jc < n; jc += NC) {
    const nc = min(NC, n - jc);
    for (let pc = 0; pc < k; pc += KC) {
      const depth = min(KC, k - pc), first = fresh && pc == 0;
      compress(depth, nc, B + <usize>pc * brs + <usize>jc * bcs, brs, bcs, entries, ends);
      for (let ic = 0; ic < m; ic += PANEL) {
        const rows = min(PANEL, m - ic);
        pack<f32>(rows, depth, A + <usize>ic * ars + <usize>pc * acs, ars, acs, PANEL, packedA);
        let c = C + (<usize>ic << 2) + <usize>jc * ldc, entry = entries;
        for (let j = 0; j < nc; j++) {
          const end = <usize>load<u32>(ends + (<usize>j << 2));
          if (rows == PANEL) {
            addColumn(alpha, packedA, entry, end, c, first);
          } else {
            const bytes = <usize>rows << 2;
            if (!first) memory.copy(work, c, bytes);
            addColumn(alpha, packedA, entry, end, work, first);
            memory.copy(c, work, bytes);
          }
          entry += <usize>(depth * ENTRY);
          c += ldc;
        }
      }
    }
  }
}
