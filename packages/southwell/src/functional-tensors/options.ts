import { fail, knownKeys, type OptionKeys, type RunOptions, runKeys, wholeNumber } from '@southwell/numerics/core';
import { MATERN_KERNELS, type MaternName } from './matern.ts';
import { packedSize } from './packed.ts';
import type { Damping, FunctionalFactors, FunctionalState, Settings } from './sweeps.ts';

export const TENSOR_FORMS = ['tucker', 'cp'] as const;
export type TensorForm = (typeof TENSOR_FORMS)[number];

/** One number for all axes, or one for each. */
export type EachAxis<T> = T | readonly T[];

export interface FunctionalTuckerOptions extends Omit<RunOptions<FunctionalFactors>, 'tol'> {
  /** Number of functions of each axis. */
  readonly rank: number;
  /** `tucker` (default): a core weighs all products of functions. `cp`: the sum of products of those of one number. */
  readonly form?: TensorForm;
  /** Kernel of the Gaussian-process priors. Default 'matern32'. */
  readonly kernel?: MaternName;
  /**
   * In shares of the range of their axis, which is scaled to [0, 1]. Default: chosen by the error on entries that are held
   * back, 0.3 where there are too few for that.
   */
  readonly lengthscales?: EachAxis<number>;
  /** Of the functions, of values scaled to deviation 1. Default 1. */
  readonly variances?: EachAxis<number>;
  /** What is 0 and what 1 along each axis, in units of the indices. Default: as far as the indices go. */
  readonly ranges?: ReadonlyArray<readonly [number, number] | undefined>;
  /**
   * Takes the mean off the values first. A constant is of rank one: without, it takes part of the rank, and with it, a field of
   * rank one may become one of rank two. Default: chosen as the length scales are; true where there are too few entries.
   */
  readonly centre?: boolean;
  /** Damping factors of the updates, in [0, 1). */
  readonly damping?: Damping;
  /** Sweeps per initialisation. Default 40. */
  readonly sweeps?: number;
  /** Sweeps of each start in which the noise is taken as a tenth of the deviation. Default 15, or a third of the sweeps. */
  readonly warmup?: number;
  /** Number of initialisations, of which the most likely is kept. Default 3. */
  readonly restarts?: number;
  /** Whether to propagate the uncertainty of the core to factors and noise, which the paper's code omits. Default false. */
  readonly coreUncertainty?: boolean;
  /**
   * Share of the entries that are left out of the fit, to calibrate intervals on: by how far they lie from their means in
   * deviations. 0: all are fitted, and intervals are as the posterior has them. Default 0.1, of fewer than 100 entries 0.
   */
  readonly calibrate?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Told before each fit, with its number from 0 of so many. */
  readonly onStage?: (stage: { readonly title: string; readonly fit: number; readonly of: number }) => void;
  /** State from a checkpoint of a fit with the same entries and options. */
  readonly resume?: FitState;
}

/** What a checkpoint keeps of a fit: what came before its sweeps, and where these stand. */
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

const dampingKeys: OptionKeys<Damping> = { factors: true, core: true, noise: true };
const { tol: _, ...limits } = runKeys;
export const functionalKeys: OptionKeys<FunctionalTuckerOptions> = {
  ...limits,
  rank: true,
  form: true,
  kernel: true,
  lengthscales: true,
  variances: true,
  ranges: true,
  centre: true,
  damping: true,
  sweeps: true,
  warmup: true,
  restarts: true,
  coreUncertainty: true,
  calibrate: true,
  seed: true,
  onStage: true,
  resume: true,
};

/**
 * Small noise keeps the prior from pulling all factors to zero, and one that is smaller yet keeps what is weak beside the rest.
 */
const FIRST_TAUS = [100, 1000, 10_000];
/** The largest core, R^K. */
const LARGEST_CORE = 2000;
/** Where there are too few entries to choose by. */
export const USUAL_LENGTHSCALE = 0.3;

/**
 * Checks what does not depend on the data.
 * @throws INVALID_PARAMETER.
 */
export function checkOptions(where: string, options: FunctionalTuckerOptions): void {
  knownKeys(where, options, functionalKeys);
  knownKeys('damping', options.damping, dampingKeys);
  const { rank, form = 'tucker', kernel = 'matern32', damping = {}, calibrate = 0, sweeps = 1, restarts = 1 } = options;
  wholeNumber('rank', rank, 1);
  if (!TENSOR_FORMS.includes(form)) {
    fail('INVALID_PARAMETER', `There is no form '${form}'; there are ${TENSOR_FORMS.join(', ')}.`);
  }
  if (!MATERN_KERNELS.includes(kernel)) {
    fail('INVALID_PARAMETER', `There is no kernel '${kernel}'; there are ${MATERN_KERNELS.join(', ')}.`);
  }
  wholeNumber('sweeps', sweeps, 1);
  wholeNumber('restarts', restarts, 1);
  if (options.warmup !== undefined) wholeNumber('warmup', options.warmup, 0);
  for (const [name, value] of Object.entries(damping)) {
    if (value !== undefined && !(value >= 0 && value < 1)) {
      fail('INVALID_PARAMETER', `damping.${name} must be at least 0 and below 1, but is ${value}.`);
    }
  }
  if (!(calibrate >= 0 && calibrate <= 0.5)) {
    fail('INVALID_PARAMETER', `calibrate must be a share from 0 to 0.5, but is ${calibrate}.`);
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
      `A core of rank ${rank} along ${K} axes has ${rank ** K} entries, more than ${LARGEST_CORE}: take a smaller rank, or the form 'cp', which has none.`,
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
      fail('INVALID_PARAMETER', `${name} must be numbers above 0, but has ${value}.`);
    }
  }
  return list;
}
