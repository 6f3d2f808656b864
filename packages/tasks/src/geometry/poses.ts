import { identityPose, type Pose, poseOf } from 'southwell/geometry';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import type { RegisterRequest } from './options.ts';
import type { ManyResult } from './result.ts';

/** One row for each cloud: the 16 numbers of its matrix by rows, then its name. Unconnected clouds have none. */
export const posesText = ({ scans }: Pick<ManyResult, 'scans'>): string =>
  scans.flatMap(({ name, pose }) => (pose ? [`${pose.join(' ')} ${name}\n`] : [])).join('');

/**
 * The poses from such rows, by name; repeated names refer to clouds in order. A cloud without a row keeps its position.
 */
export function posesIn(
  text: string,
  clouds: ReadonlyArray<{ readonly name: string }>,
  { initial }: Pick<RegisterRequest, 'initial'>,
  { spell }: Pick<TaskTools, 'spell'>,
): Pose[] {
  const file = initial instanceof Blob ? 'the file' : initial;
  const wrong = (sentence: string): never => {
    throw new RequestError(`${spell('initial')}: ${file} has no first poses: ${sentence}`);
  };
  const poses = clouds.map(() => identityPose());
  const open = new Map(clouds.map(({ name }, k) => [k, name]));
  const rows = text.split('\n').filter((row) => row.trim() !== '');
  if (rows.length === 0) wrong('it is empty.');
  for (const [i, row] of rows.entries()) {
    const parts = /^\s*((?:\S+\s+){16})(.*\S)\s*$/.exec(row);
    if (!parts) return wrong(`row ${i + 1} is not 16 numbers and the name of a cloud.`);
    const at = [...open].find(([, name]) => name === parts[2])?.[0];
    if (at === undefined) return wrong(`row ${i + 1} names ${parts[2]}, and no cloud is called so, or not so often.`);
    open.delete(at);
    try {
      poses[at] = poseOf(parts[1].trim().split(/\s+/).map(Number));
    } catch (error) {
      wrong(`row ${i + 1}: ${(error as Error).message}`);
    }
  }
  return poses;
}
