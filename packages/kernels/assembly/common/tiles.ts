// The innermost loops of products: two vectors of rows by four columns of C, whose sums fill eight registers.

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
export function tile<T>(
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
export function spread<T>(depth: i32, b: usize, out: usize): void {
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
export function spreadColumns<T>(depth: i32, b: usize, b1: usize, b2: usize, b3: usize, out: usize): void {
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
export function spreadTile<T>(
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
