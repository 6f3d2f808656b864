import type { Numbers } from './state.ts';

/**
 * out ← g − (wᵀg/wᵀw)·w, with `keepLength` rescaled to the norm of g; computed in double precision. g itself if w or g
 * is 0; 0 if g is parallel to w up to rounding, as only rounding errors would remain. `out` may be `g`. O(n).
 */
export function withoutScaling(w: Numbers, g: Numbers, out: Numbers, keepLength = true): void {
  const n = w.length;
  let [ww, wg, gg] = [0, 0, 0];
  for (let k = 0; k < n; k++) {
    ww += w[k] * w[k];
    wg += w[k] * g[k];
    gg += g[k] * g[k];
  }
  // If squares underflow or overflow, both are scaled by their largest entries.
  const [a, b] = [scaleOf(w, ww), scaleOf(g, gg)];
  if (a === 0 || b === 0) {
    if (out !== g) out.set(g);
    return;
  }
  if (a !== 1 || b !== 1) {
    [ww, wg, gg] = [0, 0, 0];
    for (let k = 0; k < n; k++) {
      ww += (w[k] / a) ** 2;
      wg += (w[k] / a) * (g[k] / b);
      gg += (g[k] / b) ** 2;
    }
  }
  const share = wg / ww;
  let left = 0;
  for (let k = 0; k < n; k++) left += (g[k] / b - share * (w[k] / a)) ** 2;
  const rounding = 4 * (g instanceof Float32Array ? 2 ** -24 : 2 ** -53);
  const factor = Math.sqrt(left) <= rounding * Math.sqrt(gg) ? 0 : keepLength ? Math.sqrt(gg / left) : 1;
  for (let k = 0; k < n; k++) out[k] = factor * b * (g[k] / b - share * (w[k] / a));
}

/** Divisor of numbers before they are squared: 1 if the sum of their squares is reliable, 0 if all are 0. */
function scaleOf(values: Numbers, squares: number): number {
  if (squares > 1e-280 && squares < 1e280) return 1;
  let most = 0;
  for (const v of values) most = Math.max(most, Math.abs(v));
  return most;
}
