import {
  checkGiven,
  choiceOption,
  fail,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  otherOption,
  type RunOptions,
  SouthwellError,
  type Status,
} from '@southwell/numerics/core';
import { coarsePose } from './coarse.ts';
import { methodOption } from './nearestMatches.ts';
import { boundsOf } from './points.ts';
import { identityPose, type Pose, poseOf, transformPoints } from './pose.ts';
import type { RegistrationPoint } from './pose-graph/poseSteps.ts';
import type { PreparedCloud } from './prepared.ts';
import { type DegeneracyHandling, type RegisterOptions, type Registration, registerClouds } from './register.ts';
import { kernelOption, scaleOption } from './robust.ts';

export const pairRecords = {
  /** Default `point-to-plane`. */
  method: methodOption,
  /** Initial pose, or a 4×4 matrix by rows. Default: the identity. */
  initialPose: otherOption<Pose | ArrayLike<number>>('a pose or a 4×4 matrix'),
  /** When to run coarse registration by features: `auto` (default) if the clouds do not fit without it. */
  coarse: choiceOption(
    { auto: 'where clouds do not fit as they lie', always: 'always', never: 'never' },
    {
      title: 'Coarse registration',
      about: 'initial pose by feature matching; auto: if the clouds fit badly without it',
      argument: 'when',
      default: 'auto',
    },
  ),
  /** Maximum distance of matches. Default: 1/20 of the diagonal, then three times the resulting median distance. */
  maxDistance: numberOption(
    { min: 0, open: true },
    {
      title: 'Maximum match distance',
      about: 'maximum distance of corresponding points',
      argument: 'length',
      otherwise: '1/20 of the diagonal, then adapted to the distances of matches',
    },
  ),
  /** Default `none`. */
  robustKernel: kernelOption,
  /** Scale of the robust kernel. Default: the root mean square of the initial residuals; for `generalised` 1. */
  robustScale: scaleOption,
  /** Handling of degenerate motions. */
  degeneracy: otherOption<DegeneracyHandling>('options of the handling'),
  /** Tolerance on steps: radians, and relative to the diagonal. Default 1e-5. */
  tol: numberOption(
    { min: 0, open: true },
    {
      title: 'Tolerance',
      about: 'tolerance on steps: rotations in radians, translations relative to the diagonal',
      argument: 'size',
      default: 1e-5,
    },
  ),
  /** Maximum number of iterations of each pass. Default 100. */
  maxIterations: integerOption({ min: 0 }),
  /** The length to which tolerances and distances are relative. Default: the longer diagonal of the two clouds. */
  diagonal: numberOption({ min: 0 }),
};

export type Coarse = NonNullable<OptionsOf<typeof pairRecords>['coarse']>;

type Watched = Pick<RunOptions<RegistrationPoint>, 'signal' | 'onIterate'>;

export interface PairOptions extends OptionsOf<typeof pairRecords>, Watched {
  /** Called before the search for features. */
  readonly onFeatures?: () => void;
}
export const pairKeys: OptionKeys<PairOptions> = {
  ...keysOf(pairRecords),
  onFeatures: true,
  signal: true,
  onIterate: true,
};

export interface PairRegistration {
  readonly pose: Pose;
  readonly status: Status;
  readonly rmse: number;
  /** Overlap: fraction of source points that have a match. */
  readonly overlap: number;
  /** Maximum distance of matches in the last pass. */
  readonly maxDistance: number;
  /** Number of iterations of all passes. */
  readonly iterations: number;
  readonly history: ReadonlyArray<{ readonly step: number; readonly rmse: number }>;
  /**
   * Of an initial pose by features: matched features, inliers, inliers expected by chance, and the resulting overlap.
   */
  readonly coarse?: {
    readonly features: number;
    readonly matches: number;
    readonly inliers: number;
    readonly byChance: number;
    readonly overlap: number;
  };
  /** The largest difference between a step and the plain one in its place, of all passes: see {@link Registration}. */
  readonly remedied: Registration['remedied'];
  readonly next?: string;
}

/** Overlap below which clouds do not fit each other. */
const HALF = 0.5;

/**
 * Registers two clouds, with coarse registration if needed: two passes of {@link registerClouds}, the first with
 * distant matches, the second limited by the distances found; if less than half of the points have a match, from a pose
 * by features as well, and the better result is kept.
 * @throws as {@link registerClouds}; NUMERICAL if clouds do not overlap.
 */
export function registerPair(
  source: PreparedCloud,
  target: PreparedCloud,
  options: PairOptions = {},
): PairRegistration {
  knownKeys('registerPair', options, pairKeys);
  checkGiven(pairRecords, options);
  const { coarse = 'auto', initialPose, signal } = options;
  const passes = new Passes(source, target, options);
  const found = passes.from(initialPose === undefined ? identityPose() : poseOf(initialPose));
  const poor = !found || found.overlap < HALF;
  if (signal?.aborted !== true && (coarse === 'always' || (coarse === 'auto' && poor))) {
    options.onFeatures?.();
    const guess = coarsePose(source, target);
    const second = guess.pose && passes.from(guess.pose);
    if (second && (!found || coarse === 'always' || second.overlap > found.overlap)) {
      const { features, matches, inliers, byChance, overlap } = guess;
      return { ...second, coarse: { features, matches, inliers, byChance, overlap } };
    }
  }
  return found ?? fail('NUMERICAL', passes.failure ?? 'The clouds do not overlap.');
}

/** The diagonal of the bounding box of the points. */
export function diagonalOf(points: Float64Array): number {
  const { low, high } = boundsOf(points);
  return Math.sqrt(high.reduce((sum, v, k) => sum + (v - low[k]) ** 2, 0));
}

class Passes {
  failure: string | undefined;
  constructor(
    private readonly source: PreparedCloud,
    private readonly target: PreparedCloud,
    private readonly options: PairOptions,
  ) {}

  /** The passes from an initial pose; undefined if too few points match. */
  from(initial: Pose): PairRegistration | undefined {
    const { source, target, options } = this;
    const { method = 'point-to-plane', maxIterations = 100, tol = 1e-5, robustKernel = 'none', signal } = options;
    const { diagonal = Math.max(diagonalOf(source.points), diagonalOf(target.points)) } = options;
    const history: Array<{ step: number; rmse: number }> = [];
    const common: RegisterOptions = {
      ...{ method, maxIterations, signal, degeneracy: options.degeneracy },
      tolerances: { rotation: tol, translation: tol * diagonal },
      onIterate(iterate) {
        history.push({ step: history.length, rmse: iterate.metrics?.rmse ?? Number.NaN });
        options.onIterate?.(iterate);
      },
    };
    const pass = (pose: Pose, maxDistance: number, scale: number | undefined) =>
      registerClouds(source, target, {
        ...common,
        ...{ initialPose: pose, maxDistance },
        ...(scale !== undefined && { robustKernel, robustScale: scale }),
      });
    try {
      const wide = options.maxDistance ?? Math.max(diagonal / 20, Number.MIN_VALUE);
      const first = pass(initial, wide, undefined);
      const typical = Math.max(3 * middleOf(source, target, first.pose), 1e-9 * diagonal, Number.MIN_VALUE);
      const near = options.maxDistance ?? Math.min(wide, typical);
      const automatic = method === 'generalised' ? 1 : Math.max(first.rmse, 1e-9 * diagonal, Number.MIN_VALUE);
      const scale = robustKernel === 'none' ? undefined : (options.robustScale ?? automatic);
      const last = signal?.aborted === true ? first : pass(first.pose, near, scale);
      const { pose, status, rmse, fitness, next } = last;
      const iterations = first.iterations + (last === first ? 0 : last.iterations);
      return {
        ...{ pose, status, rmse, overlap: fitness, maxDistance: near, iterations, history },
        remedied: {
          rotation: Math.max(first.remedied.rotation, last.remedied.rotation),
          translation: Math.max(first.remedied.translation, last.remedied.translation),
        },
        ...(next !== undefined && { next }),
      };
    } catch (error) {
      if (!(error instanceof SouthwellError && error.code === 'NUMERICAL')) throw error;
      this.failure = error.message;
      return undefined;
    }
  }
}

/** The median distance of points to the nearest point of the other cloud. */
function middleOf(source: PreparedCloud, target: PreparedCloud, pose: Pose): number {
  const moved = transformPoints(pose, source.points);
  const distances = new Float64Array(source.size);
  for (let i = 0; i < distances.length; i++) {
    target.tree.nearestPlace(moved[3 * i], moved[3 * i + 1], moved[3 * i + 2], Number.POSITIVE_INFINITY);
    distances[i] = Math.sqrt(target.tree.found[0]);
  }
  return distances.sort()[distances.length >> 1];
}
