import { dataOptions, readingOptions } from '../../declaration/data-options.ts';
import { table } from '../../declaration/input.ts';
import { choice, columns, type FormTable, flag, option, positive, real, whole } from '../../declaration/option.ts';
import type { RequestOf } from '../../declaration/task.ts';
import { METHOD, standardizeOption, startSeed } from '../options.ts';

const stochastic = { only: { method: ['stochastic'] } };
const advanced = { advanced: true };

/** The first half of the columns of numbers, and the others. */
const halves = ({ columns: all }: FormTable) => {
  const numbers = all.filter((c) => c.type === 'number').map((c) => c.name);
  const half = Math.ceil(numbers.length / 2);
  return [numbers.slice(0, half), numbers.slice(half)] as const;
};

export const ccaInputs = {
  data: table(),
  second: table('the second table, rows as in the first; without it {x} and {y} part the columns of the data', {
    ...{ optional: true, title: 'Second table' },
  }),
};

export const ccaOptions = {
  x: option(columns(), {
    title: 'First columns',
    about: 'columns of the first view, separated by commas (repeatable)',
    form: { initial: (table) => halves(table)[0] },
  }),
  y: option(columns(), {
    title: 'Second columns',
    about: 'columns of the second view, separated by commas (repeatable)',
    form: { initial: (table) => halves(table)[1] },
  }),
  components: option(whole(1), {
    title: 'Pairs',
    about: 'number of canonical pairs',
    letter: 'k',
    default: 1,
    form: { initial: (table) => Math.max(1, Math.min(2, halves(table)[1].length)) },
  }),
  ridge: option(real(0, 1), {
    title: 'Ridge: 0 CCA, 1 PLS',
    about: '0 canonical correlation, 1 partial least squares, or between',
    argument: 'share',
    default: 0,
    group: METHOD,
  }),
  method: option(choice({ exact: 'exact', stochastic: 'stochastic, by batches' }), {
    title: 'Method',
    about: 'algorithm',
    default: 'exact',
    group: METHOD,
  }),
  stream: option(flag(), {
    title: 'stream from disk',
    about:
      'read the file in blocks, in order, for files larger than memory: CSV or LIBSVM, optionally gzipped, .npy, Parquet',
    ...stochastic,
    without: { missing: ['mean'] },
    group: METHOD,
    form: false,
  }),
  zeroBased: option(flag(), {
    title: 'zero-based indices',
    about: 'with LIBSVM streams: indices start at 0, not 1',
    only: { stream: true },
    group: METHOD,
    form: false,
  }),
  batchSize: option(whole(2), {
    title: 'Batch size',
    about: 'rows per stochastic step',
    argument: 'rows',
    otherwise: '20',
    ...stochastic,
    group: METHOD,
    form: { hint: '20', ...advanced },
  }),
  epochs: option(whole(1), {
    title: 'Epochs',
    about: 'passes over the rows',
    otherwise: '10; 1 with {stream}',
    ...stochastic,
    group: METHOD,
    form: { hint: '10', ...advanced },
  }),
  learningRate: option(positive(), {
    title: 'Learning rate',
    about: 'learning rate',
    argument: 'rate',
    otherwise: '0.001',
    ...stochastic,
    group: METHOD,
    form: { hint: '0.001', ...advanced },
  }),
  standardize: standardizeOption,
  missing: dataOptions.missing,
  ...readingOptions,
  seed: startSeed('of start and order of the stochastic method'),
};

export type CcaRequest = RequestOf<typeof ccaInputs, typeof ccaOptions>;
