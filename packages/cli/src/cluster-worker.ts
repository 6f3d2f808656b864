/** Clusters beside the main thread. */
import { clusterJob } from '@southwell/modelling';
import { serveTableJob } from './serve-job.ts';

await serveTableJob(clusterJob);
