import {
  checkOption,
  checkOptions,
  fail,
  integerOption,
  numberOption,
  type OptionsNeeding,
  SouthwellError,
} from '@southwell/numerics/core';
import { elementary, normalQuantile } from '@southwell/numerics/special';
import { designOf, deviationsOf, type LdpOptions } from './protocol.ts';

const effect = numberOption(
  { min: 0, open: true, finite: true },
  {
    title: 'Effect',
    about: 'the coefficient of scaled columns that a model should show',
    argument: 'size',
    form: { hint: '0.05 to 1' },
  },
);

export const powerRecords = {
  /** Number of people who report. */
  people: integerOption({ min: 1 }, { title: 'People', about: 'number of people who report', argument: 'count' }),
  /** Correlation of any two features. Default 0. Beyond 0.7, single effects are shrunk by the floor of the eigenvalues. */
  correlation: numberOption(
    { min: 0, below: 1 },
    { title: 'Correlation', about: 'assumed correlation of any two features', argument: 'value', default: 0 },
  ),
  /** Probability with which the effect is shown. Default 0.8. */
  power: numberOption(
    { min: 0, max: 1, open: true },
    { title: 'Power', about: 'probability with which an effect is shown', argument: 'probability', default: 0.8 },
  ),
};

export interface PowerOptions extends OptionsNeeding<typeof powerRecords, 'people'> {}

/** What effects of one size need in order to be shown. */
export interface NeededForEffect {
  readonly effect: number;
  /** Number of people at the ε of the protocol; infinite if no number suffices. */
  readonly people: number;
  /** The ε for the number of people that is given; absent if even 50 is not enough. */
  readonly epsilon?: number;
}

export interface LdpPower {
  /** The smallest coefficient of scaled columns that is shown. */
  readonly detectable: number;
  readonly needed: readonly NeededForEffect[];
}

/** Bounds of the search. */
const [MOST_EPSILON, LEAST_EPSILON, MOST_PEOPLE] = [50, 1e-3, 1e15];
/** Default floor of the eigenvalues, as a fraction of their mean. */
const FLOOR = 0.3;

/** Standard deviations of one report, and the numbers that the threshold depends on. */
interface Noise {
  readonly d: number;
  readonly matrix: number;
  readonly vector: number;
  /** Mean variance of the scaled features: 1, or what clipping leaves of it. */
  readonly mean: number;
}

function noiseOf(options: LdpOptions): Noise {
  const { moments } = designOf(options);
  if (!moments)
    fail(
      'NOT_SUPPORTED',
      "ldpPower is for modes 'noninteractive' and 'public': sequential protocols have no threshold.",
    );
  const { d, clip } = options;
  return { d, ...deviationsOf(moments), mean: Math.min(1, (clip.x * clip.x) / d) };
}

/**
 * Whether an effect is shown with the given quantile of the normal distribution in hand. The covariance of features of
 * variance v with correlation ρ has the eigenvalue v(1 − ρ + dρ) once and v(1 − ρ) otherwise.
 */
function shows(
  { d, matrix, vector, mean }: Noise,
  people: number,
  theta: number,
  correlation: number,
  z: number,
): boolean {
  const root = Math.sqrt(people);
  const floor = FLOOR * mean;
  const [small, large] = [mean * (1 - correlation), mean * (1 - correlation + d * correlation)];
  // Noise lowers the smallest eigenvalue, by about the norm of a small symmetric random matrix (2√d for large d), and the
  // floor raises it.
  const least = Math.max(floor, small - (1.5 * matrix * Math.sqrt(d)) / root);
  // A single coefficient lies along the large eigenvector to 1/d; along the others the floor shrinks it.
  const share = 1 / d;
  const kept = share + (1 - share) * Math.min(1, small / Math.max(floor, small));
  const threshold = (vector * Math.sqrt(2 * elementary.log(Math.max(2, d)))) / least;
  const gain = Math.sqrt(share / large ** 2 + (1 - share) / least ** 2);
  const deviation = gain * Math.sqrt(vector * vector + (matrix * theta) ** 2);
  return root * kept * theta >= threshold + z * deviation;
}

/** The smallest x in [low, high] with f(x), which is monotone; undefined if there is none. Bisection on a logarithmic scale. */
function smallest(low: number, high: number, f: (x: number) => boolean): number | undefined {
  if (!f(high)) return undefined;
  if (f(low)) return low;
  let [a, b] = [elementary.log(low), elementary.log(high)];
  while (b - a > 1e-4) {
    const middle = (a + b) / 2;
    if (f(elementary.exp(middle))) b = middle;
    else a = middle;
  }
  return elementary.exp(b);
}

/**
 * What a one-round protocol can show, before any report is made: the smallest effect that exceeds the default threshold of
 * the estimate with probability `power`, and for each of `effects` the people, or the ε, that it needs. Effects are
 * coefficients of scaled columns, whose variance is 1. A first-order approximation for a single effect: products of a report
 * have the deviations σ_v and σ_M, so that the estimate has the deviation √((σ_v² + σ_M²θ²)/n)/ℓ, where ℓ is the smallest
 * eigenvalue of the covariance after the floor, and the threshold is σ_v √(2 log d)/(ℓ√n). Sampling errors of the data, which
 * are smaller than the noise, are neglected. O(1).
 * @param effects Sizes of effects.
 * @throws INVALID_PARAMETER, NOT_SUPPORTED for options that are not those of a one-round protocol.
 */
export function ldpPower(options: LdpOptions, effects: readonly number[], given: PowerOptions): LdpPower {
  checkOptions('ldpPower', powerRecords, given, ['people']);
  for (const size of effects) checkOption('an effect', effect, size);
  const noise = noiseOf(options);
  const { people, correlation = 0, power = 0.8 } = given;
  const z = normalQuantile(power);
  const detectable = smallest(1e-12, 1e12, (theta) => shows(noise, people, theta, correlation, z));
  const atEpsilon = (theta: number) =>
    smallest(LEAST_EPSILON, MOST_EPSILON, (epsilon) => {
      try {
        return shows(noiseOf({ ...options, epsilon }), people, theta, correlation, z);
      } catch (error) {
        // Where ε is too small for the range of the reports.
        if (error instanceof SouthwellError && error.code === 'NOT_SUPPORTED') return false;
        throw error;
      }
    });
  return {
    detectable: detectable ?? Number.POSITIVE_INFINITY,
    needed: effects.map((theta) => {
      const n = smallest(options.d, MOST_PEOPLE, (count) => shows(noise, count, theta, correlation, z));
      const epsilon = atEpsilon(theta);
      return {
        effect: theta,
        people: n === undefined ? Number.POSITIVE_INFINITY : Math.ceil(n),
        ...(epsilon !== undefined && { epsilon }),
      };
    }),
  };
}
