import { DATA_GROUP, dataOptions, dropOption, readingOptions, timeLimitOption } from '../declaration/data-options.ts';
import { table } from '../declaration/input.ts';
import { choice, flag, option, tableFile, texts } from '../declaration/option.ts';
import type { RequestOf } from '../declaration/task.ts';
import { methodOptions, methods } from './methods.ts';

/** Titles of the methods in forms. */
const titles = Object.fromEntries(Object.entries(methods).map(([name, { title }]) => [name, title])) as Record<
  keyof typeof methods,
  string
>;

const KNOWN = 'Prior knowledge:';

export const learnInputs = { data: table() };

const { features, missing } = dataOptions;

export const learnOptions = {
  method: option(choice(titles), { title: 'Method', about: 'learning method', default: 'colide' }),
  ...methodOptions,
  require: option(texts(), {
    title: 'Required edges',
    first: true,
    about: 'required edges, A:B for A → B, separated by commas (repeatable)',
    argument: 'edges',
    group: KNOWN,
    form: { hint: 'a:b, c:d', advanced: true },
  }),
  forbid: option(texts(), {
    title: 'Forbidden edges',
    first: true,
    about: 'forbidden edges, in the same form',
    argument: 'edges',
    group: KNOWN,
    form: { hint: 'a:b, c:d', advanced: true },
  }),
  tiers: option(tableFile(), {
    title: 'File of tiers',
    first: true,
    about: 'CSV with columns variable and tier (a number); edges from a later to an earlier tier are forbidden',
    group: KNOWN,
    form: { advanced: true },
  }),
  // Off in forms, too: columns of a common unit say more about directions as they are.
  standardize: option(flag(), {
    title: 'standardise',
    first: true,
    about: 'scale columns to unit variance, so that their units do not matter; weights are in standard deviations',
    group: DATA_GROUP,
    form: { advanced: true },
  }),
  features,
  // Graphs are learned from numbers only.
  drop: dropOption({ initial: (table) => table.columns.filter((c) => c.type !== 'number').map((c) => c.name) }),
  missing,
  ...readingOptions,
  timeLimit: timeLimitOption('stop after this time', 'The run:'),
};

export type LearnRequest = RequestOf<typeof learnInputs, typeof learnOptions>;
