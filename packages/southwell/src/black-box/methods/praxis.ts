import { checkOptions, numberOption, type OptionsOf, type Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { type MethodContext, type Proposals, type Stop, withRestarts } from '../method.ts';
import type { Space } from '../space.ts';
import { powerOfTwo } from './powerOfTwo.ts';

const { power } = elementary;

export const praxisRecords = {
  /** Tolerance: ends when cycles of line searches move the point by at most half of this, relative to the initial step sizes. Default 1e-8. */
  tolX: numberOption({ min: 0, open: true }),
};

export interface PraxisOptions extends OptionsOf<typeof praxisRecords> {}

/**
 * Brent's principal axis method (Algorithms for Minimization without Derivatives, 1973, chapter 7): Powell's conjugate
 * directions (1964) by parabolic line searches that remember the curvature of each direction. After each cycle the
 * directions are replaced by the principal axes of the quadratic that they define, so that they stay linearly
 * independent. One point at a time.
 *
 * Points beyond bounds are reflected, so that a minimum on a bound lies in a crease.
 * @throws INVALID_PARAMETER.
 */
export function praxis(context: MethodContext, options: PraxisOptions = {}): Proposals {
  checkOptions('praxis', praxisRecords, options);
  const { tolX = 1e-8 } = options;
  return withRestarts(context, (start, random) => new Axes(context.space, start, random, tolX).descend());
}

type Evaluation<T> = Generator<readonly Float64Array[], T, Float64Array>;

const EPSILON = Number.EPSILON;
/** Brent's machine-dependent constants. */
const SMALL = EPSILON * EPSILON;
const ROOT = Math.sqrt(EPSILON);
const FOURTH = Math.sqrt(ROOT);
/** Maximum step, in initial step sizes. */
const LONGEST = 1;
/** Number of cycles without progress after which it ends. */
const PATIENCE = 1;
/** Number of cycles on a flat function after which it ends. */
const FLAT_CYCLES = 6;

class Axes {
  private readonly n: number;
  /** Coordinates that can move; vectors have only these. */
  private readonly moving: number[];
  /** In units of the initial step sizes. */
  private x: Float64Array;
  private fx = 0;
  /** Values are divided by this power of two, so that curvatures are in the range of the constants above. */
  private unit = 1;
  /** Directions, and half the second derivative along each; 0 if unknown. */
  private V: Float64Array[];
  private curvature: Float64Array;
  /** The smallest curvature of the principal axes. */
  private leastCurvature = SMALL;
  /** The length of recent steps. */
  private stride = LONGEST;
  private searches = 0;
  /** Two earlier points for the parabola through three, with the value of the later one. */
  private earlier: [Float64Array, Float64Array];
  private earlierValue = 0;
  private earlierGap = 0;

  constructor(
    private readonly space: Space,
    private readonly start: Float64Array,
    private readonly random: Random,
    private readonly tol: number,
  ) {
    this.moving = Array.from(start, (_, i) => i).filter((i) => space.lower[i] < space.upper[i]);
    this.n = this.moving.length;
    this.x = Float64Array.from(this.moving, (i) => start[i] / space.step[i]);
    this.V = Array.from({ length: this.n }, (_, i) => new Float64Array(this.n).fill(1, i, i + 1));
    this.curvature = new Float64Array(this.n);
    this.earlier = [this.x, this.x];
  }

  private *value(x: Float64Array): Evaluation<number> {
    const { space, moving } = this;
    const point = this.start.slice();
    moving.forEach((i, k) => {
      point[i] = space.step[i] * x[k];
    });
    const [value] = yield [space.reflect(point)];
    return value / this.unit;
  }

  /** The point at parameter t along a direction. */
  private along(j: number): (t: number) => Float64Array {
    const { x, V } = this;
    return (t) => x.map((v, i) => v + t * V[j][i]);
  }

  /**
   * A line search from the present value, at t = 0, by a parabola with the known curvature, or through three points.
   * `guess` has a parameter and, if it is known, the value there. Returns the parameter of the smallest value found,
   * and the curvature.
   */
  private *search(
    at: (t: number) => Float64Array,
    curvature: number,
    tries: number,
    guess = 0,
    guessed?: number,
  ): Evaluation<{ t: number; value: number; curvature: number }> {
    const { stride, tol } = this;
    const f0 = this.fx;
    let d2 = curvature;
    let unknown = d2 < EPSILON;
    const size = norm(this.x);
    const scale = unknown ? this.leastCurvature : d2;
    let step = FOURTH * Math.sqrt(Math.abs(f0) / scale + size * stride) + ROOT * stride;
    if (unknown) step = Math.min(step, FOURTH * size + tol);
    step = Math.min(Math.max(step, SMALL), 0.01 * LONGEST);
    let [tm, fm] = [0, f0];
    const keep = (t: number, f: number) => {
      if (f <= fm) [tm, fm] = [t, f];
    };
    let t1 = guess;
    let f1 = guessed ?? 0;
    if (guessed !== undefined) keep(guess, guessed);
    if (guessed === undefined || Math.abs(t1) < step) {
      t1 = t1 >= 0 ? step : -step;
      f1 = yield* this.value(at(t1));
      keep(t1, f1);
    }
    let t2 = 0;
    let f2 = 0;
    let failures = 0;
    for (let predict = true; ; ) {
      if (predict) {
        if (unknown) {
          t2 = f0 < f1 ? -t1 : 2 * t1;
          f2 = yield* this.value(at(t2));
          keep(t2, f2);
          d2 = (t2 * (f1 - f0) - t1 * (f2 - f0)) / (t1 * t2 * (t1 - t2));
        }
        const d1 = (f1 - f0) / t1 - t1 * d2;
        unknown = true;
        t2 = d2 <= SMALL ? (d1 < 0 ? LONGEST : -LONGEST) : (-0.5 * d1) / d2;
        if (!(Math.abs(t2) <= LONGEST)) t2 = t2 > 0 ? LONGEST : -LONGEST;
      }
      f2 = yield* this.value(at(t2));
      if (failures >= tries || !(f2 > f0)) break;
      failures++;
      predict = f0 < f1 && t1 * t2 > 0;
      if (!predict) t2 *= 0.5;
    }
    this.searches++;
    if (f2 > fm) t2 = tm;
    else fm = f2;
    if (Math.abs(t2 * (t2 - t1)) > SMALL) d2 = (t2 * (f1 - f0) - t1 * (fm - f0)) / (t1 * t2 * (t1 - t2));
    else if (failures > 0) d2 = 0;
    // Infinite values give no curvature to remember.
    if (!(d2 > SMALL && Number.isFinite(d2))) d2 = SMALL;
    return { t: t2, value: fm, curvature: d2 };
  }

  /** A line search along direction j, followed by the move to its minimum. */
  private *minimise(j: number, tries: number, guess?: number, guessed?: number): Evaluation<number> {
    const at = this.along(j);
    const found = yield* this.search(at, this.curvature[j], tries, guess, guessed);
    this.curvature[j] = found.curvature;
    this.x = at(found.t);
    this.fx = found.value;
    return found.t;
  }

  *descend(): Proposals {
    const { n, random, tol } = this;
    this.fx = yield* this.value(this.x);
    if (this.fx !== 0 && Number.isFinite(this.fx)) {
      this.unit = powerOfTwo(Math.abs(this.fx));
      this.fx /= this.unit;
    }
    if (n === 0) return { status: 'converged', message: 'The bounds leave one point.' };
    this.earlierValue = this.fx;
    let flat = 0;
    /** Rounding or a poor starting point hides the curvature: random steps help. */
    let ill = false;
    let still = 0;
    for (;;) {
      const cycle = this.fx;
      // The first curvature is measured again: if it has changed, the others are discarded.
      const was = this.curvature[0];
      this.curvature[0] = 0;
      const t = yield* this.minimise(0, 2);
      if (t <= 0) this.V[0] = this.V[0].map((v) => -v);
      if (was <= 0.9 * this.curvature[0] || 0.9 * was >= this.curvature[0]) this.curvature.fill(0, 1);
      if (n === 1) {
        this.stride = Math.max(0.01 * this.stride, Math.abs(t));
        still = this.stride > 0.5 * (ROOT * norm(this.x) + tol) ? 0 : still + 1;
        if (still > PATIENCE) return CONVERGED;
        flat = this.fx < cycle ? 0 : flat + 1;
        if (flat > FLAT_CYCLES) return FLAT;
        continue;
      }
      for (let k = 1; k < n; k++) {
        const [from, before] = [this.x, this.fx];
        if (still > 0) ill = true;
        let best = k;
        for (;;) {
          let most = 0;
          best = k;
          const z = new Float64Array(n);
          if (ill) {
            const size = 0.1 * this.stride + (ROOT * norm(this.x) + tol) * power(10, still);
            for (let i = 0; i < n; i++) {
              z[i] = size * (random.uniform() - 0.5);
              this.x = this.x.map((v, l) => v + z[i] * this.V[i][l]);
            }
            this.fx = yield* this.value(this.x);
          }
          for (let j = k; j < n; j++) {
            const f = this.fx;
            const s = yield* this.minimise(j, 2);
            const gain = ill ? this.curvature[j] * (s + z[j]) ** 2 : f - this.fx;
            if (gain > most) [most, best] = [gain, j];
          }
          if (ill || !(most < Math.abs(100 * EPSILON * this.fx))) break;
          ill = true;
        }
        for (let j = 0; j < k; j++) yield* this.minimise(j, 2);
        // The total displacement of these searches is conjugate to the first k directions, and replaces the one with
        // the largest reduction.
        const [to, after] = [this.x, this.fx];
        const way = to.map((v, i) => v - from[i]);
        let length = norm(way);
        if (length > SMALL) {
          this.V.splice(best, 1);
          this.V.splice(
            k,
            0,
            way.map((v) => v / length),
          );
          this.curvature.copyWithin(k + 1, k, best);
          this.curvature[k] = 0;
          this.x = from;
          this.fx = before;
          const s = yield* this.minimise(k, 4, length, after);
          // A random step may have increased the value at first, but never at the end.
          if (after < this.fx) [this.x, this.fx] = [to, after];
          length = Math.abs(s);
          if (s <= 0) this.V[k] = this.V[k].map((v) => -v);
        }
        this.stride = Math.max(0.01 * this.stride, length);
        const enough = ROOT * norm(this.x) + tol;
        still = this.stride > 0.5 * enough ? 0 : still + 1;
        if (still > PATIENCE) return CONVERGED;
      }
      if (norm(this.x) > 1e30) return { status: 'diverged', message: 'The points move away without bound.' };
      yield* this.extrapolate();
      flat = this.fx < cycle ? 0 : flat + 1;
      if (flat > FLAT_CYCLES) return FLAT;
      ill = this.principalAxes();
    }
  }

  /** Extrapolation along the parabola through the last points of three cycles, for curved valleys. */
  private *extrapolate(): Evaluation<void> {
    const { n, x, fx } = this;
    const [q0, q1] = this.earlier;
    const gap = norm(x.map((v, i) => v - q1[i]));
    const before = this.earlierGap;
    const lastValue = this.earlierValue;
    this.earlier = [q1, x];
    this.earlierValue = fx;
    this.earlierGap = gap;
    if (!(before > 0 && gap > 0 && this.searches >= 3 * n * n)) return;
    const at = (l: number) => {
      const a = (l * (l - gap)) / (before * (before + gap));
      const b = ((l + before) * (gap - l)) / (before * gap);
      const c = (l * (l + before)) / (gap * (before + gap));
      return x.map((v, i) => a * q0[i] + b * q1[i] + c * v);
    };
    // From the middle point, whose parameter is 0; the value at the present point is known.
    this.fx = lastValue;
    const found = yield* this.search(at, 0, 2, gap, fx);
    this.fx = fx;
    if (found.value < fx) {
      this.x = at(found.t);
      this.fx = found.value;
    }
  }

  /**
   * The principal axes of the quadratic with these conjugate directions and curvatures; returns whether their lengths
   * are very different.
   */
  private principalAxes(): boolean {
    const { n, V, curvature } = this;
    const A = V.map((v, j) => v.map((c) => c / Math.sqrt(Math.max(curvature[j], SMALL))));
    orthogonalise(A);
    const lengths = A.map(norm);
    const order = Array.from(lengths, (_, j) => j).sort((a, b) => lengths[a] - lengths[b]);
    if (!(lengths[order[0]] > 0 && Number.isFinite(lengths[order[n - 1]]))) {
      this.V = Array.from({ length: n }, (_, i) => new Float64Array(n).fill(1, i, i + 1));
      curvature.fill(0);
      return true;
    }
    this.V = order.map((j) => A[j].map((c) => c / lengths[j]));
    order.forEach((j, k) => {
      curvature[k] = 1 / (lengths[j] * lengths[j]);
    });
    this.leastCurvature = Math.max(curvature[n - 1], SMALL);
    return ROOT * curvature[0] > curvature[n - 1];
  }
}

const CONVERGED: Stop = { status: 'converged', message: 'Cycles of line searches no longer move the point.' };

const FLAT: Stop = { status: 'stalled', message: 'Cycles of line searches move the point, but find nothing lower.' };

const norm = (d: Float64Array): number => Math.sqrt(d.reduce((sum, v) => sum + v * v, 0));

/**
 * Rotates pairs of columns until all are orthogonal (one-sided Jacobi): they are then the scaled left singular vectors.
 */
function orthogonalise(columns: Float64Array[]): void {
  const n = columns.length;
  for (let sweep = 0, turned = true; turned && sweep < 40; sweep++) {
    turned = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const [a, b] = [columns[p], columns[q]];
        let [aa, bb, ab] = [0, 0, 0];
        for (let i = 0; i < n; i++) {
          aa += a[i] * a[i];
          bb += b[i] * b[i];
          ab += a[i] * b[i];
        }
        if (!(Math.abs(ab) > EPSILON * Math.sqrt(aa * bb))) continue;
        turned = true;
        const zeta = (bb - aa) / (2 * ab);
        const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        const c = 1 / Math.sqrt(1 + t * t);
        for (let i = 0; i < n; i++) {
          const held = c * (a[i] - t * b[i]);
          b[i] = c * (t * a[i] + b[i]);
          a[i] = held;
        }
      }
    }
  }
}
