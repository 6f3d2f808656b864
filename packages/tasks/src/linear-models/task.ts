import { linearModels as models } from 'southwell/linear-models';
import { given } from '../declaration/option.ts';
import { defineTask, type Family } from '../declaration/task.ts';
import { fitJob } from './job.ts';
import { type FitRequest, fitInputs, fitOptions } from './options.ts';
import { fitPlan } from './plan.ts';
import { linearSaved } from './predict.ts';
import { fitPrivate } from './private/fitPrivate.ts';
import { planPrivate } from './private/planPrivate.ts';
import { privatise } from './private/privatise.ts';
import { l1Race } from './race/race.ts';
import { everyCoefficient } from './report/coefficients.ts';
import { reportHtml } from './report/report.ts';
import { fitView, keptText } from './report/view.ts';
import { fitResult } from './result.ts';
import { scoringsOf, solversOnRanks } from './takers.ts';

/** Options that need the whole table in one process. */
const ALONE = ['hierarchy'] as const;

const targetOf = ({ model }: FitRequest) => (model === undefined ? undefined : models[model].target);

/** Why a seed would have no effect, if so. */
function drawsNothing({ holdout, alpha, path, foldColumn, model, perRound, noise }: FitRequest): string | undefined {
  if (perRound !== undefined || given(noise)) return undefined;
  if (holdout !== undefined || (model !== undefined && models[model].draws)) return undefined;
  if (model !== undefined && !models[model].penalised) return `{model} ${model}`;
  return alpha !== undefined ? '{alpha}' : path ? '{path}' : foldColumn === undefined ? undefined : '{foldColumn}';
}

const fit = defineTask({
  title: 'Linear models',
  verb: ['fit'],
  about:
    'Predict a column by a sparse linear model of the others, at one alpha, along a path, or with alpha chosen by cross-validation.',
  examples: [
    'fit bundled:diabetes --standardize --cv 10 --rule 1se --save model.json --report report.html',
    'fit train.svm --model logistic --alpha 0.01 --save model.json',
    'fit trial.parquet --model cox --time months --event died --path',
    'fit iris.csv --target species --model multinomial --cv 5',
    'fit visits.csv --target ill --model logistic --alpha 0.01 --federated --clients hospital',
  ],
  inputs: fitInputs,
  options: fitOptions,
  checks: [
    {
      wrong: (r) =>
        (targetOf(r) === 'survival' || given(r.time) || given(r.event) || given(r.strata)) &&
        !(given(r.time) && given(r.event)),
      say: 'A Cox model needs {time} COLUMN (when) and {event} COLUMN (1 observed, 0 censored).',
    },
    {
      wrong: ({ model, scoring }) =>
        model !== undefined && scoring !== undefined && !scoringsOf(model).includes(scoring),
      say: ({ model, scoring }) =>
        `{scoring} ${scoring} cannot be combined with {model} ${model}, only with ${scoringsOf(model!).join(', ')}.`,
    },
    {
      wrong: (r) => r.seed !== undefined && drawsNothing(r) !== undefined,
      say: (r) =>
        `{seed} cannot be combined with ${drawsNothing(r)}, which uses no random numbers: it is the seed of folds, {holdout}, {sketch}, {perRound} and {noise}.`,
    },
    {
      wrong: ({ gammas = [], alpha, path }) => gammas.length > 1 && (alpha !== undefined || path === true),
      say: 'Several {gammas} require cross-validation: give one with {alpha} or {path}.',
    },
    {
      wrong: (r) => targetOf(r) === 'numbers' && !given(r.targets),
      say: 'Which columns are to be predicted? Name them with {targets}.',
    },
  ],
  result: fitResult,
  outputs: {
    save: {
      file: 'model.json',
      about: 'the model with the encoding of its features, as JSON, for predict',
      noun: 'Model',
      type: 'application/json',
      text: ({ modelText }) => modelText,
      holds: ['modelText'],
      json: 'saved',
    },
    coefficients: {
      file: 'coefficients.csv',
      about: 'table of the intercept and all coefficients, zeros included',
      columns: everyCoefficient,
      holds: [],
      json: false,
    },
    report: {
      file: 'report.html',
      about: 'self-contained HTML page with plots and tables',
      noun: 'Report',
      type: 'text/html',
      text: (result, script) => reportHtml(result, script()),
      holds: ['curves'],
      json: 'report',
      pictures: true,
    },
  },
  ranks: {
    solver: ['', ...solversOnRanks],
    ...Object.fromEntries(ALONE.map((name) => [name, ['']])),
  },
  steps: { federated: true },
  plan: fitPlan,
  interrupted: { kept: 'the best model so far is', none: 'was a model', tell: keptText },
  checkpointsChangeBits: true,
  job: fitJob,
  view: fitView,
});

export const linearModels: Family = {
  id: 'linear-models',
  title: 'Linear models',
  goal: 'Predict a column',
  tasks: [fit, planPrivate, privatise, fitPrivate],
  races: [l1Race],
  models: linearSaved,
};
