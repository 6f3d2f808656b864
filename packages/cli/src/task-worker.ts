/** Does a task beside the main thread: the request was checked there. */
import { flags, loadTask, withSpelledErrors } from '@southwell/tasks';
import type { CheckpointRequest } from './checkpoint-file.ts';
import { serveTableJob } from './serve-job.ts';

export interface TaskJob extends CheckpointRequest {
  /** The request, by the names of the declaration. */
  readonly asked: Readonly<Record<string, unknown>>;
  /** The words of the command. */
  readonly verb: string;
  /** As it was typed. */
  readonly command: string;
  /** Whether files are asked for that show pictures. */
  readonly pictures: boolean;
}

await serveTableJob(async ({ asked, verb, command, pictures }: TaskJob, tools) => {
  const task = await loadTask(verb);
  const spell = flags(task).option;
  return withSpelledErrors(task.options, spell, () => task.job(asked, { ...tools, spell, command, pictures }));
});
