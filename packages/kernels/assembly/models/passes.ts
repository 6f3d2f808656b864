// Single passes over the rows of a fit: each is a short loop, and in the first fit of a process JavaScript runs those before they
// are compiled.

// @ts-ignore: decorator
@inline
function sumOf(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** last ← x; returns Σ (x − last)² of before. O(n). */
export function followVector(n: i32, x: usize, last: usize): f64 {
  let s0 = f64x2.splat(0), s1 = f64x2.splat(0);
  const pairs = n & ~3;
  for (let i = 0; i < pairs; i += 4) {
    const x0 = v128.load(x), x1 = v128.load(x, 16);
    const t0 = f64x2.sub(x0, v128.load(last)), t1 = f64x2.sub(x1, v128.load(last, 16));
    s0 = f64x2.add(s0, f64x2.mul(t0, t0));
    s1 = f64x2.add(s1, f64x2.mul(t1, t1));
    v128.store(last, x0);
    v128.store(last, x1, 16);
    x += 32;
    last += 32;
  }
  let sum = sumOf(f64x2.add(s0, s1));
  for (let i = pairs; i < n; i++) {
    const t = load<f64>(x) - load<f64>(last);
    sum += t * t;
    store<f64>(last, load<f64>(x));
    x += 8;
    last += 8;
  }
  return sum;
}

/** facts ← Σ d, how many d are above 0, and 1 where all are alike, else 0. O(n). */
export function weightFacts(n: i32, d: usize, facts: usize): void {
  let sum: f64 = 0, above = 0, alike: f64 = 1;
  const first: f64 = n > 0 ? load<f64>(d) : 0;
  for (let i = 0; i < n; i++) {
    const x = load<f64>(d);
    sum += x;
    if (x > 0) above++;
    if (x != first) alike = 0;
    d += 8;
  }
  store<f64>(facts, sum);
  store<f64>(facts, <f64>above, 8);
  store<f64>(facts, alike, 16);
}

/** y ← √x. O(n). */
export function squareRoots(n: i32, x: usize, y: usize): void {
  for (let i = 0; i < n; i++) {
    store<f64>(y, Math.sqrt(load<f64>(x)));
    x += 8;
    y += 8;
  }
}

/**
 * signs ← −1 where y is the smaller of the two values that it has, 1 where it is the larger, which are laid into `classes`.
 * Returns how many values there are, 1 or 2; 3 for more, or where one is not finite: signs are then rubbish. O(n).
 */
export function signsOf(n: i32, y: usize, signs: usize, classes: usize): i32 {
  if (n == 0) return 0;
  const first = load<f64>(y);
  if (!isFinite(first)) return 3;
  let second = first;
  for (let i = 0; i < n && second == first; i++) second = load<f64>(y + (<usize>i << 3));
  if (!isFinite(second)) return 3;
  const low = min(first, second), high = max(first, second);
  for (let i = 0; i < n; i++) {
    const x = load<f64>(y);
    if (x != low && x != high) return 3;
    store<f64>(signs, x == high ? 1 : -1);
    y += 8;
    signs += 8;
  }
  store<f64>(classes, low);
  store<f64>(classes, high, 8);
  return low == high ? 1 : 2;
}

/**
 * Of every 2^period rows the first `run`, of compressed columns whose rows begin at row `before` of all: `starts` of p + 1 columns,
 * and unless `indices` is 0 the entries, with rows counted among those that are taken, less `first`. Returns how many entries
 * there are. O(entries of X).
 */
export function cscSomeRows(
  p: i32, colPointers: usize, rowIndices: usize, values: usize, before: i32, period: i32, run: i32, first: i32,
  starts: usize, indices: usize, kept: usize,
): i32 {
  const mask = (1 << period) - 1;
  let count = 0;
  store<i32>(starts, 0);
  for (let j = 0; j < p; j++) {
    const column = colPointers + (<usize>j << 2), end = load<i32>(column, 4);
    for (let k = load<i32>(column); k < end; k++) {
      const row = before + load<i32>(rowIndices + (<usize>k << 2));
      if ((row & mask) >= run) continue;
      if (indices) {
        store<i32>(indices + (<usize>count << 2), (row >> period) * run + (row & mask) - first);
        store<f64>(kept + (<usize>count << 3), load<f64>(values + (<usize>k << 3)));
      }
      count++;
    }
    store<i32>(starts + (<usize>j << 2), count, 4);
  }
  return count;
}
