import { given } from '../../declaration/option.ts';
import { saveOutput } from '../../declaration/output.ts';
import { defineTask } from '../../declaration/task.ts';
import { deepCcaJob } from './job.ts';
import { type DeepCcaRequest, deepCcaInputs, deepCcaOptions } from './options.ts';
import { deepCcaResult, deepCcaView, deepVariateColumns } from './result.ts';

const twice = ({ x, y }: DeepCcaRequest) => x?.find((name) => y?.includes(name));

export const deepCca = defineTask({
  title: 'Deep canonical correlation analysis',
  verb: ['factor', 'deep-cca'],
  about:
    'Find correlated nonlinear functions of the columns of two tables: one network for each, trained on mini-batches; factor cca finds linear ones.',
  examples: [
    'factor deep-cca bundled:diabetes --x age,sex,bmi,map --y tc,ldl,hdl,tch,ltg,glu -k 2 --save model.json',
    'factor deep-cca left.csv right.csv -k 10 --hidden 128,128 --epochs 100 --out-scores scores.csv',
    'factor deep-cca scans.parquet traits.csv -k 50 --batch-size 20 --holdout 0.3 --checkpoint run.json',
  ],
  inputs: deepCcaInputs,
  options: deepCcaOptions,
  checks: [
    {
      wrong: ({ second, x, y }) => second === undefined && !(given(x) && given(y)),
      say: 'Name the columns of both views: give {x} and {y}, or a second file.',
    },
    {
      wrong: (r) => r.second === undefined && twice(r) !== undefined,
      say: (r) => `'${twice(r)}' is in both {x} and {y}: it would correlate with itself.`,
    },
    {
      wrong: ({ validation, holdout }) => validation + holdout >= 1,
      say: '{validation} and {holdout} must add up to less than 1.',
    },
    {
      wrong: ({ patience, validation }) => patience !== undefined && validation === 0,
      say: '{patience} needs validation rows: give {validation} above 0.',
    },
  ],
  result: deepCcaResult,
  outputs: {
    outScores: {
      file: 'scores.csv',
      about: 'a row for each row of the data, .csv or .parquet',
      columns: deepVariateColumns,
      holds: ['scores'],
    },
    save: saveOutput('the networks and variates as a model, JSON, for predict: scores of new rows'),
  },
  interrupted: { kept: 'the best networks so far are', none: 'were networks' },
  job: deepCcaJob,
  view: deepCcaView,
});
