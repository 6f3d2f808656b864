import * as v from 'valibot';
import type { ResultOf } from '../../declaration/task.ts';
import type { View } from '../../declaration/view.ts';
import { endedText } from '../../ended.ts';
import { count, grouped, number } from '../../format.ts';
import { list, said, status } from '../../result.ts';
import { percent } from '../pictures.ts';

const gaps = list(v.nullable(v.number()));

const entries = {
  command: said(v.string(), 'As it was typed, or as it would be.'),
  data: v.object({ name: v.string(), rows: said(v.number(), 'That were fitted.'), notes: list(v.string()) }),
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
        lengthscale: said(v.number(), 'As a share of the range.'),
        places: said(v.number(), 'Distinct indices of the entries.'),
      }),
    ),
    'Axes, each scaled by its range.',
  ),
  centred: said(v.boolean(), 'Whether the mean was taken off first.'),
  tried: v.optional(
    said(
      list(v.object({ lengthscales: list(v.number()), centre: v.boolean(), error: v.number() })),
      'Length scales and centring that were tried, with the root mean squared error on entries that were held back.',
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
        mean: said(v.number(), 'Error of the mean of the others.'),
        covered: said(v.number(), 'Share in the intervals as the posterior has them.'),
      }),
      'Of entries that were left out of the fit, on which intervals were then calibrated.',
    ),
  ),
  level: v.number(),
  width: said(v.number(), 'Half the width of intervals, in standard deviations.'),
  predictions: said(
    v.object({ prediction: gaps, sd: gaps, low: gaps, high: gaps }),
    'For every row of the table, null where it lacks an index: mean and standard deviation of a new measurement, and the interval.',
  ),
  curves: said(
    v.object({
      axis: list(v.string()),
      function: list(v.number()),
      index: list(v.number()),
      mean: list(v.number()),
      sd: list(v.number()),
    }),
    'The functions of each axis along its range. Only with the core have they a meaning: they may be mixed and scaled.',
  ),
  modelText: said(v.string(), 'The model as JSON.'),
  status,
  iterations: said(v.number(), 'Sweeps of all starts.'),
  seconds: said(v.number(), 'Reading included.'),
};

export const functionalResult = v.object(entries);
export type FunctionalResult = ResultOf<typeof entries>;

/** The share of the variance from which noise is said to be most of it. */
const HALF = 0.5;

export function functionalView(r: FunctionalResult): View {
  const { heldOut, tried, axes, curves } = r;
  const name = r.form === 'cp' ? 'CP' : 'Tucker';
  return {
    status: r.status,
    about: `${r.data.name}: ${grouped(r.data.rows)} ${r.data.rows === 1 ? 'value' : 'values'} of ${r.target} along ${axes.map((a) => a.name).join(', ')}`,
    headline: `${name} of rank ${r.rank}: error ${number(r.trainError)} on the entries, whose deviation is ${number(r.deviation)}; noise ${number(r.noise)}.`,
    ending: `${endedText(r.status)} after ${count(r.iterations, 'sweep')}.`,
    advice: [
      ...(tried
        ? [
            `Length scales${r.centred ? '' : ', and that the mean stays,'} were chosen by entries that were held back, of ${tried.length} tried.`,
          ]
        : []),
      ...(heldOut
        ? [
            `Error ${number(heldOut.error)} on ${grouped(heldOut.entries)} entries held out; the mean alone has ${number(heldOut.mean)}.`,
            `Intervals of ${percent(r.level)} cover ${percent(heldOut.covered)} of them as the posterior has them, and are made ${number(r.width, 3)} deviations wide on either side.`,
            ...(heldOut.error > 0.95 * heldOut.mean
              ? ['That is no better than the mean, or hardly: do not trust what is predicted.']
              : []),
          ]
        : ['Intervals are as the posterior has them: nothing was held out to calibrate them.']),
      ...(!heldOut && r.noise ** 2 > HALF * r.deviation ** 2
        ? [
            `${percent(Math.min(1, (r.noise / r.deviation) ** 2))} of what varies is taken for noise: next to nothing was learned from ${count(r.data.rows, 'value')}. A lower rank or more values may tell more.`,
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
      xLabel: a.name,
      yLabel: 'value',
      curves: Array.from({ length: r.rank }, (_, f) => {
        const at = curves.axis.flatMap((axis, i) => (axis === a.name && curves.function[i] === f + 1 ? [i] : []));
        return { name: `function ${f + 1}`, x: at.map((i) => curves.index[i]), y: at.map((i) => curves.mean[i]) };
      }),
    })),
    pictures: [],
  };
}
