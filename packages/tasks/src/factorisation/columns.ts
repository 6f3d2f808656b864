// Results as columns of the files that the command and the workbench write.
import type { Columns } from '../columns.ts';
import type { CcaResult } from './cca.ts';
import type { CompletedMatrix } from './complete.ts';
import type { Decomposed } from './decompose.ts';
import type { LearnedDictionary } from './dictionary.ts';

const numbered = <T>(vectors: ReadonlyArray<T>): Record<string, T> =>
  Object.fromEntries(vectors.map((v, a) => [`component_${a + 1}`, v]));

/** A row for each row of the table. */
export const scoreColumns = ({ scores }: Decomposed): Columns => numbered(scores);

/** A row for each column of the table. */
export const componentColumns = ({ featureNames, loadings }: Decomposed): Columns => ({
  feature: featureNames,
  ...numbered(loadings),
});

const VIEWS = ['x', 'y'];

/** A row for each row of the table. */
export const variateColumns = ({ scores }: CcaResult): Columns =>
  Object.fromEntries(scores.flatMap((view, v) => view.map((column, c) => [`${VIEWS[v]}_${c + 1}`, column])));

/** A row for each column of either view. */
export const weightColumns = ({ featureNames, weights }: CcaResult): Columns => ({
  view: featureNames.flatMap((list, v) => list.map(() => VIEWS[v])),
  feature: featureNames.flat(),
  ...Object.fromEntries(weights[0].map((_, c) => [`component_${c + 1}`, weights.flatMap((view) => view[c])])),
});

/** The entries that were missing, one a row. */
export function predictionColumns({ titles, names, predictions }: CompletedMatrix): Columns {
  const { row, col, value } = predictions;
  return {
    [titles.row]: Array.from(row, (i) => names.rows[i]),
    [titles.col]: Array.from(col, (j) => names.cols[j]),
    [titles.value]: Array.from(value),
  };
}

/** The full matrix. */
export function matrixColumns({ titles, names, rows, cols }: CompletedMatrix, filled: Float64Array): Columns {
  // Rows that had no names are numbers.
  const named = names.rows.some((name) => typeof name === 'string');
  return Object.fromEntries([
    ...(named ? [[titles.row, [...names.rows]]] : []),
    ...names.cols.map((name, j) => [String(name), Array.from({ length: rows }, (_, i) => filled[i * cols + j])]),
  ]);
}

/** Factors and biases of rows, then of columns. */
export function factorColumns({ names, rows, cols, rank, factors, biases }: CompletedMatrix): Columns {
  const both = <T>(left: (i: number) => T, right: (j: number) => T): T[] => [
    ...Array.from({ length: rows }, (_, i) => left(i)),
    ...Array.from({ length: cols }, (_, j) => right(j)),
  ];
  return {
    of: both<string>(
      () => 'row',
      () => 'column',
    ),
    name: both<string>(
      (i) => String(names.rows[i]),
      (j) => String(names.cols[j]),
    ),
    ...(biases && {
      bias: both(
        (i) => biases.row[i],
        (j) => biases.col[j],
      ),
    }),
    ...Object.fromEntries(
      Array.from({ length: rank }, (_, a) => [
        `factor_${a + 1}`,
        both(
          (i) => factors.left[i * rank + a],
          (j) => factors.right[j * rank + a],
        ),
      ]),
    ),
  };
}

/** A row for each row of the table: its codes, and the label that they tell. */
export function codeColumns(r: LearnedDictionary): Columns {
  const out: Record<string, Array<string | number | null>> = {};
  for (let k = 0; k < r.atoms.length; k++) out[`atom_${k + 1}`] = r.codes.map((code) => code?.[k] ?? null);
  if (r.supervised) out[`predicted_${r.supervised.target}`] = [...r.supervised.predicted];
  return out;
}

/** An atom a row. */
export function atomColumns(r: LearnedDictionary): Columns {
  const out: Record<string, Array<string | number | null>> = { atom: r.atoms.map((_, k) => `atom_${k + 1}`) };
  // A feature that is called `atom` keeps its values, under a longer name.
  r.featureNames.forEach((name, j) => {
    out[name in out ? `${name}_` : name] = r.atoms.map((atom) => atom[j]);
  });
  return out;
}
