import * as v from 'valibot';
import type { Columns } from '../../declaration/columns.ts';
import type { ResultOf } from '../../declaration/task.ts';
import type { View } from '../../declaration/view.ts';
import { endedText } from '../../ended.ts';
import { count, grouped, number } from '../../format.ts';
import { list, said, status } from '../../result.ts';

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
      list(v.object({ rank: v.number(), lambda: v.number(), error: v.number() })),
      'Where rank or lambda were chosen by errors on entries that were kept back: all that were tried.',
    ),
  ),
  chosenBy: v.optional(
    said(
      v.picklist(['tenth', 'parts', 'none']),
      'What was kept back: a tenth of the entries, each of ten parts in turn, or nothing, as there was too little.',
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
  determination: said(
    v.object({
      test: v.picklist(['jacobian', 'counts']),
      missing: v.number(),
      undetermined: v.number(),
      penalised: v.boolean(),
    }),
    'How many of the missing entries other completions of the same rank and fit would change (by counts: at least), and whether a penalty chooses among these.',
  ),
  advice: list(v.string()),
  biases: said(v.boolean(), 'Whether they were taken off.'),
  mean: v.optional(said(v.number(), 'Of the entries, where biases were taken off.')),
  factors: said(columns, 'The mean, then biases and factors of rows and of columns; predictions are made of these.'),
  predictions: said(
    columns,
    'Entries that were not observed, by rows; the largest of each row first where only some were asked for; or the pairs that were asked for. No value, or `no` in the last column, where the data do not determine it.',
  ),
  matrix: v.optional(said(columns, 'The full matrix, where the table was one; observed entries as they were.')),
  modelText: said(v.string(), 'The model as JSON.'),
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
  const { test, missing, undetermined, penalised } = r.determination;
  if (undetermined === 0) return found;
  const why =
    test === 'jacobian'
      ? `other completions of rank ${r.rank} that fit as well would change them`
      : `their row or column has fewer entries than unknowns, or nothing connects the two (counted; the matrix is too large for the exact test, which may find more)`;
  const given = r.matrix || !penalised ? 'they stay empty' : 'their values are the choice of the penalty';
  const least = test === 'counts' ? 'At least ' : '';
  found.push(
    `${least}${grouped(undetermined)} of ${grouped(missing)} missing entries are not determined by what is known: ${why}; ${given}.`,
  );
  return [...found, ...r.advice];
}

/** How rank and λ were chosen. */
function choiceText({ tried, chosenBy, rank, lambda }: CompletedMatrix): string[] {
  if (chosenBy === 'none') {
    return ['Too few entries to keep any back: the lowest rank and no penalty were taken unless given.'];
  }
  if (!tried) return [];
  const [ranks, lambdas] = [[...new Set(tried.map((t) => t.rank))], [...new Set(tried.map((t) => t.lambda))]];
  const of = [
    ...(ranks.length > 1 ? [`rank ${rank} of ${ranks.join(', ')}`] : []),
    ...(lambdas.length > 1 ? [`lambda ${number(lambda)} of ${lambdas.map((l) => number(l)).join(', ')}`] : []),
  ];
  const back = chosenBy === 'tenth' ? 'a tenth of the entries' : 'the entries, kept back in parts';
  const error = tried.find((t) => t.rank === rank && t.lambda === lambda)?.error;
  return of.length === 0 ? [] : [`Chosen by ${back}: ${of.join('; ')}; error there ${number(error)}.`];
}

const LARGEST_IMAGE = 400;

/** The columns but that of names. */
function imageOf({ rows, cols, matrix, titles }: CompletedMatrix): View['pictures'] {
  if (!matrix || rows > LARGEST_IMAGE || cols > LARGEST_IMAGE) return [];
  const named = Object.keys(matrix).length > cols;
  const numbers = Object.keys(matrix)
    .filter((name) => !named || name !== titles.row)
    .map((name) => matrix[name]);
  const values = Array.from({ length: rows * cols }, (_, at) =>
    Number(numbers[at % cols][Math.floor(at / cols)] ?? Number.NaN),
  );
  const axes = { x: { label: 'column', from: 1, to: cols }, y: { label: 'row', from: 1, to: rows } };
  return [{ title: 'The completed matrix', picture: { type: 'image', width: cols, height: rows, values, ...axes } }];
}

export function completeView(r: CompletedMatrix): View {
  const density = (100 * r.observed) / (r.rows * r.cols);
  const lambda = r.lambda === undefined ? '' : `, lambda ${number(r.lambda)}`;
  const { predictions, heldOut } = r;
  const shown = Object.keys(predictions);
  return {
    status: r.status,
    about: `${r.data.name}: ${count(r.rows, 'row')}, ${count(r.cols, 'column')}, ${grouped(r.observed)} entries known (${number(density)} %)`,
    headline: `Rank ${r.rank} by ${r.method}${lambda}: error ${number(r.trainError)} on the known entries.`,
    ending: `${endedText(r.status)} after ${count(r.iterations, 'sweep')}.`,
    advice: [
      ...choiceText(r),
      ...(heldOut
        ? [
            `Error ${number(heldOut.error)} on ${heldOut.entries === 1 ? 'one entry' : `${grouped(heldOut.entries)} entries`} held out; the mean alone has ${number(heldOut.mean)}.`,
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
        rows: Array.from({ length: Math.min(200, predictions[shown[0]].length) }, (_, e) =>
          shown.map((title) => predictions[title][e]),
        ),
        on: 'page',
      },
    ],
  };
}
