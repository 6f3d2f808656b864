// Block coordinate descent over groups of coordinates of a quadratic, as whole epochs.
import { addColumns } from './descent';
import { axpy } from './level1';

// @ts-ignore: decorator
@inline
function soft(z: f64, t: f64): f64 {
  return z > t ? z - t : z < -t ? z + t : 0;
}

/**
 * Up to `epochs` cyclic epochs on ½bᵀGb − cᵀb + Σ_g (l1_g‖b_g‖₁ + l2_g‖b_g‖₂), with q = c − Gb kept up to date. Group g
 * holds coordinates starts[g] … starts[g+1]−1. A group with l2 > 0 takes a proximal gradient step with bound[g] ≥
 * λ_max(G_gg); one without is a run of exact coordinate steps. `identity` points to 0, 1, …, m−1 (i32), `work` to room for
 * the largest group. Returns the largest ½·curvature·‖δ‖² of the last epoch; stops where that is at most `tol`.
 */
export function gramGroupDescent(
  groups: i32, starts: usize, m: i32, G: usize, ldg: i32, q: usize, b: usize,
  l1: usize, l2: usize, bound: usize, identity: usize, work: usize, epochs: i32, tol: f64,
): f64 {
  let largest: f64 = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    largest = 0;
    for (let g = 0; g < groups; g++) {
      const from = load<i32>(starts + (<usize>g << 2));
      const to = load<i32>(starts + (<usize>g << 2), 4);
      const t1 = load<f64>(l1 + (<usize>g << 3));
      const t2 = load<f64>(l2 + (<usize>g << 3));
      if (t2 == 0) {
        for (let j = from; j < to; j++) {
          const o = <usize>j << 3;
          const column = G + ((<usize>j * <usize>ldg) << 3);
          const curvature = load<f64>(column + o);
          if (!(curvature > 0)) continue;
          const old = load<f64>(b + o);
          const next = soft(old + load<f64>(q + o) / curvature, t1 / curvature);
          const delta = next - old;
          if (delta == 0) continue;
          store<f64>(b + o, next);
          axpy(m, -delta, column, q);
          const decrease = 0.5 * curvature * delta * delta;
          if (decrease > largest) largest = decrease;
        }
        continue;
      }
      const L = load<f64>(bound + (<usize>g << 3));
      if (!(L > 0)) continue;
      let square: f64 = 0;
      for (let j = from; j < to; j++) {
        const o = <usize>j << 3;
        const z = soft(load<f64>(b + o) + load<f64>(q + o) / L, t1 / L);
        store<f64>(work + (<usize>(j - from) << 3), z);
        square += z * z;
      }
      const norm = Math.sqrt(square);
      const shrink = norm * L > t2 ? 1 - t2 / (L * norm) : 0;
      let moved: f64 = 0;
      for (let j = from; j < to; j++) {
        const o = <usize>j << 3;
        const w = work + (<usize>(j - from) << 3);
        const old = load<f64>(b + o);
        const next = shrink * load<f64>(w);
        const delta = next - old;
        store<f64>(b + o, next);
        store<f64>(w, delta);
        moved += delta * delta;
      }
      if (moved == 0) continue;
      addColumns(m, to - from, identity + (<usize>from << 2), G, ldg, -1, work, q);
      const decrease = 0.5 * L * moved;
      if (decrease > largest) largest = decrease;
    }
    if (largest <= tol) break;
  }
  return largest;
}
