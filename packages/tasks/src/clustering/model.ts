import { DenseMatrix } from 'southwell';
import { mixturePosteriors, nearestPrototypes } from 'southwell/clustering';
import * as v from 'valibot';
import { denseRows, encodedRows, encodingSchema, readsOf, vector } from '../encoded.ts';
import { RequestError } from '../errors.ts';
import { modelText, savedAs } from '../saved-model.ts';

/** Saved clusterings, which assign new rows to the nearest prototype, or to a component of a mixture. */

const FORMAT = 'southwell-clusters';
const schema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(1),
  method: v.string(),
  names: v.array(v.union([v.string(), v.number()])),
  encoding: encodingSchema,
  /** Scales by which columns were divided; prototypes are in these units. */
  deviations: v.optional(vector),
  /** One list for each cluster. */
  prototypes: v.array(vector),
  mixture: v.optional(v.object({ weights: vector, covariances: v.array(vector), ridge: v.number() })),
});
export type SavedClusters = v.InferOutput<typeof schema>;

export const savedText = (saved: Omit<SavedClusters, 'format' | 'version'>): string =>
  modelText<SavedClusters>({ format: FORMAT, version: 1, ...saved });

export const clustersSaved = savedAs(FORMAT, schema, ({ names, encoding, deviations, method, ...saved }) => {
  const k = names.length;
  const d = encoding.featureNames.length;
  const { mixture } = saved;
  const shaped =
    saved.prototypes.length === k &&
    saved.prototypes.every((prototype) => prototype.length === d) &&
    (!deviations || deviations.length === d) &&
    (!mixture || (mixture.weights.length === k && mixture.covariances.length === k));
  if (!shaped) return undefined;
  const prototypes = DenseMatrix.fromRows(saved.prototypes);
  return {
    ...readsOf(encoding),
    predict(table, { proba = false, tally }) {
      if (proba && !mixture) throw new RequestError(`{proba} needs a mixture; these clusters were found by ${method}.`);
      const { X, notes, spread, free } = encodedRows(table, encoding, deviations, tally);
      const dense = denseRows(X);
      if (!mixture) {
        const own = nearestPrototypes(dense, prototypes);
        free();
        return { columns: { cluster: spread(Array.from(own, (c) => names[c])) }, predicted: own.length, notes };
      }
      const soft = mixturePosteriors(dense, {
        prototypes,
        weights: Float64Array.from(mixture.weights),
        covariances: mixture.covariances.map((S) => Float64Array.from(S)),
        ridge: mixture.ridge,
      });
      const own = Int32Array.from({ length: soft.rows }, (_, i) => {
        let best = 0;
        for (let c = 1; c < k; c++) if (soft.get(i, c) > soft.get(i, best)) best = c;
        return best;
      });
      free();
      const all = names.map((name, c) => [`probability_${name}`, spread(soft.column(c))] as const);
      return {
        columns: {
          cluster: spread(Array.from(own, (c) => names[c])),
          probability: spread(Array.from(own, (c, i) => soft.get(i, c))),
          ...(proba && Object.fromEntries(all)),
        },
        predicted: own.length,
        notes,
      };
    },
  };
});
