// The logistic loss and sigmoids over vectors, two rows a lane pair: the inner loop wherever there are many more rows than
// features.

import { expNegative, log, twiceArtanh } from '../common/elementary';

// @ts-ignore: decorator
@inline
function sigmoid(t: v128): v128 {
  const one = f64x2.splat(1);
  const e = expNegative(f64x2.neg(f64x2.abs(t)));
  return f64x2.div(v128.bitselect(one, e, f64x2.ge(t, f64x2.splat(0))), f64x2.add(one, e));
}

/** x ← σ(x + bias). Two vectors a round, so that one waits while the other computes. */
export function sigmoids(n: i32, bias: f64, x: usize): void {
  const shift = f64x2.splat(bias);
  const end4 = x + (<usize>(n & ~3) << 3);
  while (x != end4) {
    const p = sigmoid(f64x2.add(v128.load(x), shift)), q = sigmoid(f64x2.add(v128.load(x, 16), shift));
    v128.store(x, p);
    v128.store(x, q, 16);
    x += 32;
  }
  for (let i = n & ~3; i < n; i++) {
    store<f64>(x, f64x2.extract_lane(sigmoid(f64x2.add(f64x2.splat(load<f64>(x)), shift)), 0));
    x += 8;
  }
}

/**
 * v ← w·y·σ(−yη), d ← w·σ(1 − σ), or w/4 if `majorize`; returns Σ w·log(1 + e^−yη). y = ±1; within a few ulp of the
 * scalar functions.
 */
export function logisticDerivatives(
  n: i32, y: usize, w: usize, eta: usize, v: usize, d: usize, majorize: bool,
): f64 {
  let sum = f64x2.splat(0);
  let total: f64 = 0;
  const one = f64x2.splat(1), zero = f64x2.splat(0);
  for (let i = 0; i < n; i += 2) {
    const o = <usize>i << 3;
    const last = i + 1 == n;
    let vy: v128, vw: v128, ve: v128;
    if (last) {
      vy = f64x2.replace_lane(one, 0, load<f64>(y + o));
      vw = f64x2.replace_lane(zero, 0, load<f64>(w + o));
      ve = f64x2.replace_lane(zero, 0, load<f64>(eta + o));
    } else {
      vy = v128.load(y + o);
      vw = v128.load(w + o);
      ve = v128.load(eta + o);
    }
    const m = f64x2.mul(vy, ve);
    const e = expNegative(f64x2.neg(f64x2.abs(m)));
    const inverse = f64x2.div(one, f64x2.add(one, e));
    const small = f64x2.mul(e, inverse); // σ(−|m|)
    const right = f64x2.gt(m, zero);
    const wrong = v128.bitselect(small, inverse, right); // σ(−m)
    const soft = f64x2.add(twiceArtanh(f64x2.div(e, f64x2.add(f64x2.splat(2), e)), false), f64x2.max(f64x2.neg(m), zero));
    sum = f64x2.add(sum, f64x2.mul(vw, soft));
    const rv = f64x2.mul(f64x2.mul(vw, vy), wrong);
    const rd = majorize ? f64x2.mul(vw, f64x2.splat(0.25)) : f64x2.mul(vw, f64x2.mul(small, inverse));
    if (last) {
      store<f64>(v + o, f64x2.extract_lane(rv, 0));
      store<f64>(d + o, f64x2.extract_lane(rd, 0));
    } else {
      v128.store(v + o, rv);
      v128.store(d + o, rd);
    }
  }
  total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  return total;
}

/**
 * Σ w·(t log t + (1 − t) log(1 − t)) at t = s·v·y/w, y = ±1, rows without weight left out; +∞ if a t lies outside [0,
 * 1].
 */
export function logisticConjugate(n: i32, y: usize, w: usize, v: usize, s: f64): f64 {
  const one = f64x2.splat(1), zero = f64x2.splat(0), least = f64x2.splat(1e-300);
  let sum = zero, low = zero, high = zero;
  for (let i = 0; i < n; i += 2) {
    const o = <usize>i << 3;
    let vy: v128, vw: v128, vv: v128;
    if (i + 1 == n) {
      vy = f64x2.replace_lane(one, 0, load<f64>(y + o));
      vw = f64x2.replace_lane(zero, 0, load<f64>(w + o));
      vv = f64x2.replace_lane(zero, 0, load<f64>(v + o));
    } else {
      vy = v128.load(y + o);
      vw = v128.load(w + o);
      vv = v128.load(v + o);
    }
    const weighted = f64x2.gt(vw, zero);
    let t = f64x2.div(f64x2.mul(f64x2.mul(f64x2.splat(s), vv), vy), v128.bitselect(vw, one, weighted));
    low = f64x2.min(low, t);
    high = f64x2.max(high, t);
    t = f64x2.min(f64x2.max(t, zero), one);
    const u = f64x2.sub(one, t);
    // x log x → 0: the clamp keeps the logarithm finite where x = 0 multiplies it away.
    const term = f64x2.add(f64x2.mul(t, log(f64x2.max(t, least))), f64x2.mul(u, log(f64x2.max(u, least))));
    sum = f64x2.add(sum, f64x2.mul(vw, term));
  }
  if (min(f64x2.extract_lane(low, 0), f64x2.extract_lane(low, 1)) < -1e-12) return Infinity;
  if (max(f64x2.extract_lane(high, 0), f64x2.extract_lane(high, 1)) > 1 + 1e-12) return Infinity;
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** sums ← Σ |v|, Σ d and Σ v²/d over the rows with v ≠ 0. O(n). */
export function logisticSums(n: i32, v: usize, d: usize, sums: usize): void {
  const zero = f64x2.splat(0);
  let size = zero, curved = zero, bent = zero;
  for (let i = 0; i < n; i += 2) {
    const o = <usize>i << 3;
    const last = i + 1 == n;
    const vv = last ? f64x2.replace_lane(zero, 0, load<f64>(v + o)) : v128.load(v + o);
    const vd = last ? f64x2.replace_lane(zero, 0, load<f64>(d + o)) : v128.load(d + o);
    const there = f64x2.ne(vv, zero);
    size = f64x2.add(size, f64x2.abs(vv));
    curved = f64x2.add(curved, v128.and(vd, there));
    bent = f64x2.add(bent, v128.and(f64x2.div(f64x2.mul(vv, vv), vd), there));
  }
  store<f64>(sums, f64x2.extract_lane(size, 0) + f64x2.extract_lane(size, 1));
  store<f64>(sums, f64x2.extract_lane(curved, 0) + f64x2.extract_lane(curved, 1), 8);
  store<f64>(sums, f64x2.extract_lane(bent, 0) + f64x2.extract_lane(bent, 1), 16);
}
