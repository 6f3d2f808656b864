import type { Random } from '@southwell/numerics/core';
import type { Schedule } from 'southwell/optimisers';

/** A convex function of n variables whose subgradients have norm at most 1, with an initial point. */
export interface Instance {
  readonly name: string;
  readonly start: Float64Array;
  /** f(x); writes a subgradient for step `t`, of which there may be several, to g. */
  value(x: Float64Array, g: Float64Array, t: number): number;
  /** Its value at a reference point within distance 1 of the initial point: usually the minimum. */
  readonly least: number;
}

/**
 * (f(x_T) − f(u))·√T, for T − 1 subgradient steps of these lengths divided by √T, from an initial point at distance 1
 * from u: D = G = 1.
 */
export function ratio(instance: Instance, schedule: Schedule, T: number): number {
  const x = instance.start.slice();
  const g = new Float64Array(x.length);
  for (let t = 0; t < T - 1; t++) {
    instance.value(x, g, t);
    const step = schedule(t) / Math.sqrt(T);
    for (let k = 0; k < x.length; k++) x[k] -= step * g[k];
  }
  return (instance.value(x, g, T - 1) - instance.least) * Math.sqrt(T);
}

const unit = (n: number, random: Random): Float64Array => {
  const v = Float64Array.from({ length: n }, () => random.normal());
  const norm = Math.hypot(...v);
  return v.map((c) => c / norm);
};

/** Where there are several subgradients, one of them. */
const signOf = (v: number, random: Random) => (v === 0 ? random.integer(3) - 1 : Math.sign(v));

/** The sum of absolute values over √n; in one variable |x|. */
export function absolute(n: number, random: Random): Instance {
  return {
    name: n === 1 ? '|x|' : 'ℓ1',
    start: unit(n, random),
    least: 0,
    value(x, g) {
      for (let k = 0; k < n; k++) g[k] = signOf(x[k], random) / Math.sqrt(n);
      return x.reduce((sum, v) => sum + Math.abs(v), 0) / Math.sqrt(n);
    },
  };
}

/** The largest |⟨h, x⟩| over several h of norm at most 1; ties are broken arbitrarily. */
export function largestOf(n: number, pieces: number, random: Random): Instance {
  const rows = Array.from({ length: pieces }, () => unit(n, random).map((v) => v * (1 - random.uniform() / 2)));
  return {
    name: 'max',
    start: unit(n, random),
    least: 0,
    value(x, g) {
      const values = rows.map((h) => h.reduce((sum, v, k) => sum + v * x[k], 0));
      const most = values.reduce((a, v) => Math.max(a, Math.abs(v)), 0);
      const equal = values.flatMap((v, k) => (Math.abs(v) === most ? [k] : []));
      const at = equal[random.integer(equal.length)];
      const sign = signOf(values[at], random);
      for (let k = 0; k < n; k++) g[k] = sign * rows[at][k];
      return most;
    },
  };
}

/**
 * max_i −x_i over T coordinates, compared with the point at distance 1 along their diagonal: after fewer steps than
 * coordinates one of them is unchanged, whatever the schedule, so that no method does better than 1 (Nemirovski & Yudin
 * 1983).
 */
export const orthogonal = (T: number): Instance => ({
  name: 'orthogonal',
  start: new Float64Array(T),
  least: -1 / Math.sqrt(T),
  value(x, g) {
    let at = 0;
    for (let i = 1; i < T; i++) if (x[i] < x[at]) at = i;
    g.fill(0);
    g[at] = -1;
    return -x[at];
  },
});

/**
 * The maximum of T linear functions that are revealed one after the other, constructed such that the steps of a
 * schedule never cancel (after Harvey, Liaw, Plan & Randhawa, COLT 2019): h_i = Σ_{j<i} a_j·e_j − b·e_i, with a_j
 * proportional to step j over the sum of those after it. Starts at 0 and is compared with the point at distance 1
 * opposite to their mean. O(T) per step.
 */
export function resisting(schedule: Schedule, T: number): Instance {
  const steps = Float64Array.from({ length: T }, (_, t) => (t < T - 1 ? schedule(t) : 0));
  const shares = new Float64Array(T);
  let after = 0;
  for (let t = T - 2; t >= 0; t--) {
    // The fractions of the last steps would be unbounded.
    shares[t] = after > 0 ? Math.min(1, steps[t] / after) : 0;
    after += steps[t];
  }
  // b·c with b² + (b·c)²Σ shares² ≤ 1; c = ½ keeps the coordinates positive and is optimal.
  const squares = shares.reduce((sum, v) => sum + v * v, 0);
  const b = 1 / Math.sqrt(1 + squares / 4);
  const a = shares.map((v) => (v * b) / 2);
  /** All T values at once, by cumulative sums; the maximum, and its first index. */
  const look = (x: Float64Array): [most: number, at: number] => {
    let [sum, most, at] = [0, Number.NEGATIVE_INFINITY, 0];
    for (let i = 0; i < T; i++) {
      const value = sum - b * x[i];
      if (value > most) [most, at] = [value, i];
      sum += a[i] * x[i];
    }
    return [most, at];
  };
  const against = new Float64Array(T);
  for (let i = 0; i < T; i++) against[i] = b - a[i] * (T - 1 - i);
  const norm = Math.sqrt(against.reduce((sum, v) => sum + v * v, 0));
  const away = look(against.map((v) => v / norm))[0];
  return {
    name: 'resisting',
    start: new Float64Array(T),
    least: Math.min(0, away),
    value(x, g) {
      const [most, at] = look(x);
      g.fill(0);
      for (let j = 0; j < at; j++) g[j] = a[j];
      g[at] = -b;
      return most;
    },
  };
}

/** Parts of the distance 1 that {@link divided} has along |x|. */
const PARTS = [0.2, 0.4, 0.6, 0.75, 0.85, 0.95, 1];

/**
 * a|x₀| + b·max_i −x_i with a² + b² = 1: {@link orthogonal}, and beside it a slope so slight that the steps of a schedule
 * do not reach its end. The distance to the reference point is divided between the two, the slope is the worst for the
 * sum of the steps.
 */
export function divided(schedule: Schedule, T: number): Instance[] {
  let sum = 0;
  for (let t = 0; t < T - 1; t++) sum += schedule(t) / Math.sqrt(T);
  return PARTS.map((along) => {
    const a = Math.min(1, sum > 0 ? along / (2 * sum) : 1);
    const b = Math.sqrt(1 - a * a);
    const start = new Float64Array(T + 1);
    start[0] = along;
    return {
      name: 'divided',
      start,
      least: (-b * Math.sqrt(1 - along * along)) / Math.sqrt(T),
      value(x, g) {
        let at = 1;
        for (let i = 2; i <= T; i++) if (x[i] < x[at]) at = i;
        g.fill(0);
        g[at] = -b;
        g[0] = a * Math.sign(x[0]);
        return a * Math.abs(x[0]) - b * x[at];
      },
    };
  });
}
