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
import { Agreements } from './agreement/agreement.ts';
import { agreementOf, besides, type PoseAgreement, RIVAL, scoreOf, type Verdict } from './agreement/verdict.ts';
import { type CoarseSearch, inliersByChance } from './coarse.ts';
import { methodOption } from './nearestMatches.ts';
import { diagonalOf } from './points.ts';
import { identityPose, type Pose, poseOf, transformPoints } from './pose.ts';
import type { RegistrationPoint } from './pose-graph/poseSteps.ts';
import type { PreparedCloud } from './prepared.ts';
import { type DegeneracyHandling, type RegisterOptions, type Registration, registerClouds } from './register.ts';
import { kernelOption, scaleOption } from './robust.ts';
import { SAME, type Start, startsByFeatures } from './search.ts';

export const pairRecords = {
  /** Default `point-to-plane`. */
  method: methodOption,
  /** Initial pose, or a 4×4 matrix by rows. Default: the identity. */
  initialPose: otherOption<Pose | ArrayLike<number>>('a pose or a 4×4 matrix'),
  /** When to run coarse registration by features: `auto` (default) if the clouds do not agree without it. */
  coarse: choiceOption(
    { auto: 'where clouds do not agree as they lie', always: 'always', never: 'never' },
    {
      title: 'Coarse registration',
      about: 'initial pose by feature matching; auto: if the clouds do not agree without it',
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
  /** Whether the clouds agree at the pose, judged by their surfaces and by other poses that were tried. */
  readonly agreement: PoseAgreement;
  readonly next?: string;
}

type Passed = Omit<PairRegistration, 'agreement' | 'coarse'>;

/** Number of starts by features that are registered in full, and the distance of their first matches in tolerances. */
const [BEST, REACH] = [3, 2];
/**
 * Their passes: at most so many after the first, each with matches nearer by at least this factor, down to this many
 * spacings.
 */
const [PASSES, SHORTER, NEAREST] = [5, 0.7, 1.5];
/** Numbers of points of the search for features: small parts of a scene are only found with more points. */
const RESOLUTIONS = [1500, 4000];

/** A registration with what it takes to compare it with others. */
interface Judged {
  readonly found: Passed;
  readonly agreement: PoseAgreement;
  readonly score: number;
}

interface ByFeatures extends Judged {
  readonly coarse: NonNullable<PairRegistration['coarse']>;
  /** Its verdict apart from other poses. */
  readonly alone: Verdict;
}

/**
 * Registers two clouds, with coarse registration if needed: two passes of {@link registerClouds}, the first with
 * distant matches, the second limited by the distances found. If the clouds do not agree at the resulting pose (see
 * {@link judgePose}), registration starts again from several poses by features, and the result that agrees best is
 * kept; if another one agrees nearly as well, it is doubtful. An initial pose is taken as known: other poses are only
 * tried if the clouds do not agree there.
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
  const pair = new Pair(source, target, options);
  const first = pair.judged(pair.from(initialPose === undefined ? identityPose() : poseOf(initialPose)));
  const agrees = first?.agreement.verdict === 'agrees';
  if (signal?.aborted !== true && (coarse === 'always' || (coarse === 'auto' && !agrees))) {
    options.onFeatures?.();
    const second = pair.byFeatures();
    if (second && (!first || coarse === 'always' || second.score > first.score))
      return { ...second.found, coarse: second.coarse, agreement: second.agreement };
  }
  if (!first) fail('NUMERICAL', pair.failure ?? 'The clouds do not overlap.');
  return { ...first.found, agreement: first.agreement };
}

class Pair {
  failure: string | undefined;
  private readonly agreements: Agreements;

  constructor(
    private readonly source: PreparedCloud,
    private readonly target: PreparedCloud,
    private readonly options: PairOptions,
  ) {
    this.agreements = new Agreements(source, target);
  }

  judged(found: Passed): Judged;
  judged(found: Passed | undefined): Judged | undefined;
  judged(found: Passed | undefined): Judged | undefined {
    if (!found) return undefined;
    const { agreements } = this;
    const both = agreements.at(found.pose);
    return { found, agreement: agreementOf(agreements, both), score: scoreOf(both) };
  }

  /** The best registration from several starts by features, judged beside the others. */
  byFeatures(): ByFeatures | undefined {
    let best: ByFeatures | undefined;
    let compared = 0;
    for (const mostPoints of RESOLUTIONS) {
      if (this.options.signal?.aborted === true) break;
      const { starts, search } = startsByFeatures(this.source, this.target, mostPoints) ?? {};
      // Clouds that have no more points give the same starts.
      if (!starts || !search || search.features <= compared) break;
      compared = search.features;
      const found = this.bestOf(starts, search);
      if (found && (!best || found.score > best.score)) best = found;
      if (best?.alone === 'agrees') break;
    }
    return best;
  }

  private bestOf(starts: readonly Start[], search: CoarseSearch): ByFeatures | undefined {
    const { agreements } = this;
    const full: Array<Judged & { readonly start: Start }> = [];
    for (const start of starts.slice(0, BEST)) {
      // Poses that agree far less cannot become rivals.
      if (full.length > 0 && start.score < RIVAL * RIVAL * starts[0].score) break;
      const found = this.judged(this.from(start.pose, REACH * search.tolerance));
      if (found) full.push({ ...found, start });
    }
    full.sort((a, b) => b.score - a.score);
    if (full.length === 0) return undefined;
    const [{ found, agreement, score, start }] = full;
    const other = full.find((one) => agreements.apart(one.found.pose, found.pose) > SAME);
    const { inliers, overlap } = start;
    const { features, matches } = search;
    return {
      ...{ found, score, alone: agreement.verdict },
      agreement: other ? besides(agreement, other.score / score, found.pose, other.found.pose) : agreement,
      coarse: { features, matches, inliers, byChance: inliersByChance(search, overlap), overlap },
    };
  }

  /**
   * The passes from an initial pose; undefined if too few points match.
   * @param reach Of a pose that is known to be near: the maximum distance of matches in the first pass, if it is less
   * than 1/20 of the diagonal. It becomes smaller in further passes, as distances do.
   */
  from(initial: Pose, reach = Number.POSITIVE_INFINITY): Passed | undefined {
    const { source, target, options } = this;
    const { method = 'point-to-plane', maxIterations = 100, tol = 1e-5, robustKernel = 'none', signal } = options;
    const { diagonal = Math.max(diagonalOf(source.points), diagonalOf(target.points)) } = options;
    const short = reach < Number.POSITIVE_INFINITY;
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
    return this.attempt(() => {
      const wide = options.maxDistance ?? Math.max(Math.min(reach, diagonal / 20), Number.MIN_VALUE);
      const first = pass(initial, wide, undefined);
      const automatic = method === 'generalised' ? 1 : Math.max(first.rmse, 1e-9 * diagonal, Number.MIN_VALUE);
      const scale = robustKernel === 'none' ? undefined : (options.robustScale ?? automatic);
      const runs = [{ run: first, maxDistance: wide }];
      for (let k = 0; k < (short ? PASSES : 1) && signal?.aborted !== true; k++) {
        const { run, maxDistance: last } = runs[k];
        // Far points of a part that overlaps little say nothing about the distances of matches.
        const middle = middleOf(source, target, run.pose, short ? last : Number.POSITIVE_INFINITY);
        const typical = Math.max(3 * middle, 1e-9 * diagonal, Number.MIN_VALUE);
        let near = Math.min(last, typical);
        if (short && near > SHORTER * last)
          near = Math.min(last, Math.max(last / 2, NEAREST * this.agreements.spacing));
        const maxDistance = options.maxDistance ?? near;
        if (k > 0 && maxDistance > SHORTER * last) break;
        const nearer =
          k > 0 ? this.attempt(() => pass(run.pose, maxDistance, scale)) : pass(run.pose, maxDistance, scale);
        if (!nearer) break;
        runs.push({ run: nearer, maxDistance });
      }
      const best = short ? this.bestRun(runs) : runs[runs.length - 1];
      const { pose, status, rmse, fitness, next } = best.run;
      return {
        ...{ pose, status, rmse, overlap: fitness, maxDistance: best.maxDistance, history },
        iterations: runs.reduce((sum, { run }) => sum + run.iterations, 0),
        remedied: {
          rotation: Math.max(...runs.map(({ run }) => run.remedied.rotation)),
          translation: Math.max(...runs.map(({ run }) => run.remedied.translation)),
        },
        ...(next !== undefined && { next }),
      };
    });
  }

  /** The result, or undefined if too few points match. */
  private attempt<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof SouthwellError && error.code === 'NUMERICAL')) throw error;
      this.failure = error.message;
      return undefined;
    }
  }

  /** The pass with the best agreement, the last one of equals: near matches are no better where clouds differ. */
  private bestRun<R extends { readonly run: Registration }>(runs: readonly R[]): R {
    const scores = runs.map(({ run }) => scoreOf(this.agreements.at(run.pose)));
    return runs[scores.lastIndexOf(Math.max(...scores))];
  }
}

/** The median distance of points to the nearest point of the other cloud, of those that are nearer than `reach`. */
function middleOf(source: PreparedCloud, target: PreparedCloud, pose: Pose, reach: number): number {
  const moved = transformPoints(pose, source.points);
  const distances = new Float64Array(source.size);
  let n = 0;
  for (let i = 0; i < source.size; i++) {
    if (target.tree.nearestPlace(moved[3 * i], moved[3 * i + 1], moved[3 * i + 2], reach * reach) >= 0)
      distances[n++] = Math.sqrt(target.tree.found[0]);
  }
  return distances.subarray(0, n).sort()[n >> 1];
}
