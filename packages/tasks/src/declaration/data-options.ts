import type { ReadOptions, Table } from '@southwell/data';
import { nearestName } from '@southwell/numerics/core';
import { RequestError } from '../errors.ts';
import { type About, choice, columns, flag, option, positive, text, texts, type ValuesOf, whole } from './option.ts';

/** Description of tables, for help. */
export const TABLE =
  'CSV, TSV, LIBSVM, Matrix Market, .npy, .npz, Parquet or idx, gzipped or not; a folder of PNG or JPEG; or bundled:spambase, bundled:diabetes, bundled:digits';

export const DATA_GROUP = 'The data:';
const group = DATA_GROUP;

/** The option for columns to leave out, and how forms show it. */
export function dropOption(form: About['form'], without?: About['without']) {
  return option(columns(), {
    title: 'Leave out',
    about: 'columns to leave out, separated by commas (repeatable)',
    role: false,
    group,
    form,
    ...(without && { without }),
  });
}

const formats = {
  csv: 'CSV',
  libsvm: 'LIBSVM',
  'matrix-market': 'Matrix Market',
  npy: 'NumPy',
  npz: 'NumPy, several arrays',
  parquet: 'Parquet',
  text: 'text, by characters',
  idx: 'idx, as MNIST',
  picture: 'PNG or JPEG',
  ply: 'PLY, points',
  pcd: 'PCD, points',
  xyz: 'XYZ, points',
  netcdf: 'NetCDF',
};
export const FORMATS: readonly string[] = Object.keys(formats);

/** How a file is read: options of every verb that reads a table. */
export const readingOptions = {
  format: option(choice(formats), {
    title: 'Format',
    about: 'file format',
    argument: 'format',
    otherwise: 'detected from name and contents',
    group,
    form: false,
  }),
  na: option(texts(), {
    title: 'Spellings of missing values',
    about: 'CSV: spellings of missing values, separated by commas (repeatable)',
    argument: 'texts',
    otherwise: 'empty, NA, N/A, n/a, NaN, null, -, ? and .',
    group,
    form: false,
  }),
  decimal: option(text(), {
    title: 'Decimal mark',
    about: 'CSV: decimal mark of numbers, . or ,',
    argument: 'mark',
    otherwise: 'detected from the contents',
    group,
    form: false,
  }),
  types: option(texts(), {
    title: 'Column types',
    about:
      'CSV: types of columns, such as zip=category, separated by commas (repeatable): number, category, text or drop',
    argument: 'types',
    otherwise: 'inferred from the values',
    group,
    form: false,
  }),
  dateOrder: option(choice({ dmy: 'day first', mdy: 'month first' }), {
    title: 'Order of dates',
    about: 'CSV: order of dates such as 01/02/2024 in columns whose values allow both',
    argument: 'order',
    otherwise: 'as the values of a column tell',
    group,
    form: false,
  }),
  dateParts: option(flag(), {
    title: 'parts of dates',
    about:
      'CSV: make columns of year, month, day and weekday (1 is Monday) of dates, instead of days or seconds since 1970',
    group,
    form: false,
  }),
  resize: option(text(), {
    title: 'Image size',
    about: 'PNG and JPEG: resize all images to this height and width, such as 32x32',
    argument: 'size',
    otherwise: 'not resized: all must have the same size',
    group,
    form: false,
  }),
  header: option(choice({ yes: 'the first line has them', no: 'the first line has data' }), {
    title: 'Names of columns',
    about: 'CSV: whether the first line has the names of the columns',
    argument: 'yes-or-no',
    otherwise: 'detected from the contents',
    group,
    form: false,
  }),
  skip: option(whole(0), {
    title: 'Lines to skip',
    about: 'CSV: number of lines to skip at the beginning',
    argument: 'lines',
    otherwise: 'comments that begin with #',
    group,
    form: false,
  }),
  delimiter: option(text(), {
    title: 'Delimiter',
    about: 'CSV: field delimiter, one character or tab',
    argument: 'character',
    otherwise: 'detected from the contents',
    group,
    form: false,
  }),
};

export type Reading = ValuesOf<typeof readingOptions>;

/** Reader options that have other names here. */
const NAMES: Readonly<Record<string, string>> = { missing: 'na' };
const TYPES = ['number', 'category', 'text', 'drop'] as const;

/**
 * The options of a reader, and the columns to leave out. Throws a sentence for invalid column types.
 * @param spell How options are written where the request comes from.
 */
export function readingOf(
  asked: Reading,
  spell: (option: string) => string,
): ReadOptions & { drop: readonly string[] } {
  const types = (asked.types ?? []).map((given) => {
    const at = given.lastIndexOf('=');
    const [name, type] = [given.slice(0, at), given.slice(at + 1)];
    if (at > 0 && (TYPES as readonly string[]).includes(type)) return [name, type as (typeof TYPES)[number]] as const;
    const near = at > 0 ? nearestName(type, TYPES) : undefined;
    throw new RequestError(
      `${spell('types')} takes a column and its type, such as zip=category, not '${given}'${near ? `; did you mean '${name}=${near}'?` : ` (types: ${TYPES.join(', ')}).`}`,
    );
  });
  const { delimiter, decimal } = asked;
  if (delimiter !== undefined && delimiter !== 'tab' && delimiter.length !== 1) {
    throw new RequestError(`${spell('delimiter')} must be one character, or tab, not '${delimiter}'.`);
  }
  if (decimal !== undefined && decimal !== '.' && decimal !== ',') {
    throw new RequestError(`${spell('decimal')} must be . or , but is '${decimal}'.`);
  }
  const size = asked.resize === undefined ? undefined : /^\s*(\d+)\s*[x×]\s*(\d+)\s*$/i.exec(asked.resize);
  const [height, width] = [Number(size?.[1]), Number(size?.[2])];
  if (asked.resize !== undefined && !(height >= 1 && width >= 1 && height * width <= 1e6)) {
    throw new RequestError(`${spell('resize')} takes height and width, such as 32x32, not '${asked.resize}'.`);
  }
  return {
    format: asked.format,
    ...(size && { resize: [height, width] as const }),
    ...(asked.na && { missing: ['', ...asked.na] }),
    // The type of a column that is left out does not matter.
    ...(asked.dateOrder !== undefined && { dateOrder: asked.dateOrder }),
    ...(asked.dateParts && { dateParts: true }),
    ...(asked.header !== undefined && { header: asked.header === 'yes' }),
    ...(asked.skip !== undefined && { skip: asked.skip }),
    ...(decimal !== undefined && { decimal: decimal as '.' | ',' }),
    spell: (name) => spell(NAMES[name] ?? name),
    ...(types.length > 0 && { types: Object.fromEntries(types.map(([n, t]) => [n, t === 'drop' ? 'text' : t])) }),
    ...(delimiter !== undefined && { delimiter: delimiter === 'tab' ? '\t' : delimiter }),
    drop: types.filter(([, type]) => type === 'drop').map(([name]) => name),
  };
}

/** A table without some of its columns, and without the notes on these. */
export const without = (table: Table, drop: readonly string[]): Table =>
  drop.length === 0 ? table : { ...table, columns: table.columns.filter(({ name }) => !drop.includes(name)) };

/** Treatment of missing values. */
const gaps = { error: 'tell me', 'drop-rows': 'leave rows out', mean: 'take the mean' };

function missingOption<const K extends string>(choices: Readonly<Record<K | keyof typeof gaps, string>>) {
  return option(choice(choices, { drop: 'drop-rows' }), {
    title: 'Missing values',
    first: true,
    about: 'missing values',
    argument: 'how',
    default: 'error',
    group,
    form: { advanced: (table) => table.columns.every((c) => c.missing === 0) },
  });
}

/** For predictive models, the fact that a value is missing may be informative too. */
export const predictorMissing = missingOption({ ...gaps, indicator: 'take the mean and mark it' });

/** Options of most tasks on a table. */
export const dataOptions = {
  standardize: option(flag(), {
    title: 'standardise',
    about: 'scale features to unit variance',
    group,
    form: { initial: true },
  }),
  features: option(columns(), {
    title: 'Columns',
    first: true,
    about: 'columns to use, separated by commas (repeatable)',
    group,
    form: false,
  }),
  // Text columns have as many levels as rows: they are rarely useful as features, so they are left out by default.
  drop: dropOption({ initial: (table) => table.columns.filter((c) => c.type === 'text').map((c) => c.name) }),
  missing: missingOption(gaps),
  ...readingOptions,
};

/** The seed of random numbers. */
export const seedOption = (about: string, heading: string) =>
  option(whole(0), {
    title: 'Seed',
    about,
    argument: 'number',
    default: 0,
    group: heading,
    form: { advanced: true },
  });

/** Seconds after which a run ends with its current result. */
export const timeLimitOption = (about: string, heading: string, more: Partial<About> = {}) =>
  option(positive(), {
    title: 'Time limit',
    about,
    argument: 'seconds',
    group: heading,
    form: { hint: 'none', advanced: true },
    ...more,
  });
