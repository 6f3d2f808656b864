import { DenseMatrix } from '@southwell/numerics/arrays';
import { createSketch, leverageScores, type SketchKind } from '@southwell/numerics/sketches';
import type { SketchProblem } from './problem.ts';
import type { Refinement } from './refinements.ts';

/** SA and Sb, with columns in the units of the data; A itself if it has no more rows than its sketch. */
export function drawn(
  problem: SketchProblem,
  rows: number,
  sketch: Exclude<SketchKind, 'tensor-srht'>,
  seed: number,
): { readonly SA: DenseMatrix; readonly Sb: Float64Array; readonly kind: SketchKind | 'none' } {
  const { matrix, n, d, cols, roots, right, intercept } = problem;
  if (rows >= n) {
    const SA = DenseMatrix.create(n, d);
    if (intercept) SA.column(cols).set(roots ?? new Float64Array(n).fill(1));
    for (let j = 0; j < cols; j++) {
      const to = SA.column(j);
      if (matrix.kind === 'dense') to.set(matrix.column(j));
      else {
        const { colPointers, rowIndices, values } = matrix;
        for (let k = colPointers[j]; k < colPointers[j + 1]; k++) to[rowIndices[k]] = values[k];
      }
      if (roots) for (let i = 0; i < n; i++) to[i] *= roots[i];
    }
    return { SA, Sb: right.slice(), kind: 'none' };
  }
  const options = {
    ...(sketch === 'osnap' && { entries: Math.min(rows, rows >= 16 * d ? 4 : 8) }),
    ...(sketch === 'leverage-rows' && { scores: leverageScores(matrix, { seed: seed + 1 }) }),
  };
  const drawn = createSketch(sketch, n, rows, seed, options);
  const Sb = drawn.applyVector(right);
  const SA = drawn.apply(matrix, roots);
  if (!intercept) return { SA, Sb, kind: sketch };
  const wider = DenseMatrix.create(SA.rows, d);
  wider.data.set(SA.data);
  wider.column(cols).set(drawn.applyVector(roots ?? new Float64Array(n).fill(1)));
  SA.free();
  return { SA: wider, Sb, kind: sketch };
}

/** The sketch with scaled columns, and the rows of the ridge beneath it; frees SA. */
export function withRidge(
  problem: SketchProblem,
  SA: DenseMatrix,
  Sb: Float64Array,
): { readonly stacked: DenseMatrix; readonly right: Float64Array } {
  const { d, columns, ridge, ridgeRows } = problem;
  const low = ridge > 0 ? d : 0;
  const m = SA.rows;
  const stacked = DenseMatrix.create(m + low, d);
  for (let j = 0; j < d; j++) {
    const [from, to] = [SA.column(j), stacked.column(j)];
    for (let i = 0; i < m; i++) to[i] = from[i] / columns[j];
    if (low > 0) to[m + j] = ridgeRows[j];
  }
  SA.free();
  const right = new Float64Array(m + low);
  right.set(Sb);
  return { stacked, right };
}

/** Maximum number of rows for which the positions in a sparse sketch, four columns at a time, stay in the L2 cache. */
const MOST_ROWS = 32_768;
/** A step costs as much per row as this many columns of the factorisation per row of the sketch. */
const STEP = 8;

/**
 * 4d/ε² for a sketch without refinement; otherwise the number of rows that minimises the cost of steps and
 * factorisation, with about ln(1/ε)/ln √(m/d) steps.
 */
export function defaultRows(n: number, d: number, refine: Refinement, epsilon: number): number {
  if (refine === 'none') return Math.max(d + 8, Math.ceil((4 * d) / epsilon ** 2));
  let best = { rows: Number.POSITIVE_INFINITY, cost: Number.POSITIVE_INFINITY };
  for (let rows = Math.max(4 * d, 100); rows <= Math.max(4 * d, MOST_ROWS); rows = Math.ceil(1.25 * rows)) {
    const cost = rows + ((72 / Math.log(rows / d)) * STEP * n) / d;
    if (cost < best.cost) best = { rows, cost };
  }
  // If A has at most four times the rows, it is its own sketch.
  return 2 * best.rows >= n ? n : best.rows;
}
