/** Factors a matrix beside the main thread; each verb of the group has a job of its name. */
import { ccaJob, completeJob, decomposeJob, dictionaryJob, type JobTools } from '@southwell/modelling';
import { serveTableJob } from './serve-job.ts';

type Job = (request: never, tools: JobTools) => Promise<object>;

const jobs: Readonly<Record<string, Job>> = {
  svd: decomposeJob,
  nmf: decomposeJob,
  'sparse-pca': decomposeJob,
  cca: ccaJob,
  dictionary: dictionaryJob,
  complete: completeJob,
};

await serveTableJob<{ readonly job: string; readonly data: string }, object>((request, tools) =>
  jobs[request.job](request as never, tools),
);
