import { DenseMatrix, type MatrixLike } from '../arrays/index.ts';
import { fail, type Random, type Solution, wholeNumber } from '../core/index.ts';
import { asOperator, type LinearOperator } from '../operators/index.ts';
import { length, scaleVector } from './tallBlock.ts';

/** Eigenpairs as a run of a method has them. */
export interface EigenPoint {
  /** Ascending from the smallest, descending from the largest, or by distance from a point, as they were asked for. */
  readonly values: Float64Array;
  /** n × k, one a value: orthonormal, or XᵀBX = I. */
  readonly vectors: DenseMatrix;
  /** ‖Ax − λBx‖ over (‖A‖ + |λ|·‖B‖)·‖x‖ of each, with estimates from beneath of the norms. */
  readonly residuals: Float64Array;
}

/** Eigenpairs to a tolerance, with what proves them. */
export interface EigenPairs extends EigenPoint {
  readonly solution: Solution<EigenPoint>;
}

/** Coefficients that are rounding beside 1. */
export const ESTIMATED = 1e-14;

/** @throws EMPTY, INVALID_PARAMETER unless 1 ≤ k ≤ the dimension of the space that constraints leave. */
export function checkPairs(k: number, room: number, n: number): void {
  if (n === 0) fail('EMPTY', 'A matrix without rows has no eigenvalues.');
  if (room === 0) fail('EMPTY', 'The constraints leave nothing: every vector depends on them.');
  wholeNumber('k', k, 1, room);
}

/** A symmetric operator, divided by a power of two where squares of what it gives would leave the range of doubles. */
export class Scaled {
  products = 0;

  constructor(
    readonly n: number,
    private readonly operator: LinearOperator,
    readonly scale: number,
    /** An estimate of the norm, after scaling, from beneath. */
    public norm: number,
    private readonly name: string,
  ) {}

  /**
   * y ← Ax/scale.
   * @throws NUMERICAL if what comes back is not finite.
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

/** Beyond these sizes matrices are scaled. */
const HUGE = 1e60;

/** Twice products of a symmetric matrix with random vectors that differ by more than this share of their sizes do not. */
const ASYMMETRY = 1e-8;

/**
 * Looks at an operator by two products with random vectors: its size, and whether it can be symmetric.
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

/** Columns as a matrix of their own. */
export const asVectors = (values: Float64Array, n: number, k: number): DenseMatrix =>
  DenseMatrix.fromColumnMajor(values, n, k);

/** Whether a method still gets on: the residual, or the sum of the eigenvalues, which falls far before the residual does. */
export class Progress {
  best = Number.POSITIVE_INFINITY;
  least = Number.POSITIVE_INFINITY;
  since = 0;

  constructor(private readonly patience: number) {}

  /** @param sum of the values, the less the better; @param unit what rounding makes of it. */
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

  /** Other values are looked for from now on. */
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
