// Over 400 lines: one product for every shape, of which the parts share registers and block sizes.
// Matrix products by packing and a register-blocked micro-kernel, after Goto and van de Geijn, "Anatomy of
// high-performance matrix multiplication" (ACM TOMS 34(3), 2008) and Van Zee and van de Geijn, "BLIS" (ACM TOMS 41(3),
// 2015): a kc × nc panel of B in the last cache, an mc × kc block of A in the second, an MR × NR tile of C in registers.
// Written once for f64 and f32. An element of C is added up in an order that depends on k alone, not on m, n or the
// position of the tile, so that blocks of columns computed by different threads have the bits of one.
// The block sizes are known to gemmWorkBytes in src/work.ts.

import { evenly, roundUp } from './common/blocks';

const KC: i32 = 256;
const MC: i32 = 128;
const NC: i32 = 1024;
const NR: i32 = 4;
// Rows of a block of A from which on it is worth spreading a panel of B.
const SPREAD: i32 = 48;

// Rows of a tile: two vectors.
// @ts-ignore: decorator
@inline
function MR<T>(): i32 { return 32 / sizeof<T>(); }

/** Packs rows × depth of a matrix with strides (rs, cs) into panels of `width` rows, depth-major, padded with zeros. */
function pack<T>(rows: i32, depth: i32, a: usize, rs: usize, cs: usize, width: i32, out: usize): void {
  const bytes = <usize>sizeof<T>();
  for (let i = 0; i < rows; i += width) {
    const w = min(width, rows - i);
    const panel = a + <usize>i * rs;
    const step = <usize>width * bytes;
    if (w == width && rs == bytes) {
      // Contiguous rows: whole vectors. A panel is one or two vectors wide.
      let from = panel, to = out;
      if (step == 32) {
        for (let p = 0; p < depth; p++) {
          v128.store(to, v128.load(from));
          v128.store(to, v128.load(from, 16), 16);
          from += cs;
          to += 32;
        }
      } else {
        for (let p = 0; p < depth; p++) {
          v128.store(to, v128.load(from));
          from += cs;
          to += 16;
        }
      }
    } else if (sizeof<T>() == 8 && w == 4 && width == 4 && cs == bytes) {
      // Four rows that are contiguous in depth, two steps at a time.
      let r0 = panel, r1 = r0 + rs, r2 = r1 + rs, r3 = r2 + rs, to = out;
      const even = out + (<usize>(depth & ~1) << 5);
      while (to != even) {
        const v0 = v128.load(r0), v1 = v128.load(r1), v2 = v128.load(r2), v3 = v128.load(r3);
        v128.store(to, v128.shuffle<f64>(v0, v1, 0, 2));
        v128.store(to, v128.shuffle<f64>(v2, v3, 0, 2), 16);
        v128.store(to, v128.shuffle<f64>(v0, v1, 1, 3), 32);
        v128.store(to, v128.shuffle<f64>(v2, v3, 1, 3), 48);
        r0 += 16;
        r1 += 16;
        r2 += 16;
        r3 += 16;
        to += 64;
      }
      if (depth & 1) {
        store<f64>(to, load<f64>(r0));
        store<f64>(to, load<f64>(r1), 8);
        store<f64>(to, load<f64>(r2), 16);
        store<f64>(to, load<f64>(r3), 24);
      }
    } else if (sizeof<T>() == 4 && w == width && cs == bytes) {
      // The same of f32, four rows by four steps, each a square that is transposed.
      for (let r = 0; r < width; r += 4) {
        let r0 = panel + <usize>r * rs, r1 = r0 + rs, r2 = r1 + rs, r3 = r2 + rs, to = out + (<usize>r << 2);
        for (let p = depth >> 2; p > 0; p--) {
          const v0 = v128.load(r0), v1 = v128.load(r1), v2 = v128.load(r2), v3 = v128.load(r3);
          const low0 = v128.shuffle<f32>(v0, v1, 0, 4, 1, 5), low2 = v128.shuffle<f32>(v2, v3, 0, 4, 1, 5);
          const high0 = v128.shuffle<f32>(v0, v1, 2, 6, 3, 7), high2 = v128.shuffle<f32>(v2, v3, 2, 6, 3, 7);
          v128.store(to, v128.shuffle<f64>(low0, low2, 0, 2));
          to += step;
          v128.store(to, v128.shuffle<f64>(low0, low2, 1, 3));
          to += step;
          v128.store(to, v128.shuffle<f64>(high0, high2, 0, 2));
          to += step;
          v128.store(to, v128.shuffle<f64>(high0, high2, 1, 3));
          to += step;
          r0 += 16;
          r1 += 16;
          r2 += 16;
          r3 += 16;
        }
        for (let p = depth & 3; p > 0; p--) {
          store<f32>(to, load<f32>(r0));
          store<f32>(to, load<f32>(r1), 4);
          store<f32>(to, load<f32>(r2), 8);
          store<f32>(to, load<f32>(r3), 12);
          to += step;
          r0 += 4;
          r1 += 4;
          r2 += 4;
          r3 += 4;
        }
      }
    } else {
      // One row at a time: contiguous in depth where the matrix is transposed.
      for (let r = 0; r < w; r++) {
        let from = panel + <usize>r * rs, to = out + <usize>r * bytes;
        for (let p = 0; p < depth; p++) {
          store<T>(to, load<T>(from));
          from += cs;
          to += step;
        }
      }
      for (let r = w; r < width; r++) {
        let to = out + <usize>r * bytes;
        for (let p = 0; p < depth; p++) {
          store<T>(to, 0);
          to += step;
        }
      }
    }
    out += <usize>depth * step;
  }
}

/** The tile at C gains, or is where `fresh`, alpha times eight vectors of sums. */
// @ts-ignore: decorator
@inline
function give<T>(
  alpha: T, c: usize, ldc: usize, fresh: bool,
  c00: v128, c10: v128, c01: v128, c11: v128, c02: v128, c12: v128, c03: v128, c13: v128,
): void {
  const s = v128.splat<T>(alpha);
  const d1 = c + ldc, d2 = d1 + ldc, d3 = d2 + ldc;
  c00 = v128.mul<T>(s, c00);
  c10 = v128.mul<T>(s, c10);
  c01 = v128.mul<T>(s, c01);
  c11 = v128.mul<T>(s, c11);
  c02 = v128.mul<T>(s, c02);
  c12 = v128.mul<T>(s, c12);
  c03 = v128.mul<T>(s, c03);
  c13 = v128.mul<T>(s, c13);
  if (fresh) {
    v128.store(c, c00);
    v128.store(c, c10, 16);
    v128.store(d1, c01);
    v128.store(d1, c11, 16);
    v128.store(d2, c02);
    v128.store(d2, c12, 16);
    v128.store(d3, c03);
    v128.store(d3, c13, 16);
  } else {
    v128.store(c, v128.add<T>(v128.load(c), c00));
    v128.store(c, v128.add<T>(v128.load(c, 16), c10), 16);
    v128.store(d1, v128.add<T>(v128.load(d1), c01));
    v128.store(d1, v128.add<T>(v128.load(d1, 16), c11), 16);
    v128.store(d2, v128.add<T>(v128.load(d2), c02));
    v128.store(d2, v128.add<T>(v128.load(d2, 16), c12), 16);
    v128.store(d3, v128.add<T>(v128.load(d3), c03));
    v128.store(d3, v128.add<T>(v128.load(d3, 16), c13), 16);
  }
}

/**
 * The micro-kernel: the MR × 4 tile at C gains alpha times the product of a packed panel of A and one of B; `fresh`
 * stores the product alone. Two steps of k a round, with a branch between them: the engine loads all that lies between
 * two branches before it multiplies, and eight sums, two vectors of A, four values of B and a product are what fifteen
 * registers hold.
 */
// @ts-ignore: decorator
@inline
function tile<T>(
  packed: bool, depth: i32, alpha: T, a: usize, b: usize, b1: usize, b2: usize, b3: usize, c: usize, ldc: usize,
  fresh: bool,
): void {
  let c00 = v128.splat<T>(0), c10 = v128.splat<T>(0);
  let c01 = v128.splat<T>(0), c11 = v128.splat<T>(0);
  let c02 = v128.splat<T>(0), c12 = v128.splat<T>(0);
  let c03 = v128.splat<T>(0), c13 = v128.splat<T>(0);
  let a0: v128, a1: v128, x: v128;
  const end = a + (<usize>((depth + 1) & ~1) << 5);
  // Where an odd depth ends, in the middle of the last round.
  const odd = depth & 1 ? end - 64 : 0;
  while (a != end) {
    a0 = v128.load(a, 0);
    a1 = v128.load(a, 16);
    x = packed ? v128.load_splat<T>(b) : v128.load_splat<T>(b);
    c00 = v128.add<T>(c00, v128.mul<T>(a0, x));
    c10 = v128.add<T>(c10, v128.mul<T>(a1, x));
    x = packed ? v128.load_splat<T>(b, 1 * sizeof<T>()) : v128.load_splat<T>(b1);
    c01 = v128.add<T>(c01, v128.mul<T>(a0, x));
    c11 = v128.add<T>(c11, v128.mul<T>(a1, x));
    x = packed ? v128.load_splat<T>(b, 2 * sizeof<T>()) : v128.load_splat<T>(b2);
    c02 = v128.add<T>(c02, v128.mul<T>(a0, x));
    c12 = v128.add<T>(c12, v128.mul<T>(a1, x));
    x = packed ? v128.load_splat<T>(b, 3 * sizeof<T>()) : v128.load_splat<T>(b3);
    c03 = v128.add<T>(c03, v128.mul<T>(a0, x));
    c13 = v128.add<T>(c13, v128.mul<T>(a1, x));
    if (a == odd) break;
    a0 = v128.load(a, 32);
    a1 = v128.load(a, 48);
    x = packed ? v128.load_splat<T>(b, 4 * sizeof<T>()) : v128.load_splat<T>(b, sizeof<T>());
    c00 = v128.add<T>(c00, v128.mul<T>(a0, x));
    c10 = v128.add<T>(c10, v128.mul<T>(a1, x));
    x = packed ? v128.load_splat<T>(b, 5 * sizeof<T>()) : v128.load_splat<T>(b1, sizeof<T>());
    c01 = v128.add<T>(c01, v128.mul<T>(a0, x));
    c11 = v128.add<T>(c11, v128.mul<T>(a1, x));
    x = packed ? v128.load_splat<T>(b, 6 * sizeof<T>()) : v128.load_splat<T>(b2, sizeof<T>());
    c02 = v128.add<T>(c02, v128.mul<T>(a0, x));
    c12 = v128.add<T>(c12, v128.mul<T>(a1, x));
    x = packed ? v128.load_splat<T>(b, 7 * sizeof<T>()) : v128.load_splat<T>(b3, sizeof<T>());
    c03 = v128.add<T>(c03, v128.mul<T>(a0, x));
    c13 = v128.add<T>(c13, v128.mul<T>(a1, x));
    a += 64;
    if (packed) {
      b += 8 * sizeof<T>();
    } else {
      b += 2 * sizeof<T>();
      b1 += 2 * sizeof<T>();
      b2 += 2 * sizeof<T>();
      b3 += 2 * sizeof<T>();
    }
  }
  give<T>(alpha, c, ldc, fresh, c00, c10, c01, c11, c02, c12, c03, c13);
}

/** Spreads the numbers of a packed panel of B, or of four columns where they lie, each over a vector of its own. */
function spread<T>(depth: i32, b: usize, out: usize): void {
  const end = out + (<usize>depth << 6);
  while (out != end) {
    if (sizeof<T>() == 8) {
      const v = v128.load(b), w = v128.load(b, 16);
      v128.store(out, v128.shuffle<f64>(v, v, 0, 0));
      v128.store(out, v128.shuffle<f64>(v, v, 1, 1), 16);
      v128.store(out, v128.shuffle<f64>(w, w, 0, 0), 32);
      v128.store(out, v128.shuffle<f64>(w, w, 1, 1), 48);
    } else {
      const v = v128.load(b);
      v128.store(out, v128.shuffle<f32>(v, v, 0, 0, 0, 0));
      v128.store(out, v128.shuffle<f32>(v, v, 1, 1, 1, 1), 16);
      v128.store(out, v128.shuffle<f32>(v, v, 2, 2, 2, 2), 32);
      v128.store(out, v128.shuffle<f32>(v, v, 3, 3, 3, 3), 48);
    }
    b += 4 * sizeof<T>();
    out += 64;
  }
}

/** As {@link spread}, of four columns where they lie. */
function spreadColumns<T>(depth: i32, b: usize, b1: usize, b2: usize, b3: usize, out: usize): void {
  const end = out + (<usize>depth << 6);
  while (out != end) {
    v128.store(out, v128.load_splat<T>(b));
    v128.store(out, v128.load_splat<T>(b1), 16);
    v128.store(out, v128.load_splat<T>(b2), 32);
    v128.store(out, v128.load_splat<T>(b3), 48);
    b += sizeof<T>();
    b1 += sizeof<T>();
    b2 += sizeof<T>();
    b3 += sizeof<T>();
    out += 64;
  }
}

/**
 * As {@link tile}, by a panel of B that is spread: an engine adds up the address of each number that it spreads itself. Four steps a round; where the depth is no multiple of four it ends after
 * one, two or three of the last: of `end` … `end3` the place of that round is one, the others are 0. A function of its own,
 * as in a large one the engine has too few registers.
 */
function spreadTile<T>(
  end: usize, end1: usize, end2: usize, end3: usize, alpha: T, a: usize, b: usize, c: usize, ldc: usize, fresh: bool,
): void {
  let c00 = v128.splat<T>(0), c10 = v128.splat<T>(0);
  let c01 = v128.splat<T>(0), c11 = v128.splat<T>(0);
  let c02 = v128.splat<T>(0), c12 = v128.splat<T>(0);
  let c03 = v128.splat<T>(0), c13 = v128.splat<T>(0);
  let a0: v128, a1: v128, x: v128;
  while (a != end) {
    a0 = v128.load(a, 0);
    a1 = v128.load(a, 16);
    x = v128.load(b);
    c00 = v128.add<T>(c00, v128.mul<T>(a0, x));
    c10 = v128.add<T>(c10, v128.mul<T>(a1, x));
    x = v128.load(b, 16);
    c01 = v128.add<T>(c01, v128.mul<T>(a0, x));
    c11 = v128.add<T>(c11, v128.mul<T>(a1, x));
    x = v128.load(b, 32);
    c02 = v128.add<T>(c02, v128.mul<T>(a0, x));
    c12 = v128.add<T>(c12, v128.mul<T>(a1, x));
    x = v128.load(b, 48);
    c03 = v128.add<T>(c03, v128.mul<T>(a0, x));
    c13 = v128.add<T>(c13, v128.mul<T>(a1, x));
    if (a == end1) break;
    a0 = v128.load(a, 32);
    a1 = v128.load(a, 48);
    x = v128.load(b, 64);
    c00 = v128.add<T>(c00, v128.mul<T>(a0, x));
    c10 = v128.add<T>(c10, v128.mul<T>(a1, x));
    x = v128.load(b, 80);
    c01 = v128.add<T>(c01, v128.mul<T>(a0, x));
    c11 = v128.add<T>(c11, v128.mul<T>(a1, x));
    x = v128.load(b, 96);
    c02 = v128.add<T>(c02, v128.mul<T>(a0, x));
    c12 = v128.add<T>(c12, v128.mul<T>(a1, x));
    x = v128.load(b, 112);
    c03 = v128.add<T>(c03, v128.mul<T>(a0, x));
    c13 = v128.add<T>(c13, v128.mul<T>(a1, x));
    if (a == end2) break;
    a0 = v128.load(a, 64);
    a1 = v128.load(a, 80);
    x = v128.load(b, 128);
    c00 = v128.add<T>(c00, v128.mul<T>(a0, x));
    c10 = v128.add<T>(c10, v128.mul<T>(a1, x));
    x = v128.load(b, 144);
    c01 = v128.add<T>(c01, v128.mul<T>(a0, x));
    c11 = v128.add<T>(c11, v128.mul<T>(a1, x));
    x = v128.load(b, 160);
    c02 = v128.add<T>(c02, v128.mul<T>(a0, x));
    c12 = v128.add<T>(c12, v128.mul<T>(a1, x));
    x = v128.load(b, 176);
    c03 = v128.add<T>(c03, v128.mul<T>(a0, x));
    c13 = v128.add<T>(c13, v128.mul<T>(a1, x));
    if (a == end3) break;
    a0 = v128.load(a, 96);
    a1 = v128.load(a, 112);
    x = v128.load(b, 192);
    c00 = v128.add<T>(c00, v128.mul<T>(a0, x));
    c10 = v128.add<T>(c10, v128.mul<T>(a1, x));
    x = v128.load(b, 208);
    c01 = v128.add<T>(c01, v128.mul<T>(a0, x));
    c11 = v128.add<T>(c11, v128.mul<T>(a1, x));
    x = v128.load(b, 224);
    c02 = v128.add<T>(c02, v128.mul<T>(a0, x));
    c12 = v128.add<T>(c12, v128.mul<T>(a1, x));
    x = v128.load(b, 240);
    c03 = v128.add<T>(c03, v128.mul<T>(a0, x));
    c13 = v128.add<T>(c13, v128.mul<T>(a1, x));
    a += 128;
    b += 256;
  }
  give<T>(alpha, c, ldc, fresh, c00, c10, c01, c11, c02, c12, c03, c13);
}

/** A tile on an edge of C, or across the diagonal where only row ≥ col + shift may be written: through a buffer. */
function edgeTile<T>(
  packed: bool, depth: i32, alpha: T, a: usize, b: usize, bcs: usize, c: usize, ldc: usize, rows: i32, cols: i32,
  shift: i32, fresh: bool, buffer: usize,
): void {
  if (packed) {
    tile<T>(true, depth, alpha, a, b, b, b, b, buffer, 32, true);
  } else {
    // Past the last column of B comes that column again.
    const last = b + <usize>(cols - 1) * bcs;
    tile<T>(false, depth, alpha, a, b, min(b + bcs, last), min(b + 2 * bcs, last), last, buffer, 32, true);
  }
  giveEdge<T>(c, ldc, rows, cols, shift, fresh, buffer);
}

/** The part of a tile in the buffer that C has, on and below its diagonal. */
function giveEdge<T>(c: usize, ldc: usize, rows: i32, cols: i32, shift: i32, fresh: bool, buffer: usize): void {
  const bytes = <usize>sizeof<T>();
  for (let j = 0; j < cols; j++) {
    for (let i = max(0, j + shift); i < rows; i++) {
      const at = c + <usize>j * ldc + <usize>i * bytes;
      const gain = load<T>(buffer + (<usize>j << 5) + <usize>i * bytes);
      store<T>(at, fresh ? gain : load<T>(at) + gain);
    }
  }
}

/**
 * The tiles of a packed block of A, rows from `ic` on, by a panel of B, columns from `jc` on. A function of its own: it is
 * called often, so that an engine that began with simple code soon has it better, in the middle of a large product.
 */
export function addBlock<T>(
  packs: bool, lower: bool, mc: i32, nc: i32, depth: i32, ic: i32, jc: i32, alpha: T, packedA: usize, B: usize,
  bcs: usize, C: usize, ldc: usize, fresh: bool, work: usize,
): void {
  const bytes = <usize>sizeof<T>();
  const mr = MR<T>();
  const spreads = mc >= SPREAD;
  const panel = work + 128;
  const rounds = <usize>(depth & ~3) << 5, rest = depth & 3;
  for (let jr = 0; jr < nc; jr += NR) {
    const cols = min(NR, nc - jr);
    const col = jc + jr;
    if (lower && ic + mc <= col) break;
    const b = B + (packs ? <usize>(jr * depth) * bytes : <usize>jr * bcs);
    if (spreads) {
      // Past the last column of B comes that column again.
      const last = b + <usize>(cols - 1) * bcs;
      if (packs) spread<T>(depth, b, panel);
      else spreadColumns<T>(depth, b, min(b + bcs, last), min(b + 2 * bcs, last), last, panel);
    }
    for (let ir = 0; ir < mc; ir += mr) {
      const rows = min(mr, mc - ir);
      const row = ic + ir;
      if (lower && row + rows <= col) continue;
      const a = packedA + <usize>(ir * depth) * bytes;
      const c = C + <usize>row * bytes + <usize>col * ldc;
      const across = lower && row < col + cols - 1;
      const whole = rows == mr && cols == NR && !across;
      if (spreads) {
        const to = a + rounds;
        spreadTile<T>(
          rest ? 0 : to, rest == 1 ? to : 0, rest == 2 ? to : 0, rest == 3 ? to : 0,
          alpha, a, panel, whole ? c : work, whole ? ldc : 32, whole ? fresh : true,
        );
        if (!whole) giveEdge<T>(c, ldc, rows, cols, across ? col - row : -mr, fresh, work);
      } else if (!whole) {
        edgeTile<T>(packs, depth, alpha, a, b, bcs, c, ldc, rows, cols, across ? col - row : -mr, fresh, work);
      } else if (packs) {
        tile<T>(true, depth, alpha, a, b, b, b, b, c, ldc, fresh);
      } else {
        tile<T>(false, depth, alpha, a, b, b + bcs, b + 2 * bcs, b + 3 * bcs, c, ldc, fresh);
      }
    }
  }
}

/**
 * C ← C + alpha·A·B for A m × k with byte strides (ars, acs) and B k × n with (brs, bcs); with `lower`, only on and
 * below the diagonal of C. Work holds a tile, a packed block of A and a packed panel of B. B with contiguous columns is
 * not worth packing where few blocks of A read it. `fresh` stores the product, whatever C held.
 */
export function addProduct<T>(
  lower: bool, m: i32, n: i32, k: i32, alpha: T, A: usize, ars: usize, acs: usize, B: usize, brs: usize, bcs: usize,
  C: usize, ldc: usize, fresh: bool, work: usize,
): void {
  const bytes = <usize>sizeof<T>();
  const mr = MR<T>();
  const kc = min(KC, k);
  const packs = m > (lower ? 128 : 512) || brs != bytes;
  // The same matrix from both sides, tiles as high as wide: a panel of B is a block of A, too.
  const same = lower && packs && mr == NR && A == B && ars == bcs && acs == brs;
  const packedA = work + 128 + (<usize>KC << 6);
  const packedB = packedA + <usize>(roundUp(min(MC, m), mr) * kc) * bytes;
  for (let jc = 0; jc < n; jc += NC) {
    const nc = min(NC, n - jc);
    for (let pc = 0; pc < k; pc += KC) {
      const depth = min(KC, k - pc);
      const panel = B + <usize>pc * brs + <usize>jc * bcs;
      if (packs) pack<T>(nc, depth, panel, bcs, brs, NR, packedB);
      const i0 = lower ? jc : 0, step = evenly(m - i0, MC, mr);
      for (let ic = i0; ic < m; ic += step) {
        const mc = min(step, m - ic), first = fresh && pc == 0;
        let a = packedA;
        if (same && ic >= jc && ic + mc <= jc + nc) a = packedB + <usize>((ic - jc) * depth) * bytes;
        else pack<T>(mc, depth, A + <usize>ic * ars + <usize>pc * acs, ars, acs, mr, packedA);
        // Called in two places, or the compiler would put it here.
        if (packs) addBlock<T>(true, lower, mc, nc, depth, ic, jc, alpha, a, packedB, bcs, C, ldc, first, work);
        else addBlock<T>(false, lower, mc, nc, depth, ic, jc, alpha, a, panel, bcs, C, ldc, first, work);
      }
    }
  }
}

/** C ← βC; β = 0 clears, whatever C held. */
function scaleMatrix<T>(m: i32, n: i32, beta: T, C: usize, ldc: usize): void {
  if (beta == 1) return;
  const bytes = <usize>sizeof<T>();
  for (let j = 0; j < n; j++) {
    let c = C + <usize>j * ldc;
    if (beta == 0) {
      memory.fill(c, 0, <usize>m * bytes);
    } else {
      for (let i = 0; i < m; i++) {
        store<T>(c, beta * load<T>(c));
        c += bytes;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function product<T>(
  transA: bool, transB: bool, m: i32, n: i32, k: i32, alpha: T, A: usize, lda: i32, B: usize, ldb: i32, beta: T,
  C: usize, ldc: i32, work: usize,
): void {
  const bytes = <usize>sizeof<T>();
  const a = <usize>lda * bytes, b = <usize>ldb * bytes, c = <usize>ldc * bytes;
  const fresh = beta == 0 && alpha != 0 && k > 0;
  if (!fresh) scaleMatrix<T>(m, n, beta, C, c);
  if (alpha == 0) return;
  addProduct<T>(
    false, m, n, k, alpha, A, transA ? a : bytes, transA ? bytes : a, B, transB ? b : bytes, transB ? bytes : b, C, c,
    fresh, work,
  );
}

/**
 * C ← α·op(A)·op(B) + βC; C m×n, op(A) m×k, op(B) k×n. β = 0 overwrites C whatever it held. `work` has gemmWorkBytes(m,
 * n, k) bytes. Each element is added up in an order that depends on k alone. O(mnk).
 */
export function gemm(
  transA: bool, transB: bool, m: i32, n: i32, k: i32, alpha: f64, A: usize, lda: i32, B: usize, ldb: i32, beta: f64,
  C: usize, ldc: i32, work: usize,
): void {
  product<f64>(transA, transB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc, work);
}

/** As {@link gemm}, in single precision throughout; the same work. */
export function sgemm(
  transA: bool, transB: bool, m: i32, n: i32, k: i32, alpha: f32, A: usize, lda: i32, B: usize, ldb: i32, beta: f32,
  C: usize, ldc: i32, work: usize,
): void {
  product<f32>(transA, transB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc, work);
}

/**
 * C ← AᵀA for A k×n, or AAᵀ for A n×k where `trans` says so, both triangles; `work` has gemmWorkBytes(n, n, k) bytes.
 * O(n²k), half of gemm's.
 */
export function syrk(trans: bool, n: i32, k: i32, A: usize, lda: i32, C: usize, ldc: i32, work: usize): void {
  const a = <usize>lda << 3, c = <usize>ldc << 3;
  const across: usize = trans ? 8 : a, along: usize = trans ? a : 8;
  scaleMatrix<f64>(n, n, 0, C, c);
  addProduct<f64>(true, n, n, k, 1, A, across, along, A, along, across, C, c, false, work);
  mirrorLower(n, C, ldc);
}

/** Copies the lower triangle of the n×n C onto the upper, in blocks. O(n²). */
export function mirrorLower(n: i32, C: usize, ldc: i32): void {
  const c = <usize>ldc << 3;
  for (let jb = 0; jb < n; jb += 32) {
    for (let ib = jb; ib < n; ib += 32) {
      const iEnd = min(n, ib + 32);
      for (let j = jb; j < min(n, jb + 32); j++) {
        for (let i = max(ib, j + 1); i < iEnd; i++) {
          store<f64>(C + <usize>i * c + (<usize>j << 3), load<f64>(C + <usize>j * c + (<usize>i << 3)));
        }
      }
    }
  }
}
