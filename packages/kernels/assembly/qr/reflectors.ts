// QR of fronts: dense matrices by columns whose rows are sorted by their leading columns; reflectors, their triangles and solves.
import { productsOf } from '../common/sums';

/** Scales the `count` values at x by s. */
// @ts-ignore: decorator
@inline
function scale(count: i32, s: f64, x: usize): void {
  const v = f64x2.splat(s);
  for (let i = count >> 1; i > 0; i--) {
    v128.store(x, f64x2.mul(v, v128.load(x)));
    x += 16;
  }
  if (count & 1) store<f64>(x, s * load<f64>(x));
}

/**
 * The reflector I − τvvᵀ, v = (1, x'), that maps the `count` values at x to a multiple β of the first unit vector: overwrites the first by β
 * and the others by x', and returns τ; 0 if nothing is below the first. Vectors of any scale. As LAPACK's dlarfg.
 */
function reflectorOf(count: i32, x: usize): f64 {
  if (count <= 1) return 0;
  const rest = x + 8;
  let square = productsOf<f64>(count - 1, rest, rest);
  let alpha = load<f64>(x), unit: f64 = 1;
  if (!(square > 1e-280 && square < 1e280 && abs(alpha) < 1e140)) {
    // Scaled by the largest entry, since squares may overflow or underflow.
    let most: f64 = 0;
    for (let i = 1; i < count; i++) most = max(most, abs(load<f64>(x + (<usize>i << 3))));
    if (most == 0) return 0;
    unit = max(most, abs(alpha));
    square = 0;
    for (let i = 1; i < count; i++) {
      const at = x + (<usize>i << 3);
      const v = load<f64>(at) / unit;
      store<f64>(at, v);
      square += v * v;
    }
    alpha /= unit;
  }
  const norm = sqrt(alpha * alpha + square);
  const beta = alpha >= 0 ? -norm : norm;
  scale(count - 1, 1 / (alpha - beta), rest);
  store<f64>(x, beta * unit);
  return (beta - alpha) / beta;
}

/** c ← c − τv(vᵀc) for the `others` columns from c on, of which `count` values take part. */
function applyToColumns(count: i32, v: usize, tau: f64, c: usize, ld: usize, others: i32): void {
  const pairs = count >> 1;
  for (; others >= 4; others -= 4) {
    let a = c, b = a + ld, d = b + ld, e = d + ld, x = v;
    let sa = f64x2.splat(0), sb = sa, sd = sa, se = sa;
    for (let i = pairs; i > 0; i--) {
      const y = v128.load(x);
      sa = f64x2.add(sa, f64x2.mul(y, v128.load(a)));
      sb = f64x2.add(sb, f64x2.mul(y, v128.load(b)));
      sd = f64x2.add(sd, f64x2.mul(y, v128.load(d)));
      se = f64x2.add(se, f64x2.mul(y, v128.load(e)));
      x += 16;
      a += 16;
      b += 16;
      d += 16;
      e += 16;
    }
    let pa = f64x2.extract_lane(sa, 0) + f64x2.extract_lane(sa, 1), pb = f64x2.extract_lane(sb, 0) + f64x2.extract_lane(sb, 1);
    let pd = f64x2.extract_lane(sd, 0) + f64x2.extract_lane(sd, 1), pe = f64x2.extract_lane(se, 0) + f64x2.extract_lane(se, 1);
    if (count & 1) {
      const y = load<f64>(x);
      pa += y * load<f64>(a);
      pb += y * load<f64>(b);
      pd += y * load<f64>(d);
      pe += y * load<f64>(e);
    }
    pa *= tau;
    pb *= tau;
    pd *= tau;
    pe *= tau;
    a = c;
    b = a + ld;
    d = b + ld;
    e = d + ld;
    x = v;
    sa = f64x2.splat(pa);
    sb = f64x2.splat(pb);
    sd = f64x2.splat(pd);
    se = f64x2.splat(pe);
    for (let i = pairs; i > 0; i--) {
      const y = v128.load(x);
      v128.store(a, f64x2.sub(v128.load(a), f64x2.mul(y, sa)));
      v128.store(b, f64x2.sub(v128.load(b), f64x2.mul(y, sb)));
      v128.store(d, f64x2.sub(v128.load(d), f64x2.mul(y, sd)));
      v128.store(e, f64x2.sub(v128.load(e), f64x2.mul(y, se)));
      x += 16;
      a += 16;
      b += 16;
      d += 16;
      e += 16;
    }
    if (count & 1) {
      const y = load<f64>(x);
      store<f64>(a, load<f64>(a) - y * pa);
      store<f64>(b, load<f64>(b) - y * pb);
      store<f64>(d, load<f64>(d) - y * pd);
      store<f64>(e, load<f64>(e) - y * pe);
    }
    c += 4 * ld;
  }
  for (; others > 0; others--) {
    const sum = tau * productsOf<f64>(count, v, c);
    addTimes(count, -sum, v, c);
    c += ld;
  }
}

/** y ← y + sx. */
// @ts-ignore: decorator
@inline
function addTimes(count: i32, s: f64, x: usize, y: usize): void {
  const v = f64x2.splat(s);
  for (let i = count >> 1; i > 0; i--) {
    v128.store(y, f64x2.add(v128.load(y), f64x2.mul(v, v128.load(x))));
    x += 16;
    y += 16;
  }
  if (count & 1) store<f64>(y, load<f64>(y) + s * load<f64>(x));
}

/**
 * QR of columns `from` … `limit` − 1 of a front A with `rows` rows, one reflector after the other, each applied to the columns up to
 * `limit`. Rows from ends_j on are zero in column j. state holds the number of reflectors so far and of those among the first `pivotal`
 * columns, and is updated: reflector t begins in row t; its column, the row after its last one and its τ go to `column`, `end` and `tau`.
 * One of the first `pivotal` columns whose remainder has at most the norm `least` is set to zero from there on instead. With `blocked` it
 * stops before a reflector that would make more than half of the block of this call's reflectors zeros. Returns the first column that was
 * not reached. O(rows · reflectors · columns).
 */
export function reflectColumns(
  A: usize, rows: i32, from: i32, limit: i32, pivotal: i32, ends: usize, least: f64, blocked: bool, column: usize, end: usize, tau: usize,
  state: usize,
): i32 {
  const ld = <usize>rows << 3;
  let count = load<i32>(state), live = load<i32>(state, 4);
  const start = count;
  let filled = 0;
  let j = from;
  for (; j < limit && count < rows; j++) {
    const last = load<i32>(ends + (<usize>j << 2));
    const length = last - count;
    if (length <= 0) continue;
    if (blocked && count > start) {
      const zeros = (last - start) * (count - start + 1) - filled - length;
      if (zeros > max(16, filled)) break;
    }
    const pivot = A + <usize>j * ld + (<usize>count << 3);
    const t = reflectorOf(length, pivot);
    const beta = load<f64>(pivot);
    if (j < pivotal) {
      if (abs(beta) <= least) {
        memory.fill(pivot, 0, <usize>length << 3);
        continue;
      }
      live++;
    }
    store<i32>(column + (<usize>count << 2), j);
    store<i32>(end + (<usize>count << 2), last);
    store<f64>(tau + (<usize>count << 3), t);
    count++;
    filled += length;
    if (t == 0 || j + 1 == limit) continue;
    store<f64>(pivot, 1);
    applyToColumns(length, pivot, t, pivot + ld, ld, limit - j - 1);
    store<f64>(pivot, beta);
  }
  store<i32>(state, count);
  store<i32>(state, live, 4);
  return count == rows ? limit : j;
}

/**
 * Applies reflectors `start` … `count` − 1 of a front, in the places where {@link reflectColumns} left them, to its columns from `from` on.
 * O(values of the reflectors · columns).
 */
export function applyReflectors(
  A: usize, rows: i32, start: i32, count: i32, column: usize, end: usize, tau: usize, from: i32, cols: i32,
): void {
  const ld = <usize>rows << 3;
  // Few columns at a time, so that they stay in the first-level cache.
  for (let c = from; c < cols; c += 8) {
    const others = min(8, cols - c);
    for (let t = start; t < count; t++) {
      const row = <usize>t << 3;
      const by = load<f64>(tau + row);
      if (by == 0) continue;
      const pivot = A + <usize>load<i32>(column + (<usize>t << 2)) * ld + row;
      const beta = load<f64>(pivot);
      store<f64>(pivot, 1);
      applyToColumns(load<i32>(end + (<usize>t << 2)) - t, pivot, by, A + <usize>c * ld + row, ld, others);
      store<f64>(pivot, beta);
    }
  }
}

/**
 * Writes `count` rows of a matrix (i32 pointers and columns, f64 values, by rows) to a front: row ids_r goes to row places_r, and column c to
 * column where_c.
 */
export function placeRows(
  count: i32, ids: usize, places: usize, pointers: usize, columns: usize, values: usize, where: usize, A: usize, ld: i32,
): void {
  for (let r: usize = 0; r < <usize>count << 2; r += 4) {
    const i = <usize>load<i32>(ids + r) << 2;
    const to = A + (<usize>load<i32>(places + r) << 3);
    const end = load<i32>(pointers + i, 4);
    for (let e = load<i32>(pointers + i); e < end; e++) {
      const c = <usize>load<i32>(where + (<usize>load<i32>(columns + (<usize>e << 2)) << 2));
      store<f64>(to + ((c * <usize>ld) << 3), load<f64>(values + (<usize>e << 3)));
    }
  }
}

/**
 * Copies `rows` rows of a front, from row `top` and column `left` on, to S: `cols` columns one after the other, each without the rows that
 * lead beyond it, which lead_t says, ascending. Returns the number of values.
 */
export function keepRemainder(A: usize, ld: i32, top: i32, left: i32, rows: i32, cols: i32, lead: usize, S: usize): i32 {
  const from = S;
  let height = 0;
  let source = A + ((<usize>left * <usize>ld + <usize>top) << 3);
  for (let c = 0; c < cols; c++) {
    while (height < rows && load<i32>(lead + (<usize>height << 2)) <= c) height++;
    memory.copy(S, source, <usize>height << 3);
    S += <usize>height << 3;
    source += <usize>ld << 3;
  }
  return <i32>((S - from) >> 3);
}

/** The inverse of {@link keepRemainder}, to row rowPlaces_t and column columnPlaces_c of a front. */
export function placeRemainder(
  rows: i32, cols: i32, lead: usize, S: usize, rowPlaces: usize, columnPlaces: usize, A: usize, ld: i32,
): void {
  let height = 0;
  for (let c = 0; c < cols; c++) {
    while (height < rows && load<i32>(lead + (<usize>height << 2)) <= c) height++;
    const to = A + ((<usize>load<i32>(columnPlaces + (<usize>c << 2)) * <usize>ld) << 3);
    for (let t: usize = 0; t < <usize>height; t++) {
      store<f64>(to + (<usize>load<i32>(rowPlaces + (t << 2)) << 3), load<f64>(S + (t << 3)));
    }
    S += <usize>height << 3;
  }
}

/**
 * Copies what solves need from a front: `live` rows of R by columns, each down to its last live row (pivot_j for the first `pivotal`
 * columns; −1: none), then its `count` reflectors below their first row. Returns the number of values.
 */
export function keepFactor(
  A: usize, ld: i32, cols: i32, pivotal: i32, live: i32, pivot: usize, count: i32, column: usize, end: usize, out: usize,
): i32 {
  const from = out;
  let height = 0;
  for (let j = 0; j < cols; j++) {
    if (j < pivotal) height = max(height, load<i32>(pivot + (<usize>j << 2)) + 1);
    else height = live;
    memory.copy(out, A + ((<usize>j * <usize>ld) << 3), <usize>height << 3);
    out += <usize>height << 3;
  }
  for (let t = 0; t < count; t++) {
    const size = <usize>(load<i32>(end + (<usize>t << 2)) - t - 1) << 3;
    const at = <usize>load<i32>(column + (<usize>t << 2)) * <usize>ld + <usize>t + 1;
    memory.copy(out, A + (at << 3), size);
    out += size;
  }
  return <i32>((out - from) >> 3);
}

/** y ← H_count … H_1 y, or with `backward` H_1 … H_count y, for reflectors as {@link keepFactor} stores them. */
export function applyKeptReflectors(backward: bool, count: i32, end: usize, tau: usize, V: usize, y: usize): void {
  let at = V;
  if (backward) for (let t = 0; t < count; t++) at += <usize>(load<i32>(end + (<usize>t << 2)) - t - 1) << 3;
  for (let s = 0; s < count; s++) {
    const t = backward ? count - 1 - s : s;
    const length = load<i32>(end + (<usize>t << 2)) - t - 1;
    if (backward) at -= <usize>length << 3;
    const top = y + (<usize>t << 3);
    const sum = load<f64>(tau + (<usize>t << 3)) * (load<f64>(top) + productsOf<f64>(length, at, top + 8));
    store<f64>(top, load<f64>(top) - sum);
    addTimes(length, -sum, at, top + 8);
    if (!backward) at += <usize>length << 3;
  }
}

/** Height of column j of R as stored, for the first columns: the last live row up to it. */
// @ts-ignore: decorator
@inline
function heightAfter(height: i32, pivot: usize, j: i32): i32 { return max(height, load<i32>(pivot + (<usize>j << 2)) + 1); }

/**
 * Solves Rx = y for a front's columns: x holds the solution of the columns from `pivotal` on and receives that of the first ones, 0 where
 * pivot_j is −1. y is overwritten. `size`: number of values of R.
 */
export function solveKeptRows(pivotal: i32, cols: i32, live: i32, pivot: usize, R: usize, size: i32, x: usize, y: usize): void {
  let at = R + (<usize>size << 3);
  for (let j = cols - 1; j >= pivotal; j--) {
    at -= <usize>live << 3;
    addTimes(live, -load<f64>(x + (<usize>j << 3)), at, y);
  }
  let height = live;
  for (let j = pivotal - 1; j >= 0; j--) {
    at -= <usize>height << 3;
    const row = load<i32>(pivot + (<usize>j << 2));
    let v: f64 = 0;
    if (row >= 0) {
      v = load<f64>(y + (<usize>row << 3)) / load<f64>(at + (<usize>row << 3));
      addTimes(row, -v, at, y);
      height = row;
    }
    store<f64>(x + (<usize>j << 3), v);
  }
}

/**
 * Solves Rᵀy = b for a front's rows: b holds the right-hand side of the first columns less what preceding fronts contribute. The columns
 * from `pivotal` on, and those where pivot_j is −1, receive b − Rᵀy; `sizes` gains the sum of the absolute values of the terms.
 */
export function solveKeptColumns(
  pivotal: i32, cols: i32, live: i32, pivot: usize, R: usize, b: usize, sizes: usize, y: usize,
): void {
  let height = 0;
  for (let j = 0; j < cols; j++) {
    const row = j < pivotal ? load<i32>(pivot + (<usize>j << 2)) : -1;
    if (j < pivotal) height = heightAfter(height, pivot, j);
    else height = live;
    const terms = row >= 0 ? row : height;
    const own = <usize>j << 3;
    let v = load<f64>(b + own), size = load<f64>(sizes + own);
    for (let t: usize = 0; t < <usize>terms << 3; t += 8) {
      const term = load<f64>(R + t) * load<f64>(y + t);
      v -= term;
      size += abs(term);
    }
    if (row >= 0) store<f64>(y + (<usize>row << 3), v / load<f64>(R + (<usize>row << 3)));
    store<f64>(b + own, v);
    store<f64>(sizes + own, size);
    R += <usize>height << 3;
  }
}
