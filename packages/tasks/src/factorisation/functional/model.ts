import { applyEncoding, columnsToRead, type Encoding, type EncodingTally, type Table } from '@southwell/data';
import type { DenseMatrix } from 'southwell';
import { FunctionalTuckerModel, functionalRecords, type PlainFunctionalTucker } from 'southwell/functional-tensors';
import * as v from 'valibot';
import { share } from '../../declaration/option.ts';
import { savedFields } from '../../declaration/records.ts';
import { RequestError } from '../../errors.ts';
import { modelText, type Predictions, r2Score, savedAs, spread } from '../../saved-model.ts';

/** Files of functional tensors: the messages of entries to functions, from which a smoother recomputes them. */

const FORMAT = 'southwell-functional-tensor';
const finite = v.pipe(v.number(), v.finite());
const positive = v.pipe(finite, v.gtValue(0));
const notNegative = v.pipe(finite, v.minValue(0));
const { form, rank, kernel } = functionalRecords;
const schema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(1),
  axes: v.array(v.string()),
  target: v.string(),
  level: share(),
  parts: v.object({
    ...savedFields({ form, rank, kernel }),
    axes: v.array(
      v.object({
        ...{ low: finite, high: finite, lengthscale: positive, variance: positive },
        ...{ places: v.array(finite), precision: v.array(finite), vector: v.array(finite) },
      }),
    ),
    core: v.optional(v.array(finite)),
    corePrecision: v.optional(v.array(finite)),
    tau: positive,
    mean: finite,
    scale: notNegative,
    noise: v.optional(positive),
    scores: v.array(notNegative),
  }),
});

export const savedText = (
  parts: PlainFunctionalTucker,
  axes: readonly string[],
  target: string,
  level: number,
): string => modelText({ format: FORMAT, version: 1, axes, target, level, parts });

export const functionalSaved = savedAs(FORMAT, schema, (saved) => {
  const { axes, target, level, parts } = saved;
  if (axes.length !== parts.axes.length) return undefined;
  const rises = parts.axes.every(
    ({ places, low, high }) => low <= high && places.every((p, i) => i === 0 || p > places[i - 1]),
  );
  if (!rises) return undefined;
  let model: FunctionalTuckerModel;
  try {
    model = new FunctionalTuckerModel(parts);
  } catch {
    return undefined;
  }
  const encoding: Encoding = {
    ...{ version: 1, kind: 'columns', missing: 'drop-rows', sparse: false, featureNames: axes },
    features: axes.map((name) => ({ name, type: 'number' })),
    target: { name: target },
  };
  return {
    width: axes.length,
    reads: (names, file) => columnsToRead(encoding, names, file),
    predict(table, { proba = false, tally }) {
      if (proba)
        throw new RequestError('--proba needs a logistic or multinomial model; this one is a functional tensor.');
      return predictionsOf(model, level, table, encoding, tally);
    },
  };
});

/** Mean, standard deviation and interval at each row. */
export function predicted(model: FunctionalTuckerModel, indices: ReadonlyArray<ArrayLike<number>>, level: number) {
  const { mean, variance } = model.predict(indices);
  const sd = variance.map(Math.sqrt);
  const width = model.deviations(level);
  return {
    prediction: mean,
    sd,
    low: mean.map((m, n) => m - width * sd[n]),
    high: mean.map((m, n) => m + width * sd[n]),
  };
}

/** Number of rows beyond the range of an axis. */
export const beyond = ({ parts }: FunctionalTuckerModel, indices: ReadonlyArray<ArrayLike<number>>): number =>
  indices.filter((row) => parts.axes.some(({ low, high }, k) => row[k] < low || row[k] > high)).length;

function predictionsOf(
  model: FunctionalTuckerModel,
  level: number,
  table: Table,
  encoding: Encoding,
  tally: EncodingTally | undefined,
): Predictions {
  const design = applyEncoding(table, encoding, tally);
  const X = design.X as DenseMatrix;
  const columns = Array.from({ length: X.cols }, (_, k) => X.column(k));
  const indices = Array.from({ length: X.rows }, (_, i) => columns.map((column) => column[i]));
  const found = predicted(model, indices, level);
  const { y } = design;
  const known = y ? Array.from(y.keys()).filter((i) => Number.isFinite(y[i])) : [];
  return {
    columns: Object.fromEntries(
      Object.entries(found).map(([name, values]) => [name, spread(values, table.rows, design.rows)]),
    ),
    predicted: X.rows,
    ...(y && known.length > 0 && { score: r2Score(known, [y], [found.prediction]) }),
    notes: design.notes,
    counted: {
      'beyond the range of the axes of the fit: predictions become less certain there.': beyond(model, indices),
    },
  };
}
