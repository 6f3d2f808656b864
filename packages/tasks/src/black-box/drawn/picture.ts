import type { Picture } from '@southwell/data';
import { number } from '../../format.ts';
import type { Minimum } from '../result.ts';
import { levelsText } from './drawn.ts';

type Scatter = Extract<Picture, { readonly type: 'scatter' }>;
type Points = NonNullable<NonNullable<Minimum['drawn']>['points']>;

/** Number of evaluations from which they are grouped by time. */
const MANY = 12;

/** Evaluations of one or two coordinates in order, the best last, over the curve or the level lines of the function. */
export function pictureOf({ drawn }: Pick<Minimum, 'drawn'>): { title: string; picture: Scatter } | undefined {
  const { points, curve, levels } = drawn ?? {};
  if (!points) return undefined;
  const plane = points.labels.length === 2;
  const places = points.at.map((at, i) => ({ x: at[0], y: plane ? at[1] : points.values[i] }));
  const [groups, groupOf] = parts(points);
  const best = {
    x: points.best[0],
    y: plane ? points.best[1] : points.value,
    group: groups.length,
    marked: true as const,
  };
  const lines = curve
    ? [{ ...curve, shade: 0.7 }]
    : levels?.levels.flatMap(({ lines: of }, k, { length }) => of.map((line) => ({ ...line, shade: 1 - k / length })));
  return {
    title: plane ? 'Evaluations in the plane' : 'Evaluations',
    picture: {
      type: 'scatter',
      xLabel: points.labels[0],
      yLabel: plane ? points.labels[1] : 'value',
      points: [...places.map((place, i) => ({ ...place, group: groupOf(i) })), best],
      groups: [...groups, `least value ${number(points.value, 3)}`],
      ...(lines && { lines }),
      ...(levels && {
        xRange: [levels.box[0][0], levels.box[0][1]] as const,
        yRange: [levels.box[1][0], levels.box[1][1]] as const,
        below: levelsText(levels),
      }),
    },
  };
}

/** Thirds of the evaluations, and the one to which an index belongs. */
function parts({ numbers }: Points): [string[], (i: number) => number] {
  const last = numbers.at(-1)!;
  if (numbers.length < MANY) return [['evaluations'], () => 0];
  const ends = [1, 2, 3].map((k) => Math.round((k * last) / 3));
  const names = ends.map((end, k) => (k === 0 ? `evaluations 1 to ${end}` : `${ends[k - 1] + 1} to ${end}`));
  return [names, (i) => ends.findIndex((end) => numbers[i] <= end)];
}

/** The best values so far, relative to the known minimum or to the smallest value found. */
export function historyOf({ drawn, known }: Pick<Minimum, 'drawn' | 'known'>) {
  const { evaluations, best } = drawn!.history;
  const least = known ?? best.at(-1)!;
  const above = best
    .map((v, i) => ({ x: evaluations[i], y: v - least }))
    .filter(({ y }) => y > 0 && Number.isFinite(y));
  return {
    title: known === undefined ? 'Above the smallest value found' : 'Above the minimum',
    x: { label: 'evaluations' },
    y: { label: 'best value less the least', log: true },
    series: [{ name: 'best so far', x: above.map(({ x }) => x), y: above.map(({ y }) => y) }],
  };
}
