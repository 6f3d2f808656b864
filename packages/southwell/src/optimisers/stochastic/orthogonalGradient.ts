import { checkOptions, flagOption, type OptionsOf } from '@southwell/numerics/core';
import type { TrainingOptimiser } from './optimiser.ts';
import { rateAt } from './schedules/schedules.ts';
import type { Numbers, OptimiserState } from './state.ts';
import { withoutScaling } from './withoutScaling.ts';

const orthogonalRecords = {
  /**
   * Whether to rescale the projected gradient to its original norm, for each tensor. Default true, as by the authors.
   */
  keepLength: flagOption(),
};

export interface OrthogonalGradientOptions extends OptionsOf<typeof orthogonalRecords> {}

/**
 * An optimiser that uses only the component of each gradient orthogonal to the parameters, tensor by tensor: g −
 * (wᵀg/wᵀw)·w, rescaled to the norm of g (OrthoGrad, ⊥Grad: Prieto et al., ICLR 2025, arXiv 2501.04697). Along w a
 * network without biases merely scales its logits, which lowers the loss on memorised examples without improving
 * generalisation. The projection precedes momentum and moments. Tensors are the ranges that `init` receives, e.g. from
 * `rangesOf`; without ranges all parameters are one tensor. Ranges of a single number, whose projected gradient would
 * be 0, and zero tensors keep their gradient. The state is that of the optimiser. O(size) per step, and one copy of the
 * gradient.
 *
 * @throws INVALID_PARAMETER.
 */
export function withOrthogonalGradient(
  optimiser: TrainingOptimiser,
  options: OrthogonalGradientOptions = {},
): TrainingOptimiser {
  checkOptions('withOrthogonalGradient', orthogonalRecords, options);
  const { keepLength = true } = options;
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
        // Non-finite gradients are passed on unchanged, so that the optimiser rejects them with the right index.
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
