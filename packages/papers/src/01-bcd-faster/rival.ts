// Over 400 lines: one plain method beside the other, each a few lines, which share vectors and nothing else.
import { elementary } from '@southwell/numerics/special';
import type { CscMatrix, Random } from 'southwell';

const { exp, log } = elementary;

/**
 * Block descent in its plainest form, whole gradients and dense blocks, by code of its own: the rivals of the claims, and
 * the minimisers that errors are measured from.
 */

/** A smooth function of as many variables as `curvature` has values. */
export interface Smooth {
  value(x: Float64Array): number;
  gradient(x: Float64Array): Float64Array;
  /** A bound of the Hessian on a block, |b| × |b|; with a point, the Hessian there. */
  block(b: ArrayLike<number>, x?: Float64Array): Float64Array;
  /** The diagonal of the bound. */
  readonly curvature: Float64Array;
}

/** A sum over the rows of Ax, by the value, slope and curvature of each. */
function ofRows(
  { rows, cols, colPointers, rowIndices, values }: CscMatrix,
  most: number,
  row: (z: number, i: number) => readonly [value: number, slope: number, curvature: number],
): Smooth {
  const times = (x: Float64Array) => {
    const z = new Float64Array(rows);
    for (let j = 0; j < cols; j++) {
      if (x[j] !== 0) for (let e = colPointers[j]; e < colPointers[j + 1]; e++) z[rowIndices[e]] += x[j] * values[e];
    }
    return z;
  };
  const curvature = new Float64Array(cols);
  for (let j = 0; j < cols; j++)
    for (let e = colPointers[j]; e < colPointers[j + 1]; e++) curvature[j] += most * values[e] ** 2;
  return {
    curvature,
    value: (x) => times(x).reduce((sum, z, i) => sum + row(z, i)[0], 0),
    gradient(x) {
      const slope = times(x).map((z, i) => row(z, i)[1]);
      const g = new Float64Array(cols);
      for (let j = 0; j < cols; j++)
        for (let e = colPointers[j]; e < colPointers[j + 1]; e++) g[j] += values[e] * slope[rowIndices[e]];
      return g;
    },
    block(b, x) {
      const weights = x && times(x).map((z, i) => row(z, i)[2]);
      const H = new Float64Array(b.length ** 2);
      const column = new Float64Array(rows);
      for (let s = 0; s < b.length; s++) {
        column.fill(0);
        for (let e = colPointers[b[s]]; e < colPointers[b[s] + 1]; e++) {
          const i = rowIndices[e];
          column[i] = values[e] * (weights ? weights[i] : most);
        }
        for (let t = 0; t <= s; t++) {
          let sum = 0;
          for (let e = colPointers[b[t]]; e < colPointers[b[t] + 1]; e++) sum += values[e] * column[rowIndices[e]];
          H[s * b.length + t] = H[t * b.length + s] = sum;
        }
      }
      return H;
    },
  };
}

/** ½‖Ax − y‖². */
export const squaredLoss = (A: CscMatrix, y: Float64Array): Smooth =>
  ofRows(A, 1, (z, i) => [0.5 * (z - y[i]) ** 2, z - y[i], 1]);

/** Σ log(1 + exp(−y_i z_i)), y = ±1. */
export const logisticLoss = (A: CscMatrix, y: Float64Array): Smooth =>
  ofRows(A, 0.25, (z, i) => {
    const m = -y[i] * z;
    const p = 1 / (1 + exp(-m));
    return [Math.max(m, 0) + log(1 + exp(-Math.abs(m))), -y[i] * p, p * (1 - p)];
  });

/** ½xᵀQx − bᵀx. */
export interface Quadratic extends Smooth {
  readonly Q: ReadonlyArray<ReadonlyMap<number, number>>;
  readonly b: Float64Array;
  /** Qx. */
  times(x: Float64Array): Float64Array;
}

/** ½ Σ w_ij (x_i − x_j)² over the edges of a graph, nodes with labels held at them; variables are the other nodes. */
export function labelsOnGraph(W: CscMatrix, labels: Float64Array): Quadratic {
  const place = new Map<number, number>();
  labels.forEach((v, i) => void (Number.isNaN(v) && place.set(i, place.size)));
  const Q = Array.from(place, () => new Map<number, number>());
  const b = new Float64Array(Q.length);
  for (const [i, at] of place) {
    let degree = 0;
    for (let e = W.colPointers[i]; e < W.colPointers[i + 1]; e++) {
      const [j, w] = [W.rowIndices[e], W.values[e]];
      degree += w;
      const other = place.get(j);
      if (other === undefined) b[at] += w * labels[j];
      else Q[at].set(other, -w);
    }
    Q[at].set(at, degree);
  }
  const lists = Q.map((row) => ({ at: Int32Array.from(row.keys()), values: Float64Array.from(row.values()) }));
  const times = (x: Float64Array) => {
    const out = new Float64Array(x.length);
    lists.forEach(({ at, values }, i) => {
      for (let e = 0; e < at.length; e++) out[i] += values[e] * x[at[e]];
    });
    return out;
  };
  return {
    Q,
    b,
    times,
    curvature: Float64Array.from(Q, (row, i) => row.get(i)!),
    value: (x) => times(x).reduce((sum, q, i) => sum + x[i] * (0.5 * q - b[i]), 0),
    gradient: (x) => times(x).map((q, i) => q - b[i]),
    block(block) {
      const members = Array.from(block);
      return Float64Array.from(members.flatMap((i) => members.map((j) => Q[i].get(j) ?? 0)));
    },
  };
}

/** The minimiser of a quadratic by conjugate gradients, begun again from where they end until nothing is gained. */
export function quadraticMinimiser({ times, gradient, b }: Quadratic): Float64Array {
  const dot = (u: Float64Array, v: Float64Array) => u.reduce((sum, w, i) => sum + w * v[i], 0);
  const x = new Float64Array(b.length);
  for (let round = 0; round < 4; round++) {
    const r = gradient(x).map((v) => -v);
    let p = r.slice();
    const first = dot(r, r);
    let now = first;
    for (let step = 0; step < 10 * b.length && now > 1e-28 * first; step++) {
      const Qp = times(p);
      const alpha = now / dot(p, Qp);
      for (let i = 0; i < x.length; i++) {
        x[i] += alpha * p[i];
        r[i] -= alpha * Qp[i];
      }
      const next = dot(r, r);
      p = p.map((v, i) => r[i] + (next / now) * v);
      now = next;
    }
  }
  return x;
}

/** H⁻¹g of a positive definite H by elimination, after scaling to a unit diagonal; a trace of 10⁻¹³ keeps pivots above 0. */
export function solved(H: Float64Array, g: ArrayLike<number>): Float64Array {
  const m = g.length;
  const root = Float64Array.from({ length: m }, (_, a) => Math.sqrt(H[a * m + a]) || 1);
  const M = H.map((v, at) => v / (root[Math.floor(at / m)] * root[at % m]));
  const x = Float64Array.from({ length: m }, (_, a) => g[a] / root[a]);
  for (let a = 0; a < m; a++) M[a * m + a] += 1e-13;
  for (let a = 0; a < m; a++) {
    for (let c = a + 1; c < m; c++) {
      const share = M[c * m + a] / M[a * m + a];
      for (let d = a; d < m; d++) M[c * m + d] -= share * M[a * m + d];
      x[c] -= share * x[a];
    }
  }
  for (let a = m - 1; a >= 0; a--) {
    for (let c = a + 1; c < m; c++) x[a] -= M[a * m + c] * x[c];
    x[a] /= M[a * m + a];
  }
  return x.map((v, a) => v / root[a]);
}

/** The largest eigenvalue of a positive semidefinite matrix, by powers. */
export function largest(H: Float64Array, m: number): number {
  let v = Float64Array.from({ length: m }, (_, a) => 1 + a / m);
  let value = 0;
  for (let step = 0; step < 300; step++) {
    const Hv = v.map((_, a) => v.reduce((sum, w, c) => sum + H[a * m + c] * w, 0));
    const size = Math.sqrt(Hv.reduce((sum, v) => sum + v * v, 0));
    if (!(size > 0) || Math.abs(size - value) <= 1e-12 * size) return size;
    value = size;
    v = Hv.map((w) => w / size);
  }
  return value;
}

/** The minimiser of f + λΣx_i over x ≥ 0 for squares, by the active set method of Lawson and Hanson (1974). */
export function nonNegativeMinimiser(f: Smooth, lambda: number): Float64Array {
  const x = new Float64Array(f.curvature.length);
  const slope = () => f.gradient(x).map((v) => v + lambda);
  const scale = slope().reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  let inside: number[] = [];
  for (;;) {
    const g = slope();
    let enters = -1;
    let least = -1e-11 * scale;
    g.forEach((v, i) => {
      if (v < least && f.curvature[i] > 0 && !inside.includes(i)) [least, enters] = [v, i];
    });
    if (enters < 0) return x;
    inside.push(enters);
    for (let round = 0; round < 2; ) {
      const now = slope();
      const d = solved(
        f.block(inside),
        inside.map((i) => -now[i]),
      );
      let share = 1;
      inside.forEach((i, a) => {
        if (x[i] + d[a] <= 0) share = Math.min(share, x[i] / -d[a]);
      });
      inside.forEach((i, a) => {
        x[i] += share * d[a];
        if (share < 1 && x[i] <= 1e-15 * Math.abs(d[a])) x[i] = 0;
      });
      if (share < 1) inside = inside.filter((i) => x[i] > 0);
      // Once more where nothing leaves, to refine.
      else round++;
    }
  }
}

/** Slices of coordinates. */
function slices(order: readonly number[], tau: number): Int32Array[] {
  const count = Math.ceil(order.length / tau);
  return Array.from({ length: count }, (_, k) => Int32Array.from(order.slice(k * tau, (k + 1) * tau)).sort());
}

/** Fixed blocks by the curvature of their members: in index order, like with like, or the least beside the largest. */
export function blocksOf({ curvature }: Smooth, tau: number, by: 'order' | 'sort' | 'average'): Int32Array[] {
  const index = Array.from(curvature, (_, i) => i);
  if (by === 'order') return slices(index, tau);
  const rising = index.sort((i, j) => curvature[i] - curvature[j] || i - j);
  if (by === 'sort') return slices(rising, tau);
  return slices(
    rising.map((_, t) => (t % 2 === 0 ? rising[t / 2] : rising[rising.length - (t + 1) / 2])),
    tau,
  );
}

/** Colours of a graph, each node in the order of falling curvature the allowed one with the fewest members. */
export function colours({ Q, curvature }: Quadratic): Int32Array[] {
  const colour = new Map<number, number>();
  const classes: number[][] = [];
  for (const i of Array.from(curvature, (_, k) => k).sort((a, c) => curvature[c] - curvature[a] || a - c)) {
    const taken = new Set(Array.from(Q[i].keys(), (j) => (j === i ? undefined : colour.get(j))));
    const open = classes
      .flatMap((_, c) => (taken.has(c) ? [] : [c]))
      .sort((a, c) => classes[a].length - classes[c].length || a - c);
    const mine = open[0] ?? classes.push([]) - 1;
    colour.set(i, mine);
    classes[mine].push(i);
  }
  return classes.map((members) => Int32Array.from(members).sort());
}

/** What a step is made from. */
interface Now {
  readonly x: Float64Array;
  readonly g: Float64Array;
  readonly iteration: number;
}
type Choose = (now: Now) => Int32Array;
type Step = (b: Int32Array, now: Now) => ArrayLike<number>;

/** The τ coordinates of the largest score. */
export const variable =
  (tau: number, score: (i: number, now: Now) => number): Choose =>
  (now) => {
    const scores = now.x.map((_, i) => score(i, now));
    const last = scores.slice().sort()[Math.max(0, scores.length - tau)];
    const [above, level]: [number[], number[]] = [[], []];
    scores.forEach((s, i) => void (s > last ? above.push(i) : s === last && level.push(i)));
    return Int32Array.from([...above, ...level.slice(0, tau - above.length)]).sort();
  };
/** The τ largest g²/L. */
export const diagonalRule = ({ curvature }: Smooth, tau: number): Choose =>
  variable(tau, (i, { g }) => g[i] ** 2 / (curvature[i] || 1));
/** The block of the largest Σ g²/L. */
export const diagonalBlocks =
  ({ curvature }: Smooth, blocks: readonly Int32Array[]): Choose =>
  ({ g }) => {
    const scores = blocks.map((b) => b.reduce((sum, i) => sum + g[i] ** 2 / (curvature[i] || 1), 0));
    return blocks[scores.indexOf(Math.max(...scores))];
  };
export const sampled =
  (tau: number, random: Random): Choose =>
  ({ x }) =>
    random.sample(x.length, tau).sort();
/** The block of the largest sum of squared slopes, over what a block is divided by. */
export const best =
  (blocks: readonly Int32Array[], divisor: (b: Int32Array) => number = () => 1): Choose =>
  ({ g }) => {
    const scores = blocks.map((b) => b.reduce((sum, i) => sum + g[i] ** 2, 0) / (divisor(b) || 1));
    return blocks[scores.indexOf(Math.max(...scores))];
  };
export const inTurn =
  (blocks: readonly Int32Array[]): Choose =>
  ({ iteration }) =>
    blocks[iteration % blocks.length];

/** λ_max of the bound on a block, kept by the block. */
export function constants(f: Smooth): (b: Int32Array) => number {
  const kept = new WeakMap<Int32Array, number>();
  return (b) => {
    if (!kept.has(b)) kept.set(b, largest(f.block(b), b.length));
    return kept.get(b)!;
  };
}

export const lipschitzStep = (f: Smooth): Step => {
  const L = constants(f);
  return (b, { g }) => Array.from(b, (i) => (L(b) > 0 ? -g[i] / L(b) : 0));
};
export const diagonalStep =
  ({ curvature }: Smooth): Step =>
  (b, { g }) =>
    Array.from(b, (i) => -g[i] / curvature[i]);
export const matrixStep =
  (f: Smooth): Step =>
  (b, { g }) =>
    solved(
      f.block(b),
      Array.from(b, (i) => -g[i]),
    );
const moved = (x: Float64Array, b: Int32Array, d: ArrayLike<number>, share = 1) => {
  const to = x.slice();
  for (let a = 0; a < b.length; a++) to[b[a]] += share * d[a];
  return to;
};
/** Newton's, halved until f falls. */
export const newtonStep =
  (f: Smooth): Step =>
  (b, { x, g }) => {
    const d = solved(
      f.block(b, x),
      Array.from(b, (i) => -g[i]),
    );
    const before = f.value(x);
    let share = 1;
    while (share > 1e-10 && !(f.value(moved(x, b, d, share)) <= before)) share /= 2;
    return d.map((v) => share * v);
  };

/** Estimates of curvature that begin at 1 and double until f falls by what they promise; and the constants they make. */
export function estimates(f: Smooth): { readonly step: Step; constant(b: Int32Array): number } {
  const L = new Float64Array(f.curvature.length).fill(1);
  const constant = (b: Int32Array) => b.reduce((m, i) => Math.max(m, L[i]), 0);
  const step: Step = (b, { x, g }) => {
    const squares = b.reduce((sum, i) => sum + g[i] ** 2, 0);
    const before = f.value(x);
    const down = (c: number) => Array.from(b, (i) => -g[i] / c);
    let now = constant(b);
    while (now < 1e300 && !(f.value(moved(x, b, down(now))) <= before - squares / (2 * now))) now *= 2;
    for (const i of b) L[i] = now;
    return down(now);
  };
  return { step, constant };
}

export interface RivalIterate {
  readonly iteration: number;
  readonly objective: number;
  readonly x: Float64Array;
}

/** Block descent on f from zero, without an end. */
export function* descent(f: Smooth, choose: Choose, step: Step): Generator<RivalIterate, void, undefined> {
  let x: Float64Array = new Float64Array(f.curvature.length);
  for (let iteration = 0; ; iteration++) {
    yield { iteration, objective: f.value(x), x };
    const now = { x, g: f.gradient(x), iteration };
    const b = choose(now);
    x = moved(x, b, step(b, now));
  }
}

/** Soft thresholding after whole gradient steps 1/L, for f + λ‖x‖₁. */
export function* thresholdedDescent(f: Smooth, lambda: number, L: number): Generator<RivalIterate, void, undefined> {
  let x: Float64Array = new Float64Array(f.curvature.length);
  for (let iteration = 0; ; iteration++) {
    yield { iteration, objective: f.value(x) + lambda * x.reduce((sum, v) => sum + Math.abs(v), 0), x };
    const g = f.gradient(x);
    x = x.map((v, i) => {
      const z = v - g[i] / L;
      return Math.sign(z) * Math.max(0, Math.abs(z) - lambda / L);
    });
  }
}

/** Projected gradient steps 1/L_b on the τ coordinates that promise most, for f + λΣx_i over x ≥ 0. */
export function* projectedDescent(f: Smooth, lambda: number, tau: number): Generator<RivalIterate, void, undefined> {
  const { curvature } = f;
  const choose = variable(tau, (i, { x, g }) => {
    const d = Math.max(-(g[i] + lambda) / (curvature[i] || 1), -x[i]);
    return -((g[i] + lambda) * d + 0.5 * curvature[i] * d * d);
  });
  const x = new Float64Array(curvature.length);
  for (let iteration = 0; ; iteration++) {
    yield { iteration, objective: f.value(x) + lambda * x.reduce((sum, v) => sum + v, 0), x };
    const g = f.gradient(x);
    const b = choose({ x, g, iteration });
    const L = largest(f.block(b), b.length) || 1;
    for (const i of b) x[i] = Math.max(0, x[i] - (g[i] + lambda) / L);
  }
}
