import { dataOptions, dropOption, TABLE } from '../data-options.ts';
import { choice, option, positive } from '../option.ts';
import type { RequestOf } from '../task.ts';
import { methodOptions, methods } from './methods.ts';

/** Of each method in forms. */
const titles = Object.fromEntries(Object.entries(methods).map(([name, { title }]) => [name, title])) as Record<
  keyof typeof methods,
  string
>;

export const learnInputs = { data: TABLE };

const { features, missing, format } = dataOptions;

export const learnOptions = {
  method: option(choice(titles), { title: 'Method', about: 'how the graph is found', default: 'colide' }),
  ...methodOptions,
  features,
  // Graphs are learned from numbers.
  drop: dropOption({ initial: (table) => table.columns.filter((c) => c.type !== 'number').map((c) => c.name) }),
  missing,
  format,
  timeLimit: option(positive(), {
    title: 'Time limit',
    about: 'stop the first fit after this long',
    argument: 'seconds',
    group: 'The run:',
    form: { hint: 'none', advanced: true },
  }),
};

export type LearnRequest = RequestOf<typeof learnInputs, typeof learnOptions>;
