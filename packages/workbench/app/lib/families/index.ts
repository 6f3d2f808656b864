// What the page of one's own data can do: the tasks that are declared, and the families that are written by hand still.
import { families as declared, onOneTable, type Task } from '@southwell/tasks';
import { factorisation } from './factorisation.ts';
import type { Family } from './family.ts';

export { commandLine, commandWords, type Family } from './family.ts';

/** By hand, until they are declared. */
export const families = [factorisation] as unknown as readonly Family[];

/** What can be done of a family: with one table, which is what the page gives. */
export interface Entry {
  readonly id: string;
  readonly title: string;
  readonly does: { readonly tasks: readonly Task[] } | { readonly family: Family };
}

export const entries: readonly Entry[] = [
  ...declared.flatMap(({ id, title, tasks }): Entry[] => {
    const does = { tasks: tasks.filter(onOneTable) };
    return does.tasks.length > 0 ? [{ id, title, does }] : [];
  }),
  ...families.map((family) => ({ id: family.id, title: family.title, does: { family } })),
];
