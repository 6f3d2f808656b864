// Runs experiments in a worker. Events are sent in batches, so that a fast method does not flood the page with
// messages.
import { calibration, type ExperimentEvent, experimentsOf, resolveContext, type Size } from '@southwell/papers';

export interface StartRun {
  readonly type: 'start';
  readonly paper: number;
  readonly experiments: readonly string[];
  readonly size: Size;
  readonly seed: number;
  readonly set: Readonly<Record<string, number>>;
}
export type ToRun = StartRun | { readonly type: 'stop' };
export type FromRun =
  /** How fast the machine is, in milliseconds of the calibration; comes first. */
  | { readonly type: 'calibrated'; readonly milliseconds: number }
  | { readonly type: 'begin'; readonly experiment: string }
  | { readonly type: 'events'; readonly experiment: string; readonly events: readonly ExperimentEvent[] }
  | { readonly type: 'end'; readonly experiment: string; readonly seconds: number }
  | { readonly type: 'done' }
  | { readonly type: 'stopped' }
  | { readonly type: 'failed'; readonly message: string };

const BATCH_MS = 60;
const abort = new AbortController();
const post = (message: FromRun) => postMessage(message);

async function run({ paper, experiments, size, seed, set }: StartRun): Promise<void> {
  post({ type: 'calibrated', milliseconds: calibration() });
  const all = await experimentsOf(paper);
  for (const id of experiments) {
    const experiment = all.find((e) => e.id === id);
    if (!experiment) throw new Error(`There is no experiment "${id}" of paper ${paper}.`);
    post({ type: 'begin', experiment: id });
    const started = performance.now();
    let batch: ExperimentEvent[] = [];
    let sent = started;
    const flush = () => {
      if (batch.length > 0) post({ type: 'events', experiment: id, events: batch });
      batch = [];
      sent = performance.now();
    };
    for await (const event of experiment.run(resolveContext(experiment, { size, seed, set, signal: abort.signal }))) {
      batch.push(event);
      if (performance.now() - sent > BATCH_MS) flush();
    }
    flush();
    post({ type: 'end', experiment: id, seconds: (performance.now() - started) / 1000 });
  }
}

export function receive(data: ToRun): void {
  if (data.type === 'stop') abort.abort();
  else {
    run(data).then(
      () => post({ type: 'done' }),
      (error: Error) => post(abort.signal.aborted ? { type: 'stopped' } : { type: 'failed', message: error.message }),
    );
  }
}
