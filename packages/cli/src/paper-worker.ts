/** Runs a paper's experiments beside the main thread, one at a time on request. Events are sent in batches. */
import { parentPort, workerData } from 'node:worker_threads';
import { decidedClaims, type ExperimentEvent, experimentsOf, resolveContext, type Size } from '@southwell/papers';
import { partFiles } from '@southwell/papers/node';
import { sharedSignal } from '@southwell/tasks';

/** One experiment with one seed. */
export interface Job {
  readonly experiment: string;
  readonly seed: number;
}

export interface JobList {
  readonly paper: number;
  readonly jobs: readonly Job[];
  readonly size: Size;
  readonly set: Readonly<Record<string, number>>;
  /** A folder with the files that are not shipped. */
  readonly parts?: string | undefined;
  /** Whether a job ends once all its claims are decided. */
  readonly claimsOnly: boolean;
}

/** Messages to the worker: the index of the next job in the list, or abort. */
export type ToJobs = { readonly job: number } | 'abort';

export type FromJobs =
  | { readonly type: 'begin'; readonly job: number }
  | { readonly type: 'events'; readonly job: number; readonly events: readonly ExperimentEvent[] }
  | { readonly type: 'end'; readonly job: number; readonly seconds: number }
  | { readonly type: 'stopped' }
  | { readonly type: 'failed'; readonly message: string; readonly stack?: string };

const BATCH_MS = 60;
const { list, flag } = workerData as { list: JobList; flag: Int32Array };
const port = parentPort!;
const signal = sharedSignal(flag, (abort) => port.on('message', (m: ToJobs) => m === 'abort' && abort()));
const post = (message: FromJobs) => port.postMessage(message);
const experiments = experimentsOf(list.paper);

async function run(job: number): Promise<void> {
  signal.throwIfAborted();
  const experiment = (await experiments).find((e) => e.id === list.jobs[job].experiment)!;
  const files = partFiles(list.parts);
  const context = resolveContext(experiment, { ...list, seed: list.jobs[job].seed, files, signal });
  post({ type: 'begin', job });
  const open = new Set(decidedClaims(experiment, list.size).map((c) => c.id));
  let batch: ExperimentEvent[] = [];
  const started = performance.now();
  let sent = started;
  const flush = () => {
    post({ type: 'events', job, events: batch });
    batch = [];
    sent = performance.now();
  };
  try {
    for await (const event of experiment.run(context)) {
      batch.push(event);
      if (event.kind === 'verdict') open.delete(event.verdict.claim);
      if (list.claimsOnly && open.size === 0) break;
      if (performance.now() - sent > BATCH_MS) flush();
    }
  } finally {
    flush();
  }
  post({ type: 'end', job, seconds: (performance.now() - started) / 1000 });
}

port.on('message', (message: ToJobs) => {
  if (message === 'abort') return;
  run(message.job).catch((error: Error) => {
    const { message, stack } = error;
    post(Atomics.load(flag, 0) !== 0 ? { type: 'stopped' } : { type: 'failed', message, stack });
  });
});
