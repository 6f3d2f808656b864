import { networkKernels } from '@southwell/kernels/networks';
import { checkOption, fail } from '@southwell/numerics/core';
import { type ParameterRange, type ResolvedRange, resolveRanges } from './ranges.ts';
import { rateAt, ratedRecords, type Schedule } from './schedules/schedules.ts';
import {
  type Numbers,
  OptimiserState,
  restoreState,
  type SavedOptimiser,
  type SlotSpec,
  type Visitor,
} from './state.ts';

/** A first-order optimiser of parameters in one array, with the gradient in another. */
export interface TrainingOptimiser {
  readonly name: string;
  /** Learning rate, or a schedule. */
  readonly rate: number | Schedule;
  /**
   * Creates a state for parameters like these, which are not changed. It is allocated in their memory, which may
   * invalidate views: read them again.
   * @throws INVALID_PARAMETER for invalid ranges.
   */
  init(parameters: Numbers, ranges?: readonly ParameterRange[]): OptimiserState;
  /**
   * One step, in place; the gradient is unchanged. `rate` is the learning rate of this step; by default the optimiser's
   * own at {@link OptimiserState.steps}. If both arrays are in kernel memory, nothing is allocated on one thread.
   * Threads of that memory (`useThreads` of autodiff) share the steps of adamW, sgd and adagrad, with bit-identical
   * results.
   * @throws NON_FINITE, with the index, if a gradient is not finite: then nothing was changed; INVALID_SHAPE and
   * INVALID_PARAMETER for arguments that do not match the state.
   */
  step(state: OptimiserState, parameters: Numbers, gradient: Numbers, rate?: number): void;
}

/** How an optimiser changes parameters: the input of {@link trainingOptimiser}. */
export interface UpdateRule {
  readonly name: string;
  readonly rate: number | Schedule;
  readonly weightDecay: number;
  readonly slots: readonly SlotSpec[];
  readonly scalars?: readonly number[];
  /** Bytes of scratch for these ranges. */
  scratch?(ranges: readonly ResolvedRange[], bytes: number): number;
  /** Called once per step, before all parameters. */
  begin?(state: OptimiserState): void;
  /** Updates the n parameters at address p from index `at` of a range, with gradients at g. */
  update(piece: Piece): void;
  /** For rules that pass over ranges twice: the action between the passes, and the second update. */
  readonly second?: {
    wanted(range: ResolvedRange): boolean;
    between(state: OptimiserState, index: number): void;
    update(piece: Piece): void;
  };
}

/** A piece of a range and how to update it; one object is reused for all pieces, so that steps allocate nothing. */
export interface Piece {
  readonly state: OptimiserState;
  readonly index: number;
  readonly at: number;
  readonly n: number;
  readonly g: number;
  readonly p: number;
  readonly rate: number;
  readonly decay: number;
}

class Sweep implements Piece, Visitor {
  state!: OptimiserState;
  index = 0;
  at = 0;
  n = 0;
  g = 0;
  p = 0;
  rate = 0;
  decay = 0;
  update: (piece: Piece) => void = () => {};

  visit(index: number, at: number, n: number, g: number, p: number): void {
    this.index = index;
    this.at = at;
    this.n = n;
    this.g = g;
    this.p = p;
    this.update(this);
  }
}

/** Checks whether gradients are finite. */
class Probe implements Visitor {
  bad = 0;
  state!: OptimiserState;
  visit(_index: number, _at: number, n: number, g: number): void {
    const kernels = this.state.arena.use(networkKernels);
    this.bad |= this.state.single ? kernels.snotFinite(n, g) : kernels.notFinite(n, g);
  }
}

/** @internal An optimiser from its rule. */
export function trainingOptimiser(rule: UpdateRule): TrainingOptimiser {
  const { name, slots, scalars = [] } = rule;
  const [sweep, probe] = [new Sweep(), new Probe()];
  const { second } = rule;
  /** A rule must not keep a discarded state alive between steps. */
  const none = undefined as unknown as OptimiserState;
  return {
    name,
    rate: rule.rate,
    init(parameters, ranges = []) {
      if (!(parameters instanceof Float32Array || parameters instanceof Float64Array)) {
        fail('INVALID_SHAPE', 'Parameters must be a Float32Array or Float64Array.');
      }
      const resolved = resolveRanges(parameters.length, ranges);
      const bytes = rule.scratch?.(resolved, parameters.BYTES_PER_ELEMENT) ?? 0;
      return new OptimiserState(name, parameters, resolved, slots, scalars, bytes);
    },
    step(state, parameters, gradient, rate = rateAt(rule.rate, state.steps)) {
      if (state.optimiser !== name) {
        fail('INVALID_PARAMETER', `The state belongs to ${state.optimiser}, not to ${name}.`);
      }
      state.check('parameters', parameters);
      state.check('gradient', gradient);
      checkOption('The rate of a step', ratedRecords.rate, rate);
      const { ranges } = state;
      probe.state = state;
      for (let k = 0; k < ranges.length; k++) {
        if (ranges[k].frozen) continue;
        probe.bad = 0;
        state.sweep(k, gradient, gradient, probe);
        if (probe.bad !== 0) refuse(gradient, ranges[k]);
      }
      rule.begin?.(state);
      sweep.state = state;
      for (let k = 0; k < ranges.length; k++) {
        const range = ranges[k];
        if (range.frozen) continue;
        sweep.rate = rate * range.rateFactor;
        sweep.decay = range.weightDecay ?? rule.weightDecay;
        sweep.update = rule.update;
        state.sweep(k, gradient, parameters, sweep);
        if (!second?.wanted(range)) continue;
        second.between(state, k);
        sweep.update = second.update;
        state.sweep(k, gradient, parameters, sweep);
      }
      sweep.state = probe.state = none;
      state.steps++;
    },
  };
}

function refuse(gradient: Numbers, { from, to, name }: ResolvedRange): never {
  const k = from + gradient.subarray(from, to).findIndex((v) => !Number.isFinite(v));
  const within = from > 0 || to < gradient.length ? `, entry ${k - from + 1} of '${name}'` : '';
  return fail(
    'NON_FINITE',
    `The gradient holds ${gradient[k]} in entry ${k + 1}${within}. ` +
      'Nothing was changed: lower the rate, clip gradients, or look where the value comes from.',
  );
}

/**
 * Restores a state saved by {@link saveState} for the same optimiser, parameters and ranges; subsequent steps are
 * bit-identical.
 * @throws INVALID_PARAMETER if the saved state does not match them.
 */
export function loadState(
  optimiser: TrainingOptimiser,
  saved: SavedOptimiser,
  parameters: Numbers,
  ranges?: readonly ParameterRange[],
): OptimiserState {
  const state = optimiser.init(parameters, ranges);
  restoreState(state, saved);
  return state;
}
