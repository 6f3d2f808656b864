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
    about: 'columns of numbers that say where, separated by commas (repeatable)',
    required: true,
    form: { initial: (table) => numbersOf(table).slice(0, -1) },
  }),
  target: option(column({ numbers: true }), {
    title: 'Target',
    about: 'column of numbers that were measured there; rows without one are predicted',
    required: true,
    form: { initial: (table) => numbersOf(table).at(-1) ?? '' },
  }),
  rank: option(whole(1), { title: 'Rank', about: 'functions of each axis', required: true, form: { initial: 3 } }),
  noise: option(column({ numbers: true }), {
    title: 'Noise',
    about: 'column with the standard deviation of the noise of each value',
    otherwise: 'one that is estimated',
    group: DATA_GROUP,
    form: advanced,
  }),
  range: option(texts(), {
    title: 'Ranges of axes',
    about: 'how far an axis goes, such as lon=0:360 (repeatable); indices beyond it are refused',
    argument: 'axis=low:high',
    otherwise: 'as far as the data go',
    group: DATA_GROUP,
    form: advanced,
  }),
  missing: option(choice({ error: 'tell me', 'drop-rows': 'leave rows out' }), {
    title: 'Missing indices',
    about: 'rows that lack an index',
    argument: 'how',
    default: 'error',
    group: DATA_GROUP,
    form: advanced,
  }),
  ...readingOptions,
  form: option(choice({ tucker: 'Tucker: a core weighs all products', cp: 'CP: a sum of products' }), {
    title: 'Form',
    about: 'how functions are put together',
    default: 'tucker',
    group: METHOD,
  }),
  kernel: option(
    choice({ matern12: 'continuous (Matérn 1/2)', matern32: 'smooth (Matérn 3/2)', matern52: 'smoother (Matérn 5/2)' }),
    { title: 'Kernel', about: 'how smooth functions are', default: 'matern32', group: METHOD },
  ),
  lengthscale: option(numbers(1e-6), {
    title: 'Length scales',
    about: 'over which functions change, as shares of the range of their axis: one, or one an axis',
    argument: 'shares',
    otherwise: 'chosen by entries that are held back',
    group: METHOD,
    form: { hint: 'chosen', ...advanced },
  }),
  centre: option(choice({ auto: 'by entries that are held back', yes: 'the mean', no: 'nothing' }), {
    title: 'Taken off first',
    about: 'whether the mean is taken off first',
    default: 'auto',
    group: METHOD,
    form: advanced,
  }),
  level: option(share(), {
    title: 'Level of intervals',
    about: 'the probability with which a new measurement lies in its interval',
    default: 0.9,
    group: METHOD,
  }),
  holdout: option(real(0, 0.5), {
    title: 'Share held out',
    about: 'entries that are left out of the fit, to calibrate intervals and to say how well they are predicted',
    argument: 'share',
    default: 0.1,
    group: METHOD,
    form: advanced,
  }),
  sweeps: option(whole(1), { title: 'Sweeps', about: 'of each start', default: 40, group: RUN, form: advanced }),
  starts: option(whole(1), {
    title: 'Starts',
    about: 'of which the likeliest is kept',
    default: 3,
    group: RUN,
    form: advanced,
  }),
  timeLimit: limitOption('stop after this long'),
  seed: startSeed('of starts and of entries that are held out'),
};

export type FunctionalRequest = RequestOf<typeof functionalInputs, typeof functionalOptions>;
