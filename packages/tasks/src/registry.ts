import { clustering } from './clustering/task.ts';
import type { Task } from './task.ts';

/** Everything that people can ask for, in the order in which it is listed. */
export const tasks: readonly Task[] = [clustering];

/** The task of a verb, its words parted by blanks. Throws where there is none. */
export function taskOf(verb: string): Task {
  const task = tasks.find((t) => t.verb.join(' ') === verb);
  if (!task) throw new Error(`There is no task '${verb}'.`);
  return task;
}
