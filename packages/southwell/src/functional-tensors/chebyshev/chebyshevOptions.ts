import {
  checkGiven,
  fail,
  flagOption,
  integerOption,
  numberOption,
  type OptionsOf,
  otherOption,
  wholeNumber,
} from '@southwell/numerics/core';
import { AXES, type Box, type ChebyshevTucker, checkDomain } from './chebyshevModel.ts';

const MOST_DEGREE = 4096;

/** What all constructions of Chebyshev–Tucker models share. */
export const formRecords = {
  /** The domain. Default [−1, 1]³; for values on a grid, the range of the grid. */
  domain: otherOption<Box>('an interval for each of x, y, z'),
  /**
   * Polynomial degree, one for all axes or one for each: degree d uses d + 1 points (m = 129 of the paper is 128). Default:
   * doubled from 16 along each axis until the trailing coefficients are below `tol`, or `maxDegree` is reached.
   */
  degree: otherOption<number | readonly [number, number, number]>('a number, or one for each of x, y, z'),
  /** Maximum degree to try. Default 128; for sums of products 512. */
  maxDegree: integerOption({ min: 0, max: MOST_DEGREE }),
  /** Truncation error relative to the norm of the coefficients. Default 1e-7. */
  tol: numberOption({ min: 0, finite: true }),
  /** Whether `tol` is in the units of the function. Default false. */
  absolute: flagOption(),
  /** Multilinear ranks, instead of those chosen by `tol`. */
  ranks: otherOption<readonly [number, number, number]>('a number for each of x, y, z'),
};

export const chebyshevRecords = {
  ...formRecords,
  /** Sweeps of alternating least squares after the higher-order SVD. Default 0. */
  als: integerOption(
    { min: 0 },
    {
      title: 'Sweeps',
      about: 'sweeps of alternating least squares after the higher-order SVD',
      default: 0,
      form: { advanced: true },
    },
  ),
};

export interface ChebyshevTuckerOptions extends OptionsOf<typeof chebyshevRecords> {}

/** Options with their defaults. */
export interface Settings {
  readonly domain: Box;
  /** Initial degrees. */
  readonly degrees: readonly number[];
  readonly adaptive: boolean;
  readonly maxDegree: number;
  readonly tol: number;
  readonly absolute: boolean;
  readonly ranks: ChebyshevTuckerOptions['ranks'];
  readonly als: number;
}

const FIRST_DEGREE = 16;
export const UNIT_BOX: Box = [
  [-1, 1],
  [-1, 1],
  [-1, 1],
];

/** @throws INVALID_PARAMETER. */
export function settingsOf(options: ChebyshevTuckerOptions, usualMost: number, usualDomain: Box): Settings {
  checkGiven(chebyshevRecords, options);
  const { domain = usualDomain, degree, maxDegree = usualMost, tol = 1e-7, absolute = false, ranks, als = 0 } = options;
  const given = typeof degree === 'object' ? [...degree] : degree === undefined ? undefined : [degree, degree, degree];
  if (given && given.length !== 3) fail('INVALID_PARAMETER', 'degree must be one number, or one for each of x, y, z.');
  given?.forEach((d, k) => {
    wholeNumber(typeof degree === 'object' ? `degree along ${AXES[k]}` : 'degree', d, 0, MOST_DEGREE);
  });
  return {
    ...{ domain: checkDomain(domain), maxDegree, tol, absolute, ranks, als },
    degrees: given ?? [0, 1, 2].map(() => Math.min(FIRST_DEGREE, maxDegree)),
    adaptive: given === undefined,
  };
}

/** Number of trailing coefficients of a series of m: an eighth, at least two as those of one parity may be zero. */
export const tailOf = (m: number): number => Math.min(m - 1, Math.max(2, Math.ceil(m / 8)));

/** The degrees with insufficient ones doubled, or undefined if none can be increased. */
export function nextDegrees(
  degrees: readonly number[],
  low: readonly boolean[],
  { adaptive, maxDegree }: Settings,
): number[] | undefined {
  if (!adaptive) return undefined;
  const next = degrees.map((d, k) => (low[k] ? Math.min(maxDegree, 2 * d) : d));
  return next.some((d, k) => d > degrees[k]) ? next : undefined;
}

/** Points with values with which a model is compared. */
export interface Probes {
  readonly points: ReadonlyArray<readonly number[]>;
  readonly values: Float64Array;
}

/** The maximum difference at the probes, and the largest absolute value there. */
export function compared(model: ChebyshevTucker, { points, values }: Probes): { off: number; scale: number } {
  const found = model.evaluate(points);
  let [off, scale] = [0, 0];
  for (let n = 0; n < values.length; n++) {
    off = Math.max(off, Math.abs(values[n] - found[n]));
    scale = Math.max(scale, Math.abs(values[n]));
  }
  return { off, scale };
}

/** Allowed ratio of maximum errors at points to tolerances, which are in norms. */
export const SLACK = 100;
/** Trailing coefficients below this fraction are rounding errors. */
const FINEST = 1e-14;
export const soundTol = (tol: number): number => Math.max(tol, FINEST);
