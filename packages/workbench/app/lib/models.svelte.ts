import {
  askedOf,
  type FormValue,
  type FormValues,
  type ModelRequest,
  type ModelWords,
  valuesOf,
} from '@southwell/tasks';
import type { LoadedFrom } from '../workers/data.ts';
import type { FromModels, ModelFiles, ModelRun, ToModels } from '../workers/models.ts';
import { keepInAddress } from './address.ts';
import { type BoundEdit, boundText, type Entry, withBound } from './bounds.ts';
import { valuesFromAddress, valuesInAddress } from './forms.ts';
import { type Change, changeOf } from './modelChange.ts';
import { modelCommand, modelControls, pageOf } from './modelTask.ts';
import { get, set } from './storage.ts';
import { workerOf } from './worker.ts';

const KEY = 'models';
/** Larger files are not kept across reloads. */
const MOST_KEPT = 64 * 2 ** 20;
/** Milliseconds in which a run that is stopped may give its best point. */
const PATIENCE = 4000;
/** Lines of the table of iterations that are kept. */
const MOST_LINES = 2000;

export const MODEL_EXAMPLES = [
  ['bundled:workshop.lp', 'A workshop: what is worth making'],
  ['bundled:chain.nl', 'A hanging chain: a nonlinear program'],
  ['bundled:canteen.lp', 'A canteen: a plan that cannot be met'],
] as const;

/** What one step of a session was: undone as a whole. */
interface Step {
  readonly bounds: readonly string[];
  readonly run: ModelRun | undefined;
  readonly change: Change | undefined;
}

interface Kept extends Step {
  readonly files: ModelFiles;
  readonly changed: FormValues;
  readonly cold: number | undefined;
  readonly ran: string;
}

/** The current model, its run and the bounds that were changed: outlives its page, and is stored across reloads. */
class ModelsState {
  files = $state.raw<ModelFiles | undefined>(undefined);
  words = $state.raw<ModelWords | undefined>(undefined);
  /** The text of a small file in LP format. */
  text = $state('');
  phase = $state<'empty' | 'reading' | 'ready' | 'running'>('empty');
  error = $state('');
  note = $state('');
  changed = $state.raw<FormValues>({});
  bounds = $state.raw<readonly string[]>([]);
  lines = $state.raw<ReadonlyArray<Readonly<Record<string, string>>>>([]);
  run = $state.raw<ModelRun | undefined>(undefined);
  /** What the last changed bound did. */
  change = $state.raw<Change | undefined>(undefined);
  undo = $state.raw<readonly Step[]>([]);
  /** The command of the displayed result. */
  ran = $state('');
  ready = false;

  /** The variables that were chosen for the picture. */
  private pair: readonly [string, string] | undefined;
  /** Iterations of the first run, from the start of the model. */
  private cold: number | undefined;
  private edit: { readonly entry: Entry; readonly edit: BoundEdit; readonly before: ModelRun } | undefined;
  private afterwards: (() => void) | undefined;
  private worker: Worker | undefined;
  private flag: Int32Array<SharedArrayBuffer> | undefined;
  private stopping: ReturnType<typeof setTimeout> | undefined;

  readonly name = $derived(this.files === undefined ? '' : nameOf(this.files));
  readonly values = $derived(valuesOf(modelControls, this.changed));
  readonly request = $derived({
    ...{ model: this.name, why: true },
    ...(this.bounds.length > 0 && { bound: this.bounds }),
    ...askedOf(modelControls, this.values),
  } as unknown as ModelRequest);
  readonly command = $derived(modelCommand(this.request));

  /** Restores from the URL; otherwise the last state; otherwise the first example. */
  async open(query: string): Promise<void> {
    const first = !this.ready;
    this.ready = true;
    const kept = first ? await get<Kept>(KEY) : undefined;
    if (this.phase !== 'empty') return;
    const params = new URLSearchParams(query);
    const model = params.get('model');
    if (kept && (model === null || model === nameOf(kept.files))) {
      this.changed = kept.changed;
      this.load(kept.files, () => this.restore(kept));
      return;
    }
    this.changed = valuesFromAddress(modelControls, query);
    const bundled = model?.startsWith('bundled:') ? model : undefined;
    const bounds = params.get('bound')?.split('\n') ?? [];
    this.load({ model: bundled ?? MODEL_EXAMPLES[0][0], beside: {} }, () => {
      this.bounds = bounds;
      this.start();
    });
  }

  private restore({ run, bounds, change, cold, ran }: Kept): void {
    [this.run, this.bounds, this.change, this.cold, this.ran] = [run, bounds, change, cold, ran];
    if (!run) this.note = 'A reload cut off the last run: Run starts it anew.';
  }

  keepAddress(): void {
    if (!this.files) return;
    const model = typeof this.files.model === 'string' ? this.files.model : undefined;
    const bound = model === undefined ? undefined : this.bounds.join('\n');
    keepInAddress({ model, bound, ...valuesInAddress(modelControls, this.changed) });
  }

  /** Opens a model, with the files of names that lie beside it, and runs it. */
  take(given: readonly LoadedFrom[]): void {
    const all = given.flatMap((one) =>
      one instanceof File ? [one] : typeof one === 'string' ? [] : one.files.map(([, file]) => file),
    );
    const model = all.find(({ name }) => pageOf(name) !== undefined) ?? all[0];
    if (!model) return;
    const beside = all.filter((file) => /\.(row|col)$/i.test(file.name));
    const files = {
      model,
      beside: Object.fromEntries(beside.map((file) => [/\.\w+$/.exec(file.name)![0].toLowerCase(), file])),
    };
    this.load(files, () => this.start());
    const unused = all.filter((file) => file !== model && !beside.includes(file));
    if (unused.length > 0)
      this.note = `Not used, since there is one model: ${unused.map(({ name }) => name).join(', ')}.`;
  }

  example(name: string): void {
    this.load({ model: name, beside: {} }, () => this.start());
  }

  /** Takes a text in LP format as the model. */
  type(text: string): void {
    this.take([new File([text], 'model.lp')]);
  }

  private load(files: ModelFiles, then: () => void): void {
    this.clear();
    Object.assign(this, { files, words: undefined, run: undefined, change: undefined, bounds: [], undo: [], text: '' });
    [this.cold, this.ran, this.phase, this.afterwards, this.pair] = [undefined, '', 'reading', then, undefined];
    this.post({ type: 'open', files: $state.snapshot(files) as ModelFiles, request: this.request }, true);
  }

  set(name: string, value: FormValue): void {
    this.changed = { ...this.changed, [name]: value };
  }

  /** Runs the model from its own start; or from a solution, if there is one. */
  start(from?: string): void {
    if (!this.words) return;
    this.clear();
    this.lines = [];
    this.phase = 'running';
    this.ran = this.command;
    const isolated = typeof SharedArrayBuffer === 'function' && crossOriginIsolated;
    this.flag = isolated ? new Int32Array(new SharedArrayBuffer(4)) : undefined;
    // A picture is to be compared with the one before, if that was of a solution.
    const { run } = this;
    const pair = this.pair ?? (run?.result.status === 'converged' ? run.slice?.names : undefined);
    this.post({ type: 'run', request: this.request, start: from, flag: this.flag, pair });
    this.keep();
  }

  /** Runs from the form. */
  again(): void {
    this.edit = undefined;
    this.change = undefined;
    this.start();
  }

  /** Changes a bound and runs from the solution before. */
  bound(entry: Entry, edit: BoundEdit): void {
    const { run, bounds, change } = this;
    if (this.phase !== 'ready' || !run || entry[edit.side] === edit.value) return;
    this.undo = [...this.undo, { bounds, run, change }];
    this.bounds = withBound(bounds, boundText(edit, entry));
    this.edit = { entry, edit, before: run };
    this.change = undefined;
    this.start(run.result.status === 'converged' ? run.result.solText : undefined);
  }

  back(): void {
    const last = this.undo.at(-1);
    if (!last || this.phase !== 'ready') return;
    this.clear();
    this.undo = this.undo.slice(0, -1);
    [this.bounds, this.run, this.change, this.ran] = [last.bounds, last.run, last.change, ''];
    this.ran = this.command;
    this.keep();
  }

  /** Shows the plane of two other variables. */
  show(pair: readonly [string, string]): void {
    if (this.phase !== 'ready' || !this.run) return;
    this.pair = pair;
    this.post({ type: 'slice', request: this.request, result: this.run.result, pair });
  }

  stop(): void {
    if (this.phase !== 'running' || this.stopping) return;
    if (this.flag) Atomics.store(this.flag, 0, 1);
    this.worker?.postMessage({ type: 'stop' } satisfies ToModels);
    this.note = 'Stopping …';
    // A worker that does not answer is ended, and reads the model again.
    this.stopping = setTimeout(
      () => {
        const { files } = this;
        this.afterwards = () => {
          this.note = 'Stopped before there was a result.';
        };
        if (files) this.post({ type: 'open', files, request: this.request }, true);
      },
      this.flag ? PATIENCE : 0,
    );
  }

  private post(message: ToModels, anew = false): void {
    if (anew || !this.worker) {
      this.worker?.terminate();
      clearTimeout(this.stopping);
      this.stopping = undefined;
      this.worker = workerOf('models');
      this.worker.onmessage = ({ data }: MessageEvent<FromModels>) => this.receive(data);
      this.worker.onerror = (e) => this.failed(e.message || 'The worker could not be started.');
    }
    this.worker.postMessage(message);
  }

  private clear(): void {
    this.error = '';
    this.note = '';
  }

  private failed(message: string): void {
    clearTimeout(this.stopping);
    this.stopping = undefined;
    this.error = message;
    this.phase = this.words ? 'ready' : 'empty';
    this.ran = '';
  }

  private receive(message: FromModels): void {
    switch (message.type) {
      case 'opened': {
        this.words = message.words;
        this.text = message.text ?? '';
        this.phase = 'ready';
        const { afterwards } = this;
        this.afterwards = undefined;
        afterwards?.();
        return;
      }
      case 'course':
        this.lines = [...this.lines, ...message.lines].slice(-MOST_LINES);
        return;
      case 'slice':
        if (this.run) this.run = { ...this.run, slice: message.slice };
        return;
      case 'failed':
        this.failed(message.message);
        return;
      case 'ran':
        this.finished(message.run);
    }
  }

  private finished(run: ModelRun): void {
    clearTimeout(this.stopping);
    this.stopping = undefined;
    this.note = run.result.status === 'aborted' ? 'Stopped: this is the best so far.' : '';
    const { edit, cold } = this;
    if (edit) this.change = changeOf(edit.entry, edit.edit, { before: edit.before, after: run, cold });
    else this.cold = run.result.iterations;
    this.edit = undefined;
    this.run = run;
    this.phase = 'ready';
    this.keep();
  }

  private keep(): void {
    const { files, changed, bounds, change, cold, ran } = this;
    if (!files || (files.model instanceof File && files.model.size > MOST_KEPT)) return;
    const run = this.phase === 'running' ? undefined : this.run;
    void set(KEY, { files, changed, bounds, run, change, cold, ran } satisfies Kept);
  }
}

const nameOf = ({ model }: ModelFiles): string => (typeof model === 'string' ? model : model.name);

export const models = new ModelsState();
