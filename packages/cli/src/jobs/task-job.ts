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
  /** Only measures, and predicts. */
  readonly dry?: boolean;
}

/** Runs a task whose request has already been checked. */
export async function taskJob({ asked, verb, command, pictures, alone, dry }: TaskJob, tools: JobTools) {
  const task = await loadTask(verb);
  const spelling = flags(task);
  const spell = spellOf(spelling);
  return withSpelledErrors<unknown>(task.options, spelling.option, () =>
    dry
      ? task.forecast!(asked, { ...tools, spell, command, pictures, dry })
      : task.job(asked, { ...tools, spell, command, pictures, alone }),
  );
}
