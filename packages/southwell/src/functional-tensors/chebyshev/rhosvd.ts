import { asMatrix, checkFinite, DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { checkOptions, fail, flagOption, numberOption, type OptionsOf, otherOption } from '@southwell/numerics/core';
import { qr, svd } from '@southwell/numerics/linalg';
import { CpModel, TuckerModel, type TuckerPoint } from 'southwell/tensors';
import { frobenius, productOf } from './chebyshevModel.ts';

const rhosvdRecords = {
  /**
   * Relative tolerance: each mode truncates at most a third of it, relative to the norm of the largest term or of the sum,
   * whichever is smaller. Default 1e-7.
   */
  tol: numberOption({ min: 0, finite: true }),
  /** Whether `tol` is in the units of the sum. Default false. */
  absolute: flagOption(),
  /** Rank of each mode, instead of those chosen by `tol`. */
  ranks: otherOption<readonly number[]>('a number for each mode'),
};

export interface RhosvdOptions extends OptionsOf<typeof rhosvdRecords> {}

/** A sum of products in Tucker format. */
export class Rhosvd extends TuckerModel {
  constructor(
    point: TuckerPoint,
    /** For each mode, singular values of its columns scaled by the norms of their terms. */
    readonly singularValues: readonly Float64Array[],
    /** Norm of the truncated part with terms treated as orthogonal. */
    readonly lost: number,
    /** Upper bound of the truncated norm, however terms add up. */
    readonly bound: number,
  ) {
    super(point);
  }
}

/**
 * The reduced higher-order SVD of Σ_k weights[k]·a_k ⊗ b_k ⊗ … (Khoromskij and Khoromskaia 2009), which never forms the
 * tensor: an SVD of each factor, n × R, and the projection of the sum onto the leading left singular vectors. Columns
 * are first normalised and scaled by the norm of their term, so that neither weights nor units matter. Terms may
 * cancel: the tolerance is then relative to the sum. Where terms add up it is stricter than necessary, and a
 * higher-order SVD of the core reduces the ranks. O(Σ n·R·min(n, R) + R·Πranks).
 *
 * @throws INVALID_SHAPE, INVALID_PARAMETER, EMPTY, NON_FINITE.
 */
export function rhosvd(
  { weights, factors }: { readonly weights?: ArrayLike<number>; readonly factors: readonly MatrixLike[] },
  options: RhosvdOptions = {},
): Rhosvd {
  checkOptions('rhosvd', rhosvdRecords, options);
  const { tol = 1e-7, absolute = false, ranks } = options;
  const matrices = factorsOf(factors);
  const R = matrices[0].cols;
  const xi = weightsOf(weights, R);
  const { columns, sizes } = normalised(matrices, xi);
  const largest = sizes.reduce((most, s) => Math.max(most, Math.abs(s)), 0);
  // Scaled to a maximum of one, so that squares neither overflow nor underflow.
  const unit = largest > 0 ? largest : 1;
  const shares = sizes.map((s) => s / unit);
  const spectra = columns.map((U) => {
    const scaled = DenseMatrix.create(R, U.rows, { fill: false });
    for (let k = 0; k < R; k++) {
      for (let i = 0; i < U.rows; i++) scaled.data[i * R + k] = U.data[k * U.rows + i] * Math.abs(shares[k]);
    }
    return leftVectors(scaled);
  });
  ranks?.forEach((r, mode) => {
    const most = spectra[mode]?.values.length;
    if (Number.isInteger(r) && r >= 1 && r <= most) return;
    fail('INVALID_PARAMETER', `The rank of mode ${mode + 1} must be a whole number from 1 to ${most}, but is ${r}.`);
  });
  if (ranks && ranks.length !== matrices.length) {
    fail('INVALID_PARAMETER', `ranks must be ${matrices.length} numbers, but are ${ranks.join(', ')}.`);
  }
  const floor = Number.EPSILON * Math.max(...spectra.map(({ values }) => values[0] ?? 0));
  for (let tail = (absolute ? tol / unit : tol) / 3; ; ) {
    const bases = spectra.map(({ values, left }, mode) => leading(left, ranks?.[mode] ?? rankOf(values, tail)));
    const inside = bases.map((V, mode) => projected(V, columns[mode]));
    const core = new CpModel({ weights: shares, factors: inside }).reconstruct();
    const norm = frobenius(core.data);
    if (!absolute && !ranks && tail > (tol * norm) / 3 && tail > floor) {
      // Terms cancel, so that small parts of them may dominate the sum.
      tail = Math.max(floor, (tol * norm) / 3);
      continue;
    }
    let bound = 0;
    const squares = bases.map((V, mode) => {
      const left = rests(columns[mode], V, inside[mode]);
      bound += left.reduce((sum, r, k) => sum + r * Math.abs(shares[k]), 0);
      return left.reduce((sum, r, k) => sum + (r * shares[k]) ** 2, 0);
    });
    for (let e = 0; e < core.data.length; e++) core.data[e] *= unit;
    const lost = unit * Math.sqrt(squares.reduce((sum, s) => sum + s, 0));
    const singularValues = spectra.map(({ values }) => values.map((s) => s * unit));
    return new Rhosvd({ core, factors: bases }, singularValues, lost, bound * unit);
  }
}

/** @throws INVALID_SHAPE, EMPTY, NON_FINITE. */
export function factorsOf(factors: readonly MatrixLike[]): DenseMatrix[] {
  if (factors.length === 0) fail('EMPTY', 'A sum of products needs a factor for each mode.');
  return factors.map((given, mode) => {
    const matrix = asMatrix(given);
    const dense = matrix.kind === 'dense' ? matrix : matrix.toDense();
    checkFinite(dense, `Factor ${mode + 1}`);
    const R = asMatrix(factors[0]).cols;
    if (dense.rows === 0 || dense.cols === 0) fail('EMPTY', `Factor ${mode + 1} is empty.`);
    if (dense.cols !== R) {
      fail(
        'INVALID_SHAPE',
        `Factor ${mode + 1} has ${dense.cols} columns, but factor 1 has ${R}: there must be one for each term.`,
      );
    }
    return dense;
  });
}

/** @throws INVALID_SHAPE, NON_FINITE. */
export function weightsOf(weights: ArrayLike<number> | undefined, R: number): Float64Array {
  if (!weights) return new Float64Array(R).fill(1);
  if (weights.length !== R) fail('INVALID_SHAPE', `There are ${weights.length} weights for ${R} terms.`);
  return Float64Array.from(weights, (w, k) =>
    Number.isFinite(w) ? w : fail('NON_FINITE', `Weight ${k + 1} is ${w}.`),
  );
}

/** Columns of unit norm, and the weights of their products; zero columns are unchanged. */
export function normalised(matrices: readonly DenseMatrix[], weights: Float64Array) {
  const sizes = weights.slice();
  const columns = matrices.map((matrix) => {
    const out = DenseMatrix.fromColumnMajor(matrix.data, matrix.rows, matrix.cols);
    for (let k = 0; k < matrix.cols; k++) {
      const column = out.column(k);
      const length = frobenius(column);
      sizes[k] *= length;
      if (length > 0) for (let i = 0; i < column.length; i++) column[i] /= length;
    }
    return out;
  });
  return { columns, sizes };
}

/**
 * Singular values of a transposed matrix, and left vectors of the matrix; by QR first if it has more columns than rows.
 */
function leftVectors(transposed: DenseMatrix): { values: Float64Array; left: DenseMatrix } {
  let small = transposed;
  if (transposed.rows > transposed.cols) {
    const factor = qr(transposed);
    small = factor.R();
    factor.free();
    transposed.free();
  }
  const { singularValues: values, U, V } = svd(small);
  for (const spent of [small, U]) spent.free();
  return { values, left: V };
}

function rankOf(values: Float64Array, tail: number): number {
  let rank = values.length;
  let squares = 0;
  while (rank > 1) {
    squares += values[rank - 1] ** 2;
    if (Math.sqrt(squares) > tail) break;
    rank--;
  }
  return rank;
}

const leading = ({ rows, data }: DenseMatrix, rank: number): DenseMatrix =>
  DenseMatrix.fromColumnMajor(data.subarray(0, rows * rank), rows, rank);

/** Vᵀ times the columns. */
function projected(V: DenseMatrix, columns: DenseMatrix): DenseMatrix {
  const transposed = DenseMatrix.create(V.cols, V.rows, { fill: false });
  for (let a = 0; a < V.cols; a++) for (let i = 0; i < V.rows; i++) transposed.set(a, i, V.get(i, a));
  return productOf(transposed, columns);
}

/** For each column, the norm of its part outside of the range of V. */
function rests(columns: DenseMatrix, V: DenseMatrix, inside: DenseMatrix): Float64Array {
  const near = productOf(V, inside);
  const out = Float64Array.from({ length: columns.cols }, (_, k) => {
    const [x, y] = [columns.column(k), near.column(k)];
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += (x[i] - y[i]) ** 2;
    return Math.sqrt(sum);
  });
  near.free();
  return out;
}
