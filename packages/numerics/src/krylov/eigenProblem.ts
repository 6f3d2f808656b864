import { DenseMatrix, type MatrixLike } from '../arrays/index.ts';
import { fail, type Random, type Solution, wholeNumber } from '../core/index.ts';
import { asOperator, type LinearOperator } from '../operators/index.ts';
import { length, scaleVector } from './tallBlock.ts';

/** The eigenpairs of an iterate. */
export interface EigenPoint {
  /** In the order requested: ascending for the smallest, descending for the largest, or by distance from the target. */
  readonly values: Float64Array;
  /** n × k, one column per eigenvalue: orthonormal, or XᵀBX = I. */
  readonly vectors: DenseMatrix;
  /** ‖Ax − λBx‖ / ((‖A‖ + |λ|·‖B‖)·‖x‖) for each pair, with lower estimates of the norms. */
  readonly residuals: Float64Array;
}

/** Eigenpairs computed to a tolerance, with the data that certify them. */
export interface EigenPairs extends EigenPoint {
  readonly solution: Solution<EigenPoint>;
}

/** Coefficients below this are at rounding level relative to 1. */
export const ESTIMATED = 1e-14;

/** @throws EMPTY, INVALID_PARAMETER unless 1 ≤ k ≤ the dimension of the space left by the constraints. */
export function checkPairs(k: number, room: number, n: number): void {
  if (n === 0) fail('EMPTY', 'A matrix without rows has no eigenvalues.');
  if (room === 0) fail('EMPTY', 'The constraints span the whole space, so that no vector is left.');
  wholeNumber('k', k, 1, room);
}

/** A symmetric operator, scaled by a power of two if squares of its results would overflow or underflow. */
export class Scaled {
  products = 0;

  constructor(
    readonly n: number,
    private readonly operator: LinearOperator,
    readonly scale: number,
    /** A lower estimate of the norm, after scaling. */
    public norm: number,
    private readonly name: string,
  ) {}

  /**
   * y ← Ax/scale.
   * @throws NUMERICAL if the result is not finite.
   */
  apply(x: Float64Array, y: Float64Array): void {
    this.products++;
    this.operator.apply(x, y);
    if (this.scale !== 1) scaleVector(y, 1 / this.scale);
    let probe = 0;
    for (let i = 0; i < y.length; i++) probe += y[i] * 0;
    if (probe === 0) return;
    const at = y.findIndex((v) => !Number.isFinite(v));
    fail(
      'NUMERICAL',
      `A product with ${this.name} gave ${y[at]} in row ${at + 1} for a finite vector; see what the operator does.`,
    );
  }
}

/** Matrices of larger (or, inversely, smaller) magnitude are scaled. */
const HUGE = 1e60;

/** For a symmetric matrix, xᵀAy and yᵀAx for random vectors differ by at most this fraction of their magnitude. */
const ASYMMETRY = 1e-8;

/**
 * Examines an operator by two products with random vectors: its magnitude, and whether it can be symmetric.
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER for one that is not symmetric, NUMERICAL.
 */
export function scaledOperator(A: MatrixLike | LinearOperator, name: string, random: Random, n?: number): Scaled {
  const operator = asOperator(A);
  const { rows, cols } = operator;
  if (rows !== cols) fail('INVALID_SHAPE', `${name} must be square, but is ${rows} × ${cols}.`);
  if (n !== undefined && rows !== n) fail('INVALID_SHAPE', `A has ${n} rows, but ${name} has ${rows}.`);
  const draw = () => Float64Array.from({ length: rows }, () => random.normal());
  const [u, v, Au, Av] = [draw(), draw(), new Float64Array(rows), new Float64Array(rows)];
  const plain = new Scaled(rows, operator, 1, 0, name);
  plain.apply(u, Au);
  plain.apply(v, Av);
  let largest = 0;
  for (let i = 0; i < rows; i++) largest = Math.max(largest, Math.abs(Au[i]), Math.abs(Av[i]));
  const extreme = largest > HUGE || (largest > 0 && largest < 1 / HUGE);
  const scale = extreme ? 2 ** Math.max(-1000, Math.min(1000, Math.round(Math.log2(largest)))) : 1;
  for (const w of [Au, Av]) scaleVector(w, 1 / scale);
  let difference = 0;
  for (let i = 0; i < rows; i++) difference += u[i] * Av[i] - v[i] * Au[i];
  const size = length(u) * length(Av) + length(v) * length(Au);
  if (Math.abs(difference) > ASYMMETRY * size) {
    fail(
      'INVALID_PARAMETER',
      `${name} is not symmetric: xᵀAy and yᵀAx differ for random x and y. Give a symmetric one.`,
    );
  }
  const norm = Math.max(length(Au) / (length(u) || 1), length(Av) / (length(v) || 1));
  const out = new Scaled(rows, operator, scale, norm, name);
  out.products = 2;
  return out;
}

/** Copies columns to a matrix. */
export const asVectors = (values: Float64Array, n: number, k: number): DenseMatrix =>
  DenseMatrix.fromColumnMajor(values, n, k);

/**
 * Detects stagnation: progress is a lower residual, or a lower sum of the eigenvalues, which decreases long before the
 * residual does.
 */
export class Progress {
  best = Number.POSITIVE_INFINITY;
  least = Number.POSITIVE_INFINITY;
  since = 0;

  constructor(private readonly patience: number) {}

  /** @param sum sum of the eigenvalues, to be minimised; @param unit its rounding error. */
  note(worst: number, sum: number, unit: number): void {
    this.since++;
    if (worst < 0.95 * this.best) {
      this.best = worst;
      this.since = 0;
    }
    if (sum < this.least - 64 * Number.EPSILON * unit) {
      this.least = sum;
      this.since = 0;
    }
  }

  hopeless(worst: number): boolean {
    return this.since >= this.patience && !(worst < 0.95 * this.best);
  }

  /** Starts afresh, when other eigenvalues are sought. */
  reset(): void {
    this.restore([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0]);
  }

  state(): readonly [number, number, number] {
    return [this.best, this.least, this.since];
  }

  restore([best, least, since]: readonly [number, number, number]): void {
    this.best = best;
    this.least = least;
    this.since = since;
  }
}
