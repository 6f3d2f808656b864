// The two smallest entries of the columns of a single-precision matrix, four rows a vector.

/**
 * Of column i < count of D + shift·1ᵀ (k rows, leading dimension ldd): the row of the smallest entry, the first of equal
 * ones, to index[i], the entry to first[i] and the smallest of the other rows to second[i], infinite for k = 1.
 */
export function twoSmallest(
  k: i32, count: i32, D: usize, ldd: i32, shift: usize, index: usize, first: usize, second: usize,
): void {
  const whole = k & ~3;
  const end = shift + (<usize>whole << 2);
  for (let i = 0; i < count; i++) {
    let f = f32x4.splat(Infinity), s = f32x4.splat(Infinity);
    let at = i32x4.splat(0), row = i32x4(0, 1, 2, 3);
    let d = D, h = shift;
    while (h != end) {
      const v = f32x4.add(v128.load(d), v128.load(h));
      at = v128.bitselect(row, at, f32x4.lt(v, f));
      s = f32x4.pmin(s, f32x4.pmax(f, v));
      f = f32x4.pmin(f, v);
      row = i32x4.add(row, i32x4.splat(4));
      d += 16;
      h += 16;
    }
    let best = i32x4.extract_lane(at, 0);
    let a = f32x4.extract_lane(f, 0), b = f32x4.extract_lane(s, 0);
    let w: f32, r: i32;
    // Lanes in turn; of the entries of a lane that loses only its smallest can be the second of all.
    w = f32x4.extract_lane(f, 1); r = i32x4.extract_lane(at, 1);
    if (w < a || (w == a && r < best)) { b = min<f32>(a, f32x4.extract_lane(s, 1)); a = w; best = r; } else b = min<f32>(b, w);
    w = f32x4.extract_lane(f, 2); r = i32x4.extract_lane(at, 2);
    if (w < a || (w == a && r < best)) { b = min<f32>(a, f32x4.extract_lane(s, 2)); a = w; best = r; } else b = min<f32>(b, w);
    w = f32x4.extract_lane(f, 3); r = i32x4.extract_lane(at, 3);
    if (w < a || (w == a && r < best)) { b = min<f32>(a, f32x4.extract_lane(s, 3)); a = w; best = r; } else b = min<f32>(b, w);
    for (let c = whole; c < k; c++) {
      const v = load<f32>(d) + load<f32>(h);
      if (v < a) { b = a; a = v; best = c; } else if (v < b) b = v;
      d += 4;
      h += 4;
    }
    store<i32>(index, best);
    store<f32>(first, a);
    store<f32>(second, b);
    index += 4;
    first += 4;
    second += 4;
    D += <usize>ldd << 2;
  }
}
