import { type SplitRows, sumOverRows } from '@southwell/numerics/core';
import { splitSquares } from '@southwell/numerics/linalg';
import type { DenseMatrix, Matrix } from 'southwell';
import { nmf as factorise, nmfRecords } from 'southwell/factorisation';
import { table } from '../../declaration/input.ts';
import { optionsOf } from '../../declaration/records.ts';
import { defineTask, type RequestOf } from '../../declaration/task.ts';
import { columnOptions, componentsOption, limitOption, ofMethod, ofRun } from '../options.ts';
import { decomposeJob, ending, type Found, type Run, rowsOf } from './job.ts';
import { decomposedOutputs, decomposedResult, decomposedView, factorsInterrupted } from './result.ts';

const { loss, init, alpha, l1Ratio, tol, maxIter, seed } = nmfRecords;

const inputs = { data: table() };
const options = {
  components: componentsOption('Components', 'number of components'),
  ...optionsOf({ loss, init, alpha, l1Ratio }, ofMethod),
  ...columnOptions,
  ...optionsOf({ tol, maxIter }, ofRun),
  timeLimit: limitOption('stop after this time'),
  ...optionsOf({ seed }, ofRun),
};
type NmfRequest = RequestOf<typeof inputs, typeof options>;

function factor(
  { components, seed, tol, alpha, l1Ratio, loss, init }: NmfRequest,
  X: Matrix,
  run: Run,
  rows: SplitRows,
): Found {
  const model = factorise(X, { rank: components, ...{ seed, tol, alpha, l1Ratio, loss, init }, ...run, rows });
  const { scores, solution } = model;
  const loadings = rowsOf(model.components);
  const long = (v: Float64Array) => Math.sqrt(sumOverRows(rows, (i) => v[i] * v[i]));
  const sizes = loadings.map((row, a) => long(scores.column(a)) * norm(row));
  const squares = splitSquares(X, undefined, rows);
  const explained = loss === 'kullback-leibler' || squares === 0 ? undefined : 1 - (2 * model.loss) / squares;
  return {
    ...{ scores: scores as DenseMatrix, loadings, sizes, explained },
    ...{ scoring: { by: 'non-negative', loss, alpha, l1Ratio }, centred: false },
    ...ending(solution),
  };
}

const norm = (v: ArrayLike<number>): number => Math.sqrt(Array.from(v).reduce((s, x) => s + x * x, 0));

export const nmf = defineTask({
  title: 'Non-negative matrix factorisation',
  verb: ['factor', 'nmf'],
  about: 'Non-negative matrix factorisation: rows as sums of non-negative components.',
  examples: [
    'factor nmf bundled:digits -k 16 --drop digit --out-components parts.csv',
    'factor nmf counts.svm -k 20 --loss kullback-leibler --out-scores topics.parquet',
  ],
  inputs,
  options,
  result: decomposedResult,
  outputs: decomposedOutputs,
  // The other loss needs whole columns in one place.
  ranks: { loss: ['frobenius'] },
  interrupted: factorsInterrupted,
  job: (request, tools) => decomposeJob('nmf', request, tools, factor, false),
  view: decomposedView,
});
