import { saveOutput } from '../declaration/output.ts';
import { defineTask, type Family } from '../declaration/task.ts';
import { solveJob } from './job.ts';
import { savedSystems } from './model.ts';
import { solveInputs, solveOptions } from './options.ts';
import { solveResult } from './result.ts';
import { solveView } from './view.ts';

const solve = defineTask({
  title: 'Linear systems',
  verb: ['solve'],
  about:
    'Solve Ax = b, sparse or dense, with bounds on the error; for models (.nl, .mps, .lp, .mjs) see solve model.nl --help.',
  examples: [
    'solve bundled:poisson bundled:load --save factor.json --out x.csv',
    'solve A.mtx --method cg --preconditioner multigrid',
    'solve A.mtx b.csv --save factor.json --out x.csv',
    'solve table.csv b.csv --method qr',
  ],
  inputs: solveInputs,
  options: solveOptions,
  checks: [{ wrong: ({ omega }) => omega >= 2, say: '{omega} lies between 0 and 2: sweeps diverge elsewhere.' }],
  result: solveResult,
  outputs: {
    out: {
      file: 'x.csv',
      about: 'the solutions, a column for each right-hand side, .csv or .parquet',
      columns: ({ x }) => x,
      holds: ['x'],
    },
    save: saveOutput('the factorisation, JSON, for predict: solutions of further right-hand sides'),
  },
  resumes: false,
  interrupted: { kept: 'the best x so far is', none: 'was a solver' },
  job: solveJob,
  view: solveView,
});

export const linearSystems: Family = {
  id: 'linear-systems',
  title: 'Linear systems',
  goal: 'Solve a linear system',
  tasks: [solve],
  models: savedSystems,
};
