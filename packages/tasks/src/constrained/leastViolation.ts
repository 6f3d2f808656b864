import { CscMatrix } from '@southwell/numerics/arrays';
import type { Model } from '@southwell/numerics/expressions';

/**
 * The linear program whose solution violates the rows of a model least, each relative to its side: a variable for each
 * finite side takes up the violation. Its first variables are those of the model.
 */
export function leastViolation(model: Model): Model {
  const { variables, rows } = model;
  const n = variables.names.length;
  const entries: Array<{ readonly row: number; readonly sign: 1 | -1; readonly weight: number }> = [];
  rows.names.forEach((_, row) => {
    const [lower, upper] = [rows.lower[row], rows.upper[row]];
    const weight = (side: number) => 1 / Math.max(1, Math.abs(side));
    if (Number.isFinite(lower)) entries.push({ row, sign: 1, weight: weight(lower) });
    if (Number.isFinite(upper)) entries.push({ row, sign: -1, weight: weight(upper) });
  });
  const extended = (values: ArrayLike<number>, more: (k: number) => number) =>
    Float64Array.from({ length: n + entries.length }, (_, k) => (k < n ? values[k] : more(k - n)));
  const { colPointers, rowIndices, values } = rows.linear;
  return {
    name: model.name,
    variables: {
      names: [...variables.names, ...entries.map((_, k) => `violation ${k + 1}`)],
      lower: extended(variables.lower, () => 0),
      upper: extended(variables.upper, () => Number.POSITIVE_INFINITY),
      integer: Uint8Array.from({ length: n + entries.length }, (_, k) => variables.integer[k] ?? 0),
    },
    rows: {
      ...{ names: rows.names, lower: rows.lower, upper: rows.upper },
      linear: CscMatrix.fromColumns(
        rows.names.length,
        n + entries.length,
        [...colPointers, ...entries.map((_, k) => values.length + k + 1)],
        [...rowIndices, ...entries.map(({ row }) => row)],
        [...values, ...entries.map(({ sign }) => sign)],
      ),
    },
    objective: {
      ...{ name: 'violation', sense: 'minimize' as const, constant: 0 },
      linear: extended(new Float64Array(n), (k) => entries[k].weight),
    },
    suffixes: [],
  };
}
