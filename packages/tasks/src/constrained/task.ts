import { defineTask, type Family } from '../declaration/task.ts';
import { reportOutput } from '../report/output.ts';
import { modelJob } from './job.ts';
import { modelChecks, modelInputs, modelOptions } from './options.ts';
import { type ModelResult, modelResult } from './result.ts';
import { modelView } from './view.ts';

const solveModel = defineTask({
  title: 'Models with constraints',
  verb: ['solve-model'],
  called: ['solve'],
  page: 'models',
  about:
    'Solve a linear, quadratic, integer or nonlinear program from a model file, and say by name what binds or cannot be met.',
  examples: [
    'solve bundled:workshop.lp --out variables.csv',
    'solve bundled:chain.nl --report report.html --save chain.sol',
    'solve plant.nl max_iter=200 mu_strategy=adaptive',
    'solve plant.nl --fix feed=3.5 --sensitivity demand',
    'solve plant.nl --start yesterday.sol',
    'solve budget.mps --why',
    'solve design.mjs --time-limit 60',
  ],
  inputs: modelInputs,
  options: modelOptions,
  checks: modelChecks,
  result: modelResult,
  outputs: {
    out: {
      file: 'variables.csv',
      about: 'the variables, with bounds and multipliers, .csv or .parquet',
      columns: ({ variables }: ModelResult) => columnsOf(variables),
      holds: ['variables'],
    },
    rows: {
      file: 'rows.csv',
      about: 'the rows, with bounds and multipliers, .csv or .parquet',
      columns: ({ rows }: ModelResult) => columnsOf(rows),
      holds: ['rows'],
    },
    save: {
      file: 'solution.sol',
      about: 'the solution in the format of AMPL, .sol',
      noun: 'Solution',
      type: 'text/plain',
      text: ({ solText }: ModelResult) => solText,
      holds: ['solText'],
      json: 'saved',
    },
    report: reportOutput<ModelResult>(
      'report with tables and the course of the errors, HTML',
      ({ data }) => data.name,
      modelView,
      ['history'],
    ),
  },
  resumes: false,
  interrupted: { kept: 'the best point so far is', none: 'was a point' },
  job: modelJob,
  view: modelView,
});

const columnsOf = (entries: ModelResult['rows']) => ({
  name: entries.map(({ name }) => name),
  value: entries.map(({ value }) => value),
  lower: entries.map(({ lower }) => lower),
  upper: entries.map(({ upper }) => upper),
  multiplier: entries.map(({ multiplier }) => multiplier),
  at: entries.map(({ at }) => at ?? ''),
});

export const constrained: Family = {
  id: 'constrained',
  title: 'Constrained programs',
  goal: 'Solve a model with constraints',
  tasks: [solveModel],
};
