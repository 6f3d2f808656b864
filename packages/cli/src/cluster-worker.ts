/** Clusters beside the main thread. */
import { clusterJob } from '@southwell/tasks';
import { serveTableJob } from './serve-job.ts';

await serveTableJob(clusterJob);
