import * as v from 'valibot';
import type { Columns } from '../../declaration/columns.ts';
import type { ResultOf } from '../../declaration/task.ts';
import type { View } from '../../declaration/view.ts';
import { endedText } from '../../ended.ts';
import { count, number } from '../../format.ts';
import { list, said, status } from '../../result.ts';
import { plane } from '../pictures.ts';

/** The result of deep canonical correlations, and how it is displayed. */

const curve = list(v.nullable(v.number()));
const entries = {
  command: said(v.string(), 'The command, as typed or as it would be typed.'),
  data: said(list(v.string()), 'Names of the tables.'),
  rows: v.number(),
  used: said(v.number(), 'Number of rows without missing values.'),
  fitted: said(v.number(), 'Number of training rows.'),
  validation: said(v.number(), 'Number of validation rows, which select the epoch.'),
  holdout: said(v.number(), 'Number of held-out test rows.'),
  featureNames: said(list(list(v.string())), 'Names of the features of both views.'),
  networks: said(list(v.object({ layers: v.string(), parameters: v.number() })), 'Networks of both views.'),
  training: v.object({
    epochs: v.number(),
    planned: v.number(),
    best: said(v.number(), 'The epoch of the returned networks.'),
    batch: v.number(),
    rate: v.number(),
    steps: v.number(),
  }),
  correlations: said(
    v.object({
      fitted: list(v.number()),
      validation: v.optional(list(v.number())),
      held: v.optional(list(v.number())),
    }),
    'Correlations by component, of training, validation and held-out rows.',
  ),
  history: said(
    v.object({ loss: curve, correlation: curve, validation: v.optional(curve) }),
    'By epoch: the mean loss, and the total correlations of training and validation rows.',
  ),
  scores: said(
    list(list(list(v.nullable(v.number())))),
    'Scores of each row by view and component, null for rows that were left out.',
  ),
  modelText: said(v.string(), 'The model as JSON.'),
  next: v.optional(said(v.string(), 'What to try next.')),
  status,
  notes: list(v.string()),
  seconds: said(v.number(), 'Reading included.'),
};

export const deepCcaResult = v.object(entries);
export type DeepCcaResult = ResultOf<typeof entries>;

const VIEWS = ['x', 'y'];

/** A row for each row of the table. */
export const deepVariateColumns = ({ scores }: DeepCcaResult): Columns =>
  Object.fromEntries(scores.flatMap((view, side) => view.map((column, c) => [`${VIEWS[side]}_${c + 1}`, column])));

const total = (correlations: readonly number[]): number => correlations.reduce((sum, rho) => sum + rho, 0);

/** If validation correlations are below this fraction of the training correlations, the networks overfit. */
const BY_HEART = 0.8;

function cautions({ holdout, correlations: { fitted, held, validation } }: DeepCcaResult): string[] {
  const other = held ?? validation;
  if (!other) {
    const why = holdout > 0 ? 'only one row was held out, which has no correlation; hold out more.' : 'use holdout.';
    return [`Correlations of training rows are too optimistic for new rows: ${why}`];
  }
  if (total(other) >= BY_HEART * total(fitted)) return [];
  return [
    `Overfitting: rows that were not used for training correlate much less, ${number(total(other), 3)} in all against ${number(total(fitted), 3)}. More rows, fewer hidden units or fewer epochs may help, and factor cca may perform as well.`,
  ];
}

export function deepCcaView(r: DeepCcaResult): View {
  const { fitted, validation, held } = r.correlations;
  const columns = r.featureNames.map((names) => count(names.length, 'column')).join(' and ');
  const { epochs, planned, best, steps } = r.training;
  const chosen = validation && best > 0 ? `; the networks are those of epoch ${best}` : '';
  const line = (name: string, values: ReadonlyArray<number | null>) => ({
    name,
    x: values.map((_, k) => k + 1),
    y: values.map((value) => value ?? Number.NaN),
  });
  return {
    status: r.status,
    about: `${r.data.join(' and ')}: ${count(r.used, 'row')}, ${columns}`,
    headline: `Total correlation ${number(total(held ?? validation ?? fitted))} of ${held ? `${count(r.holdout, 'held-out row')}` : validation ? `${count(r.validation, 'validation row')}` : `the ${count(r.fitted, 'training row')}`}, at most ${fitted.length}.`,
    ending: `${endedText(r.status)} after ${epochs} of ${count(planned, 'epoch')}, ${count(steps, 'step')}${chosen}.`,
    advice: [...(r.next ? [r.next] : []), ...cautions(r)],
    seconds: r.seconds,
    notes: r.notes,
    pictures: plane('Rows by the first pair', r.scores[0][0], r.scores[1][0]),
    charts:
      r.history.loss.length > 0
        ? [
            {
              ...{ title: 'Total correlation', x: { label: 'epoch' }, y: { label: 'total correlation' } },
              series: [
                line('fitted', r.history.correlation),
                ...(r.history.validation ? [line('validation', r.history.validation)] : []),
              ],
            },
          ]
        : [],
    tables: [
      {
        title: 'Canonical correlations',
        columns: ['pair', 'fitted', ...(validation ? ['validation'] : []), ...(held ? ['held out'] : [])],
        rows: fitted.map((rho, c) => [c + 1, rho, ...(validation ? [validation[c]] : []), ...(held ? [held[c]] : [])]),
      },
      {
        title: 'The networks',
        columns: ['view', 'layers', 'parameters'],
        rows: r.networks.map(({ layers, parameters }, side) => [VIEWS[side], layers, parameters]),
      },
    ],
  };
}
