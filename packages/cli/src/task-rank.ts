/** Does a task as one of several threads, a rank each. */
import type { Ranks } from '@southwell/distributed';
import { rankTableJob } from './jobs/serve-job.ts';
import { type TaskJob, taskJob } from './jobs/task-job.ts';

export default (
  ranks: Ranks,
  input: { readonly request: TaskJob; readonly flag: Int32Array },
  post: (message: unknown) => void,
) => rankTableJob(ranks, input, post, taskJob);
