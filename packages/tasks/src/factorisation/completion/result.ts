import * as v from 'valibot';
import type { Columns } from '../../declaration/columns.ts';
import type { ResultOf } from '../../declaration/task.ts';
import type { View } from '../../declaration/view.ts';
import { endedText } from '../../ended.ts';
import { count, grouped, number } from '../../format.ts';
import { list, said, status } from '../../result.ts';

/** The result for a completed matrix, and how it is displayed. */

const columns = v.record(v.string(), list(v.nullable(v.union([v.number(), v.string()]))));
const places = v.object({ rows: v.number(), cols: v.number() });

const entries = {
  command: said(v.string(), 'The command, as typed or as it would be typed.'),
  method: v.string(),
  data: v.object({ name: v.string(), notes: list(v.string()) }),
  rows: v.number(),
  cols: v.number(),
  observed: said(v.number(), 'Number of observed entries.'),
  titles: said(
    v.object({ row: v.string(), col: v.string(), value: v.string() }),
    'Names of the columns of the table of entries.',
  ),
  rank: v.number(),
  lambda: v.optional(v.number()),
  tried: v.optional(
    said(
      list(v.object({ rank: v.number(), lambda: v.number(), error: v.number() })),
      'If rank or lambda were chosen by errors on held-out entries: all values that were tried.',
    ),
  ),
  chosenBy: v.optional(
    said(
      v.picklist(['tenth', 'parts', 'none']),
      'Validation scheme: a tenth of the entries, ten-fold cross-validation, or none if there are too few entries.',
    ),
  ),
  heldOut: v.optional(
    said(
      v.object({ entries: v.number(), mean: v.number(), error: v.number() }),
      'Errors on held-out entries, of the mean and of the method.',
    ),
  ),
  trainError: v.number(),
  unidentified: said(places, 'Rows and columns without observed entries.'),
  determination: said(
    v.object({
      test: v.picklist(['jacobian', 'counts']),
      missing: v.number(),
      undetermined: v.number(),
      penalised: v.boolean(),
    }),
    'Number of missing entries that are not determined, that is, differ in other completions of the same rank and fit (by counts: a lower bound), and whether a penalty selects among these.',
  ),
  advice: list(v.string()),
  biases: said(v.boolean(), 'Whether biases were subtracted.'),
  mean: v.optional(said(v.number(), 'Mean of the entries, if biases were subtracted.')),
  factors: said(
    columns,
    'The mean, then biases and factors of rows and of columns, from which predictions are computed.',
  ),
  predictions: said(
    columns,
    'Unobserved entries, by rows, or with top only the largest of each row in descending order; or the requested pairs. The value is empty, or the last column is `no`, for entries that the data do not determine.',
  ),
  matrix: v.optional(said(columns, 'The full matrix, if the table was a matrix; observed entries are unchanged.')),
  modelText: said(v.string(), 'The model as JSON.'),
  status,
  iterations: v.number(),
  seconds: said(v.number(), 'Reading included.'),
};

export const completeResult = v.object(entries);
export type CompletedMatrix = ResultOf<typeof entries>;

/** The columns of the output file. */
export const completedColumns = ({ matrix, predictions }: CompletedMatrix): Columns => matrix ?? predictions;

/** Warnings, one sentence each. */
function cautions(r: CompletedMatrix): string[] {
  const found: string[] = [];
  if (r.heldOut && r.heldOut.error > 0.95 * r.heldOut.mean) {
    found.push('That is hardly or no better than the mean: the predictions are not reliable.');
  }
  const nothing = [
    ...(r.unidentified.rows > 0 ? [count(r.unidentified.rows, 'row')] : []),
    ...(r.unidentified.cols > 0 ? [count(r.unidentified.cols, 'column')] : []),
  ];
  if (nothing.length > 0) {
    const given = r.biases ? 'their predictions are the mean and biases' : 'they stay empty';
    found.push(`There are no observed entries of ${nothing.join(' and ')}: ${given}.`);
  }
  const { test, missing, undetermined, penalised } = r.determination;
  if (undetermined === 0) return found;
  const why =
    test === 'jacobian'
      ? `other completions of rank ${r.rank} fit equally well and differ there`
      : `their row or column has fewer entries than unknowns, or nothing connects the two (counted; the matrix is too large for the exact test, which may find more)`;
  const given = r.matrix || !penalised ? 'they stay empty' : 'their values are those with the smallest penalty';
  const least = test === 'counts' ? 'At least ' : '';
  found.push(
    `${least}${grouped(undetermined)} of ${grouped(missing)} missing entries are not determined by the observed ones: ${why}; ${given}.`,
  );
  return [...found, ...r.advice];
}

/** How rank and λ were chosen. */
function choiceText({ tried, chosenBy, rank, lambda }: CompletedMatrix): string[] {
  if (chosenBy === 'none') {
    return ['Too few entries to hold any out: the lowest rank and no penalty were used unless given.'];
  }
  if (!tried) return [];
  const [ranks, lambdas] = [[...new Set(tried.map((t) => t.rank))], [...new Set(tried.map((t) => t.lambda))]];
  const of = [
    ...(ranks.length > 1 ? [`rank ${rank} of ${ranks.join(', ')}`] : []),
    ...(lambdas.length > 1 ? [`lambda ${number(lambda)} of ${lambdas.map((l) => number(l)).join(', ')}`] : []),
  ];
  const back = chosenBy === 'tenth' ? 'on a tenth of the entries' : 'by cross-validation';
  const error = tried.find((t) => t.rank === rank && t.lambda === lambda)?.error;
  return of.length === 0 ? [] : [`Chosen ${back}: ${of.join('; ')}; validation error ${number(error)}.`];
}

const LARGEST_IMAGE = 400;

/** The columns except that of names. */
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
    about: `${r.data.name}: ${count(r.rows, 'row')}, ${count(r.cols, 'column')}, ${grouped(r.observed)} entries observed (${number(density)} %)`,
    headline: `Rank ${r.rank} by ${r.method}${lambda}: error ${number(r.trainError)} on the observed entries.`,
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
        title: r.matrix ? 'Missing entries' : 'Largest predictions of each row',
        columns: shown,
        rows: Array.from({ length: Math.min(200, predictions[shown[0]].length) }, (_, e) =>
          shown.map((title) => predictions[title][e]),
        ),
        on: 'page',
      },
    ],
  };
}
