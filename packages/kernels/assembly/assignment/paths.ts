// Linear assignment: the shortest alternating path from a row to a free column, by Dijkstra's method on reduced costs.

/**
 * Matches the row `start` along a shortest alternating path (Crouse 2016, after Jonker & Volgenant 1987), for costs (rows of
 * `columns` numbers, +Infinity where a pair is not allowed), the duals v of the columns, and partners, −1 where there are none.
 * Returns the column at which it ends, or −1 − k if there is no path: the first k of `scanned` are then all columns that the
 * rows reached are allowed. `distance` has as many numbers as there are columns, `saved` twice as many.
 */
export function shortestPath(
  columns: i32, start: i32, costs: usize, v: usize, columnOf: usize, rowOf: usize, distance: usize, from: usize,
  scanned: usize, saved: usize,
): i32 {
  for (let j = 0; j < columns; j++) store<f64>(distance + (<usize>j << 3), Infinity);
  let i = start, done = 0, length = 0.0, offset = 0.0, freeLeast = Infinity, freeAt = -1;
  while (true) {
    const row = costs + ((<usize>i * <usize>columns) << 3);
    const base = f64x2.splat(offset);
    let least0 = f64x2.splat(Infinity), at0 = f64x2.splat(-1), least1 = least0, at1 = at0;
    let place = f64x2(0, 1);
    let j = 0;
    for (; j + 4 <= columns; j += 4) {
      const k = <usize>j << 3;
      const d = f64x2.add(base, f64x2.sub(v128.load(row + k), v128.load(v + k)));
      const e = f64x2.add(base, f64x2.sub(v128.load(row + k, 16), v128.load(v + k, 16)));
      let a = v128.load(distance + k), b = v128.load(distance + k, 16);
      const m = f64x2.lt(d, a), n = f64x2.lt(e, b);
      if (v128.any_true(v128.or(m, n))) {
        a = v128.bitselect(d, a, m);
        b = v128.bitselect(e, b, n);
        v128.store(distance + k, a);
        v128.store(distance + k, b, 16);
        const nearer = v128.shuffle<i32>(m, n, 0, 2, 4, 6), q = <usize>j << 2;
        v128.store(from + q, v128.bitselect(i32x4.splat(i), v128.load(from + q), nearer));
        const bound = f64x2.splat(freeLeast);
        const below = v128.shuffle<i32>(f64x2.lt(a, bound), f64x2.lt(b, bound), 0, 2, 4, 6);
        const free = v128.and(v128.and(nearer, below), i32x4.lt_s(v128.load(rowOf + q), i32x4.splat(0)));
        if (v128.any_true(free)) {
          const which = i32x4.bitmask(free);
          for (let l = 0; l < 4; l++) {
            const x = load<f64>(distance + (<usize>(j + l) << 3));
            if (((which >> l) & 1) != 0 && x < freeLeast) { freeLeast = x; freeAt = j + l; }
          }
        }
      }
      const p = f64x2.lt(a, least0), q = f64x2.lt(b, least1);
      least0 = v128.bitselect(a, least0, p);
      at0 = v128.bitselect(place, at0, p);
      least1 = v128.bitselect(b, least1, q);
      at1 = v128.bitselect(f64x2.add(place, f64x2.splat(2)), at1, q);
      place = f64x2.add(place, f64x2.splat(4));
    }
    // The first of the least.
    let least = f64x2.extract_lane(least0, 0), at = f64x2.extract_lane(at0, 0);
    let x = f64x2.extract_lane(least0, 1), y = f64x2.extract_lane(at0, 1);
    if (x < least || (x == least && y < at)) { least = x; at = y; }
    x = f64x2.extract_lane(least1, 0);
    y = f64x2.extract_lane(at1, 0);
    if (x < least || (x == least && y < at)) { least = x; at = y; }
    x = f64x2.extract_lane(least1, 1);
    y = f64x2.extract_lane(at1, 1);
    if (x < least || (x == least && y < at)) { least = x; at = y; }
    for (; j < columns; j++) {
      const k = <usize>j << 3;
      const d = offset + (load<f64>(row + k) - load<f64>(v + k));
      let known = load<f64>(distance + k);
      if (d < known) {
        known = d;
        store<f64>(distance + k, d);
        store<i32>(from + (<usize>j << 2), i);
        if (d < freeLeast && load<i32>(rowOf + (<usize>j << 2)) < 0) { freeLeast = d; freeAt = j; }
      }
      if (known < least) { least = known; at = <f64>j; }
    }
    if (least == Infinity || freeLeast <= least) break;
    // A column that has been scanned is out of reach, until its dual is restored.
    const column = <i32>at;
    const k = <usize>column << 3;
    const own = load<f64>(v + k);
    store<i32>(scanned + (<usize>done << 2), column);
    store<f64>(saved + (<usize>done << 4), own);
    store<f64>(saved + (<usize>done << 4), least, 8);
    done++;
    store<f64>(v + k, -Infinity);
    store<f64>(distance + k, Infinity);
    length = least;
    i = load<i32>(rowOf + (<usize>column << 2));
    // The reduced cost of the pair by which the row was reached is 0.
    offset = length - (load<f64>(costs + ((<usize>i * <usize>columns) << 3) + k) - own);
  }
  for (let s = 0; s < done; s++) {
    // Duals only decrease, whatever is rounded.
    const lower = freeAt < 0 ? 0 : max<f64>(0, freeLeast - load<f64>(saved + (<usize>s << 4), 8));
    store<f64>(v + (<usize>load<i32>(scanned + (<usize>s << 2)) << 3), load<f64>(saved + (<usize>s << 4)) - lower);
  }
  if (freeAt < 0) return -1 - done;
  for (let j = freeAt, r = -1; r != start; ) {
    r = load<i32>(from + (<usize>j << 2));
    store<i32>(rowOf + (<usize>j << 2), r);
    const next = load<i32>(columnOf + (<usize>r << 2));
    store<i32>(columnOf + (<usize>r << 2), j);
    j = next;
  }
  return freeAt;
}
