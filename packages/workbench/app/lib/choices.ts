import { families, type Task, whyNotHeld } from '@southwell/tasks';

/** The tasks available on the page. */
export const choices = families
  .map(({ id, title, goal, tasks }) => ({
    id,
    title,
    goal,
    tasks: tasks.filter(({ inputs }) => whyNotHeld(inputs) === undefined),
  }))
  .filter(({ tasks }) => tasks.length > 0);
/** Families whose tasks have a page of their own. */
export const elsewhere = families.flatMap(({ id, goal, tasks }) => {
  const page = tasks.find((task) => task.page !== undefined)?.page;
  return page === undefined ? [] : [{ id, goal, path: `/${page}` }];
});
/** The tasks that are not available, and why. */
export const absent = families.flatMap(({ tasks }) =>
  tasks.flatMap(({ title, inputs, page }) => {
    if (page !== undefined) return [];
    const why = whyNotHeld(inputs);
    return why === undefined ? [] : [{ title, why }];
  }),
);
export const verbOf = (t: Task): string => t.verb.join(' ');
export const taskOf = (verb: string | null): Task | undefined =>
  choices.flatMap(({ tasks }) => tasks).find((task) => verbOf(task) === verb);
