import type { Matrix } from 'southwell';
import { sparsePca as factorise } from 'southwell/factorisation';
import { table } from '../../declaration/input.ts';
import { option, real } from '../../declaration/option.ts';
import { defineTask, type RequestOf } from '../../declaration/task.ts';
import {
  columnOptions,
  componentsOption,
  limitOption,
  METHOD,
  maxIterOption,
  standardizeOption,
  startSeed,
  tolOption,
} from '../options.ts';
import { decomposeJob, ending, type Found, type Run, rowsOf } from './job.ts';
import { decomposedOutputs, decomposedResult, decomposedView, factorsInterrupted } from './result.ts';

const inputs = { data: table() };
const options = {
  components: componentsOption('Components', 'how many components'),
  alpha: option(real(0), {
    title: 'Sparsity',
    about: 'weight of the L1 norm of the loadings',
    otherwise: '1',
    group: METHOD,
    form: { hint: '1' },
  }),
  ridge: option(real(0), {
    title: 'Ridge',
    about: 'ridge penalty of the regression that computes scores',
    argument: 'weight',
    otherwise: '0.01',
    group: METHOD,
    form: { hint: '0.01', advanced: true },
  }),
  standardize: standardizeOption,
  ...columnOptions,
  tol: tolOption('end where a round gains less', '1e-8'),
  maxIter: maxIterOption('rounds at most', '1000'),
  timeLimit: limitOption('stop after this long'),
  seed: startSeed('of the start'),
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
