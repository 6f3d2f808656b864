import { codeRecords, dictionaryRecords, onlineOrthogonalRecords, supervisedRecords } from 'southwell/factorisation';
import { dataOptions, TABLE } from '../../declaration/data-options.ts';
import { table } from '../../declaration/input.ts';
import { choice, column, columns, option, whole } from '../../declaration/option.ts';
import { optionsOf } from '../../declaration/records.ts';
import type { RequestOf } from '../../declaration/task.ts';
import { columnOptions, limitOption, METHOD, maxIterOption, nonNegativeOption, ofRun } from '../options.ts';

/** Methods with their titles in forms. */
const titles = {
  batch: 'all samples at once',
  online: 'online, by batches',
  orthogonal: 'orthogonal, by batches',
  supervised: 'supervised, atoms that predict labels',
};
const by = (...methods: ReadonlyArray<keyof typeof titles>) => ({ only: { method: methods } });
const SUPERVISED = 'Supervised:';
const advanced = { advanced: true };
const { alpha, seed } = dictionaryRecords;
const { whiten } = onlineOrthogonalRecords;
const { xi, model, algorithm } = supervisedRecords;

export const dictionaryInputs = { data: table(`a table with a row for each sample: ${TABLE}`) };

export const dictionaryOptions = {
  k: option(whole(1), {
    title: 'Atoms',
    about: 'number of atoms',
    letter: 'k',
    otherwise: 'orthogonal: the number of features',
    form: { initial: 2, only: { method: ['batch', 'online', 'supervised'] } },
  }),
  method: option(choice(titles), { title: 'Method', about: 'learning method', default: 'batch' }),
  ...optionsOf({ alpha }, () => ({
    otherwise: '0.1 times the root-mean-square norm of a sample',
    ...by('batch', 'online'),
    group: METHOD,
  })),
  nonNegative: nonNegativeOption(
    'constrain atoms and codes to be non-negative',
    by('batch', 'online', 'supervised').only,
    {
      algorithm: ['lifted'],
    },
  ),
  ...optionsOf({ ...codeRecords, whiten }, () => ({ ...by('orthogonal'), group: METHOD })),
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
  ...optionsOf({ xi, model, algorithm }, (name) => ({
    ...by('supervised'),
    group: SUPERVISED,
    ...(name === 'algorithm' && { first: false }),
  })),
  ...columnOptions,
  missing: dataOptions.missing,
  maxIter: maxIterOption('maximum number of iterations'),
  timeLimit: limitOption('stop after this time'),
  ...optionsOf({ seed }, ofRun),
};

export type DictionaryRequest = RequestOf<typeof dictionaryInputs, typeof dictionaryOptions>;
