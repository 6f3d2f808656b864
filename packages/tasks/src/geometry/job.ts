import { finished as isFinished, type Status } from '@southwell/numerics/core';
import {
  type BlockAnalysis,
  boundsOf,
  coarsePose,
  composePoses,
  directionName,
  finitePoints,
  identityPose,
  isFree,
  logRotation,
  type Pose,
  type PreparedCloud,
  poseCertainty,
  poseMatrix,
  poseOf,
  prepareCloud,
  type RegisterOptions,
  registerClouds,
  transformPoints,
  voxelDownsample,
} from 'southwell/geometry';
import { RequestError } from '../errors.ts';
import { count, number } from '../format.ts';
import type { TaskTools } from '../task.ts';
import { type CloudTable, cloudOf, movedColumns } from './cloud.ts';
import { drawnOf } from './drawn.ts';
import type { RegisterRequest } from './options.ts';
import type { RegisterResult } from './result.ts';

/** A cloud of more points than this is thinned out unasked, to no more. */
const MANY = 20_000;
/** Of shares of points that fit: below it, clouds do not lie on each other. */
const HALF = 0.5;

type Motion = RegisterResult['motions'][number];

/** Registers, or looks at one cloud alone. Throws where the request or the data are at fault. */
export async function registerJob(request: RegisterRequest, tools: TaskTools): Promise<RegisterResult> {
  const started = performance.now();
  const first = await tools.read();
  const table = cloudOf(first);
  const second = request.target === undefined ? undefined : await tools.read('target');
  const notes = [...first.notes, ...(second?.notes ?? [])];
  const other = second && cloudOf(second);
  const source = finiteOf(table, notes);
  const target = other ? finiteOf(other, notes) : source;
  const { centre, inside } = centreOf(source);
  const diagonal = Math.max(diagonalOf(source), diagonalOf(target));
  const voxel = request.voxel ?? Math.max(voxelFor(source, diagonal), voxelFor(target, diagonal));
  const prepared = (points: Float64Array) =>
    prepareCloud(
      points.map((v, k) => v - centre[k % 3]),
      { neighbours: request.neighbours, ...(voxel > 0 && { voxel }) },
    );
  tools.progress({ text: `looking at ${count((source.length + target.length) / 3, 'point')}` });
  await turn(tools.signal);
  const from = prepared(source);
  const to = other ? prepared(target) : from;
  const given = request.initial === undefined ? undefined : await poseIn(request, tools);
  const passes = new Passes(from, to, request, tools, diagonal);
  let found = other ? passes.from(given ? about(given, centre, -1) : identityPose()) : undefined;
  let start: RegisterResult['start'] = given ? 'first pose' : 'as they lie';
  let coarse: RegisterResult['coarse'];
  const poor = !found || found.overlap < HALF;
  if (other && !given && (request.coarse === 'always' || (request.coarse === 'auto' && poor))) {
    tools.progress({ text: 'looking for features that both clouds have' });
    await turn(tools.signal);
    const guess = coarsePose(from, to);
    const second = guess.pose && passes.from(guess.pose);
    if (second && (!found || request.coarse === 'always' || second.overlap > found.overlap)) {
      found = second;
      start = 'features';
      const { features, matches, inliers } = guess;
      coarse = { features, matches, inliers, overlap: guess.overlap };
    }
  }
  if (other && !found) throw new RequestError(passes.failure ?? 'The clouds do not overlap.');
  const local = found?.pose ?? identityPose();
  const pose = about(local, centre, 1);
  const { degeneracy, covariance, system, noise } = poseCertainty(from, to, local, {
    conditionThreshold: request.conditionThreshold,
    ...(found && { maxDistance: found.maxDistance }),
  });
  // Of a cloud laid on itself residuals say nothing.
  const variance = other ? system.squares / Math.max(1, system.matches - 6) : Number.POSITIVE_INFINITY;
  const motions = [
    ...motionsOf('turn', degeneracy.rotation, variance, noise.subarray(0, 3)),
    ...motionsOf('shift', degeneracy.translation, variance, noise.subarray(3)),
  ];
  motions.sort((a, b) => (b.ratio ?? Number.POSITIVE_INFINITY) - (a.ratio ?? Number.POSITIVE_INFINITY) || 0);
  const phi = logRotation(pose.rotation);
  const angle = Math.sqrt(phi[0] * phi[0] + phi[1] * phi[1] + phi[2] * phi[2]);
  const sizes = (cloud: CloudTable, used: PreparedCloud) => ({ name: cloud.name, points: cloud.rows, used: used.size });
  const status: Status = found?.status ?? 'completed';
  const result = {
    command: tools.command,
    data: { source: sizes(table, from), ...(other && { target: sizes(other, to) }), notes },
    method: request.method,
    pose: poseMatrix(pose),
    turn: { degrees: (angle * 180) / Math.PI, axis: angle > 0 ? Array.from(phi, (v) => v / angle) : [0, 0, 1] },
    shift: [...pose.translation],
    ...{ start, ...(coarse && { coarse }) },
    ...{ rmse: found?.rmse ?? 0, overlap: found?.overlap ?? 1, maxDistance: found?.maxDistance ?? diagonal },
    about: inside ? [0, 0, 0] : centre,
    motions,
    deviations: Array.from({ length: 6 }, (_, k) => Math.sqrt(Math.max(0, covariance[7 * k]))),
    covariance: [...covariance],
    iterations: found?.iterations ?? 0,
    aligned: movedColumns(table, pose),
    advice: adviceOf(motions, found, request, tools),
    status,
    history: found?.history ?? [],
    ...(!isFinished(status) && found?.next !== undefined && { next: found.next }),
  };
  return {
    ...result,
    seconds: (performance.now() - started) / 1000,
    ...(tools.pictures && { drawn: drawnOf(from, to, local, centre, motions, diagonal) }),
  };
}

/** Interrupts are heard between two turns of the event loop. */
async function turn(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  signal.throwIfAborted();
}

function finiteOf(cloud: CloudTable, notes: string[]): Float64Array {
  const { points } = finitePoints(cloud.points);
  const lost = cloud.rows - points.length / 3;
  if (points.length === 0) throw new RequestError(`${cloud.name} has no points whose coordinates are all numbers.`);
  if (lost > 0)
    notes.push(`${count(lost, 'point')} of ${cloud.name} without a number for each coordinate took no part.`);
  return points;
}

function diagonalOf(points: Float64Array): number {
  const { low, high } = boundsOf(points);
  return Math.sqrt(high.reduce((sum, v, k) => sum + (v - low[k]) ** 2, 0));
}

/** The side of voxels that leave so many points; 0 where there are no more. */
function voxelFor(points: Float64Array, diagonal: number): number {
  if (points.length / 3 <= MANY || diagonal === 0) return 0;
  for (let side = diagonal / 2000; ; side *= 1.3) if (voxelDownsample(points, side).counts.length <= MANY) return side;
}

/** The origin where it lies among the points, as of a sensor; else the middle of the box that holds them. */
function centreOf(points: Float64Array): { readonly centre: readonly number[]; readonly inside: boolean } {
  const { low, high } = boundsOf(points);
  const inside = low.every((v, k) => v <= 0 && high[k] >= 0);
  return { inside, centre: inside ? [0, 0, 0] : Array.from(low, (v, k) => (v + high[k]) / 2) };
}

/** A pose in coordinates from which `centre` was taken (sign 1: back in those of the files; −1: the other way). */
function about(pose: Pose, centre: readonly number[], sign: 1 | -1): Pose {
  const shift = (v: number): Pose => ({ ...identityPose(), translation: Float64Array.from(centre, (c) => v * c) });
  return composePoses(composePoses(shift(sign), pose), shift(-sign));
}

async function poseIn({ initial }: RegisterRequest, { contents, spell }: TaskTools): Promise<Pose> {
  const text = await contents!('initial');
  const values = text
    .split(/[\s,;[\]]+/)
    .filter(Boolean)
    .map(Number);
  try {
    return poseOf(values);
  } catch (error) {
    const name = initial instanceof Blob ? 'the file' : initial;
    throw new RequestError(`${spell('initial')}: ${name} is no first pose: ${(error as Error).message}`);
  }
}

interface Found {
  readonly pose: Pose;
  readonly status: Status;
  readonly rmse: number;
  readonly overlap: number;
  readonly maxDistance: number;
  readonly iterations: number;
  readonly next?: string;
  readonly history: RegisterResult['history'];
}

/** Two passes: matches from far at first, then as near as matches then are. */
class Passes {
  failure: string | undefined;
  constructor(
    private readonly source: PreparedCloud,
    private readonly target: PreparedCloud,
    private readonly request: RegisterRequest,
    private readonly tools: TaskTools,
    private readonly diagonal: number,
  ) {}

  /** From a first pose; undefined where too little matches there. */
  from(initial: Pose): Found | undefined {
    const { request, diagonal, tools } = this;
    const history: Array<{ step: number; rmse: number }> = [];
    let told = 0;
    const options: RegisterOptions = {
      method: request.method,
      maxIterations: request.maxIter,
      tolerances: { rotation: request.tol, translation: request.tol * diagonal },
      degeneracy: { method: request.degeneracy, conditionThreshold: request.conditionThreshold },
      signal: tools.signal,
      onIterate: ({ objective, metrics }) => {
        history.push({ step: history.length, rmse: metrics?.rmse ?? Number.NaN });
        if (performance.now() - told < 100) return;
        told = performance.now();
        tools.progress({ text: `step ${history.length}, ${count(metrics?.matches ?? 0, 'match')}`, objective });
      },
    };
    const pass = (pose: Pose, maxDistance: number, scale: number | undefined) =>
      registerClouds(this.source, this.target, {
        ...options,
        ...{ initialPose: pose, maxDistance },
        ...(scale !== undefined && { robustKernel: request.robustKernel, robustScale: scale }),
      });
    try {
      const wide = request.maxDistance ?? Math.max(diagonal / 20, Number.MIN_VALUE);
      const first = pass(initial, wide, undefined);
      const typical = Math.max(3 * middleOf(this.source, this.target, first.pose), 1e-9 * diagonal, Number.MIN_VALUE);
      const near = request.maxDistance ?? Math.min(wide, typical);
      const automatic = request.method === 'generalised' ? 1 : Math.max(first.rmse, 1e-9 * diagonal, Number.MIN_VALUE);
      const scale = request.robustKernel === 'none' ? undefined : (request.robustScale ?? automatic);
      const last = tools.signal.aborted ? first : pass(first.pose, near, scale);
      const { pose, status, rmse, fitness, next } = last;
      const iterations = first.iterations + (last === first ? 0 : last.iterations);
      return {
        ...{ pose, status, rmse, overlap: fitness, maxDistance: near, iterations, history },
        ...(next !== undefined && { next }),
      };
    } catch (error) {
      if (!(error instanceof Error && (error as { code?: string }).code === 'NUMERICAL')) throw error;
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

function motionsOf(kind: 'turn' | 'shift', block: BlockAnalysis, variance: number, noise: Float64Array): Motion[] {
  const { values, vectors, mask } = block;
  const largest = Math.max(...values);
  return [0, 1, 2].map((k) => {
    const direction = Array.from(vectors.subarray(3 * k, 3 * k + 3));
    const ratio = values[k] > 0 ? largest / values[k] : null;
    const free = isFree(block, k, noise[k]);
    return {
      name: `${kind === 'turn' ? 'turn about' : 'shift along'} ${directionName(direction)}`,
      ...{ kind, direction, ratio },
      deviation: free || variance === Number.POSITIVE_INFINITY ? null : Math.sqrt(variance / values[k]),
      known: free ? 'free' : mask[k] ? 'weak' : 'fixed',
    };
  });
}

function adviceOf(
  motions: readonly Motion[],
  found: Found | undefined,
  request: RegisterRequest,
  { spell }: TaskTools,
): string[] {
  const out: string[] = [];
  const free = motions.filter(({ known }) => known === 'free').map(({ name }) => name);
  const weak = motions.filter(({ known }) => known === 'weak');
  if (free.length > 0)
    out.push(`The data do not fix ${listed(free)}: that part of the pose is arbitrary, one of many that fit as well.`);
  if (weak.length > 0) {
    const told = weak.map(({ name, ratio }) => `${name} (${number(ratio, 2)} times less than the best of its kind)`);
    out.push(`Weakly known: ${listed(told)}.`);
  }
  if (found && found.overlap < HALF) {
    const more =
      request.initial === undefined && request.coarse !== 'always' ? `, or try ${spell('coarse')} always` : '';
    out.push(
      `Only ${number(100 * found.overlap, 2)} % of the points lie on the other cloud: the pose may be wrong. Give a first pose by ${spell('initial')}${more}.`,
    );
  }
  return out;
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
