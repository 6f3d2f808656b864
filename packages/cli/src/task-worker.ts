/** Does a task beside the main thread: the request was checked there. */
import { flags, taskOf } from '@southwell/tasks';
import type { CheckpointRequest } from './checkpoint-file.ts';
import { serveTableJob } from './serve-job.ts';

interface Request extends CheckpointRequest {
  readonly format?: string;
  /** The words of the command. */
  readonly verb: string;
  /** As it was typed. */
  readonly command: string;
  /** Whether files are asked for that show pictures. */
  readonly pictures: boolean;
}

await serveTableJob(({ verb, command, pictures, checkpoint, resume, ...request }: Request, tools) => {
  const task = taskOf(verb);
  return task.job(request, { ...tools, spell: flags(task).option, command, pictures });
});
