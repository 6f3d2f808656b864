// Coordinate descent for non-negative factors under the Kullback–Leibler loss (Hsieh and Dhillon, KDD 2011), one line of a
// factor after the other. What a line needs lies component by component, so that every inner loop runs along memory.
import { log } from '../common/elementary';

/** Values in a line, rounded up so that loops have no rests: those beyond are x = 0, h = 0 and change nothing. */
// @ts-ignore: decorator
@inline
function padded(m: i32): i32 { return (m + 3) & ~3; }

// @ts-ignore: decorator
@inline
function total(s: v128): f64 { return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1); }

/** y ← Σ_t f_t h_t along padded lines of `bytes`. */
// @ts-ignore: decorator
@inline
function combine(k: i32, bytes: usize, stride: usize, h: usize, f: usize, y: usize): void {
  memory.fill(y, 0, bytes);
  for (let t = 0; t < k; t++) {
    const value = load<f64>(f + (<usize>t << 3));
    if (value != 0) {
      const by = f64x2.splat(value);
      for (let e: usize = 0; e < bytes; e += 16) {
        v128.store(y + e, f64x2.add(v128.load(y + e), f64x2.mul(by, v128.load(h + e))));
      }
    }
    h += stride;
  }
}

/** The derivative at f_t = 0 without penalty and sums: −Σ x h/(y − old·h), −∞ where nothing else explains an entry. */
function slopeOfData(bytes: usize, x: usize, h: usize, y: usize, old: f64): f64 {
  const by = f64x2.splat(old), small = f64x2.splat(1e-12), zero = f64x2.splat(0), one = f64x2.splat(1);
  let s0 = f64x2.splat(0), s1 = f64x2.splat(0);
  let bad = i64x2.splat(0);
  for (let e: usize = 0; e < bytes; e += 32) {
    const h0 = v128.load(h + e), h1 = v128.load(h + e, 16);
    const y0 = v128.load(y + e), y1 = v128.load(y + e, 16);
    const r0 = f64x2.sub(y0, f64x2.mul(by, h0)), r1 = f64x2.sub(y1, f64x2.mul(by, h1));
    bad = v128.or(bad, v128.andnot(f64x2.gt(h0, zero), f64x2.gt(r0, f64x2.mul(small, y0))));
    bad = v128.or(bad, v128.andnot(f64x2.gt(h1, zero), f64x2.gt(r1, f64x2.mul(small, y1))));
    s0 = f64x2.add(s0, f64x2.div(f64x2.mul(v128.load(x + e), h0), r0));
    s1 = f64x2.add(s1, f64x2.div(f64x2.mul(v128.load(x + e, 16), h1), r1));
  }
  return v128.any_true(bad) ? -Infinity : -total(f64x2.add(s0, s1));
}

/**
 * Up to `passes` passes of coordinate descent over each column f ≥ 0 of F of Σ x log(x/y) − x + y + l1 Σf + ½ l2 ‖f‖²,
 * y = Gᵀf, for the columns x of X (rows × cols, compressed), G k × rows with row sums `sums`. A derivative is concave
 * in its coordinate, so that Newton's step never passes the minimum from the left, nor a secant from 0 from the right:
 * each step lowers the value. A column is left once no value moves by more than `tol` of itself. `work` holds (k +
 * 4)·(`longest` column, rounded up to four) values. Returns Σ of the sizes of the projected gradient before; the loss
 * goes to `loss` unless 0. O(passes·nnz·k).
 */
export function klDescent(
  rows: i32, cols: i32, k: i32, colPointers: usize, rowIndices: usize, values: usize, G: usize, sums: usize, F: usize,
  l1: f64, l2: f64, passes: i32, tol: f64, longest: i32, work: usize, loss: usize,
): f64 {
  // Long because it is one loop over coordinates: calls in it would pass a dozen pointers each time.
  const stride = <usize>padded(longest) << 3;
  const x = work, y = x + stride, inverse = y + stride, ratio = inverse + stride, H = ratio + stride;
  const one = f64x2.splat(1);
  let violation: f64 = 0, lost: f64 = 0;
  // Whether H holds all of G, as of a column without zeros.
  let whole = false;
  for (let j = 0; j < cols; j++) {
    const from = load<i32>(colPointers + (<usize>j << 2));
    const to = load<i32>(colPointers + (<usize>j << 2), 4);
    let m = 0;
    for (let e = from; e < to; e++) {
      const v = load<f64>(values + (<usize>e << 3));
      if (v == 0) continue;
      store<f64>(x + (<usize>m << 3), v);
      m++;
    }
    const full = m == rows;
    const bytes = <usize>padded(m) << 3;
    for (let e = <usize>m << 3; e < bytes; e += 8) store<f64>(x + e, 0);
    if (!(full && whole)) {
      let at: usize = H;
      for (let e = from; e < to; e++) {
        if (load<f64>(values + (<usize>e << 3)) == 0) continue;
        const g = G + ((<usize>load<i32>(rowIndices + (<usize>e << 2)) * k) << 3);
        let h = at;
        for (let t = 0; t < k; t++) {
          store<f64>(h, load<f64>(g + (<usize>t << 3)));
          h += stride;
        }
        at += 8;
      }
      for (let t = 0; t < k; t++) {
        const h = H + <usize>t * stride;
        for (let e = <usize>m << 3; e < bytes; e += 8) store<f64>(h + e, 0);
      }
      whole = full;
    }
    combine(k, bytes, stride, H, F, y);
    for (let e = <usize>m << 3; e < bytes; e += 8) store<f64>(y + e, 1);
    for (let e: usize = 0; e < bytes; e += 16) {
      const v = f64x2.div(one, v128.load(y + e));
      v128.store(inverse + e, v);
      v128.store(ratio + e, f64x2.mul(v, v128.load(x + e)));
    }
    for (let pass = 0; pass < passes; pass++) {
      let moved: f64 = 0;
      let h = H;
      for (let t = 0; t < k; t++, h += stride) {
        const place = F + (<usize>t << 3);
        const old = load<f64>(place);
        let a0 = f64x2.splat(0), a1 = f64x2.splat(0), b0 = f64x2.splat(0), b1 = f64x2.splat(0);
        for (let e: usize = 0; e < bytes; e += 32) {
          const h0 = v128.load(h + e), h1 = v128.load(h + e, 16);
          const w0 = f64x2.mul(h0, v128.load(ratio + e)), w1 = f64x2.mul(h1, v128.load(ratio + e, 16));
          a0 = f64x2.add(a0, w0);
          a1 = f64x2.add(a1, w1);
          b0 = f64x2.add(b0, f64x2.mul(w0, f64x2.mul(h0, v128.load(inverse + e))));
          b1 = f64x2.add(b1, f64x2.mul(w1, f64x2.mul(h1, v128.load(inverse + e, 16))));
        }
        const constant = load<f64>(sums + (<usize>t << 3)) + l1;
        const rise = constant + l2 * old;
        const first = rise - total(f64x2.add(a0, a1));
        const second = l2 + total(f64x2.add(b0, b1));
        if (pass == 0 && (old > 0 || first < 0)) violation += abs(first);
        let next = old;
        if (first <= 0) {
          if (second > 0) next = old - first / second;
        } else if (old != 0) {
          const slope = constant + slopeOfData(bytes, x, h, y, old);
          if (slope >= 0) next = 0;
          // An entry that nothing else explains: the multiplicative step (Lee and Seung 2001), which lowers the loss too.
          else if (slope == -Infinity) next = old * (rise - first) / rise;
          else next = old * slope / (slope - first);
        }
        const delta = next - old;
        if (delta == 0 || !isFinite(next)) continue;
        store<f64>(place, next);
        moved = max(moved, abs(delta) / (next + old));
        const by = f64x2.splat(delta);
        for (let e: usize = 0; e < bytes; e += 32) {
          const y0 = f64x2.add(v128.load(y + e), f64x2.mul(by, v128.load(h + e)));
          const y1 = f64x2.add(v128.load(y + e, 16), f64x2.mul(by, v128.load(h + e, 16)));
          v128.store(y + e, y0);
          v128.store(y + e, y1, 16);
          const v0 = f64x2.div(one, y0), v1 = f64x2.div(one, y1);
          v128.store(inverse + e, v0);
          v128.store(inverse + e, v1, 16);
          v128.store(ratio + e, f64x2.mul(v0, v128.load(x + e)));
          v128.store(ratio + e, f64x2.mul(v1, v128.load(x + e, 16)), 16);
        }
      }
      if (moved < tol) break;
    }
    if (loss != 0) {
      // Afresh: what the steps added up has lost digits where y became small.
      combine(k, bytes, stride, H, F, y);
      for (let e = <usize>m << 3; e < bytes; e += 8) store<f64>(y + e, 1);
      let sum = f64x2.splat(0), largest = f64x2.splat(0);
      for (let e: usize = 0; e < bytes; e += 16) {
        const v = v128.load(x + e);
        // x/y below the normal numbers times its x is nothing.
        const q = f64x2.max(f64x2.div(v, v128.load(y + e)), f64x2.splat(2.3e-308));
        largest = f64x2.max(largest, q);
        sum = f64x2.add(sum, f64x2.mul(v, f64x2.sub(log(q), one)));
      }
      const most = max(f64x2.extract_lane(largest, 0), f64x2.extract_lane(largest, 1));
      lost += most < Infinity ? total(sum) : Infinity;
      for (let t: usize = 0; t < <usize>k << 3; t += 8) lost += load<f64>(sums + t) * load<f64>(F + t);
    }
    F += <usize>k << 3;
  }
  if (loss != 0) store<f64>(loss, lost);
  return violation;
}
