import { given } from '../../declaration/option.ts';
import { saveOutput } from '../../declaration/output.ts';
import { defineTask } from '../../declaration/task.ts';
import { ccaJob } from './job.ts';
import { type CcaRequest, ccaInputs, ccaOptions } from './options.ts';
import { ccaResult, ccaView, variateColumns, weightColumns } from './result.ts';

const twice = ({ x, y }: CcaRequest) => x?.find((name) => y?.includes(name));

export const cca = defineTask({
  title: 'Canonical correlation analysis',
  verb: ['factor', 'cca'],
  about:
    'Find correlated linear combinations of the columns of two tables: canonical correlation analysis, partial least squares.',
  examples: [
    'factor cca bundled:diabetes --x age,sex,bmi,map --y tc,ldl,hdl,tch,ltg,glu -k 2',
    'factor cca left.csv right.csv -k 3 --ridge 0.1 --out-scores scores.csv',
    'factor cca huge.csv --x a,b,c --y d,e --method stochastic --stream --out-weights weights.csv',
    'factor cca genes.parquet traits.csv -k 5 --ridge 1 --method stochastic --epochs 20',
  ],
  inputs: ccaInputs,
  options: ccaOptions,
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
      wrong: ({ stream, second }) => stream === true && second !== undefined,
      say: '{stream} reads one file: name the columns of both views by {x} and {y}.',
    },
  ],
  result: ccaResult,
  outputs: {
    outScores: {
      file: 'scores.csv',
      about: 'a row for each row of the data, .csv or .parquet',
      columns: variateColumns,
      holds: ['scores'],
    },
    outWeights: {
      file: 'weights.csv',
      about: 'a row for each column of either view, .csv or .parquet',
      columns: weightColumns,
      holds: ['featureNames', 'weights'],
    },
    save: saveOutput('the variates as a model, JSON, for predict: scores of new rows'),
  },
  resumes: { method: ['stochastic'] },
  interrupted: { kept: 'the variates so far are', none: 'were variates' },
  job: ccaJob,
  view: ccaView,
});
