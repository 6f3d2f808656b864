import type { Model } from '@southwell/numerics/expressions';
import { IN_OBJECTIVE, IN_ROWS, type Uses } from './writeExpressions.ts';

/** The order that the format asks for: nonlinear variables and rows first. */
export interface Layout {
  /** The model's variable at each place in the file. */
  readonly variables: Int32Array;
  readonly rows: Int32Array;
  readonly nonlinearRows: number;
  /** Number of variables of each group, in order. */
  readonly groups: readonly number[];
}

/** Groups of variables: nonlinear in rows and objective, in rows, in the objective, each continuous before whole. */
const [BOTH, ROWS, OBJECTIVE, LINEAR, BINARY, INTEGER] = [0, 2, 4, 6, 7, 8];
const GROUPS = 9;

export function layoutOf(model: Model, uses: Uses | undefined): Layout {
  const { integer, lower, upper } = model.variables;
  const n = lower.length;
  const inQuadratic = new Uint8Array(n);
  const { quadratic } = model.objective;
  if (quadratic)
    for (let j = 0; j < n; j++)
      if (quadratic.colPointers[j + 1] > quadratic.colPointers[j]) inQuadratic[j] = IN_OBJECTIVE;
  const group = Int32Array.from(integer, (whole, j) => {
    const occurs = (uses?.occurs[j] ?? 0) | inQuadratic[j];
    if (occurs === (IN_ROWS | IN_OBJECTIVE)) return BOTH + whole;
    if (occurs === IN_ROWS) return ROWS + whole;
    if (occurs === IN_OBJECTIVE) return OBJECTIVE + whole;
    if (whole === 0) return LINEAR;
    return lower[j] === 0 && upper[j] === 1 ? BINARY : INTEGER;
  });
  const groups = new Array<number>(GROUPS).fill(0);
  for (const g of group) groups[g]++;
  const m = model.rows.lower.length;
  const nonlinear = new Uint8Array(m);
  for (const row of model.nonlinear?.rows ?? []) if (row >= 0) nonlinear[row] = 1;
  const variables = Int32Array.from(group.keys()).sort((i, j) => group[i] - group[j] || i - j);
  const rows = Int32Array.from(nonlinear.keys()).sort((i, j) => nonlinear[j] - nonlinear[i] || i - j);
  return { variables, rows, nonlinearRows: nonlinear.reduce((sum, is) => sum + is, 0), groups };
}
