// Expectation and maximisation of mixtures of normal distributions. Points are columns of X, d × n.

import { expNegative, log } from '../common/elementary';

// @ts-ignore: decorator
@inline
function lanes(v: v128): f64 { return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1); }

/** Σⱼ f[j]·(x[j] − mean[j])². */
function squaredDistance(d: i32, x: usize, mean: usize, f: usize): f64 {
  const even = <usize>(d & ~1) << 3;
  let sums = f64x2.splat(0);
  for (let j: usize = 0; j < even; j += 16) {
    const z = f64x2.sub(v128.load(x + j), v128.load(mean + j));
    sums = f64x2.add(sums, f64x2.mul(f64x2.mul(z, z), v128.load(f + j)));
  }
  let sum = lanes(sums);
  if (d & 1) {
    const z = load<f64>(x + even) - load<f64>(mean + even);
    sum += z * z * load<f64>(f + even);
  }
  return sum;
}

/**
 * out[p] ← peak − ½·Σⱼ f[j]·(X[j, p] − mean[j])² for the columns of X, d×n without gaps. Four points at once share
 * loads of the mean. O(dn).
 */
export function logDensities(d: i32, n: i32, X: usize, mean: usize, f: usize, peak: f64, out: usize): void {
  const even = <usize>(d & ~1) << 3, column = <usize>d << 3;
  let p = 0;
  for (; p + 4 <= n; p += 4) {
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
    const x1 = X + column, x2 = x1 + column, x3 = x2 + column;
    for (let j: usize = 0; j < even; j += 16) {
      const m = v128.load(mean + j), weight = v128.load(f + j);
      let z = f64x2.sub(v128.load(X + j), m);
      s0 = f64x2.add(s0, f64x2.mul(f64x2.mul(z, z), weight));
      z = f64x2.sub(v128.load(x1 + j), m);
      s1 = f64x2.add(s1, f64x2.mul(f64x2.mul(z, z), weight));
      z = f64x2.sub(v128.load(x2 + j), m);
      s2 = f64x2.add(s2, f64x2.mul(f64x2.mul(z, z), weight));
      z = f64x2.sub(v128.load(x3 + j), m);
      s3 = f64x2.add(s3, f64x2.mul(f64x2.mul(z, z), weight));
    }
    let a = f64x2(lanes(s0), lanes(s1)), b = f64x2(lanes(s2), lanes(s3));
    if (d & 1) {
      const m = f64x2.splat(load<f64>(mean + even)), weight = f64x2.splat(load<f64>(f + even));
      let z = f64x2.sub(f64x2(load<f64>(X + even), load<f64>(x1 + even)), m);
      a = f64x2.add(a, f64x2.mul(f64x2.mul(z, z), weight));
      z = f64x2.sub(f64x2(load<f64>(x2 + even), load<f64>(x3 + even)), m);
      b = f64x2.add(b, f64x2.mul(f64x2.mul(z, z), weight));
    }
    const half = f64x2.splat(0.5), top = f64x2.splat(peak);
    v128.store(out, f64x2.sub(top, f64x2.mul(half, a)));
    v128.store(out, f64x2.sub(top, f64x2.mul(half, b)), 16);
    X = x3 + column;
    out += 32;
  }
  for (; p < n; p++) {
    store<f64>(out, peak - 0.5 * squaredDistance(d, X, mean, f));
    X += column;
    out += 8;
  }
}

/**
 * Columns √w[p]·(X[·, p] − mean) of the points with w[p] > 0, one after the other in `out`; returns how many. O(dn).
 */
export function centreWeighted(d: i32, n: i32, X: usize, mean: usize, w: usize, out: usize): i32 {
  const even = <usize>(d & ~1) << 3, column = <usize>d << 3;
  let count = 0;
  for (let p = 0; p < n; p++) {
    const share = load<f64>(w + (<usize>p << 3));
    if (share > 0) {
      const root = Math.sqrt(share), roots = f64x2.splat(root);
      for (let j: usize = 0; j < even; j += 16) {
        v128.store(out + j, f64x2.mul(roots, f64x2.sub(v128.load(X + j), v128.load(mean + j))));
      }
      if (even < column) store<f64>(out + even, root * (load<f64>(X + even) - load<f64>(mean + even)));
      out += column;
      count++;
    }
    X += column;
  }
  return count;
}

/** s[j] ← s[j] + Σ w[p]·(X[j, p] − mean[j])². Four points at once share loads and stores of sums. O(dn). */
export function addWeightedSquares(d: i32, n: i32, X: usize, mean: usize, w: usize, s: usize): void {
  const even = <usize>(d & ~1) << 3, column = <usize>d << 3;
  let p = 0;
  for (; p + 4 <= n; p += 4) {
    const w0 = v128.load64_splat(w), w1 = v128.load64_splat(w + 8);
    const w2 = v128.load64_splat(w + 16), w3 = v128.load64_splat(w + 24);
    const x1 = X + column, x2 = x1 + column, x3 = x2 + column;
    if (v128.any_true(v128.or(v128.or(w0, w1), v128.or(w2, w3)))) {
      for (let j: usize = 0; j < even; j += 16) {
        const m = v128.load(mean + j);
        let z = f64x2.sub(v128.load(X + j), m);
        let a = f64x2.mul(f64x2.mul(z, z), w0);
        z = f64x2.sub(v128.load(x1 + j), m);
        let b = f64x2.mul(f64x2.mul(z, z), w1);
        z = f64x2.sub(v128.load(x2 + j), m);
        a = f64x2.add(a, f64x2.mul(f64x2.mul(z, z), w2));
        z = f64x2.sub(v128.load(x3 + j), m);
        b = f64x2.add(b, f64x2.mul(f64x2.mul(z, z), w3));
        v128.store(s + j, f64x2.add(v128.load(s + j), f64x2.add(a, b)));
      }
      if (d & 1) {
        const m = load<f64>(mean + even);
        const z0 = load<f64>(X + even) - m, z1 = load<f64>(x1 + even) - m;
        const z2 = load<f64>(x2 + even) - m, z3 = load<f64>(x3 + even) - m;
        const own = z0 * z0 * f64x2.extract_lane(w0, 0) + z1 * z1 * f64x2.extract_lane(w1, 0);
        const other = z2 * z2 * f64x2.extract_lane(w2, 0) + z3 * z3 * f64x2.extract_lane(w3, 0);
        store<f64>(s + even, load<f64>(s + even) + (own + other));
      }
    }
    X = x3 + column;
    w += 32;
  }
  for (; p < n; p++) {
    const share = load<f64>(w);
    for (let j: usize = 0; j < column; j += 8) {
      const z = load<f64>(X + j) - load<f64>(mean + j);
      store<f64>(s + j, load<f64>(s + j) + z * z * share);
    }
    X += column;
    w += 8;
  }
}

// @ts-ignore: decorator
@inline
function loadPair(at: usize, single: bool): v128 {
  return single ? v128.load64_splat(at) : v128.load(at);
}

// @ts-ignore: decorator
@inline
function storePair(at: usize, value: v128, single: bool): void {
  if (single) store<f64>(at, f64x2.extract_lane(value, 0));
  else v128.store(at, value);
}

/**
 * k rows of n values log(w p) in r become posterior probabilities, 0 where they are below e^−708 of the largest; each
 * point has one that is finite. Returns Σ log Σ_c w p; sums[0] gets the same with components times ratios[c]. O(kn).
 */
export function posteriors(n: i32, k: i32, r: usize, ratios: usize, sums: usize): f64 {
  const row = <usize>n << 3;
  let total: f64 = 0, weighted: f64 = 0;
  const least = f64x2.splat(-708), tiny = f64x2.splat(1e-300);
  for (let p = 0; p < n; p += 2) {
    const single = p + 1 == n;
    const first = r + (<usize>p << 3);
    let most = f64x2.splat(-Infinity);
    let at = first;
    for (let c = 0; c < k; c++) {
      most = f64x2.pmax(most, loadPair(at, single));
      at += row;
    }
    let sum = f64x2.splat(0), other = f64x2.splat(0);
    at = first;
    for (let c = 0; c < k; c++) {
      const x = f64x2.sub(loadPair(at, single), most);
      // What is below e^-708 of the largest counts as nothing, so that lost components stay lost.
      const e = v128.and(expNegative(x), f64x2.gt(x, least));
      storePair(at, e, single);
      sum = f64x2.add(sum, e);
      other = f64x2.add(other, f64x2.mul(e, v128.load64_splat(ratios + (<usize>c << 3))));
      at += row;
    }
    const inverse = f64x2.div(f64x2.splat(1), sum);
    at = first;
    for (let c = 0; c < k; c++) {
      storePair(at, f64x2.mul(loadPair(at, single), inverse), single);
      at += row;
    }
    const a = f64x2.add(most, log(sum)), b = f64x2.add(most, log(f64x2.pmax(other, tiny)));
    total += f64x2.extract_lane(a, 0);
    weighted += f64x2.extract_lane(b, 0);
    if (!single) {
      total += f64x2.extract_lane(a, 1);
      weighted += f64x2.extract_lane(b, 1);
    }
  }
  store<f64>(sums, weighted);
  return total;
}
