/** Factors a matrix beside the main thread; each verb of the group has a job of its name. */
import { serveJob } from './serve-job.ts';

type Tools = { readonly signal: AbortSignal; readonly progress: (text: string) => void };
type Job = (request: never, tools: Tools) => Promise<object>;

const decompose = async (): Promise<Job> => (await import('./commands/factor/decompose-job.ts')).decomposeJob;

/** Loaded when asked for. */
const jobs: Readonly<Record<string, () => Promise<Job>>> = {
  svd: decompose,
  nmf: decompose,
  'sparse-pca': decompose,
  cca: async () => (await import('./commands/factor/cca-job.ts')).ccaJob,
  dictionary: async () => (await import('./commands/factor/dictionary-job.ts')).dictionaryJob,
  complete: async () => (await import('./commands/factor/complete-job.ts')).completeJob,
};

await serveJob<{ readonly job: string }, object, string>(async (request, tools) =>
  (await jobs[request.job]())(request as never, tools),
);
