// Random sketches of long matrices: the Hadamard transform, and rows that are added to a few places with signs.

/** Strides n/2 and n/4 of a transform of n ≥ 8 numbers in one pass. */
// @ts-ignore: decorator
@inline
function twoStrides(n: i32, x: usize): void {
  const quarter = <usize>(n >> 2) << 3;
  let a = x, b = x + quarter, c = b + quarter, d = c + quarter;
  const end = b;
  while (a != end) {
    const x0 = v128.load(a), x1 = v128.load(b), x2 = v128.load(c), x3 = v128.load(d);
    const s0 = f64x2.add(x0, x2), d0 = f64x2.sub(x0, x2), s1 = f64x2.add(x1, x3), d1 = f64x2.sub(x1, x3);
    v128.store(a, f64x2.add(s0, s1));
    v128.store(b, f64x2.sub(s0, s1));
    v128.store(c, f64x2.add(d0, d1));
    v128.store(d, f64x2.sub(d0, d1));
    a += 16;
    b += 16;
    c += 16;
    d += 16;
  }
}

/** x ← Hx of n = 4^k numbers: parts that fit a cache are finished there, whatever its size. */
function quarters(n: i32, x: usize): void {
  if (n == 4) {
    const v = v128.load(x), w = v128.load(x, 16);
    const s = f64x2.add(v, w), d = f64x2.sub(v, w);
    const even = v128.shuffle<f64>(s, d, 0, 2), odd = v128.shuffle<f64>(s, d, 1, 3);
    const sum = f64x2.add(even, odd), difference = f64x2.sub(even, odd);
    v128.store(x, v128.shuffle<f64>(sum, difference, 0, 2));
    v128.store(x, v128.shuffle<f64>(sum, difference, 1, 3), 16);
    return;
  }
  twoStrides(n, x);
  const quarter = <usize>(n >> 2) << 3;
  for (let t: usize = 0; t < 4; t++) quarters(n >> 2, x + t * quarter);
}

/** x ← Hx, H the Hadamard matrix of n = 2^k rows of ±1 in Sylvester's order; from the longest stride to the shortest. O(n log n). */
export function hadamard(n: i32, x: usize): void {
  if (n < 2) return;
  if (n == 2) {
    const u = load<f64>(x), v = load<f64>(x, 8);
    store<f64>(x, u + v);
    store<f64>(x, u - v, 8);
  } else if (ctz(n) & 1) {
    const half = n >> 1;
    let a = x, b = x + (<usize>half << 3);
    const end = b;
    while (a != end) {
      const u = v128.load(a), v = v128.load(b);
      v128.store(a, f64x2.add(u, v));
      v128.store(b, f64x2.sub(u, v));
      a += 16;
      b += 16;
    }
    quarters(half, x);
    quarters(half, end);
  } else {
    quarters(n, x);
  }
}

/** to[0…3] ← to ± (v, w), the sign in the lowest bit of `place`, whose other bits tell where. */
// @ts-ignore: decorator
@inline
function addTo(place: i32, work: usize, v: v128, w: v128): void {
  const sign = i64x2.splat(<i64>(place & 1) << 63);
  const to = work + (<usize>(place >>> 1) << 5);
  v128.store(to, f64x2.add(v128.load(to), v128.xor(v, sign)));
  v128.store(to, f64x2.add(v128.load(to, 16), v128.xor(w, sign)), 16);
}

/**
 * S[r, :] ← S[r, :] ± scales[i]·A[i, :] for the `per` places of each row i < m of A, m × n: places[per·i + t] is 2r, or 2r + 1 with a
 * minus (i32). S has `rows` rows; scales of 0 (no pointer) are ones. Four columns at once, side by side in `work`, 4·rows doubles, so
 * that a place is looked up once for all. O(per·mn).
 */
export function scatterRows(
  m: i32, n: i32, per: i32, places: usize, scales: usize, A: usize, lda: i32, rows: i32, S: usize, lds: i32, work: usize,
): void {
  const column = <usize>lda << 3, target = <usize>lds << 3, one = f64x2.splat(1);
  for (let j = 0; j < n; j += 4) {
    const last = n - 1;
    // Columns beyond the last are copies of it, which nobody reads.
    let c0 = A + <usize>j * column, c1 = A + <usize>min(j + 1, last) * column;
    let c2 = A + <usize>min(j + 2, last) * column, c3 = A + <usize>min(j + 3, last) * column;
    const width = min(4, n - j);
    for (let c = 0; c < 4; c++) {
      let from = S + <usize>min(j + c, last) * target, to = work + (<usize>c << 3);
      for (let r = 0; r < rows; r++) {
        store<f64>(to, load<f64>(from));
        from += 8;
        to += 32;
      }
    }
    let place = places, scale = scales;
    for (let i = 0; i + 2 <= m; i += 2) {
      const s = scales ? v128.load(scale) : one;
      const v0 = f64x2.mul(v128.load(c0), s), v1 = f64x2.mul(v128.load(c1), s);
      const v2 = f64x2.mul(v128.load(c2), s), v3 = f64x2.mul(v128.load(c3), s);
      const a = v128.shuffle<f64>(v0, v1, 0, 2), b = v128.shuffle<f64>(v2, v3, 0, 2);
      for (let t = 0; t < per; t++) {
        addTo(load<i32>(place), work, a, b);
        place += 4;
      }
      const c = v128.shuffle<f64>(v0, v1, 1, 3), d = v128.shuffle<f64>(v2, v3, 1, 3);
      for (let t = 0; t < per; t++) {
        addTo(load<i32>(place), work, c, d);
        place += 4;
      }
      c0 += 16;
      c1 += 16;
      c2 += 16;
      c3 += 16;
      scale += 16;
    }
    if (m & 1) {
      const s = f64x2.splat(scales ? load<f64>(scale) : 1);
      const v = f64x2.replace_lane(f64x2.splat(load<f64>(c0)), 1, load<f64>(c1));
      const w = f64x2.replace_lane(f64x2.splat(load<f64>(c2)), 1, load<f64>(c3));
      for (let t = 0; t < per; t++) {
        addTo(load<i32>(place), work, f64x2.mul(v, s), f64x2.mul(w, s));
        place += 4;
      }
    }
    for (let c = 0; c < width; c++) {
      let from = work + (<usize>c << 3), to = S + <usize>(j + c) * target;
      for (let r = 0; r < rows; r++) {
        store<f64>(to, load<f64>(from));
        from += 32;
        to += 8;
      }
    }
  }
}
