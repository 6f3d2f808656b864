/**
 * Second-order cones {(t, u): t ≥ ‖u‖₂}. The rows of cones are the last ones of a program; `offsets` holds the first row
 * of each cone, and then the number of rows.
 */
/** ‖u‖₂ of the cone vector v[from..to) = (t, u). */
export function tail(v: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from + 1; i < to; i++) sum += v[i] * v[i];
  return Math.sqrt(sum);
}

/** The largest ‖u‖₂ − t of the cones: 0 or less if v is in all of them. */
export function coneViolation(offsets: Int32Array, v: Float64Array): number {
  let worst = Number.NEGATIVE_INFINITY;
  for (let k = 0; k + 1 < offsets.length; k++) {
    const violation = tail(v, offsets[k], offsets[k + 1]) - v[offsets[k]];
    if (!(violation <= worst)) worst = violation;
  }
  return worst;
}

/** Makes t large enough. */
export function raiseIntoCones(offsets: Int32Array, v: Float64Array): void {
  for (let k = 0; k + 1 < offsets.length; k++) {
    const at = offsets[k];
    v[at] = Math.max(v[at], tail(v, at, offsets[k + 1]));
  }
}

/** The vectors of the cones, copied. */
export const byCone = (offsets: Int32Array, v: Float64Array): Float64Array[] =>
  Array.from(offsets.subarray(1), (to, k) => v.slice(offsets[k], to));

/**
 * Slacks s of cone rows, Gx + h = s, with the scaling of Nesterov and Todd (1997): W symmetric with Wy = W⁻¹s = λ, and
 * W² = η²(2w̄w̄ᵀ − J), where J = diag(1, −1, …). Formulas: Vandenberghe, "The CVXOPT linear and
 * quadratic cone program solvers" (2010). Vectors have one entry per row of the program; those of other rows stay 0.
 */
export class ConeSlacks {
  readonly s: Float64Array;
  readonly ds: Float64Array;
  /** Added to the right-hand sides of the rows by the corrector. */
  readonly correction: Float64Array;
  readonly count: number;
  private readonly w: Float64Array;
  private readonly lambda: Float64Array;
  private readonly eta: Float64Array;

  constructor(readonly offsets: Int32Array) {
    const rows = offsets[offsets.length - 1];
    this.count = offsets.length - 1;
    const zeros = () => new Float64Array(rows);
    [this.s, this.ds, this.correction, this.w, this.lambda] = Array.from({ length: 5 }, zeros);
    this.eta = new Float64Array(this.count).fill(1);
    for (let k = 0; k < this.count; k++) this.w[offsets[k]] = 1;
  }

  /** sᵀy after steps of lengths p and q. */
  productAfter(y: Float64Array, dy: Float64Array, p: number, q: number): number {
    let sum = 0;
    for (let i = this.offsets[0]; i < y.length; i++) sum += (this.s[i] + p * this.ds[i]) * (y[i] + q * dy[i]);
    return sum;
  }

  /** Moves v into the interior of all cones. */
  moveInside(v: Float64Array): void {
    const { offsets } = this;
    const violation = coneViolation(offsets, v);
    let size = 1;
    for (let i = offsets[0]; i < v.length; i++) size = Math.max(size, Math.abs(v[i]));
    if (violation > -1e-8 * size) for (let k = 0; k < this.count; k++) v[offsets[k]] += 1 + violation;
  }

  /** W and λ of the slacks and the multipliers y. */
  scale(y: Float64Array): void {
    const { s, w, eta, lambda, offsets } = this;
    for (let k = 0; k < this.count; k++) {
      const [from, to] = [offsets[k], offsets[k + 1]];
      const [a, b] = [Math.sqrt(determinant(s, from, to)), Math.sqrt(determinant(y, from, to))];
      eta[k] = Math.sqrt(a / b);
      let cosine = 0;
      for (let i = from; i < to; i++) cosine += (s[i] / a) * (y[i] / b);
      const half = 2 * Math.sqrt((1 + cosine) / 2);
      for (let i = from + 1; i < to; i++) w[i] = (s[i] / a - y[i] / b) / half;
      // Of w̄ with w̄ᵀJw̄ = 1 to the last digit.
      w[from] = Math.hypot(1, tail(w, from, to));
      this.scaled(k, y, lambda, 1);
    }
  }

  /**
   * Entries of the optimality system: W² is the Schur complement of a column of its own, with diagonal η², that holds
   * √2 η² w̄, in the diagonal −η²J.
   */
  fill(X: Float64Array, Y: Float64Array, columns: Float64Array, delta: number): void {
    const { w, eta, offsets } = this;
    for (let k = 0; k < this.count; k++) {
      const square = eta[k] * eta[k];
      X[X.length - this.count + k] = square;
      for (let i = offsets[k]; i < offsets[k + 1]; i++) {
        Y[i] = (i === offsets[k] ? -square : square) + delta;
        columns[i - offsets[0]] = Math.SQRT2 * square * w[i];
      }
    }
  }

  /** out ← Wv or, with sign −1, W⁻¹v. */
  private scaled(k: number, v: Float64Array, out: Float64Array, sign: 1 | -1): void {
    const { w, eta, offsets } = this;
    const [from, to] = [offsets[k], offsets[k + 1]];
    let inner = 0;
    for (let i = from + 1; i < to; i++) inner += w[i] * v[i];
    const first = v[from];
    const along = sign * first + inner / (1 + w[from]);
    const factor = sign === 1 ? eta[k] : 1 / eta[k];
    out[from] = factor * (w[from] * first + sign * inner);
    for (let i = from + 1; i < to; i++) out[i] = factor * (v[i] + w[i] * along);
  }

  /** Sets the correction W(λ \ (σμe − W⁻¹ds ∘ Wdy)) of the direction (ds, dy). */
  correct(dy: Float64Array, target: number): void {
    const { lambda, offsets, correction, ds } = this;
    const [one, other] = [new Float64Array(ds.length), new Float64Array(ds.length)];
    for (let k = 0; k < this.count; k++) {
      const [from, to] = [offsets[k], offsets[k + 1]];
      this.scaled(k, ds, one, -1);
      this.scaled(k, dy, other, 1);
      let first = target;
      for (let i = from; i < to; i++) first -= one[i] * other[i];
      for (let i = from + 1; i < to; i++) correction[i] = -(one[from] * other[i] + other[from] * one[i]);
      // The solution of λ ∘ u = r.
      let inner = 0;
      for (let i = from + 1; i < to; i++) inner += lambda[i] * correction[i];
      const u = (lambda[from] * first - inner) / determinant(lambda, from, to);
      correction[from] = u;
      for (let i = from + 1; i < to; i++) correction[i] = (correction[i] - u * lambda[i]) / lambda[from];
      this.scaled(k, correction, correction, 1);
    }
  }

  /** The largest step, at most `most`, that keeps v + step · dv in the cones. */
  longest(v: Float64Array, dv: Float64Array, most: number): number {
    const { offsets } = this;
    let step = most;
    for (let k = 0; k < this.count; k++) {
      const [from, to] = [offsets[k], offsets[k + 1]];
      let mixed = v[from] * dv[from];
      for (let i = from + 1; i < to; i++) mixed -= v[i] * dv[i];
      const length = tail(dv, from, to);
      const square = (dv[from] - length) * (dv[from] + length);
      const now = determinant(v, from, to);
      // Negative by rounding only: (vᵀJdv)² ≥ (vᵀJv)(dvᵀJdv) for v in the cone.
      const rate = Math.sqrt(Math.max(0, mixed * mixed - square * now)) - mixed;
      if (rate * step > now) step = now / rate;
    }
    return step;
  }

  /** v ← v + step · dv, without leaving the interior by rounding. */
  advance(v: Float64Array, dv: Float64Array, step: number): void {
    const { offsets } = this;
    for (let i = offsets[0]; i < v.length; i++) v[i] += step * dv[i];
    for (let k = 0; k < this.count; k++) {
      const at = offsets[k];
      v[at] = Math.max(v[at], tail(v, at, offsets[k + 1]) * (1 + 1e-15), 1e-300);
    }
  }
}

/** t² − ‖u‖², without the cancellation of the squares. */
function determinant(v: Float64Array, from: number, to: number): number {
  const length = tail(v, from, to);
  return (v[from] - length) * (v[from] + length);
}
