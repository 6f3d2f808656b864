import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import type { TrainingOptimiser } from './optimiser.ts';
import { rateAt } from './schedules.ts';
import type { Numbers, OptimiserState } from './state.ts';

export interface OrthogonalGradientOptions {
  /** Whether what is left has the length that the gradient had, tensor by tensor. Default true, as the authors do. */
  readonly keepLength?: boolean;
}
const orthogonalKeys: OptionKeys<OrthogonalGradientOptions> = { keepLength: true };

/**
 * out ← g − (wᵀg/wᵀw)·w, at the length of g with `keepLength`; computed in double precision. g itself where w or g is 0; 0 where g lies along w
 * up to its rounding, as nothing but that is left then. `out` may be `g`. O(n).
 */
export function withoutScaling(w: Numbers, g: Numbers, out: Numbers, keepLength = true): void {
  const n = w.length;
  let [ww, wg, gg] = [0, 0, 0];
  for (let k = 0; k < n; k++) {
    ww += w[k] * w[k];
    wg += w[k] * g[k];
    gg += g[k] * g[k];
  }
  // Squares that underflow, or overflow: by the largest entry of each.
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

/** What numbers are divided by before they are squared: 1 where the sum of their squares can be trusted, 0 where all are 0. */
function scaleOf(values: Numbers, squares: number): number {
  if (squares > 1e-280 && squares < 1e280) return 1;
  let most = 0;
  for (const v of values) most = Math.max(most, Math.abs(v));
  return most;
}

/**
 * An optimiser that sees of each gradient only what is at right angles to the parameters, tensor by tensor: g − (wᵀg/wᵀw)·w, at the length of g
 * (OrthoGrad, ⊥Grad: Prieto et al., ICLR 2025, arXiv 2501.04697). Along w itself a network without biases merely scales its logits, which
 * lowers the loss of what is learned by heart and teaches nothing. It comes before momentum and moments. Tensors are the ranges that `init` is
 * given, such as by `rangesOf`, and without any all parameters are one; ranges of a single number keep their gradient, of which nothing
 * would be left, and so do tensors that are 0. The state is that of the optimiser. O(size) a step, and one copy of the gradient.
 *
 * @throws INVALID_PARAMETER.
 */
export function withOrthogonalGradient(
  optimiser: TrainingOptimiser,
  options: OrthogonalGradientOptions = {},
): TrainingOptimiser {
  knownKeys('withOrthogonalGradient', options, orthogonalKeys);
  const { keepLength = true } = options;
  if (typeof keepLength !== 'boolean') {
    fail('INVALID_PARAMETER', `keepLength is true or false, not ${String(keepLength)}.`);
  }
  const rooms = new WeakMap<OptimiserState, Numbers>();
  return {
    name: `${optimiser.name} with orthogonal gradients`,
    rate: optimiser.rate,
    init: (parameters, ranges) => optimiser.init(parameters, ranges),
    step(state, parameters, gradient, rate = rateAt(optimiser.rate, state.steps)) {
      state.check('parameters', parameters);
      state.check('gradient', gradient);
      let room = rooms.get(state);
      if (!room) {
        room = parameters instanceof Float32Array ? new Float32Array(state.length) : new Float64Array(state.length);
        rooms.set(state, room);
      }
      room.set(gradient);
      for (const { from, to, frozen } of state.ranges) {
        // What is not finite the optimiser refuses, with its place: it must reach it as it is.
        if (frozen || to - from < 2 || !allFinite(gradient, from, to)) continue;
        const [w, g] = [parameters.subarray(from, to), gradient.subarray(from, to)];
        withoutScaling(w, g, room.subarray(from, to), keepLength);
      }
      optimiser.step(state, parameters, room, rate);
    },
  };
}

function allFinite(values: Numbers, from: number, to: number): boolean {
  for (let k = from; k < to; k++) if (!Number.isFinite(values[k])) return false;
  return true;
}
