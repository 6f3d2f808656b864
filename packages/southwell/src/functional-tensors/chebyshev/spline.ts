import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';

/**
 * Not-a-knot cubic splines through values at given knots: the first two pieces, and the last two, are the same cubic.
 */
export class SplineGrid {
  private readonly knots: Float64Array;
  private readonly steps: Float64Array;
  /** The tridiagonal system of slopes: elimination factors and pivots. */
  private readonly lower: Float64Array;
  private readonly pivots: Float64Array;
  private readonly upper: Float64Array;

  /**
   * @param name Name of the knots in error messages. @throws EMPTY, NON_FINITE, INVALID_PARAMETER unless they ascend.
   */
  constructor(knots: ArrayLike<number>, name = 'the knots') {
    const n = knots.length;
    if (n === 0) fail('EMPTY', `A spline needs at least one knot, but ${name} are empty.`);
    const x = Float64Array.from(knots);
    for (let i = 0; i < n; i++) {
      if (!Number.isFinite(x[i])) fail('NON_FINITE', `Point ${i + 1} of ${name} is ${x[i]}.`);
      if (i > 0 && !(x[i] > x[i - 1])) {
        fail('INVALID_PARAMETER', `${name} must be ascending, but point ${i + 1} is ${x[i]} after ${x[i - 1]}.`);
      }
    }
    this.knots = x;
    this.steps = Float64Array.from({ length: n - 1 }, (_, i) => x[i + 1] - x[i]);
    const h = this.steps;
    this.lower = new Float64Array(n);
    this.pivots = new Float64Array(n);
    this.upper = new Float64Array(n);
    if (n < 4) return;
    for (let i = 0; i < n; i++) {
      const [diagonal, above, below] =
        i === 0
          ? [h[1], h[0] + h[1], 0]
          : i === n - 1
            ? [h[n - 3], 0, h[n - 2] + h[n - 3]]
            : [2 * (h[i - 1] + h[i]), h[i - 1], h[i]];
      this.upper[i] = above;
      this.lower[i] = i === 0 ? 0 : below / this.pivots[i - 1];
      this.pivots[i] = diagonal - (i === 0 ? 0 : this.lower[i] * this.upper[i - 1]);
    }
  }

  /** The slopes of one spline at the knots. */
  private slopes(y: ArrayLike<number>, at: number): Float64Array {
    const n = this.knots.length;
    const h = this.steps;
    const s = new Float64Array(n);
    const d = (i: number) => (y[at + i + 1] - y[at + i]) / h[i];
    if (n === 1) return s;
    if (n === 2) return s.fill(d(0));
    if (n === 3) {
      // The parabola through three points.
      const bend = (d(1) - d(0)) / (h[0] + h[1]);
      s.set([d(0) - bend * h[0], d(0) + bend * h[0], d(1) + bend * h[1]]);
      return s;
    }
    const [p, q] = [n - 2, n - 3];
    const [first, last] = [h[0] + h[1], h[p] + h[q]];
    s[0] = ((h[0] + 2 * first) * h[1] * d(0) + h[0] * h[0] * d(1)) / first;
    for (let i = 1; i < n - 1; i++) s[i] = 3 * (h[i] * d(i - 1) + h[i - 1] * d(i));
    s[n - 1] = (h[p] * h[p] * d(q) + (2 * last + h[p]) * h[q] * d(p)) / last;
    for (let i = 1; i < n; i++) s[i] -= this.lower[i] * s[i - 1];
    for (let i = n - 1; i >= 0; i--) s[i] = (s[i] - (i < n - 1 ? this.upper[i] * s[i + 1] : 0)) / this.pivots[i];
    return s;
  }

  /**
   * Evaluates splines through columns of values at points, a row for each point, extrapolating the end cubics. O((knots
   * + points)·columns).
   */
  resample(values: DenseMatrix, points: ArrayLike<number>): DenseMatrix {
    const n = this.knots.length;
    const m = points.length;
    const out = DenseMatrix.create(m, values.cols, { fill: false });
    const pieces = Int32Array.from(points, (x) => this.pieceOf(x));
    for (let c = 0; c < values.cols; c++) {
      const at = c * n;
      const y = values.data;
      const slopes = this.slopes(y, at);
      const column = out.column(c);
      for (let j = 0; j < m; j++) {
        const i = pieces[j];
        if (n === 1) column[j] = y[at];
        else {
          const h = this.steps[i];
          const t = points[j] - this.knots[i];
          const d = (y[at + i + 1] - y[at + i]) / h;
          const bend = (3 * d - 2 * slopes[i] - slopes[i + 1]) / h;
          const twist = (slopes[i] + slopes[i + 1] - 2 * d) / (h * h);
          column[j] = y[at + i] + t * (slopes[i] + t * (bend + t * twist));
        }
      }
    }
    return out;
  }

  private pieceOf(x: number): number {
    let [low, high] = [0, Math.max(0, this.knots.length - 2)];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (x < this.knots[middle]) high = middle - 1;
      else low = middle;
    }
    return low;
  }
}

/**
 * The not-a-knot cubic spline through values at ascending knots (de Boor 1978), evaluated at points; cubics are
 * reproduced exactly. Three knots give a parabola, two a line, one a constant; beyond the knots the end cubics are
 * extrapolated. O(knots + points).
 *
 * @example cubicSpline([0, 1, 2, 3], [0, 1, 8, 27], [1.5]); // 3.375
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER unless the knots ascend.
 */
export function cubicSpline(
  knots: ArrayLike<number>,
  values: ArrayLike<number>,
  points: ArrayLike<number>,
): Float64Array {
  const grid = new SplineGrid(knots);
  if (values.length !== knots.length) {
    fail('INVALID_SHAPE', `A spline of ${knots.length} knots needs ${knots.length} values, not ${values.length}.`);
  }
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) fail('NON_FINITE', `Value ${i + 1} of the spline is ${values[i]}.`);
  }
  return grid.resample(DenseMatrix.fromColumnMajor(values, values.length, 1), points).data.slice();
}
