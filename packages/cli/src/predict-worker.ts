/** Predicts as one of the processes that MPI started. */
import { predictJob } from './jobs/predict-job.ts';
import { serveTableJob } from './jobs/serve-job.ts';

void serveTableJob(predictJob);
