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
    about: 'column of gradient norms, one row per step',
    otherwise: 'the only numeric column, or the only one whose name contains norm or grad',
    group,
    form: { initial: likely },
  }),
  norm: option(choice({ l2: 'Euclidean, for SGD', l1: 'sum of sizes, for Adam' }), {
    title: 'Norm',
    about: 'recorded norm: l2 for SGD, l1 for Adam and its variants',
    argument: 'norm',
    default: 'l2',
    group,
  }),
  power: option(whole(1, 2), {
    title: 'Power',
    about: 'steps are weighted by norm^−power',
    otherwise: '2 with l2, 1 with l1',
    group,
    form: advanced,
  }),
  smoothing: option(real(0, 1), {
    title: 'Smoothing',
    about: 'width of the running median as a fraction of the run; 0 for no smoothing',
    argument: 'part',
    default: 0.1,
    group,
  }),
  steps: option(whole(2), {
    title: 'Steps',
    about: 'length of the schedule, whose last value is 0: one more than the steps of the next run',
    argument: 'count',
    otherwise: 'the number of rows',
    group,
    form: { hint: 'as many as rows' },
  }),
  missing: option(choice({ error: 'tell me', 'drop-rows': 'leave rows out' }, { drop: 'drop-rows' }), {
    title: 'Missing values',
    about: 'handling of rows whose norm is missing or infinite',
    argument: 'how',
    default: 'error',
    group: DATA_GROUP,
    form: { advanced: (table) => table.columns.every((c) => c.missing === 0) },
  }),
  ...readingOptions,
};
