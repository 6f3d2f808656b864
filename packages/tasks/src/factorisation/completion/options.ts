import { completionRecords } from 'southwell/factorisation';
import { readingOptions, TABLE } from '../../declaration/data-options.ts';
import { table } from '../../declaration/input.ts';
import { type About, column, type FormTable, flag, option, share, tableFile, whole } from '../../declaration/option.ts';
import { optionsOf } from '../../declaration/records.ts';
import type { RequestOf } from '../../declaration/task.ts';
import { limitOption, METHOD, ofRun } from '../options.ts';

const advanced = { advanced: true };
const WRITTEN = 'What to write:';
const listed = { without: { dense: true } } as const;

/** Three to six columns without missing values, the first two of names or whole numbers. */
const listsEntries = ({ columns }: FormTable): boolean =>
  columns.length >= 3 &&
  columns.length <= 6 &&
  columns.every((c) => c.missing === 0) &&
  columns
    .slice(0, 2)
    .every((c) => c.type !== 'number' || (c.sample ?? []).every((value) => Number.isInteger(Number(value))));

const isMatrix = (table: FormTable): boolean => table.columns.length > 0 && !listsEntries(table);

const { rank, method, lambda, biases, nonNegative, tol, maxIter, seed } = completionRecords;

/** Differences from the library: ranks and penalties that are not given are chosen. */
const more: Partial<Record<string, Partial<About>>> = {
  rank: { otherwise: 'chosen on held-out entries; svt: 10, or less for small matrices' },
  lambda: { otherwise: 'chosen on held-out entries; svt: from the size of the entries' },
  biases: { form: { initial: true } },
  nonNegative: { only: { method: ['robust'] }, without: { biases: true } },
};

export const completeInputs = { data: table(`a table with a row for each entry, or a matrix: ${TABLE}`) };

const place = (title: string, about: string, otherwise: string) =>
  option(column(), { title, about, otherwise, ...listed, form: { hint: 'by position', ...advanced } });

export const completeOptions = {
  row: place('Column of rows', 'column with the row of each entry', 'the first column'),
  col: place('Column of columns', 'column with the column of each entry', 'the second column'),
  value: place('Column of values', 'column with the value of each entry', 'the third column'),
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
  ...optionsOf({ rank, method, lambda, biases, nonNegative }, (name) => ({ group: METHOD, ...more[name] })),
  holdout: option(share(), {
    title: 'Held-out fraction',
    first: true,
    about: 'fraction of entries to hold out to estimate the prediction error',
    argument: 'fraction',
    group: METHOD,
    form: { initial: 0.1, ...advanced },
  }),
  ...optionsOf({ tol, maxIter }, ofRun),
  timeLimit: limitOption('stop after this time'),
  ...optionsOf({ seed }, ofRun),
  top: option(whole(1), {
    title: 'Top entries per row',
    first: true,
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
