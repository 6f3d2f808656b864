import { implicitRecords } from 'southwell/factorisation';
import { readingOptions, TABLE } from '../../declaration/data-options.ts';
import { table } from '../../declaration/input.ts';
import { column, option, share, whole } from '../../declaration/option.ts';
import { optionsOf } from '../../declaration/records.ts';
import type { RequestOf } from '../../declaration/task.ts';
import { limitOption, METHOD, ofMethod, ofRun } from '../options.ts';

const advanced = { advanced: true };
const { rank, lambda, alpha, tol, maxIter, seed } = implicitRecords;

export const recommendInputs = {
  data: table(`a table with a row for each observation, or for each pair of row and column: ${TABLE}`),
};

const place = (title: string, about: string, otherwise: string) =>
  option(column(), { title, about, otherwise, form: { hint: 'by position', ...advanced } });

export const recommendOptions = {
  row: place('Column of rows', 'column with the rows (users)', 'the first column'),
  col: place('Column of columns', 'column with the columns (items)', 'the second column'),
  value: place(
    'Column of counts',
    'column with the counts',
    'the third column, if it is numeric; otherwise each line counts once',
  ),
  ...readingOptions,
  ...optionsOf({ rank, lambda }, () => ({ otherwise: 'chosen on held-out entries', group: METHOD })),
  ...optionsOf({ alpha }, ofMethod),
  holdout: option(share(), {
    title: 'Held-out fraction',
    about: 'fraction of entries to hold out to evaluate the ranking',
    argument: 'fraction',
    group: METHOD,
    form: { initial: 0.1, ...advanced },
  }),
  ...optionsOf({ tol, maxIter }, ofRun),
  timeLimit: limitOption('stop after this time'),
  ...optionsOf({ seed }, ofRun),
  top: option(whole(1), {
    title: 'Recommendations',
    about: 'number of unseen columns to recommend to each row, best first',
    default: 10,
    group: 'What to write:',
  }),
};

export type RecommendRequest = RequestOf<typeof recommendInputs, typeof recommendOptions>;
