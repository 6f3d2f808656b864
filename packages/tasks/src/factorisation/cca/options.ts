import { stochasticCcaRecords } from 'southwell/factorisation';
import { dataOptions, readingOptions } from '../../declaration/data-options.ts';
import { table } from '../../declaration/input.ts';
import { choice, columns, type FormTable, flag, option, real, whole } from '../../declaration/option.ts';
import { optionsOf } from '../../declaration/records.ts';
import type { RequestOf } from '../../declaration/task.ts';
import { METHOD, ofRun, standardizeOption } from '../options.ts';

const stochastic = { only: { method: ['stochastic'] } };
const { batchSize, epochs, learningRate, seed } = stochasticCcaRecords;

/** The first half of the numeric columns, and the others. */
const halves = ({ columns: all }: FormTable) => {
  const numbers = all.filter((c) => c.type === 'number').map((c) => c.name);
  const half = Math.ceil(numbers.length / 2);
  return [numbers.slice(0, half), numbers.slice(half)] as const;
};

export const ccaInputs = {
  data: table(),
  second: table(
    'the second table, with the same rows as the first; without it {x} and {y} divide the columns of the data',
    {
      ...{ optional: true, title: 'Second table' },
    },
  ),
};

export const ccaOptions = {
  x: option(columns(), {
    title: 'First columns',
    about: 'columns of the first view, separated by commas (repeatable)',
    // Those of two tables may have the same names.
    role: false,
    form: { initial: (table) => halves(table)[0] },
  }),
  y: option(columns(), {
    title: 'Second columns',
    about: 'columns of the second view, separated by commas (repeatable)',
    role: false,
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
    about: 'ridge parameter: 0 for canonical correlation analysis, 1 for partial least squares, or in between',
    argument: 'weight',
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
  ...optionsOf({ batchSize, epochs, learningRate }, (name) => ({
    ...stochastic,
    group: METHOD,
    ...(name === 'epochs' && { otherwise: '10; 1 with {stream}', form: { hint: '10' } }),
  })),
  standardize: standardizeOption,
  missing: dataOptions.missing,
  ...readingOptions,
  ...optionsOf({ seed }, ofRun),
};

export type CcaRequest = RequestOf<typeof ccaInputs, typeof ccaOptions>;
