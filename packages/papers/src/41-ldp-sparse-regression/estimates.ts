import { type Random, SouthwellError } from 'southwell';
import {
  type ClippedSums,
  type Design,
  designOf,
  estimateFrom,
  type LdpMode,
  type LdpOptions,
  solveFloored,
} from 'southwell/private-models';
import { clipOf, type Population } from './population.ts';

/** Estimates from one draw of the noise of all people. */
export interface Estimates {
  /** From matrices and vectors, each with half of ε, with the library's floor and threshold. */
  readonly oneRound: Float64Array;
  /** The same without a floor and a threshold. */
  readonly plain: Float64Array;
  /** From vectors with all of ε and the covariance of public people. */
  readonly withPublic: Float64Array;
  /** From the vectors of one round, with half of ε, and the covariance of public people. */
  readonly halved: Float64Array;
}

/** All options have their defaults, except for those that a protocol must have. */
export function oneRoundDesign(d: number, epsilon: number, delta: number, mode: LdpMode, more?: Partial<LdpOptions>) {
  return designOf({ d, epsilon, delta, mode, clip: clipOf(d), ...more });
}

/** The estimate; 0 where the library declines to give one, since noise exceeds the covariance. */
export function estimateOrZero(design: Design, covariance: Float64Array, moment: Float64Array, n: number) {
  try {
    return estimateFrom(design, covariance, moment, n).theta;
  } catch (error) {
    if (error instanceof SouthwellError && error.code === 'SINGULAR') return new Float64Array(design.options.d);
    throw error;
  }
}

/** One draw of the estimates. */
export function estimatesOnce(
  people: Population,
  sums: ClippedSums,
  covariance: Float64Array,
  { epsilon, delta }: { readonly epsilon: number; readonly delta: number },
  random: Random,
): Estimates {
  const { d } = people;
  const n = sums.people;
  const nldp = oneRoundDesign(d, epsilon, delta, 'noninteractive');
  const noisy = sums.means(random, nldp);
  const open = oneRoundDesign(d, epsilon, delta, 'public');
  const half = oneRoundDesign(d, epsilon / 2, delta / 2, 'public');
  return {
    oneRound: estimateOrZero(nldp, noisy.covariance, noisy.moment, n),
    plain: solveFloored(noisy.covariance, noisy.moment, Number.NEGATIVE_INFINITY).theta,
    withPublic: estimateOrZero(open, covariance, sums.means(random, open).moment, n),
    halved: estimateOrZero(half, covariance, noisy.moment, n),
  };
}
