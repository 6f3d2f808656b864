import {
  checkGiven,
  checkOption,
  choiceOption,
  fail,
  flagOption,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  otherOption,
  type RunOptions,
  run,
  type Status,
} from '@southwell/numerics/core';
import { factorPositive } from '@southwell/numerics/linalg';
import { analyseDegeneracy, type Degeneracy, type DegeneracyOptions } from './degeneracy/degeneracy.ts';
import { type DegenerateOptions, degenerateRecords } from './degeneracy/degenerateStep.ts';
import { freeMotions } from './degeneracy/freeMotions.ts';
import { FittedMatches, planeFitTitles } from './fittedMatches.ts';
import { KdTree } from './kdTree.ts';
import { methodOption, NearestMatches } from './nearestMatches.ts';
import { type PointsLike, pointsOf } from './points.ts';
import { identityPose, type Pose, poseOf } from './pose.ts';
import { poseIterates, type RegistrationPoint, type StepTolerances } from './pose-graph/poseSteps.ts';
import { PreparedCloud, prepareCloud } from './prepared.ts';
import { kernelOption, robust, scaleOption } from './robust.ts';
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
  /** Root mean square of the residuals of the matches: distances to planes, or between points. */
  readonly rmse: number;
  /** Overlap: fraction of source points that have a match. */
  readonly fitness: number;
  readonly matches: number;
  readonly history: readonly RegistrationHistory[];
  /** Analysis of the normal equations at the pose. */
  readonly degeneracy: Degeneracy;
  /** Normal equations at the pose. */
  readonly system: PoseSystem;
  /**
   * Covariance of (φ, δ) at the pose, in the frame of the source: 6 × 6, rotations in radians first. 0 along directions
   * without information.
   */
  readonly covariance: Float64Array;
  /**
   * Unconstrained motions, such as `shift along x`, if the run ended with steps orthogonal to them: the pose is one of
   * many that fit equally well. Empty if the run ended before that was tested.
   */
  readonly free: readonly string[];
  /**
   * The largest difference between a step and the plain least-squares step in its place, in radians and units of length:
   * what the handling of degenerate motions changed.
   */
  readonly remedied: RegistrationPoint['remedied'];
  readonly seconds: number;
  /** What to try next if it did not end normally. */
  readonly next?: string;
}

/**
 * The covariance of a pose from its normal equations: H⁻¹ times the variance of residuals, Σ w r²/(matches − 6). It
 * assumes correct matches and independent residuals, so that actual errors are larger with correlated noise. If H is
 * singular, its pseudo-inverse is used.
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
  const { pose, system, free, remedied } = point;
  return {
    ...{ pose, status, iterations, history, system, free, remedied, seconds },
    ...{ rmse: system.rmse, matches: system.matches, fitness: system.matches / source },
    degeneracy: analyseDegeneracy(system.H, thresholds),
    covariance: poseCovariance(system),
    ...(next !== undefined && { next }),
  };
}

const { degeneracy: _found, ...solving } = degenerateRecords;
const handlingRecords = {
  ...solving,
  /** Analyse degeneracy only at the first iterate, as in a pipeline of many frames. Default false. */
  onlyFirstIteration: flagOption(),
};

/** Handling of degenerate motions during registration. */
export interface DegeneracyHandling extends OptionsOf<typeof handlingRecords> {}

function handled(given: DegeneracyHandling = {}): {
  readonly solving: DegenerateOptions;
  readonly onlyFirst: boolean;
  readonly thresholds: DegeneracyOptions;
} {
  knownKeys('degeneracy', given, keysOf(handlingRecords));
  const { method } = given;
  if (method !== undefined) checkOption('degeneracy.method', handlingRecords.method, method);
  checkGiven(handlingRecords, given);
  const { onlyFirstIteration = false, ...rest } = given;
  const { conditionThreshold, targetCondition } = rest;
  return { solving: rest, onlyFirst: onlyFirstIteration, thresholds: { conditionThreshold, targetCondition } };
}

const pointToPlaneRecords = {
  /** Initial pose, or a 4×4 matrix by rows. Default: the identity. */
  initialPose: otherOption<Pose | ArrayLike<number>>('a pose or a 4×4 matrix'),
  /** Maximum distance of neighbours. Default 1, in the clouds' units. */
  searchRadius: numberOption({ min: 0, open: true }),
  /** Number of target points for fitting a plane. Default 5. */
  neighbours: integerOption({ min: 3 }),
  /** Default `pca`; `loam` has no planes through the origin, as in the paper's code. */
  planeFit: choiceOption(planeFitTitles),
  /** Maximum distance of a plane's points from it. Default 0.2. */
  planeTolerance: numberOption({ min: 0, open: true }),
  /** Default 30. */
  maxIterations: integerOption({ min: 0 }),
  /** Handling of degenerate motions. */
  degeneracy: otherOption<DegeneracyHandling>('options of the handling'),
  /** Whether to weight residuals r by max(0, 1 − 0.9|r|), leaving out those above 1. Default true. */
  robustWeight: flagOption(),
  /** Tolerances on steps. */
  tolerances: otherOption<StepTolerances>('tolerances of rotation and translation'),
};

export interface PointToPlaneOptions extends OptionsOf<typeof pointToPlaneRecords>, RunPart {}
const runPart = { signal: true, onIterate: true, timeLimit: true } as const;
const pointToPlaneKeys: OptionKeys<PointToPlaneOptions> = { ...keysOf(pointToPlaneRecords), ...runPart };

/**
 * Point-to-plane registration with planes fitted to neighbours at each iterate, as in LOAM, with steps that detect and
 * handle motions that the data do not constrain (DCReg, Hu et al. 2025). Points are in the frame of the sensor, with
 * the sensor at the origin. O(n log n) an iterate.
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER; NUMERICAL if fewer than 10 points have a match.
 */
export function registerPointToPlane(
  source: PointsLike,
  target: PointsLike,
  options: PointToPlaneOptions = {},
): Registration {
  knownKeys('registerPointToPlane', options, pointToPlaneKeys);
  checkGiven(pointToPlaneRecords, options);
  const { searchRadius = 1, neighbours = 5, planeFit = 'pca', planeTolerance = 0.2, maxIterations = 30 } = options;
  const { robustWeight = true, tolerances = {} } = options;
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

/** Reason for too few matches: a cloud of fewer than ten points never has enough. */
function tooFewText(found: number, size: number, match: string, causes: string): string {
  if (size < 10)
    return `The source has ${size} ${size === 1 ? 'point' : 'points'}, and registration needs at least ten.`;
  return `${found} of ${size} source points have ${match}, and ten are needed: the clouds do not overlap there, ${causes}.`;
}

const registerRecords = {
  /** Default `point-to-plane`. */
  method: methodOption,
  /** Initial pose, or a 4×4 matrix by rows. Default: the identity. */
  initialPose: pointToPlaneRecords.initialPose,
  /** Maximum distance of matches. Default: unlimited. */
  maxDistance: numberOption({ min: 0, open: true }),
  /** Default `none`. */
  robustKernel: kernelOption,
  /** Scale of the robust kernel; for `generalised` in standard deviations. Default 1. */
  robustScale: scaleOption,
  /** Default 50. */
  maxIterations: integerOption({ min: 0 }),
  /** Handling of degenerate motions. */
  degeneracy: pointToPlaneRecords.degeneracy,
  /** Tolerances on steps. */
  tolerances: pointToPlaneRecords.tolerances,
};

export interface RegisterOptions extends OptionsOf<typeof registerRecords>, RunPart {}
const registerKeys: OptionKeys<RegisterOptions> = { ...keysOf(registerRecords), ...runPart };

function looped(source: PreparedCloud, target: PreparedCloud, options: RegisterOptions) {
  const {
    method = 'point-to-plane',
    maxDistance = Number.POSITIVE_INFINITY,
    robustKernel = 'none',
    robustScale = 1,
    tolerances = {},
  } = options;
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
 * The iterates of {@link registerClouds}: they end `converged` with steps below the tolerances. Once the objective no
 * longer decreases, steps have no component along unconstrained motions, so that they end when the constrained motions
 * have converged.
 */
export function registrationIterates(
  source: PreparedCloud,
  target: PreparedCloud,
  options: RegisterOptions = {},
): Generator<Iterate<RegistrationPoint>> {
  knownKeys('registrationIterates', options, registerKeys);
  checkGiven(registerRecords, options);
  return looped(source, target, options).iterates;
}

/**
 * Registers the source to the target from a nearby initial pose (ICP): each point is matched with its nearest neighbour
 * and a Gauss–Newton step is made, repeatedly (Besl & McKay 1992; point-to-plane, Chen & Medioni 1992; generalised,
 * Segal et al. 2009). Normals are those of the target, for `generalised` of both. O(n log n) an iterate. Prepared
 * clouds are not prepared again.
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER; NUMERICAL if fewer than 10 points have a match.
 */
export function registerClouds(
  source: PointsLike | PreparedCloud,
  target: PointsLike | PreparedCloud,
  options: RegisterOptions = {},
): Registration {
  knownKeys('registerClouds', options, registerKeys);
  checkGiven(registerRecords, options);
  const { maxIterations = 50 } = options;
  const from = source instanceof PreparedCloud ? source : prepareCloud(source, {}, 'The source');
  const to = target instanceof PreparedCloud ? target : prepareCloud(target, {}, 'The target');
  const { iterates, thresholds } = looped(from, to, options);
  return finished(iterates, from.size, maxIterations, options, thresholds);
}
