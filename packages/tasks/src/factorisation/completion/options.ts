import { readingOptions, TABLE } from '../../declaration/data-options.ts';
import { table } from '../../declaration/input.ts';
import {
  choice,
  column,
  type FormTable,
  flag,
  option,
  real,
  share,
  tableFile,
  whole,
} from '../../declaration/option.ts';
import type { RequestOf } from '../../declaration/task.ts';
import { limitOption, METHOD, maxIterOption, nonNegativeOption, startSeed, tolOption } from '../options.ts';

const advanced = { advanced: true };
const WRITTEN = 'What to write:';
const listed = { without: { dense: true } } as const;

/** Three columns or a few more without gaps, the first two of names or whole numbers. */
const listsEntries = ({ columns }: FormTable): boolean =>
  columns.length >= 3 &&
  columns.length <= 6 &&
  columns.every((c) => c.missing === 0) &&
  columns
    .slice(0, 2)
    .every((c) => c.type !== 'number' || (c.sample ?? []).every((value) => Number.isInteger(Number(value))));

const isMatrix = (table: FormTable): boolean => table.columns.length > 0 && !listsEntries(table);

export const completeInputs = { data: table(`a table with a row an entry, or a matrix: ${TABLE}`) };

const place = (title: string, about: string, otherwise: string) =>
  option(column(), { title, about, otherwise, ...listed, form: { hint: 'by place', ...advanced } });

export const completeOptions = {
  row: place('Column of rows', 'whose entry it is', 'the first column'),
  col: place('Column of columns', 'of what', 'the second'),
  value: place('Column of values', 'the entry', 'the third'),
  dense: option(flag(), {
    title: 'dense matrix with missing entries',
    about: 'the table is the matrix itself, with missing values for unknown entries',
    form: { initial: isMatrix },
  }),
  weights: option(column({ numbers: true }), {
    title: 'Entry weights',
    about: 'column of entry weights',
    only: { method: ['robust', 'als'] },
    ...listed,
    form: advanced,
  }),
  ...readingOptions,
  rank: option(whole(1), {
    title: 'Rank',
    about: 'rank of the factorisation',
    otherwise: 'chosen on held-out entries; svt: 10, or less for small matrices',
    group: METHOD,
    form: { hint: 'chosen' },
  }),
  method: option(
    choice({
      robust: 'alternating, a few steps each',
      als: 'alternating least squares',
      'soft-impute': 'soft-impute',
      svt: 'singular value thresholding',
    }),
    { title: 'Method', about: 'completion method', default: 'robust', group: METHOD },
  ),
  lambda: option(real(0), {
    title: 'Penalty',
    about: 'regularisation strength',
    argument: 'weight',
    otherwise: 'chosen on held-out entries; svt: from the size of the entries',
    group: METHOD,
  }),
  biases: option(flag(), {
    title: 'remove biases',
    about: 'subtract the mean and row and column biases first',
    group: METHOD,
    form: { initial: true },
  }),
  nonNegative: nonNegativeOption('keep the factors at or above zero', { method: ['robust'] }, { biases: true }),
  holdout: option(share(), {
    title: 'Held-out fraction',
    about: 'fraction of entries to hold out to estimate the prediction error',
    argument: 'share',
    group: METHOD,
    form: { initial: 0.1, ...advanced },
  }),
  tol: tolOption('end when a sweep gains less', '1e-6'),
  maxIter: maxIterOption('sweeps at most', '200'),
  timeLimit: limitOption('stop each fit after this long'),
  seed: startSeed('of the start and of entries that are kept back'),
  top: option(whole(1), {
    title: 'Top entries per row',
    about: 'write only the largest predictions of each row, in descending order',
    otherwise: 'all missing entries',
    without: { dense: true, pairs: true },
    group: WRITTEN,
    form: { initial: 10, hint: 'all', ...advanced },
  }),
  pairs: option(tableFile(), {
    title: 'Pairs to predict, a file',
    about: 'table of two columns, row and column names, of the entries to predict instead of all missing ones',
    group: WRITTEN,
    form: advanced,
  }),
  clip: option(flag(), {
    title: 'clip to the observed range',
    about: 'clip predictions to the range of the observed entries',
    group: WRITTEN,
    form: advanced,
  }),
  fill: option(flag(), {
    title: 'include undetermined entries',
    about: 'also write entries that the data do not determine uniquely, with the values that the penalty selects',
    only: { dense: true },
    group: WRITTEN,
    form: advanced,
  }),
};

export type CompleteRequest = RequestOf<typeof completeInputs, typeof completeOptions>;
