import { ticks } from 'd3-array';
import { scaleLinear, scaleLog } from 'd3-scale';
import type { ChartAxis } from './spec.ts';
import { textWidth, tickText } from './text.ts';

/** Ranges, ticks and positions along an axis. */

export interface Tick {
  readonly value: number;
  readonly text: string;
}

export interface Scale {
  readonly log: boolean;
  /** The values at the two ends, smaller first. */
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly Tick[];
  at(value: number): number;
  /** The value at a position. */
  back(position: number): number;
}

/** Whether a value has a place on the axis. */
export const drawable = (v: number | null | undefined, log: boolean): v is number =>
  typeof v === 'number' && Number.isFinite(v) && (!log || v > 0);

/** Far enough from the largest and the smallest number that differences and margins stay finite and positive. */
const [HUGE, TINY] = [1e300, 1e-300];

/** The smallest and largest value that can be drawn; undefined without one. */
export function extent(lists: Iterable<ArrayLike<number | null>>, log = false): [number, number] | undefined {
  let [low, high] = [Infinity, -Infinity];
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) {
      const v = list[i];
      if (!drawable(v, log)) continue;
      if (v < low) low = v;
      if (v > high) high = v;
    }
  }
  if (!(low <= high)) return undefined;
  const within = (v: number) => Math.min(Math.max(v, log ? TINY : -HUGE), HUGE);
  return [within(low), within(high)];
}

/** The range of an axis for values of this extent: `pad` is the share of it that is left free at the ends. */
export function rangeOf(values: readonly [number, number] | undefined, log: boolean, pad: number): [number, number] {
  if (!values) return log ? [1, 10] : [0, 1];
  const [low, high] = values;
  if (log) {
    if (low === high) return [low / 2, high * 2];
    const times = (high / low) ** pad;
    const room = Number.isFinite(times) ? times : 1;
    return [low / Math.min(room, 1e5), high * Math.min(room, 1e5)];
  }
  if (!(high - low > Math.max(Math.abs(low), Math.abs(high)) * 1e-12) || high - low < 1e-290) {
    const half = Math.abs(low) > 1e-290 ? Math.abs(low) / 2 : 1;
    return low > 0 && low <= 1 && low + half > 1 ? [0, 1] : [low - half, high + half];
  }
  if (pad === 0) return [low, high];
  const margin = pad * (high - low);
  // Values of one sign are not given space on the other side of zero, and shares end at one.
  const from = low >= 0 && low < high / 3 ? 0 : low - margin;
  const to = high <= 0 && -high < -low / 3 ? 0 : low >= 0 && high <= 1 && high > 0.9 ? 1 : high + margin;
  return [from, to];
}

/** Ticks of a logarithmic axis: from within a decade to every tenth of many, the finest first. */
function logCandidates(low: number, high: number): number[][] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const inside = (v: number) => v >= low * (1 - 1e-9) && v <= high * (1 + 1e-9);
  const powers = (step: number, factors: readonly number[]) => {
    const out: number[] = [];
    for (let e = Math.ceil(first / step) * step; e <= last; e += step) {
      for (const m of factors) out.push(Number(`${m}e${e}`));
    }
    return out.filter((v) => v > 0 && inside(v));
  };
  const decades = Math.log10(high) - Math.log10(low);
  const within = decades < 0.8 ? [6, 5, 4, 3, 2].map((n) => ticks(low, high, n).filter((v) => v > 0)) : [];
  const many = [1, 2, 3, 4, 5, 10, 20, 50, 100].map((step) => powers(step, [1]));
  return [
    ...within,
    ...(decades < 1.6 ? [powers(1, [1, 2, 5])] : []),
    ...(decades < 2.5 ? [powers(1, [1, 3])] : []),
    ...many,
  ];
}

function linearCandidates(low: number, high: number, most: number): number[][] {
  const counts = Array.from({ length: Math.max(1, most) }, (_, k) => Math.max(1, most) - k);
  return counts.map((n) => ticks(low, high, n).filter((v) => Number.isFinite(v)));
}

function named(values: readonly number[], log: boolean): Tick[] {
  const sizes = values.map(Math.abs).filter((v) => v > 0);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  // One notation for all ticks of a linear axis; powers of ten for many decades.
  const exponents = log
    ? sizes.length > 0 && (least < 1e-3 || most >= 1e5)
    : sizes.length > 0 && (most >= 1e6 || most < 1e-3);
  const plain = (v: number) => log && v >= 0.01 && v < 1000 && most / least < 1e3;
  return values.map((value) => ({ value, text: tickText(value, exponents && !plain(value)) }));
}

export interface ScaleOptions {
  /** Positions of the smaller and of the larger value. */
  readonly from: number;
  readonly to: number;
  readonly size: number;
  /** Whether the texts of ticks stand side by side, rather than above each other. */
  readonly across: boolean;
  /** Whether all values are whole numbers, as those of ticks then are. */
  readonly whole?: boolean;
}

/** Whether all values that can be drawn are whole numbers. */
export const areWhole = (lists: Iterable<ArrayLike<number | null>>): boolean => {
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) {
      const v = list[i];
      if (drawable(v, false) && !Number.isInteger(v)) return false;
    }
  }
  return true;
};

/** The scale of an axis: ticks are round numbers within the range, as many as have room. */
export function scaleOf(
  { log = false, reversed = false }: Pick<ChartAxis, 'log' | 'reversed'>,
  [low, high]: readonly [number, number],
  { from, to, size, across, whole = false }: ScaleOptions,
): Scale {
  const ends = reversed ? [to, from] : [from, to];
  const scale = (log ? scaleLog() : scaleLinear()).domain([low, high]).range(ends);
  const length = Math.abs(to - from);
  const most = Math.max(1, Math.floor(length / (across ? 5.5 * size : 3.4 * size)));
  const candidates = log ? logCandidates(low, high) : linearCandidates(low, high, Math.min(most, 8));
  const room = (list: readonly Tick[]) => {
    const texts = list.map(({ value, text }) => {
      const [middle, half] = [scale(value), (across ? textWidth(text, size) : 1.2 * size) / 2];
      return [middle - half, middle + half] as const;
    });
    texts.sort((a, b) => a[0] - b[0]);
    return texts.every(([start], k) => k === 0 || start >= texts[k - 1][1] + (across ? 0.7 * size : 2));
  };
  const lists = candidates.map((values) => named(whole && !log ? values.filter(Number.isInteger) : values, log));
  const distinct = (list: readonly Tick[]) => new Set(list.map((t) => t.text)).size === list.length;
  const chosen =
    lists.find((list) => list.length > 1 && list.length <= Math.max(2, most + 1) && distinct(list) && room(list)) ??
    lists.find((list) => list.length === 1) ??
    (lists.at(-1) ?? []).slice(0, 1);
  return {
    log,
    low,
    high,
    ticks: chosen,
    at: (v) => scale(v),
    back: (position) => scale.invert(position),
  };
}
