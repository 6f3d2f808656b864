import { readingOptions } from '../../declaration/data-options.ts';
import { table } from '../../declaration/input.ts';
import {
  choice,
  column,
  columns,
  type FormTable,
  option,
  positive,
  real,
  textFile,
  texts,
  whole,
} from '../../declaration/option.ts';
import type { RequestOf } from '../../declaration/task.ts';

const people = 'Who reports:';
const bounds = 'What is agreed upon, without a look at the data:';
const numbersOf = (table: FormTable) => table.columns.filter((c) => c.type === 'number').map((c) => c.name);

export const inputs = { data: table() };
export const options = {
  target: option(column({ numbers: true }), {
    title: 'Target',
    about: 'column of numbers that is to be predicted',
    required: true,
    form: { initial: (table) => numbersOf(table).at(-1) ?? '' },
  }),
  features: option(columns(), {
    title: 'Columns',
    about: 'columns that are to predict it, separated by commas (repeatable)',
    otherwise: 'the other columns of numbers',
    form: { initial: (table) => numbersOf(table).slice(0, -1) },
  }),
  mode: option(
    choice({ noninteractive: 'products of features, and with the target', public: 'products with the target alone' }),
    {
      title: 'Reports',
      about:
        'what people send; public: the server has covariates of other people that are public, and needs no products of features',
      default: 'noninteractive',
    },
  ),
  epsilon: option(positive(), {
    title: 'Epsilon',
    about: 'of each report: from no two people is one more than e^epsilon times as likely, but for delta',
    required: true,
    group: bounds,
    form: { initial: 2 },
  }),
  delta: option(real(0, 1), {
    title: 'Delta',
    about: 'of each report, below 1; 0: Laplace noise, above 0: Gaussian',
    argument: 'chance',
    default: 0,
    group: bounds,
    form: { initial: 1e-6 },
  }),
  clipX: option(positive(), {
    title: 'Bound of the features',
    about: 'the largest norm of a person’s features, centred and scaled; larger ones are drawn in',
    argument: 'norm',
    required: true,
    group: bounds,
    form: { initial: 2 },
  }),
  clipY: option(positive(), {
    title: 'Bound of the target',
    about: 'the largest target, centred and scaled; larger ones are drawn in',
    argument: 'size',
    required: true,
    group: bounds,
    form: { initial: 2 },
  }),
  scale: option(texts(), {
    title: 'Centres and scales',
    about:
      'public centres and scales of columns, such as age=40:15 for (age − 40)/15, separated by commas (repeatable); never those of the data at hand',
    argument: 'scales',
    otherwise: 'values as they are',
    group: bounds,
    form: { hint: 'age=40:15', advanced: true },
  }),
  person: option(column(), {
    title: 'Person',
    about: 'column that tells people apart: what all reports of one spend is held to their budget',
    otherwise: 'every row is another person’s',
    group: people,
    form: { advanced: true },
  }),
  budgetEpsilon: option(positive(), {
    title: 'Budget, epsilon',
    about: 'what all reports of one person may spend together',
    argument: 'epsilon',
    otherwise: 'that of one report',
    only: { person: true },
    group: people,
    form: { advanced: true },
  }),
  budgetDelta: option(real(0, 1), {
    title: 'Budget, delta',
    about: 'the same of delta',
    argument: 'delta',
    otherwise: 'that of one report',
    only: { person: true },
    group: people,
    form: { advanced: true },
  }),
  spent: option(textFile(), {
    title: 'Spent before',
    about: 'a file that {ledger} wrote of earlier reports',
    only: { person: true },
    group: people,
    form: { advanced: true },
  }),
  seed: option(whole(0), {
    title: 'Seed',
    about: 'noise that can be repeated, and so taken off again: for trials alone',
    argument: 'number',
    otherwise: 'a cryptographic source',
    group: 'The noise:',
    form: { hint: 'none', advanced: true },
  }),
  ...readingOptions,
};
export type PrivatiseRequest = RequestOf<typeof inputs, typeof options>;
