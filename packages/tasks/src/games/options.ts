import { dropOption, readingOptions, timeLimitOption } from '../declaration/data-options.ts';
import { table } from '../declaration/input.ts';
import { column, option, positive } from '../declaration/option.ts';
import type { RequestOf } from '../declaration/task.ts';

const group = 'The run:';

export const gameInputs = {
  data: table('payoffs to the player who chooses a row; the other one, who chooses a column, pays them'),
};

export const gameOptions = {
  names: option(column(), {
    title: 'Names of rows',
    about: 'column with the names of the strategies in rows',
    otherwise: 'the first column, if it has words, all different',
    form: { advanced: true },
  }),
  drop: dropOption({ advanced: true }),
  ...readingOptions,
  tol: option(positive(), {
    title: 'Tolerance',
    about: 'tolerance on the duality gap, relative to the range of the payoffs',
    argument: 'tolerance',
    default: 1e-12,
    group,
    form: { advanced: true },
  }),
  timeLimit: timeLimitOption('stop after this long, with the best strategies so far', group),
};

export type GameRequest = RequestOf<typeof gameInputs, typeof gameOptions>;
