import { saveOutput } from '../../declaration/output.ts';
import { defineTask } from '../../declaration/task.ts';
import { reportOutput } from '../../report/output.ts';
import { tensorJob } from './job.ts';
import { tensorInputs, tensorOptions } from './options.ts';
import { tensorResult, tensorView } from './result.ts';

export const tensor = defineTask({
  title: 'Decompose a tensor',
  verb: ['factor', 'tensor'],
  about: 'Tensor decompositions: CP, Tucker, higher-order SVD, tensor train.',
  examples: [
    'factor tensor bundled:spectra --rank 3 --out factors.csv --save model.json',
    'factor tensor fluorescence.npy --method tucker --rank 4,4,3,4',
    'factor tensor field.npy --method hosvd --tol 1e-3 --out factors.csv --core core.csv',
    'factor tensor ratings.csv --index who,what,when --value score --missing --rank 4 --non-negative',
    'factor tensor spectra.npy --rank 5 --scan --report report.html',
  ],
  inputs: tensorInputs,
  options: tensorOptions,
  result: tensorResult,
  outputs: {
    out: {
      file: 'factors.csv',
      about: 'the factors (for cp with weights; for tt the cores), .csv or .parquet',
      columns: (r) => r.factors,
      holds: ['factors'],
    },
    core: {
      file: 'core.csv',
      about: 'the core, a row for each entry, .csv or .parquet',
      columns: (r) => r.core ?? {},
      holds: ['core'],
      only: { method: ['tucker', 'hosvd'] },
    },
    report: reportOutput(
      'a self-contained HTML page of factors, errors and ranks',
      (r) => `Factors of ${r.data.name}`,
      tensorView,
    ),
    save: saveOutput('the decomposition as a model, JSON, for predict: entries at given indices, one in each column'),
  },
  interrupted: { kept: 'the factors so far are', none: 'were factors' },
  job: tensorJob,
  view: tensorView,
});
