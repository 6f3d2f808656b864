import { readingOptions, TABLE } from '../../declaration/data-options.ts';
import { table } from '../../declaration/input.ts';
import { column, option, positive, real, share, whole } from '../../declaration/option.ts';
import type { RequestOf } from '../../declaration/task.ts';
import { limitOption, METHOD, maxIterOption, startSeed, tolOption } from '../options.ts';

const advanced = { advanced: true };

export const recommendInputs = {
  data: table(`a table with a row for each time something was seen, or for each pair: ${TABLE}`),
};

const place = (title: string, about: string, otherwise: string) =>
  option(column(), { title, about, otherwise, form: { hint: 'by place', ...advanced } });

export const recommendOptions = {
  row: place('Column of rows', 'who saw', 'the first column'),
  col: place('Column of columns', 'what was seen', 'the second'),
  value: place('Column of counts', 'how often', 'the third, if it is of numbers; else each line counts once'),
  ...readingOptions,
  rank: option(whole(1), {
    title: 'Rank',
    about: 'columns of the factors',
    otherwise: 'chosen by entries that are kept back',
    group: METHOD,
    form: { hint: 'chosen' },
  }),
  lambda: option(positive(), {
    title: 'Penalty',
    about: 'of the penalty',
    argument: 'weight',
    otherwise: 'chosen by entries that are kept back',
    group: METHOD,
    form: { hint: 'chosen' },
  }),
  alpha: option(real(0), {
    title: 'Alpha',
    about: 'an entry r counts as 1 + alpha r, what was not seen counts 1',
    argument: 'weight',
    default: 40,
    group: METHOD,
  }),
  holdout: option(share(), {
    title: 'Share held out',
    about: 'also fit without so many entries, and say how well they are recommended',
    argument: 'share',
    group: METHOD,
    form: { initial: 0.1, ...advanced },
  }),
  tol: tolOption('end when a sweep gains less', '1e-4'),
  maxIter: maxIterOption('sweeps at most', '100'),
  timeLimit: limitOption('stop each fit after this long'),
  seed: startSeed('of the start and of entries that are kept back'),
  top: option(whole(1), {
    title: 'Recommendations',
    about: 'recommend so many columns to each row, best first, without those it saw',
    default: 10,
    group: 'What to write:',
  }),
};

export type RecommendRequest = RequestOf<typeof recommendInputs, typeof recommendOptions>;
