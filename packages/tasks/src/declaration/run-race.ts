import { number } from '../format.ts';
import { commandWords, optionWords, shellLine } from './command.ts';
import type { Race, ReadFile, Stride } from './race.ts';

/**
 * A race as run by the page and the command: one problem, one method after the other; time for measuring is excluded.
 */

/** Milliseconds of warm-up for each method before the race. */
const WARM_UP = 50;
/** Default time limit per method in seconds. */
export const RACE_SECONDS = 3;
/** Relative tolerance within which values count as equal. */
const EQUAL = 1e-6;

export interface Course {
  readonly x: number[];
  readonly y: number[];
  readonly work: number[];
}

export interface Finish {
  readonly racer: string;
  /** Time of this method until its last measurement. */
  readonly seconds: number;
  readonly value: number;
  readonly extra: number;
  /** Whether it reached the target of the measure. */
  readonly reached: boolean;
  /** It was stopped before its time limit. */
  readonly cutOff?: true;
}

export interface RaceTools {
  readonly racers: readonly string[];
  /** Time limit per method in seconds. */
  readonly limit: number;
  readonly read: ReadFile;
  readonly signal?: AbortSignal;
}

export interface RaceWatch {
  progress?(racer: string): void;
  points?(racer: string, course: Course): void;
  end?(finish: Finish): void;
}

export interface RaceEnd {
  /** The description of the problem, for users. */
  readonly about: string;
  readonly target: number;
  readonly finish: readonly Finish[];
}

/**
 * `values` must have been checked; the watcher is called for points at most every 60 ms. Once the signal aborts, the
 * current method is stopped, and those after it do not start.
 */
export async function runRace<Q>(
  race: Race<Q>,
  values: Q,
  { racers, limit, read, signal }: RaceTools,
  watch: RaceWatch = {},
): Promise<RaceEnd> {
  const contest = await race.contest(values, read);
  // Each method first runs briefly without measurement, so that none of them pays for compiling shared code.
  for (const racer of racers) {
    const until = performance.now() + WARM_UP;
    for (const _ of contest.racers[racer]()) if (performance.now() > until || signal?.aborted) break;
  }
  const finish: Finish[] = [];
  for (const racer of racers) {
    if (signal?.aborted) break;
    watch.progress?.(racer);
    let measured = { value: Number.POSITIVE_INFINITY, extra: 0 };
    let batch: Course = { x: [], y: [], work: [] };
    const flush = () => {
      if (batch.x.length > 0) watch.points?.(racer, batch);
      batch = { x: [], y: [], work: [] };
    };
    let shown = performance.now();
    // Time of the method until its last measurement, and when it resumed.
    let spent = 0;
    let resumed = performance.now();
    const now = () => spent + (performance.now() - resumed) / 1000;
    let next = 0;
    let count = 0;
    let unmeasured: Stride<unknown> | undefined;
    let cutOff = false;
    const measure = (stride: Stride<unknown>) => {
      spent = now();
      measured = contest.measure(stride.snapshot());
      batch.x.push(spent);
      batch.y.push(measured.value);
      batch.work.push(stride.work);
      next = Math.max(spent * 1.1, spent + 1e-4);
      unmeasured = undefined;
      resumed = performance.now();
    };
    for (const stride of contest.racers[racer]()) {
      unmeasured = stride;
      if (signal?.aborted) {
        cutOff = true;
        break;
      }
      // The first two hundred points are all measured, later ones at times that grow by 10 %, so that measuring remains
      // cheap.
      if (count++ > 200 && now() < Math.min(next, limit)) continue;
      measure(stride);
      if (performance.now() - shown > 60) {
        flush();
        shown = performance.now();
      }
      if (measured.value <= contest.target || spent > limit) break;
    }
    if (unmeasured) measure(unmeasured);
    flush();
    const reached = measured.value <= contest.target;
    const end: Finish = { racer, seconds: spent, ...measured, reached, ...(cutOff && { cutOff }) };
    finish.push(end);
    watch.end?.(end);
  }
  return { about: contest.about, target: contest.target, finish };
}

const equal = (a: number, b: number): boolean =>
  a === b || Math.abs(a - b) <= EQUAL * Math.max(Math.abs(a), Math.abs(b));

/**
 * Best first: methods that reached the target by time, the others by their measure and then by time; stopped methods
 * last.
 */
export function ranked(finish: readonly Finish[]): Finish[] {
  const by = (a: Finish, b: Finish): number => {
    if (a.cutOff !== b.cutOff) return a.cutOff ? 1 : -1;
    if (a.reached !== b.reached) return a.reached ? -1 : 1;
    if (!a.reached && Number.isNaN(a.value) !== Number.isNaN(b.value)) return Number.isNaN(a.value) ? 1 : -1;
    return a.reached || equal(a.value, b.value) ? a.seconds - b.seconds : a.value - b.value;
  };
  return [...finish].sort(by);
}

const times = (ratio: number): string => (ratio >= 1e4 ? 'more than 10000' : number(ratio, 2));

/**
 * The winner among the methods that used their full time, and by how much: `k-means won: share unexplained 0.21 after
 * 0.12 s, 1.3 times less than soft.`
 */
export function winnerText({ racers, measure }: Pick<Race, 'racers' | 'measure'>, finish: readonly Finish[]): string {
  const [first, second] = ranked(finish.filter((f) => !f.cutOff));
  if (!first) return '';
  const name = ({ racer }: Finish) => racers.find(([id]) => id === racer)?.[1] ?? racer;
  const after = (f: Finish) => `${number(f.seconds, 3)} s`;
  const got = `${measure} ${number(first.value, 3)} after ${after(first)}`;
  if (!second) return `${name(first)} ran alone: ${got}.`;
  if (first.reached && second.reached) {
    return `${name(first)} won: ${got}, ${times(second.seconds / first.seconds)} times as fast as ${name(second)} (${after(second)}).`;
  }
  if (equal(first.value, second.value)) {
    return `${name(first)} won by time: ${got}, as good as ${name(second)} in ${after(second)}.`;
  }
  const behind = `${name(second)}, the next, ended at ${number(second.value, 3)} after ${after(second)}`;
  const ratio = second.value / first.value;
  const by = first.value > 0 && ratio >= 1.5 ? `, ${times(ratio)} times as much` : '';
  return `${name(first)} won: ${got}; ${behind}${by}.`;
}

/** The command that repeats a race. */
export function raceCommand(
  { id, options, racers: all }: Pick<Race, 'id' | 'options' | 'racers'>,
  request: Readonly<Record<string, unknown>>,
  { racers, limit }: { readonly racers: readonly string[]; readonly limit: number },
): string {
  return shellLine([
    ...commandWords({ verb: ['race', id], inputs: {}, options, outputs: {} }, request),
    ...(racers.length === all.length ? [] : optionWords('--racers', racers)),
    ...(limit === RACE_SECONDS ? [] : optionWords('--limit', String(limit))),
  ]);
}
