// A task that is declared, done on a table in the worker.
import { writeCsv } from '@southwell/data';
import { duration, type JobTools, labels, runTask, type Task } from '@southwell/tasks';
import type { View } from './views/view.ts';

/** Checks the request of a form and does it; mistakes are told by the labels of the form. */
export async function viewOf(task: Task, request: object, tools: JobTools): Promise<View> {
  const result = await runTask(task, request as never, { ...tools, pictures: true }, labels(task));
  const { about, outcome, seconds, ...view } = task.view(result);
  return {
    ...view,
    headline: `${about}${outcome === undefined ? '' : `; ${outcome}`}. In ${duration(seconds)}.`,
    files: Object.values(task.outputs).map(({ file, columns }) => ({
      name: file,
      type: 'text/csv',
      content: writeCsv(Object.fromEntries(Object.entries(columns(result)).map(([name, list]) => [name, [...list]]))),
    })),
  };
}
