import type { ExperimentEvent, Verdict } from './experiment.ts';

/** The state of a run, reduced from its events: used by the shell, the page and the store. */

export type TableEvent = Extract<ExperimentEvent, { kind: 'table' }>;
export type PictureEvent = Extract<ExperimentEvent, { kind: 'picture' }>;
type PointsEvent = Extract<ExperimentEvent, { kind: 'points' }>;

export interface Curve {
  readonly panel: string;
  readonly series: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Other measures of the work so far, by name, each as long as x; NaN if missing from an event. */
  readonly work: Readonly<Record<string, readonly number[]>>;
}

/** A growing curve: every `stride`-th point and the last one, out of `seen` points. */
interface GrowingCurve extends Curve {
  readonly seen: number;
  readonly stride: number;
}

export interface RunState {
  readonly label: string;
  /** Completed fraction of the work, 0 … 1. */
  readonly fraction: number;
  readonly verdicts: readonly Verdict[];
  readonly tables: readonly TableEvent[];
  /** The latest picture of each title, in order of first appearance. */
  readonly pictures: readonly PictureEvent[];
  readonly curves: readonly GrowingCurve[];
}

export const emptyRun: RunState = { label: '', fraction: 0, verdicts: [], tables: [], pictures: [], curves: [] };

/** Maximum number of points of a growing curve; beyond, every second one is dropped. */
const MOST_GROWING = 16_384;
/** Maximum number of points of a stored curve. */
const MOST_KEPT = 2000;

/**
 * The state after an event; the previous one is not changed. Time and memory are bounded however long a curve gets: it
 * has at most 16,384 points.
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
      // A picture with the same title replaces the last one, which animates trajectories.
      return { ...state, pictures: replaced(state.pictures, event, (p) => p.title === event.title) };
    case 'points': {
      const found = state.curves.find((c) => c.panel === event.panel && c.series === event.series);
      const { panel, series, restart } = event;
      const empty = { panel, series, x: [], y: [], work: {}, seen: 0, stride: 1 };
      const grown = append(restart ? empty : (found ?? empty), event);
      return { ...state, curves: replaced(state.curves, grown, (c) => c === found) };
    }
  }
}

/** The list with the first match replaced, or the item appended. */
function replaced<T>(list: readonly T[], item: T, matches: (item: T) => boolean): T[] {
  const at = list.findIndex(matches);
  return at < 0 ? [...list, item] : list.with(at, item);
}

function append(curve: GrowingCurve, event: PointsEvent): GrowingCurve {
  const more = event.x.length;
  if (more === 0) return curve;
  const seen = curve.seen + more;
  let { stride } = curve;
  // A last point that is not a multiple of the stride is dropped when the next arrives.
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

/** The curves in stored form: at most 2000 points each, evenly spaced, including both ends. */
export const keptCurves = ({ curves }: RunState): Curve[] => curves.map(thin);

function thin({ panel, series, x, y, work }: Curve): Curve {
  const n = x.length;
  if (n <= MOST_KEPT) return { panel, series, x, y, work };
  const chosen = Array.from({ length: MOST_KEPT }, (_, k) => Math.round((k * (n - 1)) / (MOST_KEPT - 1)));
  const some = (values: readonly number[]) => chosen.map((i) => values[i]);
  const thinned = Object.fromEntries(Object.entries(work).map(([name, values]) => [name, some(values)]));
  return { panel, series, x: some(x), y: some(y), work: thinned };
}
