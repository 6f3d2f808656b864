import {
  checkGiven,
  fail,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  otherOption,
  SouthwellError,
  type Status,
  wholeNumber,
} from '@southwell/numerics/core';
import { judgePose, type Verdict } from '../agreement/verdict.ts';
import { coarsePose } from '../coarse.ts';
import { hessianAbout } from '../degeneracy/degeneracy.ts';
import { freeMotions } from '../degeneracy/freeMotions.ts';
import type { FreeMotion } from '../degeneracy/heldStill.ts';
import { planeSystems } from '../degeneracy/normalNoise.ts';
import { NearestMatches } from '../nearestMatches.ts';
import { diagonalOf, type PointsLike } from '../points.ts';
import { composePoses, identityPose, invertPose, type Pose, poseOf, transformPoints } from '../pose.ts';
import { PreparedCloud, prepareCloud } from '../prepared.ts';
import { type Registration, registerClouds } from '../register.ts';
import { type PairOptions, pairRecords, registerPair } from '../registerPair.ts';
import { optimisePoseGraph, type PoseGraphSolution } from './poseGraph.ts';
import { type NodeCertainty, poseGraphCertainty, withoutMotions } from './poseGraphCertainty.ts';
import { type PoseEdge, tiedNodes } from './poseGraphSystem.ts';

const { initialPose: _one, ...shared } = pairRecords;
const manyRecords = {
  ...shared,
  /** Index of the cloud whose frame is used, from 0. Default 0. */
  reference: integerOption({ min: 0 }),
  /** Initial poses of the clouds in a common frame. Default: as they are. */
  initialPoses: otherOption<ReadonlyArray<Pose | ArrayLike<number>>>('a pose for each cloud'),
  /** Minimum overlap of a registered pair, at most 1. Default 0.3, as in Choi et al. */
  leastOverlap: numberOption({ min: 0, open: true }),
};

export interface ManyOptions extends OptionsOf<typeof manyRecords>, Pick<PairOptions, 'signal' | 'onIterate'> {
  /** Called before each pair that is considered. */
  readonly onPair?: (source: number, target: number) => void;
}
const manyKeys: OptionKeys<ManyOptions> = { ...keysOf(manyRecords), onPair: true, signal: true, onIterate: true };

/** Two clouds that were found to overlap. */
export interface PairOfMany {
  readonly source: number;
  readonly target: number;
  /** Maps the source to the frame of the target, by this pair alone. */
  readonly pose: Pose;
  readonly status: Status;
  /** The larger of the two overlaps, of the source on the target and of the target on the source. */
  readonly overlap: number;
  /** Whether the clouds agree at the pose: see {@link judgePose}. Pairs that contradict each other connect nothing. */
  readonly verdict: Exclude<Verdict, 'no'>;
  /** Why they do not, as sentences. */
  readonly reasons: readonly string[];
  readonly rmse: number;
  readonly matches: number;
  /** Maximum distance of matches. */
  readonly maxDistance: number;
  /** Whether its initial pose comes from features. */
  readonly byFeatures: boolean;
  /** Motions that this pair does not constrain, such as `shift along x`, in the frame of the source. */
  readonly free: readonly string[];
  /** Near 1 if it agrees with the other pairs, near 0 if it contradicts them. */
  readonly weight: number;
  /** Whether it is part of the graph: wrong pairs are left out. */
  readonly kept: boolean;
}

export interface ManyRegistration {
  /** Maps each cloud to the frame of the reference; undefined for clouds not connected to it. */
  readonly poses: ReadonlyArray<Pose | undefined>;
  /** For each cloud: `agrees` if pairs that agree connect it to the reference, `doubtful` if others do, `no` if none. */
  readonly verdicts: readonly Verdict[];
  readonly pairs: readonly PairOfMany[];
  /** Information about each connected cloud except the reference. */
  readonly certainty: ReadonlyArray<NodeCertainty | undefined>;
  /** The result of {@link optimisePoseGraph} for all edges. */
  readonly graph: PoseGraphSolution;
  readonly status: Status;
  readonly next?: string;
}

/** Number of rounds in which overlapping pairs are searched at the current poses. */
const ROUNDS = 3;
/** Maximum distance of matches, relative to the spacing of points. */
const REACH = 3;

/** If the overlap of a pair is below this, features are tried as well. */
const HALF = 0.5;
/** A pose by features connects two clouds if this many matched features agree, and this fraction of all. */
const [AGREE, AGREE_SHARE] = [10, 0.1];

interface Laid {
  readonly pose: Pose;
  readonly overlap: number;
  readonly found: Registration;
}

interface Found extends Omit<PairOfMany, 'weight' | 'kept'> {
  readonly H: Float64Array;
  readonly squares: number;
  readonly held: readonly FreeMotion[];
  readonly next?: string;
}

/**
 * Registers many clouds jointly: first consecutive ones, from their initial poses or by features; clouds left
 * unconnected with any other one; then all pairs that overlap at the resulting poses. Each pair has an information
 * matrix (from planes; Choi, Zhou & Koltun 2015 use points), without the motions that it does not constrain, and {@link
 * optimisePoseGraph} finds all poses jointly. O(pairs · n log n).
 * @throws as {@link registerPair}; NUMERICAL if nothing is connected to the reference.
 */
export function registerMany(
  given: ReadonlyArray<PointsLike | PreparedCloud>,
  options: ManyOptions = {},
): ManyRegistration {
  knownKeys('registerMany', options, manyKeys);
  checkGiven(manyRecords, options);
  const clouds = given.map((cloud, k) =>
    cloud instanceof PreparedCloud ? cloud : prepareCloud(cloud, {}, `Cloud ${k + 1}`),
  );
  const { reference = 0, initialPoses, leastOverlap = 0.3 } = options;
  if (clouds.length < 2)
    fail('EMPTY', `At least two clouds are needed; there ${clouds.length === 1 ? 'is one' : 'are none'}.`);
  wholeNumber('reference', reference, 0, clouds.length - 1);
  if (initialPoses && initialPoses.length !== clouds.length)
    fail('INVALID_SHAPE', `There are ${clouds.length} clouds, but ${initialPoses.length} initial poses.`);
  if (leastOverlap > 1) fail('INVALID_PARAMETER', `leastOverlap must be at most 1, but is ${leastOverlap}.`);
  const home = invertPose(initialPoses ? poseOf(initialPoses[reference]) : identityPose());
  const lying = clouds.map((_, k) =>
    initialPoses && k !== reference ? composePoses(home, poseOf(initialPoses[k])) : identityPose(),
  );
  return new Many(clouds, lying, reference, leastOverlap, options).run();
}

class Many {
  private readonly found: Found[] = [];
  private readonly tried = new Set<string>();
  private readonly spacings: number[];
  private readonly diagonal: number;
  private failure: string | undefined;

  constructor(
    private readonly clouds: readonly PreparedCloud[],
    private readonly lying: readonly Pose[],
    private readonly reference: number,
    private readonly least: number,
    private readonly options: ManyOptions,
  ) {
    this.spacings = clouds.map(spacingOf);
    this.diagonal = options.diagonal ?? Math.max(...clouds.map(({ points }) => diagonalOf(points)));
  }

  run(): ManyRegistration {
    const n = this.clouds.length;
    for (let k = 1; k < n; k++) this.join(k, k - 1, this.lying, true);
    this.tieTheRest();
    let graph = this.solve(this.placed());
    for (let round = 0; round < ROUNDS && !this.stopped; round++) {
      const before = this.found.length;
      const { poses } = graph;
      const tied = this.tied();
      for (let target = 0; target < n; target++) {
        for (let source = target + 1; source < n; source++) {
          if (!tied[source] || !tied[target] || this.has(source, target)) continue;
          if (this.nearby(source, target, poses)) this.join(source, target, poses, false);
        }
      }
      if (this.found.length === before) break;
      graph = this.solve(this.placed());
    }
    return this.result(graph);
  }

  private get stopped(): boolean {
    return this.options.signal?.aborted === true;
  }
  private has(a: number, b: number): boolean {
    return this.found.some((f) => (f.source === a && f.target === b) || (f.source === b && f.target === a));
  }
  private tied(): boolean[] {
    return tiedNodes(this.clouds.length, this.found, this.reference);
  }

  /** Clouds not connected by their neighbours, with any connected one, the nearest in order first. */
  private tieTheRest(): void {
    const n = this.clouds.length;
    for (let grew = true; grew; ) {
      grew = false;
      const tied = this.tied();
      const open = Array.from({ length: n * n }, (_, k) => [Math.floor(k / n), k % n] as const)
        .filter(([a, b]) => !tied[a] && tied[b] && !this.tried.has(`${Math.max(a, b)} ${Math.min(a, b)}`))
        .sort(([a, b], [c, d]) => Math.abs(a - b) - Math.abs(c - d) || a - c);
      for (const [a, b] of open) {
        if (this.stopped) return;
        if (!this.join(Math.max(a, b), Math.min(a, b), this.lying, true)) continue;
        grew = true;
        break;
      }
    }
  }

  /** Registers a pair and keeps it if the overlap is large enough. */
  private join(source: number, target: number, poses: readonly Pose[], anywhere: boolean): boolean {
    if (this.stopped) return false;
    const { clouds, options, diagonal } = this;
    this.tried.add(`${source} ${target}`);
    options.onPair?.(source, target);
    const initialPose = composePoses(invertPose(poses[target]), poses[source]);
    const [from, to] = [clouds[source], clouds[target]];
    const reach =
      options.maxDistance ?? Math.min(diagonal / 20, REACH * Math.max(this.spacings[source], this.spacings[target]));
    // If points have no spacing, as when all coincide, any distance will do.
    const maxDistance = reach > 0 ? reach : Math.max(diagonal / 20, Number.MIN_VALUE);
    const laid = (pose: Pose): Laid | undefined => this.laid(source, target, pose, maxDistance);
    let best = options.coarse === 'always' && anywhere ? undefined : laid(initialPose);
    let byFeatures = false;
    if (anywhere && options.coarse !== 'never' && !this.stopped && (best?.overlap ?? 0) < HALF) {
      const guess = coarsePose(from, to);
      // Otherwise some parts of two unrelated clouds would match.
      const sure = guess.inliers >= AGREE && guess.inliers >= AGREE_SHARE * guess.matches;
      const other = guess.pose && sure ? laid(guess.pose) : undefined;
      if (other && other.overlap > (best?.overlap ?? 0)) [best, byFeatures] = [other, true];
    }
    if (this.stopped || !best || best.overlap < this.least) return false;
    const { pose, overlap } = best;
    const { verdict, reasons } = judgePose(from, to, pose);
    // A large overlap within a few spacings is not yet agreement: a wrong pair would move all.
    if (verdict === 'no') {
      this.failure ??= `Clouds ${target + 1} and ${source + 1} contradict each other. ${reasons.join(' ')}`;
      return false;
    }
    const { rmse, status, next } = best.found;
    const matches = new NearestMatches(from, to, maxDistance);
    const thresholds = { conditionThreshold: options.degeneracy?.conditionThreshold };
    const held = freeMotions(from, to, matches, pose, thresholds);
    const { system } = planeSystems(from, to, matches, pose);
    this.found.push({
      ...{ source, target, pose, status, overlap, rmse, maxDistance, held, verdict, reasons },
      ...{ matches: system.matches, H: system.H, squares: system.squares },
      byFeatures,
      free: held.map(({ name }) => name),
      ...(next !== undefined && { next }),
    });
    return true;
  }

  /** Two passes with distant matches, and a last one with matches no farther apart than the spacing of points. */
  private laid(source: number, target: number, initialPose: Pose, maxDistance: number): Laid | undefined {
    const { clouds, options, diagonal } = this;
    const { reference: _r, initialPoses: _p, leastOverlap: _o, onPair: _c, ...rest } = options;
    const [from, to] = [clouds[source], clouds[target]];
    try {
      const { pose: near } = registerPair(from, to, { ...rest, diagonal, initialPose, coarse: 'never' });
      const { method, maxIterations = 100, tol = 1e-5, degeneracy, signal, onIterate, robustKernel } = options;
      const { robustScale = method === 'generalised' ? 1 : maxDistance / 3 } = options;
      const found = registerClouds(from, to, {
        ...{ method, maxIterations, degeneracy, signal, onIterate, maxDistance, initialPose: near },
        ...{ robustKernel, robustScale },
        tolerances: { rotation: tol, translation: tol * diagonal },
      });
      const { pose } = found;
      const there = sharePlaced(from, to, pose, maxDistance);
      return { pose, found, overlap: Math.max(there, sharePlaced(to, from, invertPose(pose), maxDistance)) };
    } catch (error) {
      if (!(error instanceof SouthwellError && error.code === 'NUMERICAL')) throw error;
      this.failure ??= error.message;
      return undefined;
    }
  }

  /** Whether enough of one cloud would lie near the other. */
  private nearby(source: number, target: number, poses: readonly Pose[]): boolean {
    const { clouds, diagonal, options } = this;
    const wide = options.maxDistance ?? Math.max(diagonal / 20, Number.MIN_VALUE);
    const pose = composePoses(invertPose(poses[target]), poses[source]);
    const [from, to] = [clouds[source], clouds[target]];
    return (
      sharePlaced(from, to, pose, wide) >= this.least || sharePlaced(to, from, invertPose(pose), wide) >= this.least
    );
  }

  /** Poses along the spanning forest of pairs with the largest overlap; unconnected clouds keep their initial poses. */
  private placed(): Pose[] {
    const poses = [...this.lying];
    const at = new Set([this.reference]);
    const pairs = [...this.found].sort((a, b) => b.overlap - a.overlap);
    for (;;) {
      const next = pairs.find(({ source, target }) => at.has(source) !== at.has(target));
      if (!next) break;
      const { source, target, pose } = next;
      if (at.has(target)) poses[source] = composePoses(poses[target], pose);
      else poses[target] = composePoses(poses[source], invertPose(pose));
      at.add(source).add(target);
    }
    return poses;
  }

  private edges(): PoseEdge[] {
    // One variance for all: an individual estimate would be subject to chance.
    const squares = this.found.reduce((sum, f) => sum + f.squares, 0);
    const freedom = this.found.reduce((sum, f) => sum + Math.max(0, f.matches - 6), 0);
    const floor = Math.max((1e-9 * this.diagonal) ** 2, Number.MIN_VALUE);
    const variance = Math.max(freedom > 0 ? squares / freedom : 0, floor);
    return this.found.map(({ source, target, pose, H, held, matches, maxDistance }) => ({
      ...{ source, target, pose, uncertain: true },
      information: knownOf(
        H.map((v) => v / variance),
        held,
      ),
      // The weight of a pair is ¼ if its matches are as far apart as the limit (Choi et al.).
      scale: Math.max(1, (maxDistance * maxDistance * Math.max(1, matches)) / variance),
    }));
  }

  private solve(poses: readonly Pose[]): PoseGraphSolution {
    return optimisePoseGraph(poses, this.edges(), { reference: this.reference });
  }

  private result(graph: PoseGraphSolution): ManyRegistration {
    const tied = this.tied();
    if (tied.filter(Boolean).length < 2 && !this.stopped) {
      fail(
        'NUMERICAL',
        `No cloud overlaps with the reference, cloud ${this.reference + 1}. ${this.failure ?? ''}`.trim(),
      );
    }
    const poses = graph.poses.map((pose, k) => (tied[k] ? pose : undefined));
    const edges = this.edges().filter((_, k) => graph.kept[k]);
    const pairs = this.found.map(({ H: _H, squares: _s, held: _h, next: _n, ...pair }, k) => ({
      ...pair,
      weight: graph.weights[k],
      kept: graph.kept[k],
    }));
    const sure = tiedNodes(
      this.clouds.length,
      pairs.filter(({ kept, verdict }) => kept && verdict === 'agrees'),
      this.reference,
    );
    const short = this.found.find(({ status }, k) => graph.kept[k] && status !== 'converged');
    const status = this.stopped
      ? 'aborted'
      : graph.status !== 'converged'
        ? graph.status
        : (short?.status ?? 'converged');
    const next = graph.next ?? short?.next;
    return {
      ...{ poses, pairs, graph, status },
      verdicts: tied.map((has, k) => (!has ? 'no' : sure[k] ? 'agrees' : 'doubtful')),
      certainty: poseGraphCertainty(graph.poses, edges, this.reference),
      ...(status !== 'converged' && next !== undefined && { next }),
    };
  }
}

/** Without free motions, judged about their centre. */
function knownOf(H: Float64Array, held: readonly FreeMotion[]): Float64Array {
  if (held.length === 0) return H;
  const { about } = held[0];
  const directions = held.map(({ direction }) => direction);
  return hessianAbout(
    withoutMotions(hessianAbout(H, about), directions),
    about.map((v) => -v),
  );
}

/** The fraction of a cloud's points within a distance of another cloud. */
function sharePlaced(from: PreparedCloud, to: PreparedCloud, pose: Pose, distance: number): number {
  const moved = transformPoints(pose, from.points);
  let near = 0;
  for (let k = 0; k < moved.length; k += 3)
    if (to.tree.nearestPlace(moved[k], moved[k + 1], moved[k + 2], distance * distance) >= 0) near++;
  return near / from.size;
}

/** The median distance of points to their nearest neighbour, of a sample if there are many points. */
function spacingOf({ tree, size }: PreparedCloud): number {
  const some = Math.min(size, 2000);
  const distances = Float64Array.from({ length: some }, (_, k) => {
    const at = 3 * Math.floor((k * size) / some);
    tree.nearestPlace(tree.sorted[at], tree.sorted[at + 1], tree.sorted[at + 2], Number.POSITIVE_INFINITY);
    return Math.sqrt(tree.found[1]);
  });
  const middle = distances.sort()[some >> 1];
  return Number.isFinite(middle) ? middle : 0;
}
