// What the page of one's own data can do: the tasks that are declared, and the families that are written by hand still.
import { type Task, tasks } from '@southwell/tasks';
import { factorisation } from './factorisation.ts';
import type { Family } from './family.ts';
import { linearModels } from './linearModels.ts';
import { structureLearning } from './structureLearning.ts';

export { commandLine, commandWords, type Family } from './family.ts';

/** By hand, until they are declared. */
export const families = [linearModels, structureLearning, factorisation] as unknown as readonly Family[];

export interface Entry {
  readonly id: string;
  readonly title: string;
  readonly does: { readonly task: Task } | { readonly family: Family };
}
const byHand = (family: Family): Entry => ({ id: family.id, title: family.title, does: { family } });
const [first, ...rest] = families;

export const entries: readonly Entry[] = [
  byHand(first),
  ...tasks.map((task) => ({ id: task.family, title: task.title, does: { task } })),
  ...rest.map(byHand),
];
