import { saveOutput } from '../../declaration/output.ts';
import { defineTask } from '../../declaration/task.ts';
import { functionalJob } from './job.ts';
import { functionalInputs, functionalOptions } from './options.ts';
import { functionalResult, functionalView } from './result.ts';

export const functional = defineTask({
  title: 'Functional tensors',
  verb: ['factor', 'functional'],
  about:
    'Functional Bayesian Tucker decomposition of measurements at real coordinates, with standard deviations and prediction intervals.',
  examples: [
    'factor functional bundled:dust --axes day,hour --target dongsi --rank 4 --save model.json',
    'factor functional stations.csv --axes lon,lat,day --target pm10 --rank 3 --save model.json',
    'factor functional field.csv --axes x,y --target z --rank 2 --form cp --lengthscale 0.3 --out predicted.csv',
    'factor functional field.csv --axes x,y --target z --rank 2 --range x=0:1,y=0:1 --level 0.95 --curves curves.csv',
  ],
  inputs: functionalInputs,
  options: functionalOptions,
  result: functionalResult,
  outputs: {
    out: {
      file: 'predicted.csv',
      about: 'mean, standard deviation and interval for every row, including those without a target, .csv or .parquet',
      columns: ({ predictions }) => predictions,
      holds: ['predictions'],
    },
    curves: {
      file: 'curves.csv',
      about: 'the functions of each axis over its range, .csv or .parquet',
      columns: ({ curves }) => curves,
      holds: ['curves'],
    },
    save: saveOutput('the tensor as a model, JSON, for predict: mean, standard deviation and interval at any point'),
  },
  interrupted: { kept: 'the functions so far are', none: 'were functions' },
  job: functionalJob,
  view: functionalView,
});
