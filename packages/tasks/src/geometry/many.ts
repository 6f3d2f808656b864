import {
  analyseDegeneracy,
  type BlockAnalysis,
  centreOf,
  composePoses,
  diagonalOf,
  identityPose,
  invertPose,
  isFree,
  type Pose,
  type PreparedCloud,
  poseMatrix,
  prepareCloud,
  registerMany,
} from 'southwell/geometry';
import type { TaskTools } from '../declaration/task.ts';
import { count } from '../format.ts';
import { cloudOf, mergedColumns } from './cloud.ts';
import { drawnManyOf } from './drawn.ts';
import type { RegisterRequest } from './options.ts';
import { centred, finiteOf, listed, motionsOf, pairOptions, turn, voxelFor } from './parts.ts';
import { posesIn } from './poses.ts';
import type { ManyResult } from './result.ts';

/** Maximum number of reasons for doubt that are said. */
const SAID = 3;

/** Registers three or more clouds, in the frame of one of them. Throws if the request or the data are invalid. */
export async function manyJob(request: RegisterRequest, tools: TaskTools): Promise<ManyResult> {
  const started = performance.now();
  const inputs = ['data', 'target', ...(request.more ?? []).map((_, k) => `more.${k + 1}`)];
  const notes: string[] = [];
  const tables = [];
  for (const input of inputs) {
    const table = await tools.read(input);
    notes.push(...table.notes);
    tables.push(cloudOf(table));
  }
  const reference = (request.reference ?? 1) - 1;
  const points = tables.map((table) => finiteOf(table, notes));
  const places = points.map(centreOf);
  const diagonal = Math.max(...points.map(diagonalOf));
  const voxel = request.voxel ?? Math.max(...points.map((cloud) => voxelFor(cloud, diagonal)));
  tools.progress({
    text: `looking at ${count(
      points.reduce((sum, cloud) => sum + cloud.length / 3, 0),
      'point',
    )}`,
  });
  await turn(tools.signal);
  // Each relative to its own centre: map coordinates are large compared with the clouds.
  const clouds = points.map((cloud, k) =>
    prepareCloud(centred(cloud, places[k].centre), { neighbours: request.neighbours, ...(voxel > 0 && { voxel }) }),
  );
  const names = namesOf(tables.map(({ name }) => name));
  const home = places.map(({ centre }): Pose => ({ ...identityPose(), translation: Float64Array.from(centre) }));
  const lying =
    request.initial === undefined ? undefined : posesIn(await tools.contents!('initial'), tables, request, tools);
  let looked = 0;
  const found = registerMany(clouds, {
    ...pairOptions(request, tools),
    ...{ reference, diagonal, leastOverlap: request.leastOverlap },
    initialPoses: home.map((own, k) => composePoses(lying?.[k] ?? identityPose(), own)),
    onPair: (source, target) => {
      looked++;
      tools.progress({ text: `pair ${looked}: ${names[source]} onto ${names[target]}` });
    },
  });
  // From coordinates relative to the centres to the frame of the reference's file.
  const poses = found.poses.map(
    (pose, k) => pose && composePoses(composePoses(home[reference], pose), invertPose(home[k])),
  );
  const scans = tables.map(({ name, rows }, k) => {
    const { certainty, poses: local } = found;
    const known = certainty[k];
    return {
      ...{ name, points: rows, used: clouds[k].size, tied: local[k] !== undefined },
      verdict: found.verdicts[k],
      pose: k === reference ? poseMatrix(identityPose()) : poses[k] ? poseMatrix(poses[k]) : null,
      about: places[k].inside ? [0, 0, 0] : places[k].centre,
      motions: known ? knownMotions(known.information, request.conditionThreshold) : [],
      deviations: known ? Array.from({ length: 6 }, (_, i) => Math.sqrt(Math.max(0, known.covariance[7 * i]))) : [],
    };
  });
  const pairs = found.pairs.map(({ source, target, pose, byFeatures, ...pair }) => ({
    ...{ source: source + 1, target: target + 1 },
    pose: poseMatrix(composePoses(composePoses(home[target], pose), invertPose(home[source]))),
    start: byFeatures ? ('features' as const) : ('as they lie' as const),
    ...pair,
  }));
  const placed = poses.map((pose, k) => (k === reference ? identityPose() : pose));
  return {
    command: tools.command,
    data: { notes },
    ...{ method: request.method, reference: reference + 1, scans, pairs },
    aligned: mergedColumns(tables, placed),
    advice: adviceOf(scans, pairs, names, found.status === 'aborted', tools),
    ...{ status: found.status, history: [] },
    ...(found.next !== undefined && { next: found.next }),
    seconds: (performance.now() - started) / 1000,
    ...(tools.pictures && { drawn: drawnOf(clouds, found.poses, places[reference].centre) }),
  };
}

const drawnOf = (clouds: readonly PreparedCloud[], poses: ReadonlyArray<Pose | undefined>, centre: readonly number[]) =>
  drawnManyOf(
    clouds.flatMap((cloud, k) => (poses[k] ? [{ cloud, pose: poses[k] }] : [])),
    centre,
  );

/** Names of files; repeated names are numbered. */
export function namesOf(names: readonly string[]): string[] {
  return names.map((name, k) => {
    const before = names.slice(0, k).filter((other) => other === name).length;
    return before === 0 ? name : `${name} (${before + 1})`;
  });
}

function knownMotions(information: Float64Array, conditionThreshold: number) {
  const { rotation, translation } = analyseDegeneracy(information, { conditionThreshold });
  const free = (block: BlockAnalysis) => [0, 1, 2].map((k) => isFree(block, k, 0));
  const motions = [
    ...motionsOf('turn', rotation, 1, free(rotation)),
    ...motionsOf('shift', translation, 1, free(translation)),
  ];
  return motions.sort((a, b) => (b.ratio ?? Number.POSITIVE_INFINITY) - (a.ratio ?? Number.POSITIVE_INFINITY) || 0);
}

export function adviceOf(
  scans: ManyResult['scans'],
  pairs: ManyResult['pairs'],
  names: readonly string[],
  stopped: boolean,
  { spell }: TaskTools,
): string[] {
  const out: string[] = [];
  const loose = names.filter((_, k) => !scans[k].tied);
  if (loose.length > 0 && stopped) {
    out.push(
      `Stopped before ${listed(loose)} could be tied to the reference: ${loose.length === 1 ? 'it is' : 'they are'} in no file.`,
    );
  } else if (loose.length > 0) {
    out.push(
      `Nothing ties ${listed(loose)} to the reference: ${loose.length === 1 ? 'it is' : 'they are'} in no file. Give first poses by ${spell('initial')}, or a smaller ${spell('leastOverlap')}.`,
    );
  }
  const doubtful = names.filter((_, k) => scans[k].verdict === 'doubtful');
  if (doubtful.length > 0) {
    // Each reason once, with the first pair that has it.
    const reasons = new Map<string, string>();
    for (const { source, target, kept, reasons: own } of pairs) {
      const pair = `${names[source - 1]} on ${names[target - 1]}`;
      if (kept) for (const reason of own) if (!reasons.has(reason)) reasons.set(reason, pair);
    }
    out.push(
      [
        `Whether the ${doubtful.length === 1 ? 'pose' : 'poses'} of ${listed(doubtful)} ${doubtful.length === 1 ? 'is' : 'are'} right is doubtful: no pairs that agree tie ${doubtful.length === 1 ? 'it' : 'them'} to the reference.`,
        ...[...reasons].slice(0, SAID).map(([reason, pair]) => `${pair}: ${reason}`),
        `Give first poses by ${spell('initial')}.`,
      ].join(' '),
    );
  }
  for (const { source, target, kept } of pairs) {
    if (!kept)
      out.push(
        `Where ${names[source - 1]} lies on ${names[target - 1]} by itself contradicts the other pairs: it is left out.`,
      );
  }
  for (const [k, { motions }] of scans.entries()) {
    const free = motions.filter(({ known }) => known === 'free').map(({ name }) => name);
    if (free.length > 0)
      out.push(
        `The data do not fix ${listed(free)} of ${names[k]}: that part of its pose is arbitrary, one of many that fit as well.`,
      );
  }
  return out;
}
