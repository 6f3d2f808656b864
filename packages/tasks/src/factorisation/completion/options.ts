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
    title: 'the table is the matrix, with gaps',
    about: 'the data are the matrix itself, with gaps where it is unknown',
    form: { initial: isMatrix },
  }),
  weights: option(column({ numbers: true }), {
    title: 'Weights of entries',
    about: 'how much each entry counts',
    only: { method: ['robust', 'als'] },
    ...listed,
    form: advanced,
  }),
  ...readingOptions,
  rank: option(whole(1), {
    title: 'Rank',
    about: 'columns of the factors',
    otherwise: 'chosen by entries that are kept back; svt: 10, or what small data allow',
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
    { title: 'Method', about: 'how factors are found', default: 'robust', group: METHOD },
  ),
  lambda: option(real(0), {
    title: 'Penalty',
    about: 'of the penalty',
    argument: 'weight',
    otherwise: 'chosen by entries that are kept back; svt: by their size',
    group: METHOD,
  }),
  biases: option(flag(), {
    title: 'take off biases',
    about: 'take off mean, row and column biases first',
    group: METHOD,
    form: { initial: true },
  }),
  nonNegative: nonNegativeOption('keep the factors at or above zero', { method: ['robust'] }, { biases: true }),
  holdout: option(share(), {
    title: 'Share held out',
    about: 'also complete without so many entries, and say how well they are predicted',
    argument: 'share',
    group: METHOD,
    form: { initial: 0.1, ...advanced },
  }),
  tol: tolOption('end when a sweep gains less', '1e-6'),
  maxIter: maxIterOption('sweeps at most', '200'),
  timeLimit: limitOption('stop each fit after this long'),
  seed: startSeed('of the start and of entries that are kept back'),
  top: option(whole(1), {
    title: 'Largest of each row',
    about: 'write only so many of each row, the largest, best first',
    otherwise: 'all that were missing',
    without: { dense: true, pairs: true },
    group: WRITTEN,
    form: { initial: 10, hint: 'all', ...advanced },
  }),
  pairs: option(tableFile(), {
    title: 'Pairs to predict, a file',
    about: 'a table of two columns, names of rows and of columns: these are predicted in place of all that was missing',
    group: WRITTEN,
    form: advanced,
  }),
  clip: option(flag(), {
    title: 'within the known range',
    about: 'keep predictions within the range of the known entries',
    group: WRITTEN,
    form: advanced,
  }),
  fill: option(flag(), {
    title: 'also what is not determined',
    about: 'also write entries that the data do not determine, as the penalty chooses them',
    only: { dense: true },
    group: WRITTEN,
    form: advanced,
  }),
};

export type CompleteRequest = RequestOf<typeof completeInputs, typeof completeOptions>;
