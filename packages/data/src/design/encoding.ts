import { fail, nearestName } from '@southwell/numerics/core';
import type { DatePart, NumberForm } from '../forms.ts';
import { type Column, columnNamed, type Table } from '../table.ts';

export interface NumberFeature {
  readonly name: string;
  readonly type: 'number';
  /** How its numbers were written in the data of the fit, if not as plain numbers. */
  readonly form?: NumberForm;
  /** What it is of the dates of another column. */
  readonly part?: DatePart;
  /** Imputed value, if missing is 'mean' or 'indicator'. */
  readonly fill?: number;
  /** Whether there is a missingness indicator column. */
  readonly indicator?: true;
}

export interface CategoryFeature {
  readonly name: string;
  readonly type: 'category';
  /** One matrix column per level. */
  readonly levels: readonly string[];
  /** A level without a column of its own (dropFirst). */
  readonly baseline?: string;
  /** What replaces a missing value if missing is 'mean' or 'indicator': the most frequent level. */
  readonly fill?: string;
  /**
   * Whether the last column is a missingness indicator, 1 if the value is missing, in which case the columns of the
   * levels are 0.
   */
  readonly indicator?: true;
}

/** Number of matrix columns of a feature. */
export const widthOf = (feature: NumberFeature | CategoryFeature): number =>
  (feature.type === 'number' ? 1 : feature.levels.length) + (feature.indicator ? 1 : 0);

/** Names of these columns. */
export const columnNames = (feature: NumberFeature | CategoryFeature): string[] => [
  ...(feature.type === 'number' ? [feature.name] : feature.levels.map((level) => `${feature.name}=${level}`)),
  ...(feature.indicator ? [`${feature.name} is missing`] : []),
];

/** How a table is encoded as a matrix, as plain JSON that is stored with a model. */
export interface Encoding {
  readonly version: 1;
  readonly kind: 'columns' | 'matrix';
  /** The features of a table with columns; empty for data that are matrices already. */
  readonly features: ReadonlyArray<NumberFeature | CategoryFeature>;
  /**
   * Names of the matrix's columns: name=level for categories, `name is missing` for indicators, `left:right` for
   * products.
   */
  readonly featureNames: readonly string[];
  readonly missing: 'error' | 'drop-rows' | 'mean' | 'indicator';
  readonly sparse: boolean;
  /** LIBSVM: the index of the first column of the matrix, or of x1. */
  readonly indexBase?: 0 | 1;
  /** Whether the products of all pairs of different features follow the columns of the features. */
  readonly interactions?: 2;
  readonly target?: { readonly name: string; readonly classes?: readonly string[]; readonly form?: NumberForm };
}

/**
 * The number of columns by which a LIBSVM table is moved to the right to match an encoding: 1 if only the file of the
 * fit has index 0.
 * @throws INVALID_FORMAT if only the new file has index 0, which is no column of the model.
 */
export function columnShift({ name, indexBase }: Table, encoding: Encoding): 0 | 1 {
  if (indexBase === undefined || encoding.indexBase === undefined || indexBase === encoding.indexBase) return 0;
  if (indexBase === 1) return 1;
  fail(
    'INVALID_FORMAT',
    `${name} has index 0, which the data of the model do not have: their indices start at 1. If both files count from 0, leave index 0 out; if only ${name} does, add 1 to its indices.`,
  );
}

/**
 * The column of the given name.
 * @throws INVALID_PARAMETER, suggesting the nearest name.
 */
export function columnOf(table: Table, name: string, role: string): Column {
  const column = columnNamed(table, name);
  if (column) return column;
  const near = nearestName(
    name,
    table.columns.map((candidate) => candidate.name),
  );
  const list = table.columns.map((candidate) => candidate.name).slice(0, 8);
  const hint = near
    ? `did you mean '${near}'?`
    : `it has ${list.join(', ')}${table.columns.length > list.length ? ', …' : ''}.`;
  fail('INVALID_PARAMETER', `${table.name} has no column '${name}' for the ${role}; ${hint}`);
}
