import { fail, knownKeys, type OptionKeys, wholeNumber } from '@southwell/numerics/core';
import { checkPrivacy, gaussianUnits, type IntegerNoise, laplaceScale, type Privacy, variance } from './grids.ts';
import { ballRadius, gaussianGrid } from './mechanisms.ts';

export type LdpMode = 'noninteractive' | 'public' | 'sequential';

/** What all agree upon before anybody's data are seen. None of it may be chosen by looking at private data. */
export interface LdpOptions {
  /** Features. */
  readonly d: number;
  /** Of every person's one report, above 0 and finite. */
  readonly epsilon: number;
  /** Default 0: pure privacy, by Laplace noise or the ball mechanism. Above 0: Gaussian noise. */
  readonly delta?: number;
  /**
   * `noninteractive`: everybody sends a matrix and a vector at once; `public`: a vector, the covariates of others being public;
   * `sequential`: groups send gradients, one after the other.
   */
  readonly mode: LdpMode;
  /**
   * `x`: the largest ℓ₂ norm of a person's features, or in `sequential` mode of each feature; `y`: of the target. What is larger
   * is drawn in. About the size that most are known to have: a larger bound is more noise, a smaller one more bias.
   */
  readonly clip: { readonly x: number; readonly y: number };
  /** `sequential`: how many coefficients are kept. Else, where given: at most so many of the largest. */
  readonly sparsity?: number;
  /** What coefficients are drawn to zero by. Default: what noise alone would reach in the largest of d. Not for `sequential`. */
  readonly lambda?: number;
  /** The least eigenvalue of the covariance of the features. Default: 0.3 of their mean. Not for `sequential`. */
  readonly eigenFloor?: number;
  /** `sequential`: groups, and so steps; the theory has ln n. */
  readonly rounds?: number;
  /** `sequential`: one over the largest eigenvalue of the covariance. Default 1. */
  readonly stepSize?: number;
  /** A bound of ‖θ‖₂, onto which estimates are drawn in; default 1 for `sequential`, else none. */
  readonly thetaBound?: number;
}
const keys: OptionKeys<LdpOptions> = {
  ...{ d: true, epsilon: true, delta: true, mode: true, clip: true, sparsity: true, lambda: true, eigenFloor: true },
  ...{ rounds: true, stepSize: true, thetaBound: true },
};

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
      'Means and deviations of private data tell of them. Divide by scales that are public, before the clipping.',
    );
  }
  knownKeys('ldpSparseRegression', options, keys);
  const { d, epsilon, delta = 0, mode, clip, sparsity, rounds } = options;
  wholeNumber('d', d, 1, 4096);
  const privacy = { epsilon, delta };
  checkPrivacy(privacy);
  if (mode !== 'noninteractive' && mode !== 'public' && mode !== 'sequential') {
    fail('INVALID_PARAMETER', `mode must be 'noninteractive', 'public' or 'sequential', but is '${String(mode)}'.`);
  }
  knownKeys('clip', clip, { x: true, y: true });
  above0('clip.x', clip?.x);
  above0('clip.y', clip?.y);
  for (const name of ['stepSize', 'thetaBound', 'eigenFloor'] as const) {
    if (options[name] !== undefined) above0(name, options[name]);
  }
  if (options.lambda !== undefined && !(options.lambda >= 0 && Number.isFinite(options.lambda))) {
    fail('INVALID_PARAMETER', `lambda must be a finite number of at least 0, but is ${options.lambda}.`);
  }
  if (sparsity !== undefined) wholeNumber('sparsity', sparsity, 1, d);
  const others = mode === 'sequential' ? (['lambda', 'eigenFloor'] as const) : (['rounds', 'stepSize'] as const);
  for (const name of others) {
    if (options[name] !== undefined) fail('INVALID_PARAMETER', `${name} does not go with mode '${mode}'.`);
  }
  if (mode !== 'sequential') return { options, privacy, moments: momentsOf(options, privacy) };
  if (sparsity === undefined)
    fail('INVALID_PARAMETER', 'Mode sequential keeps a number of coefficients: give sparsity.');
  if (rounds === undefined) fail('INVALID_PARAMETER', 'Mode sequential has as many groups as rounds: give rounds.');
  wholeNumber('rounds', rounds, 1, 10_000);
  const { thetaBound = 1 } = options;
  // ‖x̃(x̃ᵀθ − ỹ)‖ ≤ √d·τ₁·(√k·τ₁·‖θ‖ + τ₂) for k coefficients.
  const bound = Math.sqrt(d) * clip.x * (Math.sqrt(sparsity) * clip.x * thetaBound + clip.y);
  const { step, noise } = delta > 0 ? gaussianGrid({ ...privacy, bound }) : { step: 0, noise: undefined };
  const deviation = noise ? step * Math.sqrt(variance(noise)) : ballRadius(d, { epsilon, bound }) / Math.sqrt(d);
  return { options, privacy, gradient: { bound, mechanism: noise ? 'gaussian' : 'ball', deviation } };
}

function above0(name: string, value: number): void {
  // Products of three of them neither overflow nor vanish: a report that failed for its values would tell of them.
  if (!(value >= 1e-75 && value <= 1e75)) {
    fail('INVALID_PARAMETER', `${name} must be a number above 0, from 1e-75 to 1e75, but is ${value}.`);
  }
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
