import type { Column, Table } from '@southwell/data';
import { ChebyshevTucker } from 'southwell/functional-tensors';
import * as v from 'valibot';
import { RequestError } from '../../errors.ts';
import { modelText, type Predictions, savedAs } from '../../saved-model.ts';
import { noNumber } from '../completion/entries.ts';
import { AXES } from './grid.ts';

/** Files of functions as Chebyshev series: values and first derivatives at any point of their domain. */

const FORMAT = 'southwell-chebyshev-tucker';
const finite = v.pipe(v.number(), v.finite());
const interval = v.tuple([finite, finite]);
const schema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(1),
  model: v.object({
    kind: v.literal('chebyshev-tucker'),
    domain: v.tuple([interval, interval, interval]),
    shape: v.array(v.pipe(v.number(), v.integer(), v.minValue(1))),
    core: v.array(finite),
    coefficients: v.array(v.array(finite)),
  }),
});

export function savedText(model: ChebyshevTucker): string {
  const { kind, domain, shape, core, coefficients } = model.toJSON();
  return modelText({ format: FORMAT, version: 1, model: { kind, domain, shape, core, coefficients } });
}

export const chebyshevSaved = savedAs(FORMAT, schema, ({ model }) => {
  try {
    const form = ChebyshevTucker.fromJSON(model);
    return { predict: (table) => predictionsOf(form, table) };
  } catch {
    // The lengths do not match a matrix of that shape.
    return undefined;
  }
});

function predictionsOf(model: ChebyshevTucker, table: Table): Predictions {
  const columns = placesIn(table);
  const rows: number[] = [];
  const points: number[][] = [];
  let [outside, without] = [0, 0];
  for (let i = 0; i < table.rows; i++) {
    const at = columns.map((values) => values[i]);
    if (!at.every(Number.isFinite)) without++;
    else if (at.some((place, k) => place < model.domain[k][0] || place > model.domain[k][1])) outside++;
    else {
      rows.push(i);
      points.push(at);
    }
  }
  const spread = (values: Float64Array): Array<number | null> => {
    const out = new Array<number | null>(table.rows).fill(null);
    rows.forEach((i, n) => {
      out[i] = values[n];
    });
    return out;
  };
  const value = spread(model.evaluate(points));
  const truth = table.columns.find((c) => c.name === 'value');
  const known = truth?.type === 'number' ? rows.filter((i) => Number.isFinite(truth.values[i])) : [];
  const squares = known.reduce(
    (sum, i) => sum + ((truth!.type === 'number' ? truth!.values[i] : 0) - value[i]!) ** 2,
    0,
  );
  return {
    columns: {
      ...Object.fromEntries(
        AXES.map((axis, k) => [axis, Array.from(columns[k], (place) => (Number.isNaN(place) ? null : place))]),
      ),
      value,
      ...Object.fromEntries(AXES.map((axis, k) => [`d_${axis}`, spread(model.derivative(k).evaluate(points))])),
    },
    predicted: rows.length,
    ...(known.length > 0 && {
      score: { name: 'RMSE', value: Math.sqrt(squares / known.length), rows: known.length },
    }),
    notes: [],
    counted: {
      'outside of the domain: no value.': outside,
      'without coordinates: no value.': without,
    },
  };
}

/** Columns named x, y and z, or the first three. */
function placesIn(table: Table): Float64Array[] {
  const named = AXES.map((axis) => table.columns.find((c) => c.name === axis));
  const found = named.every((c) => c !== undefined) ? (named as Column[]) : table.columns.slice(0, 3);
  if (found.length < 3) {
    throw new RequestError(`${table.name} must have columns x, y and z, or any three in this order.`);
  }
  return found.map((column) => {
    if (column.type !== 'number') throw noNumber(table, column);
    return column.values;
  });
}
