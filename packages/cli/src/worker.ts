/** Runs a fit beside the main thread. */
import { availableParallelism } from 'node:os';
import { readTable } from '@southwell/data/node';
import { type FitOutcome, type FitRequest, fitJob, type Progress } from '@southwell/tasks';
import { type CheckpointRequest, fileStore } from './checkpoint-file.ts';
import { serveJob } from './serve-job.ts';

await serveJob<FitRequest & CheckpointRequest, FitOutcome, Progress>((request, { signal, progress }) => {
  const read = () =>
    readTable(request.data, {
      format: request.format as never,
      signal,
      onProgress: (_bytes, rows) => progress({ phase: 'reading', rows }),
    });
  const checkpoint = fileStore(request);
  return fitJob(request, { read, cores: availableParallelism(), signal, progress, checkpoint });
});
