import { saveOutput } from '../../declaration/output.ts';
import { defineTask } from '../../declaration/task.ts';
import { reportOutput } from '../../report/output.ts';
import { chebyshevJob } from './job.ts';
import { chebyshevInputs, chebyshevOptions } from './options.ts';
import { chebyshevResult, chebyshevView } from './result.ts';

export const chebyshev = defineTask({
  title: 'Functions of x, y and z',
  verb: ['factor', 'chebyshev'],
  about:
    'Approximate values on a three-dimensional grid by a Tucker decomposition with Chebyshev series, for values and derivatives at any point.',
  examples: [
    'factor chebyshev bundled:potential --tol 1e-4 --save model.json',
    'factor chebyshev potential.npy --domain x=0:1,y=0:1,z=-2:2 --cells --degree 128 --report report.html',
    'factor chebyshev potential.npy --rank 8 --als 5 --out functions.csv',
  ],
  inputs: chebyshevInputs,
  options: chebyshevOptions,
  result: chebyshevResult,
  outputs: {
    out: {
      file: 'functions.csv',
      about: 'the functions of each axis over its domain, .csv or .parquet',
      columns: (r) => r.functions,
      holds: ['functions'],
    },
    report: reportOutput(
      'a self-contained HTML page of functions and singular values',
      (r) => `Function of ${r.data.name}`,
      chebyshevView,
    ),
    save: saveOutput('the function as a model, JSON, for predict: values and derivatives at x, y, z'),
  },
  interrupted: { kept: 'the function so far is', none: 'was a function' },
  job: chebyshevJob,
  view: chebyshevView,
});
