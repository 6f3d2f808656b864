import { families, type Task, whyNotHeld } from '@southwell/tasks';

/** What can be done here. */
export const choices = families
  .map(({ id, title, tasks }) => ({ id, title, tasks: tasks.filter(({ inputs }) => whyNotHeld(inputs) === undefined) }))
  .filter(({ tasks }) => tasks.length > 0);
/** What cannot, and why. */
export const absent = families.flatMap(({ tasks }) =>
  tasks.flatMap(({ title, inputs }) => {
    const why = whyNotHeld(inputs);
    return why === undefined ? [] : [{ title, why }];
  }),
);
export const verbOf = (t: Task): string => t.verb.join(' ');
export const taskOf = (verb: string | null): Task | undefined =>
  choices.flatMap(({ tasks }) => tasks).find((task) => verbOf(task) === verb);
