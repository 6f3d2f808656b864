import type { ColumnToRead, Encoding, EncodingTally, Table } from '@southwell/data';
import { DenseMatrix } from 'southwell';
import {
  codeRecords,
  dictionaryRecords,
  OrthogonalDictionary,
  SparseDictionary,
  SupervisedRule,
  supervisedRecords,
} from 'southwell/factorisation';
import * as v from 'valibot';
import { savedFields } from '../../declaration/records.ts';
import { denseRows, encodedRows, encodingSchema, readsOf, vector } from '../../encoded.ts';
import { RequestError } from '../../errors.ts';
import { modelText, type Predictions, savedAs } from '../../saved-model.ts';

/** Files of dictionaries: codes of new rows, and the labels that a supervised one predicts. */

const FORMAT = 'southwell-dictionary';
const lists = v.pipe(v.array(vector), v.nonEmpty());
const label = v.union([v.string(), v.number()]);
const { alpha, nonNegative } = savedFields(dictionaryRecords);
const { sparsity, threshold } = savedFields(codeRecords);
const { model } = savedFields(supervisedRecords);
const schema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(1),
  /** Encoding of the features, then of the covariates. */
  encoding: encodingSchema,
  /** The atoms as lists in the units of the data, which are multiplied by codes. */
  atoms: lists,
  coding: v.variant('by', [
    v.object({ by: v.literal('lasso'), alpha, nonNegative }),
    v.object({
      by: v.literal('product'),
      /** An orthogonal matrix, column-major, and the symmetric whitening and its inverse. */
      values: vector,
      whitening: v.optional(v.object({ forward: vector, back: vector })),
      sparsity: v.optional(sparsity),
      threshold: v.optional(threshold),
    }),
    v.object({
      by: v.literal('labels'),
      target: v.string(),
      classes: v.array(label),
      /** The probability from which on the second of two classes is predicted. */
      threshold: v.number(),
      model,
      nonNegative: v.boolean(),
      /** For each class except the first: coefficients of the atoms; of the intercept and the covariates. */
      coefficients: lists,
      auxiliary: lists,
    }),
  ]),
});
export type SavedDictionary = v.InferOutput<typeof schema>;
type Labels = Extract<SavedDictionary['coding'], { by: 'labels' }>;

export const savedText = (saved: Omit<SavedDictionary, 'format' | 'version'>): string =>
  modelText<SavedDictionary>({ format: FORMAT, version: 1, ...saved });

/** Joins two encodings of columns into one. */
export const together = (first: Encoding, second: Encoding | undefined): Encoding =>
  second
    ? {
        ...first,
        features: [...first.features, ...second.features],
        featureNames: [...first.featureNames, ...second.featureNames],
      }
    : first;

export const dictionarySaved = savedAs(FORMAT, schema, (saved) => {
  const { coding, atoms, encoding } = saved;
  const p = atoms[0].length;
  const beside = coding.by === 'labels' ? coding.auxiliary[0].length - 1 : 0;
  const shaped =
    atoms.every((atom) => atom.length === p) &&
    encoding.featureNames.length === p + beside &&
    (coding.by !== 'product' || coding.values.length === p * p) &&
    (coding.by !== 'labels' || coding.coefficients.every((list) => list.length === atoms.length));
  if (!shaped) return undefined;
  const { width, reads } = readsOf(encoding);
  return {
    width,
    reads(names, file) {
      const wanted: Map<string, ColumnToRead> = reads(names, file);
      if (coding.by === 'labels' && names.includes(coding.target)) {
        const numbers = coding.classes.every((name) => typeof name === 'number');
        wanted.set(coding.target, { type: numbers ? 'number' : 'category' });
      }
      return wanted;
    },
    predict: (table, { proba = false, tally }) => predictionsOf(saved, table, proba, tally),
  };
});

function predictionsOf(
  { coding, atoms, encoding }: SavedDictionary,
  table: Table,
  proba: boolean,
  tally: EncodingTally | undefined,
): Predictions {
  if (proba && coding.by !== 'labels') {
    throw new RequestError('--proba needs a supervised dictionary; this one predicts no labels.');
  }
  const { X: all, notes, spread } = encodedRows(table, encoding, undefined, tally);
  const given = denseRows(all);
  const X = part(given, 0, atoms[0].length);
  const W = fromColumns(atoms);
  const rule = coding.by === 'labels' ? ruleOf(coding, W) : undefined;
  const codes =
    coding.by === 'lasso'
      ? new SparseDictionary(W, { alpha: coding.alpha, nonNegative: coding.nonNegative }).encode(X)
      : coding.by === 'product'
        ? orthogonal(coding, X.cols).encode(X, { sparsity: coding.sparsity, threshold: coding.threshold })
        : rule!.transform(X);
  const columns: Record<string, Array<number | string | null>> = Object.fromEntries(
    atoms.map((_, k) => [`atom_${k + 1}`, spread<number | string>(codes.column(k))]),
  );
  columns.residual = spread<number | string>(residuals(X, codes, atoms));
  if (!rule || coding.by !== 'labels') return { columns, predicted: X.rows, notes };
  const q = given.cols - X.cols;
  const covariates = q > 0 ? { covariates: part(given, X.cols, given.cols) } : {};
  const told = spread(rule.predict(X, covariates) as Array<string | number>);
  columns[`predicted_${coding.target}`] = told;
  if (proba) {
    const P = rule.predictProba(X, covariates);
    coding.classes.forEach((name, c) => {
      columns[`probability_${name}`] = spread<number | string>(P.column(c));
    });
  }
  return { columns, predicted: X.rows, score: accuracy(table, coding.target, told), notes };
}

const ruleOf = ({ coefficients, auxiliary, classes, threshold, model, nonNegative }: Labels, W: DenseMatrix) =>
  new SupervisedRule(W, fromColumns(coefficients), fromColumns(auxiliary), classes, threshold, model, nonNegative);

function orthogonal({ values, whitening }: Extract<SavedDictionary['coding'], { by: 'product' }>, n: number) {
  const maps = whitening && {
    forward: Float64Array.from(whitening.forward),
    back: Float64Array.from(whitening.back),
  };
  return new OrthogonalDictionary(n, Float64Array.from(values), maps);
}

/** Distance of each row from its reconstruction. */
function residuals(X: DenseMatrix, codes: DenseMatrix, atoms: SavedDictionary['atoms']): Float64Array {
  return Float64Array.from({ length: X.rows }, (_, i) => {
    let squares = 0;
    for (let j = 0; j < X.cols; j++) {
      let back = 0;
      for (let k = 0; k < atoms.length; k++) back += codes.get(i, k) * atoms[k][j];
      squares += (X.get(i, j) - back) ** 2;
    }
    return Math.sqrt(squares);
  });
}

/** Accuracy on the rows with known labels, if the table has them. */
function accuracy(table: Table, target: string, told: ReadonlyArray<string | number | null>): Predictions['score'] {
  const column = table.columns.find((c) => c.name === target);
  if (!column) return undefined;
  const truth = (i: number) =>
    column.type === 'number' ? column.values[i] : (column.levels[column.codes[i]] ?? Number.NaN);
  const known = told.flatMap((value, i) =>
    value === null || Number.isNaN(truth(i)) ? [] : [String(truth(i)) === String(value)],
  );
  if (known.length === 0) return undefined;
  return { name: 'accuracy', value: known.filter((right) => right).length / known.length, rows: known.length };
}

const fromColumns = (lists: ReadonlyArray<readonly number[]>): DenseMatrix =>
  DenseMatrix.fromColumnMajor(lists.flat(), lists[0].length, lists.length);

/** Columns `from` to `to` (exclusive). */
const part = (X: DenseMatrix, from: number, to: number): DenseMatrix =>
  from === 0 && to === X.cols
    ? X
    : DenseMatrix.fromColumnMajor(X.data.slice(from * X.rows, to * X.rows), X.rows, to - from);
