const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/** Quantities that the replacement of a point of the model needs. */
export interface Exchange {
  /** The new position. */
  readonly y: Float64Array;
  /** The values of the Lagrange functions there, followed by the product of H with the coordinates. */
  readonly lagrange: Float64Array;
  readonly beta: number;
  /** Denominator σ of the update that replaces point t: the larger, the better poised the new set of points. */
  denominator(t: number): number;
}

/**
 * A quadratic that interpolates f at m = 2n + 1 points, fewer than it has coefficients: the remaining freedom is used
 * to change its second derivative as little as possible in the Frobenius norm each time a point is replaced. Powell,
 * "Least Frobenius norm updating of quadratic models that satisfy interpolation conditions" (Mathematical Programming
 * 100, 2004) and "The BOBYQA algorithm" (2009).
 *
 * H, the inverse of the matrix of that least-norm problem, consists of the block of the points Ω = ZZᵀ, of rank m − n −
 * 1, and the rows B of the coordinates. Storing Z instead of Ω preserves the rank, and with it accuracy where points
 * are a thousand times nearer to the best than others. An update is O((m + n)²).
 *
 * Points are stored relative to a base, which {@link shift} moves to the best point.
 */
export class QuadraticModel {
  readonly n: number;
  readonly m: number;
  /** Index of the point with the smallest value. */
  best = 0;
  private readonly rank: number;
  /** Columns of Z. */
  private readonly Z: Float64Array[];
  /** Rows of H for the points, then for the coordinates, without the columns of the points. */
  private readonly B: Float64Array[];
  /** Gradient at the base. */
  private readonly g: Float64Array;
  /** The second derivative is this, row by row, plus Σ weights_k y_k y_kᵀ. */
  private readonly explicit: Float64Array;
  private weights: Float64Array;

  /**
   * The points are the base, then for each coordinate i the base displaced by a_i, then likewise by b_i: the inverse is
   * known in closed form. `values` are in this order.
   */
  constructor(
    readonly base: Float64Array,
    steps: ReadonlyArray<readonly [a: number, b: number]>,
    readonly values: Float64Array,
  ) {
    this.n = base.length;
    this.m = 2 * this.n + 1;
    this.rank = this.n;
    const { n, m } = this;
    this.points = [
      new Float64Array(n),
      ...[0, 1].flatMap((k) =>
        steps.map((pair, i) => {
          const y = new Float64Array(n);
          y[i] = pair[k];
          return y;
        }),
      ),
    ];
    this.B = Array.from({ length: m + n }, () => new Float64Array(n));
    // Second differences, and derivatives at 0, of the parabola through 0, a and b.
    this.Z = steps.map(([a, b], i) => {
      const z = new Float64Array(m);
      z[0] = Math.SQRT2 / (a * b);
      z[1 + i] = Math.SQRT2 / (a * (a - b));
      z[1 + n + i] = Math.SQRT2 / (b * (b - a));
      this.B[0][i] = -(a + b) / (a * b);
      this.B[1 + i][i] = b / (a * (b - a));
      this.B[1 + n + i][i] = a / (b * (a - b));
      return z;
    });
    for (let k = 1; k < m; k++) if (values[k] < values[this.best]) this.best = k;
    this.g = new Float64Array(n);
    this.explicit = new Float64Array(n * n);
    this.weights = new Float64Array(m);
    this.interpolate();
  }

  readonly points: Float64Array[];

  get centre(): Float64Array {
    return this.points[this.best];
  }

  /** In coordinates relative to the base. */
  outer(y: Float64Array): Float64Array {
    return y.map((v, i) => this.base[i] + v);
  }

  /** Whether the best point is so far from the base, for steps of this length, that accuracy would be lost. */
  strayed(radius: number): boolean {
    const { centre } = this;
    return radius * radius <= 1e-3 * dot(centre, centre);
  }

  /** Moves the base to the best point. H changes with it (2004, section 5). */
  shift(): void {
    const { n, m, points, B, Z, explicit, weights } = this;
    const s = this.centre.slice();
    const gradient = this.gradient();
    const s2 = dot(s, s);
    const quarter = 0.25 * s2;
    const along = points.map((y) => dot(y, s) - 0.5 * s2);
    for (let k = 0; k < m; k++) {
      const row = B[k].slice();
      const c = quarter - 0.5 * along[k];
      const v = points[k].map((y, i) => along[k] * y + c * s[i]);
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) B[m + i][j] += row[i] * v[j] + v[i] * row[j];
    }
    for (const z of Z) {
      let [sum, weighted] = [0, 0];
      for (let k = 0; k < m; k++) {
        sum += z[k];
        weighted += along[k] * z[k];
      }
      const w = s.map((v) => (quarter * sum - 0.5 * weighted) * v);
      for (let k = 0; k < m; k++) for (let i = 0; i < n; i++) w[i] += along[k] * z[k] * points[k][i];
      for (let k = 0; k < m; k++) for (let i = 0; i < n; i++) B[k][i] += w[i] * z[k];
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) B[m + i][j] += w[i] * w[j];
    }
    const w = new Float64Array(n);
    for (let k = 0; k < m; k++) {
      for (let i = 0; i < n; i++) w[i] += weights[k] * (points[k][i] - 0.5 * s[i]);
      points[k] = points[k].map((v, i) => v - s[i]);
    }
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) explicit[i * n + j] += w[i] * s[j] + s[i] * w[j];
      this.base[i] += s[i];
    }
    this.g.set(gradient);
  }

  /** Switches to the interpolating quadratic of least second derivative. */
  interpolate(): void {
    const { weights, gradient } = this.least();
    this.explicit.fill(0);
    this.weights = weights;
    this.g.set(gradient);
  }

  /** The gradient at the best point of the interpolating quadratic of least second derivative. */
  leastGradient(): Float64Array {
    const { weights, gradient } = this.least();
    const { centre, points, n } = this;
    points.forEach((y, k) => {
      const c = weights[k] * dot(y, centre);
      for (let i = 0; i < n; i++) gradient[i] += c * y[i];
    });
    return gradient;
  }

  private least(): { weights: Float64Array; gradient: Float64Array } {
    const { m, n, values, B } = this;
    const f = values.map((v) => v - values[this.best]);
    const weights = this.omega(f);
    const gradient = new Float64Array(n);
    for (let k = 0; k < m; k++) for (let i = 0; i < n; i++) gradient[i] += f[k] * B[k][i];
    return { weights, gradient };
  }

  /** Ω times a vector. */
  private omega(v: Float64Array): Float64Array {
    const out = new Float64Array(this.m);
    for (const z of this.Z) {
      const c = dot(z, v);
      for (let k = 0; k < out.length; k++) out[k] += c * z[k];
    }
    return out;
  }

  /** The second derivative times a vector. */
  times(v: Float64Array): Float64Array {
    const { n, m, explicit, weights, points } = this;
    const out = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += explicit[i * n + j] * v[j];
      out[i] = sum;
    }
    for (let k = 0; k < m; k++) {
      const y = points[k];
      const c = weights[k] * dot(y, v);
      if (c !== 0) for (let i = 0; i < n; i++) out[i] += c * y[i];
    }
    return out;
  }

  /** Curvature along a coordinate. */
  curvature(i: number): number {
    let sum = this.explicit[i * this.n + i];
    for (let k = 0; k < this.m; k++) sum += this.weights[k] * this.points[k][i] ** 2;
    return sum;
  }

  /** The gradient at the best point. */
  gradient(): Float64Array {
    const out = this.times(this.centre);
    for (let i = 0; i < this.n; i++) out[i] += this.g[i];
    return out;
  }

  /** The predicted change of f for a step d from the best point. */
  change(d: Float64Array, gradient = this.gradient()): number {
    return dot(d, gradient) + 0.5 * dot(d, this.times(d));
  }

  /** The Lagrange function of a point: its gradient at the best point, curvature along a direction, and H_tt. */
  lagrange(t: number): { gradient: Float64Array; curvature(d: Float64Array): number; alpha: number } {
    const { m, n, points, centre, B } = this;
    const weights = this.column(t);
    const gradient = B[t].slice();
    for (let k = 0; k < m; k++) {
      const c = weights[k] * dot(points[k], centre);
      for (let i = 0; i < n; i++) gradient[i] += c * points[k][i];
    }
    const curvature = (d: Float64Array) => weights.reduce((sum, w, k) => sum + w * dot(points[k], d) ** 2, 0);
    return { gradient, curvature, alpha: weights[t] };
  }

  /** Column t of Ω. */
  private column(t: number): Float64Array {
    const out = new Float64Array(this.m);
    for (const z of this.Z) for (let k = 0; k < out.length; k++) out[k] += z[t] * z[k];
    return out;
  }

  /**
   * Quantities that the replacement of a point of the model needs. The quantities for moving a point to d from the best
   * point; differences from the best point keep accuracy.
   */
  exchange(d: Float64Array): Exchange {
    const { m, n, points, centre, B, Z } = this;
    const lagrange = new Float64Array(m + n);
    const w = Float64Array.from(points, (y) => {
      const a = dot(y, d);
      return a * (0.5 * a + dot(y, centre));
    });
    lagrange.set(this.omega(w));
    let beta = 0;
    for (const z of Z) beta -= dot(z, w) ** 2;
    for (let k = 0; k < m; k++) lagrange[k] += dot(B[k], d);
    for (let j = 0; j < n; j++) {
      let [sum, more] = [0, 0];
      for (let k = 0; k < m; k++) sum += w[k] * B[k][j];
      for (let i = 0; i < n; i++) more += B[m + j][i] * d[i];
      lagrange[m + j] = sum + more;
      beta -= (sum + sum + more) * d[j];
    }
    const [d2, dx, x2] = [dot(d, d), dot(d, centre), dot(centre, centre)];
    beta += dx * dx + d2 * (x2 + dx + dx + 0.5 * d2);
    lagrange[this.best] += 1;
    const y = centre.map((v, i) => v + d[i]);
    const diagonal = Float64Array.from(points, (_, t) => Z.reduce((sum, z) => sum + z[t] * z[t], 0));
    return { y, lagrange, beta, denominator: (t) => diagonal[t] * beta + lagrange[t] * lagrange[t] };
  }

  /** Replaces point t by a new point with its value, and corrects the model there by `error` (2009, section 2). */
  replace(t: number, { y, lagrange, beta, denominator }: Exchange, value: number, error: number): void {
    const { n, m, Z, B } = this;
    const sigma = denominator(t);
    // Rotations of the columns of Z after which only one has an entry at t.
    const [z] = Z;
    for (let j = 1; j < this.rank; j++) {
      if (Z[j][t] === 0) continue;
      const length = Math.sqrt(z[t] * z[t] + Z[j][t] * Z[j][t]);
      const [c, s] = [z[t] / length, Z[j][t] / length];
      for (let k = 0; k < m; k++) {
        const held = c * z[k] + s * Z[j][k];
        Z[j][k] = c * Z[j][k] - s * z[k];
        z[k] = held;
      }
      Z[j][t] = 0;
    }
    const h = new Float64Array(m + n);
    for (let k = 0; k < m; k++) h[k] = z[t] * z[k];
    h.set(B[t], m);
    const [alpha, tau] = [h[t], lagrange[t]];
    const v = lagrange.slice();
    v[t] -= 1;
    const root = Math.sqrt(sigma);
    const [a, b] = [tau / root, z[t] / root];
    for (let k = 0; k < m; k++) z[k] = a * z[k] - b * v[k];
    for (let j = 0; j < n; j++) {
      const p = (alpha * v[m + j] - tau * h[m + j]) / sigma;
      const q = (-beta * h[m + j] - tau * v[m + j]) / sigma;
      for (let k = 0; k < m + n; k++) B[k][j] += p * v[k] + q * h[k];
    }
    const [old, weight] = [this.points[t], this.weights[t]];
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) this.explicit[i * n + j] += weight * old[i] * old[j];
    this.weights[t] = 0;
    this.points[t] = y;
    this.values[t] = value;
    const column = this.column(t);
    for (let k = 0; k < m; k++) this.weights[k] += error * column[k];
    for (let i = 0; i < n; i++) this.g[i] += error * B[t][i];
    if (value < this.values[this.best]) this.best = t;
  }

  /** Squared distance of point k from y. */
  distance2(k: number, y: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < this.n; i++) sum += (this.points[k][i] - y[i]) ** 2;
    return sum;
  }
}
