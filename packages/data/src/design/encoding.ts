import { fail, nearestName } from '@southwell/numerics/core';
import { type Column, columnNamed, type Table } from '../table.ts';

export interface NumberFeature {
  readonly name: string;
  readonly type: 'number';
  /** Imputed value, if missing is 'mean' or 'indicator'. */
  readonly fill?: number;
  /** Whether there is a missingness indicator column. */
  readonly indicator?: true;
}

export interface CategoryFeature {
  readonly name: string;
  readonly type: 'category';
  /** One column of the matrix for each. */
  readonly levels: readonly string[];
  /** A known level without a column of its own (dropFirst). */
  readonly baseline?: string;
  /** What replaces a missing value, where missing is 'mean' or 'indicator': the most frequent level. */
  readonly fill?: string;
  /** A last column is 1 where the value is missing, else 0; those of the levels are 0 there. */
  readonly indicator?: true;
}

/** Number of matrix columns of a feature. */
export const widthOf = (feature: NumberFeature | CategoryFeature): number =>
  (feature.type === 'number' ? 1 : feature.levels.length) + (feature.indicator ? 1 : 0);

/** Their names. */
export const columnNames = (feature: NumberFeature | CategoryFeature): string[] => [
  ...(feature.type === 'number' ? [feature.name] : feature.levels.map((level) => `${feature.name}=${level}`)),
  ...(feature.indicator ? [`${feature.name} is missing`] : []),
];

/** The encoding of a table as a matrix, as plain JSON to be stored with a model. */
export interface Encoding {
  readonly version: 1;
  readonly kind: 'columns' | 'matrix';
  /** Of a table with columns; empty for matrices that come as such. */
  readonly features: ReadonlyArray<NumberFeature | CategoryFeature>;
  /** Names of the matrix's columns; categories as name=level, indicators as `name is missing`, products as `left:right`. */
  readonly featureNames: readonly string[];
  readonly missing: 'error' | 'drop-rows' | 'mean' | 'indicator';
  readonly sparse: boolean;
  /** After the columns of the features come the products of all pairs of different features. */
  readonly interactions?: 2;
  readonly target?: { readonly name: string; readonly classes?: readonly string[] };
}

/**
 * The column of that name, or INVALID_PARAMETER with the nearest name.
 * @throws INVALID_PARAMETER.
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
