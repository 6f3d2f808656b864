import { refineRecords } from 'southwell/optimisers';
import { DATA_GROUP, readingOptions } from '../declaration/data-options.ts';
import { choice, column, type FormTable, option, whole } from '../declaration/option.ts';
import { optionsOf } from '../declaration/records.ts';

const group = 'The schedule:';
const advanced = { advanced: true };

/** The column that probably has the norms: by its name, or the last numeric one. */
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
  ...optionsOf(refineRecords, (name) => ({ group, ...(name === 'power' && { form: advanced }) })),
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
