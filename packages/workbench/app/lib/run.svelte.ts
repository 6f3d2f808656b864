import { emptyRun, fold, type Size } from '@southwell/papers';
import type { FromRun, ToRun } from '../workers/run.ts';
import { archive } from './archive.ts';
import { type EarlierResult, type ExperimentResult, revived } from './kept.ts';
import { get, set } from './storage.ts';
import { verdicts } from './verdicts.svelte.ts';
import { workerOf } from './worker.ts';

export interface RunSettings {
  readonly paper: number;
  readonly experiments: readonly string[];
  readonly size: Size;
  readonly seed: number;
  readonly set: Readonly<Record<string, number>>;
}

export type RunStatus = 'idle' | 'running' | 'done' | 'stopped' | 'failed';

interface Kept {
  readonly settings: RunSettings;
  readonly status: RunStatus;
  readonly results: ReadonlyArray<ExperimentResult | EarlierResult>;
}

/** A point of a curve. */
export interface Latest {
  readonly panel: string;
  readonly series: string;
  readonly y: number;
}

/** Milliseconds that a run may take to stop by itself before its worker is terminated. */
const STOP_MS = 60;

/**
 * A run of a paper's experiments in a worker. Each message yields new results, which share unchanged parts. Finished
 * experiments are stored in the browser: after a reload the run continues with the first unfinished one.
 */
export class Run {
  status = $state<RunStatus>('idle');
  label = $state('');
  fraction = $state(0);
  /** When the run began, in milliseconds of performance.now(). */
  began = $state(0);
  /** Milliseconds of the calibration in its worker. */
  calibration = $state<number>();
  /** The last point that a curve got. */
  latest = $state.raw<Latest>();
  error = $state('');
  settings = $state.raw<RunSettings | undefined>(undefined);
  results = $state.raw<readonly ExperimentResult[]>([]);
  /** Whether it is shown: a stored run that does not match the URL is hidden until it is requested. */
  shown = $state(false);
  /** Resolves when the stored state has been loaded. */
  readonly ready: Promise<void>;
  private startedAt = '';
  private worker: Worker | undefined;
  private stopping: ReturnType<typeof setTimeout> | undefined;
  /** What is being stored of the run. */
  private storing: Promise<void>[] = [];

  constructor(readonly paper: number) {
    this.ready = this.restore();
  }

  private get key(): string {
    return `run-${this.paper}`;
  }

  /** Restores a run interrupted by a reload, and continues it. */
  private async restore(): Promise<void> {
    const kept = await get<Kept>(this.key);
    if (!kept || this.status !== 'idle') return;
    this.settings = kept.settings;
    this.results = kept.results.map(revived);
    if (kept.status === 'running') this.launch(kept.settings, this.finished());
    else this.status = kept.status;
  }

  start(settings: RunSettings): void {
    this.end();
    this.settings = settings;
    this.results = [];
    this.shown = true;
    this.launch(settings, []);
  }

  /** Stops within STOP_MS and a little: the worker is asked to stop, then terminated. Measurements so far are kept. */
  stop(): void {
    if (this.status !== 'running' || this.stopping) return;
    this.worker?.postMessage({ type: 'stop' } satisfies ToRun);
    this.stopping = setTimeout(() => this.close('stopped'), STOP_MS);
  }

  private finished(): string[] {
    return this.results.filter((r) => r.seconds !== undefined).map((r) => r.id);
  }

  private launch(settings: RunSettings, done: readonly string[]): void {
    this.results = this.results.filter((r) => done.includes(r.id));
    const experiments = settings.experiments.filter((id) => !done.includes(id));
    this.status = 'running';
    this.error = '';
    this.label = 'Starting';
    this.fraction = 0;
    this.latest = undefined;
    this.began = performance.now();
    this.startedAt = new Date().toISOString();
    this.storing = [];
    this.worker = workerOf('run');
    this.worker.onmessage = ({ data }: MessageEvent<FromRun>) => this.receive(data);
    this.worker.onerror = (event) => {
      this.error = event.message || 'The worker could not be started.';
      this.close('failed');
    };
    this.worker.postMessage({ type: 'start', ...settings, experiments: [...experiments] } satisfies ToRun);
    this.keep();
  }

  private receive(message: FromRun): void {
    if (message.type === 'calibrated') this.calibration = message.milliseconds;
    else if (message.type === 'begin') {
      this.results = [...this.results, { id: message.experiment, state: { ...emptyRun, label: 'Preparing' } }];
      this.showProgress(message.experiment);
    } else if (message.type === 'events') {
      this.change(message.experiment, (r) => ({ ...r, state: message.events.reduce(fold, r.state) }));
      const last = message.events.findLast((e) => e.kind === 'points' && Number.isFinite(e.y.at(-1)));
      if (last?.kind === 'points') this.latest = { panel: last.panel, series: last.series, y: last.y.at(-1)! };
      this.showProgress(message.experiment);
    } else if (message.type === 'end') {
      this.change(message.experiment, (r) => ({ ...r, seconds: message.seconds }));
      this.keep();
      const found = this.results.find((r) => r.id === message.experiment);
      if (found) this.storing.push(this.archive(found, 'complete'));
      this.storing.push(
        verdicts.record(this.paper, message.experiment, found?.state.verdicts ?? [], this.settings?.set ?? {}),
      );
    } else if (message.type === 'failed') {
      this.error = message.message;
      this.close('failed');
    } else void this.closeWhenStored(message.type);
  }

  /** A run that is said to be done has its results stored: whoever then leaves the page loses none. */
  private async closeWhenStored(status: 'done' | 'stopped'): Promise<void> {
    const { worker } = this;
    await Promise.allSettled(this.storing);
    if (this.worker === worker) this.close(status);
  }

  private change(id: string, next: (result: ExperimentResult) => ExperimentResult): void {
    this.results = this.results.map((r) => (r.id === id ? next(r) : r));
  }

  private showProgress(id: string): void {
    const state = this.results.find((r) => r.id === id)?.state ?? emptyRun;
    this.label = state.label;
    this.fraction = state.fraction;
  }

  /** Stores a result under an address of its own. */
  private async archive(result: ExperimentResult, status: 'complete' | 'stopped'): Promise<void> {
    const { settings, startedAt } = this;
    if (settings) await archive(result, { ...settings, status, date: startedAt });
  }

  private close(status: RunStatus): void {
    const last = this.results.at(-1);
    if (status === 'stopped' && last && last.seconds === undefined) void this.archive(last, 'stopped');
    this.end();
    this.status = status;
    this.keep();
  }

  private end(): void {
    clearTimeout(this.stopping);
    this.stopping = undefined;
    this.worker?.terminate();
    this.worker = undefined;
  }

  private keep(): void {
    const { settings, status } = this;
    if (!settings) return;
    const results = status === 'running' ? this.results.filter((r) => r.seconds !== undefined) : this.results;
    void set(this.key, { settings: $state.snapshot(settings), status, results } satisfies Kept);
  }
}

/** Runs outlive their page, so that users can navigate in the meantime. */
const runs = new Map<number, Run>();
export function runOf(paper: number): Run {
  let run = runs.get(paper);
  if (!run) runs.set(paper, (run = new Run(paper)));
  return run;
}
