import type { Observed, ObservedRows } from './observed.ts';
import { exchange, firstOf, largestOn, sumOfEntries } from './shares.ts';

/** What is predicted without factors: mean + row[i] + col[j]. */
export interface Biases {
  readonly mean: number;
  readonly row: Float64Array;
  readonly col: Float64Array;
}

/** Ratings that pull a bias towards zero: a row of one entry gets a sixth of its deviation. */
const DAMPING = 5;
const SWEEPS = 20;
/** Of the size of the values: changes that do not matter any more. */
const SETTLED = 1e-12;

/** The bias of a row from what else does not explain of its entries. */
export const damped = (left: readonly number[]): number =>
  left.reduce((sum, v) => sum + v, 0) / (DAMPING + left.length);

/** The mean, and deviations of rows and columns by damped alternating averages (Koren 2010). O(entries). */
export function fitBiases({ rows, cols, byCol, byRow }: Observed): Biases {
  const { values, weights } = byCol;
  const total = sumOfEntries(byCol, (e) => (weights ? weights[e] : 1) * values[e]);
  const weight = sumOfEntries(byCol, (e) => (weights ? weights[e] : 1));
  const mean = weight > 0 ? total / weight : 0;
  const size = largestOn(
    byCol,
    values.reduce((m, v) => Math.max(m, Math.abs(v - mean)), 0),
  );
  const row = new Float64Array(rows);
  const col = new Float64Array(cols);
  const half = (rows: ObservedRows, other: Float64Array, out: Float64Array) => {
    const { pointers, indices, values, weights } = rows;
    let moved = 0;
    const first = firstOf(rows);
    for (let j = 0; j < rows.count; j++) {
      const [begin, end] = [pointers[j], pointers[j + 1]];
      let sum = 0;
      let w = DAMPING;
      if (weights) {
        for (let e = begin; e < end; e++) {
          sum += weights[e] * (values[e] - mean - other[indices[e]]);
          w += weights[e];
        }
      } else {
        for (let e = begin; e < end; e++) sum += values[e] - mean - other[indices[e]];
        w += end - begin;
      }
      moved = Math.max(moved, Math.abs(sum / w - out[first + j]));
      out[first + j] = sum / w;
    }
    exchange(rows, out, 1);
    return largestOn(rows, moved);
  };
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const moved = half(byCol, row, col);
    // Below this nothing that is made of them can tell.
    if (Math.max(moved, half(byRow, col, row)) <= SETTLED * size) break;
  }
  return { mean, row, col };
}
