import { asMatrix, DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import {
  checkOptions,
  fail,
  type Iterate,
  integerOption,
  type OptionsOf,
  run,
  wholeNumber,
} from '@southwell/numerics/core';
import { matrixProduct, svd, symmetricEigen } from '@southwell/numerics/linalg';
import { checkGram, medianOf } from './gram.ts';
import { flagRecords } from './options.ts';
import { type Columns, subspaceIterates } from './subspace.ts';

export interface FlagOptions extends OptionsOf<typeof flagRecords> {}

/** A direction of the flag aggregator, as a combination of gradients. */
export interface FlagWeights {
  /** The direction is Σ weights[i]·g_i; 0 for gradients that are 0. */
  readonly weights: Float64Array;
  /** ‖Yᵀg_i‖² / ‖g_i‖²; NaN for gradients that are 0. */
  readonly explained: Float64Array;
  /** Columns of Y. */
  readonly dimension: number;
  /** Dimensions that the gradients span. */
  readonly rank: number;
  /** Indices of the gradients that are 0 and do not count. */
  readonly zero: readonly number[];
}

/** Eigenvalues below this multiple of the largest are those of a singular Gram matrix. */
const RANK_TOLERANCE = 1e-12;

/** Coordinates of unit gradients in an orthonormal basis of their span, and the way back to combinations of gradients. */
interface Unit {
  readonly rank: number;
  /** rank × count, column by column. */
  readonly X: Float64Array;
  /** count × rank, column by column: basis vector j is Σ back[j·count + i]·u_i. */
  readonly back: Float64Array;
}

function unitCoordinates(K: Float64Array, p: number, kept: readonly number[], norms: Float64Array): Unit {
  const q = kept.length;
  const unit = new Float64Array(q * q);
  kept.forEach((i, a) => {
    kept.forEach((j, b) => {
      unit[a * q + b] = a === b ? 1 : K[i * p + j] / (norms[i] * norms[j]);
    });
  });
  const { values, vectors } = symmetricEigen(unit, q);
  const largest = values.reduce((max, v) => Math.max(max, v), 0);
  const used = Array.from(values.keys()).filter((k) => values[k] > RANK_TOLERANCE * largest);
  used.sort((a, b) => values[b] - values[a]);
  const rank = used.length;
  const [X, back] = [new Float64Array(rank * q), new Float64Array(q * rank)];
  used.forEach((k, row) => {
    const root = Math.sqrt(values[k]);
    for (let i = 0; i < q; i++) {
      X[i * rank + row] = root * vectors[i * q + k];
      back[row * q + i] = vectors[i * q + k] / root;
    }
  });
  return { rank, X, back };
}

/** The unit gradients and, with λ > 0, the unit differences of those that differ. */
function columnsOf({ X, rank }: Unit, q: number, lambda: number): Columns {
  const terms = Array.from({ length: q }, (_, i) => ({ first: i, count: 1, base: 1, target: 1 }));
  if (lambda === 0 || q < 2) return { X, rank, terms };
  const pairs: number[] = [];
  const base = (2 * lambda) / (q * (q - 1));
  for (let i = 0; i < q; i++) {
    for (let j = 0; j < i; j++) {
      const difference = Array.from({ length: rank }, (_, k) => X[i * rank + k] - X[j * rank + k]);
      const norm = Math.sqrt(difference.reduce((sum, v) => sum + v * v, 0));
      // Equal gradients have no difference that a subspace could miss.
      if (norm <= 1e-6) continue;
      terms.push({ first: terms.length, count: 1, base, target: 1 });
      for (const v of difference) pairs.push(v / norm);
    }
  }
  const all = new Float64Array(X.length + pairs.length);
  all.set(X);
  all.set(pairs, X.length);
  return { X: all, rank, terms };
}

/**
 * Subspaces of the flag aggregator (Almasi, Mishra, Vamanan & Ravi, ICLR 2024) by iteratively reweighted least squares, from
 * the p × p inner products K of the gradients g_1 … g_p alone. Iterate t is the subspace Y of m dimensions of pass t, which is
 * spanned by the leading singular vectors of unit gradients u_i = g_i / ‖g_i‖ weighted by 1 / √(1 − ‖Yᵀu_i‖² + 10⁻⁷) for the Y of the
 * pass before (the first pass weights them alike). Its objective Σ √(1 − ‖Yᵀu_i‖² + 10⁻⁷), plus λ / (p (p − 1)) times the same sum over
 * all ordered pairs with (u_i − u_j) / ‖u_i − u_j‖ in place of u_i, never rises. The certificate is the norm of its gradient on the Grassmannian,
 * relative to the sum of the weights of all terms. The direction Y Yᵀ (u_1 + … + u_p) / p is a combination of the gradients. Gradients
 * that are 0 do not count. If m is at least the rank of the gradients, the direction is the mean of the u_i; where several singular
 * values are equal, so that Y is not unique, it depends on the order of the gradients. Squaring loses half of the digits: parts of
 * gradients below 10⁻⁶ of the others are not seen. O(p³) a pass, O(p⁴) with λ > 0.
 * @throws INVALID_SHAPE, NON_FINITE; INVALID_PARAMETER for options.
 */
export function* flagIterates(
  K: Float64Array,
  options: Omit<FlagOptions, 'iterations'> = {},
): Generator<Iterate<FlagWeights>> {
  const p = checkGram('flagIterates', K);
  const { iterations: _, ...records } = flagRecords;
  checkOptions('flagIterates', records, options);
  const { m, lambda = 0, scale = 'unit' } = options;
  const norms = Float64Array.from({ length: p }, (_, i) => Math.sqrt(Math.max(0, K[i * p + i])));
  const kept = Array.from(norms.keys()).filter((i) => norms[i] > 0);
  const zero = Array.from(norms.keys()).filter((i) => norms[i] === 0);
  const [weights, explained] = [new Float64Array(p), new Float64Array(p).fill(Number.NaN)];
  if (kept.length === 0) {
    const snapshot = () => ({ weights, explained, dimension: 0, rank: 0, zero });
    yield { iteration: 1, objective: 0, work: {}, done: 'converged', snapshot };
    return;
  }
  const q = kept.length;
  const unit = unitCoordinates(K, p, kept, norms);
  const { rank, X, back } = unit;
  const length = (scale === 'median-norm' ? medianOf(kept.map((i) => norms[i])) : 1) / q;
  const dimension = Math.min(m ?? Math.ceil((q + 1) / 2), rank);
  const sum = new Float64Array(rank);
  for (let i = 0; i < q; i++) for (let k = 0; k < rank; k++) sum[k] += X[i * rank + k];
  const weightsOf = (V: Float64Array): Float64Array => {
    const out = new Float64Array(p);
    if (dimension === rank) {
      for (const i of kept) out[i] = length / norms[i];
      return out;
    }
    const inside = new Float64Array(rank);
    for (let c = 0; c < dimension; c++) {
      let dot = 0;
      for (let k = 0; k < rank; k++) dot += V[c * rank + k] * sum[k];
      for (let k = 0; k < rank; k++) inside[k] += dot * V[c * rank + k];
    }
    kept.forEach((i, a) => {
      let own = 0;
      for (let k = 0; k < rank; k++) own += back[k * q + a] * inside[k];
      out[i] = (length * own) / norms[i];
    });
    return out;
  };
  for (const iterate of subspaceIterates(columnsOf(unit, q, lambda), dimension)) {
    yield {
      ...iterate,
      snapshot: () => {
        const { V, captured } = iterate.snapshot();
        const ratios = explained.slice();
        kept.forEach((i, a) => {
          ratios[i] = captured[a];
        });
        return { weights: weightsOf(V), explained: ratios, dimension, rank, zero };
      },
    };
  }
}

/** Passes end when the relative gradient is at most this. */
export const FLAG_TOLERANCE = 1e-6;

/**
 * The direction of the flag aggregator as a combination of gradients, from their p × p inner products K: at most
 * `iterations` passes (default 5) of {@link flagIterates}, fewer if the relative norm of the gradient is 10⁻⁶ before.
 * @throws as {@link flagIterates}.
 */
export function flagWeights(K: Float64Array, options: FlagOptions = {}): FlagWeights {
  checkOptions('flagWeights', flagRecords, options);
  const { iterations = 5, ...rest } = options;
  return run(flagIterates(K, rest), { maxIter: iterations, tol: FLAG_TOLERANCE }).point;
}

export const flagMedianRecords = {
  /** Largest number of passes. Default 100. */
  iterations: integerOption({ min: 1 }),
};

export interface FlagMedianOptions extends OptionsOf<typeof flagMedianRecords> {}

/** A subspace in the middle of others. */
export interface FlagMedian {
  /** N × r, orthonormal columns. */
  readonly basis: DenseMatrix;
  /** Σ √(min(r, k_i) − ‖Yᵀ Q_i‖²_F + 10⁻⁷), a smoothed sum of chordal distances. */
  readonly objective: number;
  readonly iterations: number;
}

/**
 * The flag median of subspaces (Mankovich, King, Peterson & Kirby, CVPR 2022): the subspace Y of dimension r with the least sum of chordal distances
 * √(min(r, k_i) − ‖Yᵀ Q_i‖²_F) from the column spaces of the given N × k_i matrices, whose orthonormal bases are the Q_i, by iteratively reweighted
 * least squares. r = 1 gives a median of lines. Columns of a matrix that depend on the others to 10⁻¹² do not count. Ends after
 * `iterations` passes, or when the relative gradient is at most 10⁻⁸. O(N (Σk_i)²) once, and O((Σk_i)³) a pass.
 * @throws INVALID_SHAPE if the matrices differ in rows, or r exceeds the dimension of their sum; NON_FINITE; INVALID_PARAMETER for r and options.
 */
export function flagMedian(subspaces: readonly MatrixLike[], r: number, options: FlagMedianOptions = {}): FlagMedian {
  checkOptions('flagMedian', flagMedianRecords, options);
  wholeNumber('The dimension r', r, 1);
  if (subspaces.length === 0) fail('EMPTY', 'flagMedian takes one subspace or more.');
  const bases = subspaces.map((given) => orthonormal(asDense(given)));
  const [{ rows }] = bases;
  const other = bases.findIndex((basis) => basis.rows !== rows);
  if (other >= 0) {
    fail('INVALID_SHAPE', `Subspace ${other} has ${bases[other].rows} rows where subspace 0 has ${rows}.`);
  }
  const stacked = DenseMatrix.fromColumns(
    bases.flatMap((basis) => Array.from({ length: basis.cols }, (_, j) => basis.column(j))),
  );
  const { U, rank } = leading(stacked);
  if (r > rank) fail('INVALID_SHAPE', `r = ${r} is more than the ${rank} dimensions that the subspaces span together.`);
  const X = DenseMatrix.create(rank, stacked.cols);
  matrixProduct(U, stacked, X, { transA: true });
  let first = 0;
  const terms = bases.map(({ cols: count }) => {
    const term = { first, count, base: 1, target: Math.min(r, count) };
    first += count;
    return term;
  });
  const columns = { X: X.data.slice(), rank, terms };
  const { point, objective, iterations } = run(subspaceIterates(columns, r), {
    maxIter: options.iterations ?? 100,
    tol: 1e-8,
  });
  const basis = DenseMatrix.create(rows, r);
  matrixProduct(U, DenseMatrix.fromColumnMajor(point.V, rank, r), basis);
  return { basis, objective, iterations };
}

const asDense = (given: MatrixLike): DenseMatrix => {
  const matrix = asMatrix(given);
  return matrix.kind === 'dense' ? matrix : matrix.toDense();
};

/** Orthonormal columns with the span of those of A. */
function leading(A: DenseMatrix): { readonly U: DenseMatrix; readonly rank: number } {
  const { U, singularValues } = svd(A);
  const rank = singularValues.filter((s) => s > RANK_TOLERANCE * singularValues[0]).length;
  const columns = Array.from({ length: rank }, (_, j) => U.column(j));
  return { U: columns.length > 0 ? DenseMatrix.fromColumns(columns) : DenseMatrix.create(A.rows, 0), rank };
}

const orthonormal = (A: DenseMatrix): DenseMatrix => leading(A).U;
