/** Learns a graph beside the main thread. */
import { readTable } from '@southwell/data/node';
import { learnGraph } from './commands/graph/job.ts';
import { serveJob } from './serve-job.ts';

await serveJob<Parameters<typeof learnGraph>[0], Awaited<ReturnType<typeof learnGraph>>, string>(
  (request, { signal, progress }) =>
    learnGraph(request, {
      read: () =>
        readTable(request.data, {
          format: request.format as never,
          signal,
          onProgress: (_bytes, rows) => progress(`reading: ${rows} rows`),
        }),
      signal,
      progress,
    }),
);
