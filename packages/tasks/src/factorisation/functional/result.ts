import * as v from 'valibot';
import type { ResultOf } from '../../declaration/task.ts';
import type { View } from '../../declaration/view.ts';
import { endedText } from '../../ended.ts';
import { count, grouped, number } from '../../format.ts';
import { list, said, status } from '../../result.ts';
import { percent } from '../pictures.ts';

const gaps = list(v.nullable(v.number()));

const entries = {
  command: said(v.string(), 'The command, as typed or as it would be typed.'),
  data: v.object({ name: v.string(), rows: said(v.number(), 'Number of fitted rows.'), notes: list(v.string()) }),
  target: v.string(),
  form: v.string(),
  rank: v.number(),
  kernel: v.string(),
  axes: said(
    list(
      v.object({
        name: v.string(),
        low: v.number(),
        high: v.number(),
        lengthscale: said(v.number(), 'As a fraction of the range.'),
        places: said(v.number(), 'Number of distinct coordinates of the entries.'),
      }),
    ),
    'The axes, each scaled by its range.',
  ),
  centred: said(v.boolean(), 'Whether the mean was subtracted first.'),
  tried: v.optional(
    said(
      list(v.object({ lengthscales: list(v.number()), centre: v.boolean(), error: v.number() })),
      'Length scales and centring that were tried, with the root mean squared error on held-out entries.',
    ),
  ),
  noise: said(v.number(), 'Standard deviation of the noise, estimated or known.'),
  trainError: said(v.number(), 'Root mean squared error on the fitted entries.'),
  deviation: said(v.number(), 'Standard deviation of the fitted entries.'),
  heldOut: v.optional(
    said(
      v.object({
        entries: v.number(),
        error: v.number(),
        mean: said(v.number(), 'Error of the mean of the fitted entries.'),
        covered: said(v.number(), 'Coverage of the uncalibrated posterior intervals.'),
      }),
      'Errors on held-out entries, on which intervals were then calibrated.',
    ),
  ),
  level: v.number(),
  width: said(v.number(), 'Half-width of intervals, in standard deviations.'),
  predictions: said(
    v.object({ prediction: gaps, sd: gaps, low: gaps, high: gaps }),
    'For every row of the table, null for rows without coordinates: mean and standard deviation of a new measurement, and the interval.',
  ),
  curves: said(
    v.object({
      axis: list(v.string()),
      function: list(v.number()),
      index: list(v.number()),
      mean: list(v.number()),
      sd: list(v.number()),
    }),
    'The functions of each axis over its range. They are identified only up to mixing and scaling, which the core compensates.',
  ),
  modelText: said(v.string(), 'The model as JSON.'),
  status,
  iterations: said(v.number(), 'Number of sweeps, of all initialisations.'),
  seconds: said(v.number(), 'Reading included.'),
};

export const functionalResult = v.object(entries);
export type FunctionalResult = ResultOf<typeof entries>;

/** Fraction of the variance above which a warning says that most of it is noise. */
const HALF = 0.5;

export function functionalView(r: FunctionalResult): View {
  const { heldOut, tried, axes, curves } = r;
  const name = r.form === 'cp' ? 'CP' : 'Tucker';
  return {
    status: r.status,
    about: `${r.data.name}: ${grouped(r.data.rows)} ${r.data.rows === 1 ? 'value' : 'values'} of ${r.target} along ${axes.map((a) => a.name).join(', ')}`,
    headline: `${name} of rank ${r.rank}: error ${number(r.trainError)} on the entries, whose standard deviation is ${number(r.deviation)}; noise ${number(r.noise)}.`,
    ending: `${endedText(r.status)} after ${count(r.iterations, 'sweep')}.`,
    advice: [
      ...(tried
        ? [
            `Length scales${r.centred ? '' : ' and no centring'} were chosen from ${tried.length} candidates by the error on held-out entries.`,
          ]
        : []),
      ...(heldOut
        ? [
            `Error ${number(heldOut.error)} on ${grouped(heldOut.entries)} held-out entries; that of the mean is ${number(heldOut.mean)}.`,
            `Posterior intervals of ${percent(r.level)} cover ${percent(heldOut.covered)} of them; calibrated, they extend ${number(r.width, 3)} standard deviations on either side.`,
            ...(heldOut.error > 0.95 * heldOut.mean
              ? ['That is hardly or no better than the mean: the predictions are not reliable.']
              : []),
          ]
        : ['Intervals are those of the posterior, not calibrated: no entries were held out.']),
      ...(!heldOut && r.noise ** 2 > HALF * r.deviation ** 2
        ? [
            `${percent(Math.min(1, (r.noise / r.deviation) ** 2))} of the variance is explained as noise: almost nothing was learned from ${count(r.data.rows, 'value')}. A lower rank or more values may help.`,
          ]
        : []),
    ],
    seconds: r.seconds,
    notes: r.data.notes,
    tables: [
      {
        title: 'Axes',
        columns: ['axis', 'from', 'to', 'length scale', 'distinct'],
        rows: axes.map((a) => [a.name, a.low, a.high, a.lengthscale, a.places]),
      },
    ],
    charts: axes.map((a) => ({
      title: `Functions of ${a.name}`,
      x: { label: a.name },
      y: { label: 'value' },
      series: Array.from({ length: r.rank }, (_, f) => {
        const at = curves.axis.flatMap((axis, i) => (axis === a.name && curves.function[i] === f + 1 ? [i] : []));
        return { name: `function ${f + 1}`, x: at.map((i) => curves.index[i]), y: at.map((i) => curves.mean[i]) };
      }),
    })),
    pictures: [],
  };
}
