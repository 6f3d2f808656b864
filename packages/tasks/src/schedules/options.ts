import { DATA_GROUP, readingOptions } from '../declaration/data-options.ts';
import { choice, column, type FormTable, option, real, whole } from '../declaration/option.ts';

const group = 'The schedule:';
const advanced = { advanced: true };

/** Where norms are likely to be: in a column that says so, or the last one of numbers. */
const likely = ({ columns }: FormTable): string => {
  const found = columns.filter((c) => c.type === 'number').map((c) => c.name);
  return found.find((name) => /norm|grad/i.test(name)) ?? found.at(-1) ?? '';
};

export const options = {
  column: option(column({ numbers: true }), {
    title: 'Gradient norms',
    about: 'column of gradient norms, a row a step',
    otherwise: 'the only one of numbers, or the only one whose name has norm or grad in it',
    group,
    form: { initial: likely },
  }),
  norm: option(choice({ l2: 'Euclidean, for SGD', l1: 'sum of sizes, for Adam' }), {
    title: 'Norm',
    about: 'which norm was recorded: l2 for SGD, l1 for Adam and its like',
    argument: 'norm',
    default: 'l2',
    group,
  }),
  power: option(whole(1, 2), {
    title: 'Power',
    about: 'steps weigh norm^−power',
    otherwise: '2 with l2, 1 with l1',
    group,
    form: advanced,
  }),
  smoothing: option(real(0, 1), {
    title: 'Smoothing',
    about: 'part of the run over which running medians are taken; 0 takes norms as they are',
    argument: 'part',
    default: 0.1,
    group,
  }),
  steps: option(whole(2), {
    title: 'Steps',
    about: 'values wanted, the last of which is 0: one more than the steps of the next run',
    argument: 'count',
    otherwise: 'as many as there are rows',
    group,
    form: { hint: 'as many as rows' },
  }),
  missing: option(choice({ error: 'tell me', 'drop-rows': 'leave rows out' }, { drop: 'drop-rows' }), {
    title: 'Missing values',
    about: 'rows whose norm is missing or infinite',
    argument: 'how',
    default: 'error',
    group: DATA_GROUP,
    form: { advanced: (table) => table.columns.every((c) => c.missing === 0) },
  }),
  ...readingOptions,
};
