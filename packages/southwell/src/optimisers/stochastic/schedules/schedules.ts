import { fail, knownKeys, type OptionKeys, wholeNumber } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { atLeastZero, belowOne } from '../ranges.ts';

/** A learning-rate schedule: a pure function of the step count, bit-identical in every engine. */
export type Schedule = (step: number) => number;

/** The rate at a step. */
export const rateAt = (rate: number | Schedule, step: number): number => (typeof rate === 'number' ? rate : rate(step));

interface Rated {
  /** Maximum learning rate. */
  readonly rate: number;
}

/** Constant learning rate. */
export function constantRate(rate: number): Schedule {
  atLeastZero('rate', rate);
  return () => rate;
}

export interface StepDecayOptions extends Rated {
  /** Steps between decays. */
  readonly every: number;
  /** Decay factor. Default 0.1. */
  readonly factor?: number;
}
const stepKeys: OptionKeys<StepDecayOptions> = { rate: true, every: true, factor: true };

/** rate·factor^⌊step/every⌋. @throws INVALID_PARAMETER. */
export function stepDecay(options: StepDecayOptions): Schedule {
  knownKeys('stepDecay', options, stepKeys);
  const { rate, every, factor = 0.1 } = options;
  atLeastZero('rate', rate);
  atLeastZero('factor', factor);
  wholeNumber('every', every, 1);
  return (step) => rate * elementary.power(factor, Math.floor(step / every));
}

export interface ExponentialDecayOptions extends Rated {
  /** Decay factor per step. */
  readonly factor: number;
}
const exponentialKeys: OptionKeys<ExponentialDecayOptions> = { rate: true, factor: true };

/** rate·factor^step. @throws INVALID_PARAMETER. */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  knownKeys('exponentialDecay', options, exponentialKeys);
  const { rate, factor } = options;
  atLeastZero('rate', rate);
  atLeastZero('factor', factor);
  return (step) => rate * elementary.power(factor, step);
}

export interface InverseDecayOptions extends Rated {
  /** The step at which the rate of 1/t has fallen to half of its maximum, that of 1/√t to 1/√2 of it. Default 1. */
  readonly after?: number;
}
const inverseKeys: OptionKeys<InverseDecayOptions> = { rate: true, after: true };

function inverse(name: string, options: InverseDecayOptions, of: (part: number) => number): Schedule {
  knownKeys(name, options, inverseKeys);
  const { rate, after = 1 } = options;
  atLeastZero('rate', rate);
  if (!(after > 0 && Number.isFinite(after))) fail('INVALID_PARAMETER', `after must be above 0, but is ${after}.`);
  return (step) => rate * of(after / (after + step));
}

/** rate·after/(after + step): by default rate/t, t = 1, 2, … @throws INVALID_PARAMETER. */
export const inverseDecay = (options: InverseDecayOptions): Schedule =>
  inverse('inverseDecay', options, (part) => part);

/** rate·√(after/(after + step)): by default rate/√t, t = 1, 2, … @throws INVALID_PARAMETER. */
export const inverseRootDecay = (options: InverseDecayOptions): Schedule =>
  inverse('inverseRootDecay', options, Math.sqrt);

export interface DecayOptions extends Rated {
  /** Total steps including warm-up; afterwards the rate stays at `least`. */
  readonly steps: number;
  /** Linear warm-up steps; the first rate is rate/(warmup + 1). Default 0. */
  readonly warmup?: number;
  /** The final rate. Default 0. */
  readonly least?: number;
}
const decayKeys: OptionKeys<DecayOptions> = { rate: true, steps: true, warmup: true, least: true };

/** A linear warm-up, then the decay `fall`, a function from 1 to 0 of the completed fraction of the remaining steps. */
function warmed(name: string, options: DecayOptions, fall: (part: number) => number): Schedule {
  knownKeys(name, options, decayKeys);
  const { rate, steps, warmup = 0, least = 0 } = options;
  atLeastZero('rate', rate);
  atLeastZero('least', least);
  wholeNumber('steps', steps, 1);
  wholeNumber('warmup', warmup, 0, steps - 1);
  if (least > rate) fail('INVALID_PARAMETER', `least cannot be above the rate of ${rate}, but is ${least}.`);
  return (step) => {
    if (step < warmup) return (rate * (step + 1)) / (warmup + 1);
    return least + (rate - least) * fall(Math.min(1, (step - warmup) / (steps - warmup)));
  };
}

/**
 * Cosine decay from the rate to `least` (Loshchilov & Hutter, ICLR 2017, without restarts), after a linear warm-up.
 * @throws INVALID_PARAMETER.
 */
export const cosineDecay = (options: DecayOptions): Schedule =>
  warmed('cosineDecay', options, (part) => (1 + elementary.cos(Math.PI * part)) / 2);

/**
 * Linear decay from the rate to `least`, after a linear warm-up.
 * @throws INVALID_PARAMETER.
 */
export const linearDecay = (options: DecayOptions): Schedule => warmed('linearDecay', options, (part) => 1 - part);

export interface OneCycleOptions extends Rated {
  /** Total steps. */
  readonly steps: number;
  /** Fraction of the steps spent increasing the rate. Default 0.3. */
  readonly rising?: number;
  /** Maximum rate divided by the initial one. Default 25. */
  readonly rise?: number;
  /** Initial rate divided by the final one. Default 1e4. */
  readonly fall?: number;
  /** Shape of the increase and decrease. Default 'cosine'. */
  readonly shape?: 'cosine' | 'linear';
}
const cycleKeys: OptionKeys<OneCycleOptions> = {
  rate: true,
  steps: true,
  rising: true,
  rise: true,
  fall: true,
  shape: true,
};

/**
 * One-cycle schedule (Smith & Topin 2019, PyTorch's variant).
 * @throws INVALID_PARAMETER.
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  knownKeys('oneCycle', options, cycleKeys);
  const { rate, steps, rising = 0.3, rise = 25, fall = 1e4, shape = 'cosine' } = options;
  atLeastZero('rate', rate);
  wholeNumber('steps', steps, 2);
  if (!(rising > 0 && rising < 1)) fail('INVALID_PARAMETER', `rising must be between 0 and 1, but is ${rising}.`);
  if (!(rise >= 1 && fall >= 1))
    fail('INVALID_PARAMETER', `rise and fall must be at least 1, not ${rise} and ${fall}.`);
  if (shape !== 'cosine' && shape !== 'linear') {
    fail('INVALID_PARAMETER', `The shape of oneCycle must be 'cosine' or 'linear', not '${String(shape)}'.`);
  }
  const part = shape === 'linear' ? (u: number) => u : (u: number) => (1 - elementary.cos(Math.PI * u)) / 2;
  const [first, last] = [rate / rise, rate / rise / fall];
  const [top, end] = [rising * steps - 1, steps - 1];
  return (step) => {
    if (step <= top) return first + (rate - first) * part(step / top);
    return rate + (last - rate) * part(Math.min(1, (step - top) / (end - top)));
  };
}

export interface WarmupStableDecayOptions extends Rated {
  /** Steps of the warm-up, the constant phase, and the linear decay. */
  readonly warmup: number;
  readonly stable: number;
  readonly decay: number;
  /** The final rate. Default 0. */
  readonly least?: number;
}
const stableKeys: OptionKeys<WarmupStableDecayOptions> = {
  rate: true,
  warmup: true,
  stable: true,
  decay: true,
  least: true,
};

/**
 * Warm-up–stable–decay schedule (WSD: Hu et al. 2024).
 * @throws INVALID_PARAMETER.
 */
export function warmupStableDecay(options: WarmupStableDecayOptions): Schedule {
  knownKeys('warmupStableDecay', options, stableKeys);
  const { rate, warmup, stable, decay, least = 0 } = options;
  wholeNumber('stable', stable, 0);
  wholeNumber('decay', decay, 1);
  const down = linearDecay({ rate, steps: warmup + decay, warmup, least });
  return (step) => down(step < warmup ? step : Math.max(warmup, step - stable));
}

export interface WarmupPowerOptions extends Rated {
  /** T: the rate is 0 from step T on. */
  readonly steps: number;
  /** Warm-up fraction, in [0, 1). Default 0. */
  readonly warmup?: number;
  /** Exponent of the decay: 1 is linear. Default 1. */
  readonly power?: number;
}
const powerKeys: OptionKeys<WarmupPowerOptions> = { rate: true, steps: true, warmup: true, power: true };

/**
 * rate·t/(pT) for the first p = `warmup` of T steps, then rate·(1 − (t − pT)/(T − pT))^power, t = 1 … T: the shape to
 * which refined schedules are fitted (arXiv 2310.07831); {@link fitWarmupPower} determines p and the power.
 * @throws INVALID_PARAMETER.
 */
export function warmupPowerDecay(options: WarmupPowerOptions): Schedule {
  knownKeys('warmupPowerDecay', options, powerKeys);
  const { rate, steps, warmup = 0, power = 1 } = options;
  atLeastZero('rate', rate);
  wholeNumber('steps', steps, 1);
  belowOne('warmup', warmup);
  if (!(power > 0 && Number.isFinite(power))) fail('INVALID_PARAMETER', `power must be above 0, but is ${power}.`);
  return (step) => rate * warmupPower(Math.min(1, (step + 1) / steps), warmup, power);
}

/** The shape of {@link warmupPowerDecay} at a fraction of the run. */
export function warmupPower(part: number, warmup: number, power: number): number {
  return part < warmup ? part / warmup : elementary.power(Math.max(0, 1 - (part - warmup) / (1 - warmup)), power);
}

export interface TabulatedOptions extends Rated {
  /** Multipliers of the rate for each step, at least 0; the last one applies afterwards. */
  readonly values: ArrayLike<number>;
}
const tabulatedKeys: OptionKeys<TabulatedOptions> = { rate: true, values: true };

/**
 * rate·values[step], with a copy of the values, such as those of {@link refineSchedule}. @throws INVALID_PARAMETER,
 * EMPTY.
 */
export function tabulatedSchedule(options: TabulatedOptions): Schedule {
  knownKeys('tabulatedSchedule', options, tabulatedKeys);
  const { rate } = options;
  atLeastZero('rate', rate);
  const values = Float64Array.from(options.values);
  if (values.length === 0) fail('EMPTY', 'A schedule needs at least one value.');
  for (const [t, v] of values.entries()) atLeastZero(`Value ${t + 1} of the schedule`, v);
  return (step) => rate * values[Math.min(step, values.length - 1)];
}
