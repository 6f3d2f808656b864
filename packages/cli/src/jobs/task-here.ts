import type { JobHere } from './run-in-worker.ts';
import { tableJobHere } from './serve-job.ts';
import { type TaskJob, taskJob } from './task-job.ts';

/** Does a task in this thread. */
export const taskHere: JobHere = (request, aside, post) => tableJobHere(request as TaskJob, aside, post, taskJob);
