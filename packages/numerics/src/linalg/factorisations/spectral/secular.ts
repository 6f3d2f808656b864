import { fail } from '../../../core/index.ts';

/** Unit roundoff. */
const UNIT = Number.EPSILON / 2;
const STEPS = 120;

/**
 * Roots of 1/ρ + Σ z_i²/(p_i − x) for ascending poles p and ρ > 0: root j lies between poles j and j + 1, the last one
 * above all poles. Poles are the given d or, with `squares`, their squares (for singular values), whose differences are
 * computed as products and are thus accurate to the last digits. A root is represented by its distance from the nearer
 * pole, found by the rational interpolation of Bunch, Nielsen and Sorensen (Numer. Math. 31, 1978) with bracketing; the
 * iteration ends when the sum is zero up to its rounding error, as Gu and Eisenstat's vectors require (LAPACK Working
 * Note 89; dlaed4).
 */
export class SecularEquation {
  private readonly gaps: Float64Array;
  private readonly weights: Float64Array;
  private readonly total: number;

  constructor(
    private readonly d: Float64Array,
    z: Float64Array,
    private readonly rho: number,
    private readonly squares: boolean,
  ) {
    this.gaps = new Float64Array(d.length);
    this.weights = z.map((v) => v * v);
    this.total = this.weights.reduce((a, b) => a + b, 0);
  }

  private measureFrom(origin: number): void {
    const { d, gaps, squares } = this;
    const o = d[origin];
    if (squares) for (let i = 0; i < d.length; i++) gaps[i] = (d[i] - o) * (d[i] + o);
    else for (let i = 0; i < d.length; i++) gaps[i] = d[i] - o;
  }

  /**
   * Finds root j: writes p_i − x for all i to `out` from `at` on, and returns the pole used as origin and the distance
   * from it. O(number of poles) per step, about five steps.
   * @throws NUMERICAL if it does not converge, which is not expected for finite input.
   */
  root(j: number, out: Float64Array, at: number): { readonly origin: number; readonly offset: number } {
    const { d, gaps, weights, rho, total } = this;
    const k = d.length;
    const constant = 1 / rho;
    let origin = j;
    this.measureFrom(j);
    if (k === 1) {
      const offset = rho * total;
      out[at] = -offset;
      return { origin, offset };
    }
    const last = j === k - 1;
    const left = last ? k - 2 : j;
    const right = left + 1;
    const [wl, wr] = [weights[left], weights[right]];
    // The sign of the sum at the midpoint of the interval tells which pole is nearer to the root.
    const width = last ? -gaps[left] : gaps[right];
    const middle = last ? (rho * total) / 2 : width / 2;
    let sum = constant;
    for (let i = 0; i < k; i++) sum += weights[i] / (gaps[i] - middle);
    const rest = sum - wl / (gaps[left] - middle) - wr / (gaps[right] - middle);
    let lo = 0;
    let hi = last ? rho * total : middle;
    let x: number;
    if (last) {
      if (sum <= 0) lo = middle;
      else hi = middle;
      const a = -rest * width + wl + wr;
      const b = wr * width;
      const root = Math.sqrt(Math.abs(a * a + 4 * b * rest));
      x = a < 0 ? (2 * b) / (root - a) : (a + root) / (2 * rest);
      // The root may coincide with the upper end up to rounding.
      hi *= 1 + 4 * UNIT;
    } else if (sum >= 0) {
      const a = rest * width + wl + wr;
      const b = wl * width;
      const root = Math.sqrt(Math.abs(a * a - 4 * b * rest));
      x = a > 0 ? (2 * b) / (a + root) : (a - root) / (2 * rest);
    } else {
      origin = right;
      this.measureFrom(right);
      lo = -middle;
      hi = 0;
      const a = rest * width - wl - wr;
      const b = wr * width;
      const root = Math.sqrt(Math.abs(a * a + 4 * b * rest));
      x = a < 0 ? (2 * b) / (a - root) : -(a + root) / (2 * rest);
    }
    if (!(x > lo && x < hi)) x = (lo + hi) / 2;
    let before = Number.POSITIVE_INFINITY;
    for (let step = 0; step < STEPS; step++) {
      let [psi, dpsi, phi, dphi, error] = [0, 0, 0, 0, 0];
      for (let i = 0; i <= left; i++) {
        const g = gaps[i] - x;
        const t = weights[i] / g;
        psi += t;
        dpsi += t / g;
        error += Math.abs(psi);
      }
      for (let i = k - 1; i >= right; i--) {
        const g = gaps[i] - x;
        const t = weights[i] / g;
        phi += t;
        dphi += t / g;
        error += Math.abs(phi);
      }
      const w = constant + psi + phi;
      const slope = dpsi + dphi;
      const size = 8 * (Math.abs(phi) + Math.abs(psi)) + error + 2 * constant + Math.abs(x) * slope;
      if (Math.abs(w) <= UNIT * size) return this.done(origin, x, out, at);
      if (w < 0) lo = Math.max(lo, x);
      else hi = Math.min(hi, x);
      const [gl, gr] = [gaps[left] - x, gaps[right] - x];
      let c = w - gl * dpsi - gr * dphi;
      const a = (gl + gr) * w - gl * gr * slope;
      const b = gl * gr * w;
      const root = Math.sqrt(Math.abs(a * a - 4 * b * c));
      let change: number;
      if (last) {
        c = Math.abs(c);
        if (c === 0) change = hi - x;
        else change = a >= 0 ? (a + root) / (2 * c) : (2 * b) / (a - root);
      } else if (c === 0) change = b / a;
      else change = a <= 0 ? (a - root) / (2 * c) : (2 * b) / (a + root);
      // The step must go towards the sign change of the sum.
      if (!(w * change < 0)) change = -w / slope;
      let next = x + change;
      const slow = Math.abs(w) > before / 4 && step > 4;
      if (!(next > lo && next < hi) || (slow && step % 2 === 0)) next = (lo + hi) / 2;
      if (next === x || next === lo || next === hi) {
        // The bracket consists of adjacent floating-point numbers.
        return this.done(origin, next === 0 ? x : next, out, at);
      }
      before = Math.abs(w);
      x = next;
    }
    return fail('NUMERICAL', `Root ${j + 1} of ${k} of a secular equation was not found in ${STEPS} steps.`);
  }

  private done(origin: number, offset: number, out: Float64Array, at: number) {
    const { gaps } = this;
    for (let i = 0; i < gaps.length; i++) out[at + i] = gaps[i] - offset;
    return { origin, offset };
  }
}
