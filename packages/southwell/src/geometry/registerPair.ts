import {
  fail,
  knownKeys,
  type OptionKeys,
  type RunOptions,
  SouthwellError,
  type Status,
} from '@southwell/numerics/core';
import { coarsePose } from './coarse.ts';
import type { RegistrationMethod } from './nearestMatches.ts';
import { boundsOf } from './points.ts';
import { identityPose, type Pose, poseOf, transformPoints } from './pose.ts';
import type { RegistrationPoint } from './pose-graph/poseSteps.ts';
import type { PreparedCloud } from './prepared.ts';
import { type DegeneracyHandling, type RegisterOptions, registerClouds } from './register.ts';
import type { RobustKernel } from './robust.ts';

/** When to run coarse registration by features: `auto`, if the clouds do not fit without it. */
export const COARSE = ['auto', 'always', 'never'] as const;
export type Coarse = (typeof COARSE)[number];

export interface PairOptions extends Pick<RunOptions<RegistrationPoint>, 'signal' | 'onIterate'> {
  /** Default `point-to-plane`. */
  readonly method?: RegistrationMethod;
  /** Default: none moved. */
  readonly initialPose?: Pose | ArrayLike<number>;
  /** Default `auto`. */
  readonly coarse?: Coarse;
  /** Maximum distance of matches. Default: 1/20 of the diagonal, then three times the resulting median distance. */
  readonly maxDistance?: number;
  /** Default `none`. */
  readonly robustKernel?: RobustKernel;
  /** Default: the root mean square of the first residuals; of `generalised` 1. */
  readonly robustScale?: number;
  readonly degeneracy?: DegeneracyHandling;
  /** Tolerance on steps: radians, and relative to the diagonal. Default 1e-5. */
  readonly tol?: number;
  /** Maximum iterations of each pass. Default 100. */
  readonly maxIterations?: number;
  /** The length of which shares are taken. Default: the longer diagonal of the two clouds. */
  readonly diagonal?: number;
  /** Called before features are looked for. */
  readonly onFeatures?: () => void;
}
export const pairKeys: OptionKeys<PairOptions> = {
  ...{ method: true, initialPose: true, coarse: true, maxDistance: true, robustKernel: true, robustScale: true },
  ...{
    degeneracy: true,
    tol: true,
    maxIterations: true,
    diagonal: true,
    onFeatures: true,
    signal: true,
    onIterate: true,
  },
};

export interface PairRegistration {
  readonly pose: Pose;
  readonly status: Status;
  readonly rmse: number;
  /** Overlap: fraction of source points that have a match. */
  readonly overlap: number;
  /** Of matches, in the last pass. */
  readonly maxDistance: number;
  /** Of all passes from where the pose came. */
  readonly iterations: number;
  readonly history: ReadonlyArray<{ readonly step: number; readonly rmse: number }>;
  /** Of a first pose by features: matched features, those that agree, as many as would by chance, and the share that then lies on the target. */
  readonly coarse?: {
    readonly features: number;
    readonly matches: number;
    readonly inliers: number;
    readonly byChance: number;
    readonly overlap: number;
  };
  readonly next?: string;
}

/** Of shares of points that fit: below it, clouds do not lie on each other. */
const HALF = 0.5;

/**
 * Registers two clouds, with coarse registration if needed: two passes of {@link registerClouds}, the first with distant matches, the second
 * as near as matches then are; where less than half of the points have a match, from a pose by features, too, and the better one is kept.
 * @throws as {@link registerClouds}; NUMERICAL if clouds do not overlap.
 */
export function registerPair(
  source: PreparedCloud,
  target: PreparedCloud,
  options: PairOptions = {},
): PairRegistration {
  knownKeys('registerPair', options, pairKeys);
  const { coarse = 'auto', initialPose, signal } = options;
  if (!COARSE.includes(coarse)) fail('INVALID_PARAMETER', `coarse is one of ${COARSE.join(', ')}, not '${coarse}'.`);
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

/** The length of the diagonal of the box that holds the points. */
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

  /** From an initial pose; undefined if too few points match. */
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
        ...(next !== undefined && { next }),
      };
    } catch (error) {
      if (!(error instanceof SouthwellError && error.code === 'NUMERICAL')) throw error;
      this.failure = error.message;
      return undefined;
    }
  }
}

/** The middle of the distances of points to the nearest of the other cloud. */
function middleOf(source: PreparedCloud, target: PreparedCloud, pose: Pose): number {
  const moved = transformPoints(pose, source.points);
  const distances = new Float64Array(source.size);
  for (let i = 0; i < distances.length; i++) {
    target.tree.nearestPlace(moved[3 * i], moved[3 * i + 1], moved[3 * i + 2], Number.POSITIVE_INFINITY);
    distances[i] = Math.sqrt(target.tree.found[0]);
  }
  return distances.sort()[distances.length >> 1];
}
