import {
  checkGiven,
  checkOption,
  choiceOption,
  fail,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionsNeeding,
  type OptionsOf,
  otherOption,
  wholeNumber,
} from '@southwell/numerics/core';
import {
  checkPrivacy,
  gaussianUnits,
  type IntegerNoise,
  laplaceScale,
  type Privacy,
  privacyRecords,
  variance,
} from './grids.ts';
import { ballRadius, gaussianGrid } from './mechanisms.ts';

const oneRoundTitles = {
  noninteractive: 'products of features, and with the target',
  public: 'products with the target only',
} as const;
const modeTitles = { ...oneRoundTitles, sequential: 'gradients, in rounds' } as const;

export type LdpMode = keyof typeof modeTitles;

/** Range of scales. Products of three of them neither overflow nor underflow: an error that depends on the values would reveal something. */
const scales = { min: 1e-75, max: 1e75 };
const scale = numberOption(scales);

/** Options of protocols in which every person sends one report, the only ones that can be agreed on in a file. */
export const oneRoundRecords = {
  mode: choiceOption(oneRoundTitles, {
    title: 'Reports',
    about:
      'what each person sends; public: the server has public covariates of other people and needs no products of features',
    default: 'noninteractive',
  }),
};

/** Bounds at which values are clipped. */
export const clipRecords = {
  /** On the ℓ₂ norm of a person's features, or in `sequential` mode on each feature. */
  x: scale,
  /** On the target. */
  y: scale,
};

const designRecords = {
  /** Number of features. */
  d: integerOption({ min: 1, max: 4096 }),
  /**
   * `noninteractive`: every person sends a matrix and a vector in a single round; `public`: a vector, with public covariates of
   * other people; `sequential`: groups of people send gradients in successive rounds.
   */
  mode: choiceOption(modeTitles),
  /**
   * `x`: bound on the ℓ₂ norm of a person's features, or in `sequential` mode on each feature; `y`: on the target. Larger values
   * are clipped. Choose about the known typical size: a larger bound means more noise, a smaller one more bias.
   */
  clip: otherOption<Required<OptionsOf<typeof clipRecords>>>('an object with x and y'),
  /** `sequential`: number of coefficients kept. Otherwise, if given: maximum number of coefficients, the largest. */
  sparsity: integerOption(
    { min: 1 },
    {
      title: 'Maximum number of coefficients',
      about: 'maximum number of nonzero coefficients; the largest are kept',
      argument: 'count',
      form: { hint: 'all', advanced: true },
    },
  ),
  /** Soft threshold of the coefficients. Default: the expected largest of d coefficients of pure noise. Not for `sequential`. */
  lambda: numberOption(
    { min: 0, finite: true },
    {
      title: 'Soft threshold',
      about: 'soft threshold of the coefficients of scaled columns',
      argument: 'threshold',
      otherwise: 'the size that the noise alone would reach',
      form: { hint: 'by the noise' },
    },
  ),
  /** Lower bound of the eigenvalues of the covariance of the features. Default: 0.3 of their mean. Not for `sequential`. */
  eigenFloor: numberOption(scales, {
    title: 'Eigenvalue floor',
    about: 'lower bound of the eigenvalues of the noisy covariance of the features',
    argument: 'value',
    otherwise: '0.3 of their mean',
    form: { hint: '0.3 of their mean', advanced: true },
  }),
  /** `sequential`: number of groups, and so of steps; ln n in the theory. */
  rounds: integerOption({ min: 1, max: 10_000 }),
  /** `sequential`: the inverse of the largest eigenvalue of the covariance. Default 1. */
  stepSize: scale,
  /** Bound on ‖θ‖₂, onto which estimates are projected; default 1 for `sequential`, otherwise none. */
  thetaBound: numberOption(scales, {
    title: 'Coefficient bound',
    about: 'bound on the norm of the coefficients of scaled columns',
    argument: 'norm',
    form: { hint: 'none', advanced: true },
  }),
};

export const ldpRecords = {
  ...designRecords,
  /** Privacy of the single report of each person, above 0 and finite. */
  epsilon: privacyRecords.epsilon,
  /** Default 0: pure privacy, by Laplace noise or the ball mechanism. Above 0: Gaussian noise. */
  delta: privacyRecords.delta,
};

/** What all parties agree on before any data are seen. None of it may be chosen by looking at private data. */
export interface LdpOptions extends OptionsNeeding<typeof ldpRecords, 'd' | 'epsilon' | 'mode' | 'clip'> {}

/** How people's features and targets are mapped to whole numbers, and the noise that is added. */
export interface Moments {
  /**
   * Features are whole multiples q of this with Σq² ≤ `radius`²; the target is a whole multiple t with |t| ≤ `most`.
   */
  readonly step: { readonly x: number; readonly y: number };
  readonly radius: number;
  readonly most: number;
  /** For the products qᵢqⱼ, i ≤ j; absent if covariates are public. */
  readonly matrix?: IntegerNoise;
  /** For the products qⱼt. */
  readonly vector: IntegerNoise;
}

/** Options with their defaults, and the quantities derived from them. */
export interface Design {
  readonly options: LdpOptions;
  readonly privacy: Privacy;
  /** For one-round modes. */
  readonly moments?: Moments;
  /** For sequential mode: the bound on gradients, and whether they are reported as points of a sphere. */
  readonly gradient?: { readonly bound: number; readonly mechanism: 'ball' | 'gaussian'; readonly deviation: number };
}

/** Approximate number of grid units between 0 and the bound of the features. */
const FINE = 2 ** 16;

/**
 * The grids and noise distributions of a protocol.
 * @throws INVALID_PARAMETER, NOT_SUPPORTED.
 */
export function designOf(options: LdpOptions): Design {
  if (options && 'standardize' in options) {
    fail(
      'NOT_SUPPORTED',
      'Means and standard deviations of private data reveal information about them. Divide by public scales instead, before clipping.',
    );
  }
  knownKeys('ldpSparseRegression', options, keysOf(ldpRecords));
  const { d, epsilon, delta = 0, mode, clip, sparsity, rounds } = options;
  checkOption('d', designRecords.d, d);
  const privacy = { epsilon, delta };
  checkPrivacy(privacy);
  checkOption('mode', designRecords.mode, mode);
  knownKeys('clip', clip, keysOf(clipRecords));
  checkOption('clip.x', clipRecords.x, clip?.x);
  checkOption('clip.y', clipRecords.y, clip?.y);
  checkGiven(designRecords, options);
  if (sparsity !== undefined) wholeNumber('sparsity', sparsity, 1, d);
  const others = mode === 'sequential' ? (['lambda', 'eigenFloor'] as const) : (['rounds', 'stepSize'] as const);
  for (const name of others) {
    if (options[name] !== undefined) fail('INVALID_PARAMETER', `${name} is not available in mode '${mode}'.`);
  }
  if (mode !== 'sequential') return { options, privacy, moments: momentsOf(options, privacy) };
  if (sparsity === undefined)
    fail('INVALID_PARAMETER', "Mode 'sequential' needs sparsity, the number of coefficients to keep.");
  if (rounds === undefined) fail('INVALID_PARAMETER', "Mode 'sequential' needs rounds, the number of groups.");
  const { thetaBound = 1 } = options;
  // ‖x̃(x̃ᵀθ − ỹ)‖ ≤ √d·τ₁·(√k·τ₁·‖θ‖ + τ₂) for k coefficients.
  const bound = Math.sqrt(d) * clip.x * (Math.sqrt(sparsity) * clip.x * thetaBound + clip.y);
  const { step, noise } = delta > 0 ? gaussianGrid({ ...privacy, bound }) : { step: 0, noise: undefined };
  const deviation = noise ? step * Math.sqrt(variance(noise)) : ballRadius(d, { epsilon, bound }) / Math.sqrt(d);
  return { options, privacy, gradient: { bound, mechanism: noise ? 'gaussian' : 'ball', deviation } };
}

/**
 * Sensitivities, for any whole q, q′ with Σq² ≤ Q² and t, t′ of at most T in absolute value:
 *
 * - the upper triangle u of qqᵀ has ‖u‖₂ ≤ ‖qqᵀ‖_F = Σq² ≤ Q², and ⟨u, u′⟩ = ½((Σqᵢq′ᵢ)² + Σqᵢ²q′ᵢ²) ≥ 0, so that
 *   ‖u − u′‖² ≤ ‖u‖² + ‖u′‖² ≤ 2Q⁴: the ℓ₂ sensitivity is √2·Q², less than the 2Q² from the triangle inequality;
 *   in ℓ₁, ‖u‖₁ = ½((Σ|qᵢ|)² + Σqᵢ²) ≤ ½(d + 1)Q², and the sensitivity is (d + 1)Q²;
 * - qt has ‖qt‖₂ ≤ QT, and since q′t′ may be −qt, the ℓ₂ sensitivity is 2QT; in ℓ₁, ‖qt‖₁ ≤ √d·QT.
 *
 * All bounds hold in whole numbers, so that rounding does not matter.
 */
function momentsOf({ d, mode, clip }: LdpOptions, privacy: Privacy): Moments {
  const whole = mode === 'public';
  // Two releases compose: their ε and δ add up.
  const each = whole ? privacy : { epsilon: privacy.epsilon / 2, delta: privacy.delta / 2 };
  const grid = (radius: number, most: number, rest: Pick<Moments, 'matrix' | 'vector'>): Moments => {
    if (radius < 64 || most < 64) {
      fail(
        'NOT_SUPPORTED',
        `epsilon ${privacy.epsilon} is too small: the noise would exceed the range of the reports.`,
      );
    }
    return { step: { x: clip.x / radius, y: clip.y / most }, radius, most, ...rest };
  };
  if (each.delta > 0) {
    const one = gaussianUnits(each, 4 * FINE * FINE);
    let radius = whole ? FINE : Math.floor(Math.sqrt(one.apart / Math.SQRT2));
    while (!whole && Math.SQRT2 * radius * radius > one.apart * (1 - 1e-15)) radius--;
    const noise: IntegerNoise = { kind: 'gaussian', bits: one.bits };
    return grid(radius, Math.floor(one.apart / (2 * radius)), { vector: noise, ...(!whole && { matrix: noise }) });
  }
  // As fine as scales of at most 2⁴⁴ permit.
  const radius = Math.min(FINE, Math.floor(Math.sqrt((2 ** 44 * each.epsilon) / (d + 1))));
  const apart = Math.ceil(2 * Math.sqrt(d) * (1 + 1e-15) * radius * radius);
  return grid(radius, radius, {
    vector: { kind: 'laplace', scale: laplaceScale(apart, each.epsilon) },
    ...(!whole && { matrix: { kind: 'laplace', scale: laplaceScale((d + 1) * radius * radius, each.epsilon) } }),
  });
}

/** Standard deviations of the noise of one report, in the units of xxᵀ and xy. */
export function deviationsOf({ step, matrix, vector }: Moments): { matrix: number; vector: number } {
  return {
    matrix: matrix ? step.x * step.x * Math.sqrt(variance(matrix)) : 0,
    vector: step.x * step.y * Math.sqrt(variance(vector)),
  };
}
