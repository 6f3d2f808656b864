/** Runs a paper's experiments beside the main thread, which stays free for Ctrl-C. Events travel in batches. */
import { parentPort, workerData } from 'node:worker_threads';
import { type ExperimentEvent, experimentsOf, resolveContext, type Size } from '@southwell/papers';
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
  /** Leaves a job once all its claims are decided. */
  readonly claimsOnly: boolean;
}

export type FromJobs =
  | { readonly type: 'begin'; readonly job: number }
  | { readonly type: 'end'; readonly seconds: number }
  | { readonly type: 'events'; readonly events: readonly ExperimentEvent[] }
  | { readonly type: 'done' | 'stopped' }
  | { readonly type: 'failed'; readonly message: string; readonly stack?: string };

const BATCH_MS = 60;
const { list, flag } = workerData as { list: JobList; flag: Int32Array };
const port = parentPort!;
const signal = sharedSignal(flag, (abort) => port.on('message', abort));
const post = (message: FromJobs) => port.postMessage(message);

async function run(): Promise<void> {
  const experiments = await experimentsOf(list.paper);
  for (let job = 0; job < list.jobs.length; job++) {
    signal.throwIfAborted();
    const experiment = experiments.find((e) => e.id === list.jobs[job].experiment)!;
    const context = resolveContext(experiment, { ...list, seed: list.jobs[job].seed, signal });
    post({ type: 'begin', job });
    const open = new Set(experiment.claims.map((c) => c.id));
    let batch: ExperimentEvent[] = [];
    const started = performance.now();
    let sent = started;
    const flush = () => {
      post({ type: 'events', events: batch });
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
    post({ type: 'end', seconds: (performance.now() - started) / 1000 });
  }
}

try {
  await run();
  post({ type: 'done' });
} catch (error) {
  const { message, stack } = error as Error;
  post(Atomics.load(flag, 0) !== 0 ? { type: 'stopped' } : { type: 'failed', message, stack });
}
port.close();
