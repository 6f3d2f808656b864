import type { ExperimentEvent, Verdict } from './experiment.ts';

/** What a run has given so far, folded from its events: the one account that the shell, the page and the store keep. */

export type TableEvent = Extract<ExperimentEvent, { kind: 'table' }>;
export type PictureEvent = Extract<ExperimentEvent, { kind: 'picture' }>;
type PointsEvent = Extract<ExperimentEvent, { kind: 'points' }>;

export interface Curve {
  readonly panel: string;
  readonly series: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Other measures of the work until then, by name, each as long as x; NaN where an event did not tell. */
  readonly work: Readonly<Record<string, readonly number[]>>;
}

/** A curve while it grows: every `stride`-th point and the last, of `seen` in all. */
interface GrowingCurve extends Curve {
  readonly seen: number;
  readonly stride: number;
}

export interface RunState {
  readonly label: string;
  /** Of the work, 0 … 1. */
  readonly fraction: number;
  readonly verdicts: readonly Verdict[];
  readonly tables: readonly TableEvent[];
  /** The latest of each title, in the order in which the titles came. */
  readonly pictures: readonly PictureEvent[];
  readonly curves: readonly GrowingCurve[];
}

export const emptyRun: RunState = { label: '', fraction: 0, verdicts: [], tables: [], pictures: [], curves: [] };

/** Points that a growing curve holds at most; beyond, every second one goes. */
const MOST_GROWING = 16_384;
/** Points that a kept curve holds at most. */
const MOST_KEPT = 2000;

/**
 * The state after an event; the one before is not changed. Time and memory are bounded however long a curve gets: it
 * holds at most 16,384 points.
 */
export function fold(state: RunState, event: ExperimentEvent): RunState {
  switch (event.kind) {
    case 'progress':
      return { ...state, label: event.label, fraction: event.fraction };
    case 'verdict':
      return { ...state, verdicts: [...state.verdicts, event.verdict] };
    case 'table':
      return { ...state, tables: [...state.tables, event] };
    case 'picture':
      // A picture of the same title takes the place of the last: that is how trajectories move.
      return { ...state, pictures: replaced(state.pictures, event, (p) => p.title === event.title) };
    case 'points': {
      const found = state.curves.find((c) => c.panel === event.panel && c.series === event.series);
      const { panel, series } = event;
      const grown = append(found ?? { panel, series, x: [], y: [], work: {}, seen: 0, stride: 1 }, event);
      return { ...state, curves: replaced(state.curves, grown, (c) => c === found) };
    }
  }
}

/** The list with the first that matches replaced, or with one more. */
function replaced<T>(list: readonly T[], item: T, matches: (item: T) => boolean): T[] {
  const at = list.findIndex(matches);
  return at < 0 ? [...list, item] : list.with(at, item);
}

function append(curve: GrowingCurve, event: PointsEvent): GrowingCurve {
  const more = event.x.length;
  if (more === 0) return curve;
  const seen = curve.seen + more;
  let { stride } = curve;
  // A last point off the grid stays only while it is the last.
  const held = (curve.seen - 1) % stride === 0 ? curve.x.length : curve.x.length - 1;
  const fresh: number[] = [];
  for (let k = 0; k < more; k++) if ((curve.seen + k) % stride === 0 || k === more - 1) fresh.push(k);
  let kept: number[] | undefined;
  let count = held + fresh.length;
  while (count > MOST_GROWING) {
    stride *= 2;
    kept = (kept ?? Array.from({ length: count }, (_, k) => k)).filter(
      (_, k, all) => k % 2 === 0 || k === all.length - 1,
    );
    count = kept.length;
  }
  const both = (before: readonly number[] | undefined, after: readonly number[] | undefined): number[] => {
    const old = before ? before.slice(0, held) : new Array<number>(held).fill(Number.NaN);
    const all = old.concat(fresh.map((k) => after?.[k] ?? Number.NaN));
    return kept ? kept.map((k) => all[k]) : all;
  };
  const names = new Set([...Object.keys(curve.work), ...Object.keys(event.work ?? {})]);
  const work = Object.fromEntries([...names].map((name) => [name, both(curve.work[name], event.work?.[name])]));
  return { ...curve, x: both(curve.x, event.x), y: both(curve.y, event.y), work, seen, stride };
}

/** The curves as they are kept: at most 2000 points each, evenly spread, the ends among them. */
export const keptCurves = ({ curves }: RunState): Curve[] => curves.map(thin);

function thin({ panel, series, x, y, work }: Curve): Curve {
  const n = x.length;
  if (n <= MOST_KEPT) return { panel, series, x, y, work };
  const chosen = Array.from({ length: MOST_KEPT }, (_, k) => Math.round((k * (n - 1)) / (MOST_KEPT - 1)));
  const some = (values: readonly number[]) => chosen.map((i) => values[i]);
  const thinned = Object.fromEntries(Object.entries(work).map(([name, values]) => [name, some(values)]));
  return { panel, series, x: some(x), y: some(y), work: thinned };
}

/** Curves by the panel that they belong to, in the order in which they came. */
export function panelsOf<C extends Pick<Curve, 'panel'>>(
  curves: readonly C[],
): Array<{ readonly title: string; readonly curves: C[] }> {
  const panels = new Map<string, C[]>();
  for (const curve of curves) {
    const list = panels.get(curve.panel);
    if (list) list.push(curve);
    else panels.set(curve.panel, [curve]);
  }
  return [...panels].map(([title, list]) => ({ title, curves: list }));
}
