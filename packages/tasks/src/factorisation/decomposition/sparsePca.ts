import type { Matrix } from 'southwell';
import { sparsePca as factorise, sparsePcaRecords } from 'southwell/factorisation';
import { table } from '../../declaration/input.ts';
import { optionsOf } from '../../declaration/records.ts';
import { defineTask, type RequestOf } from '../../declaration/task.ts';
import { columnOptions, componentsOption, limitOption, ofMethod, ofRun, standardizeOption } from '../options.ts';
import { decomposeJob, ending, type Found, type Run, rowsOf } from './job.ts';
import { decomposedOutputs, decomposedResult, decomposedView, factorsInterrupted } from './result.ts';

const { alpha, ridge, tol, maxIter, seed } = sparsePcaRecords;

const inputs = { data: table() };
const options = {
  components: componentsOption('Components', 'number of components'),
  ...optionsOf({ alpha, ridge }, ofMethod),
  standardize: standardizeOption,
  ...columnOptions,
  ...optionsOf({ tol, maxIter }, ofRun),
  timeLimit: limitOption('stop after this time'),
  ...optionsOf({ seed }, ofRun),
};
type SparsePcaRequest = RequestOf<typeof inputs, typeof options>;

function factor({ components, seed, tol, alpha, ridge }: SparsePcaRequest, X: Matrix, run: Run): Found {
  const model = factorise(X, { rank: components, ...{ seed, tol, alpha, ridge }, ...run });
  const { totalVariance, explainedVariance } = model;
  const shares = Array.from(explainedVariance, (v) => (totalVariance > 0 ? v / totalVariance : 0));
  return {
    scores: model.scores,
    loadings: rowsOf(model.components),
    sizes: Array.from(explainedVariance, Math.sqrt),
    shares,
    explained: shares.reduce((s, v) => s + v, 0),
    ...{ scoring: { by: 'ridge', ridge: ridge ?? 0.01 }, centred: true },
    ...ending(model.solution),
  };
}

export const sparsePca = defineTask({
  title: 'Sparse components',
  verb: ['factor', 'sparse-pca'],
  about: 'Sparse principal components: each has few non-zero loadings.',
  examples: ['factor sparse-pca bundled:diabetes -k 3 --drop y --standardize --alpha 5'],
  inputs,
  options,
  result: decomposedResult,
  outputs: decomposedOutputs,
  interrupted: factorsInterrupted,
  job: (request, tools) => decomposeJob('sparse-pca', request, tools, factor),
  view: decomposedView,
});
