import { readingOptions, TABLE } from '../../declaration/data-options.ts';
import { table } from '../../declaration/input.ts';
import { choice, column, columns, flag, numbers, option, real, whole } from '../../declaration/option.ts';
import type { RequestOf } from '../../declaration/task.ts';
import { limitOption, METHOD, maxIterOption, startSeed } from '../options.ts';

const advanced = { advanced: true };
const sweeping = { method: ['cp', 'tucker'] };

export const tensorInputs = { data: table(`an array, or a table with a row an entry: ${TABLE}`) };

export const tensorOptions = {
  index: option(columns(), {
    title: 'Columns of indices',
    about: 'of a table of entries: the columns that say where, one for each mode, separated by commas (repeatable)',
    otherwise: 'the data are the array itself',
  }),
  value: option(column({ numbers: true }), {
    title: 'Column of values',
    about: 'of a table of entries: the entry',
    otherwise: 'the only other column of numbers',
    only: { index: true },
  }),
  shape: option(numbers(1), {
    title: 'Sizes of modes',
    about: 'of a table of entries: indices are whole numbers from 1 to these, separated by commas',
    argument: 'sizes',
    otherwise: 'indices are names, all that occur',
    only: { index: true },
    form: advanced,
  }),
  missing: option(flag(), {
    title: 'gaps are missing values',
    about: 'leave gaps out; of a table of entries: what is not listed, too, and it is not zero',
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
    { title: 'Form', about: 'what the tensor is written as', default: 'cp', group: METHOD },
  ),
  rank: option(numbers(1), {
    title: 'Rank',
    about:
      'components of cp; of other forms the rank of every mode, as far as its size allows, or a list: of each mode, of a train between each and the next',
    argument: 'ranks',
    otherwise: 'cp, tucker: 2; hosvd, tt: by {tol}',
    group: METHOD,
    form: { initial: '2' },
  }),
  tol: option(real(0), {
    title: 'Tolerance',
    about: 'hosvd, tt: the relative error, from which ranks follow; cp, tucker: the size of the gradient at the end',
    argument: 'share',
    otherwise: 'cp, tucker: 1e-6; others: 0.01, if no ranks are given',
    group: METHOD,
    form: advanced,
  }),
  nonNegative: option(flag(), {
    title: 'no entry below zero',
    about: 'keep factors, and the core, at or above zero',
    only: sweeping,
    group: METHOD,
  }),
  randomized: option(flag(), {
    title: 'random projection',
    about: 'find vectors by random projection, for given ranks',
    only: { method: ['hosvd'] },
    group: METHOD,
    form: advanced,
  }),
  scan: option(flag(), {
    title: 'try all ranks up to this one',
    about: 'also fit ranks 1, 2, … below, and show error and core consistency of each',
    only: { method: ['cp'] },
    group: METHOD,
    form: advanced,
  }),
  starts: option(whole(1), {
    title: 'Starts',
    about: 'starts, all but the first random: the best after 20 sweeps goes on',
    default: 1,
    only: { method: ['cp'] },
    group: METHOD,
    form: advanced,
  }),
  init: option(choice({ hosvd: 'leading vectors', random: 'random' }), {
    title: 'First start',
    about: 'where sweeps begin',
    otherwise: 'hosvd; of more than four million values random',
    only: sweeping,
    group: METHOD,
    form: advanced,
  }),
  maxIter: maxIterOption('cp, tucker: sweeps at most', 'cp: 500; tucker: 200'),
  timeLimit: limitOption('stop each fit after this long'),
  seed: startSeed('of starts and random projections'),
};

export type TensorRequest = RequestOf<typeof tensorInputs, typeof tensorOptions>;
