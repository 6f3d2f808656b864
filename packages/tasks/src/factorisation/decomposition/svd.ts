import type { SplitRows } from '@southwell/numerics/core';
import { truncatedSvd } from '@southwell/numerics/krylov';
import type { Matrix } from 'southwell';
import { table } from '../../declaration/input.ts';
import { flag, option } from '../../declaration/option.ts';
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
import { decomposeJob, ending, type Found, type Run } from './job.ts';
import { decomposedOutputs, decomposedResult, decomposedView, factorsInterrupted } from './result.ts';

const inputs = { data: table() };
const options = {
  components: componentsOption('Components', 'number of components'),
  center: option(flag(), {
    title: 'centre columns',
    about: 'subtract column means first',
    group: METHOD,
    form: { initial: true },
  }),
  standardize: standardizeOption,
  ...columnOptions,
  tol: tolOption('tolerance on the residuals, relative to the largest singular value', '1e-8'),
  maxIter: maxIterOption('maximum number of cycles', '100'),
  timeLimit: limitOption('stop after this time'),
  seed: startSeed('seed of the initialisation'),
};
type SvdRequest = RequestOf<typeof inputs, typeof options>;

function factor({ components, seed, tol, center }: SvdRequest, X: Matrix, run: Run, rows: SplitRows): Found {
  const { U, V, singularValues, residuals, solution } = truncatedSvd(X, {
    rank: components,
    ...{ seed, tol, centre: center },
    ...run,
    rows,
  });
  const sizes = [...singularValues];
  const total = solution.objective + sizes.reduce((s, v) => s + v * v, 0);
  const shares = sizes.map((v) => (total > 0 ? (v * v) / total : 0));
  // Scores are the coordinates of the rows along the components: Uσ.
  sizes.forEach((v, a) => {
    const column = U.column(a);
    for (let i = 0; i < column.length; i++) column[i] *= v;
  });
  const loadings = sizes.map((_, a) => Array.from(V.column(a)));
  const explained = shares.reduce((s, v) => s + v, 0);
  return {
    ...{ scores: U, loadings, sizes, shares, explained, residuals: [...residuals] },
    ...{ scoring: { by: 'projection' }, centred: center === true },
    ...ending(solution),
  };
}

export const svd = defineTask({
  title: 'Principal components',
  verb: ['factor', 'svd'],
  about: 'Truncated singular value decomposition; with {center}, principal component analysis.',
  examples: ['factor svd bundled:digits -k 10 --drop digit --center --out-scores scores.csv'],
  inputs,
  options,
  result: decomposedResult,
  outputs: decomposedOutputs,
  ranks: true,
  interrupted: factorsInterrupted,
  job: (request, tools) => decomposeJob('svd', request, tools, factor),
  view: decomposedView,
});
