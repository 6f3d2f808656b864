import { functionalRecords } from 'southwell/functional-tensors';
import { DATA_GROUP, readingOptions, TABLE } from '../../declaration/data-options.ts';
import { table } from '../../declaration/input.ts';
import {
  choice,
  column,
  columns,
  type FormTable,
  numbers,
  option,
  real,
  share,
  texts,
  whole,
} from '../../declaration/option.ts';
import { optionsOf } from '../../declaration/records.ts';
import type { RequestOf } from '../../declaration/task.ts';
import { limitOption, METHOD, ofMethod, ofRun } from '../options.ts';

const advanced = { advanced: true };
const { rank, form, kernel, sweeps, restarts, seed } = functionalRecords;
const numbersOf = (table: FormTable) => table.columns.filter((c) => c.type === 'number').map((c) => c.name);

export const functionalInputs = { data: table(`a table with a row for each measurement: ${TABLE}`) };

export const functionalOptions = {
  axes: option(columns(), {
    title: 'Axes',
    about: 'coordinate columns, separated by commas (repeatable)',
    required: true,
    form: { initial: (table) => numbersOf(table).slice(0, -1) },
  }),
  target: option(column({ numbers: true }), {
    title: 'Target',
    about: 'column of measured values; rows without one are predicted',
    required: true,
    form: { initial: (table) => numbersOf(table).at(-1) ?? '' },
  }),
  rank: option(whole(1), { ...rank.ask, required: true, form: { initial: 3 } }),
  noise: option(column({ numbers: true }), {
    title: 'Noise',
    about: 'column with the noise standard deviation of each value',
    otherwise: 'one value, estimated',
    group: DATA_GROUP,
    form: advanced,
  }),
  range: option(texts(), {
    title: 'Ranges of axes',
    about: 'interval of an axis, such as lon=0:360 (repeatable); coordinates outside are an error',
    argument: 'axis=low:high',
    otherwise: 'the range of the data',
    group: DATA_GROUP,
    form: advanced,
  }),
  missing: option(choice({ error: 'tell me', 'drop-rows': 'leave rows out' }), {
    title: 'Missing coordinates',
    about: 'handling of rows with a missing coordinate',
    argument: 'how',
    default: 'error',
    group: DATA_GROUP,
    form: advanced,
  }),
  ...readingOptions,
  ...optionsOf({ form, kernel }, ofMethod),
  lengthscale: option(numbers(1e-6), {
    title: 'Length scales',
    about: 'kernel length scales as fractions of the range of the axis: one for all, or one for each',
    argument: 'fractions',
    otherwise: 'chosen on held-out entries',
    group: METHOD,
    form: { hint: 'chosen', ...advanced },
  }),
  centre: option(choice({ auto: 'chosen on held-out entries', yes: 'subtract the mean', no: 'none' }), {
    title: 'Centring',
    about: 'whether to subtract the mean first',
    default: 'auto',
    group: METHOD,
    form: advanced,
  }),
  level: option(share(), {
    title: 'Coverage',
    about: 'coverage probability of prediction intervals',
    default: 0.9,
    group: METHOD,
  }),
  holdout: option(real(0, 0.5), {
    title: 'Held-out fraction',
    about: 'fraction of entries to hold out, to calibrate intervals and estimate the prediction error',
    argument: 'fraction',
    default: 0.1,
    group: METHOD,
    form: advanced,
  }),
  ...optionsOf({ sweeps, starts: restarts }, ofRun),
  timeLimit: limitOption('stop after this time'),
  ...optionsOf({ seed }, ofRun),
};

export type FunctionalRequest = RequestOf<typeof functionalInputs, typeof functionalOptions>;
