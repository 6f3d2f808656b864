import { type Encoding, readSafetensors, type Table, writeSafetensors } from '@southwell/data';
import { decodePlain, encodePlain, fail } from '@southwell/numerics/core';
import type { DenseMatrix } from 'southwell';
import {
  type DeepVariates,
  deepCcaRecords,
  deepVariatesFrom,
  deepVariatesPlain,
  type SavedDeepVariates,
} from 'southwell/training';
import * as v from 'valibot';
import { savedFields } from '../../declaration/records.ts';
import { denseRows, encodedRows, encodingSchema, vector } from '../../encoded.ts';
import { type SavedModels, savedData } from '../../saved-model.ts';
import { viewPredictions } from '../cca/viewPredictions.ts';

/** Files of deep variates: the encodings of tables for both networks, the networks, and the variates of their codes. */

const FORMAT = 'southwell-deep-variates';
/** Means that are subtracted from columns, and standard deviations by which they are divided. */
const scaling = v.object({ means: vector, deviations: vector });
const view = v.object({ encoding: encodingSchema, scaling });
const schema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(1),
  command: v.string(),
  views: v.tuple([view, view]),
  variates: v.object({
    ...savedFields({ dtype: deepCcaRecords.dtype }),
    networks: v.array(v.instance(Uint8Array) as v.GenericSchema<Uint8Array>),
    shapes: v.array(v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(1)))),
    weights: v.array(v.array(vector)),
    means: v.array(vector),
    eigenvalues: vector,
  }) as v.GenericSchema<unknown, SavedDeepVariates>,
});
export type Scaling = v.InferOutput<typeof scaling>;

export const deepVariatesText = (
  command: string,
  views: ReadonlyArray<{ readonly encoding: Encoding; readonly scaling: Scaling }>,
  model: DeepVariates,
): string =>
  `${encodePlain({ format: FORMAT, version: 1, command, views, variates: deepVariatesPlain(model, writeSafetensors) })}\n`;

/** Standardises the columns of X in place. */
export function scaled(X: DenseMatrix, { means, deviations }: Scaling): DenseMatrix {
  for (let j = 0; j < X.cols; j++) {
    const column = X.column(j);
    for (let i = 0; i < column.length; i++) column[i] = (column[i] - means[j]) / deviations[j];
  }
  return X;
}

export const deepVariatesSaved: SavedModels = {
  formats: [FORMAT],
  load(text) {
    const { views, variates } = savedData(FORMAT, schema, decodePlain(text));
    const model = deepVariatesFrom(variates, readSafetensors);
    const fits = views.every(({ encoding, scaling: { means, deviations } }, side) => {
      const width = encoding.featureNames.length;
      return [means.length, deviations.length, variates.shapes[side][0]].every((size) => size === width);
    });
    if (!fits || variates.networks.length !== views.length)
      fail('INVALID_FORMAT', 'the sizes of its parts do not match.');
    const parts = views.map(({ encoding, scaling: own }, side) => ({
      encoding,
      scores: (table: Table) => {
        const { X, spread, notes } = encodedRows(table, encoding);
        const Z = X.rows > 0 ? model.transformView(side, scaled(denseRows(X), own)) : undefined;
        const none = new Float64Array(0);
        return {
          columns: variates.eigenvalues.map((_, c) => spread<number>(Z ? Z.column(c) : none)),
          ...{ notes, rows: X.rows },
        };
      },
    }));
    return { predict: (table) => viewPredictions(parts, table) };
  },
};
