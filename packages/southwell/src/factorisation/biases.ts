import type { Observed, ObservedRows } from './observed.ts';

/** What is predicted without factors: mean + row[i] + col[j]. */
export interface Biases {
  readonly mean: number;
  readonly row: Float64Array;
  readonly col: Float64Array;
}

/** Ratings that pull a bias towards zero: a row of one entry gets a sixth of its deviation. */
const DAMPING = 5;
const SWEEPS = 20;

/** The bias of a row from what else does not explain of its entries. */
export const damped = (left: readonly number[]): number =>
  left.reduce((sum, v) => sum + v, 0) / (DAMPING + left.length);

/** The mean, and deviations of rows and columns by damped alternating averages (Koren 2010). O(entries). */
export function fitBiases({ rows, cols, byCol, byRow }: Observed): Biases {
  const { values, weights } = byCol;
  let [total, weight] = [0, 0];
  for (let e = 0; e < values.length; e++) {
    const w = weights ? weights[e] : 1;
    total += w * values[e];
    weight += w;
  }
  const mean = weight > 0 ? total / weight : 0;
  const row = new Float64Array(rows);
  const col = new Float64Array(cols);
  const half = (rows: ObservedRows, other: Float64Array, out: Float64Array) => {
    for (let j = 0; j < rows.count; j++) {
      let [sum, w] = [0, DAMPING];
      for (let e = rows.pointers[j]; e < rows.pointers[j + 1]; e++) {
        const we = rows.weights ? rows.weights[e] : 1;
        sum += we * (rows.values[e] - mean - other[rows.indices[e]]);
        w += we;
      }
      out[j] = sum / w;
    }
  };
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    half(byCol, row, col);
    half(byRow, col, row);
  }
  return { mean, row, col };
}
