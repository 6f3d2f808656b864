import type { Experiment, Picture } from '../experiment.ts';
import type { PictureEvent, RunState } from '../fold.ts';
import { axisText, panelOf, shownOf } from '../panels.ts';
import type { PaperRecord } from '../record.ts';
import type { ReleasedChart, ReleasedCurve, ReleasedPicture } from '../verdicts/released.ts';

/** The record's `picture` from a run, thinned to a few kB. */

const MOST_POINTS = 40;
const MOST_PIXELS = 40;
const MOST_SCATTERED = 150;
const digits = (v: number): number => Number(v.toPrecision(4));

/** The picture of a complete run; undefined if a curve named by the record is missing. */
export function pictureOf(
  record: Pick<PaperRecord, 'picture'>,
  experiment: Pick<Experiment, 'panels'>,
  state: Pick<RunState, 'curves' | 'pictures'>,
): ReleasedPicture | undefined {
  const { picture: told } = record;
  if (!told) return undefined;
  const found = state.pictures.find((p) => p.title === told.title);
  if (found) return { kind: 'picture', says: told.says, picture: smaller(found.picture) };
  const panel = state.curves.filter((c) => c.panel === told.title);
  const curves = panel.filter((c) => !told.series || told.series.includes(c.series));
  if (curves.length === 0 || curves.length < (told.series?.length ?? 0)) return undefined;
  const { x, y } = panelOf(experiment, told.title) ?? {};
  const thin = curves.map((c) => ({ series: c.series, ...thinned(c.x, c.y, x?.log ?? false, y?.log ?? false) }));
  return chartOf(record, experiment, thin);
}

/** The chart of the record's picture from its data, with axes, names and colours of the panel's declaration. */
export function chartOf(
  { picture: told }: Pick<PaperRecord, 'picture'>,
  experiment: Pick<Experiment, 'panels'>,
  data: ReadonlyArray<Pick<ReleasedCurve, 'series' | 'x' | 'y'>>,
): ReleasedChart | undefined {
  const panel = told && panelOf(experiment, told.title);
  if (!panel) return undefined;
  const shown = shownOf(
    panel,
    data.map((c) => c.series),
  );
  const curves = Array.from(shown, ([series, { name, colour, control }]) => {
    const { x, y } = data.find((c) => c.series === series)!;
    return { series, name, colour, ...(control && { control }), x, y };
  });
  const { x, y } = panel;
  const axes = { x: axisText(x), y: axisText(y), logX: x.log ?? false, logY: y.log ?? false };
  return { kind: 'chart', says: told.says, axes, curves };
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

/** The pictures of a run in stored form: images of at most 160 pixels a side, scatter plots of at most 1000 points. */
export const keptPictures = ({ pictures }: Pick<RunState, 'pictures'>): PictureEvent[] =>
  pictures.map((event) => ({ ...event, picture: smaller(event.picture, 160, 1000) }));

/** Downscales images by block means, in 256 levels, and thins scatter plots. */
function smaller(picture: Picture, pixels = MOST_PIXELS, most = MOST_SCATTERED): Picture {
  if (picture.type === 'scatter') {
    const every = Math.ceil(picture.points.length / most);
    const points = picture.points.filter((_, k) => k % every === 0);
    return { ...picture, points: points.map((p) => ({ ...p, x: digits(p.x), y: digits(p.y) })) };
  }
  if (picture.type === 'graph') {
    return { ...picture, nodes: picture.nodes.map((n) => ({ ...n, x: digits(n.x), y: digits(n.y) })) };
  }
  const by = Math.max(1, Math.ceil(Math.max(picture.width, picture.height) / pixels));
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
