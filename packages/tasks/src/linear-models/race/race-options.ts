import { choice, option, real, text, type ValuesOf, whole } from '../../declaration/option.ts';
import { OWN_FILE, ownFile } from '../../declaration/race.ts';

const generated = { data: ['generated'] };

/** The options of the race. */
export const raceOptions = {
  data: option(
    choice({ generated: 'generated, correlated columns', spambase: 'spambase', diabetes: 'diabetes', ...OWN_FILE }),
    { title: 'Data', about: 'where the table comes from', default: 'generated' },
  ),
  file: ownFile,
  target: option(text(), {
    title: 'Target column',
    about: 'column of the file to predict',
    only: { data: ['file'] },
    otherwise: 'the last column',
  }),
  loss: option(choice({ squared: 'squared', logistic: 'logistic' }), {
    title: 'Loss',
    about: 'the loss',
    default: 'squared',
  }),
  rows: option(whole(2, 5000), { title: 'Rows', about: 'rows to generate', default: 400, only: generated }),
  cols: option(whole(2, 20_000), { title: 'Columns', about: 'columns to generate', default: 2000, only: generated }),
  seed: option(whole(0, 2 ** 31), {
    title: 'Seed',
    about: 'random seed of the generated data',
    default: 1,
    only: generated,
  }),
  part: option(real(1, 10_000), {
    title: 'alphaMax / alpha',
    about: 'ratio of the smallest alpha with an empty model to the alpha of the race',
    default: 20,
  }),
};
export type L1Values = ValuesOf<typeof raceOptions>;
