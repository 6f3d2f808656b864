import type { SparseFunctions } from '@southwell/numerics/expressions';

/** A derivative that differs from what differences of the functions say. */
export interface DerivativeMismatch {
  readonly of: 'objective' | 'constraint';
  /** Number of the constraint, from 0. */
  readonly row?: number;
  /** Number of the variable, from 0. */
  readonly variable: number;
  readonly given: number;
  readonly byDifferences: number;
}

/** Step and tolerance of differences, relative to max(1, |x|) and to the size of the derivatives. */
const [STEP, TOLERANCE] = [Number.EPSILON ** (1 / 3), 1e-5];

/**
 * Compares first derivatives with central differences at a point. Entries that are missing in the pattern of the
 * Jacobian count as zero. 2·variables evaluations.
 * @returns The derivatives that differ by more than 1e-5 of their size, the worst first.
 */
export function checkDerivatives(functions: SparseFunctions, x: Float64Array): readonly DerivativeMismatch[] {
  const { variables: n, constraints: m, jacobian } = functions;
  const gradient = new Float64Array(n);
  functions.gradient(x, gradient);
  const J = new Float64Array(jacobian.rowIndices.length);
  functions.jacobianValues(x, J);
  const [up, down] = [new Float64Array(m), new Float64Array(m)];
  const found: Array<DerivativeMismatch & { readonly error: number }> = [];
  const compare = (
    given: number,
    byDifferences: number,
    size: number,
    rest: Pick<DerivativeMismatch, 'of' | 'row' | 'variable'>,
  ) => {
    const error = Math.abs(given - byDifferences) / Math.max(1, size, Math.abs(given), Math.abs(byDifferences));
    if (!(error <= TOLERANCE))
      found.push({ ...rest, given, byDifferences, error: Number.isNaN(error) ? Infinity : error });
  };
  const moved = x.slice();
  const column = new Float64Array(m);
  for (let j = 0; j < n; j++) {
    const step = STEP * Math.max(1, Math.abs(x[j]));
    moved[j] = x[j] + step;
    const width = moved[j] - (x[j] - step);
    const above = functions.objective(moved);
    functions.constraintValues(moved, up);
    moved[j] = x[j] - step;
    const below = functions.objective(moved);
    functions.constraintValues(moved, down);
    moved[j] = x[j];
    // Rounding errors of the values limit what differences can tell.
    const rounding = (value: number) => (Math.abs(value) * Number.EPSILON) / step / TOLERANCE;
    compare(gradient[j], (above - below) / width, rounding(above), { of: 'objective', variable: j });
    column.fill(0);
    for (let k = jacobian.colPointers[j]; k < jacobian.colPointers[j + 1]; k++) column[jacobian.rowIndices[k]] = J[k];
    for (let i = 0; i < m; i++) {
      compare(column[i], (up[i] - down[i]) / width, rounding(up[i]), { of: 'constraint', row: i, variable: j });
    }
  }
  return found.sort((a, b) => b.error - a.error).map(({ error: _, ...rest }) => rest);
}
