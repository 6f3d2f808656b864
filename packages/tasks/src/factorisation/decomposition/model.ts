import { DenseMatrix, type Matrix } from 'southwell';
import { nmfRecords, nmfScores, sparsePcaRecords, sparsePcaScores } from 'southwell/factorisation';
import * as v from 'valibot';
import { savedFields } from '../../declaration/records.ts';
import { encodedRows, encodingSchema, readsOf, vector } from '../../encoded.ts';
import { modelText, savedAs } from '../../saved-model.ts';

/** Files of components, which give scores of new rows. */

const FORMAT = 'southwell-components';
const { loss, alpha, l1Ratio } = savedFields(nmfRecords);
const { ridge } = savedFields(sparsePcaRecords);
const schema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(1),
  encoding: encodingSchema,
  /** Standard deviations by which columns are divided, before means are subtracted. */
  deviations: v.optional(vector),
  means: v.optional(vector),
  /** A list of loadings for each component, one for each column. */
  components: v.pipe(v.array(vector), v.nonEmpty()),
  /** How scores are computed. */
  scoring: v.variant('by', [
    v.object({ by: v.literal('projection') }),
    v.object({ by: v.literal('ridge'), ridge }),
    v.object({
      by: v.literal('non-negative'),
      loss,
      alpha: v.optional(alpha),
      l1Ratio: v.optional(l1Ratio),
    }),
  ]),
});
export type SavedComponents = v.InferOutput<typeof schema>;

export const savedText = (saved: Omit<SavedComponents, 'format' | 'version'>): string =>
  modelText<SavedComponents>({ format: FORMAT, version: 1, ...saved });

/** Scores on given components are a convex problem, solved to convergence whatever the tolerance of the fit. */
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

/** Distance of each row from its reconstruction, in the units of the fit. O(values · components). */
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

/** Visits the columns one by one, as dense arrays. */
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
