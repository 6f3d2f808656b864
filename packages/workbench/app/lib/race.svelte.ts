import {
  askedOf,
  type Finish,
  type FormValues,
  families,
  formOf,
  RACE_SECONDS,
  raceCommand,
  valuesOf,
} from '@southwell/tasks';
import type { FromRace, StartRace } from '../workers/race.ts';
import { keepInAddress } from './address.ts';
import type { GrowingCurve } from './curve.ts';
import { valuesFromAddress, valuesInAddress } from './forms.ts';
import { get, set } from './storage.ts';
import { workerOf } from './worker.ts';

type Status = 'idle' | 'running' | 'done' | 'stopped' | 'failed';

/** The request and the results. */
interface Kept {
  readonly asked: Asked;
  readonly command: string;
  readonly status: Status;
  readonly label: string;
  readonly error: string;
  readonly curves: readonly GrowingCurve[];
  readonly finish: readonly Finish[];
}
interface Asked {
  readonly problem: string;
  readonly values: FormValues;
  readonly left: readonly string[];
  /** null for the default time limit. */
  readonly limit: number | null;
}

export const racing = families.flatMap(({ id, title, races = [] }) => (races.length > 0 ? [{ id, title, races }] : []));
const KEY = 'race';
const EXAMPLE_SECONDS = 0.3;

/**
 * The race: outlives its page, and the browser stores its form, files and results across reloads. Methods run one at a
 * time, so a race interrupted by a reload continues with those that had not finished.
 */
class RaceState {
  problemId = $state(racing[0].races[0].id);
  changed = $state.raw<FormValues>({});
  /** Methods excluded from the race. */
  left = $state.raw<readonly string[]>([]);
  limit = $state<number | null>(RACE_SECONDS);

  status = $state<Status>('idle');
  label = $state('');
  error = $state('');
  version = $state(0);
  curves = $state.raw<readonly GrowingCurve[]>([]);
  finish = $state.raw<readonly Finish[]>([]);
  /** The command that repeats the displayed race. */
  ran = $state('');
  ready = $state(false);
  example = $state(false);
  private worker: Worker | undefined;
  /** The request of the displayed race, from which the form may differ. */
  private asked: Asked | undefined;

  readonly family = $derived(racing.find((f) => f.races.some((r) => r.id === this.problemId))!);
  readonly problem = $derived(this.family.races.find((r) => r.id === this.problemId)!);
  readonly controls = $derived(formOf(this.problem.options));
  readonly values = $derived(valuesOf(this.controls, this.changed));
  readonly racers = $derived(this.problem.racers.filter(([id]) => !this.left.includes(id)));
  readonly seconds = $derived(this.limit !== null && this.limit > 0 ? this.limit : RACE_SECONDS);
  readonly command = $derived(
    raceCommand(this.problem, askedOf(this.controls, this.values), {
      racers: this.racers.map(([id]) => id),
      limit: this.seconds,
    }),
  );

  /** The form is restored from the URL, or otherwise from the last race, whose results are then shown too. */
  async open(query: string): Promise<void> {
    const kept = this.ready ? undefined : await get<Kept>(KEY);
    const params = new URLSearchParams(query);
    const wanted = params.get('problem');
    const known = racing.flatMap((f) => f.races).find((r) => r.id === wanted);
    const before = kept && racing.some((f) => f.races.some((r) => r.id === kept.asked.problem)) ? kept : undefined;
    if (before) this.adopt(before);
    if (this.status === 'running' && !this.worker) this.resume();
    if (known) {
      const controls = formOf(known.options);
      // Files are not part of a URL: those of the last race are kept.
      const files = known.id === this.problemId ? this.changed : {};
      const fresh = Object.fromEntries(Object.entries(files).filter(([, v]) => v instanceof Blob));
      const running = this.status === 'running';
      if (!running) {
        if (known.id !== this.problemId) this.clear();
        this.problemId = known.id;
        this.changed = { ...fresh, ...valuesFromAddress(controls, query) };
        const only = params.get('racers')?.split(',');
        this.left = only ? known.racers.map(([id]) => id).filter((id) => !only.includes(id)) : [];
        const limit = Number(params.get('limit') ?? RACE_SECONDS);
        this.limit = limit > 0 ? limit : RACE_SECONDS;
      }
      // Results that do not match the URL are not shown.
      if (!running && this.ran !== '' && this.ran !== this.command) this.clear();
    }
    this.ready = true;
    if (!kept && !known && this.status === 'idle' && this.ran === '') {
      // An example run, which the user did not request: the page would be empty otherwise.
      this.limit = EXAMPLE_SECONDS;
      this.start({ example: true });
    }
  }

  private adopt({ asked, status, label, error, curves, finish, command }: Kept): void {
    this.asked = asked;
    this.problemId = asked.problem;
    this.changed = asked.values;
    this.left = asked.left;
    this.limit = asked.limit;
    this.status = status;
    this.label = label;
    this.error = error;
    this.curves = curves;
    this.finish = finish;
    this.ran = command;
  }

  keepAddress(): void {
    const racers = this.left.length > 0 ? this.racers.map(([id]) => id).join(',') : undefined;
    const limit = this.seconds === RACE_SECONDS ? undefined : String(this.seconds);
    const values = valuesInAddress(this.controls, this.changed);
    keepInAddress({ problem: this.problemId, ...values, racers, limit });
  }

  /** Changes the problem, with its default values. */
  choose(problem: string): void {
    this.problemId = problem;
    this.changed = {};
    this.left = [];
    this.clear();
  }

  private clear(): void {
    this.curves = [];
    this.finish = [];
    this.status = 'idle';
    this.ran = '';
    this.example = false;
  }

  start({ example = false } = {}): void {
    this.clear();
    this.example = example;
    this.error = '';
    this.ran = this.command;
    this.asked = { problem: this.problemId, values: this.changed, left: this.left, limit: this.limit };
    this.launch(this.racers.map(([id]) => id));
    this.keep();
  }

  private resume(): void {
    const finished = this.finish.map((f) => f.racer);
    const open = this.racers.filter(([id]) => !finished.includes(id));
    // Results of interrupted methods are discarded.
    this.curves = this.curves.filter((c) => !open.some(([, title]) => title === c.name));
    this.launch(open.map(([id]) => id));
  }

  private launch(ids: readonly string[]): void {
    this.status = 'running';
    this.label = 'Preparing';
    const { problem, values } = this;
    const title = (id: string) => problem.racers.find(([racer]) => racer === id)![1];
    const worker = workerOf('race');
    this.worker = worker;
    worker.onerror = (e) => {
      this.error = e.message || 'The worker could not be started.';
      this.close('failed');
    };
    worker.onmessage = ({ data }: MessageEvent<FromRace>) => {
      if (data.type === 'points') this.grow(title(data.racer), data.course);
      else if (data.type === 'progress') this.label = title(data.racer);
      else if (data.type === 'end') {
        this.finish = [...this.finish, data.finish];
        this.keep();
      } else if (data.type === 'done') {
        this.label = data.about;
        this.close('done');
      } else {
        this.error = data.message;
        this.close('failed');
      }
    };
    worker.postMessage({ problem: problem.id, values, racers: ids, limit: this.seconds } satisfies StartRace);
  }

  stop(): void {
    this.close('stopped');
  }

  private grow(name: string, { x, y, work }: { x: number[]; y: number[]; work: number[] }): void {
    let curve = this.curves.find((c) => c.name === name);
    if (!curve) this.curves = [...this.curves, (curve = { name, x: [], y: [], work: { [this.problem.work]: [] } })];
    curve.x.push(...x);
    curve.y.push(...y);
    curve.work[this.problem.work].push(...work);
    this.version++;
  }

  private close(status: Status): void {
    this.worker?.terminate();
    this.worker = undefined;
    this.status = status;
    this.keep();
  }

  private keep(): void {
    if (this.example || !this.asked) return;
    const { asked, status, label, error, curves, finish, ran: command } = this;
    void set(KEY, { asked, command, status, label, error, curves, finish } satisfies Kept);
  }
}

export const race = new RaceState();
