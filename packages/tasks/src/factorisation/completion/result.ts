import * as v from 'valibot';
import type { Columns } from '../../columns.ts';
import { endedText } from '../../ended.ts';
import { count, number } from '../../format.ts';
import { list, said, status } from '../../result.ts';
import type { ResultOf } from '../../task.ts';
import type { View } from '../../view.ts';

/** What is given of a completed matrix, and how it is shown. */

const columns = v.record(v.string(), list(v.nullable(v.union([v.number(), v.string()]))));
const places = v.object({ rows: v.number(), cols: v.number() });

const entries = {
  command: said(v.string(), 'As it was typed, or as it would be.'),
  method: v.string(),
  data: v.object({ name: v.string(), notes: list(v.string()) }),
  rows: v.number(),
  cols: v.number(),
  observed: said(v.number(), 'Entries that are known.'),
  titles: said(
    v.object({ row: v.string(), col: v.string(), value: v.string() }),
    'Names of the columns of the table of entries.',
  ),
  rank: v.number(),
  lambda: v.optional(v.number()),
  tried: v.optional(
    said(
      list(v.object({ lambda: v.number(), error: v.number() })),
      'Where lambda was chosen by errors on entries that were kept back.',
    ),
  ),
  heldOut: v.optional(
    said(
      v.object({ entries: v.number(), mean: v.number(), error: v.number() }),
      'Of the fit that left them out: errors of the mean alone, and of the method.',
    ),
  ),
  trainError: v.number(),
  unidentified: said(places, 'Rows and columns of which nothing is known.'),
  biases: said(v.boolean(), 'Whether they were taken off.'),
  factors: columns,
  predictions: said(
    columns,
    'Entries that were not observed, by rows; the largest of each row first where only some were asked for.',
  ),
  matrix: v.optional(said(columns, 'The full matrix, where the table was one; observed entries as they were.')),
  status,
  iterations: v.number(),
  seconds: said(v.number(), 'Reading included.'),
};

export const completeResult = v.object(entries);
export type CompletedMatrix = ResultOf<typeof entries>;

/** The file of what was completed. */
export const completedColumns = ({ matrix, predictions }: CompletedMatrix): Columns => matrix ?? predictions;

/** What there is to beware of, one sentence each. */
function cautions(r: CompletedMatrix): string[] {
  const found: string[] = [];
  if (r.heldOut && r.heldOut.error > 0.95 * r.heldOut.mean) {
    found.push('That is no better than the mean, or hardly: do not trust what was filled in.');
  }
  const nothing = [
    ...(r.unidentified.rows > 0 ? [count(r.unidentified.rows, 'row')] : []),
    ...(r.unidentified.cols > 0 ? [count(r.unidentified.cols, 'column')] : []),
  ];
  if (nothing.length > 0) {
    const given = r.biases ? 'they get the mean and biases' : 'they stay empty';
    found.push(`Nothing is known of ${nothing.join(' and ')}: ${given}.`);
  }
  return found;
}

const LARGEST_IMAGE = 400;

/** The columns but that of names. */
function imageOf({ rows, cols, matrix, titles }: CompletedMatrix): View['pictures'] {
  if (!matrix || rows > LARGEST_IMAGE || cols > LARGEST_IMAGE) return [];
  const named = Object.keys(matrix).length > cols;
  const numbers = Object.keys(matrix)
    .filter((name) => !named || name !== titles.row)
    .map((name) => matrix[name]);
  const values = Array.from({ length: rows * cols }, (_, at) => Number(numbers[at % cols][Math.floor(at / cols)]));
  return [{ title: 'The completed matrix', picture: { type: 'image', width: cols, height: rows, values } }];
}

export function completeView(r: CompletedMatrix): View {
  const density = (100 * r.observed) / (r.rows * r.cols);
  const chosen = r.tried ? ' (chosen by a tenth of the entries)' : '';
  const lambda = r.lambda === undefined ? '' : `, lambda ${number(r.lambda)}${chosen}`;
  const { titles, predictions, heldOut } = r;
  const shown = [titles.row, titles.col, titles.value];
  return {
    status: r.status,
    about: `${r.data.name}: ${count(r.rows, 'row')}, ${count(r.cols, 'column')}, ${r.observed.toLocaleString('en')} entries known (${number(density)} %)`,
    headline: `Rank ${r.rank} by ${r.method}${lambda}: error ${number(r.trainError)} on the known entries.`,
    ending: `${endedText(r.status)} after ${count(r.iterations, 'sweep')}.`,
    advice: [
      ...(heldOut
        ? [
            `Error ${number(heldOut.error)} on ${heldOut.entries === 1 ? 'one entry' : `${heldOut.entries.toLocaleString('en')} entries`} held out; the mean alone has ${number(heldOut.mean)}.`,
          ]
        : []),
      ...cautions(r),
    ],
    seconds: r.seconds,
    notes: r.data.notes,
    pictures: imageOf(r),
    tables: [
      {
        title: r.matrix ? 'What was missing' : 'Largest of each row',
        columns: shown,
        rows: Array.from({ length: Math.min(200, predictions[titles.value].length) }, (_, e) =>
          shown.map((title) => predictions[title][e]),
        ),
        on: 'page',
      },
    ],
  };
}
