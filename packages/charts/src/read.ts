import { bisector } from 'd3-array';
import { drawable } from './scale.ts';
import type { ChartSpec, Series } from './spec.ts';
import { tickText } from './text.ts';

/** The values of a chart at a place. */

export interface ReadValue {
  /** The place of the series in the chart's list. */
  readonly place: number;
  readonly name: string;
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
}

export interface Reading {
  readonly x: number;
  /** Of each series that has a value there, in their order. */
  readonly values: readonly ReadValue[];
  /** The place of the series at which is pointed. */
  readonly nearest?: number;
}

/** Points of a series that can be drawn, by x. */
interface Ordered {
  readonly series: Series;
  readonly place: number;
  readonly index: readonly number[];
  readonly x: readonly number[];
}

/** Earlier courses are not read: what is read is what was drawn over them. */
export const readable = (s: Series): boolean => s.style !== 'ghost';

const at = bisector((v: number) => v);

/** Reads a chart: made once for its curves, asked for many places. */
export class Reader {
  private readonly list: readonly Ordered[];

  constructor({ series, x: { log: xLog = false }, y: { log: yLog = false } }: ChartSpec) {
    this.list = series.flatMap((s, place) => {
      if (!readable(s)) return [];
      const index: number[] = [];
      for (let i = 0; i < s.x.length; i++) if (drawable(s.x[i], xLog) && drawable(s.y[i], yLog)) index.push(i);
      if (index.some((i, k) => k > 0 && s.x[i] < s.x[index[k - 1]])) index.sort((a, b) => s.x[a] - s.x[b]);
      return { series: s, place, index, x: index.map((i) => s.x[i]) };
    });
  }

  /** The nearest x at which some series has a point, for a distance of positions. */
  nearest(position: number, place: (x: number) => number, value: number): number | undefined {
    let best: number | undefined;
    for (const { x } of this.list) {
      const k = at.left(x, value);
      for (const near of [x[k - 1], x[k]]) {
        if (near === undefined) continue;
        if (best === undefined || Math.abs(place(near) - position) < Math.abs(place(best) - position)) best = near;
      }
    }
    return best;
  }

  /** The nearest x that is at least `gap` positions away in a direction. */
  next(from: number, sign: 1 | -1, gap: number, place: (x: number) => number): number | undefined {
    let best: number | undefined;
    const start = place(from);
    for (const { x } of this.list) {
      for (const v of x) {
        const far = (place(v) - start) * sign;
        if (far < gap || (best !== undefined && far >= (place(best) - start) * sign)) continue;
        best = v;
      }
    }
    return best;
  }

  /** The values at x: of each series the last point up to there, unless it has ended. */
  read(x: number): Reading {
    const values = this.list.flatMap(({ series: { name, y, low, high }, place, index, x: xs }): ReadValue[] => {
      const k = at.right(xs, x) - 1;
      if (k < 0 || xs[xs.length - 1] < x) return [];
      const i = index[k];
      return [{ place, name, y: y[i] as number, low: low?.[i], high: high?.[i] }];
    });
    return { x, values };
  }

  /** The first and last x. */
  ends(): [number, number] | undefined {
    const all = this.list.filter(({ x }) => x.length > 0);
    if (all.length === 0) return undefined;
    return [Math.min(...all.map(({ x }) => x[0])), Math.max(...all.map(({ x }) => x[x.length - 1]))];
  }
}

/** A value with four digits, as it is read aloud and shown. */
export const valueText = (v: number): string => tickText(Number(v.toPrecision(4)));

/** Values that are told together. */
const TOGETHER = 6;

/** A reading in words; of many curves the one at which is pointed, or the first few. */
export function readingText({ x, values, nearest }: Reading, label: string): string {
  const pointed = values.filter((v) => v.place === nearest);
  const told = values.length > TOGETHER ? [...pointed, ...values].slice(0, pointed.length || TOGETHER) : values;
  const said = told.map(({ name, y, low, high }) => {
    const band = typeof low === 'number' && typeof high === 'number';
    return `${name} ${valueText(y)}${band ? ` (${valueText(low)} to ${valueText(high)})` : ''}`;
  });
  return `${label} ${valueText(x)}: ${said.join(', ') || 'no value'}`;
}
