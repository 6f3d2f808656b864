import * as v from 'valibot';
import type { Columns } from '../../declaration/columns.ts';
import { saveOutput } from '../../declaration/output.ts';
import type { ResultOf } from '../../declaration/task.ts';
import type { View } from '../../declaration/view.ts';
import { endedText } from '../../ended.ts';
import { clip, count, number } from '../../format.ts';
import { reportOutput } from '../../report/output.ts';
import { list, said, status } from '../../result.ts';
import { largest, loadingTable, percent, plane, tiles } from '../pictures.ts';

/** The results of svd, nmf and sparse-pca, and how they are displayed. */

const entries = {
  command: said(v.string(), 'The command, as typed or as it would be typed.'),
  method: v.picklist(['svd', 'nmf', 'sparse-pca']),
  data: said(v.string(), 'Name of the table.'),
  rows: v.number(),
  features: v.number(),
  featureNames: list(v.string()),
  scores: said(
    list(list(v.nullable(v.number()))),
    'A list of scores for each component, null where a row was left out.',
  ),
  loadings: said(list(list(v.number())), 'A list of loadings for each component, one for each feature.'),
  sizes: said(
    list(v.number()),
    'Singular values (svd), the norm of each part (nmf), or standard deviations (sparse-pca).',
  ),
  shares: v.optional(
    said(
      list(v.number()),
      'Explained fraction of the sum of squares of the data (of their variance if centred); absent for nmf, whose components overlap.',
    ),
  ),
  explained: v.optional(said(v.number(), 'Explained fraction of all components together.')),
  objective: v.number(),
  residuals: v.optional(said(list(v.number()), '‖Xᵀu − σv‖ of each triplet, or for wide data ‖Xv − σu‖.')),
  status,
  iterations: v.number(),
  modelText: said(v.string(), 'The model as JSON.'),
  notes: list(v.string()),
  seconds: said(v.number(), 'Reading included.'),
};

export const decomposedResult = v.object(entries);
export type Decomposed = ResultOf<typeof entries>;

const numbered = <T>(vectors: ReadonlyArray<T>): Record<string, T> =>
  Object.fromEntries(vectors.map((vector, a) => [`component_${a + 1}`, vector]));

export const decomposedOutputs = {
  outScores: {
    file: 'scores.csv',
    about: 'a row for each row of the data, .csv or .parquet',
    columns: ({ scores }: Decomposed): Columns => numbered(scores),
    holds: ['scores'],
  },
  outComponents: {
    file: 'components.csv',
    about: 'a row for each column of the data, .csv or .parquet',
    columns: ({ featureNames, loadings }: Decomposed): Columns => ({ feature: featureNames, ...numbered(loadings) }),
    holds: ['featureNames', 'loadings'],
  },
  report: reportOutput(
    'a self-contained HTML page of the components',
    (r: Decomposed) => `Components of ${r.data}`,
    decomposedView,
  ),
  save: saveOutput<Decomposed>('the components as a model, JSON, for predict: scores of new rows'),
};

export const factorsInterrupted = { kept: 'the factors so far are', none: 'were factors' };

const SIZES = { svd: 'singular value', nmf: 'size', 'sparse-pca': 'deviation' } as const;

export function decomposedView(r: Decomposed): View {
  let sum = 0;
  const rows = r.sizes.map((size, a) => {
    sum += r.shares?.[a] ?? 0;
    return {
      start: [a + 1, size, ...(r.shares ? [percent(r.shares[a]), percent(sum)] : [])],
      loadings: r.loadings[a],
    };
  });
  const title = SIZES[r.method];
  const columns = ['component', title, ...(r.shares ? ['explains', 'in all'] : [])];
  const explained = r.explained === undefined ? '' : `; ${percent(r.explained)} explained`;
  return {
    status: r.status,
    about: `${r.data}: ${count(r.rows, 'row')}, ${count(r.features, 'column')}, ${r.method}`,
    ending: `${endedText(r.status)} after ${count(r.iterations, 'round')}: objective ${number(r.objective, 6)}${explained}.`,
    seconds: r.seconds,
    notes: r.notes,
    pictures: [
      ...plane('Rows by their first two scores', r.scores[0], r.scores[1]),
      ...tiles('Components', r.loadings),
    ],
    tables: [
      {
        title: 'Components',
        columns: [...columns, 'columns', 'largest loadings'],
        rows: rows.map(({ start, loadings }) => [
          ...start,
          loadings.filter((x) => x !== 0).length,
          largest(loadings, 3)
            .map((j) => `${clip(r.featureNames[j], 20)} ${number(loadings[j], 2)}`)
            .join(', '),
        ]),
        digits: { [title]: 5 },
      },
      loadingTable(r.featureNames, r.loadings),
    ],
  };
}
