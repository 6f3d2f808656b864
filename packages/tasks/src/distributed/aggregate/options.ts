import { aggregateRecords } from 'southwell/distributed-methods';
import { readingOptions } from '../../declaration/data-options.ts';
import { table } from '../../declaration/input.ts';
import { choice, option } from '../../declaration/option.ts';
import { optionsOf } from '../../declaration/records.ts';
import type { RequestOf } from '../../declaration/task.ts';

export const aggregateInputs = {
  data: table('gradients, one worker a row: .npy, CSV, Parquet or another table of numbers'),
};

const { f: faulty, ...others } = optionsOf(aggregateRecords, () => ({}));
const { rule, ...settings } = others;

export const aggregateOptions = {
  rule,
  faulty,
  ...settings,
  workers: option(choice({ rows: 'in rows', columns: 'in columns' }), {
    title: 'Workers',
    about: 'where the gradient of a worker lies; columns are read much faster where gradients are long',
    argument: 'where',
    default: 'rows',
  }),
  ...readingOptions,
};

export type AggregateRequest = RequestOf<typeof aggregateInputs, typeof aggregateOptions>;
