import {
  asynchronousMethodNames,
  type Categories,
  categoricalMethodNames,
  type MethodName,
  methodNames,
  testFunctionNames,
} from 'southwell/black-box';
import { timeLimitOption } from '../declaration/data-options.ts';
import { input } from '../declaration/input.ts';
import {
  choice,
  flag,
  lists,
  numbers,
  option,
  orAll,
  places,
  positive,
  real,
  text,
  values,
  whole,
} from '../declaration/option.ts';
import type { RequestOf } from '../declaration/task.ts';
import { count } from '../format.ts';
import { expressionOf, isExpression, misread } from './given.ts';

export const minimizeInputs = {
  function: input(
    'text',
    `${testFunctionNames.join(', ')}, bbob:1 to bbob:24, or an expression such as '(1-x)^2 + 100*(y-x^2)^2'`,
    { optional: true, title: 'Function or expression', initial: '(1-x)^2 + 100*(y-x^2)^2' },
  ),
};

const named = Object.fromEntries(
  methodNames.map((name) => [name, name === 'auto' ? 'auto: bobyqa where f looks smooth, else cma-es' : name]),
) as Record<MethodName, string>;
const where = 'Search space:';
const how = 'Search:';
/** A page has functions and expressions alone, which take no time and have no noise. */
const form = false;
const aside = { form: { advanced: true } };

export const minimizeOptions = {
  command: option(text(), {
    title: 'Program',
    about:
      'shell command that prints the value; {x} stands for all coordinates, {x1}, {x2} … for one; with {constraints} it prints their values, too',
    argument: 'line',
    form,
  }),
  module: option(text(), {
    title: 'Module',
    about:
      'JavaScript module whose default export maps a point to its value, with {constraints} to an array; runs in workers',
    argument: 'file',
    form,
  }),
  dim: option(whole(1), {
    title: 'Dimensions',
    about: 'number of coordinates',
    otherwise: 'that of the expression or of the bounds; 2 for test functions',
    group: where,
    form: { hint: 'of the expression, else 2' },
  }),
  lower: option(numbers(), {
    title: 'Lower bounds',
    about: 'lower bound of all coordinates, or one for each, such as -5,0,2.5',
    argument: 'bounds',
    group: where,
    form: { hint: 'of the test function, else none' },
  }),
  upper: option(numbers(), {
    title: 'Upper bounds',
    about: 'upper bound of all coordinates, or one for each',
    argument: 'bounds',
    group: where,
    form: { hint: 'of the test function, else none' },
  }),
  integer: option(orAll(places()), {
    title: 'Integer coordinates',
    about: 'restrict all coordinates, or those of these indices (1,3 …), to integers',
    argument: 'coordinates',
    preset: 'all',
    group: where,
    ...aside,
  }),
  log: option(orAll(places()), {
    title: 'Logarithmic coordinates',
    about:
      'search all coordinates, or those of these indices (1,3 …), on a logarithmic scale: bounds above 0, initial step sizes in powers of e',
    argument: 'coordinates',
    preset: 'all',
    group: where,
    ...aside,
  }),
  categories: option(lists(), {
    title: 'Categories',
    about: 'values of a categorical coordinate, passed to f as they are: x1=linear,rbf,poly (repeatable)',
    argument: 'words',
    only: { method: [...categoricalMethodNames] },
    group: where,
    form,
  }),
  x0: option(values(), {
    title: 'Start',
    about: 'starting point; categorical coordinates by their values',
    argument: 'point',
    otherwise: 'centre of the bounds, else 0',
    group: where,
    ...aside,
  }),
  sigma: option(numbers(), {
    title: 'Initial step size',
    about: 'initial step size of all coordinates, or one for each',
    argument: 'size',
    otherwise: '0.3 times the width of the bounds, else 1',
    group: where,
    ...aside,
  }),
  instance: option(whole(1), {
    title: 'Instance',
    about: 'instance number of a bbob function',
    argument: 'number',
    otherwise: '1',
    group: where,
    ...aside,
  }),
  constraints: option(whole(1), {
    title: 'Constraints',
    about:
      'number of constraint values that f returns after its own, each feasible at 0 or below; handled by an augmented Lagrangian',
    without: { noisy: true, asynchronous: true },
    group: where,
    form,
  }),
  feasibility: option(positive(), {
    title: 'Feasibility tolerance',
    about: 'largest constraint violation of a feasible point',
    argument: 'tolerance',
    otherwise: '1e-6',
    group: where,
    form,
  }),
  method: option(choice(named), { title: 'Method', about: 'search method', default: 'auto', group: how }),
  budget: option(whole(1), {
    title: 'Budget',
    about: 'maximum number of evaluations',
    otherwise: '10000 per dimension',
    group: how,
    form: { hint: '10000 per dimension' },
  }),
  restarts: option(orAll(whole(0)), {
    title: 'Restarts',
    about: 'number of restarts from other points; all: until the budget is spent',
    default: 0,
    group: how,
    ...aside,
  }),
  target: option(real(), { title: 'Target', about: 'stop once the value is at most this', group: how, ...aside }),
  timeLimit: timeLimitOption('stop the search after this time', how),
  evaluationLimit: option(positive(), {
    title: 'Evaluation time limit',
    about: 'an evaluation that takes longer counts as failed ({onError})',
    argument: 'seconds',
    group: how,
    form,
  }),
  repeats: option(whole(1), {
    title: 'Repeats',
    about: 'evaluations of each point, of which the mean is used (noisy functions)',
    default: 1,
    group: how,
    form,
  }),
  noisy: option(flag(), {
    title: 'Noise',
    about:
      'the function is noisy: adapt the number of re-evaluations during the search; for other methods use {repeats}',
    only: { method: ['auto', 'cma-es'] },
    group: how,
    form,
  }),
  seed: option(whole(0), {
    title: 'Seed',
    about: 'random seed; the same seed evaluates the same points',
    argument: 'number',
    default: 0,
    group: how,
    ...aside,
  }),
  jobs: option(whole(1), {
    title: 'Jobs',
    about: 'parallel evaluations on each rank; without {asynchronous} the result does not depend on it',
    default: 1,
    group: how,
    form,
  }),
  asynchronous: option(flag(), {
    title: 'Asynchronous',
    about: 'evaluate without waiting for whole batches; the result depends on the order in which values arrive',
    only: { method: ['auto', ...asynchronousMethodNames] },
    without: { noisy: true },
    group: how,
    form,
  }),
  onError: option(choice({ stop: 'stop', skip: 'skip the point' }), {
    title: 'Failures',
    about: 'what to do when an evaluation fails: end the search or skip the point',
    argument: 'action',
    default: 'stop',
    group: how,
    form,
  }),
};

export type MinimizeRequest = RequestOf<typeof minimizeInputs, typeof minimizeOptions>;

/** How many coordinates the point has, where the request shows it. */
export function dimOf(r: MinimizeRequest): number | undefined {
  if (ofExpression(r)) return expressionOf(r.function!).variables.length;
  const listed = [r.lower, r.upper, r.x0, r.sigma].find((list) => list !== undefined && list.length > 1);
  return r.dim ?? listed?.length ?? (r.function === undefined ? undefined : 2);
}

const ofExpression = ({ function: f }: MinimizeRequest): boolean => f !== undefined && isExpression(f);
const given = (r: MinimizeRequest): string => (ofExpression(r) ? 'an expression' : 'a test function');

/** The words of coordinates, from 0, as the library takes them; the first text of a list is `x1=word`. */
export const categoriesOf = (r: MinimizeRequest): Categories | undefined =>
  r.categories &&
  Object.fromEntries(
    r.categories.map(([first, ...more]) => {
      const [, k, word] = CATEGORY.exec(first)!;
      return [Number(k) - 1, [word, ...more]];
    }),
  );

/** The start as the library takes it: a text is a number where it is not the word of a category. */
export function startOf(r: MinimizeRequest): ReadonlyArray<number | string> | undefined {
  const categories = categoriesOf(r) ?? {};
  return r.x0?.map((value, i) => (Object.hasOwn(categories, i) ? String(value) : numberIn(value)));
}

const CATEGORY = /^x(\d+)=(.*)$/s;
const numberIn = (value: number | string): number =>
  typeof value === 'number' ? value : value.trim() === '' ? Number.NaN : Number(value);

/** What is wrong with the categories as they are written, a sentence. */
function misnamed(r: MinimizeRequest): string | undefined {
  const taken = new Set<number>();
  for (const [first] of r.categories ?? []) {
    const found = CATEGORY.exec(first);
    if (!found) return `{categories} must begin with its coordinate, such as x1=linear,rbf, not with '${first}'.`;
    const k = Number(found[1]);
    if (beyond([k], r) !== undefined) return `{categories} names coordinate ${k}, but ${there(r)}.`;
    if (taken.has(k)) return `{categories} names coordinate ${k} twice.`;
    taken.add(k);
  }
  return undefined;
}

/** The place, from 0, of a start that is no number where it has to be. */
const unplaced = (r: MinimizeRequest): number =>
  startOf(r)?.findIndex((value) => typeof value === 'number' && Number.isNaN(value)) ?? -1;

/** `{x}`, or `{x1}` … for one coordinate each. */
export const PLACEHOLDER = /\{x(\d*)\}/g;

/** The first of these numbers of coordinates that the point does not have. */
const beyond = (coordinates: readonly number[], r: MinimizeRequest): number | undefined =>
  coordinates.find((k) => k < 1 || k > dimOf(r)!);
const asked = (command = ''): number[] =>
  [...command.matchAll(PLACEHOLDER)].filter(([, k]) => k !== '').map(([, k]) => Number(k));
const wholeOnes = ({ integer }: MinimizeRequest) => (integer === undefined || integer === 'all' ? [] : integer);
const logOnes = ({ log }: MinimizeRequest) => (log === undefined || log === 'all' ? [] : log);
const there = (r: MinimizeRequest) => `there ${dimOf(r) === 1 ? 'is' : 'are'} ${count(dimOf(r)!, 'coordinate')}`;

/** What no single option shows. */
export const minimizeChecks = [
  {
    wrong: (r: MinimizeRequest) => [r.function, r.command, r.module].filter((what) => what !== undefined).length !== 1,
    say: 'Say what to minimise, one of three: the name of a test function, or an expression; {command} with a program; {module} with a file.',
  },
  {
    wrong: (r: MinimizeRequest) => ofExpression(r) && misread(r.function!) !== undefined,
    say: (r: MinimizeRequest) => misread(r.function!)!,
  },
  {
    wrong: (r: MinimizeRequest) => ofExpression(r) && r.dim !== undefined && r.dim !== dimOf(r),
    say: (r: MinimizeRequest) => {
      const { variables } = expressionOf(r.function!);
      return `{dim} is ${r.dim}, but the expression has ${count(variables.length, 'variable')}: ${variables.join(', ')}.`;
    },
  },
  {
    wrong: (r: MinimizeRequest) => dimOf(r) === undefined,
    say: 'Say how many coordinates the point has: {dim} 3.',
  },
  {
    wrong: ({ command }: MinimizeRequest) => command !== undefined && [...command.matchAll(PLACEHOLDER)].length === 0,
    say: '{command} must say where the point goes: {x} for all coordinates, or {x1}, {x2} …',
  },
  {
    wrong: (r: MinimizeRequest) => beyond(asked(r.command), r) !== undefined,
    say: (r: MinimizeRequest) => `{command} asks for x${beyond(asked(r.command), r)}, but ${there(r)}.`,
  },
  {
    wrong: (r: MinimizeRequest) => beyond(wholeOnes(r), r) !== undefined,
    say: (r: MinimizeRequest) => `{integer} names coordinate ${beyond(wholeOnes(r), r)}, but ${there(r)}.`,
  },
  {
    wrong: (r: MinimizeRequest) => beyond(logOnes(r), r) !== undefined,
    say: (r: MinimizeRequest) => `{log} names coordinate ${beyond(logOnes(r), r)}, but ${there(r)}.`,
  },
  {
    wrong: (r: MinimizeRequest) => r.categories !== undefined && r.function !== undefined,
    say: (r: MinimizeRequest) => `{categories} goes with {command} or {module}: ${given(r)} has none.`,
  },
  {
    wrong: (r: MinimizeRequest) => misnamed(r) !== undefined,
    say: (r: MinimizeRequest) => misnamed(r)!,
  },
  {
    wrong: (r: MinimizeRequest) => r.categories !== undefined && r.x0?.length === 1 && dimOf(r)! > 1,
    say: '{x0} must have a value for every coordinate where there are {categories}.',
  },
  {
    wrong: (r: MinimizeRequest) => unplaced(r) >= 0,
    say: (r: MinimizeRequest) => `{x0} has '${r.x0![unplaced(r)]}' for x${unplaced(r) + 1}, which is a number.`,
  },
  {
    wrong: (r: MinimizeRequest) => r.constraints !== undefined && r.function !== undefined,
    say: (r: MinimizeRequest) => `{constraints} goes with {command} or {module}: ${given(r)} has none.`,
  },
  {
    wrong: (r: MinimizeRequest) => r.constraints !== undefined && r.repeats > 1,
    say: '{constraints} does not go with {repeats}.',
  },
  {
    wrong: (r: MinimizeRequest) => r.feasibility !== undefined && r.constraints === undefined,
    say: '{feasibility} goes with {constraints}.',
  },
  {
    wrong: (r: MinimizeRequest) => r.instance !== undefined && !r.function?.startsWith('bbob:'),
    say: '{instance} goes with a bbob function alone, such as bbob:1.',
  },
  {
    wrong: (r: MinimizeRequest) => r.evaluationLimit !== undefined && r.function !== undefined,
    say: (r: MinimizeRequest) => `{evaluationLimit} goes with {command} or {module}: ${given(r)} is never late.`,
  },
];
