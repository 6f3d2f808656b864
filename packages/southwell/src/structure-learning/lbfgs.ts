/** f at x, with its gradient written to g. */
export type SmoothFunction = (x: Float64Array, g: Float64Array) => number;

export interface LbfgsState {
  /** f, with the L1 term. */
  readonly value: number;
  readonly evaluations: number;
  readonly done: boolean;
}

const MEMORY = 10;

/**
 * Minimises f(x) + Σ λₖ|xₖ| (one λ for all, or one an entry) from x on, in place, yielding after each step: L-BFGS (Nocedal 1980) with backtracking, and where
 * λ > 0 its orthant-wise form (Andrew & Gao, ICML 2007). Ends where the (pseudo-)gradient is at most 1e-5 or f falls
 * relatively by at most 2.2e-9, the limits of SciPy's L-BFGS-B. O(20·size) a step beside f.
 */
export function* lbfgs(x: Float64Array, f: SmoothFunction, l1: number | Float64Array = 0): Generator<LbfgsState> {
  const size = x.length;
  const lambda = typeof l1 === 'number' ? new Float64Array(size).fill(l1) : l1;
  const make = () => new Float64Array(size);
  let [g, next, gNext] = [make(), make(), make()];
  const [pseudo, p] = [make(), make()];
  const pairs: Array<{ readonly s: Float64Array; readonly y: Float64Array; readonly sy: number }> = [];
  const whole = (v: Float64Array, smooth: number) => {
    let norm = 0;
    for (let k = 0; k < size; k++) norm += lambda[k] * Math.abs(v[k]);
    return smooth + norm;
  };
  let evaluations = 1;
  let value = whole(x, f(x, g));
  for (;;) {
    let largest = 0;
    for (let k = 0; k < size; k++) {
      pseudo[k] = pseudoGradient(x[k], g[k], lambda[k]);
      largest = Math.max(largest, Math.abs(pseudo[k]));
    }
    // From an infinite value no step could be judged.
    if (!(largest > 1e-5) || !Number.isFinite(value)) {
      yield { value, evaluations, done: true };
      return;
    }
    direction(pairs, pseudo, p);
    for (let k = 0; k < size; k++) if (lambda[k] > 0 && p[k] * pseudo[k] >= 0) p[k] = 0;
    let slope = dot(p, pseudo);
    if (!(slope < 0)) {
      pairs.length = 0;
      for (let k = 0; k < size; k++) p[k] = -pseudo[k];
      slope = dot(p, pseudo);
    }
    let t = pairs.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(-slope));
    let found = Number.NaN;
    for (let halvings = 0; halvings < 40; halvings++, t /= 2) {
      let descent = 0;
      for (let k = 0; k < size; k++) {
        let v = x[k] + t * p[k];
        // Steps stay in the orthant of the point, or of the way down from zero.
        if (lambda[k] > 0 && v * (x[k] !== 0 ? x[k] : -pseudo[k]) < 0) v = 0;
        next[k] = v;
        descent += pseudo[k] * (v - x[k]);
      }
      evaluations++;
      const trial = whole(next, f(next, gNext));
      if (trial <= value + 1e-4 * descent) {
        found = trial;
        break;
      }
    }
    if (Number.isNaN(found)) {
      yield { value, evaluations, done: true };
      return;
    }
    const s = make();
    const y = make();
    for (let k = 0; k < size; k++) {
      s[k] = next[k] - x[k];
      y[k] = gNext[k] - g[k];
    }
    const sy = dot(s, y);
    // Without curvature along the step the model would lose its positive definiteness.
    if (sy > 2.2e-16 * dot(y, y)) {
      if (pairs.length === MEMORY) pairs.shift();
      pairs.push({ s, y, sy });
    }
    const before = value;
    value = found;
    x.set(next);
    [g, gNext] = [gNext, g];
    const done = before - value <= 2.2e-9 * Math.max(Math.abs(before), Math.abs(value), 1);
    yield { value, evaluations, done };
    if (done) return;
  }
}

function pseudoGradient(x: number, g: number, lambda: number): number {
  if (x !== 0) return g + lambda * Math.sign(x);
  if (g + lambda < 0) return g + lambda;
  return Math.max(g - lambda, 0);
}

/** p ← −H g by the two-loop recursion. */
function direction(
  pairs: ReadonlyArray<{ readonly s: Float64Array; readonly y: Float64Array; readonly sy: number }>,
  g: Float64Array,
  p: Float64Array,
): void {
  for (let k = 0; k < g.length; k++) p[k] = -g[k];
  const alphas: number[] = [];
  for (let t = pairs.length - 1; t >= 0; t--) {
    const { s, y, sy } = pairs[t];
    const alpha = dot(s, p) / sy;
    alphas[t] = alpha;
    for (let k = 0; k < p.length; k++) p[k] -= alpha * y[k];
  }
  if (pairs.length > 0) {
    const { y, sy } = pairs[pairs.length - 1];
    const scale = sy / dot(y, y);
    for (let k = 0; k < p.length; k++) p[k] *= scale;
  }
  for (let t = 0; t < pairs.length; t++) {
    const { s, y, sy } = pairs[t];
    const beta = alphas[t] - dot(y, p) / sy;
    for (let k = 0; k < p.length; k++) p[k] += beta * s[k];
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}
