import { flags, type JobTools, loadTask, withSpelledErrors } from '@southwell/tasks';
import type { Place } from '../ranks/ranks.ts';
import type { CheckpointRequest } from './checkpoint-file.ts';

export interface TaskJob extends CheckpointRequest {
  /** The request, by the names of the declaration. */
  readonly asked: Readonly<Record<string, unknown>>;
  /** The words of the command. */
  readonly verb: string;
  /** As it was typed. */
  readonly command: string;
  /** Whether files are asked for that show pictures. */
  readonly pictures: boolean;
  readonly place?: Place;
}

/** Does a task: the request was checked before. */
export async function taskJob({ asked, verb, command, pictures }: TaskJob, tools: JobTools) {
  const task = await loadTask(verb);
  const spell = flags(task).option;
  return withSpelledErrors(task.options, spell, () => task.job(asked, { ...tools, spell, command, pictures }));
}
