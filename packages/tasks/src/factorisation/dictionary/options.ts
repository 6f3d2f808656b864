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
    about: 'atoms',
    letter: 'k',
    otherwise: 'orthogonal: as many as features',
    form: { initial: 2, only: { method: ['batch', 'online', 'supervised'] } },
  }),
  method: option(choice(titles), { title: 'Method', about: 'how atoms are learned', default: 'batch' }),
  alpha: option(real(0), {
    title: 'Sparsity',
    about: 'of the lasso that gives the codes',
    otherwise: '0.1 of a sample’s length',
    ...by('batch', 'online'),
    group: METHOD,
  }),
  nonNegative: nonNegativeOption('atoms and codes at or above zero', by('batch', 'online', 'supervised').only, {
    algorithm: ['lifted'],
  }),
  sparsity: option(whole(0), {
    title: 'Codes a sample',
    about: 'how many codes a sample keeps',
    otherwise: 'all',
    ...by('orthogonal'),
    group: METHOD,
    form: { hint: 'all' },
  }),
  threshold: option(real(0), {
    title: 'Codes up to',
    about: 'codes of at most this size become zero',
    argument: 'size',
    ...by('orthogonal'),
    group: METHOD,
    form: { hint: 'kept', ...advanced },
  }),
  whiten: option(flag(), {
    title: 'whiten',
    about: 'for atoms that are not orthogonal in the units of the data',
    ...by('orthogonal'),
    group: METHOD,
  }),
  batchSize: option(whole(1), {
    title: 'Rows a step',
    about: 'samples a step',
    default: 20,
    ...by('online', 'orthogonal'),
    group: METHOD,
    form: advanced,
  }),
  passes: option(whole(1), {
    title: 'Passes',
    about: 'over the data',
    default: 10,
    ...by('online', 'orthogonal'),
    group: METHOD,
    form: advanced,
  }),
  target: option(column(), {
    title: 'Labels',
    about: 'labels that the atoms should tell apart',
    ...by('supervised'),
    group: SUPERVISED,
    form: {
      initial: ({ columns: all }) => (all.findLast((c) => c.type === 'category') ?? all.at(-1))?.name ?? '',
    },
  }),
  covariates: option(columns(), {
    title: 'Covariates, not rebuilt',
    about: 'columns that tell labels, too, but are not rebuilt (repeatable)',
    ...by('supervised'),
    group: SUPERVISED,
  }),
  xi: option(real(0), {
    title: 'Weight of rebuilding',
    about: 'of the reconstruction beside the labels',
    argument: 'weight',
    otherwise: '1',
    ...by('supervised'),
    group: SUPERVISED,
    form: { hint: '1' },
  }),
  model: option(choice({ filter: 'what atoms see', feature: 'the codes' }), {
    title: 'Labels depend on',
    about: 'labels by what atoms see of a sample (filter) or by its code (feature)',
    default: 'filter',
    ...by('supervised'),
    group: SUPERVISED,
  }),
  algorithm: option(choice({ bcd: 'blocks in turn', lifted: 'the lifted problem' }), {
    title: 'Algorithm',
    about: 'blocks in turn (bcd) or the lifted problem (lifted)',
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
