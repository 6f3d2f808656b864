import type { Encoding, Table } from '@southwell/data';
import { DenseMatrix } from 'southwell';
import { CanonicalVariates } from 'southwell/factorisation';
import * as v from 'valibot';
import { denseRows, type EncodedRows, encodedRows, encodingSchema, vector } from '../../encoded.ts';
import { modelText, savedAs } from '../../saved-model.ts';
import { viewPredictions } from './viewPredictions.ts';

/** Files of canonical variates: scores of either view, or of the view whose columns a table has. */

const FORMAT = 'southwell-variates';
const view = v.object({
  encoding: encodingSchema,
  /** Standard deviations by which columns are divided, before means are subtracted. */
  deviations: v.optional(vector),
  means: vector,
  /** A list of weights for each component, one for each column. */
  weights: v.pipe(v.array(vector), v.nonEmpty()),
});
const schema = v.object({ format: v.literal(FORMAT), version: v.literal(1), views: v.tuple([view, view]) });
type SavedView = v.InferOutput<typeof view>;
type Saved = v.InferOutput<typeof schema>;

export const savedText = (views: readonly SavedView[]): string =>
  modelText<Saved>({ format: FORMAT, version: 1, views: [views[0], views[1]] });

/** Numeric columns by their names, for files that are read in blocks or have no names. */
export const numbersNamed = (
  names: readonly string[],
  missing: Encoding['missing'],
  indexBase: Encoding['indexBase'],
): Encoding => ({
  ...{ version: 1, kind: 'columns', missing, sparse: false, indexBase },
  features: names.map((name) => ({ name, type: 'number' as const })),
  featureNames: names,
});

export const variatesSaved = savedAs(FORMAT, schema, ({ views }) => {
  const shaped = views.every(
    ({ encoding, deviations, means, weights }) =>
      [means, ...weights, ...(deviations ? [deviations] : [])].every(
        (x) => x.length === encoding.featureNames.length,
      ) && weights.length === views[0].weights.length,
  );
  if (!shaped) return undefined;
  const parts = views.map((of) => ({
    encoding: of.encoding,
    scores: (table: Table) => {
      const rows = encodedRows(table, of.encoding, of.deviations);
      return { columns: scoresOf(of, rows), notes: rows.notes, rows: rows.X.rows };
    },
  }));
  return { predict: (table) => viewPredictions(parts, table) };
});

/** Scores by component, computed like those of the fit. */
function scoresOf({ weights, means }: SavedView, { X, spread }: EncodedRows): Array<Array<number | null>> {
  const W = DenseMatrix.fromColumnMajor(weights.flat(), weights[0].length, weights.length);
  const rows = denseRows(X);
  const [Z] = new CanonicalVariates([W], [Float64Array.from(means)], new Float64Array(weights.length)).transform([
    rows,
  ]);
  return weights.map((_, c) => spread(Z.column(c)));
}
