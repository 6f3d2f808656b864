import { oneRoundRecords, privacyRecords } from 'southwell/private-models';
import { readingOptions } from '../../declaration/data-options.ts';
import { table } from '../../declaration/input.ts';
import {
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
import { optionsOf } from '../../declaration/records.ts';
import type { RequestOf } from '../../declaration/task.ts';

const people = 'Reports and people:';
const bounds = 'The protocol, chosen without looking at the data:';
const numbersOf = (table: FormTable) => table.columns.filter((c) => c.type === 'number').map((c) => c.name);

export const inputs = { data: table() };
export const options = {
  target: option(column({ numbers: true }), {
    title: 'Target',
    about: 'numeric column to predict',
    required: true,
    form: { initial: (table) => numbersOf(table).at(-1) ?? '' },
  }),
  features: option(columns(), {
    title: 'Columns',
    about: 'columns to use, separated by commas (repeatable)',
    otherwise: 'the other numeric columns',
    form: { initial: (table) => numbersOf(table).slice(0, -1) },
  }),
  ...optionsOf(oneRoundRecords, () => ({})),
  epsilon: option(positive(), {
    ...privacyRecords.epsilon.ask,
    required: true,
    group: bounds,
    form: { initial: 2 },
  }),
  delta: option(real(0, 1), {
    title: 'Delta',
    about: 'privacy parameter delta of each report, below 1: 0 for Laplace noise, above 0 for Gaussian noise',
    argument: 'probability',
    default: 0,
    group: bounds,
    form: { initial: 1e-6 },
  }),
  clipX: option(positive(), {
    title: 'Bound of the features',
    about: 'bound on the norm of a person’s centred and scaled features; larger vectors are clipped',
    argument: 'norm',
    required: true,
    group: bounds,
    form: { initial: 2 },
  }),
  clipY: option(positive(), {
    title: 'Bound of the target',
    about: 'bound on the absolute value of the centred and scaled target; larger values are clipped',
    argument: 'size',
    required: true,
    group: bounds,
    form: { initial: 2 },
  }),
  scale: option(texts(), {
    title: 'Centres and scales',
    about:
      'public centres and scales of columns, such as age=40:15 for (age − 40)/15, separated by commas (repeatable); never computed from the private data',
    argument: 'scales',
    otherwise: 'values are used as they are',
    group: bounds,
    form: { hint: 'age=40:15', advanced: true },
  }),
  person: option(column(), {
    title: 'Person',
    about: 'column that identifies people: the reports of each are limited to a privacy budget',
    otherwise: 'every row is a different person',
    group: people,
    form: { advanced: true },
  }),
  budgetEpsilon: option(positive(), {
    title: 'Budget, epsilon',
    about: 'total epsilon of all reports of one person',
    argument: 'epsilon',
    otherwise: 'that of one report',
    only: { person: true },
    group: people,
    form: { advanced: true },
  }),
  budgetDelta: option(real(0, 1), {
    title: 'Budget, delta',
    about: 'total delta of all reports of one person',
    argument: 'delta',
    otherwise: 'that of one report',
    only: { person: true },
    group: people,
    form: { advanced: true },
  }),
  spent: option(textFile(), {
    title: 'Spent before',
    about: 'ledger file of an earlier run, with the privacy spent by its reports',
    only: { person: true },
    group: people,
    form: { advanced: true },
  }),
  seed: option(whole(0), {
    title: 'Seed',
    about: 'seed of reproducible noise, which can be subtracted again: for trials only',
    argument: 'number',
    otherwise: 'a cryptographic source',
    group: 'The noise:',
    form: { hint: 'none', advanced: true },
  }),
  ...readingOptions,
};
export type PrivatiseRequest = RequestOf<typeof inputs, typeof options>;
