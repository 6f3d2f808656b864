import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, wholeNumber } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { Fourier } from '@southwell/numerics/transforms';
import { Tensor } from 'southwell/tensors';

/** An interval, from the smaller number to the larger. */
export type Interval = readonly [low: number, high: number];

/** How far a point may lie beyond an interval, relative to half its width, to count as its end: rounding. */
const ROUNDING = 1e-12;

/**
 * The m Chebyshev points of an interval, ascending, including its ends: −cos(πj/(m − 1)) on [−1, 1]. A single point is
 * the midpoint.
 * @throws INVALID_PARAMETER.
 */
export function chebyshevPoints(m: number, [low, high]: Interval = [-1, 1]): Float64Array {
  wholeNumber('The number of Chebyshev points', m, 1);
  const middle = low / 2 + high / 2;
  const half = high / 2 - low / 2;
  return Float64Array.from({ length: m }, (_, j) => {
    if (j === 0 && m > 1) return low;
    if (j === m - 1 && m > 1) return high;
    // Sines of angles about zero make the points symmetric to the last bit.
    return middle + half * elementary.sin((Math.PI * (2 * j - (m - 1))) / (2 * Math.max(1, m - 1)));
  });
}

/**
 * Transforms between values at m Chebyshev points and coefficients of a Chebyshev series, by cosine transforms. O(m log
 * m) each.
 */
class ChebyshevTransform {
  private readonly fourier: Fourier | undefined;
  private readonly room: Float64Array;

  constructor(readonly m: number) {
    const n = 2 * (m - 1);
    this.fourier = m > 1 ? new Fourier(n) : undefined;
    this.room = new Float64Array(2 * n);
  }

  /** In place, for two strips of data at once (or the same strip twice): real and imaginary parts do not mix. */
  strips(data: Float64Array, stride: number, first: number, second: number, back: boolean): void {
    const { m, fourier, room } = this;
    if (!fourier) return;
    const last = m - 1;
    for (let j = 0; j < m; j++) {
      // Points ascend from −1, whereas the transform starts at 1: values are reversed.
      const at = stride * (back ? j : last - j);
      const part = back && j > 0 && j < last ? 0.5 : 1;
      const [a, b] = [part * data[first + at], part * data[second + at]];
      room[2 * j] = a;
      room[2 * j + 1] = b;
      if (j > 0 && j < last) {
        room[2 * (2 * last - j)] = a;
        room[2 * (2 * last - j) + 1] = b;
      }
    }
    fourier.forward(room, room);
    for (let j = 0; j < m; j++) {
      const at = stride * (back ? last - j : j);
      const part = back ? 1 : (j > 0 && j < last ? 1 : 0.5) / last;
      data[first + at] = part * room[2 * j];
      data[second + at] = part * room[2 * j + 1];
    }
  }
}

/**
 * Transforms every column in place, one by one: with two at once, rounding errors of the larger would affect the
 * smaller.
 */
export function transformColumns({ rows: m, cols, data }: DenseMatrix): void {
  const transform = new ChebyshevTransform(m);
  for (let j = 0; j < cols; j++) transform.strips(data, 1, j * m, j * m, false);
}

/** Transforms values at Chebyshev points of all modes to coefficients of products of Chebyshev polynomials. */
export function transformTensor({ shape, data }: Tensor): Tensor {
  const out = data.slice();
  let after = out.length;
  for (const m of shape) {
    const block = after;
    after /= m;
    const transform = new ChebyshevTransform(m);
    for (let l = 0; l < out.length; l += block) {
      for (let r = 0; r < after; r += 2) {
        transform.strips(out, after, l + r, l + Math.min(r + 1, after - 1), false);
      }
    }
  }
  return new Tensor(shape, out);
}

/**
 * The coefficients c of the polynomial Σ_k c_k T_k that interpolates the values at {@link chebyshevPoints}, equally
 * many. By a fast Fourier transform, O(m log m).
 * @throws EMPTY.
 */
export function chebyshevCoefficients(values: ArrayLike<number>): Float64Array {
  return transformed(values, false);
}

/** The values at equally many {@link chebyshevPoints}: the inverse of {@link chebyshevCoefficients}. @throws EMPTY. */
export function chebyshevValues(coefficients: ArrayLike<number>): Float64Array {
  return transformed(coefficients, true);
}

function transformed(list: ArrayLike<number>, back: boolean): Float64Array {
  if (list.length === 0) fail('EMPTY', 'A Chebyshev series has at least one coefficient.');
  const out = Float64Array.from(list);
  new ChebyshevTransform(out.length).strips(out, 1, 0, 0, back);
  return out;
}

/** A point mapped from an interval to [−1, 1]; undefined if it lies outside. */
export function placeIn(value: number, [low, high]: Interval): number | undefined {
  // Halved first, as the difference of large ends may overflow.
  const t = (value - (low / 2 + high / 2)) / (high / 2 - low / 2);
  return Math.abs(t) <= 1 + ROUNDING ? Math.max(-1, Math.min(1, t)) : undefined;
}

/** T_0 … T_(m−1) at points of [−1, 1], a row for each point. */
export function chebyshevRows(places: ArrayLike<number>, m: number): DenseMatrix {
  const n = places.length;
  const out = DenseMatrix.create(n, m, { fill: false });
  const { data } = out;
  for (let i = 0; i < n; i++) {
    data[i] = 1;
    if (m > 1) data[n + i] = places[i];
  }
  for (let j = 2; j < m; j++) {
    const [one, two] = [(j - 1) * n, (j - 2) * n];
    for (let i = 0; i < n; i++) data[j * n + i] = 2 * places[i] * data[one + i] - data[two + i];
  }
  return out;
}

/** The coefficients of the derivatives with respect to t of the series in columns, one fewer, but at least one. */
export function differentiated({ rows: m, cols, data }: DenseMatrix): DenseMatrix {
  const out = DenseMatrix.create(Math.max(1, m - 1), cols);
  for (let c = 0; c < cols; c++) {
    const column = out.column(c);
    // c'_(k−1) = c'_(k+1) + 2k·c_k, halved for T_0.
    for (let k = m - 1; k >= 1; k--) column[k - 1] = (k + 1 < m - 1 ? column[k + 1] : 0) + 2 * k * data[c * m + k];
    if (m > 1) column[0] /= 2;
  }
  return out;
}

/** ∫ T_k over [−1, 1]. */
export const chebyshevMoment = (k: number): number => (k % 2 === 0 ? 2 / (1 - k * k) : 0);
