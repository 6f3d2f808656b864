/** Inspects a file as one of several threads, a rank each. */
import type { Ranks } from '@southwell/distributed';
import { type InspectRequest, inspectJob } from './jobs/inspect-job.ts';
import { rankTableJob } from './jobs/serve-job.ts';

export default (
  ranks: Ranks,
  input: { readonly request: InspectRequest; readonly flag: Int32Array },
  post: (message: unknown) => void,
) => rankTableJob(ranks, input, post, inspectJob);
