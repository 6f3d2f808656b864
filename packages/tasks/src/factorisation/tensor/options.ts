import { cpRecords } from 'southwell/tensors';
import { readingOptions, TABLE } from '../../declaration/data-options.ts';
import { table } from '../../declaration/input.ts';
import { choice, column, columns, flag, numbers, option, real } from '../../declaration/option.ts';
import { optionsOf } from '../../declaration/records.ts';
import type { RequestOf } from '../../declaration/task.ts';
import { limitOption, METHOD, maxIterOption, ofRun } from '../options.ts';

const advanced = { advanced: true };
const { nonNegative, starts, init, seed } = cpRecords;
const sweeping = { method: ['cp', 'tucker'] };

export const tensorInputs = { data: table(`an array, or a table with a row for each entry: ${TABLE}`) };

export const tensorOptions = {
  index: option(columns(), {
    title: 'Columns of indices',
    about: 'for a table of entries: index columns, one for each mode, separated by commas (repeatable)',
    otherwise: 'the data are a dense array',
  }),
  value: option(column({ numbers: true }), {
    title: 'Column of values',
    about: 'for a table of entries: column of values',
    otherwise: 'the only other numeric column',
    only: { index: true },
  }),
  shape: option(numbers(1), {
    title: 'Sizes of modes',
    about: 'for a table of entries: size of each mode, separated by commas; indices are whole numbers from 1',
    argument: 'sizes',
    otherwise: 'indices are names; sizes are their numbers',
    only: { index: true },
    form: advanced,
  }),
  missing: option(flag(), {
    title: 'missing values',
    about: 'ignore missing values; for a table of entries, unlisted entries are missing, not zero',
    only: sweeping,
  }),
  ...readingOptions,
  method: option(
    choice({
      cp: 'CP: a sum of products',
      tucker: 'Tucker: a core and factors',
      hosvd: 'higher-order SVD',
      tt: 'tensor train',
    }),
    { title: 'Form', about: 'decomposition', default: 'cp', group: METHOD },
  ),
  rank: option(numbers(1), {
    title: 'Rank',
    about:
      'number of cp components; otherwise the rank of every mode, at most its size, or a list: one for each mode, or for tt between adjacent modes',
    argument: 'ranks',
    otherwise: 'cp, tucker: 2; hosvd, tt: by {tol}',
    group: METHOD,
    form: { initial: '2' },
  }),
  tol: option(real(0), {
    title: 'Tolerance',
    about: 'hosvd, tt: relative truncation error, which determines ranks; cp, tucker: tolerance on the gradient norm',
    argument: 'tolerance',
    otherwise: 'cp, tucker: 1e-6; others: 0.01 if no ranks are given',
    group: METHOD,
    form: advanced,
  }),
  ...optionsOf({ nonNegative }, () => ({ only: sweeping, group: METHOD })),
  randomized: option(flag(), {
    title: 'random projection',
    about: 'use randomised range finding, for given ranks',
    only: { method: ['hosvd'] },
    group: METHOD,
    form: advanced,
  }),
  scan: option(flag(), {
    title: 'try all ranks up to this one',
    about: 'also fit all smaller ranks, and report error and core consistency of each',
    only: { method: ['cp'] },
    group: METHOD,
    form: advanced,
  }),
  ...optionsOf({ starts }, () => ({ only: { method: ['cp'] }, group: METHOD })),
  ...optionsOf({ init }, () => ({ only: sweeping, group: METHOD })),
  maxIter: maxIterOption('cp, tucker: maximum number of sweeps', 'cp: 500; tucker: 200'),
  timeLimit: limitOption('stop after this time'),
  ...optionsOf({ seed }, ofRun),
};

export type TensorRequest = RequestOf<typeof tensorInputs, typeof tensorOptions>;
