import { flags, type JobTools, loadTask, spellOf, type TaskTools, withSpelledErrors } from '@southwell/tasks';
import type { JobRequest } from '../carriers/carrier.ts';

export interface TaskJob extends JobRequest {
  /** The words of the command. */
  readonly verb: string;
  /** The command line as typed. */
  readonly command: string;
  /** Whether requested files show pictures. */
  readonly pictures: boolean;
  readonly alone?: TaskTools['alone'];
}

/** Runs a task whose request has already been checked. */
export async function taskJob({ asked, verb, command, pictures, alone }: TaskJob, tools: JobTools) {
  const task = await loadTask(verb);
  const spelling = flags(task);
  const spell = spellOf(spelling);
  return withSpelledErrors(task.options, spelling.option, () =>
    task.job(asked, { ...tools, spell, command, pictures, alone }),
  );
}
