import { DenseMatrix } from '@southwell/numerics/arrays';
import { checkOptions, fail, flagOption, type OptionsOf } from '@southwell/numerics/core';
import { qr } from '@southwell/numerics/linalg';
import { hosvd, modeProduct, multiModeProduct, Tensor } from 'southwell/tensors';
import { columnsOf, type IndicesLike } from '../axes.ts';
import { chebyshevMoment, chebyshevRows, differentiated, type Interval, placeIn } from './chebyshev.ts';

/** A box of three intervals. */
export type Box = readonly [x: Interval, y: Interval, z: Interval];

export const AXES = ['x', 'y', 'z'] as const;
/** Number of points evaluated at once. */
const BLOCK = 512;

/** Estimates of the error of a model, in units of the function. */
export interface ChebyshevError {
  /**
   * Root of the summed squares of the trailing eighth of the coefficients along each axis: the truncation error of the
   * degree.
   */
  readonly truncation: number;
  /** Norm of the coefficients truncated by the ranks; for sums of products with terms treated as orthogonal. */
  readonly compression: number;
  /** Maximum difference at sampled points, if there were any. */
  readonly sampled?: number;
}

/** Accuracy of the construction of a model. */
export interface Resolution {
  readonly tol: number;
  /** For each axis, the norm of the trailing coefficients relative to that of all. */
  readonly tails: readonly [number, number, number];
  /**
   * For each axis, whether its degree is sufficient for `tol`: the trailing coefficients are below it, or all sampled
   * points agree.
   */
  readonly resolved: readonly [boolean, boolean, boolean];
  readonly error: ChebyshevError;
}

export interface ChebyshevParts {
  readonly domain: Box;
  readonly core: Tensor;
  /** For each axis, Chebyshev coefficients of its functions, (degree + 1) × rank. */
  readonly coefficients: readonly DenseMatrix[];
  readonly resolution?: Resolution;
}

/** The result of {@link ChebyshevTucker.toJSON}. */
export interface ChebyshevData {
  readonly kind: 'chebyshev-tucker';
  readonly domain: Box;
  readonly shape: readonly number[];
  readonly core: readonly number[];
  /** Column-major. */
  readonly coefficients: ReadonlyArray<readonly number[]>;
  readonly resolution?: Resolution;
}

const recompressRecords = {
  /** Whether `tol` is in the units of the function instead of relative to its norm. Default false. */
  absolute: flagOption(),
};

export interface RecompressOptions extends OptionsOf<typeof recompressRecords> {}

/**
 * A function on a box, f(x, y, z) = Σ core[a, b, c]·u_a(x)·v_b(y)·w_c(z), with univariate functions as Chebyshev
 * series: its values, derivatives and integrals can be computed anywhere, without a grid (Benner, Khoromskij,
 * Khoromskaia and Sun 2025).
 */
export class ChebyshevTucker {
  readonly kind = 'chebyshev-tucker';
  readonly domain: Box;
  readonly core: Tensor;
  readonly coefficients: readonly DenseMatrix[];
  /** Absent for derivatives, and for models that were not constructed from a function. */
  readonly resolution: Resolution | undefined;

  /** @throws INVALID_SHAPE, INVALID_PARAMETER, NON_FINITE. */
  constructor({ domain, core, coefficients, resolution }: ChebyshevParts) {
    this.domain = checkDomain(domain);
    if (core.order !== 3 || coefficients.length !== 3 || coefficients.some(({ cols }, k) => cols !== core.shape[k])) {
      fail(
        'INVALID_SHAPE',
        'A core of three modes needs coefficients of three axes, with as many columns as it is long.',
      );
    }
    coefficients.forEach(({ rows, data }, k) => {
      if (rows === 0) fail('EMPTY', `The functions of ${AXES[k]} have no coefficients.`);
      if (!data.every(Number.isFinite))
        fail('NON_FINITE', `The functions of ${AXES[k]} have a coefficient that is not finite.`);
    });
    if (!core.data.every(Number.isFinite)) fail('NON_FINITE', 'The core has a value that is not finite.');
    this.core = core;
    this.coefficients = coefficients;
    this.resolution = resolution;
  }

  /** Number of functions of each axis; 0 for the zero function, which is stored as a single zero product. */
  get ranks(): readonly number[] {
    return this.core.data.every((v) => v === 0) ? [0, 0, 0] : this.core.shape;
  }

  /** Polynomial degree along each axis. */
  get degrees(): readonly number[] {
    return this.coefficients.map(({ rows }) => rows - 1);
  }

  /** Number of stored values. */
  get parameters(): number {
    return this.core.data.length + this.coefficients.reduce((sum, { rows, cols }) => sum + rows * cols, 0);
  }

  /** Estimated error with respect to the original function; absent if unknown, as for derivatives. */
  get errorEstimate(): ChebyshevError | undefined {
    return this.resolution?.error;
  }

  /** Whether the degrees are sufficient for the tolerance, as far as sampled; for derivatives that of the original. */
  get resolved(): boolean {
    return this.resolution?.resolved.every(Boolean) ?? true;
  }

  /** The value at a point. @throws INVALID_PARAMETER outside of the domain, NON_FINITE. */
  at(x: number, y: number, z: number): number {
    return this.evaluate([[x, y, z]])[0];
  }

  /**
   * Values at points, given as rows of x, y and z. O(degree · rank + rank³) per point.
   * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER for a point outside of the domain, with its row.
   */
  evaluate(points: IndicesLike): Float64Array {
    const columns = columnsOf(points, 3);
    const places = columns.map((column, k) => this.scaled(column, k, (n) => `row ${n + 1}`));
    const out = new Float64Array(points.length);
    const [p, q] = this.core.shape;
    for (let from = 0; from < out.length; from += BLOCK) {
      const to = Math.min(out.length, from + BLOCK);
      const n = to - from;
      const [u, v, w] = places.map((list, k) => this.basis(k, list.subarray(from, to)));
      const rows = modeProduct(this.core, 2, w).data;
      const sums = new Float64Array(n);
      for (let a = 0; a < p; a++) {
        sums.fill(0);
        for (let b = 0; b < q; b++) {
          const at = (a * q + b) * n;
          for (let i = 0; i < n; i++) sums[i] += v.data[b * n + i] * rows[at + i];
        }
        for (let i = 0; i < n; i++) out[from + i] += u.data[a * n + i] * sums[i];
      }
      for (const spent of [u, v, w]) spent.free();
    }
    return out;
  }

  /**
   * Values on the tensor-product grid of coordinates, which may be in any order; z varies fastest. O(degree · rank) per
   * coordinate and O(rank) per value.
   * @throws EMPTY, NON_FINITE, INVALID_PARAMETER for a coordinate outside of the domain.
   */
  evaluateGrid(xs: ArrayLike<number>, ys: ArrayLike<number>, zs: ArrayLike<number>): Tensor {
    const bases = [xs, ys, zs].map((list, k) => {
      if (list.length === 0) fail('EMPTY', `A grid needs at least one ${AXES[k]}.`);
      const column = Float64Array.from(list);
      const strange = column.findIndex((value) => !Number.isFinite(value));
      if (strange >= 0) fail('NON_FINITE', `${AXES[k]} ${strange + 1} of the grid is ${column[strange]}.`);
      return this.basis(
        k,
        this.scaled(column, k, (n) => `place ${n + 1} of the grid`),
      );
    });
    return multiModeProduct(this.core, bases);
  }

  /**
   * Values of the functions of an axis at points, a column for each function. @throws INVALID_PARAMETER, NON_FINITE.
   */
  functions(axis: number, places: ArrayLike<number>): DenseMatrix {
    checkAxis(axis);
    const column = Float64Array.from(places);
    const strange = column.findIndex((value) => !Number.isFinite(value));
    if (strange >= 0) fail('NON_FINITE', `Point ${strange + 1} is ${column[strange]}.`);
    return this.basis(
      axis,
      this.scaled(column, axis, (n) => `place ${n + 1}`),
    );
  }

  /**
   * The derivative along an axis, 0 to 2, as a model with the same core. Each derivative loses about two digits for a
   * tenfold degree. @throws INVALID_PARAMETER.
   */
  derivative(axis: number): ChebyshevTucker {
    checkAxis(axis);
    const [low, high] = this.domain[axis];
    const half = high / 2 - low / 2;
    const coefficients = this.coefficients.map((matrix, k) => {
      if (k !== axis) return matrix;
      const out = differentiated(matrix);
      for (let e = 0; e < out.data.length; e++) out.data[e] /= half;
      return out;
    });
    return new ChebyshevTucker({ domain: this.domain, core: this.core, coefficients });
  }

  /** The integral over the domain. O(degree · rank + rank³). */
  integral(): number {
    const rows = this.coefficients.map(({ rows: m, cols, data }, k) => {
      const [low, high] = this.domain[k];
      const half = high / 2 - low / 2;
      const sums = Array.from({ length: cols }, (_, a) => {
        let sum = 0;
        for (let j = 0; j < m; j += 2) sum += chebyshevMoment(j) * data[a * m + j];
        return half * sum;
      });
      return DenseMatrix.fromRows([sums]);
    });
    return multiModeProduct(this.core, rows).data[0];
  }

  /**
   * The same function with minimal ranks up to a relative error of `tol` in the norm of the coefficients, and functions
   * with orthonormal coefficients: QR of these, and a higher-order SVD of the core. O(rank⁴ + degree · rank²).
   * @throws INVALID_PARAMETER.
   */
  recompress(tol = 1e-7, options: RecompressOptions = {}): ChebyshevTucker {
    checkOptions('recompress', recompressRecords, options);
    const parts = this.coefficients.map((matrix) => {
      const factor = qr(matrix);
      return { Q: factor.thinQ(), R: factor.R() };
    });
    const core = multiModeProduct(
      this.core,
      parts.map(({ R }) => R),
    );
    const norm = frobenius(core.data);
    const found = hosvd(core, { tol: options.absolute && norm > 0 ? tol / norm : tol, sequential: true });
    const coefficients = parts.map(({ Q }, k) => productOf(Q, found.factors[k]));
    const { resolution } = this;
    const lost = found.error * norm;
    return new ChebyshevTucker({
      domain: this.domain,
      core: found.core,
      coefficients,
      ...(resolution && {
        resolution: {
          ...resolution,
          error: {
            truncation: resolution.error.truncation,
            compression: Math.hypot(resolution.error.compression, lost),
            ...(resolution.error.sampled !== undefined && { sampled: resolution.error.sampled + lost }),
          },
        },
      }),
    });
  }

  toJSON(): ChebyshevData {
    return {
      ...{ kind: 'chebyshev-tucker', domain: this.domain, shape: this.core.shape, core: [...this.core.data] },
      coefficients: this.coefficients.map(({ data }) => [...data]),
      ...(this.resolution && { resolution: this.resolution }),
    };
  }

  /** @throws INVALID_SHAPE, INVALID_PARAMETER, EMPTY, NON_FINITE. */
  static fromJSON({ domain, shape, core, coefficients, resolution }: ChebyshevData): ChebyshevTucker {
    return new ChebyshevTucker({
      domain,
      core: Tensor.from(shape, core),
      coefficients: coefficients.map((values, k) =>
        DenseMatrix.fromColumnMajor(values, values.length / (shape[k] ?? 1), shape[k]),
      ),
      ...(resolution && { resolution }),
    });
  }

  /** Values of the functions of an axis at points of [−1, 1]. */
  private basis(axis: number, places: Float64Array): DenseMatrix {
    const matrix = this.coefficients[axis];
    const rows = chebyshevRows(places, matrix.rows);
    const out = productOf(rows, matrix);
    rows.free();
    return out;
  }

  private scaled(column: Float64Array, axis: number, where: (n: number) => string): Float64Array {
    const interval = this.domain[axis];
    return column.map((value, n) => {
      const t = placeIn(value, interval);
      return (
        t ??
        fail(
          'INVALID_PARAMETER',
          `${AXES[axis]} is ${value} in ${where(n)}, outside of ${interval[0]} to ${interval[1]}, the domain of the function.`,
        )
      );
    });
  }
}

function checkAxis(axis: number): void {
  if (axis !== 0 && axis !== 1 && axis !== 2) fail('INVALID_PARAMETER', `axis must be 0, 1 or 2, but is ${axis}.`);
}

/** @throws INVALID_PARAMETER unless these are three intervals of positive width. */
export function checkDomain(domain: Box): Box {
  if (!Array.isArray(domain) || domain.length !== 3) {
    fail('INVALID_PARAMETER', 'A domain is three intervals, such as [[-1, 1], [-1, 1], [0, 2]].');
  }
  domain.forEach((interval: Interval, k) => {
    const [low, high] = Array.isArray(interval) ? interval : [Number.NaN, Number.NaN];
    if (Number.isFinite(low) && Number.isFinite(high) && low < high) return;
    const flat = low === high && Number.isFinite(low);
    fail(
      'INVALID_PARAMETER',
      flat
        ? `The domain has no width along ${AXES[k]}, where it is ${low} to ${high}.`
        : `The domain along ${AXES[k]} must be two numbers, the first the smaller, but is ${interval}.`,
    );
  });
  return domain.map(([low, high]) => [low, high] as Interval) as unknown as Box;
}

/** A·B as a new matrix. */
export function productOf(A: DenseMatrix, B: DenseMatrix): DenseMatrix {
  // A column-major matrix is the transpose of a row-major tensor.
  const { data } = modeProduct(new Tensor([B.cols, B.rows], B.data), 1, A);
  return DenseMatrix.fromColumnMajor(data, A.rows, B.cols);
}

/** The Frobenius norm, without overflow or underflow of squares. */
export function frobenius(data: ArrayLike<number>): number {
  let most = 0;
  for (let e = 0; e < data.length; e++) most = Math.max(most, Math.abs(data[e]));
  if (!(most > 0)) return most;
  let sum = 0;
  for (let e = 0; e < data.length; e++) sum += (data[e] / most) ** 2;
  return most * Math.sqrt(sum);
}
