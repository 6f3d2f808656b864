import { DenseMatrix, type Matrix } from 'southwell';
import { nmfLosses, nmfScores, sparsePcaScores } from 'southwell/factorisation';
import * as v from 'valibot';
import { encodedRows, encodingSchema, readsOf, vector } from '../../encoded.ts';
import { modelText, savedAs } from '../../saved-model.ts';

/** Files of components on which new rows are scored. */

const FORMAT = 'southwell-components';
const schema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(1),
  encoding: encodingSchema,
  /** By which columns were divided, before means were taken off. */
  deviations: v.optional(vector),
  means: v.optional(vector),
  /** A list of loadings, one a column, for each component. */
  components: v.pipe(v.array(vector), v.nonEmpty()),
  /** How scores are found. */
  scoring: v.variant('by', [
    v.object({ by: v.literal('projection') }),
    v.object({ by: v.literal('ridge'), ridge: v.number() }),
    v.object({
      by: v.literal('non-negative'),
      loss: v.picklist(nmfLosses),
      alpha: v.optional(v.number()),
      l1Ratio: v.optional(v.number()),
    }),
  ]),
});
export type SavedComponents = v.InferOutput<typeof schema>;

export const savedText = (saved: Omit<SavedComponents, 'format' | 'version'>): string =>
  modelText<SavedComponents>({ format: FORMAT, version: 1, ...saved });

/** Scores on components that are given are a convex problem: it is solved to the end, whatever the fit was content with. */
const EXACT = { tol: 1e-12, maxIter: 10_000 };

export const componentsSaved = savedAs(FORMAT, schema, (saved) => {
  const { encoding, deviations, components, means } = saved;
  const p = encoding.featureNames.length;
  if ([...components, ...(deviations ? [deviations] : []), ...(means ? [means] : [])].some((x) => x.length !== p)) {
    return undefined;
  }
  return {
    ...readsOf(encoding),
    predict(table, { tally }) {
      const { X, notes, spread, free } = encodedRows(table, encoding, deviations, tally);
      const scores = scoresOf(X, saved);
      const named = components.map((_, a) => [`component_${a + 1}`, spread(scores.column(a))] as const);
      const columns = { ...Object.fromEntries(named), residual: spread(residuals(X, scores, saved)) };
      const predicted = X.rows;
      free();
      scores.free();
      return { columns, predicted, notes };
    },
  };
});

function scoresOf(X: Matrix, { components, means, scoring }: SavedComponents): DenseMatrix {
  const C = DenseMatrix.fromRows(components);
  const mean = Float64Array.from(means ?? new Float64Array(X.cols));
  if (scoring.by === 'ridge') return sparsePcaScores(X, mean, C, scoring.ridge);
  if (scoring.by === 'non-negative') {
    const { by: _, ...options } = scoring;
    return nmfScores(X, C, { ...options, ...EXACT });
  }
  const out = DenseMatrix.create(X.rows, C.rows);
  eachColumn(X, (j, column) => {
    for (let a = 0; a < C.rows; a++) {
      const [to, weight] = [out.column(a), components[a][j]];
      for (let i = 0; i < X.rows; i++) to[i] += (column[i] - mean[j]) * weight;
    }
  });
  return out;
}

/** How far each row is from what its scores rebuild, in the units of the fit. O(values · components). */
function residuals(X: Matrix, scores: DenseMatrix, { components, means }: SavedComponents): Float64Array {
  const squares = new Float64Array(X.rows);
  eachColumn(X, (j, column) => {
    for (let i = 0; i < X.rows; i++) {
      let back = means?.[j] ?? 0;
      for (let a = 0; a < components.length; a++) back += scores.get(i, a) * components[a][j];
      squares[i] += (column[i] - back) ** 2;
    }
  });
  return squares.map(Math.sqrt);
}

/** Columns one by one, zeros and all. */
function eachColumn(X: Matrix, visit: (j: number, column: Float64Array) => void): void {
  const full = new Float64Array(X.rows);
  for (let j = 0; j < X.cols; j++) {
    if (X.kind === 'dense') visit(j, X.column(j));
    else {
      full.fill(0);
      for (let e = X.colPointers[j]; e < X.colPointers[j + 1]; e++) full[X.rowIndices[e]] = X.values[e];
      visit(j, full);
    }
  }
}
