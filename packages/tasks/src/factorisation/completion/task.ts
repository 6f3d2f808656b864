import { saveOutput } from '../../declaration/output.ts';
import { defineTask } from '../../declaration/task.ts';
import { completeJob } from './job.ts';
import { completeInputs, completeOptions } from './options.ts';
import { completedColumns, completeResult, completeView } from './result.ts';

export const completion = defineTask({
  title: 'Fill gaps of a matrix',
  verb: ['factor', 'complete'],
  about: 'Complete a matrix from some of its entries.',
  examples: [
    'factor complete bundled:dust --row day --col hour --value dongsi --biases --save model.json',
    'factor complete ratings.csv --row user --col item --value rating --biases --top 10 --out best.csv',
    'factor complete u.data --rank 10 --biases --holdout 0.1',
    'factor complete gaps.csv --dense --rank 3 --out filled.csv',
    'factor complete ratings.csv --biases --clip --pairs wanted.csv --out predicted.csv --save model.json',
  ],
  inputs: completeInputs,
  options: completeOptions,
  result: completeResult,
  outputs: {
    out: {
      file: 'completed.csv',
      about: 'the missing entries (with {dense}: the full matrix), or the requested pairs, .csv or .parquet',
      columns: completedColumns,
      holds: ['predictions', 'matrix'],
    },
    factors: {
      file: 'factors.csv',
      about: 'the mean, biases and factors of rows and columns, .csv or .parquet',
      columns: (r) => r.factors,
      holds: ['factors'],
    },
    save: saveOutput('the completed matrix as a model, JSON, for predict: of pairs and of new rows'),
  },
  // Singular value thresholding needs all entries in one place.
  ranks: { method: ['robust', 'als', 'soft-impute'] },
  interrupted: { kept: 'the matrix as completed so far is', none: 'was a matrix' },
  job: completeJob,
  view: completeView,
});
