import { finished as isFinished, type Status } from '@southwell/numerics/core';
import {
  centreOf,
  diagonalOf,
  identityPose,
  logRotation,
  type PairRegistration,
  type Pose,
  type PreparedCloud,
  poseCertainty,
  poseMatrix,
  poseOf,
  prepareCloud,
  registerPair,
} from 'southwell/geometry';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import { count, number } from '../format.ts';
import { type CloudTable, cloudOf, movedColumns } from './cloud.ts';
import { drawnOf } from './drawn.ts';
import { manyJob } from './many.ts';
import type { RegisterRequest } from './options.ts';
import { about, centred, finiteOf, listed, motionsOf, pairOptions, turn, voxelFor } from './parts.ts';
import type { Motion, PairResult, RegisterResult } from './result.ts';

/** Overlap below which clouds do not fit each other. */
const HALF = 0.5;

/** Registers two or more clouds, or analyses a single one. Throws if the request or the data are invalid. */
export const registerJob = (request: RegisterRequest, tools: TaskTools): Promise<RegisterResult> =>
  request.more === undefined ? pairJob(request, tools) : manyJob(request, tools);

async function pairJob(request: RegisterRequest, tools: TaskTools): Promise<PairResult> {
  const started = performance.now();
  const notes: string[] = [];
  const table = await cloudIn(tools, 'data', notes);
  // The columns of the second cloud are never written, so that only its points are kept.
  const other = request.target === undefined ? undefined : { ...(await cloudIn(tools, 'target', notes)), columns: [] };
  const source = finiteOf(table, notes);
  const target = other ? finiteOf(other, notes) : source;
  const { centre, inside } = centreOf(source);
  const diagonal = Math.max(diagonalOf(source), diagonalOf(target));
  const voxel = request.voxel ?? Math.max(voxelFor(source, diagonal), voxelFor(target, diagonal));
  const prepared = (points: Float64Array) =>
    prepareCloud(centred(points, centre), { neighbours: request.neighbours, ...(voxel > 0 && { voxel }) });
  tools.progress({ text: `looking at ${count((source.length + target.length) / 3, 'point')}` });
  await turn(tools.signal);
  const from = prepared(source);
  const to = other ? prepared(target) : from;
  const given = request.initial === undefined ? undefined : await poseIn(request, tools);
  const found = other ? laidOn(from, to, given && about(given, centre, -1), request, tools, diagonal) : undefined;
  const local = found?.pose ?? identityPose();
  const pose = about(local, centre, 1);
  const { degeneracy, covariance, system, noise } = poseCertainty(from, to, local, {
    conditionThreshold: request.conditionThreshold,
    ...(found && { maxDistance: found.maxDistance }),
  });
  // The residuals of a cloud registered to itself carry no information.
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
    start: found?.coarse ? ('features' as const) : given ? ('first pose' as const) : ('as they lie' as const),
    ...(found?.coarse && { coarse: withoutChance(found.coarse) }),
    ...{ rmse: found?.rmse ?? 0, overlap: found?.overlap ?? 1, maxDistance: found?.maxDistance ?? diagonal },
    about: inside ? [0, 0, 0] : centre,
    motions,
    deviations: Array.from({ length: 6 }, (_, k) => Math.sqrt(Math.max(0, covariance[7 * k]))),
    covariance: [...covariance],
    iterations: found?.iterations ?? 0,
    ...(found && request.degeneracy !== 'none' && { remedy: { name: request.degeneracy, ...found.remedied } }),
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

async function cloudIn(tools: TaskTools, input: string, notes: string[]): Promise<CloudTable> {
  const table = await tools.read(input);
  notes.push(...table.notes);
  return cloudOf(table);
}

/** Registers one cloud to the other. Throws if they do not overlap. */
function laidOn(
  from: PreparedCloud,
  to: PreparedCloud,
  initialPose: Pose | undefined,
  request: RegisterRequest,
  tools: TaskTools,
  diagonal: number,
): PairRegistration {
  return registerPair(from, to, {
    ...pairOptions(request, tools),
    ...{ diagonal, initialPose, coarse: initialPose ? 'never' : request.coarse },
    onFeatures: () => {
      tools.signal.throwIfAborted();
      tools.progress({ text: 'looking for features that both clouds have' });
    },
  });
}

const withoutChance = ({ features, matches, inliers, overlap }: NonNullable<PairRegistration['coarse']>) => ({
  ...{ features, matches, inliers, overlap },
});

function adviceOf(
  motions: readonly Motion[],
  found: PairRegistration | undefined,
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
