import * as v from 'valibot';
import type { Columns } from '../../declaration/columns.ts';
import type { ResultOf } from '../../declaration/task.ts';
import type { View } from '../../declaration/view.ts';
import { endedText } from '../../ended.ts';
import { count, number } from '../../format.ts';
import { list, said, status } from '../../result.ts';
import { plane } from '../pictures.ts';

/** What is given of deep canonical correlations, and how it is shown. */

const curve = list(v.nullable(v.number()));
const entries = {
  command: said(v.string(), 'As it was typed, or as it would be.'),
  data: said(list(v.string()), 'Names of the tables.'),
  rows: v.number(),
  used: said(v.number(), 'Rows without gaps.'),
  fitted: said(v.number(), 'Rows that the networks were trained on.'),
  validation: said(v.number(), 'Rows by which the epoch was chosen.'),
  holdout: said(v.number(), 'Rows that nothing saw before.'),
  featureNames: said(list(list(v.string())), 'Of either view.'),
  networks: said(list(v.object({ layers: v.string(), parameters: v.number() })), 'Of either view.'),
  training: v.object({
    epochs: v.number(),
    planned: v.number(),
    best: said(v.number(), 'The epoch of the networks that are kept.'),
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
    'By component, of the rows that were fitted, of those for validation and of those held out.',
  ),
  history: said(
    v.object({ loss: curve, correlation: curve, validation: v.optional(curve) }),
    'By epoch: the mean loss, and the total correlations of the fitted rows and of those for validation.',
  ),
  scores: said(
    list(list(list(v.nullable(v.number())))),
    'By view and component: of each row, null where it was left out.',
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

/** Networks that did less well than this share of what they fitted have learned rows by heart. */
const BY_HEART = 0.8;

function cautions({ holdout, correlations: { fitted, held, validation } }: DeepCcaResult): string[] {
  const other = held ?? validation;
  if (!other) {
    const why =
      holdout > 0 ? 'one row alone was held out, which has no correlation: take more.' : 'keep some for holdout.';
    return [`Rows that were fitted say little about new ones: ${why}`];
  }
  if (total(other) >= BY_HEART * total(fitted)) return [];
  return [
    `Rows that were not fitted correlate much less, ${number(total(other), 3)} in all against ${number(total(fitted), 3)}: more rows, or fewer hidden units or passes, would help, and factor cca may do as well.`,
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
    headline: `Total correlation ${number(total(held ?? validation ?? fitted))} of ${held ? `${count(r.holdout, 'row')} held out` : validation ? `${count(r.validation, 'row')} kept for validation` : `the ${count(r.fitted, 'row')} that were fitted`}, at most ${fitted.length}.`,
    ending: `${endedText(r.status)} after ${epochs} of ${count(planned, 'epoch')}, ${count(steps, 'step')}${chosen}.`,
    advice: [...(r.next ? [r.next] : []), ...cautions(r)],
    seconds: r.seconds,
    notes: r.notes,
    pictures: plane('Rows by the first pair', r.scores[0][0], r.scores[1][0]),
    charts:
      r.history.loss.length > 0
        ? [
            {
              ...{ title: 'Total correlation', xLabel: 'epoch', yLabel: 'total correlation' },
              curves: [
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
