import { type EventList, Scenes } from '@southwell/distributed';
import { type Control, type FormValues, loadRankRunControls, valuesOf } from '@southwell/tasks';
import type { LoadedFrom } from '../workers/data.ts';
import type { FromRanks, ToRanks } from '../workers/ranks.ts';
import { keepInAddress } from './address.ts';
import type { Curve } from './curve.ts';
import { download } from './download.ts';
import { valuesFromAddress, valuesInAddress } from './forms.ts';
import { workerOf } from './worker.ts';

/** Seconds in which the whole run is played. */
export const PLAYED_IN = [10, 30, 60, 180] as const;
/** Seconds between marks where motion is unwanted. */
const STILL = 0.7;
/** Earlier runs that stay in the chart. */
const MOST_COURSES = 5;

/** A run that is watched: outlives its page. */
class RanksState {
  controls = $state.raw<readonly Control[]>([]);
  changed = $state.raw<FormValues>({});
  scenes = $state.raw<Scenes | undefined>(undefined);
  /** The file that is shown; empty for a run of the page. */
  name = $state('');
  /** Whether the run is that of the form as it is at first, which nobody asked for. */
  example = $state(false);
  phase = $state<'empty' | 'running' | 'ready'>('empty');
  error = $state('');
  /** Seconds of the run. */
  time = $state(0);
  playing = $state(false);
  playedIn = $state(60);
  curves = $state.raw<readonly Curve[]>([]);
  /** What the curves measure. */
  measure = $state('');
  private worker: Worker | undefined;
  private wanted: { readonly name: string; readonly example: boolean } = { name: '', example: false };
  private ready = false;
  private last = 0;

  readonly values = $derived(valuesOf(this.controls, this.changed));
  readonly scene = $derived(this.scenes?.at(this.time));

  /** The form is restored from the URL, and its run shown. */
  async open(query: string): Promise<void> {
    if (this.ready) return;
    this.ready = true;
    this.controls = await loadRankRunControls();
    this.changed = valuesFromAddress(this.controls, query);
    if (this.phase === 'empty') this.run({ example: Object.keys(this.changed).length === 0 });
  }

  keepAddress(): void {
    if (this.controls.length > 0) keepInAddress(valuesInAddress(this.controls, this.changed));
  }

  run({ example = false } = {}): void {
    this.wanted = { name: '', example };
    this.ask({ type: 'run', values: $state.snapshot(this.values) as FormValues });
  }

  take(given: readonly LoadedFrom[]): void {
    const files = given.flatMap((one) =>
      one instanceof File ? [one] : typeof one === 'string' ? [] : one.files.map(([, file]) => file),
    );
    const [file] = files;
    if (!file) return;
    if (files.length > 1) {
      this.error = `One event list can be watched at a time, and these are ${files.length} files.`;
      return;
    }
    this.wanted = { name: file.name, example: false };
    this.ask({ type: 'read', file });
  }

  private ask(message: ToRanks): void {
    // A worker that is busy with another run is ended; one that is not has its code at hand.
    if (this.phase === 'running') this.close();
    this.worker ??= workerOf('ranks');
    [this.phase, this.error] = ['running', ''];
    this.worker.onerror = (e) => {
      this.close();
      this.failed(e.message || 'The worker could not be started.');
    };
    this.worker.onmessage = ({ data }: MessageEvent<FromRanks>) => {
      if (data.type === 'failed') this.failed(data.message);
      else this.show(data.list);
    };
    this.worker.postMessage(message);
  }

  private failed(message: string): void {
    const { name } = this.wanted;
    this.error = name === '' ? message : `${name}: ${message}`;
    this.phase = this.scenes ? 'ready' : 'empty';
  }

  private close(): void {
    this.worker?.terminate();
    this.worker = undefined;
  }

  private show(list: EventList): void {
    const scenes = new Scenes(list);
    Object.assign(this, { scenes, time: 0, phase: 'ready', ...this.wanted });
    const { bits, value, seconds, iteration } = scenes.course();
    if (value.length > 0) {
      const x = bits.map((b) => (b - bits[0]) / 8e3);
      const curve: Curve = { name: this.name || list.title, x, y: value, work: { seconds, iteration } };
      // What is measured by something else cannot be compared.
      const others = this.measure === list.measure ? this.curves.filter(({ name }) => name !== curve.name) : [];
      this.curves = [...others, curve].slice(-MOST_COURSES);
      this.measure = list.measure;
    }
    // What nobody asked for does not move where motion is unwanted.
    this.playing = !still();
    this.last = performance.now();
  }

  /** Forgets the courses of earlier runs. */
  clearCourses(): void {
    this.curves = this.curves.slice(-1);
  }

  play(): void {
    if (!this.scenes) return;
    if (!this.playing && this.time >= this.scenes.seconds) this.time = 0;
    this.playing = !this.playing;
    this.last = performance.now();
  }

  seek(time: number): void {
    this.time = Math.max(0, Math.min(time, this.scenes?.seconds ?? 0));
  }

  /** To the mark before or after. */
  step(by: 1 | -1): void {
    const { scenes, time } = this;
    if (!scenes) return;
    this.playing = false;
    const times = scenes.list.marks.map(([at]) => at);
    const next = by > 0 ? times.find((at) => at > time) : times.findLast((at) => at < time);
    this.seek(next ?? (by > 0 ? scenes.seconds : 0));
  }

  /** A frame of the animation; where motion is unwanted, from mark to mark. */
  tick(now: number): void {
    const { scenes } = this;
    if (!scenes || !this.playing) return;
    const passed = (now - this.last) / 1000;
    if (still()) {
      if (passed < STILL) return;
      this.step(1);
      this.playing = this.time < scenes.seconds;
    } else {
      // A page in the background has no frames: it goes on where it was.
      this.seek(this.time + (Math.min(passed, 0.25) / this.playedIn) * scenes.seconds);
      if (this.time >= scenes.seconds) this.playing = false;
    }
    this.last = now;
  }

  save(): void {
    if (this.scenes) download('events.json', JSON.stringify(this.scenes.list), 'application/json');
  }
}

const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

export const ranks = new RanksState();
