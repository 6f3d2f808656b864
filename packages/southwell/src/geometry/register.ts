import {
  fail,
  type Iterate,
  knownKeys,
  type OptionKeys,
  type RunOptions,
  run,
  type Status,
} from '@southwell/numerics/core';
import { factorPositive } from '@southwell/numerics/linalg';
import { analyseDegeneracy, type Degeneracy, type DegeneracyOptions } from './degeneracy/degeneracy.ts';
import {
  DEGENERACY_METHODS,
  type DegeneracyMethod,
  type DegenerateOptions,
  degenerateKeys,
} from './degeneracy/degenerateStep.ts';
import { freeMotions } from './degeneracy/freeMotions.ts';
import { FittedMatches, PLANE_FITS, type PlaneFit } from './fittedMatches.ts';
import { KdTree } from './kdTree.ts';
import { NearestMatches, REGISTRATION_METHODS, type RegistrationMethod } from './nearestMatches.ts';
import { type PointsLike, pointsOf } from './points.ts';
import { identityPose, type Pose, poseOf } from './pose.ts';
import { poseIterates, type RegistrationPoint, type StepTolerances } from './pose-graph/poseSteps.ts';
import { PreparedCloud, prepareCloud } from './prepared.ts';
import { ROBUST_KERNELS, type RobustKernel, robust } from './robust.ts';
import type { PoseSystem } from './system.ts';

/** History of a registration. */
export interface RegistrationHistory {
  readonly iteration: number;
  readonly objective: number;
  readonly rmse: number;
  readonly matches: number;
  readonly rotation: number;
  readonly translation: number;
}

export interface Registration {
  /** Pose that maps source points into the target's frame. */
  readonly pose: Pose;
  readonly status: Status;
  readonly iterations: number;
  /** Of the residuals of the matches: distances to planes, or between points. */
  readonly rmse: number;
  /** Overlap: fraction of source points that have a match. */
  readonly fitness: number;
  readonly matches: number;
  readonly history: readonly RegistrationHistory[];
  /** Of the normal equations at the pose. */
  readonly degeneracy: Degeneracy;
  /** Normal equations at the pose. */
  readonly system: PoseSystem;
  /** Of (φ, δ) at the pose, in the frame of the source: 6 × 6, turns in radians first. Directions of no information have 0. */
  readonly covariance: Float64Array;
  /**
   * Motions that nothing fixes, such as `shift along x`, where steps ended without them: the pose along them is one of many that fit as well.
   * Empty where the run ended before that was asked.
   */
  readonly free: readonly string[];
  readonly seconds: number;
  /** What to try next where it did not end as asked. */
  readonly next?: string;
}

/**
 * The covariance of a pose from its normal equations: H⁻¹ times the variance of residuals, Σ w r²/(matches − 6). It takes the matches
 * for right and residuals for independent, so that true errors are larger where noise is shared. Where H is singular, its pseudo-inverse.
 */
export function poseCovariance({ H, squares, matches }: Pick<PoseSystem, 'H' | 'squares' | 'matches'>): Float64Array {
  const factor = factorPositive(H, 6);
  const variance = squares / Math.max(1, matches - 6);
  const out = new Float64Array(36);
  for (let j = 0; j < 6; j++) {
    const x = new Float64Array(6);
    x[j] = variance;
    factor.solve(x);
    out.set(x, 6 * j);
  }
  return out;
}

type RunPart = Pick<RunOptions<RegistrationPoint>, 'signal' | 'onIterate' | 'timeLimit'>;

function finished(
  iterates: Generator<Iterate<RegistrationPoint>>,
  source: number,
  maxIterations: number,
  options: RunPart,
  thresholds: DegeneracyOptions,
): Registration {
  const history: RegistrationHistory[] = [];
  const { signal, timeLimit } = options;
  const { point, status, iterations, seconds, next } = run(iterates, {
    ...{ signal, timeLimit, maxIter: maxIterations },
    onIterate(iterate) {
      const { rmse, matches, turn, shift } = iterate.metrics as Readonly<Record<string, number>>;
      history.push({
        ...{ iteration: iterate.iteration, objective: iterate.objective, rmse, matches },
        rotation: turn,
        translation: shift,
      });
      options.onIterate?.(iterate);
    },
  });
  const { pose, system, free } = point;
  return {
    ...{ pose, status, iterations, history, system, free, seconds },
    ...{ rmse: system.rmse, matches: system.matches, fitness: system.matches / source },
    degeneracy: analyseDegeneracy(system.H, thresholds),
    covariance: poseCovariance(system),
    ...(next !== undefined && { next }),
  };
}

/** Handling of degenerate motions during registration. */
export interface DegeneracyHandling extends Omit<DegenerateOptions, 'degeneracy'> {
  /** Analyse degeneracy at the first iterate only, as in a pipeline of many frames. Default false. */
  readonly onlyFirstIteration?: boolean;
}
const { degeneracy: _found, ...solving } = degenerateKeys;
const handlingKeys: OptionKeys<DegeneracyHandling> = { ...solving, onlyFirstIteration: true };

function handled(given: DegeneracyHandling = {}): {
  readonly solving: DegenerateOptions;
  readonly onlyFirst: boolean;
  readonly thresholds: DegeneracyOptions;
} {
  knownKeys('degeneracy', given, handlingKeys);
  const { onlyFirstIteration = false, ...rest } = given;
  const { conditionThreshold, targetCondition } = rest;
  if (rest.method !== undefined && !DEGENERACY_METHODS.includes(rest.method as DegeneracyMethod)) {
    fail('INVALID_PARAMETER', `degeneracy.method is one of ${DEGENERACY_METHODS.join(', ')}, not '${rest.method}'.`);
  }
  return { solving: rest, onlyFirst: onlyFirstIteration, thresholds: { conditionThreshold, targetCondition } };
}

export interface PointToPlaneOptions extends RunPart {
  /** Default: none moved. A pose, or a 4×4 matrix by rows. */
  readonly initialPose?: Pose | ArrayLike<number>;
  /** Maximum distance of neighbours. Default 1, in the clouds' units. */
  readonly searchRadius?: number;
  /** Number of target points for fitting a plane. Default 5. */
  readonly neighbours?: number;
  /** Default `pca`; `loam` has no planes through the origin, as in the paper's code. */
  readonly planeFit?: PlaneFit;
  /** Maximum distance of a plane's points from it. Default 0.2. */
  readonly planeTolerance?: number;
  /** Default 30. */
  readonly maxIterations?: number;
  readonly degeneracy?: DegeneracyHandling;
  /** Weights max(0, 1 − 0.9|r|), residuals above 1 left out. Default true. */
  readonly robustWeight?: boolean;
  readonly tolerances?: StepTolerances;
}
const pointToPlaneKeys: OptionKeys<PointToPlaneOptions> = {
  ...{
    initialPose: true,
    searchRadius: true,
    neighbours: true,
    planeFit: true,
    planeTolerance: true,
    maxIterations: true,
  },
  ...{ degeneracy: true, robustWeight: true, tolerances: true, signal: true, onIterate: true, timeLimit: true },
};

function length(name: string, value: number): void {
  if (!(value > 0)) fail('INVALID_PARAMETER', `${name} must be above 0, but is ${value}.`);
}

function upTo(name: string, value: number, least: number): void {
  if (!(Number.isInteger(value) && value >= least))
    fail('INVALID_PARAMETER', `${name} must be a whole number of at least ${least}, but is ${value}.`);
}

/**
 * Point-to-plane registration by planes fitted to neighbours at each iterate, as in LOAM, with steps that name and tame motions
 * that the data do not fix (DCReg, Hu et al. 2025). Points are in the frame of the sensor, its place the origin. O(n log n) an iterate.
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER; NUMERICAL if fewer than 10 points have a match.
 */
export function registerPointToPlane(
  source: PointsLike,
  target: PointsLike,
  options: PointToPlaneOptions = {},
): Registration {
  knownKeys('registerPointToPlane', options, pointToPlaneKeys);
  const { searchRadius = 1, neighbours = 5, planeFit = 'pca', planeTolerance = 0.2, maxIterations = 30 } = options;
  const { robustWeight = true, tolerances = {} } = options;
  length('searchRadius', searchRadius);
  length('planeTolerance', planeTolerance);
  upTo('neighbours', neighbours, 3);
  upTo('maxIterations', maxIterations, 0);
  if (!PLANE_FITS.includes(planeFit))
    fail('INVALID_PARAMETER', `planeFit is one of ${PLANE_FITS.join(', ')}, not '${planeFit}'.`);
  const points = pointsOf(source, 'The source');
  if (points.length === 0) fail('EMPTY', 'The source has no points.');
  const targets = pointsOf(target, 'The target');
  if (targets.length === 0) fail('EMPTY', 'The target has no points.');
  const matches = new FittedMatches(points, new KdTree(targets), {
    neighbours,
    searchRadius,
    planeFit,
    planeTolerance,
    robustWeight,
  });
  const { solving, onlyFirst, thresholds } = handled(options.degeneracy);
  const iterates = poseIterates({
    start: options.initialPose === undefined ? identityPose() : poseOf(options.initialPose),
    ...{ tolerances, degeneracy: solving, onlyFirst },
    linearise: (pose) => matches.linearise(pose),
    tooFew: (found) =>
      fail(
        'NUMERICAL',
        tooFewText(
          found,
          points.length / 3,
          `a plane of the target within ${searchRadius}`,
          'or searchRadius is too small',
        ),
      ),
  });
  return finished(iterates, points.length / 3, maxIterations, options, thresholds);
}

/** Why there are too few matches: a cloud of fewer than ten points never has enough. */
function tooFewText(found: number, size: number, match: string, causes: string): string {
  if (size < 10)
    return `The source has ${size} ${size === 1 ? 'point' : 'points'}, and registration needs at least ten.`;
  return `${found} of ${size} source points have ${match}, and ten are needed: the clouds do not overlap there, ${causes}.`;
}

export interface RegisterOptions extends RunPart {
  /** Default `point-to-plane`. */
  readonly method?: RegistrationMethod;
  /** Default: none moved. A pose, or a 4×4 matrix by rows. */
  readonly initialPose?: Pose | ArrayLike<number>;
  /** Maximum distance of matches. Default: unlimited. */
  readonly maxDistance?: number;
  /** Default `none`. */
  readonly robustKernel?: RobustKernel;
  /** Scale of the robust kernel; for `generalised` in standard deviations. Default 1. */
  readonly robustScale?: number;
  /** Default 50. */
  readonly maxIterations?: number;
  readonly degeneracy?: DegeneracyHandling;
  readonly tolerances?: StepTolerances;
}
const registerKeys: OptionKeys<RegisterOptions> = {
  ...{ method: true, initialPose: true, maxDistance: true, robustKernel: true, robustScale: true, maxIterations: true },
  ...{ degeneracy: true, tolerances: true, signal: true, onIterate: true, timeLimit: true },
};

function looped(source: PreparedCloud, target: PreparedCloud, options: RegisterOptions) {
  const {
    method = 'point-to-plane',
    maxDistance = Number.POSITIVE_INFINITY,
    robustKernel = 'none',
    robustScale = 1,
    tolerances = {},
  } = options;
  if (!REGISTRATION_METHODS.includes(method)) {
    fail('INVALID_PARAMETER', `method is one of ${REGISTRATION_METHODS.join(', ')}, not '${method}'.`);
  }
  if (!ROBUST_KERNELS.includes(robustKernel)) {
    fail('INVALID_PARAMETER', `robustKernel is one of ${ROBUST_KERNELS.join(', ')}, not '${robustKernel}'.`);
  }
  length('maxDistance', maxDistance);
  const kernel = robust(robustKernel, robustScale);
  const { solving, onlyFirst, thresholds } = handled(options.degeneracy);
  const matches = new NearestMatches(source, target, maxDistance);
  const iterates = poseIterates({
    start: options.initialPose === undefined ? identityPose() : poseOf(options.initialPose),
    ...{ tolerances, degeneracy: solving, onlyFirst },
    linearise: (pose) => matches.linearise(pose, method, kernel),
    free: (pose) => freeMotions(source, target, matches, pose, thresholds),
    tooFew: (found) =>
      fail(
        'NUMERICAL',
        found > 0 || maxDistance < Number.POSITIVE_INFINITY
          ? tooFewText(
              found,
              source.size,
              `a match within ${Number(maxDistance.toPrecision(4))}`,
              'maxDistance is too small, or the points lie on a line',
            )
          : 'No source point has a match: the points of the target lie on a line, and have no normals.',
      ),
  });
  return { iterates, thresholds };
}

/**
 * The iterates of {@link registerClouds}: they end `converged` by steps below the tolerances. Once the objective falls no more, steps have no
 * part along motions that nothing fixes, so that they end where the motions that are known do.
 */
export function registrationIterates(
  source: PreparedCloud,
  target: PreparedCloud,
  options: RegisterOptions = {},
): Generator<Iterate<RegistrationPoint>> {
  knownKeys('registrationIterates', options, registerKeys);
  return looped(source, target, options).iterates;
}

/**
 * Registers the source to the target from a nearby initial pose (ICP): each point is matched with its nearest neighbour, and a Gauss–Newton
 * step is made, again and again (Besl & McKay 1992; point-to-plane, Chen & Medioni 1992; generalised, Segal et al. 2009). Normals are
 * the target's, for `generalised` of both. O(n log n) an iterate. Clouds that were prepared are not prepared again.
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER; NUMERICAL if fewer than 10 points have a match.
 */
export function registerClouds(
  source: PointsLike | PreparedCloud,
  target: PointsLike | PreparedCloud,
  options: RegisterOptions = {},
): Registration {
  knownKeys('registerClouds', options, registerKeys);
  const { maxIterations = 50 } = options;
  upTo('maxIterations', maxIterations, 0);
  const from = source instanceof PreparedCloud ? source : prepareCloud(source, {}, 'The source');
  const to = target instanceof PreparedCloud ? target : prepareCloud(target, {}, 'The target');
  const { iterates, thresholds } = looped(from, to, options);
  return finished(iterates, from.size, maxIterations, options, thresholds);
}
