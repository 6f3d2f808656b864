/** Does a task beside the main thread: the request was checked there. */
import { flags, taskOf } from '@southwell/tasks';
import type { CheckpointRequest } from './checkpoint-file.ts';
import { serveTableJob } from './serve-job.ts';

interface Request extends CheckpointRequest {
  readonly data: string;
  readonly format?: string;
  /** The words of the command. */
  readonly verb: string;
}

await serveTableJob(({ verb, checkpoint, resume, ...request }: Request, tools) => {
  const task = taskOf(verb);
  return task.job(request, { ...tools, spell: flags(task).option });
});
