// Reads a file and fits models to it, off the page. The file never leaves the machine: it is read here, by pieces.
import { loadBundled, readTable, type Table } from '@southwell/data';
import {
  type FitOutcome,
  type FitRequest,
  fitJob,
  type JobProgress,
  type Progress,
  reportHtml,
  sharedSignal,
  taskOf,
} from '@southwell/tasks';
import uplotScript from 'uplot/dist/uPlot.iife.min.js?raw';
import uplotCss from 'uplot/dist/uPlot.min.css?raw';
import { type JobRequests, jobs } from './jobs.ts';
import { summary, type TableSummary } from './summary.ts';
import { viewOf } from './task.ts';
import type { View } from './views/view.ts';

export type ToData =
  | { readonly type: 'load'; readonly source: File | string }
  /** Comes after the flag, for a run that waits for threads of its own. */
  | { readonly type: 'stop' }
  | {
      readonly type: 'run';
      readonly family: keyof JobRequests;
      readonly request: object;
      readonly flag?: Int32Array<SharedArrayBuffer>;
    }
  /** What is declared, by the words of its command. */
  | {
      readonly type: 'task';
      readonly verb: string;
      readonly request: object;
      readonly flag?: Int32Array<SharedArrayBuffer>;
    };
export type FromData =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'table'; readonly table: TableSummary }
  | { readonly type: 'fitted'; readonly outcome: FitOutcome; readonly report: string }
  | { readonly type: 'job'; readonly progress: JobProgress }
  | { readonly type: 'ran'; readonly view: View }
  | { readonly type: 'failed'; readonly message: string };

let table: Table | undefined;
let stop: (() => void) | undefined;
const post = (message: FromData) => postMessage(message);

let last = 0;
/** At most sixteen messages a second. */
const sparingly = (message: FromData): void => {
  const now = performance.now();
  if (now - last < 60) return;
  last = now;
  post(message);
};
const listen = (p: JobProgress): void => sparingly({ type: 'job', progress: p });
const progress = (p: Progress): void => sparingly({ type: 'progress', progress: p });

async function load(source: File | string): Promise<void> {
  table = undefined;
  const onProgress = (_bytes: number, rows: number) => progress({ phase: 'reading', rows });
  table =
    typeof source === 'string' ? await loadBundled(source, { onProgress }) : await readTable(source, { onProgress });
  post({ type: 'table', table: summary(table) });
}

/** What a job is given: the table that was read, and a flag in shared memory, since no message arrives while it works. */
function tools(flag: Int32Array<SharedArrayBuffer> | undefined) {
  if (!table) throw new Error('Choose a file first.');
  const known = table;
  const signal = sharedSignal(flag ?? new Int32Array(1), (abort) => {
    stop = abort;
  });
  return { read: async () => known, signal };
}

async function run({ family, request, flag }: Extract<ToData, { type: 'run' }>): Promise<void> {
  if (family === 'linear-models') return fit(request as FitRequest, flag);
  const job = jobs[family] as (request: object, tools: object) => Promise<View>;
  post({ type: 'ran', view: await job(request, { ...tools(flag), progress: listen }) });
}

async function task({ verb, request, flag }: Extract<ToData, { type: 'task' }>): Promise<void> {
  post({ type: 'ran', view: await viewOf(taskOf(verb), request, { ...tools(flag), progress: listen }) });
}

async function fit(request: FitRequest, flag: Int32Array<SharedArrayBuffer> | undefined): Promise<void> {
  const cores = flag ? navigator.hardwareConcurrency : 1;
  const outcome = await fitJob(request, { ...tools(flag), cores, progress });
  post({
    type: 'fitted',
    outcome,
    report: reportHtml(outcome, request.command, { script: uplotScript, css: uplotCss }),
  });
}

addEventListener('message', ({ data }: MessageEvent<ToData>) => {
  if (data.type === 'stop') return stop?.();
  const work = data.type === 'load' ? load(data.source) : data.type === 'task' ? task(data) : run(data);
  work.catch((error: Error) => post({ type: 'failed', message: error.message }));
});
