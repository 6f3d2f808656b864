// The families' jobs on a table, and what of their results the page shows. Runs in the worker.
import {
  type CcaRequest,
  type CompleteRequest,
  ccaJob,
  completeJob,
  type DecomposeRequest,
  type DictionaryRequest,
  decomposeJob,
  dictionaryJob,
  type JobTools,
} from '@southwell/tasks';
import { ccaView, completedView, dictionaryView, partsView } from './views/factorisation.ts';
import type { View } from './views/view.ts';

export interface JobRequests {
  readonly factorisation:
    | { readonly task: 'decompose'; readonly request: DecomposeRequest }
    | { readonly task: 'dictionary'; readonly request: DictionaryRequest }
    | { readonly task: 'cca'; readonly request: CcaRequest }
    | { readonly task: 'complete'; readonly request: CompleteRequest };
}

type Jobs = { readonly [F in keyof JobRequests]: (request: JobRequests[F], tools: JobTools) => Promise<View> };

export const jobs: Jobs = {
  async factorisation(asked, tools) {
    switch (asked.task) {
      case 'decompose':
        return partsView(await decomposeJob(asked.request, tools), asked.request.job);
      case 'dictionary':
        return dictionaryView(await dictionaryJob(asked.request, tools));
      case 'cca':
        return ccaView(await ccaJob(asked.request, tools), asked.request.ridge);
      case 'complete':
        return completedView(await completeJob(asked.request, tools));
    }
  },
};
