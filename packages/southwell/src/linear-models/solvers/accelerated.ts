import type { Block } from '@southwell/kernels';
import type { Design } from '../design/design.ts';

/** A smooth function plus a penalty with a proximal operator, on m coordinates. */
export interface Composite {
  /** The smooth part. */
  value(b: Float64Array): number;
  /** The smooth part and its negative gradient, which may be a view. */
  pull(b: Float64Array): { readonly value: number; readonly pull: Float64Array };
  /** argmin over u of ‖u − z‖²/(2·step) + penalty(u). */
  prox(z: Float64Array, step: number): Float64Array;
}

/** Steps between checks of the step length. */
const TEST_EVERY = 50;

/**
 * FISTA (Beck & Teboulle 2009) from b with steps 1/L, with gradient-based adaptive restarts (O'Donoghue & Candès 2015).
 * Yields the point after every step. L is assumed to be valid, and doubled if a check at the first step or at every
 * fiftieth shows that it is too small. For convex functions: O(√κ log 1/ε) steps, κ the condition number.
 */
export function* accelerate(f: Composite, b: Float64Array, L: number): Generator<Float64Array, never> {
  const m = b.length;
  let z = b;
  let t = 1;
  for (let k = 0; ; k++) {
    const at = f.pull(z);
    const g = at.pull.slice(0, m);
    let next = b;
    for (let attempt = 0; attempt < 40; attempt++, L *= 2) {
      next = f.prox(
        z.map((a, i) => a + g[i] / L),
        1 / L,
      );
      if (k > 0 && k % TEST_EVERY !== 0) break;
      let bound = at.value;
      for (let i = 0; i < m; i++) bound += -g[i] * (next[i] - z[i]) + 0.5 * L * (next[i] - z[i]) ** 2;
      if (f.value(next) <= bound + 1e-14 * at.value) break;
    }
    let uphill = 0;
    for (let i = 0; i < m; i++) uphill += (z[i] - next[i]) * (next[i] - b[i]);
    if (uphill > 0) t = 1;
    const tn = (1 + Math.sqrt(1 + 4 * t * t)) / 2;
    const before = b;
    const momentum = (t - 1) / tn;
    b = next;
    z = b.map((a, i) => a + momentum * (a - before[i]));
    t = tn;
    yield b;
  }
}

/**
 * A bound on the curvature of a loss with ℓ″ ≤ c along the k listed columns: the largest eigenvalue of c·X̃ᵀWX̃, about
 * the weighted means if `centre`, by power iteration with a margin of 5 %. O(20·nnz).
 */
export function largestCurvature(
  design: Design,
  list: Block<Int32Array>,
  k: number,
  weights: Block<Float64Array>,
  c: number,
  centre: boolean,
): number {
  const { n } = design;
  const scratch = design.arena.scratch();
  const [means, dots, product] = [scratch.f64(k), scratch.f64(k), scratch.f64(n)];
  let largest = 0;
  let x: Float64Array = Float64Array.from({ length: k }, (_, t) => 1 + ((7 * t) % 11) / 11);
  if (centre) design.gradientSubset(weights, list, k, means);
  else means.view.fill(0);
  for (let step = 0; step < 20; step++) {
    const norm = Math.sqrt(x.reduce((s, a) => s + a * a, 0));
    if (!(norm > 0)) break;
    const unit = x.map((a) => a / norm);
    product.view.fill(-unit.reduce((s, a, t) => s + a * means.view[t], 0));
    design.add(list, unit, k, product);
    const [y, w] = [product.view, weights.view];
    for (let i = 0; i < n; i++) y[i] *= c * w[i];
    design.gradientSubset(product, list, k, dots);
    x = dots.view.slice(0, k);
    largest = Math.sqrt(x.reduce((s, a) => s + a * a, 0));
  }
  scratch.release();
  return largest * 1.05;
}
