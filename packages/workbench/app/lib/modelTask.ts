import { commandWords, fileRuns, formOf, shellLine, type Task, taskOf, tasks } from '@southwell/tasks';

/** The task that the page of models is for. */
export const modelTask = tasks.find(({ page }) => page === 'models')!;

/** The page that holds a file which is no table, by the ending of its name. */
export const pageOf = (name: string): string | undefined => {
  const verb = fileRuns(name);
  return verb === undefined ? undefined : (taskOf(verb) as Task).page;
};

/** The form of the page; why a model cannot be met is always asked. */
export const modelControls = formOf(modelTask.options).filter(({ name }) => name !== 'why');

/** The command that is equivalent to a request. */
export const modelCommand = (request: object): string =>
  shellLine(commandWords(modelTask, request as Readonly<Record<string, unknown>>));
