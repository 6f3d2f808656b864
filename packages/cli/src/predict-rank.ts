/** Predicts as one of several threads, a rank each. */
import type { Ranks } from '@southwell/distributed';
import { type PredictRequest, predictJob } from './jobs/predict-job.ts';
import { rankTableJob } from './jobs/serve-job.ts';

export default (
  ranks: Ranks,
  input: { readonly request: PredictRequest; readonly flag: Int32Array },
  post: (message: unknown) => void,
) => rankTableJob(ranks, input, post, predictJob);
