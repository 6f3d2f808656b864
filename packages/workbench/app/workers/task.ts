// Runs a declared task on a table in the worker.
import { writeCsv } from '@southwell/data';
import {
  type AnyRequest,
  duration,
  type JobTools,
  labels,
  type Output,
  offered,
  type RemedyValue,
  runTask,
  type Task,
  type View as TaskView,
} from '@southwell/tasks';
import type { Remedy, View } from './view.ts';

/** An error whose message advises options. */
export class AdvisingError extends Error {
  constructor(
    cause: Error,
    readonly remedies: readonly Remedy[],
  ) {
    super(cause.message, { cause });
  }
}

/**
 * Checks the request of a form and runs it; errors name the labels of the form. `script` returns what a report
 * needs to let its charts be read. Throws AdvisingError.
 */
export async function ran(
  task: Task,
  request: object,
  tools: JobTools,
  script: () => string,
): Promise<{ readonly result: object; readonly view: View }> {
  const spelling = labels(task);
  const advised: Remedy[] = [];
  const remedy = (option: string, value: RemedyValue): string => {
    const text = spelling.remedy(option, value);
    if (!advised.some((known) => known.text === text)) advised.push({ option, value, text });
    return text;
  };
  const remediesIn = (texts: readonly string[]) =>
    advised.filter(({ text }) => texts.some((one) => one.includes(text)));
  const result = await runTask(task, request as never, { ...tools, pictures: true }, { ...spelling, remedy }).catch(
    (error: Error) => {
      throw new AdvisingError(error, remediesIn([error.message]));
    },
  );
  const view = task.view(result);
  const { status, notes, pictures, charts, tables } = view;
  const shown: View = {
    ...{ status, notes, pictures, charts },
    headline: sentence(view),
    remedies: remediesIn([sentence(view), ...notes]),
    tables: tables.filter(({ on }) => on !== 'shell'),
    files: Object.values(task.outputs).flatMap((output) =>
      offered(output, task.options, request as AnyRequest) ? filesOf(output, result, script) : [],
    ),
  };
  return { result, view: shown };
}

function sentence({ about, headline, outcome, ending, advice = [], seconds }: TaskView): string {
  const first = headline ?? `${about}${outcome === undefined ? '' : `; ${outcome}`}.`;
  return [first, ...(ending === undefined ? [] : [ending]), ...advice, `In ${duration(seconds)}.`].join(' ');
}

function filesOf<T>(output: Output<T>, result: T, script: () => string): View['files'] {
  if ('formats' in output) {
    return Object.values(output.formats).map(({ file, type, text }) => ({ name: file, type, content: text(result) }));
  }
  const name = output.file;
  if ('text' in output) return [{ name, type: output.type, content: output.text(result, script) }];
  const columns = Object.entries(output.columns(result)).map(([title, list]) => [title, [...list]]);
  return [{ name, type: 'text/csv', content: writeCsv(Object.fromEntries(columns)) }];
}
