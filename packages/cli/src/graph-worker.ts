/** Learns a graph beside the main thread. */
import { graphJob } from '@southwell/modelling';
import { serveTableJob } from './serve-job.ts';

await serveTableJob(graphJob);
