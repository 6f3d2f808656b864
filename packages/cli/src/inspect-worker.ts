/** Inspects a file as one of the processes that MPI started. */
import { inspectJob } from './inspect-job.ts';
import { serveTableJob } from './serve-job.ts';

void serveTableJob(inspectJob);
