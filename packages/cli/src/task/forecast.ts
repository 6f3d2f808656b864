import type { Forecast } from '@southwell/tasks';
import { runTableJob } from '../jobs/table-job.ts';
import type { TaskJob } from '../jobs/task-job.ts';
import { viewText } from './text.ts';

const dryOf = (job: TaskJob): TaskJob => ({ ...job, dry: true });

/** Measures on the ranks what a task costs and prints the prediction; nothing else is done. Returns the exit code. */
export const forecast = (
  job: TaskJob,
  { json, quiet }: { readonly json?: boolean; readonly quiet?: boolean },
): Promise<number> =>
  runTableJob<Forecast>(dryOf(job), {
    ...{ json, quiet, files: [], made: [] },
    ...{ kept: 'nothing is', none: 'was a prediction' },
    exit: () => undefined,
    document: ({ document, status }) => ({ southwell: 1, ...document, status }),
    text: ({ view }, done) => viewText(view, { done, reads: true }),
  });
