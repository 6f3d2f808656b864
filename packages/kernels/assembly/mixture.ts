// Expectation and maximisation of mixtures of normal distributions. Points are columns of X, d × n.

import { expNegative, log } from './elementary';

/** out[p] ← peak − ½ Σⱼ f[j]·(X[j, p] − mean[j])². */
export function logDensities(d: i32, n: i32, X: usize, mean: usize, f: usize, peak: f64, out: usize): void {
  const even = <usize>(d & ~1) << 3, column = <usize>d << 3;
  for (let p = 0; p < n; p++) {
    let sums = f64x2.splat(0);
    for (let j: usize = 0; j < even; j += 16) {
      const z = f64x2.sub(v128.load(X + j), v128.load(mean + j));
      sums = f64x2.add(sums, f64x2.mul(f64x2.mul(z, z), v128.load(f + j)));
    }
    let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
    if (even < column) {
      const z = load<f64>(X + even) - load<f64>(mean + even);
      sum += z * z * load<f64>(f + even);
    }
    store<f64>(out, peak - 0.5 * sum);
    X += column;
    out += 8;
  }
}

/** Columns √w[p]·(X[·, p] − mean) of the points with w[p] > 0, one after the other in `out`; returns how many. */
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

/** s[j] ← s[j] + Σ w[p]·(X[j, p] − mean[j])². */
export function addWeightedSquares(d: i32, n: i32, X: usize, mean: usize, w: usize, s: usize): void {
  const even = <usize>(d & ~1) << 3, column = <usize>d << 3;
  for (let p = 0; p < n; p++) {
    const share = load<f64>(w + (<usize>p << 3)), shares = f64x2.splat(share);
    for (let j: usize = 0; j < even; j += 16) {
      const z = f64x2.sub(v128.load(X + j), v128.load(mean + j));
      v128.store(s + j, f64x2.add(v128.load(s + j), f64x2.mul(f64x2.mul(z, z), shares)));
    }
    if (even < column) {
      const z = load<f64>(X + even) - load<f64>(mean + even);
      store<f64>(s + even, load<f64>(s + even) + z * z * share);
    }
    X += column;
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
 * Rows r[c·n …] of log(w p) of k components become the posterior probabilities of n points. Returns Σ log Σ_c w p; sums[0]
 * gets Σ log Σ_c ratios[c]·w p.
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
