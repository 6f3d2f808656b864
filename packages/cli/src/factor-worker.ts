/** Factors a matrix beside the main thread; each verb of the group has a job of its name. */
import { readBlocks } from '@southwell/data/node';
import {
  type CcaRequest,
  ccaJob,
  ccaStreamJob,
  completeJob,
  decomposeJob,
  dictionaryJob,
  type JobTools,
} from '@southwell/tasks';
import { serveTableJob } from './serve-job.ts';

type Job = (request: never, tools: JobTools) => Promise<object>;

function ccaStream(request: CcaRequest, tools: JobTools) {
  const blocks = (columns: readonly string[], rows: number) =>
    readBlocks(request.data, {
      // Without the signal: a job that is stopped still scores the first block.
      ...{ rows, columns, zeroBased: request.zeroBased },
      format: request.format as never,
    });
  return ccaStreamJob(request, { ...tools, blocks });
}

const jobs: Readonly<Record<string, Job>> = {
  svd: decomposeJob,
  nmf: decomposeJob,
  'sparse-pca': decomposeJob,
  cca: ccaJob,
  'cca-stream': ccaStream,
  dictionary: dictionaryJob,
  complete: completeJob,
};

await serveTableJob<{ readonly job: string; readonly format?: string }, object>((request, tools) =>
  jobs[request.job](request as never, tools),
);
