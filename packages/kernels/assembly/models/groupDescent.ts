// Block coordinate descent over groups of coordinates, as whole epochs: on a Gram matrix or on the columns themselves.
import { addColumns } from './descent';
import { axpy } from '../dense/level1';
import { gemvTSubset } from '../dense/level2';

// @ts-ignore: decorator
@inline
function soft(z: f64, t: f64): f64 {
  return z > t ? z - t : z < -t ? z + t : 0;
}

// @ts-ignore: decorator
@inline
function at(base: usize, j: i32): usize { return base + (<usize>j << 3); }

/** One proximal gradient step with bound L on k coordinates: b moves, `step` receives the change; returns ‖change‖². */
function proximalStep(k: i32, g: usize, b: usize, step: usize, t1: f64, t2: f64, L: f64): f64 {
  let square: f64 = 0;
  for (let j = 0; j < k; j++) {
    const z = soft(load<f64>(at(b, j)) + load<f64>(at(g, j)) / L, t1 / L);
    store<f64>(at(step, j), z);
    square += z * z;
  }
  const norm = Math.sqrt(square);
  const shrink = norm * L > t2 ? 1 - t2 / (L * norm) : 0;
  let moved: f64 = 0;
  for (let j = 0; j < k; j++) {
    const old = load<f64>(at(b, j));
    const next = shrink * load<f64>(at(step, j));
    const delta = next - old;
    store<f64>(at(b, j), next);
    store<f64>(at(step, j), delta);
    moved += delta * delta;
  }
  return moved;
}

/**
 * Minimises over one group, ½δᵀHδ − gᵀδ + t1‖b + δ‖₁ + t2‖b + δ‖₂, to about a hundredth of what the first round moves:
 * proximal gradient rounds with L ≥ λ_max(H), or coordinate sweeps where t2 = 0. H is k × k and in the cache, so that
 * rounds cost little beside fetching g. Coordinates without curvature stay. work: 3k, g in its first k; δ in its last k on return. Returns ‖δ‖².
 */
function groupStep(k: i32, H: usize, ldh: i32, b: usize, t1: f64, t2: f64, L: f64, rounds: i32, work: usize): f64 {
  const g = work, step = at(work, k), delta = at(step, k);
  const column = <usize>ldh << 3;
  for (let j = 0; j < k; j++) store<f64>(at(delta, j), load<f64>(at(b, j)));
  let first: f64 = 0;
  for (let round = 0; round < rounds; round++) {
    let moved: f64 = 0;
    if (t2 == 0) {
      for (let j = 0; j < k; j++) {
        const curvature = load<f64>(H + <usize>j * column + (<usize>j << 3));
        if (!(curvature > 0)) continue;
        const old = load<f64>(at(b, j));
        const next = soft(old + load<f64>(at(g, j)) / curvature, t1 / curvature);
        const change = next - old;
        if (change == 0) continue;
        store<f64>(at(b, j), next);
        axpy(k, -change, H + <usize>j * column, g);
        moved += change * change;
      }
    } else {
      // What a column without curvature (constant, say) pulls is rounding.
      for (let j = 0; j < k; j++) if (!(load<f64>(H + <usize>j * column + (<usize>j << 3)) > 0)) store<f64>(at(g, j), 0);
      moved = proximalStep(k, g, b, step, t1, t2, L);
      for (let j = 0; j < k && moved > 0; j++) axpy(k, -load<f64>(at(step, j)), H + <usize>j * column, g);
    }
    if (round == 0) first = moved;
    if (k == 1 || moved <= 1e-4 * first) break;
  }
  let total: f64 = 0;
  for (let j = 0; j < k; j++) {
    const change = load<f64>(at(b, j)) - load<f64>(at(delta, j));
    store<f64>(at(delta, j), change);
    total += change * change;
  }
  return total;
}

// @ts-ignore: decorator
@inline
function roundsFor(length: i32, k: i32): i32 {
  const rounds = (2 * length) / k;
  return rounds < 1 ? 1 : rounds > 30 ? 30 : rounds;
}

/**
 * Up to `epochs` cyclic epochs on ½bᵀGb − cᵀb + Σ_g (l1_g‖b_g‖₁ + l2_g‖b_g‖₂), with q = c − Gb kept up to date. Group g
 * holds coordinates starts[g] … starts[g+1]−1, bound[g] ≥ λ_max(G_gg); every step all but minimises over its group.
 * `identity` points to 0, 1, …, m−1 (i32), `work` to thrice the largest group. Returns the largest ½·bound·‖δ‖² of the last
 * epoch; stops where that is at most `tol`.
 */
export function gramGroupDescent(
  groups: i32, starts: usize, m: i32, G: usize, ldg: i32, q: usize, b: usize,
  l1: usize, l2: usize, bound: usize, identity: usize, work: usize, epochs: i32, tol: f64,
): f64 {
  let largest: f64 = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    largest = 0;
    for (let g = 0; g < groups; g++) {
      const L = load<f64>(at(bound, g));
      if (!(L > 0)) continue;
      const from = load<i32>(starts + (<usize>g << 2));
      const k = load<i32>(starts + (<usize>g << 2), 4) - from;
      const t1 = load<f64>(at(l1, g)), t2 = load<f64>(at(l2, g));
      memory.copy(work, at(q, from), <usize>k << 3);
      const H = G + ((<usize>from * <usize>ldg + <usize>from) << 3);
      const moved = groupStep(k, H, ldg, at(b, from), t1, t2, L, roundsFor(m, k), work);
      if (moved == 0) continue;
      addColumns(m, k, identity + (<usize>from << 2), G, ldg, -1, at(work, 2 * k), q);
      const decrease = 0.5 * L * moved;
      if (decrease > largest) largest = decrease;
    }
    if (largest <= tol) break;
  }
  return largest;
}

/** rd_k ← rd_k − Σ_l (∂²F/∂η_k∂η_l)·δ_l·x for one entry x of a row, the curvature diag(π) − ππᵀ times a weight. */
// @ts-ignore: decorator
@inline
function coupledUpdate(n: i32, K: i32, row: usize, x: f64, d: usize, rd: usize, delta: usize): void {
  const stride = <usize>n << 3;
  let total: f64 = 0, sum: f64 = 0;
  let p = d + row;
  for (let k = 0; k < K; k++, p += stride) {
    const weight = load<f64>(p);
    total += weight;
    sum += weight * load<f64>(at(delta, k));
  }
  if (total == 0) return;
  const mean = sum / total;
  p = d + row;
  let r = rd + row;
  for (let k = 0; k < K; k++, p += stride, r += stride) {
    store<f64>(r, load<f64>(r) - x * load<f64>(p) * (load<f64>(at(delta, k)) - mean));
  }
}

/**
 * As {@link coupledUpdate} for a dense column times s, channel by channel. `inverse` holds 1/Σ_k d_k, or 0; `mean` has
 * room for n.
 */
function coupledColumn(
  n: i32, K: i32, column: usize, s: f64, d: usize, rd: usize, delta: usize, inverse: usize, mean: usize,
): void {
  const stride = <usize>n << 3, pairs = <usize>(n & ~1) << 3;
  memory.fill(mean, 0, stride);
  for (let k = 0; k < K; k++) {
    const change = load<f64>(at(delta, k));
    if (change != 0) axpy(n, change, d + <usize>k * stride, mean);
  }
  for (let i = 0; i < n; i++) store<f64>(at(mean, i), load<f64>(at(mean, i)) * load<f64>(at(inverse, i)));
  const vs = f64x2.splat(s);
  for (let k = 0; k < K; k++) {
    const change = load<f64>(at(delta, k)), v = f64x2.splat(change);
    const p = d + <usize>k * stride, r = rd + <usize>k * stride;
    for (let i: usize = 0; i != pairs; i += 16) {
      const x = f64x2.mul(f64x2.mul(vs, v128.load(column + i)), v128.load(p + i));
      v128.store(r + i, f64x2.sub(v128.load(r + i), f64x2.mul(x, f64x2.sub(v, v128.load(mean + i)))));
    }
    if (n & 1) {
      const x = s * load<f64>(column + pairs) * load<f64>(p + pairs);
      store<f64>(r + pairs, load<f64>(r + pairs) - x * (change - load<f64>(mean + pairs)));
    }
  }
}

/**
 * One cyclic epoch of group descent on listed columns of a dense matrix, where no Gram matrix is to be formed. The model is
 * ½δᵀX̃ᵀDX̃δ with K channels; group g holds columns[starts[g] … starts[g+1]) under K = 1, or one column with its K
 * channels. `rd` (K vectors of n) is minus the gradient of the model at η and is kept up to date. `d`: one vector of
 * curvatures for all channels, and x̃ = scale·x − means (their d-weighted means, or 0, which eliminates the intercept);
 * or, `coupled`, K vectors w·π_k of the curvature w(diag π − ππᵀ), means not read. `blocks`: for K = 1 the Gram
 * matrices of the groups one after the other, else K curvatures for each column; both with the ridge on them. bound[g]
 * is at least the largest eigenvalue of the block. work: 2n + 3·(largest group)·K.
 */
export function denseGroupDescent(
  n: i32, groups: i32, starts: usize, columns: usize, X: usize, ldx: i32, scale: usize,
  K: i32, d: usize, coupled: i32, rd: usize, means: usize, blocks: usize, b: usize,
  l1: usize, l2: usize, ridge: usize, bound: usize, work: usize,
): void {
  const fit = work, inverse = at(work, n), g = at(inverse, n);
  for (let i = 0; coupled && i < n; i++) {
    let total: f64 = 0;
    for (let k = 0; k < K; k++) total += load<f64>(at(d + ((<usize>k * <usize>n) << 3), i));
    store<f64>(at(inverse, i), total > 0 ? 1 / total : 0);
  }
  for (let u = 0, block = blocks; u < groups; u++) {
    const from = load<i32>(starts + (<usize>u << 2));
    const count = load<i32>(starts + (<usize>u << 2), 4) - from;
    const k = count * K;
    const H = block;
    block += (K == 1 ? <usize>count * <usize>count : <usize>k) << 3;
    if (!(load<f64>(at(bound, u)) > 0)) continue;
    const list = columns + (<usize>from << 2);
    const x = at(b, from * K);
    for (let c = 0; c < K; c++) gemvTSubset(n, count, list, X, ldx, rd + ((<usize>c * <usize>n) << 3), at(g, c * count));
    for (let j = 0; j < k; j++) {
      const s = load<f64>(at(scale, load<i32>(list + (<usize>(K == 1 ? j : 0) << 2))));
      store<f64>(at(g, j), s * load<f64>(at(g, j)));
    }
    if (!blockStep(u, k, K, H, x, l1, l2, ridge, bound, roundsFor(n, k), g)) continue;
    const delta = at(g, 2 * k);
    if (coupled) {
      const j = load<i32>(list);
      coupledColumn(n, K, X + ((<usize>j * <usize>ldx) << 3), load<f64>(at(scale, j)), d, rd, delta, inverse, fit);
      continue;
    }
    for (let c = 0; c < K; c++) {
      let shift: f64 = 0;
      for (let j = 0; j < count; j++) {
        const change = load<f64>(at(delta, K == 1 ? j : c));
        shift -= change * load<f64>(at(means, from + j));
        store<f64>(at(g, j), change * load<f64>(at(scale, load<i32>(list + (<usize>j << 2)))));
      }
      for (let i = 0; i < n; i++) store<f64>(at(fit, i), shift);
      addColumns(n, count, list, X, ldx, 1, g, fit);
      let r = rd + ((<usize>c * <usize>n) << 3);
      let i: usize = 0;
      for (const end = <usize>(n & ~1) << 3; i < end; i += 16, r += 16) {
        v128.store(r, f64x2.sub(v128.load(r), f64x2.mul(v128.load(d + i), v128.load(fit + i))));
      }
      if (n & 1) store<f64>(r, load<f64>(r) - load<f64>(d + i) * load<f64>(fit + i));
    }
  }
}

/** The step on one block from g in `work`; false if nothing moves, else δ is in the last third of `work`. */
function blockStep(
  u: i32, k: i32, K: i32, H: usize, b: usize,
  l1: usize, l2: usize, ridge: usize, bound: usize, rounds: i32, work: usize,
): bool {
  const t1 = load<f64>(at(l1, u)), t2 = load<f64>(at(l2, u)), a2 = load<f64>(at(ridge, u));
  const L = load<f64>(at(bound, u));
  for (let j = 0; a2 > 0 && j < k; j++) store<f64>(at(work, j), load<f64>(at(work, j)) - a2 * load<f64>(at(b, j)));
  if (K == 1) return groupStep(k, H, k, b, t1, t2, L, rounds, work) > 0;
  const delta = at(work, 2 * k);
  if (t2 > 0) return proximalStep(k, work, b, delta, t1, t2, L) > 0;
  let moved = false;
  for (let j = 0; j < k; j++) {
    const curvature = load<f64>(at(H, j));
    const old = load<f64>(at(b, j));
    const next = curvature > 0 ? soft(old + load<f64>(at(work, j)) / curvature, t1 / curvature) : old;
    store<f64>(at(b, j), next);
    store<f64>(at(delta, j), next - old);
    if (next != old) moved = true;
  }
  return moved;
}

/**
 * As {@link denseGroupDescent} on listed columns of a CSC matrix. Means are not taken off rd entry by entry: minus the
 * gradient is rd_k + state[k]·d, sumD = Σd. work: 3·(largest group)·K.
 */
export function cscGroupDescent(
  n: i32, groups: i32, starts: usize, columns: usize, colPointers: usize, rowIndices: usize, values: usize, scale: usize,
  K: i32, d: usize, coupled: i32, rd: usize, means: usize, sumD: f64, state: usize, blocks: usize, b: usize,
  l1: usize, l2: usize, ridge: usize, bound: usize, work: usize,
): void {
  for (let u = 0, block = blocks; u < groups; u++) {
    const from = load<i32>(starts + (<usize>u << 2));
    const count = load<i32>(starts + (<usize>u << 2), 4) - from;
    const k = count * K;
    const H = block;
    block += (K == 1 ? <usize>count * <usize>count : <usize>k) << 3;
    if (!(load<f64>(at(bound, u)) > 0)) continue;
    for (let a = 0; a < count; a++) {
      const j = load<i32>(columns + (<usize>(from + a) << 2));
      const s = load<f64>(at(scale, j));
      const first = load<i32>(colPointers + (<usize>j << 2)), last = load<i32>(colPointers + (<usize>j << 2), 4);
      for (let c = 0; c < K; c++) {
        const r = rd + ((<usize>c * <usize>n) << 3);
        let sum: f64 = 0;
        for (let t = first; t < last; t++) {
          sum += load<f64>(at(values, t)) * load<f64>(at(r, load<i32>(rowIndices + (<usize>t << 2))));
        }
        sum *= s;
        if (!coupled) sum += load<f64>(at(state, c)) * load<f64>(at(means, from + a)) * sumD;
        store<f64>(at(work, a * K + c), sum);
      }
    }
    if (!blockStep(u, k, K, H, at(b, from * K), l1, l2, ridge, bound, roundsFor(n, k), work)) continue;
    const delta = at(work, 2 * k);
    for (let a = 0; a < count; a++) {
      const j = load<i32>(columns + (<usize>(from + a) << 2));
      const s = load<f64>(at(scale, j));
      const first = load<i32>(colPointers + (<usize>j << 2)), last = load<i32>(colPointers + (<usize>j << 2), 4);
      if (coupled) {
        for (let t = first; t < last; t++) {
          const row = <usize>load<i32>(rowIndices + (<usize>t << 2)) << 3;
          coupledUpdate(n, K, row, s * load<f64>(at(values, t)), d, rd, delta);
        }
        continue;
      }
      for (let c = 0; c < K; c++) {
        const change = load<f64>(at(delta, a * K + c));
        if (change == 0) continue;
        const r = rd + ((<usize>c * <usize>n) << 3);
        for (let t = first; t < last; t++) {
          const row = <usize>load<i32>(rowIndices + (<usize>t << 2)) << 3;
          store<f64>(r + row, load<f64>(r + row) - s * change * load<f64>(at(values, t)) * load<f64>(d + row));
        }
        store<f64>(at(state, c), load<f64>(at(state, c)) + change * load<f64>(at(means, from + a)));
      }
    }
  }
}
