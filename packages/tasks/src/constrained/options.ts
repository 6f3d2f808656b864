import { timeLimitOption } from '../declaration/data-options.ts';
import { input } from '../declaration/input.ts';
import { choice, flag, option, positive, text, textFile, texts, whole } from '../declaration/option.ts';
import type { RequestOf } from '../declaration/task.ts';
import { settingsChecks } from './settings.ts';

export const modelInputs = {
  model: input(
    'file',
    'the model: .nl, .mps, .qps or .lp, also compressed by gzip, or a JavaScript module (.mjs) with functions',
    { title: 'Model' },
  ),
  settings: input('text', "options by Ipopt's names, such as max_iter=100", { optional: true, several: true }),
};

const run = 'The run:';
const changes = 'Changes of the model:';
const answers = 'What is computed besides:';

const methods = {
  auto: 'auto: by the kind of model',
  'interior-point': 'interior-point: primal–dual, for all continuous models',
  sqp: 'sqp: sequential quadratic programming, for continuous models of some hundred variables, from a nearby start',
  'augmented-lagrangian': 'augmented-lagrangian: first derivatives only, for continuous models',
  'bounded-lbfgs': 'bounded-lbfgs: L-BFGS-B, for continuous models with bounds alone',
  'active-set': 'active-set: dual active sets, for convex quadratic programs of some hundred variables',
  splitting: 'splitting: operator splitting, for convex quadratic programs',
  highs: 'highs: HiGHS, for linear, integer and convex quadratic programs',
} as const;
export type MethodName = keyof typeof methods;

export const modelOptions = {
  method: option(choice(methods), { title: 'Method', about: 'solver', default: 'auto', first: true, group: run }),
  tol: option(positive(), {
    title: 'Tolerance',
    about: 'largest error of the optimality conditions, scaled and unscaled',
    argument: 'error',
    default: 1e-8,
    group: run,
  }),
  maxIter: option(whole(0), {
    title: 'Most iterations',
    about: 'largest number of iterations',
    argument: 'count',
    default: 3000,
    group: run,
    form: { advanced: true },
  }),
  timeLimit: timeLimitOption('stop after this time with the best point', run),
  start: option(textFile(), {
    title: 'Start',
    about: 'solution file (.sol) with the initial point and multipliers',
    argument: 'file',
    otherwise: 'the initial point of the model, else 0',
    group: run,
    form: false,
  }),
  fix: option(texts(), {
    title: 'Fixed variables',
    about: 'fix variables at values: name=value, separated by commas (repeatable)',
    argument: 'values',
    group: changes,
    form: false,
  }),
  bound: option(texts(), {
    title: 'Changed bounds',
    about:
      'change bounds of rows and variables: name<=value, name>=value or name=value, separated by commas (repeatable); inf for none',
    argument: 'changes',
    group: changes,
    form: false,
  }),
  relax: option(flag(), {
    title: 'Relax integers',
    about: 'let integer variables have fractional values',
    group: changes,
  }),
  why: option(flag(), {
    title: 'Why infeasible',
    about:
      'if a linear or integer model is infeasible, find rows and bounds that cannot hold together, each of them needed',
    group: answers,
  }),
  sensitivity: option(text(), {
    title: 'Sensitivity',
    about: 'how the solution changes with the right-hand side of this row or the bound of this variable',
    argument: 'name',
    group: answers,
    form: false,
  }),
  checkDerivatives: option(flag(), {
    title: 'Check derivatives',
    about: 'compare the derivatives with differences near the initial point',
    group: answers,
    form: false,
  }),
};

export type ModelRequest = RequestOf<typeof modelInputs, typeof modelOptions>;

export const modelChecks = settingsChecks;
