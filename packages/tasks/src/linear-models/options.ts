import { linearModels, modelRecords, type Scoring, type SolverName, scorings } from 'southwell/linear-models';
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

const strength = 'How strong the penalty is (by default --cv 10):';
const model = 'The model:';
const run = 'The run:';
/** A number for each of some columns of the table. */
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
    about: 'columns to predict, separated by commas (repeatable)',
    only: { model: several },
  }),
  time: option(column({ numbers: true }), {
    title: 'Time',
    about: 'time of the event or of censoring',
    ...ofModels(survival),
  }),
  event: option(column({ numbers: true }), {
    title: 'Event (1 seen)',
    about: '1 where the event was seen, 0 where censored',
    ...ofModels(survival),
  }),
  strata: option(column(), {
    title: 'Strata',
    about: 'rows of different values have different baseline hazards; it is no feature',
    ...ofModels(survival),
    form: { ...ofModels(survival).form, advanced: true },
  }),
  model: option(choice(Object.fromEntries(Object.entries(linearModels).map(([name, { title }]) => [name, title]))), {
    title: 'Model',
    about: 'what predicts',
    otherwise: 'logistic for two classes, multinomial for more, else lasso',
    elsewhere: { private: 'privatise makes reports where the data are, and fit-private fits what arrives.' },
    form: { hint: 'by the target' },
  }),
};

const strengthOptions = {
  alpha: option(real(0), {
    title: 'alpha',
    about: 'fit at this alpha alone',
    without: { path: true, model: unpenalised },
    group: strength,
    form: { hint: 'chosen' },
  }),
  path: option(flag(), {
    title: 'a path, chosen from by BIC',
    about: 'fit a whole path and keep the model of smallest BIC, which a ridge has not',
    without: { model: unpenalised },
    group: strength,
  }),
  cv: option(whole(2), {
    title: 'Folds',
    about: 'choose alpha by cross-validation',
    argument: 'folds',
    preset: 10,
    otherwise: '10 without {alpha} and {path}',
    without: { ...inFolds, foldColumn: true },
    group: strength,
    form: { initial: 10 },
  }),
  foldColumn: option(column(), {
    title: 'Folds by column',
    about: 'choose alpha by cross-validation in which every value of this column is a fold; it is no feature',
    argument: 'column',
    without: inFolds,
    group: strength,
    form: advanced,
  }),
  rule: option(choice({ '1se': 'one standard error', min: 'best score' }), {
    title: 'Rule',
    about: 'the best score, or the strongest penalty within one standard error of it',
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
      about: 'what is measured on rows that a fit has not seen',
      otherwise: 'the model’s own',
      without: inFolds,
      group: strength,
      form: { hint: 'the model’s own', advanced: true },
    },
  ),
  alphas: option(numbers(0), {
    title: 'Alphas of the path',
    about: 'these alphas, in any order, in place of those that the data ask for',
    argument: 'numbers',
    without: { ...onPath, nAlphas: true, eps: true },
    group: strength,
    form: false,
  }),
  nAlphas: option(whole(1, 100_000), {
    title: 'Alphas',
    about: 'alphas on the path',
    otherwise: '100',
    without: onPath,
    group: strength,
    form: { hint: '100', advanced: true },
  }),
  eps: option(share(), {
    title: 'Smallest over largest',
    about: 'smallest over largest alpha',
    argument: 'ratio',
    otherwise: '1e-3; 1e-2 for rows < features; ridge 1e-6',
    without: onPath,
    group: strength,
    form: advanced,
  }),
};

/** What the library declares of models; an option that some models have goes with these alone. */
const ofLibrary = optionsOf(modelRecords, (name) => ({
  group: model,
  ...(namesWhere(({ takes }) => takes.includes(name)).length > 0 && !modelRecords[name].ask.only && taking(name)),
}));

const modelOptions = {
  intercept: option(flag(), {
    title: 'a constant',
    about: 'leave out the constant, which nnls and cox never have',
    default: true,
    group: model,
    form: advanced,
  }),
  classWeight: option(texts(), {
    title: 'Weights of classes',
    about: 'how much each row of a class counts, such as yes=5,no=1, or balanced: as much for every class',
    argument: 'weights',
    otherwise: '1 each',
    ...ofModels(classifiers),
    group: model,
    form: { ...ofModels(classifiers).form, advanced: true },
  }),
  penaltyFactor: byColumn('penaltyFactor', {
    title: 'Penalty factors',
    about: 'alpha times this by column, such as age=0,colour=2: 0 leaves a feature unpenalised, inf keeps it out',
    argument: 'factors',
    otherwise: '1 each',
  }),
  lower: byColumn('lower', {
    title: 'Lower bounds',
    about: 'coefficients are at least this, at most 0, by column, such as age=0',
    argument: 'bounds',
    without: { positive: true },
  }),
  upper: byColumn('upper', {
    title: 'Upper bounds',
    about: 'coefficients are at most this, at least 0, by column',
    argument: 'bounds',
  }),
  ...ofLibrary,
  group: option(groups(), {
    title: 'Groups of columns',
    about:
      'columns that enter together, separated by commas; repeat it for more groups, where the levels of a category are one by themselves',
    ...taking('groups'),
    group: model,
  }),
};

const tableOptions = {
  features: dataOptions.features,
  drop: dropOption(advanced),
  weights: option(column({ numbers: true }), {
    title: 'Weights of rows',
    about: 'how much each row counts',
    group: DATA_GROUP,
    form: advanced,
  }),
  offset: option(column({ numbers: true }), {
    title: 'Offset',
    about: 'added to the linear predictor, with no coefficient; predict needs the column too',
    group: DATA_GROUP,
    form: advanced,
  }),
  missing: predictorMissing,
  interactions: option(whole(2, 2), {
    title: 'Order of products',
    about: 'products of all pairs of features are features, too, but of levels of one category',
    argument: 'order',
    group: DATA_GROUP,
    form: advanced,
  }),
  hierarchy: option(flag(), {
    title: 'products with both of their features alone',
    about: 'a product enters with both of its features alone, by an overlapping group penalty (glinternet’s)',
    only: { interactions: true, model: ['group-lasso', 'group-logistic'] },
    without: { group: true, l1Ratio: true },
    group: DATA_GROUP,
    form: advanced,
  }),
  holdout: option(share(), {
    title: 'Rows held out',
    about:
      'keep this share of the rows from the fit, drawn by {seed}, of every class alike, and tell how well the model does on them',
    argument: 'share',
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
      about: 'how each fit is solved',
      otherwise: solvers[0].name,
      only: withSolver.only,
      group: run,
      form: { ...withSolver.form, ...advanced },
    },
  ),
  tol: option(real(0), {
    title: 'Tolerance',
    about: 'relative duality gap to reach',
    argument: 'gap',
    default: 1e-6,
    group: run,
    form: advanced,
  }),
  maxIter: option(whole(1), {
    title: 'Iterations',
    about: 'iterations of the solver a fit, at most',
    otherwise: usually(solvers.map(({ name, maxIter }) => [name, maxIter])),
    group: run,
    form: advanced,
  }),
  timeLimit: timeLimitOption('stop each fit after this long', run, { form: false }),
  seed: option(whole(0), {
    title: 'Seed',
    about: 'of the folds, of {holdout} and of {sketch}, where the same seed gives the same numbers',
    argument: 'number',
    otherwise: '0',
    group: run,
    form: advanced,
  }),
  explain: option(flag(), {
    title: 'explain the solver',
    about: 'tell which solver was taken and why, and where the seconds went',
    group: run,
    form: false,
  }),
  threads: option(whole(1), {
    title: 'Threads',
    about: 'for the folds, or the products of a large fit; on ranks of each, for its products',
    otherwise: 'one a core, 1 for small data and on ranks',
    group: run,
    form: false,
  }),
};

export const fitInputs = { data: table() };
export const fitOptions = { ...targetOptions, ...strengthOptions, ...modelOptions, ...tableOptions, ...runOptions };
export type FitRequest = RequestOf<typeof fitInputs, typeof fitOptions>;
