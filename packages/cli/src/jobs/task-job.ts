import { flags, type JobTools, loadTask, type TaskTools, withSpelledErrors } from '@southwell/tasks';
import type { JobRequest } from '../carriers/carrier.ts';

export interface TaskJob extends JobRequest {
  /** The words of the command. */
  readonly verb: string;
  /** As it was typed. */
  readonly command: string;
  /** Whether files are asked for that show pictures. */
  readonly pictures: boolean;
  readonly alone?: TaskTools['alone'];
}

/** Does a task: the request was checked before. */
export async function taskJob({ asked, verb, command, pictures, alone }: TaskJob, tools: JobTools) {
  const task = await loadTask(verb);
  const spell = flags(task).option;
  return withSpelledErrors(task.options, spell, () => task.job(asked, { ...tools, spell, command, pictures, alone }));
}
