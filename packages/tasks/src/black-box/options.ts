import {
  asynchronousMethodNames,
  asyncRecords,
  type Categories,
  categoricalMethodNames,
  cmaEsRecords,
  evaluationRecords,
  type MethodName,
  methodNames,
  searchRecords,
  testFunctionNames,
} from 'southwell/black-box';
import { timeLimitOption } from '../declaration/data-options.ts';
import { input } from '../declaration/input.ts';
import {
  type About,
  choice,
  lists,
  numbers,
  option,
  orAll,
  places,
  text,
  values,
  whole,
} from '../declaration/option.ts';
import { optionsOf } from '../declaration/records.ts';
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
/** The page offers only functions and expressions, which take no time and have no noise. */
const form = false;
const aside = { form: { advanced: true } };

/** What only the task knows about options of the library. */
const ownOptions: Readonly<Record<string, Partial<About>>> = {
  dim: {
    otherwise: 'that of the expression or of the bounds; 2 for test functions',
    group: where,
    form: { hint: 'of the expression, else 2' },
  },
  constraints: { without: { noisy: true, asynchronous: true }, group: where, form },
  feasibility: { group: where, form },
  target: aside,
  repeats: { form },
  noisy: { only: { method: ['auto', 'cma-es'] }, form },
  seed: aside,
  jobs: { form },
  evaluationLimit: { form },
  asynchronous: { only: { method: ['auto', ...asynchronousMethodNames] }, without: { noisy: true }, form },
  onError: { form },
};

const own = optionsOf(
  { ...searchRecords, noisy: cmaEsRecords.noisy, ...asyncRecords, ...evaluationRecords },
  (name) => ({ group: how, ...ownOptions[name] }),
);

export const minimizeOptions = {
  command: option(text(), {
    title: 'Program',
    first: true,
    about:
      'shell command that prints the value; {x} stands for all coordinates, {x1}, {x2} … for one; with {constraints} it prints their values, too',
    argument: 'line',
    form,
  }),
  module: option(text(), {
    title: 'Module',
    first: true,
    about:
      'JavaScript module whose default export maps a point to its value, with {constraints} to an array; runs in workers',
    argument: 'file',
    form,
  }),
  dim: own.dim,
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
    first: true,
    about: 'restrict all coordinates, or those of these indices (1,3 …), to integers',
    argument: 'coordinates',
    preset: 'all',
    group: where,
    ...aside,
  }),
  log: option(orAll(places()), {
    title: 'Logarithmic coordinates',
    first: true,
    about:
      'search all coordinates, or those of these indices (1,3 …), on a logarithmic scale: bounds above 0, initial step sizes in powers of e',
    argument: 'coordinates',
    preset: 'all',
    group: where,
    ...aside,
  }),
  categories: option(lists(), {
    title: 'Categories',
    first: true,
    about: 'values of a categorical coordinate, passed to f as they are: x1=linear,rbf,poly (repeatable)',
    argument: 'words',
    only: { method: [...categoricalMethodNames] },
    group: where,
    form,
  }),
  x0: option(values(), {
    title: 'Start',
    first: true,
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
  constraints: own.constraints,
  feasibility: own.feasibility,
  method: option(choice(named), { title: 'Method', about: 'search method', default: 'auto', group: how }),
  budget: own.budget,
  restarts: option(orAll(whole(0)), {
    title: 'Restarts',
    first: true,
    about: 'number of restarts from other points; all: until the budget is spent',
    default: 0,
    group: how,
    ...aside,
  }),
  target: own.target,
  timeLimit: timeLimitOption('stop the search after this time', how),
  evaluationLimit: own.evaluationLimit,
  repeats: own.repeats,
  noisy: own.noisy,
  seed: own.seed,
  jobs: own.jobs,
  asynchronous: own.asynchronous,
  onError: own.onError,
};

export type MinimizeRequest = RequestOf<typeof minimizeInputs, typeof minimizeOptions>;

/** Number of coordinates, if the request determines it. */
export function dimOf(r: MinimizeRequest): number | undefined {
  if (ofExpression(r)) return expressionOf(r.function!).variables.length;
  const listed = [r.lower, r.upper, r.x0, r.sigma].find((list) => list !== undefined && list.length > 1);
  return r.dim ?? listed?.length ?? (r.function === undefined ? undefined : 2);
}

const ofExpression = ({ function: f }: MinimizeRequest): boolean => f !== undefined && isExpression(f);
const given = (r: MinimizeRequest): string => (ofExpression(r) ? 'an expression' : 'a test function');

/** The categories by coordinate, from 0, as the library takes them; the first text of a list is `x1=value`. */
export const categoriesOf = (r: MinimizeRequest): Categories | undefined =>
  r.categories &&
  Object.fromEntries(
    r.categories.map(([first, ...more]) => {
      const [, k, word] = CATEGORY.exec(first)!;
      return [Number(k) - 1, [word, ...more]];
    }),
  );

/** The starting point as the library takes it: a text is a number unless it is the value of a category. */
export function startOf(r: MinimizeRequest): ReadonlyArray<number | string> | undefined {
  const categories = categoriesOf(r) ?? {};
  return r.x0?.map((value, i) => (Object.hasOwn(categories, i) ? String(value) : numberIn(value)));
}

const CATEGORY = /^x(\d+)=(.*)$/s;
const numberIn = (value: number | string): number =>
  typeof value === 'number' ? value : value.trim() === '' ? Number.NaN : Number(value);

/** The error in the categories as written, a sentence. */
function misnamed(r: MinimizeRequest): string | undefined {
  const taken = new Set<number>();
  for (const [first] of r.categories ?? []) {
    const found = CATEGORY.exec(first);
    if (!found) return `{categories} must begin with a coordinate, such as x1=linear,rbf, not with '${first}'.`;
    const k = Number(found[1]);
    if (beyond([k], r) !== undefined) return `{categories} names coordinate ${k}, but ${there(r)}.`;
    if (taken.has(k)) return `{categories} names coordinate ${k} twice.`;
    taken.add(k);
  }
  return undefined;
}

/** Index, from 0, of a coordinate of the start that is not a number but has to be. */
const unplaced = (r: MinimizeRequest): number =>
  startOf(r)?.findIndex((value) => typeof value === 'number' && Number.isNaN(value)) ?? -1;

/** `{x}`, or `{x1}` … for a single coordinate. */
export const PLACEHOLDER = /\{x(\d*)\}/g;

/** The first of these coordinate numbers that does not exist. */
const beyond = (coordinates: readonly number[], r: MinimizeRequest): number | undefined =>
  coordinates.find((k) => k < 1 || k > dimOf(r)!);
const asked = (command = ''): number[] =>
  [...command.matchAll(PLACEHOLDER)].filter(([, k]) => k !== '').map(([, k]) => Number(k));
const wholeOnes = ({ integer }: MinimizeRequest) => (integer === undefined || integer === 'all' ? [] : integer);
const logOnes = ({ log }: MinimizeRequest) => (log === undefined || log === 'all' ? [] : log);
const there = (r: MinimizeRequest) => `there ${dimOf(r) === 1 ? 'is' : 'are'} ${count(dimOf(r)!, 'coordinate')}`;

/** Checks that involve several options. */
export const minimizeChecks = [
  {
    wrong: (r: MinimizeRequest) => [r.function, r.command, r.module].filter((what) => what !== undefined).length !== 1,
    say: 'Give exactly one objective: the name of a test function or an expression, {command} with a program, or {module} with a file.',
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
    say: 'The number of coordinates is unknown: give it, such as {dim} 3.',
  },
  {
    wrong: ({ command }: MinimizeRequest) => command !== undefined && [...command.matchAll(PLACEHOLDER)].length === 0,
    say: '{command} must contain the point: {x} for all coordinates, or {x1}, {x2} …',
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
    say: (r: MinimizeRequest) => `{categories} requires {command} or {module}: ${given(r)} has none.`,
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
    say: (r: MinimizeRequest) =>
      `{x0} has '${r.x0![unplaced(r)]}' for x${unplaced(r) + 1}, which is a numeric coordinate.`,
  },
  {
    wrong: (r: MinimizeRequest) => r.constraints !== undefined && r.function !== undefined,
    say: (r: MinimizeRequest) => `{constraints} requires {command} or {module}: ${given(r)} has none.`,
  },
  {
    wrong: (r: MinimizeRequest) => r.constraints === 0,
    say: '{constraints} must be at least 1: leave it out if there are no constraints.',
  },
  {
    wrong: (r: MinimizeRequest) => r.constraints !== undefined && r.repeats > 1,
    say: '{constraints} cannot be combined with {repeats}.',
  },
  {
    wrong: (r: MinimizeRequest) => r.feasibility !== undefined && r.constraints === undefined,
    say: '{feasibility} requires {constraints}.',
  },
  {
    wrong: (r: MinimizeRequest) => r.instance !== undefined && !r.function?.startsWith('bbob:'),
    say: '{instance} goes only with a bbob function, such as bbob:1.',
  },
  {
    wrong: (r: MinimizeRequest) => r.evaluationLimit !== undefined && r.function !== undefined,
    say: (r: MinimizeRequest) => `{evaluationLimit} requires {command} or {module}: ${given(r)} needs no time limit.`,
  },
];
