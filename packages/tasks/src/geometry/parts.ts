import {
  type BlockAnalysis,
  composePoses,
  directionName,
  finitePoints,
  fitsVoxels,
  identityPose,
  isFinite3,
  type PairOptions,
  type Pose,
} from 'southwell/geometry';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';
import type { CloudTable } from './cloud.ts';
import type { RegisterRequest } from './options.ts';
import type { Motion } from './result.ts';

/** Larger clouds are downsampled to at most this number of points by default. */
const MANY = 20_000;

/** Interrupts are handled between two turns of the event loop. */
export async function turn(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  signal.throwIfAborted();
}

/** The points of a cloud with finite coordinates; throws if there are none. */
export function finiteOf(cloud: CloudTable, notes: string[]): Float64Array {
  // With many points a single copy is kept: it is never modified.
  const points = isFinite3(cloud.points) ? cloud.points : finitePoints(cloud.points).points;
  const lost = cloud.rows - points.length / 3;
  if (points.length === 0) throw new RequestError(`${cloud.name} has no points whose coordinates are all numbers.`);
  if (lost > 0)
    notes.push(`${count(lost, 'point')} of ${cloud.name} without a number for each coordinate took no part.`);
  return points;
}

/** The voxel size that leaves this number of points; 0 if there are no more. */
export function voxelFor(points: Float64Array, diagonal: number): number {
  if (points.length / 3 <= MANY || diagonal === 0) return 0;
  for (let side = diagonal / 2000; ; side *= 1.3) if (fitsVoxels(points, side, MANY)) return side;
}

/** Points relative to `centre`. */
export function centred(points: Float64Array, [x, y, z]: readonly number[]): Float64Array {
  if (x === 0 && y === 0 && z === 0) return points;
  const out = new Float64Array(points.length);
  for (let k = 0; k < out.length; k += 3) {
    out[k] = points[k] - x;
    out[k + 1] = points[k + 1] - y;
    out[k + 2] = points[k + 2] - z;
  }
  return out;
}

/**
 * A pose in coordinates relative to `centre` (sign 1: converted to those of the files; −1: from those of the files).
 */
export function about(pose: Pose, centre: readonly number[], sign: 1 | -1): Pose {
  const shift = (v: number): Pose => ({ ...identityPose(), translation: Float64Array.from(centre, (c) => v * c) });
  return composePoses(composePoses(shift(sign), pose), shift(-sign));
}

/** The requested options of pair registration, with progress messages. */
export function pairOptions(request: RegisterRequest, tools: TaskTools): PairOptions {
  let [told, steps] = [0, 0];
  return {
    ...{ method: request.method, maxIterations: request.maxIter, tol: request.tol, coarse: request.coarse },
    ...{ maxDistance: request.maxDistance, robustKernel: request.robustKernel, robustScale: request.robustScale },
    degeneracy: { method: request.degeneracy, conditionThreshold: request.conditionThreshold },
    signal: tools.signal,
    onIterate: ({ iteration, objective, metrics }) => {
      steps = iteration === 0 ? 1 : steps + 1;
      if (performance.now() - told < 100) return;
      told = performance.now();
      tools.progress({ text: `step ${steps}, ${count(metrics?.matches ?? 0, 'matched point')}`, objective });
    },
  };
}

/** The certainty of the three motions of a block, given which of them are free. */
export function motionsOf(
  kind: 'turn' | 'shift',
  block: BlockAnalysis,
  variance: number,
  free: readonly boolean[],
): Motion[] {
  const { values, vectors, mask } = block;
  const largest = Math.max(...values);
  return [0, 1, 2].map((k) => {
    const direction = Array.from(vectors.subarray(3 * k, 3 * k + 3));
    const ratio = values[k] > 0 ? largest / values[k] : null;
    return {
      name: `${kind === 'turn' ? 'turn about' : 'shift along'} ${directionName(direction)}`,
      ...{ kind, direction, ratio },
      deviation: free[k] || variance === Number.POSITIVE_INFINITY ? null : Math.sqrt(variance / values[k]),
      known: free[k] ? 'free' : mask[k] ? 'weak' : 'fixed',
    };
  });
}

export const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
