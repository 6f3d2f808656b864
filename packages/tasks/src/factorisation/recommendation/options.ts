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
    about: 'rank of the factorisation',
    otherwise: 'chosen on held-out entries',
    group: METHOD,
    form: { hint: 'chosen' },
  }),
  lambda: option(positive(), {
    title: 'Penalty',
    about: 'regularisation strength',
    argument: 'weight',
    otherwise: 'chosen on held-out entries',
    group: METHOD,
    form: { hint: 'chosen' },
  }),
  alpha: option(real(0), {
    title: 'Alpha',
    about: 'confidence weight: 1 + alpha r for an observed entry r, 1 for unobserved ones',
    argument: 'weight',
    default: 40,
    group: METHOD,
  }),
  holdout: option(share(), {
    title: 'Held-out fraction',
    about: 'fraction of entries to hold out to evaluate the ranking',
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
    about: 'number of unseen columns to recommend to each row, best first',
    default: 10,
    group: 'What to write:',
  }),
};

export type RecommendRequest = RequestOf<typeof recommendInputs, typeof recommendOptions>;
