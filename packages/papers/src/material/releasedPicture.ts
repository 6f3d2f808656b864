import type { Experiment, Picture } from '../experiment.ts';
import type { RunState } from '../fold.ts';
import type { PaperRecord } from '../record.ts';
import type { ReleasedPicture } from '../verdicts/released.ts';

/** The record's `picture` from a run, thinned to a few kB. */

const MOST_POINTS = 40;
const MOST_PIXELS = 40;
const digits = (v: number): number => Number(v.toPrecision(4));

/**
 * The picture of a run in progress or, with `ended`, of a complete one; undefined while it may still change: a panel is
 * complete once each curve named by the record has arrived, everything else at the end.
 */
export function pictureOf(
  { picture: told }: Pick<PaperRecord, 'picture'>,
  { axes }: Pick<Experiment, 'axes'>,
  state: Pick<RunState, 'curves' | 'pictures'>,
  ended: boolean,
): ReleasedPicture | undefined {
  if (!told || (!ended && !told.series)) return undefined;
  const { says } = told;
  const found = state.pictures.find((p) => p.title === told.title);
  if (found) return { kind: 'picture', says, picture: smaller(found.picture) };
  const panel = state.curves.filter((c) => c.panel === told.title);
  const names = told.series ?? Object.fromEntries(panel.map((c) => [c.series, c.series]));
  const logX = axes.logX ?? false;
  const curves = Object.entries(names).flatMap(([series, name]) => {
    const curve = panel.find((c) => c.series === series);
    return curve ? { name, ...thinned(curve.x, curve.y, logX, axes.logY) } : [];
  });
  if (curves.length === 0 || curves.length < Object.keys(names).length) return undefined;
  return { kind: 'chart', says, axes: { x: axes.x, y: axes.y, logX, logY: axes.logY }, curves };
}

/** At most 40 of the points that can be drawn, evenly spaced along the axis of x, including both ends. */
function thinned(x: readonly number[], y: readonly number[], logX: boolean, logY: boolean) {
  const drawn = (v: number, log: boolean) => Number.isFinite(v) && (!log || v > 0);
  const all = [...x.keys()].filter((i) => drawn(x[i], logX) && drawn(y[i], logY));
  const n = all.length;
  const at = (i: number) => (logX ? Math.log(x[i]) : x[i]);
  const kept = new Set<number>();
  for (let k = 0, j = 0; n > 0 && k < MOST_POINTS; k++) {
    const goal = at(all[0]) + ((at(all[n - 1]) - at(all[0])) * k) / (MOST_POINTS - 1);
    // Points that are not ordered by x are thinned by index.
    if (n <= MOST_POINTS) j = Math.min(k, n - 1);
    else while (j < n - 1 && at(all[j]) < goal) j++;
    kept.add(all[j]);
  }
  if (n > 0) kept.add(all[n - 1]);
  const some = [...kept];
  return { x: some.map((i) => digits(x[i])), y: some.map((i) => digits(y[i])) };
}

/** Downscales images to at most 40 × 40 pixels, by block means, in 256 levels. */
function smaller(picture: Picture): Picture {
  if (picture.type === 'scatter') {
    const every = Math.ceil(picture.points.length / 150);
    const points = picture.points.filter((_, k) => k % every === 0);
    return { ...picture, points: points.map((p) => ({ ...p, x: digits(p.x), y: digits(p.y) })) };
  }
  if (picture.type === 'graph') {
    return { ...picture, nodes: picture.nodes.map((n) => ({ ...n, x: digits(n.x), y: digits(n.y) })) };
  }
  const by = Math.max(1, Math.ceil(Math.max(picture.width, picture.height) / MOST_PIXELS));
  const [width, height] = [Math.floor(picture.width / by), Math.floor(picture.height / by)];
  const means = Array.from({ length: width * height }, (_, at) => {
    const [left, top] = [(at % width) * by, Math.floor(at / width) * by];
    let sum = 0;
    for (let dy = 0; dy < by; dy++)
      for (let dx = 0; dx < by; dx++) sum += picture.values[(top + dy) * picture.width + left + dx];
    return sum / by ** 2;
  });
  const low = means.reduce((a, b) => Math.min(a, b), Infinity);
  const high = means.reduce((a, b) => Math.max(a, b), -Infinity);
  const grey = (v: number) => (high > low ? Math.round((255 * (v - low)) / (high - low)) : 128);
  return { type: 'image', width, height, values: means.map(grey) };
}
