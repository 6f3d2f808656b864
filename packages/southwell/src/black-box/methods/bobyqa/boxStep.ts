import { clamp } from '@southwell/numerics/projections';
/** A box about the centre of a trust region: how far each coordinate may move. */
export interface Room {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

export interface BoxStep {
  readonly d: Float64Array;
  /** Gradient of the quadratic at the end of the step. */
  readonly gradient: Float64Array;
  /** Smallest curvature encountered if the step ended inside the trust region; 0 otherwise. */
  readonly curvature: number;
}

/**
 * A step d that approximately minimises gᵀd + ½dᵀBd subject to ‖d‖ ≤ radius and a box: truncated conjugate gradients,
 * restarted each time a coordinate reaches its bound, and on the boundary of the ball rotations in the plane of d and
 * the gradient (Powell 2009, section 3). `times` returns B times a vector.
 */
export function boxStep(g: Float64Array, times: (v: Float64Array) => Float64Array, radius: number, box: Room): BoxStep {
  const descent = new Descent(g, times, box);
  if (!descent.conjugateGradients(radius)) descent.turn();
  return descent.result();
}

/** The state of the step: d with its gradient, and the coordinates that are fixed at bounds. */
class Descent {
  private readonly d: Float64Array;
  private readonly gradient: Float64Array;
  /** −1 and 1 where a coordinate is fixed at its lower or upper bound. */
  private readonly held: Int8Array;
  private free: number;
  /** Reduction of the model so far. */
  private reduction = 0;
  private curvature = -1;

  constructor(
    g: Float64Array,
    private readonly times: (v: Float64Array) => Float64Array,
    private readonly box: Room,
  ) {
    const n = g.length;
    this.d = new Float64Array(n);
    this.gradient = g.slice();
    this.held = new Int8Array(n);
    this.free = n;
    for (let i = 0; i < n; i++) {
      if (box.low[i] >= 0 && g[i] >= 0) this.hold(i, -1);
      else if (box.high[i] <= 0 && g[i] <= 0) this.hold(i, 1);
    }
  }

  private hold(i: number, side: -1 | 1): void {
    this.held[i] = side;
    this.free--;
  }

  /** Inner product over free coordinates. */
  private sum(a: Float64Array, b: Float64Array): number {
    const { held } = this;
    let total = 0;
    for (let i = 0; i < held.length; i++) if (held[i] === 0) total += a[i] * b[i];
    return total;
  }

  /** The step, clipped to its bounds. */
  result(): BoxStep {
    const { d, gradient, held, box, curvature } = this;
    for (let i = 0; i < d.length; i++) {
      d[i] = clamp(d[i], box.low[i], box.high[i]);
      if (held[i] < 0) d[i] = box.low[i];
      if (held[i] > 0) d[i] = box.high[i];
    }
    return { d, gradient, curvature };
  }

  /** Conjugate gradients up to the boundary of the ball; returns whether they ended inside. */
  conjugateGradients(radius: number): boolean {
    const { d, gradient, held, box } = this;
    const n = d.length;
    let s = new Float64Array(n);
    let beta = 0;
    let room = radius * radius;
    let left = 0;
    for (;;) {
      s = s.map((v, i) => (held[i] === 0 ? beta * v - gradient[i] : 0));
      const length2 = this.sum(s, s);
      if (length2 === 0) return true;
      const slope2 = this.sum(gradient, gradient);
      if (beta === 0) left = this.free;
      if (slope2 * room <= 1e-4 * this.reduction * this.reduction) return true;
      const Bs = this.times(s);
      const resid = room - this.sum(d, d);
      if (resid <= 0) return false;
      const ds = this.sum(d, s);
      const bend = this.sum(s, Bs);
      const root = Math.sqrt(length2 * resid + ds * ds);
      const longest = ds < 0 ? (root - ds) / length2 : resid / (root + ds);
      let step = bend > 0 ? Math.min(longest, slope2 / bend) : longest;
      let met = -1;
      for (let i = 0; i < n; i++) {
        if (s[i] === 0) continue;
        const t = ((s[i] > 0 ? box.high[i] : box.low[i]) - d[i]) / s[i];
        if (t < step) [step, met] = [t, i];
      }
      let gain = 0;
      let next2 = slope2;
      if (step > 0) {
        left--;
        if (met < 0 && bend > 0)
          this.curvature = this.curvature < 0 ? bend / length2 : Math.min(this.curvature, bend / length2);
        for (let i = 0; i < n; i++) {
          gradient[i] += step * Bs[i];
          d[i] += step * s[i];
        }
        next2 = this.sum(gradient, gradient);
        gain = Math.max(0, step * (slope2 - 0.5 * step * bend));
        this.reduction += gain;
      }
      if (met >= 0) {
        this.hold(met, s[met] > 0 ? 1 : -1);
        room -= d[met] * d[met];
        if (room <= 0) return false;
        beta = 0;
        continue;
      }
      if (step >= longest) return false;
      if (left <= 0 || gain <= 0.01 * this.reduction) return true;
      beta = next2 / slope2;
    }
  }

  /** On the boundary: rotations of d towards descent. */
  turn(): void {
    const { d, gradient, held, box } = this;
    const n = d.length;
    let s: Float64Array;
    this.curvature = 0;
    for (;;) {
      if (this.free <= 1) return;
      let Bd = this.times(d.map((v, i) => (held[i] === 0 ? v : 0)));
      let bound = false;
      while (!bound) {
        const [dd, dg, gg] = [this.sum(d, d), this.sum(d, gradient), this.sum(gradient, gradient)];
        const area2 = gg * dd - dg * dg;
        if (area2 <= 1e-4 * this.reduction * this.reduction) return;
        const area = Math.sqrt(area2);
        // A descent direction orthogonal to d and of the same length.
        s = d.map((v, i) => (held[i] === 0 ? (dg * v - dd * gradient[i]) / area : 0));
        // The tangent of half the largest angle that the bounds allow.
        let most = 1;
        let met = -1;
        let side: -1 | 1 = 1;
        for (let i = 0; i < n && !bound; i++) {
          if (held[i] !== 0) continue;
          const [below, above] = [d[i] - box.low[i], box.high[i] - d[i]];
          if (below <= 0 || above <= 0) {
            this.hold(i, below <= 0 ? -1 : 1);
            bound = true;
            continue;
          }
          const reach2 = d[i] * d[i] + s[i] * s[i];
          const under = reach2 - box.low[i] ** 2;
          if (under > 0) {
            const t = Math.sqrt(under) - s[i];
            if (most * t > below) [most, met, side] = [below / t, i, -1];
          }
          const over = reach2 - box.high[i] ** 2;
          if (over > 0) {
            const t = Math.sqrt(over) + s[i];
            if (most * t > above) [most, met, side] = [above / t, i, 1];
          }
        }
        if (bound) break;
        const Bs = this.times(s);
        const [ss, ds, bends] = [this.sum(s, Bs), this.sum(d, Bs), this.sum(d, Bd)];
        /** The reduction at a rotation with tangent t of half the angle. */
        const gained = (t: number): number => {
          const sine = (2 * t) / (1 + t * t);
          return sine * (t * dg + area - 0.5 * sine * (ss + t * (t * bends - 2 * ds)));
        };
        const steps = Math.floor(17 * most + 3.1);
        const gains = Float64Array.from({ length: steps + 2 }, (_, k) => (k > steps ? 0 : gained((most * k) / steps)));
        let at = 0;
        for (let k = 1; k <= steps; k++) if (gains[k] > gains[at]) at = k;
        if (at === 0) return;
        let t = (most * at) / steps;
        if (at < steps) {
          const [before, after] = [gains[at - 1], gains[at + 1]];
          t = (most * (at + (0.5 * (after - before)) / (2 * gains[at] - before - after))) / steps;
        }
        const gain = gained(t);
        if (!(gain > 0)) return;
        const cosine = (1 - t * t) / (1 + t * t);
        const sine = (2 * t) / (1 + t * t);
        for (let i = 0; i < n; i++) {
          gradient[i] += (cosine - 1) * Bd[i] + sine * Bs[i];
          if (held[i] === 0) d[i] = cosine * d[i] + sine * s[i];
        }
        Bd = Bd.map((v, i) => cosine * v + sine * Bs[i]);
        this.reduction += gain;
        if (met >= 0 && at === steps) {
          this.hold(met, side);
          bound = true;
        } else if (gain <= 0.01 * this.reduction) return;
      }
    }
  }
}
