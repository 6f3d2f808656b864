import type { DenseMatrix } from '@southwell/numerics/arrays';
import type { InputMoments } from './moments.ts';

/** Added to norms by NoWag (Liu et al. 2025), so that empty rows and columns stay 0. */
const NORM_FLOOR = 1e-5;

/** Weights divided by the norms of their columns, then of the rows of the result: W_ij/(r1_j·r2_i). */
export interface Normalised {
  readonly values: Float64Array;
  /** r2, a factor for each row (output). */
  readonly rows: Float64Array;
  /** r1, a factor for each column (input). */
  readonly columns: Float64Array;
}

/** NoWag's normalisation; column after column. O(size). */
export function normalised(W: DenseMatrix): Normalised {
  const { rows: m, cols: n, data } = W;
  const columns = new Float64Array(n);
  const rows = new Float64Array(m);
  const values = Float64Array.from(data);
  for (let j = 0; j < n; j++) {
    let s = 0;
    for (let i = 0; i < m; i++) s += data[j * m + i] ** 2;
    columns[j] = Math.sqrt(s) + NORM_FLOOR;
    for (let i = 0; i < m; i++) {
      values[j * m + i] /= columns[j];
      rows[i] += values[j * m + i] ** 2;
    }
  }
  for (let i = 0; i < m; i++) rows[i] = Math.sqrt(rows[i]) + NORM_FLOOR;
  for (let j = 0; j < n; j++) for (let i = 0; i < m; i++) values[j * m + i] /= rows[i];
  return { values, rows, columns };
}

/** |W_ij|. */
export const magnitudeScores = (W: DenseMatrix): Float64Array => W.data.map(Math.abs);

/** |W_ij|·‖x_j‖ (Sun et al., Wanda, 2024). */
export function wandaScores(W: DenseMatrix, { diagonal }: InputMoments): Float64Array {
  const { rows, cols, data } = W;
  const scores = new Float64Array(data.length);
  for (let j = 0, at = 0; j < cols; j++) {
    const norm = Math.sqrt(diagonal[j]);
    for (let i = 0; i < rows; i++, at++) scores[at] = Math.abs(data[at]) * norm;
  }
  return scores;
}

/** Squared normalised weights times the mean square of their input (NoWag-P, Liu et al. 2025). */
export function nowagScores(W: DenseMatrix, { diagonal, samples }: InputMoments): Float64Array {
  const { values } = normalised(W);
  const m = W.rows;
  const scores = new Float64Array(values.length);
  for (let at = 0; at < values.length; at++)
    scores[at] = (values[at] ** 2 * diagonal[Math.floor(at / m)]) / Math.max(1, samples);
  return scores;
}
