import {
  checkOption,
  checkOptions,
  choiceOption,
  fail,
  integerOption,
  numberOption,
  type OptionsNeeding,
  otherOption,
  wholeNumber,
} from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';

/** A learning-rate schedule: a pure function of the step count, bit-identical in every engine. */
export type Schedule = (step: number) => number;

/** The rate at a step. */
export const rateAt = (rate: number | Schedule, step: number): number => (typeof rate === 'number' ? rate : rate(step));

const size = numberOption({ min: 0, finite: true });
const aboveZero = numberOption({ min: 0, open: true, finite: true });

export const ratedRecords = {
  /** Maximum learning rate. */
  rate: size,
};

/** The learning rate of optimisers. */
export const rateRecords = {
  /** Learning rate, or a schedule. */
  rate: otherOption<number | Schedule>(
    'a schedule, or finite and at least 0',
    (rate) => typeof rate === 'function' || size.allows(rate),
  ),
};

/**
 * Constant learning rate.
 * @throws INVALID_PARAMETER.
 */
export function constantRate(rate: number): Schedule {
  checkOption('rate', ratedRecords.rate, rate);
  return () => rate;
}

const stepRecords = {
  ...ratedRecords,
  /** Steps between decays. */
  every: integerOption({ min: 1 }),
  /** Decay factor. Default 0.1. */
  factor: size,
};

export interface StepDecayOptions extends OptionsNeeding<typeof stepRecords, 'rate' | 'every'> {}

/** rate·factor^⌊step/every⌋. @throws INVALID_PARAMETER. */
export function stepDecay(options: StepDecayOptions): Schedule {
  checkOptions('stepDecay', stepRecords, options, ['rate', 'every']);
  const { rate, every, factor = 0.1 } = options;
  return (step) => rate * elementary.power(factor, Math.floor(step / every));
}

const exponentialRecords = {
  ...ratedRecords,
  /** Decay factor per step. */
  factor: size,
};

export interface ExponentialDecayOptions extends OptionsNeeding<typeof exponentialRecords, 'rate' | 'factor'> {}

/** rate·factor^step. @throws INVALID_PARAMETER. */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  checkOptions('exponentialDecay', exponentialRecords, options, ['rate', 'factor']);
  const { rate, factor } = options;
  return (step) => rate * elementary.power(factor, step);
}

const inverseRecords = {
  ...ratedRecords,
  /** The step at which the rate of 1/t has fallen to half of its maximum, that of 1/√t to 1/√2 of it. Default 1. */
  after: aboveZero,
};

export interface InverseDecayOptions extends OptionsNeeding<typeof inverseRecords, 'rate'> {}

function inverse(name: string, options: InverseDecayOptions, of: (part: number) => number): Schedule {
  checkOptions(name, inverseRecords, options, ['rate']);
  const { rate, after = 1 } = options;
  return (step) => rate * of(after / (after + step));
}

/** rate·after/(after + step): by default rate/t, t = 1, 2, … @throws INVALID_PARAMETER. */
export const inverseDecay = (options: InverseDecayOptions): Schedule =>
  inverse('inverseDecay', options, (part) => part);

/** rate·√(after/(after + step)): by default rate/√t, t = 1, 2, … @throws INVALID_PARAMETER. */
export const inverseRootDecay = (options: InverseDecayOptions): Schedule =>
  inverse('inverseRootDecay', options, Math.sqrt);

const decayRecords = {
  ...ratedRecords,
  /** Total steps including warm-up; afterwards the rate stays at `least`. */
  steps: integerOption({ min: 1 }),
  /** Linear warm-up steps; the first rate is rate/(warmup + 1). Default 0. */
  warmup: integerOption({ min: 0 }),
  /** The final rate. Default 0. */
  least: size,
};

export interface DecayOptions extends OptionsNeeding<typeof decayRecords, 'rate' | 'steps'> {}

/** A linear warm-up, then the decay `fall`, a function from 1 to 0 of the completed fraction of the remaining steps. */
function warmed(name: string, options: DecayOptions, fall: (part: number) => number): Schedule {
  checkOptions(name, decayRecords, options, ['rate', 'steps']);
  const { rate, steps, warmup = 0, least = 0 } = options;
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

const cycleRecords = {
  ...ratedRecords,
  /** Total steps. */
  steps: integerOption({ min: 2 }),
  /** Fraction of the steps spent increasing the rate. Default 0.3. */
  rising: numberOption({ min: 0, max: 1, open: true }),
  /** Maximum rate divided by the initial one. Default 25. */
  rise: numberOption({ min: 1 }),
  /** Initial rate divided by the final one. Default 1e4. */
  fall: numberOption({ min: 1 }),
  /** Shape of the increase and decrease. Default 'cosine'. */
  shape: choiceOption({ cosine: 'cosine', linear: 'linear' }),
};

export interface OneCycleOptions extends OptionsNeeding<typeof cycleRecords, 'rate' | 'steps'> {}

/**
 * One-cycle schedule (Smith & Topin 2019, PyTorch's variant).
 * @throws INVALID_PARAMETER.
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  checkOptions('oneCycle', cycleRecords, options, ['rate', 'steps']);
  const { rate, steps, rising = 0.3, rise = 25, fall = 1e4, shape = 'cosine' } = options;
  const part = shape === 'linear' ? (u: number) => u : (u: number) => (1 - elementary.cos(Math.PI * u)) / 2;
  const [first, last] = [rate / rise, rate / rise / fall];
  const [top, end] = [rising * steps - 1, steps - 1];
  return (step) => {
    if (step <= top) return first + (rate - first) * part(step / top);
    return rate + (last - rate) * part(Math.min(1, (step - top) / (end - top)));
  };
}

const stableRecords = {
  ...ratedRecords,
  /** Steps of the warm-up, the constant phase, and the linear decay. */
  warmup: integerOption({ min: 0 }),
  stable: integerOption({ min: 0 }),
  decay: integerOption({ min: 1 }),
  /** The final rate. Default 0. */
  least: size,
};

export interface WarmupStableDecayOptions
  extends OptionsNeeding<typeof stableRecords, 'rate' | 'warmup' | 'stable' | 'decay'> {}

/**
 * Warm-up–stable–decay schedule (WSD: Hu et al. 2024).
 * @throws INVALID_PARAMETER.
 */
export function warmupStableDecay(options: WarmupStableDecayOptions): Schedule {
  checkOptions('warmupStableDecay', stableRecords, options, ['rate', 'warmup', 'stable', 'decay']);
  const { rate, warmup, stable, decay, least = 0 } = options;
  const down = linearDecay({ rate, steps: warmup + decay, warmup, least });
  return (step) => down(step < warmup ? step : Math.max(warmup, step - stable));
}

const powerRecords = {
  ...ratedRecords,
  /** T: the rate is 0 from step T on. */
  steps: integerOption({ min: 1 }),
  /** Warm-up fraction, in [0, 1). Default 0. */
  warmup: numberOption({ min: 0, below: 1 }),
  /** Exponent of the decay: 1 is linear. Default 1. */
  power: aboveZero,
};

export interface WarmupPowerOptions extends OptionsNeeding<typeof powerRecords, 'rate' | 'steps'> {}

/**
 * rate·t/(pT) for the first p = `warmup` of T steps, then rate·(1 − (t − pT)/(T − pT))^power, t = 1 … T: the shape to
 * which refined schedules are fitted (arXiv 2310.07831); {@link fitWarmupPower} determines p and the power.
 * @throws INVALID_PARAMETER.
 */
export function warmupPowerDecay(options: WarmupPowerOptions): Schedule {
  checkOptions('warmupPowerDecay', powerRecords, options, ['rate', 'steps']);
  const { rate, steps, warmup = 0, power = 1 } = options;
  return (step) => rate * warmupPower(Math.min(1, (step + 1) / steps), warmup, power);
}

/** The shape of {@link warmupPowerDecay} at a fraction of the run. */
export function warmupPower(part: number, warmup: number, power: number): number {
  return part < warmup ? part / warmup : elementary.power(Math.max(0, 1 - (part - warmup) / (1 - warmup)), power);
}

const tabulatedRecords = {
  ...ratedRecords,
  /** Multipliers of the rate for each step, at least 0; the last one applies afterwards. */
  values: otherOption<ArrayLike<number>>('numbers finite and at least 0'),
};

export interface TabulatedOptions extends OptionsNeeding<typeof tabulatedRecords, 'rate' | 'values'> {}

/**
 * rate·values[step], with a copy of the values, such as those of {@link refineSchedule}. @throws INVALID_PARAMETER,
 * EMPTY.
 */
export function tabulatedSchedule(options: TabulatedOptions): Schedule {
  checkOptions('tabulatedSchedule', tabulatedRecords, options, ['rate']);
  const { rate } = options;
  const values = Float64Array.from(options.values);
  if (values.length === 0) fail('EMPTY', 'A schedule needs at least one value.');
  for (const [t, v] of values.entries()) checkOption(`Value ${t + 1} of the schedule`, size, v);
  return (step) => rate * values[Math.min(step, values.length - 1)];
}
