import { log10, pow } from '@southwell/numerics/special';
import { number } from '../../format.ts';
import type { Minimum } from '../result.ts';
import { levelLines, levelsAbove } from './levelLines.ts';
import type { Evaluation, Recorder } from './recorder.ts';

type Drawn = NonNullable<Minimum['drawn']>;

/** The data of a picture besides the evaluations. */
export interface Scene {
  /** Names of the coordinates. */
  readonly names: readonly string[];
  readonly lower?: number | readonly number[];
  readonly upper?: number | readonly number[];
  /** Logarithmic coordinates, from 0. */
  readonly log: readonly number[];
  /** The function, if it may be evaluated at further points. */
  readonly f?: (x: Float64Array) => number;
}

/** Number of points of a curve, and of each side of a grid. */
const CURVE = 401;
const SIDE = 129;

/**
 * Data for pictures of a search: with one or two coordinates the points and the function, with more only the best
 * values.
 */
export function drawnOf(recorder: Recorder, scene: Scene): Drawn {
  const { improvements, best } = recorder;
  const history = {
    evaluations: improvements.map(({ number: n }) => n),
    best: improvements.map(({ value }) => value),
  };
  const finite = ({ x, value }: Evaluation) => Number.isFinite(value) && x.every((v) => typeof v === 'number');
  const seen = recorder.evaluations.filter(finite);
  if (scene.names.length > 2 || seen.length === 0 || !best || !finite(best)) return { history };
  const axes = scene.names.map((name, k) => axisOf(name, k, scene, [...seen, best]));
  const place = ({ x }: Evaluation) => x.map((v, k) => axes[k].shown(v as number));
  const points = {
    labels: axes.map(({ label }) => label),
    at: seen.map(place),
    numbers: seen.map(({ number: n }) => n),
    values: seen.map(({ value }) => value),
    best: place(best),
    value: best.value,
  };
  const { f } = scene;
  if (!f) return { history, points };
  const [x, y] = axes.map(({ from, to }) => between(from, to, axes.length === 1 ? CURVE : SIDE));
  if (!y) {
    const values = x.map((v) => f(Float64Array.of(axes[0].meant(v))));
    const whole = x.map((at, i) => ({ at, value: values[i] })).filter(({ value }) => Number.isFinite(value));
    return { history, points, curve: { x: whole.map(({ at }) => at), y: whole.map(({ value }) => value) } };
  }
  const values = y.flatMap((v) => x.map((u) => f(Float64Array.of(axes[0].meant(u), axes[1].meant(v)))));
  const least = values.reduce((low, v) => (Number.isFinite(v) && v < low ? v : low), best.value);
  const levels = levelsAbove(least, values).map((above) => ({
    above,
    lines: levelLines({ x, y, values }, least + above),
  }));
  return { history, points, levels: { least, box: axes.map(({ from, to }) => [from, to]), levels } };
}

interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** Maps a coordinate to its position on the axis and back. */
  readonly shown: (v: number) => number;
  readonly meant: (v: number) => number;
}

/** From bound to bound, or without bounds over the range of the evaluations. */
function axisOf(name: string, k: number, { lower, upper, log }: Scene, seen: readonly Evaluation[]): Axis {
  const logarithmic = log.includes(k);
  const shown = logarithmic ? log10 : (v: number) => v;
  const meant = logarithmic ? (v: number) => pow(10, v) : (v: number) => v;
  const places = seen.map(({ x }) => shown(x[k] as number));
  const [low, high] = [places.reduce((a, b) => Math.min(a, b)), places.reduce((a, b) => Math.max(a, b))];
  const margin = 0.05 * (high - low) || Math.max(1e-3, 0.05 * Math.abs(high));
  const end = (bound: number | readonly number[] | undefined, otherwise: number) => {
    const given = typeof bound === 'object' ? bound[bound.length === 1 ? 0 : k] : bound;
    return given !== undefined && Number.isFinite(given) ? shown(given) : otherwise;
  };
  const label = logarithmic ? `log10 ${name}` : name;
  return { label, from: end(lower, low - margin), to: end(upper, high + margin), shown, meant };
}

const between = (from: number, to: number, n: number): number[] =>
  Array.from({ length: n }, (_, i) => (from * (n - 1 - i)) / (n - 1) + (to * i) / (n - 1));

/** Description of the level lines. */
export function levelsText({ least, levels }: NonNullable<Drawn['levels']>): string {
  if (levels.length === 0) return 'The function has one value there.';
  const above = levels.map((level) => String(level.above));
  const some = above.length > 6 ? [...above.slice(0, 3), '…', above.at(-1)] : above;
  return `Level lines, darker where lower: ${some.join(', ')} above ${number(least, 3)}, the least value seen.`;
}
