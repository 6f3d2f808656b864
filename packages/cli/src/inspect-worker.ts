/** Inspects a file as one of the processes that MPI started. */
import { inspectJob } from './jobs/inspect-job.ts';
import { serveTableJob } from './jobs/serve-job.ts';

void serveTableJob(inspectJob);
