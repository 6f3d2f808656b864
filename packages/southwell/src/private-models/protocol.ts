import {
  checkGiven,
  checkOption,
  choiceOption,
  countOption,
  fail,
  keysOf,
  knownKeys,
  numberOption,
  type OptionsNeeding,
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

const modeTitles = {
  noninteractive: 'products of features, and with the target',
  public: 'products with the target only',
  sequential: 'gradients, in rounds',
} as const;

export type LdpMode = keyof typeof modeTitles;

/** A scale. Products of three of them neither overflow nor underflow: an error that depends on the values would reveal something. */
const scale = numberOption({ min: 1e-75, max: 1e75 });

const designRecords = {
  /** Number of features. */
  d: countOption({ min: 1, max: 4096 }),
  /**
   * `noninteractive`: every person sends a matrix and a vector in a single round; `public`: a vector, with public covariates of
   * other people; `sequential`: groups of people send gradients in successive rounds.
   */
  mode: choiceOption(modeTitles),
  /**
   * `x`: bound on the ℓ₂ norm of a person's features, or in `sequential` mode on each feature; `y`: on the target. Larger values
   * are clipped. Choose about the known typical size: a larger bound means more noise, a smaller one more bias.
   */
  clip: otherOption<{ readonly x: number; readonly y: number }>('an object with x and y'),
  /** `sequential`: number of coefficients kept. Otherwise, if given: maximum number of coefficients, the largest. */
  sparsity: countOption({ min: 1 }),
  /** Soft threshold of the coefficients. Default: what noise alone would reach in the largest of d. Not for `sequential`. */
  lambda: numberOption({ min: 0, finite: true }),
  /** Lower bound of the eigenvalues of the covariance of the features. Default: 0.3 of their mean. Not for `sequential`. */
  eigenFloor: scale,
  /** `sequential`: number of groups, and so of steps; ln n in the theory. */
  rounds: countOption({ min: 1, max: 10_000 }),
  /** `sequential`: the inverse of the largest eigenvalue of the covariance. Default 1. */
  stepSize: scale,
  /** Bound on ‖θ‖₂, onto which estimates are projected; default 1 for `sequential`, otherwise none. */
  thetaBound: scale,
};

const ldpRecords = {
  ...designRecords,
  /** Privacy of the single report of each person, above 0 and finite. */
  epsilon: privacyRecords.epsilon,
  /** Default 0: pure privacy, by Laplace noise or the ball mechanism. Above 0: Gaussian noise. */
  delta: privacyRecords.delta,
};

/** What all parties agree on before any data are seen. None of it may be chosen by looking at private data. */
export interface LdpOptions extends OptionsNeeding<typeof ldpRecords, 'd' | 'epsilon' | 'mode' | 'clip'> {}

/** How people's features and targets are put on whole numbers, and which noise these get. */
export interface Moments {
  /** Features are whole multiples q of this with Σq² ≤ `radius`²; the target one, t, with |t| ≤ `most`. */
  readonly step: { readonly x: number; readonly y: number };
  readonly radius: number;
  readonly most: number;
  /** Of the products qᵢqⱼ, i ≤ j; absent where covariates are public. */
  readonly matrix?: IntegerNoise;
  /** Of the products qⱼt. */
  readonly vector: IntegerNoise;
}

/** Options with their defaults, and all that follows from them. */
export interface Design {
  readonly options: LdpOptions;
  readonly privacy: Privacy;
  /** In one-round modes. */
  readonly moments?: Moments;
  /** In sequential mode: a bound of gradients, and whether they are sent on a sphere. */
  readonly gradient?: { readonly bound: number; readonly mechanism: 'ball' | 'gaussian'; readonly deviation: number };
}

/** Units of the features from the middle to the bound, about. */
const FINE = 2 ** 16;

/**
 * The grids and noises of a protocol.
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
  knownKeys('clip', clip, { x: true, y: true });
  checkOption('clip.x', scale, clip?.x);
  checkOption('clip.y', scale, clip?.y);
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
 * Sensitivities, for any whole q, q′ with Σq² ≤ Q² and t, t′ of at most T:
 *
 * - the upper triangle u of qqᵀ has ‖u‖₂ ≤ ‖qqᵀ‖_F = Σq² ≤ Q², and ⟨u, u′⟩ = ½((Σqᵢq′ᵢ)² + Σqᵢ²q′ᵢ²) ≥ 0, so that
 *   ‖u − u′‖² ≤ ‖u‖² + ‖u′‖² ≤ 2Q⁴: √2·Q², which is less than the 2Q² that a triangle inequality gives;
 *   in ℓ₁, ‖u‖₁ = ½((Σ|qᵢ|)² + Σqᵢ²) ≤ ½(d + 1)Q², and two are (d + 1)Q² apart;
 * - qt has ‖qt‖₂ ≤ QT, and since q′t′ may be −qt, two are 2QT apart; in ℓ₁, ‖qt‖₁ ≤ √d·QT.
 *
 * All of it holds in whole numbers, so that no rounding enters.
 */
function momentsOf({ d, mode, clip }: LdpOptions, privacy: Privacy): Moments {
  const whole = mode === 'public';
  // Two releases compose: their ε and δ add up.
  const each = whole ? privacy : { epsilon: privacy.epsilon / 2, delta: privacy.delta / 2 };
  const grid = (radius: number, most: number, rest: Pick<Moments, 'matrix' | 'vector'>): Moments => {
    if (radius < 64 || most < 64) {
      fail('NOT_SUPPORTED', `epsilon ${privacy.epsilon} is too small: its noise leaves nothing of the values.`);
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
  // As fine as scales of at most 2⁴⁴ allow.
  const radius = Math.min(FINE, Math.floor(Math.sqrt((2 ** 44 * each.epsilon) / (d + 1))));
  const apart = Math.ceil(2 * Math.sqrt(d) * (1 + 1e-15) * radius * radius);
  return grid(radius, radius, {
    vector: { kind: 'laplace', scale: laplaceScale(apart, each.epsilon) },
    ...(!whole && { matrix: { kind: 'laplace', scale: laplaceScale((d + 1) * radius * radius, each.epsilon) } }),
  });
}

/** Deviations of the noise of one report, in the units of xxᵀ and xy. */
export function deviationsOf({ step, matrix, vector }: Moments): { matrix: number; vector: number } {
  return {
    matrix: matrix ? step.x * step.x * Math.sqrt(variance(matrix)) : 0,
    vector: step.x * step.y * Math.sqrt(variance(vector)),
  };
}
