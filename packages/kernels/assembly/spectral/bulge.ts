// One sweep of Francis's double shift over a Hessenberg matrix (Golub and Van Loan, Matrix Computations, 4th ed., §7.5.2):
// reflectors of three rows, each made from a column and applied to rows and columns; vectors take those of many sweeps together.

/** Columns c, c + 1 (and c + 2) of `rows` rows: X ← X(I − τvvᵀ), v = (1, v1, v2); with two columns v2 is 0 and c2 is c1. */
// @ts-ignore: decorator
@inline
function reflectColumns(three: bool, rows: i32, c0: usize, ld: usize, tau: f64, v1: f64, v2: f64): void {
  let c1 = c0 + ld, c2 = c1 + ld;
  const t = f64x2.splat(tau), a = f64x2.splat(v1), b = f64x2.splat(v2);
  const end = c0 + (<usize>(rows & ~1) << 3);
  while (c0 != end) {
    const x = v128.load(c0), y = v128.load(c1);
    let s = f64x2.add(x, f64x2.mul(a, y));
    if (three) {
      const z = v128.load(c2);
      s = f64x2.mul(t, f64x2.add(s, f64x2.mul(b, z)));
      v128.store(c2, f64x2.sub(z, f64x2.mul(s, b)));
      c2 += 16;
    } else {
      s = f64x2.mul(t, s);
    }
    v128.store(c0, f64x2.sub(x, s));
    v128.store(c1, f64x2.sub(y, f64x2.mul(s, a)));
    c0 += 16;
    c1 += 16;
  }
  if (rows & 1) {
    const x = load<f64>(c0), y = load<f64>(c1);
    let s = x + v1 * y;
    if (three) {
      const z = load<f64>(c2);
      s = tau * (s + v2 * z);
      store<f64>(c2, z - s * v2);
    } else {
      s *= tau;
    }
    store<f64>(c0, x - s);
    store<f64>(c1, y - s * v1);
  }
}

/** Bytes of a kept transformation: column, τ, v₁, v₂; columns of reflectors of two entries have ¼ more, of rotations ½. */
const ITEM: usize = 32;
/** Rows on which kept transformations go through all columns: what a second-level cache holds. */
const ROWS: i32 = 32;

/**
 * A double-shift sweep on rows and columns `low` … `high` (from 0) of the Hessenberg H, begun by the reflector that takes
 * (x, y, z), of moderate size, to a multiple of the first unit vector. Rows `top` … are updated in its columns, columns … `end` − 1 in its
 * rows. Where `kept` is not 0, its high − low reflectors are kept there, 32 bytes each, for {@link applyKept}.
 * O((high − low)(end − top)).
 */
export function francisSweep(
  low: i32, high: i32, x: f64, y: f64, z: f64, H: usize, ldh: i32, top: i32, end: i32, kept: usize,
): void {
  const ld = <usize>ldh << 3;
  for (let k = low; k < high; k++) {
    const three = k + 2 <= high;
    const before = H + <usize>(k - 1) * ld + (<usize>k << 3);
    if (k > low) {
      x = load<f64>(before);
      y = load<f64>(before, 8);
      z = three ? load<f64>(before, 16) : 0;
    } else if (!three) {
      z = 0;
    }
    const scale = Math.abs(x) + Math.abs(y) + Math.abs(z);
    if (scale == 0) {
      if (kept != 0) {
        store<f64>(kept, <f64>k);
        store<f64>(kept, 0, 8);
        store<f64>(kept, 0, 16);
        store<f64>(kept, 0, 24);
        if (!three) store<f64>(kept, <f64>k + 0.25);
        kept += ITEM;
      }
      continue;
    }
    x /= scale;
    y /= scale;
    z /= scale;
    let norm = Math.sqrt(x * x + y * y + z * z);
    if (x > 0) norm = -norm;
    const head = x - norm;
    // Where only x is not zero the reflector changes signs alone.
    const v1 = y / head, v2 = z / head, tau = -head / norm;
    if (k > low) {
      store<f64>(before, norm * scale);
      store<f64>(before, 0, 8);
      if (three) store<f64>(before, 0, 16);
    }
    let at = H + <usize>k * ld + (<usize>k << 3);
    if (three) {
      for (let j = k; j < end; j++) {
        const p = load<f64>(at), q = load<f64>(at, 8), r = load<f64>(at, 16);
        const s = tau * (p + v1 * q + v2 * r);
        store<f64>(at, p - s);
        store<f64>(at, q - s * v1, 8);
        store<f64>(at, r - s * v2, 16);
        at += ld;
      }
    } else {
      for (let j = k; j < end; j++) {
        const p = load<f64>(at), q = load<f64>(at, 8);
        const s = tau * (p + v1 * q);
        store<f64>(at, p - s);
        store<f64>(at, q - s * v1, 8);
        at += ld;
      }
    }
    const last = min(k + 3, high);
    const column = H + <usize>k * ld + (<usize>top << 3);
    if (three) reflectColumns(true, last - top + 1, column, ld, tau, v1, v2);
    else reflectColumns(false, last - top + 1, column, ld, tau, v1, 0);
    if (kept != 0) {
      store<f64>(kept, three ? <f64>k : <f64>k + 0.25);
      store<f64>(kept, tau, 8);
      store<f64>(kept, v1, 16);
      store<f64>(kept, v2, 24);
      kept += ITEM;
    }
  }
}

/**
 * Z ← Z·(the `count` kept transformations, one after the other), Z of `rows` rows: reflectors of francisSweep, and rotations
 * as of {@link rotate}, with c and s in the place of τ and v₁. Few rows at a time, so that they stay in the cache. O(rows ·
 * count).
 */
export function applyKept(rows: i32, count: i32, kept: usize, Z: usize, ldz: i32): void {
  const lz = <usize>ldz << 3;
  for (let i = 0; i < rows; i += ROWS) {
    const m = min(ROWS, rows - i);
    const block = Z + (<usize>i << 3);
    let item = kept;
    for (let t = 0; t < count; t++) {
      const place = load<f64>(item);
      const k = <i32>place;
      const kind = place - <f64>k;
      const at = block + <usize>k * lz;
      const tau = load<f64>(item, 8), v1 = load<f64>(item, 16);
      if (kind == 0) reflectColumns(true, m, at, lz, tau, v1, load<f64>(item, 24));
      else if (kind == 0.25) reflectColumns(false, m, at, lz, tau, v1, 0);
      else rotate(m, at, at + lz, tau, v1);
      item += ITEM;
    }
  }
}

/** (x, y) ← (cx + sy, cy − sx) for n pairs, contiguous. O(n). */
export function rotate(n: i32, x: usize, y: usize, c: f64, s: f64): void {
  const u = f64x2.splat(c), v = f64x2.splat(s);
  const end = x + (<usize>(n & ~1) << 3);
  while (x != end) {
    const p = v128.load(x), q = v128.load(y);
    v128.store(x, f64x2.add(f64x2.mul(u, p), f64x2.mul(v, q)));
    v128.store(y, f64x2.sub(f64x2.mul(u, q), f64x2.mul(v, p)));
    x += 16;
    y += 16;
  }
  if (n & 1) {
    const p = load<f64>(x), q = load<f64>(y);
    store<f64>(x, c * p + s * q);
    store<f64>(y, c * q - s * p);
  }
}
