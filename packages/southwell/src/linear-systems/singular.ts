import type { CscMatrix } from '@southwell/numerics/arrays';
import { multiply } from '@southwell/numerics/linalg';
import { columnOrder, equilibrate, refine, sparseQr } from '@southwell/numerics/sparse';
import { largestRank, ofQr } from './prepared.ts';
import { scaledSolver } from './scaled.ts';
import type { Prepared } from './solver.ts';

/** n signs without a pattern. */
const signs = (n: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => ((i * 2654435761) & 65536 ? 1 : -1));

/**
 * Whether and how a factored matrix is singular. One solve shows whether the condition number may be that large; only
 * then is it estimated, by ten more.
 */
export function singularity({ factor, determinant }: Prepared): string | undefined {
  if (!factor || !determinant) return undefined;
  if (determinant().sign === 0) return 'singular';
  const grown = factor.solve(signs(factor.n)).reduce((most, v) => Math.max(most, Math.abs(v)), 0) * factor.oneNorm;
  if (grown < 1e13) return undefined;
  return factor.reciprocalCondition() < Number.EPSILON ? 'singular to working precision' : undefined;
}

/** Fractions of its multiples are spread evenly. */
const GOLDEN = 0.6180339887498949;
/** Relative error up to which a solution is that of a nonsingular matrix. */
const ACCURATE = 0.1;

/**
 * Whether iterative refinement solves the scaled system all the same: condition numbers assume errors that are as large
 * for small entries as for large ones.
 */
export function isRefined(A: CscMatrix, { factor, determinant }: Prepared): boolean {
  if (!factor || determinant?.().sign === 0) return false;
  const { matrix, rows, cols } = equilibrate(A);
  try {
    const solver = {
      n: factor.n,
      solve: (b: Float64Array) => over(factor.solve(over(b, rows)), cols),
      solveTransposed: (b: Float64Array) => over(factor.solveTransposed(over(b, cols)), rows),
    };
    // Two known solutions that rounding does not leave exact, as it does with integers.
    return [0, 1].every((shift) => {
      const x = signs(A.cols).map((sign, j) => sign * (1 + (((j + 1) * GOLDEN + shift / 3) % 1)));
      const b = new Float64Array(A.rows);
      multiply(matrix, x, b);
      const found = refine(matrix, solver, b);
      const error = found.x.reduce((most, v, j) => Math.max(most, Math.abs(v - x[j])), 0);
      return found.forwardError < ACCURATE && error < ACCURATE;
    });
  } finally {
    matrix.free();
  }
}

/**
 * QR factors of a singular matrix that show its rank. Without pivoting, a column is found to depend on the others only
 * if its share of the null vector is not small: if none was, the one with the largest share, by a solve, is eliminated last.
 */
export function deficientQr(A: CscMatrix, { factor, determinant }: Prepared): Prepared {
  const qr = largestRank(A);
  if (qr.rank! < A.cols || !factor || determinant?.().sign === 0) return qr;
  const scaling = equilibrate(A);
  const { matrix, rows, cols } = scaling;
  try {
    const shares = over(factor.solve(over(signs(A.rows), rows)), cols);
    const last = shares.reduce((best, v, j) => (Math.abs(v) > Math.abs(shares[best]) ? j : best), 0);
    const order = columnOrder(matrix).filter((j) => j !== last);
    const found = ofQr(sparseQr(matrix, { ordering: [...order, last] }));
    const lower = found.rank! < qr.rank!;
    (lower ? qr : found).free();
    return lower ? scaledSolver({ ...found, weighted: true }, scaling) : qr;
  } finally {
    matrix.free();
  }
}

const over = (v: Float64Array, scales: Float64Array): Float64Array => v.map((x, i) => x / scales[i]);
