import type { FunctionalTuckerModel } from './model.ts';

/** Checked data, of which subsets are fitted. */
export interface Data {
  readonly columns: readonly Float64Array[];
  readonly scales: ReadonlyArray<{ readonly low: number; readonly high: number }>;
  readonly values: Float64Array;
  readonly noise?: number | Float64Array;
}

/** Errors of a model on held-out rows. */
export function judge({ columns, values }: Data, rows: Int32Array, model: FunctionalTuckerModel) {
  const indices = Array.from(rows, (n) => columns.map((column) => column[n]));
  const { mean, variance } = model.predict(indices);
  const off = Float64Array.from(rows, (n, i) => Math.abs(values[n] - mean[i]));
  const error = Math.sqrt(off.reduce((sum, e) => sum + e * e, 0) / off.length);
  const seen = new Set(rows);
  let [sum, count] = [0, 0];
  for (let n = 0; n < values.length; n++) {
    if (seen.has(n)) continue;
    sum += values[n];
    count++;
  }
  const others = sum / count;
  return {
    error,
    mean: Math.sqrt(rows.reduce((total, n) => total + (values[n] - others) ** 2, 0) / rows.length),
    scores: [...off.map((e, i) => e / Math.sqrt(variance[i]))].sort((a, b) => a - b),
  };
}
