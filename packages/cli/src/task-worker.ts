/** Does a task beside the main thread. */
import { serveTableJob } from './jobs/serve-job.ts';
import { taskJob } from './jobs/task-job.ts';

void serveTableJob(taskJob);
