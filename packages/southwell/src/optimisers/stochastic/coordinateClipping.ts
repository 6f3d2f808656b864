import { coordinateBar } from '@southwell/numerics/arrays';
import { checkOptions, choiceOption, fail, numberOption, type OptionsOf } from '@southwell/numerics/core';
import { clamp } from '@southwell/numerics/projections';
import type { TrainingOptimiser } from './optimiser.ts';
import type { ResolvedRange } from './ranges.ts';
import { rateAt } from './schedules/schedules.ts';
import type { Numbers, OptimiserState } from './state.ts';

const clippingRecords = {
  /** Fraction of coordinates to clip, in [0, 1]; 0 disables clipping. Either this or `threshold`. */
  fraction: numberOption({ min: 0, max: 1 }),
  /** Clipping threshold; for updates in units of the learning rate. */
  threshold: numberOption({ min: 0, finite: true }),
  /** What to clip: the gradient, before momentum, or the optimiser's update. Default 'gradient'. */
  where: choiceOption({ gradient: 'gradient', update: 'update' }),
  /** Whether the fraction sets one threshold for all coordinates or one for each range. Default 'all'. */
  scope: choiceOption({ all: 'all coordinates', range: 'each range' }),
};

export interface CoordinateClippingOptions extends OptionsOf<typeof clippingRecords> {}

/** Workspace of a state: copies of the values to be clipped, and space for the selection. */
interface Room {
  readonly values: Numbers;
  readonly before: Numbers;
  readonly work: Float64Array;
}

/**
 * Coordinate-wise clipping, sign(u)·min(|u|, τ) (Pan & Li 2023, arXiv 2306.00204), of the gradient, for SGD, or of the
 * update, for Adam, including weight decay. A fraction sets the threshold at each step such that this fraction of
 * coordinates reaches it; zeros never do. The state is that of the optimiser. O(size) per step on average, and two
 * copies of the parameters.
 *
 * @throws INVALID_PARAMETER unless exactly one of fraction and threshold is given and valid.
 */
export function withCoordinateClipping(
  optimiser: TrainingOptimiser,
  options: CoordinateClippingOptions,
): TrainingOptimiser {
  checkOptions('withCoordinateClipping', clippingRecords, options);
  const { fraction, threshold, where = 'gradient', scope = 'all' } = options;
  if ((fraction === undefined) === (threshold === undefined)) {
    fail('INVALID_PARAMETER', 'withCoordinateClipping takes either a fraction or a threshold.');
  }

  const rooms = new WeakMap<OptimiserState, Room>();
  const roomOf = (state: OptimiserState, like: Numbers): Room => {
    const known = rooms.get(state);
    if (known) return known;
    const n = like.length;
    const make = (size: number): Numbers =>
      like instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
    const room = { values: make(n), before: make(where === 'update' ? n : 0), work: new Float64Array(n) };
    rooms.set(state, room);
    return room;
  };
  /**
   * Calls `cut` with the threshold of each range that is not frozen, selected among its values or those of all such
   * ranges.
   */
  const bars = (state: OptimiserState, { values, work }: Room, cut: (range: ResolvedRange, bar: number) => void) => {
    const moving = state.ranges.filter((range) => !range.frozen);
    if (threshold !== undefined || scope === 'range') {
      for (const range of moving) {
        cut(range, threshold ?? coordinateBar(values.subarray(range.from, range.to), fraction!, work));
      }
      return;
    }
    // Frozen parameters are not counted.
    let n = 0;
    let all = values;
    if (moving.length < state.ranges.length) {
      all = values.slice();
      for (const { from, to } of moving) {
        all.set(values.subarray(from, to), n);
        n += to - from;
      }
      all = all.subarray(0, n);
    }
    const bar = coordinateBar(all, fraction!, work);
    for (const range of moving) cut(range, bar);
  };

  return {
    name: `${optimiser.name} with coordinate-wise clipping`,
    rate: optimiser.rate,
    init: (parameters, ranges) => optimiser.init(parameters, ranges),
    step(state, parameters, gradient, rate = rateAt(optimiser.rate, state.steps)) {
      state.check('parameters', parameters);
      state.check('gradient', gradient);
      // Non-finite gradients are left for the optimiser to reject: once clipped, they would go unnoticed.
      if (fraction === 0 || !finiteWhereMoved(state, gradient)) {
        optimiser.step(state, parameters, gradient, rate);
        return;
      }
      const room = roomOf(state, parameters);
      const { values, before } = room;
      if (where === 'gradient') {
        values.set(gradient);
        bars(state, room, ({ from, to }, bar) => {
          for (let k = from; k < to; k++) values[k] = clamp(gradient[k], -bar, bar);
        });
        optimiser.step(state, parameters, values, rate);
        return;
      }
      before.set(parameters);
      optimiser.step(state, parameters, gradient, rate);
      // Ranges may have different learning rates: the update is measured before multiplication by them.
      for (const { from, to, rateFactor } of state.ranges) {
        const length = rate * rateFactor;
        for (let k = from; k < to; k++) values[k] = length > 0 ? (parameters[k] - before[k]) / length : 0;
      }
      bars(state, room, ({ from, to, rateFactor }, bar) => {
        const most = bar * rate * rateFactor;
        // Values within the threshold keep the optimiser's result bit for bit.
        for (let k = from; k < to; k++) {
          if (Math.abs(values[k]) > bar) parameters[k] = before[k] + (values[k] > 0 ? most : -most);
        }
      });
    },
  };
}

function finiteWhereMoved({ ranges }: OptimiserState, gradient: Numbers): boolean {
  for (const { from, to, frozen } of ranges) {
    for (let k = from; !frozen && k < to; k++) if (!Number.isFinite(gradient[k])) return false;
  }
  return true;
}
