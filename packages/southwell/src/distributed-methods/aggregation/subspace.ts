import type { Iterate } from '@southwell/numerics/core';
import { symmetricEigen } from '@southwell/numerics/linalg';

/** Columns in coordinates of the space that they span. */
export interface Columns {
  readonly rank: number;
  /** rank × n, column by column. */
  readonly X: Float64Array;
  /** Consecutive columns that are weighted together, all of them; `target` is the largest ‖Yᵀx‖² of a term. */
  readonly terms: ReadonlyArray<{
    readonly first: number;
    readonly count: number;
    readonly base: number;
    readonly target: number;
  }>;
}

export interface Subspace {
  /** rank × m, orthonormal, column by column. */
  readonly V: Float64Array;
  /** ‖Vᵀx‖² of each term. */
  readonly captured: Float64Array;
}

/** Keeps the weights of terms that are captured in full finite. */
const SMOOTHING = 1e-7;

/** Σ over terms of weight·x xᵀ. */
function weightedMoment({ rank, X, terms }: Columns, weights: Float64Array): Float64Array {
  const M = new Float64Array(rank * rank);
  terms.forEach(({ first, count }, t) => {
    for (let c = first; c < first + count; c++) {
      const x = X.subarray(c * rank, (c + 1) * rank);
      for (let i = 0; i < rank; i++) {
        const scaled = weights[t] * x[i];
        for (let j = 0; j <= i; j++) M[i * rank + j] += scaled * x[j];
      }
    }
  });
  for (let i = 0; i < rank; i++) for (let j = 0; j < i; j++) M[j * rank + i] = M[i * rank + j];
  return M;
}

/** The m leading eigenvectors, column by column. */
function leadingVectors(M: Float64Array, n: number, m: number): Float64Array {
  const { values, vectors } = symmetricEigen(M, n);
  const order = Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
  const V = new Float64Array(n * m);
  for (let c = 0; c < m; c++) for (let i = 0; i < n; i++) V[c * n + i] = vectors[i * n + order[c]];
  return V;
}

/**
 * ‖Vᵀx‖² of each term, and what it lacks to the target. Where the target is the sum of squares, this is the sum of squares
 * of what is outside the subspace, without cancellation.
 */
function captured({ rank, X, terms }: Columns, V: Float64Array, m: number) {
  const [inside, lacking] = [new Float64Array(terms.length), new Float64Array(terms.length)];
  const rest = new Float64Array(rank);
  terms.forEach(({ first, count, target }, t) => {
    let outside = 0;
    for (let c = first; c < first + count; c++) {
      rest.set(X.subarray(c * rank, (c + 1) * rank));
      for (let j = 0; j < m; j++) {
        let dot = 0;
        for (let i = 0; i < rank; i++) dot += V[j * rank + i] * rest[i];
        for (let i = 0; i < rank; i++) rest[i] -= dot * V[j * rank + i];
        inside[t] += dot * dot;
      }
      for (let i = 0; i < rank; i++) outside += rest[i] * rest[i];
    }
    lacking[t] = target === count ? outside : Math.max(0, target - inside[t]);
  });
  return { inside, lacking };
}

/** ‖(I − VVᵀ) M V‖_F. */
function gradientNorm(M: Float64Array, V: Float64Array, n: number, m: number): number {
  let square = 0;
  const y = new Float64Array(n);
  for (let c = 0; c < m; c++) {
    for (let i = 0; i < n; i++) {
      y[i] = 0;
      for (let j = 0; j < n; j++) y[i] += M[i * n + j] * V[c * n + j];
    }
    for (let d = 0; d < m; d++) {
      let dot = 0;
      for (let i = 0; i < n; i++) dot += V[d * n + i] * y[i];
      for (let i = 0; i < n; i++) y[i] -= dot * V[d * n + i];
    }
    for (let i = 0; i < n; i++) square += y[i] * y[i];
  }
  return Math.sqrt(square);
}

/**
 * Iteratively reweighted least squares for the subspace of m dimensions with the least Σ base·√(target − ‖Vᵀx‖² + 10⁻⁷) over
 * terms: each pass minimises a quadratic majorant of it, so that the objective never rises. Iterate t is the subspace of pass t.
 * Ends `converged` if there is only one subspace, and `stalled` when rounding keeps both the objective and its gradient from falling.
 */
export function* subspaceIterates(columns: Columns, m: number): Generator<Iterate<Subspace>> {
  const { rank, terms } = columns;
  const base = Float64Array.from(terms, (term) => term.base);
  const scale = terms.reduce((sum, term) => sum + term.base, 0);
  let M = weightedMoment(columns, base);
  let [before, steepest] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let iteration = 1; ; iteration++) {
    const V = leadingVectors(M, rank, m);
    const { inside, lacking } = captured(columns, V, m);
    const roots = lacking.map((lack) => Math.sqrt(lack + SMOOTHING));
    const objective = roots.reduce((sum, root, t) => sum + base[t] * root, 0);
    M = weightedMoment(
      columns,
      base.map((b, t) => b / roots[t]),
    );
    const value = m === rank ? 0 : gradientNorm(M, V, rank, m);
    const done = m === rank ? 'converged' : objective >= before && value >= steepest ? 'stalled' : undefined;
    yield {
      ...{ iteration, objective, work: {}, ...(done ? { done } : {}) },
      certificate: { kind: 'gradientNorm', value, relative: value / scale },
      snapshot: () => ({ V, captured: inside }),
    };
    if (done) return;
    [before, steepest] = [objective, value];
  }
}
