import { fail, inOnePlace } from '@southwell/numerics/core';
import { choleskyInPlace, choleskySolveInPlace } from '@southwell/numerics/linalg';
import { type BoundLoss, logistic, poisson, squared } from '../../losses/index.ts';
import { norm, squaredDistance } from './vectors.ts';

/** What a client brings to {@link consensusAdmm}: its own convex objective f of `length` numbers. */
export interface LocalProx {
  readonly length: number;
  /** argmin f(w) + ρ/2 ‖w − v‖², to about rounding; `from` is a point from which to start. */
  prox(v: Float64Array, rho: number, from: Float64Array): Float64Array;
  /** Trace of ∇²f at w, for an automatic ρ. */
  curvature?(w: Float64Array): number;
}

const losses = { squared, logistic, poisson };

export type LocalLoss = keyof typeof losses;

/** Rows of a client: D × L features, D targets (−1 and 1 for the logistic loss), D weights of at least 0 (default 1). */
export interface LossRows {
  readonly X: ReadonlyArray<ArrayLike<number>>;
  readonly y: ArrayLike<number>;
  readonly weights?: ArrayLike<number>;
}

/** Features by row, without zeros. */
class Rows {
  private readonly at: Int32Array[] = [];
  private readonly values: Float64Array[] = [];

  /** @throws INVALID_SHAPE, NON_FINITE. */
  constructor(
    X: ReadonlyArray<ArrayLike<number>>,
    readonly length: number,
  ) {
    X.forEach((row, i) => {
      if (row.length !== length)
        fail('INVALID_SHAPE', `Row ${i + 1} of a client has ${row.length} features instead of ${length}.`);
      const at: number[] = [];
      for (let j = 0; j < length; j++) {
        if (!Number.isFinite(row[j])) fail('NON_FINITE', `Feature ${j + 1} of row ${i + 1} of a client is ${row[j]}.`);
        if (row[j] !== 0) at.push(j);
      }
      this.at.push(Int32Array.from(at));
      this.values.push(Float64Array.from(at, (j) => row[j]));
    });
  }

  times(w: Float64Array): Float64Array {
    return Float64Array.from(this.at, (at, i) => {
      const values = this.values[i];
      let sum = 0;
      for (let a = 0; a < at.length; a++) sum += values[a] * w[at[a]];
      return sum;
    });
  }

  /** Adds s Xᵀv to `into`. */
  addTransposed(v: Float64Array, s: number, into: Float64Array): void {
    this.at.forEach((at, i) => {
      const values = this.values[i];
      const scaled = s * v[i];
      for (let a = 0; a < at.length; a++) into[at[a]] += scaled * values[a];
    });
  }

  /** The lower triangle of Xᵀ diag(d) X. */
  gram(d: Float64Array): Float64Array {
    const { length: n } = this;
    const H = new Float64Array(n * n);
    this.at.forEach((at, i) => {
      const values = this.values[i];
      for (let a = 0; a < at.length; a++) {
        const scaled = d[i] * values[a];
        const row = at[a] * n;
        for (let b = 0; b <= a; b++) H[row + at[b]] += scaled * values[b];
      }
    });
    return H;
  }

  /** The trace of Xᵀ diag(d) X. */
  trace(d: Float64Array): number {
    return this.values.reduce((sum, values, i) => sum + d[i] * values.reduce((s, v) => s + v * v, 0), 0);
  }
}

const NEWTON_STEPS = 100;
const HALVINGS = 60;
/** A Newton step this small beside the point leaves an error of about its square. */
const SMALL = 1e-8;
/** Below this share of the objective, a decrease is lost in rounding. */
const LEVEL = 1e-12;

/** The loss of a client's rows. A client may have rows of one class, as others have those of the other. */
class LossProx implements LocalProx {
  private readonly rows: Rows;
  private readonly bound: BoundLoss;
  /** Of a quadratic loss: the factor for the last ρ. */
  private factor: { readonly rho: number; readonly L: Float64Array } | undefined;

  constructor(
    loss: LocalLoss,
    { X, y, weights }: LossRows,
    readonly length: number,
  ) {
    this.rows = new Rows(X, length);
    const w = weights ? Float64Array.from(weights) : new Float64Array(X.length).fill(1);
    w.forEach((weight, i) => {
      if (!(weight >= 0 && Number.isFinite(weight)))
        fail('INVALID_PARAMETER', `Weights must be at least 0 and finite, but that of row ${i + 1} is ${weight}.`);
    });
    // The largest over all ranks, of which this client is a part: it does not have to have both classes itself.
    const part = Object.assign(inOnePlace(X.length), {
      max: (into: Float64Array): void => {
        into.fill(1);
      },
    });
    this.bound = losses[loss]().bind(Float64Array.from(y), w, part);
  }

  curvature(w: Float64Array): number {
    const eta = this.rows.times(w);
    const d = new Float64Array(eta.length);
    this.bound.derivatives(eta, new Float64Array(eta.length), d);
    return this.rows.trace(d);
  }

  /** The factor of Xᵀ diag(d) X + ρI. */
  private factored(d: Float64Array, rho: number): Float64Array {
    const { factor, length, bound } = this;
    if (factor?.rho === rho) return factor.L;
    const L = this.rows.gram(d);
    if (!choleskyInPlace(L, length, rho))
      fail('SINGULAR', `The penalty rho = ${rho} is too small beside the curvature of a client: use a larger one.`);
    if (bound.quadratic) this.factor = { rho, L };
    return L;
  }

  prox(v: Float64Array, rho: number, from: Float64Array): Float64Array {
    const { rows, bound, length } = this;
    const w = from.slice();
    let eta = rows.times(w);
    const [pull, d] = [new Float64Array(eta.length), new Float64Array(eta.length)];
    for (let step = 0; step < NEWTON_STEPS; step++) {
      const loss = bound.derivatives(eta, pull, d);
      const value = loss + 0.5 * rho * squaredDistance(w, v);
      if (!Number.isFinite(value))
        fail('NON_FINITE', 'The loss of a client is not finite: scale its features, or begin nearer 0.');
      const move = new Float64Array(length);
      rows.addTransposed(pull, 1, move);
      for (let j = 0; j < length; j++) move[j] += rho * (v[j] - w[j]);
      const descent = move.slice();
      choleskySolveInPlace(this.factored(d, rho), length, move);
      let slope = 0;
      for (let j = 0; j < length; j++) slope += descent[j] * move[j];
      const along = rows.times(move);
      const t = slope <= LEVEL * Math.abs(value) ? 1 : this.search({ eta, along, w, move, v, rho, value, slope });
      for (let j = 0; j < length; j++) w[j] += t * move[j];
      eta = rows.times(w);
      if (t === 0 || (t === 1 && norm(move) <= SMALL * (norm(w) + norm(v)))) break;
    }
    return w;
  }

  /** The first of 1, ½, ¼, … that decreases the objective by a tenth of the slope; 0 if rounding allows none. */
  private search(of: {
    readonly eta: Float64Array;
    readonly along: Float64Array;
    readonly w: Float64Array;
    readonly move: Float64Array;
    readonly v: Float64Array;
    readonly rho: number;
    readonly value: number;
    readonly slope: number;
  }): number {
    const { eta, along, w, move, v, rho, value, slope } = of;
    for (let k = 0, t = 1; k < HALVINGS; k++, t /= 2) {
      const loss = this.bound.value(eta.map((e, i) => e + t * along[i]));
      const found =
        loss +
        0.5 *
          rho *
          squaredDistance(
            w.map((a, j) => a + t * move[j]),
            v,
          );
      if (found <= value - 0.1 * t * slope) return t;
    }
    return 0;
  }
}

/**
 * The local objective Σᵢ weightsᵢ ℓ(yᵢ, xᵢ·w) of a client's rows for {@link consensusAdmm}, with ℓ the squared loss ½(y − η)², the logistic loss
 * log(1 + e^−yη) or the Poisson loss e^η − yη (with a constant). The rows stay where it is called; there may be none, or rows of one class. Its proximal operator takes damped
 * Newton steps, O(D s² + L³) each for s features of a row that are not 0, once the iterations are near their end one or two. Add a column of ones for an intercept.
 *
 * @param length number of features L. Default: that of the first row.
 * @throws EMPTY without rows and `length`, INVALID_SHAPE, NON_FINITE, INVALID_TARGET, INVALID_PARAMETER for weights or an unknown loss.
 */
export function lossProx(loss: LocalLoss, rows: LossRows, length = rows.X[0]?.length): LocalProx {
  if (!Object.hasOwn(losses, loss))
    fail('INVALID_PARAMETER', `The loss must be one of ${Object.keys(losses).join(', ')}, but is ${String(loss)}.`);
  if (length === undefined) fail('EMPTY', 'A client without rows needs the number of features.');
  const { X, y, weights } = rows;
  if (y.length !== X.length || (weights && weights.length !== X.length))
    fail(
      'INVALID_SHAPE',
      `A client has ${X.length} rows, but ${y.length} targets and ${weights?.length ?? X.length} weights.`,
    );
  return new LossProx(loss, rows, length);
}
