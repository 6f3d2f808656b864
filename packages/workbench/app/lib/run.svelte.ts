import type { ExperimentEvent, Size, Verdict } from '@southwell/papers';
import { del, get, set } from 'idb-keyval';
import type { FromRun, ToRun } from '../workers/run.worker.ts';

type PointsEvent = Extract<ExperimentEvent, { kind: 'points' }>;
export type TableEvent = Extract<ExperimentEvent, { kind: 'table' }>;
export type PictureEvent = Extract<ExperimentEvent, { kind: 'picture' }>;

/** A growing curve: x (iterations), y, and other measures of work by name. */
export interface Curve {
  readonly name: string;
  readonly x: number[];
  readonly y: number[];
  readonly work: Record<string, number[]>;
}

export interface ExperimentResult {
  readonly id: string;
  readonly panels: { readonly title: string; readonly curves: Curve[] }[];
  readonly tables: TableEvent[];
  readonly pictures: PictureEvent[];
  readonly verdicts: Verdict[];
  seconds?: number;
}

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
  readonly results: ExperimentResult[];
}

/** How long a run may take to stop by itself before its worker is ended. */
const STOP_MS = 60;

/**
 * One run of a paper's experiments in a worker. Results grow in place (curves have thousands of points); `version`
 * changes when there is something new to draw. Finished experiments are kept in the browser: after a reload the run
 * goes on with the first that was not finished.
 */
export class Run {
  status = $state<RunStatus>('idle');
  label = $state('');
  fraction = $state(0);
  error = $state('');
  version = $state(0);
  settings = $state.raw<RunSettings | undefined>(undefined);
  results: ExperimentResult[] = [];
  private worker: Worker | undefined;
  private stopping: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly paper: number) {}

  private get key(): string {
    return `run-${this.paper}`;
  }

  /** Brings back what a reload cut off, and goes on with it. */
  async restore(): Promise<void> {
    const kept = await get<Kept>(this.key).catch(() => undefined);
    if (!kept || this.status !== 'idle') return;
    this.settings = kept.settings;
    this.results = kept.results;
    this.version++;
    if (kept.status === 'running') this.launch(kept.settings, this.finished());
    else this.status = kept.status;
  }

  start(settings: RunSettings): void {
    this.end();
    this.settings = settings;
    this.results = [];
    this.launch(settings, []);
  }

  /** Ends within STOP_MS and a little: the worker is asked, then ended. What was measured stays. */
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
    this.worker = new Worker(new URL('../workers/run.worker.ts', import.meta.url), { type: 'module' });
    this.worker.onmessage = ({ data }: MessageEvent<FromRun>) => this.receive(data);
    this.worker.onerror = (event) => {
      this.error = event.message || 'The worker could not be started.';
      this.close('failed');
    };
    this.worker.postMessage({ type: 'start', ...settings, experiments: [...experiments] } satisfies ToRun);
    this.keep();
  }

  private receive(message: FromRun): void {
    if (message.type === 'begin') {
      this.results.push({ id: message.experiment, panels: [], tables: [], pictures: [], verdicts: [] });
      this.label = 'Preparing';
      this.fraction = 0;
    } else if (message.type === 'events') {
      const result = this.results.find((r) => r.id === message.experiment);
      if (result) for (const event of message.events) this.take(result, event);
    } else if (message.type === 'end') {
      const result = this.results.find((r) => r.id === message.experiment);
      if (result) result.seconds = message.seconds;
      this.keep();
    } else if (message.type === 'failed') {
      this.error = message.message;
      this.close('failed');
      return;
    } else {
      this.close(message.type);
      return;
    }
    this.version++;
  }

  private take(result: ExperimentResult, event: ExperimentEvent): void {
    if (event.kind === 'points') addPoints(result, event);
    else if (event.kind === 'table') result.tables.push(event);
    else if (event.kind === 'verdict') result.verdicts.push(event.verdict);
    else if (event.kind === 'picture') {
      // A picture of the same title takes the place of the last: that is how trajectories move.
      const at = result.pictures.findIndex((p) => p.title === event.title);
      if (at < 0) result.pictures.push(event);
      else result.pictures[at] = event;
    } else {
      this.label = event.label;
      this.fraction = event.fraction;
    }
  }

  private close(status: RunStatus): void {
    this.end();
    this.status = status;
    this.version++;
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
    set(this.key, { settings: $state.snapshot(settings), status, results } satisfies Kept).catch(() => {});
  }

  /** Forgets the run here and in the browser's store. */
  async clear(): Promise<void> {
    this.end();
    this.status = 'idle';
    this.results = [];
    this.version++;
    await del(this.key).catch(() => {});
  }
}

function addPoints(result: ExperimentResult, event: PointsEvent): void {
  let panel = result.panels.find((p) => p.title === event.panel);
  if (!panel) result.panels.push((panel = { title: event.panel, curves: [] }));
  let curve = panel.curves.find((c) => c.name === event.series);
  if (!curve) panel.curves.push((curve = { name: event.series, x: [], y: [], work: {} }));
  for (const v of event.x) curve.x.push(v);
  for (const v of event.y) curve.y.push(v);
  for (const [name, values] of Object.entries(event.work ?? {})) {
    const list = (curve.work[name] ??= []);
    for (const v of values) list.push(v);
  }
}

/** Runs outlive their page, so that one can look around meanwhile. */
const runs = new Map<number, Run>();
export function runOf(paper: number): Run {
  let run = runs.get(paper);
  if (!run) {
    runs.set(paper, (run = new Run(paper)));
    void run.restore();
  }
  return run;
}
