import { dataOptions, TABLE } from '../../declaration/data-options.ts';
import { table } from '../../declaration/input.ts';
import { choice, column, columns, flag, option, real, whole } from '../../declaration/option.ts';
import type { RequestOf } from '../../declaration/task.ts';
import { columnOptions, limitOption, METHOD, maxIterOption, nonNegativeOption, startSeed } from '../options.ts';

/** Of each method in forms. */
const titles = {
  batch: 'all samples at a time',
  online: 'online, by batches',
  orthogonal: 'orthogonal, by batches',
  supervised: 'supervised, atoms that tell labels',
};
const by = (...methods: ReadonlyArray<keyof typeof titles>) => ({ only: { method: methods } });
const SUPERVISED = 'Supervised:';
const advanced = { advanced: true };

export const dictionaryInputs = { data: table(`a row a sample: ${TABLE}`) };

export const dictionaryOptions = {
  k: option(whole(1), {
    title: 'Atoms',
    about: 'number of atoms',
    letter: 'k',
    otherwise: 'orthogonal: the number of features',
    form: { initial: 2, only: { method: ['batch', 'online', 'supervised'] } },
  }),
  method: option(choice(titles), { title: 'Method', about: 'learning method', default: 'batch' }),
  alpha: option(real(0), {
    title: 'Sparsity',
    about: 'lasso penalty of the sparse coding',
    otherwise: '0.1 times the root-mean-square norm of a sample',
    ...by('batch', 'online'),
    group: METHOD,
  }),
  nonNegative: nonNegativeOption('atoms and codes at or above zero', by('batch', 'online', 'supervised').only, {
    algorithm: ['lifted'],
  }),
  sparsity: option(whole(0), {
    title: 'Non-zero codes per sample',
    about: 'number of non-zero codes per sample',
    otherwise: 'all',
    ...by('orthogonal'),
    group: METHOD,
    form: { hint: 'all' },
  }),
  threshold: option(real(0), {
    title: 'Hard threshold',
    about: 'hard threshold: codes up to this magnitude become zero',
    argument: 'size',
    ...by('orthogonal'),
    group: METHOD,
    form: { hint: 'kept', ...advanced },
  }),
  whiten: option(flag(), {
    title: 'whiten',
    about: 'whiten the data first, for atoms that are not orthogonal',
    ...by('orthogonal'),
    group: METHOD,
  }),
  batchSize: option(whole(1), {
    title: 'Batch size',
    about: 'samples per step',
    default: 20,
    ...by('online', 'orthogonal'),
    group: METHOD,
    form: advanced,
  }),
  passes: option(whole(1), {
    title: 'Epochs',
    about: 'passes over the data',
    default: 10,
    ...by('online', 'orthogonal'),
    group: METHOD,
    form: advanced,
  }),
  target: option(column(), {
    title: 'Labels',
    about: 'column of class labels for supervised learning',
    ...by('supervised'),
    group: SUPERVISED,
    form: {
      initial: ({ columns: all }) => (all.findLast((c) => c.type === 'category') ?? all.at(-1))?.name ?? '',
    },
  }),
  covariates: option(columns(), {
    title: 'Covariates',
    about: 'columns that predict the labels but are not reconstructed (repeatable)',
    ...by('supervised'),
    group: SUPERVISED,
  }),
  xi: option(real(0), {
    title: 'Reconstruction weight',
    about: 'weight of the reconstruction error relative to the classification loss',
    argument: 'weight',
    otherwise: '1',
    ...by('supervised'),
    group: SUPERVISED,
    form: { hint: '1' },
  }),
  model: option(choice({ filter: 'what atoms see', feature: 'the codes' }), {
    title: 'Labels depend on',
    about: 'predict labels from the inner products of atoms and sample (filter) or from its code (feature)',
    default: 'filter',
    ...by('supervised'),
    group: SUPERVISED,
  }),
  algorithm: option(choice({ bcd: 'blocks in turn', lifted: 'the lifted problem' }), {
    title: 'Algorithm',
    about: 'block coordinate descent (bcd) or the lifted problem (lifted)',
    default: 'bcd',
    ...by('supervised'),
    group: SUPERVISED,
  }),
  ...columnOptions,
  missing: dataOptions.missing,
  maxIter: maxIterOption('steps at most'),
  timeLimit: limitOption('stop after this long'),
  seed: startSeed('of the start'),
};

export type DictionaryRequest = RequestOf<typeof dictionaryInputs, typeof dictionaryOptions>;
