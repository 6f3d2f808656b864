import { saveOutput } from '../../declaration/output.ts';
import { defineTask } from '../../declaration/task.ts';
import { dictionaryJob } from './job.ts';
import { dictionaryInputs, dictionaryOptions } from './options.ts';
import { atomColumns, codeColumns, dictionaryResult, dictionaryView } from './result.ts';

export const dictionary = defineTask({
  title: 'Dictionary learning',
  verb: ['factor', 'dictionary'],
  about: 'Dictionary learning: atoms and sparse codes whose products reconstruct the samples.',
  examples: [
    'factor dictionary bundled:digits --drop digit -k 16 --non-negative --out-dictionary atoms.csv',
    'factor dictionary sensors.csv --method orthogonal --whiten --sparsity 3 --out-codes codes.parquet',
    'factor dictionary visits.csv --method supervised -k 4 --target ill --covariates age,sex --xi 0.1',
  ],
  inputs: dictionaryInputs,
  options: dictionaryOptions,
  checks: [
    { wrong: ({ method, k }) => method !== 'orthogonal' && k === undefined, say: 'Give the number of atoms, {k}.' },
    {
      wrong: ({ method, target }) => method === 'supervised' && target === undefined,
      say: '{method} supervised needs {target}, the column of labels.',
    },
  ],
  result: dictionaryResult,
  outputs: {
    outCodes: {
      file: 'codes.csv',
      about: 'the codes of every row, .csv or .parquet',
      columns: codeColumns,
      holds: ['codes'],
    },
    outDictionary: {
      file: 'dictionary.csv',
      about: 'the atoms, one in each row, .csv or .parquet',
      columns: atomColumns,
      holds: [],
    },
    save: saveOutput('the dictionary as a model, JSON, for predict: codes of new rows'),
  },
  interrupted: { kept: 'the dictionary so far is', none: 'was a dictionary' },
  job: dictionaryJob,
  view: dictionaryView,
});
