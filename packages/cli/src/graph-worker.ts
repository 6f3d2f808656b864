/** Learns a graph beside the main thread. */
import { graphJob } from '@southwell/tasks';
import { serveTableJob } from './serve-job.ts';

await serveTableJob(graphJob);
