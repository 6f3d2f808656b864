import { tuneCodeRecords } from 'southwell/distributed-methods';
import { readingOptions, timeLimitOption } from '../../declaration/data-options.ts';
import { table } from '../../declaration/input.ts';
import { choice, option, real } from '../../declaration/option.ts';
import { optionsOf } from '../../declaration/records.ts';
import type { RequestOf } from '../../declaration/task.ts';

export const stragglersInputs = {
  data: table('seconds that workers took in rounds, one worker a row: .npy, CSV, Parquet or another table of numbers'),
};

const { slope, ...settings } = optionsOf(tuneCodeRecords, () => ({}));

export const stragglersOptions = {
  slope,
  load: option(real(0), {
    title: 'Load when measured',
    about:
      'share of the data set that each worker had when the seconds were measured; 1 over their number without a code',
    argument: 'share',
    default: 0,
  }),
  ...settings,
  workers: option(choice({ rows: 'in rows', columns: 'in columns' }), {
    title: 'Workers',
    about: 'where the seconds of a worker lie',
    argument: 'where',
    default: 'rows',
  }),
  timeLimit: timeLimitOption('stop after this long, with the best of the codes that were tried', 'The run:'),
  ...readingOptions,
};

export type StragglersRequest = RequestOf<typeof stragglersInputs, typeof stragglersOptions>;
