import { gemmWorkBytes } from '@southwell/kernels';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, type Iterate } from '@southwell/numerics/core';
import { leadingEigenspace } from '@southwell/numerics/krylov';
import { multiply } from '@southwell/numerics/linalg';
import type { Neighbours } from '@southwell/numerics/neighbours';

export interface PrincipalComponents {
  readonly mean: Float64Array;
  /** cols × k: orthonormal directions, in order of decreasing variance. */
  readonly directions: DenseMatrix;
  readonly variances: Float64Array;
}

/** Before the first cycle there are neither components nor an objective. */
export type ComponentIterate = Iterate<PrincipalComponents | undefined, undefined>;

/**
 * The first k principal components of the rows of X: the Gram matrix by blocks of rows, then its leading eigenspace to
 * a residual of 1e-8, the certificate; `iteration-limit` after 200 cycles. O(n·d² + d²k).
 * @throws EMPTY, INVALID_PARAMETER.
 */
export function* principalComponentIterates(X: DenseMatrix, k: number): Generator<ComponentIterate> {
  const { rows: n, cols: d } = X;
  if (n === 0) fail('EMPTY', 'PCA needs at least one row.');
  if (!Number.isInteger(k) || k < 1 || k > d) {
    fail('INVALID_PARAMETER', `The number of components must be a whole number from 1 to ${d}, not ${k}.`);
  }
  const mean = new Float64Array(d);
  for (let j = 0; j < d; j++) for (const v of X.column(j)) mean[j] += v / n;
  const covariance = DenseMatrix.create(d, d);
  const BLOCK = 256;
  const block = DenseMatrix.create(Math.min(BLOCK, n), d);
  const part = DenseMatrix.create(d, d, { arena: block.arena });
  const scratch = block.arena.scratch();
  try {
    const work = scratch.f64(Math.ceil(gemmWorkBytes(d, d, block.rows) / 8));
    for (let from = 0; from < n; from += BLOCK) {
      const count = Math.min(BLOCK, n - from);
      const [to, values] = [block.data, X.data];
      for (let j = 0; j < d; j++)
        for (let i = 0; i < count; i++) to[j * block.rows + i] = values[j * n + from + i] - mean[j];
      block.arena.kernels.syrk(false, d, count, block.pointer, block.rows, part.pointer, d, work.pointer);
      const [sum, add] = [covariance.data, part.data];
      for (let t = 0; t < sum.length; t++) sum[t] += add[t] / n;
      const metrics = { fraction: (from + count) / n };
      yield { iteration: 0, objective: undefined, metrics, work: {}, snapshot: () => undefined };
    }
    let iteration = 0;
    for (const { values, vectors, residual } of leadingEigenspace((v, out) => multiply(covariance, v, out), d, k)) {
      iteration++;
      const done = residual <= RESIDUAL ? 'converged' : iteration === CYCLES ? 'iteration-limit' : undefined;
      yield {
        iteration,
        objective: undefined,
        certificate: { kind: 'kktResidual', value: residual, relative: residual },
        work: {},
        done,
        snapshot: () => ({ mean, directions: DenseMatrix.fromColumns(vectors), variances: values }),
      };
      if (done) return;
    }
  } finally {
    scratch.release();
    for (const matrix of [covariance, block, part]) matrix.free();
  }
}

const RESIDUAL = 1e-8;
const CYCLES = 200;

/**
 * Projects the centred rows of X onto the components: n × k. O(n·d·k).
 * @throws INVALID_SHAPE.
 */
export function project(X: DenseMatrix, { mean, directions }: PrincipalComponents): DenseMatrix {
  const { rows: n } = X;
  const { cols: k, rows: d } = directions;
  if (X.cols !== d) fail('INVALID_SHAPE', `The components have ${d} columns, but X has ${X.cols}.`);
  const out = DenseMatrix.create(n, k);
  for (let c = 0; c < k; c++) {
    const v = directions.column(c);
    const column = new Float64Array(n);
    multiply(X, v, column);
    let shift = 0;
    for (let j = 0; j < d; j++) shift += mean[j] * v[j];
    for (let p = 0; p < n; p++) column[p] -= shift;
    out.column(c).set(column);
  }
  return out;
}

/**
 * The scale factor that makes the mean squared distance to the last of the given neighbours 1, so that a relaxation
 * with entropy of weight 1 is neither uniform nor hard; 1 if all points coincide. O(n).
 */
export function neighbourScale({ k, squaredDistances }: Neighbours): number {
  let sum = 0;
  let count = 0;
  for (let t = k - 1; t < squaredDistances.length; t += k, count++) sum += squaredDistances[t];
  return sum > 0 ? Math.sqrt(count / sum) : 1;
}
