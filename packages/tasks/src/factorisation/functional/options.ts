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
import type { RequestOf } from '../../declaration/task.ts';
import { limitOption, METHOD, startSeed } from '../options.ts';

const advanced = { advanced: true };
const RUN = 'The run:';
const numbersOf = (table: FormTable) => table.columns.filter((c) => c.type === 'number').map((c) => c.name);

export const functionalInputs = { data: table(`a table with a row a measurement: ${TABLE}`) };

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
  rank: option(whole(1), {
    title: 'Rank',
    about: 'number of functions of each axis',
    required: true,
    form: { initial: 3 },
  }),
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
  form: option(choice({ tucker: 'Tucker: a core weighs all products', cp: 'CP: a sum of products' }), {
    title: 'Form',
    about: 'decomposition',
    default: 'tucker',
    group: METHOD,
  }),
  kernel: option(
    choice({ matern12: 'continuous (Matérn 1/2)', matern32: 'smooth (Matérn 3/2)', matern52: 'smoother (Matérn 5/2)' }),
    { title: 'Kernel', about: 'kernel of the Gaussian processes', default: 'matern32', group: METHOD },
  ),
  lengthscale: option(numbers(1e-6), {
    title: 'Length scales',
    about: 'kernel length scales as fractions of the range of the axis: one for all, or one for each',
    argument: 'shares',
    otherwise: 'chosen on held-out entries',
    group: METHOD,
    form: { hint: 'chosen', ...advanced },
  }),
  centre: option(choice({ auto: 'by entries that are held back', yes: 'the mean', no: 'nothing' }), {
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
    argument: 'share',
    default: 0.1,
    group: METHOD,
    form: advanced,
  }),
  sweeps: option(whole(1), {
    title: 'Sweeps',
    about: 'sweeps per initialisation',
    default: 40,
    group: RUN,
    form: advanced,
  }),
  starts: option(whole(1), {
    title: 'Initialisations',
    about: 'number of initialisations, of which the most likely is kept',
    default: 3,
    group: RUN,
    form: advanced,
  }),
  timeLimit: limitOption('stop after this long'),
  seed: startSeed('of starts and of entries that are held out'),
};

export type FunctionalRequest = RequestOf<typeof functionalInputs, typeof functionalOptions>;
