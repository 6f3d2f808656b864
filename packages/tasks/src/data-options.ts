import { type About, choice, columns, flag, option, whole } from './option.ts';

/** What a table may be, for help. */
export const TABLE =
  'CSV, TSV, LIBSVM, Matrix Market, .npy, .npz or Parquet, gzipped or not; or bundled:spambase, bundled:diabetes, bundled:digits';

export const DATA_GROUP = 'The data:';
const group = DATA_GROUP;

/** Columns to leave out, and how forms show the choice. */
export function dropOption(form: About['form']) {
  return option(columns(), {
    title: 'Leave out',
    about: 'columns to leave out, separated by commas (repeatable)',
    group,
    form,
  });
}

const formats = {
  csv: 'CSV',
  libsvm: 'LIBSVM',
  'matrix-market': 'Matrix Market',
  npy: 'NumPy',
  npz: 'NumPy, several arrays',
  parquet: 'Parquet',
};
export const FORMATS: readonly string[] = Object.keys(formats);

/** What most tasks on a table ask of it. */
export const dataOptions = {
  standardize: option(flag(), {
    title: 'standardise',
    about: 'scale features to unit variance',
    group,
    form: { initial: true },
  }),
  features: option(columns(), {
    title: 'Columns',
    about: 'columns to use, separated by commas (repeatable)',
    group,
    form: false,
  }),
  // Texts have as many levels as rows: nobody wants them as features unasked.
  drop: dropOption({ initial: (table) => table.columns.filter((c) => c.type === 'text').map((c) => c.name) }),
  missing: option(choice({ error: 'tell me', 'drop-rows': 'leave rows out', mean: 'take the mean' }), {
    title: 'Missing values',
    about: 'missing values',
    argument: 'how',
    default: 'error',
    group,
    form: { advanced: (table) => table.columns.every((c) => c.missing === 0) },
  }),
  format: option(choice(formats), {
    title: 'Format',
    about: 'of the data',
    argument: 'format',
    otherwise: 'by name and contents',
    group,
    form: false,
  }),
};

/** The seed of whatever is drawn. */
export const seedOption = (about: string, heading: string) =>
  option(whole(0), {
    title: 'Seed',
    about,
    argument: 'number',
    default: 0,
    group: heading,
    form: { advanced: true },
  });
