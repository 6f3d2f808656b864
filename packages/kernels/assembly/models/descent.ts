// Coordinate descent as whole epochs, so that no epoch crosses the JavaScript border per coordinate.
import { axpy, dot } from '../dense/level1';
import { moveCoordinate } from './step';

/**
 * Up to `epochs` cyclic epochs on ½bᵀGb − cᵀb + Σ g_j(b_j), with q = c − Gb kept up to date. `kind` is the code of a penalty in twin/penalties.ts,
 * and `penalty` points to five arrays of length `stride`: a1, a2, gamma, lower, upper. Stops when the largest decrease
 * bound ½G_jj δ² of an epoch is at most `tol`; returns that of the last epoch.
 */
export function gramDescent(
  m: i32, G: usize, ldg: i32, q: usize, b: usize,
  kind: i32, penalty: usize, stride: i32, epochs: i32, tol: f64,
): f64 {
  const size = <usize>stride << 3;
  let largest: f64 = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    largest = 0;
    for (let j = 0; j < m; j++) {
      const o = <usize>j << 3;
      const column = G + ((<usize>j * <usize>ldg) << 3);
      const curvature = load<f64>(column + o);
      if (!(curvature > 0)) continue;
      const delta = moveCoordinate(b + o, load<f64>(q + o) / curvature, 1 / curvature, kind, penalty + o, size);
      if (delta == 0) continue;
      axpy(m, -delta, column, q);
      const decrease = 0.5 * curvature * delta * delta;
      if (decrease > largest) largest = decrease;
    }
    if (largest <= tol) break;
  }
  return largest;
}

/** Lower triangle of L ← G[index, index], k×k, with ridge[index] added to the diagonal where `ridge` is not 0. */
export function gatherSymmetric(k: i32, index: usize, G: usize, ldg: i32, ridge: usize, L: usize, ldl: i32): void {
  for (let a = 0; a < k; a++) {
    const ja = <usize>load<i32>(index + (<usize>a << 2));
    const column = G + ((ja * <usize>ldg) << 3);
    const out = L + ((<usize>a * <usize>ldl) << 3);
    for (let c = a; c < k; c++) {
      const jc = <usize>load<i32>(index + (<usize>c << 2));
      store<f64>(out + (<usize>c << 3), load<f64>(column + (jc << 3)));
    }
    if (ridge) store<f64>(out + (<usize>a << 3), load<f64>(out + (<usize>a << 3)) + load<f64>(ridge + (ja << 3)));
  }
}

/** G[0 … k, 0 … k] ← G[slots, slots] in place; `slots` points to k ascending i32. O(k²). */
export function compactSymmetric(k: i32, slots: usize, G: usize, ldg: i32): void {
  for (let c = 0; c < k; c++) {
    const from = G + ((<usize>load<i32>(slots + (<usize>c << 2)) * <usize>ldg) << 3);
    let to = G + ((<usize>c * <usize>ldg) << 3);
    for (let r = 0; r < k; r++) {
      store<f64>(to, load<f64>(from + (<usize>load<i32>(slots + (<usize>r << 2)) << 3)));
      to += 8;
    }
  }
}

/** y ← y + Σ_a s·d[a]·A[:, index[a]], four columns at a time; A has m rows. */
export function addColumns(m: i32, k: i32, index: usize, A: usize, lda: i32, s: f64, d: usize, y: usize): void {
  let a = 0;
  for (; a + 4 <= k; a += 4) {
    const i = index + (<usize>a << 2);
    const c0 = A + ((<usize>load<i32>(i) * <usize>lda) << 3);
    const c1 = A + ((<usize>load<i32>(i, 4) * <usize>lda) << 3);
    const c2 = A + ((<usize>load<i32>(i, 8) * <usize>lda) << 3);
    const c3 = A + ((<usize>load<i32>(i, 12) * <usize>lda) << 3);
    const dp = d + (<usize>a << 3);
    const d0 = s * load<f64>(dp), d1 = s * load<f64>(dp, 8), d2 = s * load<f64>(dp, 16), d3 = s * load<f64>(dp, 24);
    const v0 = f64x2.splat(d0), v1 = f64x2.splat(d1), v2 = f64x2.splat(d2), v3 = f64x2.splat(d3);
    let o: usize = 0;
    const end = <usize>(m & ~1) << 3;
    for (; o < end; o += 16) {
      let t = f64x2.add(f64x2.mul(v0, v128.load(c0 + o)), f64x2.mul(v1, v128.load(c1 + o)));
      t = f64x2.add(t, f64x2.add(f64x2.mul(v2, v128.load(c2 + o)), f64x2.mul(v3, v128.load(c3 + o))));
      v128.store(y + o, f64x2.add(v128.load(y + o), t));
    }
    if (m & 1) {
      const t = d0 * load<f64>(c0 + o) + d1 * load<f64>(c1 + o) + (d2 * load<f64>(c2 + o) + d3 * load<f64>(c3 + o));
      store<f64>(y + o, load<f64>(y + o) + t);
    }
  }
  for (; a < k; a++) {
    const c = A + ((<usize>load<i32>(index + (<usize>a << 2)) * <usize>lda) << 3);
    axpy(m, s * load<f64>(d + (<usize>a << 3)), c, y);
  }
}

/**
 * Up to `epochs` cyclic epochs over listed columns of a dense matrix under weights d, for working sets whose Gram
 * matrix would not fit: minimises ½Σ d_i (r_i + shift)² + Σ g_j(b_j). With `centre` the intercept is eliminated
 * exactly: `sums[k]` holds Σ d_i x_ij, and the shift, in state[0], follows every update. `scale[j]` multiplies column
 * j. `rd` holds d∘r and is kept up to date. The penalty, `tol` and what is returned are as in {@link gramDescent}.
 */
export function denseDescent(
  n: i32, m: i32, columns: usize, X: usize, ldx: i32, scale: usize,
  d: usize, rd: usize, curvatures: usize, sums: usize, sumD: f64, centre: i32, state: usize, b: usize,
  kind: i32, penalty: usize, stride: i32, epochs: i32, tol: f64,
): f64 {
  const size = <usize>stride << 3;
  let shift = load<f64>(state);
  let largest: f64 = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    largest = 0;
    for (let k = 0; k < m; k++) {
      const o = <usize>k << 3;
      const curvature = load<f64>(curvatures + o);
      if (!(curvature > 0)) continue;
      const j = <usize>load<i32>(columns + (<usize>k << 2));
      const s = load<f64>(scale + (j << 3));
      const column = X + ((j * <usize>ldx) << 3);
      const sum = load<f64>(sums + o);
      const g = s * dot(n, column, rd) + shift * sum;
      const delta = moveCoordinate(b + o, g / curvature, 1 / curvature, kind, penalty + o, size);
      if (delta == 0) continue;
      const va = f64x2.splat(-delta * s);
      let i: usize = 0;
      const end = <usize>(n & ~1) << 3;
      for (; i < end; i += 16) {
        v128.store(rd + i, f64x2.add(v128.load(rd + i), f64x2.mul(f64x2.mul(va, v128.load(column + i)), v128.load(d + i))));
      }
      if (n & 1) store<f64>(rd + i, load<f64>(rd + i) + -delta * s * load<f64>(column + i) * load<f64>(d + i));
      if (centre) shift += (delta * sum) / sumD;
      const decrease = 0.5 * curvature * delta * delta;
      if (decrease > largest) largest = decrease;
    }
    if (largest <= tol) break;
  }
  store<f64>(state, shift);
  return largest;
}

/** As {@link denseDescent} for listed columns of a CSC matrix. */
export function cscDescent(
  m: i32, columns: usize, colPointers: usize, rowIndices: usize, values: usize, scale: usize,
  d: usize, rd: usize, curvatures: usize, sums: usize, sumD: f64, centre: i32, state: usize, b: usize,
  kind: i32, penalty: usize, stride: i32, epochs: i32, tol: f64,
): f64 {
  const size = <usize>stride << 3;
  let shift = load<f64>(state);
  let largest: f64 = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    largest = 0;
    for (let k = 0; k < m; k++) {
      const o = <usize>k << 3;
      const curvature = load<f64>(curvatures + o);
      if (!(curvature > 0)) continue;
      const j = <usize>load<i32>(columns + (<usize>k << 2));
      const s = load<f64>(scale + (j << 3));
      const from = load<i32>(colPointers + (j << 2));
      const to = load<i32>(colPointers + (j << 2), 4);
      let g: f64 = 0;
      let rp = rowIndices + (<usize>from << 2);
      let vp = values + (<usize>from << 3);
      const end = rowIndices + (<usize>to << 2);
      // Sums that do not wait for each other.
      let g1: f64 = 0, g2: f64 = 0, g3: f64 = 0;
      for (; rp + 12 < end; rp += 16, vp += 32) {
        g += load<f64>(vp) * load<f64>(rd + (<usize>load<i32>(rp) << 3));
        g1 += load<f64>(vp, 8) * load<f64>(rd + (<usize>load<i32>(rp, 4) << 3));
        g2 += load<f64>(vp, 16) * load<f64>(rd + (<usize>load<i32>(rp, 8) << 3));
        g3 += load<f64>(vp, 24) * load<f64>(rd + (<usize>load<i32>(rp, 12) << 3));
      }
      g = g + g1 + (g2 + g3);
      for (; rp < end; rp += 4, vp += 8) g += load<f64>(vp) * load<f64>(rd + (<usize>load<i32>(rp) << 3));
      const sum = load<f64>(sums + o);
      g = g * s + shift * sum;
      const delta = moveCoordinate(b + o, g / curvature, 1 / curvature, kind, penalty + o, size);
      if (delta == 0) continue;
      const a = -delta * s;
      rp = rowIndices + (<usize>from << 2);
      vp = values + (<usize>from << 3);
      for (; rp < end; rp += 4, vp += 8) {
        const i = <usize>load<i32>(rp) << 3;
        store<f64>(rd + i, load<f64>(rd + i) + a * load<f64>(vp) * load<f64>(d + i));
      }
      if (centre) shift += (delta * sum) / sumD;
      const decrease = 0.5 * curvature * delta * delta;
      if (decrease > largest) largest = decrease;
    }
    if (largest <= tol) break;
  }
  store<f64>(state, shift);
  return largest;
}

/**
 * Columns `from` ≤ t < m of the weighted Gram matrix of m listed sparse columns: G[k, t] = Σ_i d_i x_ik x_it for k ≤ t,
 * with `rowPointers`, `slots` (ascending in each row) and `rowValues` the same columns by rows. A column of G is
 * gathered while it fits the first-level cache; both triangles are written. O(Σ over entries of the length of their row).
 */
export function cscGram(
  m: i32, from: i32, columns: usize, colPointers: usize, rowIndices: usize, values: usize,
  rowPointers: usize, slots: usize, rowValues: usize, d: usize, G: usize, ldg: i32,
): void {
  for (let t = from; t < m; t++) {
    const out = G + ((<usize>t * <usize>ldg) << 3);
    memory.fill(out, 0, <usize>(t + 1) << 3);
    const j = <usize>load<i32>(columns + (<usize>t << 2));
    const to = load<i32>(colPointers + (j << 2), 4);
    for (let k = load<i32>(colPointers + (j << 2)); k < to; k++) {
      const i = <usize>load<i32>(rowIndices + (<usize>k << 2));
      const a = load<f64>(d + (i << 3)) * load<f64>(values + (<usize>k << 3));
      if (a == 0) continue;
      let p = load<i32>(rowPointers + (i << 2));
      const end = load<i32>(rowPointers + (i << 2), 4);
      for (; p < end; p++) {
        const slot = load<i32>(slots + (<usize>p << 2));
        if (slot > t) break;
        const at = out + (<usize>slot << 3);
        store<f64>(at, load<f64>(at) + a * load<f64>(rowValues + (<usize>p << 3)));
      }
    }
    for (let k = 0; k < t; k++) {
      store<f64>(G + ((<usize>k * <usize>ldg + <usize>t) << 3), load<f64>(out + (<usize>k << 3)));
    }
  }
}

/**
 * As cscGram, in one pass over all rows of a matrix by rows, which suits sets that hold much of it: slots[j] is the place of
 * column j among the m, −1 if it has none. `work` has room for 16 bytes an entry of the longest row.
 */
export function csrGram(
  n: i32, rowPointers: usize, rowColumns: usize, rowValues: usize, slots: usize,
  m: i32, from: i32, d: usize, G: usize, ldg: i32, work: usize,
): void {
  for (let t = from; t < m; t++) memory.fill(G + ((<usize>t * <usize>ldg) << 3), 0, <usize>(t + 1) << 3);
  for (let i = 0; i < n; i++) {
    const weight = load<f64>(d + (<usize>i << 3));
    if (weight == 0) continue;
    let k = work, fresh = false;
    const end = load<i32>(rowPointers + (<usize>i << 2), 4);
    for (let p = load<i32>(rowPointers + (<usize>i << 2)); p < end; p++) {
      const slot = load<i32>(slots + (<usize>load<i32>(rowColumns + (<usize>p << 2)) << 2));
      if (slot < 0) continue;
      if (slot >= from) fresh = true;
      store<i32>(k, slot);
      store<f64>(k, load<f64>(rowValues + (<usize>p << 3)), 8);
      k += 16;
    }
    if (!fresh) continue;
    for (let a = work; a < k; a += 16) {
      const slot = load<i32>(a);
      const x = weight * load<f64>(a, 8);
      for (let b = work; b <= a; b += 16) {
        const other = load<i32>(b);
        const high = slot > other ? slot : other, low = slot > other ? other : slot;
        if (high < from) continue;
        const at = G + ((<usize>high * <usize>ldg + <usize>low) << 3);
        store<f64>(at, load<f64>(at) + x * load<f64>(b, 8));
      }
    }
  }
  for (let t = from; t < m; t++) {
    const out = G + ((<usize>t * <usize>ldg) << 3);
    for (let k = 0; k < t; k++) {
      store<f64>(G + ((<usize>k * <usize>ldg + <usize>t) << 3), load<f64>(out + (<usize>k << 3)));
    }
  }
}

/** The listed columns of a CSC matrix by rows: rowPointers (n + 1), slots (position in the list) and values. O(n + nnz). */
export function cscRows(
  n: i32, m: i32, columns: usize, colPointers: usize, rowIndices: usize, values: usize,
  rowPointers: usize, slots: usize, rowValues: usize,
): void {
  memory.fill(rowPointers, 0, <usize>(n + 1) << 2);
  for (let t = 0; t < m; t++) {
    const j = <usize>load<i32>(columns + (<usize>t << 2));
    const to = load<i32>(colPointers + (j << 2), 4);
    for (let k = load<i32>(colPointers + (j << 2)); k < to; k++) {
      const at = rowPointers + (<usize>(load<i32>(rowIndices + (<usize>k << 2)) + 1) << 2);
      store<i32>(at, load<i32>(at) + 1);
    }
  }
  let sum = 0;
  for (let i = 0; i <= n; i++) {
    sum += load<i32>(rowPointers + (<usize>i << 2));
    store<i32>(rowPointers + (<usize>i << 2), sum);
  }
  // Fill from the back of each row, columns in descending order, so that slots ascend; pointers end at the row starts.
  for (let t = m - 1; t >= 0; t--) {
    const j = <usize>load<i32>(columns + (<usize>t << 2));
    const to = load<i32>(colPointers + (j << 2), 4);
    for (let k = load<i32>(colPointers + (j << 2)); k < to; k++) {
      const at = rowPointers + (<usize>(load<i32>(rowIndices + (<usize>k << 2)) + 1) << 2);
      const p = load<i32>(at) - 1;
      store<i32>(at, p);
      store<i32>(slots + (<usize>p << 2), t);
      store<f64>(rowValues + (<usize>p << 3), load<f64>(values + (<usize>k << 3)));
    }
  }
  // Entry i + 1 now holds the start of row i: shift down and close with the total.
  for (let i = 0; i < n; i++) store<i32>(rowPointers + (<usize>i << 2), load<i32>(rowPointers + (<usize>(i + 1) << 2)));
  store<i32>(rowPointers + (<usize>n << 2), sum);
}
