/** Predicts as one of the processes that MPI started. */
import { predictJob } from './predict-job.ts';
import { serveTableJob } from './serve-job.ts';

void serveTableJob(predictJob);
