import {
  checkGiven,
  checkOption,
  choiceOption,
  fail,
  flagOption,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsNeeding,
  type OptionsOf,
  otherOption,
  type RunOptions,
  runKeys,
  seedOption,
} from '@southwell/numerics/core';
import { kernelTitles } from './matern.ts';
import { packedSize } from './packed.ts';
import type { FunctionalFactors, FunctionalState, Settings } from './sweeps.ts';

const formTitles = { tucker: 'Tucker: a core weighs all products', cp: 'CP: a sum of products' } as const;
export type TensorForm = keyof typeof formTitles;

/** One number for all axes, or one for each. */
export type EachAxis<T> = T | readonly T[];

const dampingRecords = {
  /** Damping of the factors. Default 0.3. */
  factors: numberOption({ min: 0, below: 1 }),
  /** Damping of the core. Default 0.3. */
  core: numberOption({ min: 0, below: 1 }),
  /** Damping of the noise. Default 0.5. */
  noise: numberOption({ min: 0, below: 1 }),
};

export interface Damping extends OptionsOf<typeof dampingRecords> {}

export const functionalRecords = {
  /** Number of functions of each axis. */
  rank: integerOption({ min: 1 }, { title: 'Rank', about: 'number of functions of each axis' }),
  /** `tucker` (default): a core weighs all products of functions. `cp`: a sum of products of functions of the same index. */
  form: choiceOption(formTitles, { title: 'Form', about: 'decomposition', default: 'tucker' }),
  /** Kernel of the Gaussian-process priors. Default 'matern32'. */
  kernel: choiceOption(kernelTitles, {
    title: 'Kernel',
    about: 'kernel of the Gaussian processes',
    default: 'matern32',
  }),
  /**
   * Kernel length scales as fractions of the range of their axis, which is scaled to [0, 1]. Default: chosen by the error on
   * held-out entries, or 0.3 where there are too few entries for that.
   */
  lengthscales: otherOption<EachAxis<number>>('numbers above 0'),
  /** Prior variances of the functions, of values scaled to unit variance. Default 1. */
  variances: otherOption<EachAxis<number>>('numbers above 0'),
  /** Interval of each axis that is scaled to [0, 1], in the units of the indices. Default: the range of the data. */
  ranges: otherOption<ReadonlyArray<readonly [number, number] | undefined>>('an interval for each axis'),
  /**
   * Subtracts the mean of the values first. A constant is of rank one: without centring it uses up part of the rank, and with
   * it, a field of rank one may become one of rank two. Default: chosen as the length scales are; true where there are too few
   * entries.
   */
  centre: flagOption(),
  /** Damping factors of the updates, in [0, 1). */
  damping: otherOption<Damping>('an object with factors, core and noise'),
  /** Sweeps per initialisation. Default 40. */
  sweeps: integerOption(
    { min: 1 },
    { title: 'Sweeps', about: 'sweeps per initialisation', default: 40, form: { advanced: true } },
  ),
  /**
   * Initial sweeps of each restart in which the noise is fixed to a tenth of the standard deviation. Default 15, or a third of
   * the sweeps.
   */
  warmup: integerOption({ min: 0 }),
  /** Number of initialisations, of which the most likely is kept. Default 3. */
  restarts: integerOption(
    { min: 1 },
    {
      title: 'Initialisations',
      about: 'number of initialisations, of which the most likely is kept',
      default: 3,
      form: { advanced: true },
    },
  ),
  /** Whether to propagate the uncertainty of the core to factors and noise, which the paper's code omits. Default false. */
  coreUncertainty: flagOption(),
  /**
   * Fraction of the entries that are held out to calibrate intervals, by their errors in standard deviations. 0: all
   * entries are fitted and intervals are those of the posterior. Default 0.1, for fewer than 100 entries 0.
   */
  calibrate: numberOption({ min: 0, max: 0.5 }),
  /** Default 0. */
  seed: seedOption('seed of the initialisations and of the held-out entries'),
};

export interface FunctionalTuckerOptions
  extends OptionsNeeding<typeof functionalRecords, 'rank'>,
    Omit<RunOptions<FunctionalFactors>, 'tol'> {
  /** Called before each fit, with its number from 0 and the number of fits. */
  readonly onStage?: (stage: { readonly title: string; readonly fit: number; readonly of: number }) => void;
  /** State from a checkpoint of a fit with the same entries and options. */
  readonly resume?: FitState;
}

/** State of a fit in a checkpoint: the results before its sweeps, and the state of the sweeps. */
export interface FitState {
  readonly lengthscales: readonly number[];
  readonly centre: boolean;
  readonly tried?: readonly Tried[];
  readonly sweeps: FunctionalState;
}

export interface Tried {
  readonly lengthscales: readonly number[];
  readonly centre: boolean;
  /** Root mean squared error on held-out entries. */
  readonly error: number;
}

const { tol: _, ...limits } = runKeys;
export const functionalKeys: OptionKeys<FunctionalTuckerOptions> = {
  ...limits,
  ...keysOf(functionalRecords),
  onStage: true,
  resume: true,
};

/**
 * Initial noise precisions of the restarts: low noise prevents the prior from shrinking all factors to zero, and even
 * lower noise preserves weak components.
 */
const FIRST_TAUS = [100, 1000, 10_000];
/** Maximum size of the core, R^K. */
const LARGEST_CORE = 2000;
/** Default for too few entries to choose. */
export const USUAL_LENGTHSCALE = 0.3;

/**
 * Checks what does not depend on the data.
 * @throws INVALID_PARAMETER.
 */
export function checkOptions(where: string, options: FunctionalTuckerOptions): void {
  knownKeys(where, options, functionalKeys);
  checkGiven(functionalRecords, options);
  knownKeys('damping', options.damping, keysOf(dampingRecords));
  for (const [name, value] of Object.entries(options.damping ?? {})) {
    if (value !== undefined) checkOption(`damping.${name}`, dampingRecords[name as keyof Damping], value);
  }
}

/**
 * The settings of a fit of K axes with these length scales.
 * @throws INVALID_PARAMETER.
 */
export function settingsOf(options: FunctionalTuckerOptions, K: number, lengthscales: readonly number[]): Settings {
  const { rank, form = 'tucker', kernel = 'matern32', damping = {}, sweeps = 40, restarts = 3, seed = 0 } = options;
  if (form === 'tucker' && rank ** K > LARGEST_CORE) {
    fail(
      'INVALID_PARAMETER',
      `A core of rank ${rank} along ${K} axes has ${rank ** K} entries, more than ${LARGEST_CORE}: use a smaller rank, or the form 'cp', which has no core.`,
    );
  }
  if (form === 'cp' && packedSize(rank) > LARGEST_CORE) {
    fail('INVALID_PARAMETER', `rank must be at most 62, but is ${rank}.`);
  }
  return {
    ...{ form, rank, kernel, lengthscales, sweeps, restarts, seed },
    variances: eachAxis('variances', options.variances ?? 1, K),
    damping: { factors: damping.factors ?? 0.3, core: damping.core ?? 0.3, noise: damping.noise ?? 0.5 },
    warmup: Math.min(options.warmup ?? 15, Math.ceil(sweeps / 3)),
    firstTaus: FIRST_TAUS,
    coreUncertainty: options.coreUncertainty ?? false,
  };
}

/**
 * A number above 0 for each of K axes.
 * @throws INVALID_SHAPE, INVALID_PARAMETER.
 */
export function eachAxis(name: string, given: EachAxis<number>, K: number): readonly number[] {
  const list = typeof given === 'number' ? new Array<number>(K).fill(given) : [...given];
  if (list.length !== K) fail('INVALID_SHAPE', `${name} has ${list.length} numbers for ${K} axes.`);
  for (const value of list) {
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
      fail('INVALID_PARAMETER', `${name} must be finite and above 0, but has ${value}.`);
    }
  }
  return list;
}
