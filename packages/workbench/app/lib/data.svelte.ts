import { exampleOf, type JobProgress, mainTable } from '@southwell/tasks';
import type { FromData, LoadedFrom, ToData } from '../workers/data.ts';
import type { Remedy, View } from '../workers/view.ts';
import { keepInAddress } from './address.ts';
import { taskOf, verbOf } from './choices.ts';
import type { GrowingCurve } from './curve.ts';
import { applied, saysValues, valuesFromAddress, valuesInAddress } from './forms.ts';
import type { Cut, Kept } from './over-reloads.ts';
import { nameOf, sizeOf, sorted } from './sources.ts';
import { get, set } from './storage.ts';
import { TaskForm } from './task-form.svelte.ts';
import { workerOf } from './worker.ts';

const KEY = 'data';
const CUT = 'data-cut';
/** Larger files are not kept across reloads. */
const MOST_KEPT = 64 * 2 ** 20;

/** The current table and task: outlives its page, and is stored by the browser across reloads. */
class DataState extends TaskForm {
  view = $state.raw<View | undefined>(undefined);
  phase = $state<'empty' | 'reading' | 'ready' | 'running'>('empty');
  progress = $state.raw<JobProgress | undefined>(undefined);
  error = $state('');
  /** What the error advises. */
  remedies = $state.raw<readonly Remedy[]>([]);
  note = $state('');
  /** Progress of the current run: certificates of a fit, or the objective of another job. */
  live = $state.raw<readonly GrowingCurve[]>([]);
  version = $state(0);
  /** The command of the displayed result. */
  ran = $state('');
  /** An example run, which the user did not request: the page would be empty otherwise. */
  example = $state(false);
  ready = $state(false);
  /** The query of a link whose form waits for a file. */
  private linked = '';

  private worker: Worker | undefined;
  private source: LoadedFrom | undefined;
  private flag: Int32Array<SharedArrayBuffer> | undefined;
  private stopping: ReturnType<typeof setTimeout> | undefined;
  /** Called once the table is loaded. */
  private afterwards: (() => void) | undefined;

  /** Restores from the URL; otherwise the last state; otherwise an example. */
  async open(query: string): Promise<void> {
    const first = !this.ready;
    this.ready = true;
    const kept = first ? await get<Kept>(KEY) : undefined;
    const cut = first ? await get<Cut>(CUT) : undefined;
    // The user has chosen something in the meantime.
    if (this.phase !== 'empty') return;
    const params = new URLSearchParams(query);
    const data = params.get('data');
    const verb = params.get('task');
    const known = taskOf(verb) ? (verb as string) : undefined;
    if (kept?.source !== undefined && (data === null || data === kept.dataName)) {
      this.verb = known ?? (taskOf(kept.verb) ? kept.verb : this.verb);
      this.load(kept.source, () => this.restore(kept, cut, known !== undefined, query));
    } else if (
      kept &&
      kept.source === undefined &&
      (known ?? kept.verb) === kept.verb &&
      data === null &&
      taskOf(kept.verb)
    ) {
      this.verb = kept.verb;
      this.restore(kept, cut, known !== undefined, query);
    } else if (known !== undefined && mainTable(taskOf(known)!.inputs) === undefined) {
      this.verb = known;
      this.changed = valuesFromAddress(this.controls, query);
    } else if (data?.startsWith('bundled:')) {
      this.verb = known ?? this.verb;
      this.load(data, () => (this.changed = valuesFromAddress(this.controls, query)));
    } else if (known !== undefined) {
      // A link has the form, but not the file, which comes next.
      this.verb = known;
      this.linked = query;
    } else this.runExample();
  }

  /** Loads the example of the task and runs it. */
  runExample(): void {
    const example = exampleOf(this.task);
    if (!example) return;
    const { inputs, values } = example;
    const { main, verb } = this;
    const rest = Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== main));
    const run = () => {
      // Another task, or something in its form, was chosen while the table was read.
      if (this.verb !== verb || Object.keys(this.changed).length > 0) return this.keep();
      this.changed = { ...rest, ...values };
      this.example = true;
      this.run();
    };
    this.choose(verb);
    if (main === undefined) run();
    else this.load(inputs[main], run);
  }

  /** Restores the state before a reload. */
  private restore(kept: Kept, cut: Cut | undefined, asked: boolean, query: string): void {
    const files = Object.entries(kept.changed).filter(([, value]) => [value].flat().some((one) => one instanceof Blob));
    const said = asked || saysValues(query);
    const fromAddress = { ...Object.fromEntries(files), ...valuesFromAddress(this.controls, query) };
    this.changed = said ? fromAddress : kept.changed;
    if (kept.ran === '' || kept.ran !== this.command) return;
    if (!kept.view && cut?.ran === kept.ran) {
      this.run(cut);
      this.note = 'A reload cut off this run: it goes on from what was kept.';
    } else if (!kept.view) this.note = 'A reload cut off the last run: Run starts it anew.';
    else {
      this.view = kept.view;
      this.live = kept.live;
      this.ran = kept.ran;
    }
  }

  keepAddress(): void {
    if (this.example || this.linked !== '' || (!this.table && this.main !== undefined)) return;
    const data = this.dataName.startsWith('bundled:') ? this.dataName : undefined;
    keepInAddress({ data, task: this.verb, ...valuesInAddress(this.controls, this.changed) });
  }

  /** Opens files: a saved model goes into the form of its task, which a table beside it is for. */
  async take(files: readonly LoadedFrom[]): Promise<void> {
    const { model, table, unused } = await sorted(files);
    if (model) {
      this.choose(verbOf(model.task));
      this.changed = { [model.input]: model.file };
    }
    if (table !== undefined) this.load(table);
    if (unused.length > 0) this.note = `Not used, since one table and one model are: ${unused.map(nameOf).join(', ')}.`;
  }

  load(from: LoadedFrom, then?: () => void): void {
    // A model is kept when the table changes.
    const models = Object.entries(this.changed).filter(([name]) => this.task.inputs[name]?.kind === 'model');
    this.source = from;
    this.dataName = nameOf(from);
    this.table = undefined;
    this.changed = Object.fromEntries(models);
    this.clear();
    this.phase = 'reading';
    const { linked } = this;
    this.linked = '';
    this.afterwards =
      then ??
      (() => {
        if (linked !== '') this.changed = { ...valuesFromAddress(this.controls, linked), ...this.changed };
        this.keep();
      });
    this.start().postMessage({ type: 'load', source: from } satisfies ToData);
  }

  choose(verb: string): void {
    this.verb = verb;
    this.changed = {};
    this.clear();
  }

  /** Applies what a message advises, and runs. */
  apply({ option, value }: Remedy): void {
    const control = this.controls.find(({ name }) => name === option)!;
    this.change(option, applied(control, this.values[option], value));
    this.run();
  }

  run(cut?: Cut): void {
    if (!this.worker && this.main !== undefined) return;
    const worker = this.worker ?? this.start();
    const example = this.example && this.ran === '';
    this.clear();
    this.example = example;
    this.phase = 'running';
    this.ran = this.command;
    const isolated = typeof SharedArrayBuffer === 'function' && crossOriginIsolated;
    this.flag = isolated ? new Int32Array(new SharedArrayBuffer(4)) : undefined;
    const request = { ...this.asked };
    const { verb, flag } = this;
    if (cut) this.live = cut.live;
    else void set(CUT, undefined);
    worker.postMessage({ type: 'task', verb, request, flag, kept: cut?.text } satisfies ToData);
    this.keep();
  }

  stop(): void {
    if (this.phase !== 'running' || this.stopping) return;
    if (this.flag) Atomics.store(this.flag, 0, 1);
    this.worker?.postMessage({ type: 'stop' } satisfies ToData);
    // A job checks the flag at every iterate; if it does not stop, the worker is terminated and the table is read
    // again.
    this.stopping = setTimeout(
      () => {
        this.stopping = undefined;
        this.note = 'Stopped before there was a result.';
        this.ran = '';
        const kept = this.table;
        this.afterwards = undefined;
        const worker = this.start();
        if (this.source !== undefined) worker.postMessage({ type: 'load', source: this.source } satisfies ToData);
        this.table = kept;
        this.phase = kept ? 'ready' : 'empty';
      },
      this.flag ? 1500 : 0,
    );
    if (this.flag) this.note = 'Stopping …';
  }

  private start(): Worker {
    this.worker?.terminate();
    clearTimeout(this.stopping);
    this.stopping = undefined;
    const worker = workerOf('data');
    worker.onmessage = ({ data }: MessageEvent<FromData>) => this.receive(data);
    worker.onerror = (e) => {
      this.error = e.message || 'The worker could not be started.';
      this.phase = this.table ? 'ready' : 'empty';
    };
    this.worker = worker;
    return worker;
  }

  private clear(): void {
    this.error = '';
    this.remedies = [];
    this.note = '';
    this.view = undefined;
    this.progress = undefined;
    this.live = [];
    this.ran = '';
    this.example = false;
  }

  private receive(message: FromData): void {
    if (message.type === 'job') {
      this.progress = message.progress;
      const { iteration, objective, gap } = message.progress;
      if (gap !== undefined) this.grow('duality gap', (this.live[0]?.x.length ?? 0) + 1, gap);
      else if (iteration !== undefined && objective !== undefined) this.grow('objective', iteration, objective);
      return;
    }
    if (message.type === 'kept') {
      if (!this.example) void set(CUT, { ran: this.ran, text: message.text, live: this.live } satisfies Cut);
      return;
    }
    this.progress = undefined;
    if (message.type === 'table') {
      this.table = message.table;
      this.phase = 'ready';
      this.afterwards?.();
      this.afterwards = undefined;
      return;
    }
    const stopped = this.stopping !== undefined;
    clearTimeout(this.stopping);
    this.stopping = undefined;
    this.note = '';
    this.phase = this.table ? 'ready' : 'empty';
    if (message.type === 'ran') this.view = message.view;
    else {
      this.ran = '';
      if (stopped) this.note = 'Stopped before there was a result.';
      else {
        this.error = message.message;
        this.remedies = message.remedies;
      }
    }
    void set(CUT, undefined);
    if (this.view?.status === 'aborted') this.note = 'Stopped: this is the best so far.';
    this.keep();
  }

  private grow(name: string, x: number, y: number): void {
    if (this.live.length === 0) this.live = [{ name, x: [], y: [], work: {} }];
    this.live[0].x.push(x);
    this.live[0].y.push(y);
    this.version++;
  }

  private keep(): void {
    if (this.example) return;
    const { source, dataName, verb, changed, view, live, ran } = this;
    const fits = source === undefined || sizeOf(source) <= MOST_KEPT;
    const kept: Kept = { source: fits ? source : undefined, dataName, verb, changed, view, live, ran };
    void set(KEY, kept);
  }
}

export const data = new DataState();
