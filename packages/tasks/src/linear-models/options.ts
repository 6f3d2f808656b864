import {
  gridRecords,
  linearModels,
  modelRecords,
  type Scoring,
  type SolverName,
  scorings,
} from 'southwell/linear-models';
import {
  DATA_GROUP,
  dataOptions,
  dropOption,
  predictorMissing,
  readingOptions,
  timeLimitOption,
} from '../declaration/data-options.ts';
import { table } from '../declaration/input.ts';
import {
  type About,
  choice,
  column,
  columns,
  flag,
  groups,
  numbers,
  option,
  real,
  share,
  texts,
  whole,
} from '../declaration/option.ts';
import { optionsOf } from '../declaration/records.ts';
import { likelyTarget } from '../declaration/targets.ts';
import type { RequestOf } from '../declaration/task.ts';
import { federatedOptions } from './federated/options.ts';
import { scoreName } from './report/text.ts';
import {
  classifiers,
  namesWhere,
  ofModels,
  several,
  solvers,
  survival,
  taking,
  unpenalised,
  usually,
} from './takers.ts';

const strength = 'Penalty strength (default: --cv 10):';
const model = 'The model:';
const run = 'The run:';
/** An option that assigns numbers to some columns of the table. */
const byColumn = (name: 'penaltyFactor' | 'lower' | 'upper', about: About) =>
  option(texts(), {
    ...about,
    ...taking(name),
    group: model,
    form: { ...taking(name).form, advanced: true },
  });

const advanced = { advanced: true };
const onPath = { alpha: true, model: unpenalised } as const;
const inFolds = { alpha: true, path: true, model: unpenalised } as const;

const targetOptions = {
  target: option(column(), {
    title: 'Target',
    about: 'column to predict',
    otherwise: 'known for bundled sets and LIBSVM files',
    without: { model: [...several, ...survival], targets: true, time: true, event: true },
    form: { initial: likelyTarget },
  }),
  targets: option(columns(), {
    title: 'Targets',
    first: false,
    about: 'columns to predict, separated by commas (repeatable)',
    only: { model: several },
  }),
  time: option(column({ numbers: true }), {
    title: 'Time',
    first: false,
    about: 'column of times to the event or to censoring',
    ...ofModels(survival),
  }),
  event: option(column({ numbers: true }), {
    title: 'Event (1 observed)',
    first: false,
    about: 'column with 1 for an observed event, 0 for a censored row',
    ...ofModels(survival),
  }),
  strata: option(column(), {
    title: 'Strata',
    about: 'column of strata, each with its own baseline hazard; not used as a feature',
    ...ofModels(survival),
    form: { ...ofModels(survival).form, advanced: true },
  }),
  model: option(choice(Object.fromEntries(Object.entries(linearModels).map(([name, { title }]) => [name, title]))), {
    title: 'Model',
    about: 'model to fit',
    otherwise: 'logistic for two classes, multinomial for more, else lasso',
    elsewhere: { private: 'use privatise to make private reports, and fit-private to fit a model to them.' },
    form: { hint: 'by the target' },
  }),
};

const strengthOptions = {
  alpha: option(real(0), {
    title: 'alpha',
    about: 'fit at this alpha only',
    without: { path: true, model: unpenalised },
    group: strength,
    form: { hint: 'chosen' },
  }),
  path: option(flag(), {
    title: 'a path, with alpha chosen by BIC',
    about:
      'fit the whole regularisation path and keep the model with the smallest BIC, the extended one if there are more columns than rows (not for ridge)',
    without: { model: unpenalised },
    group: strength,
  }),
  cv: option(whole(2), {
    title: 'Folds',
    about: 'choose alpha by cross-validation with this number of folds',
    argument: 'folds',
    preset: 10,
    otherwise: '10 without {alpha} and {path}',
    without: { ...inFolds, foldColumn: true },
    group: strength,
    form: { initial: 10 },
  }),
  foldColumn: option(column(), {
    title: 'Folds by column',
    about: 'choose alpha by cross-validation with the values of this column as folds; not used as a feature',
    argument: 'column',
    without: inFolds,
    group: strength,
    form: advanced,
  }),
  rule: option(choice({ '1se': 'one standard error', min: 'best score' }), {
    title: 'Rule',
    about: 'which alpha to choose: that of the best score, or the largest within one standard error of it',
    argument: 'rule',
    default: 'min',
    without: inFolds,
    group: strength,
    form: { initial: '1se' },
  }),
  scoring: option(
    choice(Object.fromEntries(scorings.map((name) => [name, scoreName(name)])) as Record<Scoring, string>),
    {
      title: 'Score',
      about: 'score computed on held-out folds',
      otherwise: 'default of the model',
      without: inFolds,
      group: strength,
      form: { hint: 'default of the model', advanced: true },
    },
  ),
  alphas: option(numbers(0), {
    title: 'Alphas of the path',
    about: 'alphas of the path, in any order, instead of an automatic grid',
    argument: 'numbers',
    without: { ...onPath, nAlphas: true, eps: true },
    group: strength,
    form: false,
  }),
  ...optionsOf(gridRecords, () => ({ without: onPath, group: strength })),
};

/** The library's declarations of model options; an option of only some models requires one of these. */
const ofLibrary = optionsOf(modelRecords, (name) => {
  const takers = namesWhere(({ takes }) => takes.includes(name)).length;
  return {
    group: model,
    ...(takers > 0 && !modelRecords[name].ask.only && taking(name)),
    // An option of a few models matters to those who have chosen one of them.
    ...(takers > 0 && takers < 4 && { first: false }),
  };
});

const modelOptions = {
  intercept: option(flag(), {
    title: 'an intercept',
    about: 'fit without an intercept (nnls and cox never have one)',
    default: true,
    group: model,
    form: advanced,
  }),
  classWeight: option(texts(), {
    title: 'Class weights',
    about: 'weights of classes, such as yes=5,no=1, or balanced: inversely proportional to class frequencies',
    argument: 'weights',
    otherwise: '1 each',
    ...ofModels(classifiers),
    group: model,
    form: { ...ofModels(classifiers).form, advanced: true },
  }),
  penaltyFactor: byColumn('penaltyFactor', {
    title: 'Penalty factors',
    about:
      'factors by which alpha is multiplied for single features, such as age=0,colour=2: 0 leaves a feature unpenalised, inf excludes it',
    argument: 'factors',
    otherwise: '1 each',
  }),
  lower: byColumn('lower', {
    title: 'Lower bounds',
    about: 'lower bounds on coefficients, each at most 0, such as age=0',
    argument: 'bounds',
    without: { positive: true },
  }),
  upper: byColumn('upper', {
    title: 'Upper bounds',
    about: 'upper bounds on coefficients, each at least 0',
    argument: 'bounds',
  }),
  ...ofLibrary,
  group: option(groups(), {
    title: 'Groups of columns',
    first: false,
    about:
      'columns of a group, separated by commas (repeatable); the levels of a categorical column form a group by themselves',
    ...taking('groups'),
    group: model,
  }),
};

const tableOptions = {
  features: dataOptions.features,
  drop: dropOption(advanced),
  weights: option(column({ numbers: true }), {
    title: 'Sample weights',
    about: 'column of sample weights',
    group: DATA_GROUP,
    form: advanced,
  }),
  offset: option(column({ numbers: true }), {
    title: 'Offset',
    about: 'column added to the linear predictor without a coefficient; predict needs it, too',
    group: DATA_GROUP,
    form: advanced,
  }),
  missing: predictorMissing,
  interactions: option(whole(2, 2), {
    title: 'Interactions',
    about: 'add the products of all pairs of features, except of levels of one categorical column',
    argument: 'order',
    group: DATA_GROUP,
    form: advanced,
  }),
  hierarchy: option(flag(), {
    title: 'strong hierarchy',
    about: 'select an interaction only with both of its main effects, by an overlapping group penalty (glinternet)',
    only: { interactions: true, model: ['group-lasso', 'group-logistic'] },
    without: { group: true, l1Ratio: true },
    group: DATA_GROUP,
    form: advanced,
  }),
  holdout: option(share(), {
    title: 'Held-out rows',
    first: true,
    about:
      'hold out this fraction of the rows (stratified by class, drawn with {seed}) and report the score of the model on them',
    argument: 'fraction',
    group: DATA_GROUP,
    form: advanced,
  }),
  ...readingOptions,
};

const withSolver = taking('solver');
const runOptions = {
  solver: option(
    choice(Object.fromEntries(solvers.map(({ name, summary }) => [name, summary])) as Record<SolverName, string>),
    {
      title: 'Solver',
      about: 'solver of each fit',
      otherwise: solvers[0].name,
      only: withSolver.only,
      group: run,
      form: { ...withSolver.form, ...advanced },
    },
  ),
  tol: option(real(0), {
    title: 'Tolerance',
    about:
      'relative duality gap at which a fit has converged; of {federated}, a thousandth of it is the distance of clients from the model',
    argument: 'gap',
    default: 1e-6,
    group: run,
    form: advanced,
  }),
  maxIter: option(whole(1), {
    title: 'Iterations',
    about: 'maximum number of solver iterations per fit',
    otherwise: usually(solvers.map(({ name, maxIter }) => [name, maxIter])),
    group: run,
    form: advanced,
  }),
  timeLimit: timeLimitOption('stop after this time', run, { form: false }),
  seed: option(whole(0), {
    title: 'Seed',
    about: 'random seed of the folds, of {holdout}, of {sketch}, of {perRound} and of {noise}',
    argument: 'number',
    otherwise: '0',
    group: run,
    form: advanced,
  }),
  explain: option(flag(), {
    title: 'explain the solver',
    about: 'report which solver was chosen and why, and the time of each phase',
    group: run,
    form: false,
  }),
  threads: option(whole(1), {
    title: 'Threads',
    about: 'threads for the folds, or for the products of a large fit; on ranks, threads of each rank',
    otherwise: 'number of cores; 1 for small data and on ranks',
    group: run,
    form: false,
  }),
};

export const fitInputs = { data: table() };
export const fitOptions = {
  ...targetOptions,
  ...strengthOptions,
  ...modelOptions,
  ...tableOptions,
  ...federatedOptions,
  ...runOptions,
};
export type FitRequest = RequestOf<typeof fitInputs, typeof fitOptions>;
