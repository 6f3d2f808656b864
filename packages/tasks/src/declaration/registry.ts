import { blackBox } from '../black-box/task.ts';
import { clustering } from '../clustering/task.ts';
import { compression } from '../compression/task.ts';
import { constrained } from '../constrained/task.ts';
import { distributedMethods } from '../distributed/task.ts';
import { factorisation } from '../factorisation/task.ts';
import { games } from '../games/task.ts';
import { geometry } from '../geometry/task.ts';
import { isotonicRegression } from '../isotonic/task.ts';
import { linearModels } from '../linear-models/task.ts';
import { linearSystems } from '../linear-systems/task.ts';
import { savedModels } from '../saved-models/task.ts';
import { schedules } from '../schedules/task.ts';
import { structureLearning } from '../structure-learning/task.ts';
import { networks } from '../training/task.ts';
import type { Family, Task } from './task.ts';

/** All families of tasks, in the order in which they are listed. */
export const families: readonly Family[] = [
  linearModels,
  clustering,
  structureLearning,
  factorisation,
  isotonicRegression,
  linearSystems,
  constrained,
  games,
  geometry,
  networks,
  blackBox,
  schedules,
  savedModels,
  compression,
  distributedMethods,
];

export const tasks: readonly Task[] = families.flatMap((family) => family.tasks);

/** The task of a verb, whose words are separated by spaces. Throws if there is none. */
export function taskOf(verb: string): Task {
  const task = tasks.find((t) => t.verb.join(' ') === verb);
  if (!task) throw new Error(`There is no task '${verb}'.`);
  return task;
}
