import { finished as isFinished, SouthwellError, type Status } from '@southwell/numerics/core';
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

/** Clouds whose sizes differ by this factor may be in different units. */
const UNITS = 10;

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
  const units = unitsText(table, source, other, target);
  const found = other
    ? laidOn(from, to, given && about(given, centre, -1), request, tools, diagonal, units)
    : undefined;
  const local = found?.pose ?? identityPose();
  const pose = about(local, centre, 1);
  const { degeneracy, covariance, system, free } = poseCertainty(from, to, local, {
    conditionThreshold: request.conditionThreshold,
    ...(found && { maxDistance: found.maxDistance }),
  });
  // The residuals of a cloud registered to itself carry no information.
  const variance = other ? system.squares / Math.max(1, system.matches - 6) : Number.POSITIVE_INFINITY;
  const motions = [
    ...motionsOf('turn', degeneracy.rotation, variance, free.slice(0, 3)),
    ...motionsOf('shift', degeneracy.translation, variance, free.slice(3)),
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
    ...(found && { agreement: { ...found.agreement, reasons: [...found.agreement.reasons] } }),
    ...{ rmse: found?.rmse ?? 0, overlap: found?.overlap ?? 1, maxDistance: found?.maxDistance ?? diagonal },
    about: inside ? [0, 0, 0] : centre,
    motions,
    deviations: Array.from({ length: 6 }, (_, k) => Math.sqrt(Math.max(0, covariance[7 * k]))),
    covariance: [...covariance],
    iterations: found?.iterations ?? 0,
    ...(found && request.degeneracy !== 'none' && { remedy: { name: request.degeneracy, ...found.remedied } }),
    aligned: movedColumns(table, pose),
    advice: adviceOf(motions, found, request, tools, units),
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
  units: string,
): PairRegistration {
  try {
    return registerPair(from, to, {
      ...pairOptions(request, tools),
      ...{ diagonal, initialPose, coarse: initialPose ? 'never' : request.coarse },
      onFeatures: () => {
        tools.signal.throwIfAborted();
        tools.progress({ text: 'looking for features that both clouds have' });
      },
    });
  } catch (error) {
    if (error instanceof SouthwellError && error.code === 'NUMERICAL' && units !== '')
      throw new RequestError(`${error.message} ${units}`);
    throw error;
  }
}

/** A question about units if one cloud is far larger than the other. */
function unitsText(a: CloudTable, from: Float64Array, b: CloudTable | undefined, to: Float64Array): string {
  if (!b) return '';
  const [own, its] = [diagonalOf(from), diagonalOf(to)];
  const ratio = Math.max(own, its) / Math.min(own, its);
  if (!(ratio >= UNITS && Number.isFinite(ratio))) return '';
  const [large, small] = own > its ? [a, b] : [b, a];
  return `${large.name} is ${number(ratio, 2)} times as large as ${small.name}: are both in the same unit?`;
}

const withoutChance = ({ features, matches, inliers, overlap }: NonNullable<PairRegistration['coarse']>) => ({
  ...{ features, matches, inliers, overlap },
});

function adviceOf(
  motions: readonly Motion[],
  found: PairRegistration | undefined,
  request: RegisterRequest,
  { spell }: TaskTools,
  units: string,
): string[] {
  const out: string[] = [];
  const { verdict = 'agrees', reasons = [] } = found?.agreement ?? {};
  if (verdict !== 'agrees') {
    const says = verdict === 'no' ? 'The clouds do not agree at this pose.' : 'Whether this pose is right is doubtful.';
    const more =
      request.initial === undefined && request.coarse === 'never'
        ? `, or let ${spell('coarse', 'auto')} look for one`
        : '';
    out.push(
      [says, ...reasons, `Give an initial pose by ${spell('initial')}${more}.`, ...(units === '' ? [] : [units])].join(
        ' ',
      ),
    );
  }
  // What is known of motions at a wrong pose says nothing.
  if (verdict === 'no') return out;
  const free = motions.filter(({ known }) => known === 'free').map(({ name }) => name);
  const weak = motions.filter(({ known }) => known === 'weak');
  if (free.length > 0)
    out.push(`The data do not fix ${listed(free)}: that part of the pose is arbitrary, one of many that fit as well.`);
  if (weak.length > 0) {
    const told = weak.map(({ name, ratio }) => `${name} (${number(ratio, 2)} times less than the best of its kind)`);
    out.push(`Weakly known: ${listed(told)}.`);
  }
  return out;
}
