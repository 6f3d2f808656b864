/** Does a task beside the main thread. */
import { serveTableJob } from './serve-job.ts';
import { taskJob } from './task-job.ts';

void serveTableJob(taskJob);
