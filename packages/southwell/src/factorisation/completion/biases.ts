import type { Observed, ObservedRows } from './observed.ts';
import { exchange, firstOf, largestOn, sumOfEntries } from './shares.ts';

/** Prediction without factors: mean + row[i] + col[j]. */
export interface Biases {
  readonly mean: number;
  readonly row: Float64Array;
  readonly col: Float64Array;
}

/** Damping in units of entries: a row with a single entry gets a sixth of its deviation as bias. */
const DAMPING = 5;
const SWEEPS = 20;
/** Changes that are negligible, relative to the size of the values. */
const SETTLED = 1e-12;

/** The damped bias of a row from the residuals of its entries. */
export const damped = (left: readonly number[]): number =>
  left.reduce((sum, v) => sum + v, 0) / (DAMPING + left.length);

/** The mean, and row and column biases by damped alternating averages (Koren 2010). O(entries). */
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
    // Smaller changes are below the precision of anything computed from the biases.
    if (Math.max(moved, half(byRow, col, row)) <= SETTLED * size) break;
  }
  return { mean, row, col };
}
