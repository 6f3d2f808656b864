import { saveOutput } from '../../declaration/output.ts';
import { defineTask } from '../../declaration/task.ts';
import { recommendJob } from './job.ts';
import { recommendInputs, recommendOptions } from './options.ts';
import { recommendResult, recommendView } from './result.ts';

export const recommendation = defineTask({
  title: 'Recommendations',
  verb: ['factor', 'recommend'],
  about: 'Recommend columns to rows from implicit feedback, such as counts of views.',
  examples: [
    'factor recommend bundled:plays --row user --col song --value plays --holdout 0.1 --out best.csv',
    'factor recommend clicks.csv --rank 32 --lambda 10 --alpha 40 --top 20 --save model.json',
  ],
  inputs: recommendInputs,
  options: recommendOptions,
  result: recommendResult,
  outputs: {
    out: {
      file: 'recommendations.csv',
      about: 'the columns recommended to each row, .csv or .parquet',
      columns: (r) => r.recommendations,
      holds: ['recommendations'],
    },
    factors: {
      file: 'factors.csv',
      about: 'the factors of rows and columns, .csv or .parquet',
      columns: (r) => r.factors,
      holds: ['factors'],
    },
    save: saveOutput('the fit as a model, JSON, for predict: recommendations for rows, new ones too'),
  },
  interrupted: { kept: 'the factors so far are', none: 'were factors' },
  job: recommendJob,
  view: recommendView,
});
