import type { Random } from 'southwell';
import { largest, type Smooth, solved } from './rivalFunctions.ts';

/**
 * Block descent in its plainest form, with full gradients and dense blocks, by independent code: the rivals of the
 * claims.
 */

/** Slices of coordinates. */
function slices(order: readonly number[], tau: number): Int32Array[] {
  const count = Math.ceil(order.length / tau);
  return Array.from({ length: count }, (_, k) => Int32Array.from(order.slice(k * tau, (k + 1) * tau)).sort());
}

/**
 * Fixed blocks by the curvature of their members: in index order, similar ones together, or the smallest with the
 * largest.
 */
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

/** The state from which a step is computed. */
export interface Now {
  readonly x: Float64Array;
  readonly g: Float64Array;
  readonly iteration: number;
}
export type Choose = (now: Now) => Int32Array;
export type Step = (b: Int32Array, now: Now) => ArrayLike<number>;

/** The τ coordinates with the largest score. */
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
/** The block with the largest Σ g²/L. */
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
/** The block with the largest sum of squared slopes, divided by the block's constant. */
export const best =
  (blocks: readonly Int32Array[], divisor: (b: Int32Array) => number = () => 1): Choose =>
  ({ g }) => {
    const scores = blocks.map((b) => b.reduce((sum, i) => sum + g[i] ** 2, 0) / (divisor(b) || 1));
    return blocks[scores.indexOf(Math.max(...scores))];
  };
/** A random block with probability proportional to its weight. */
export function drawn(
  blocks: readonly Int32Array[],
  random: Random,
  weight: (b: Int32Array) => number = () => 1,
): Choose {
  const urn = urnOf(blocks.map(weight));
  return () => blocks[urn(random)];
}
/** τ coordinates drawn without replacement, with probabilities proportional to their curvatures. */
export function sampledByCurvature({ curvature }: Smooth, tau: number, random: Random): Choose {
  const urn = urnOf(curvature);
  const most = Math.min(tau, curvature.filter((L) => L > 0).length);
  return () => {
    const taken = new Set<number>();
    while (taken.size < most) taken.add(urn(random));
    return Int32Array.from(taken).sort();
  };
}
/** Draws an index with probability proportional to its weight. */
function urnOf(weights: ArrayLike<number>): (random: Random) => number {
  let sum = 0;
  const upTo = Float64Array.from(weights, (w) => (sum += w));
  return (random) => {
    const target = random.uniform() * sum;
    let [below, at] = [-1, upTo.length - 1];
    while (at - below > 1) {
      const middle = Math.floor((below + at) / 2);
      if (upTo[middle] > target) at = middle;
      else below = middle;
    }
    return at;
  };
}
/** Slices of a permutation, which is redrawn after each pass. */
export function shuffled(tau: number, random: Random): Choose {
  let left: Int32Array[] = [];
  return ({ x }) => {
    if (left.length === 0) left = slices(Array.from(random.permutation(x.length)), tau);
    return left.shift()!;
  };
}
/** The block with the largest gᵀH_b⁻¹g, with the bound on the Hessian. */
export function quadraticBlocks(f: Smooth, blocks: readonly Int32Array[]): Choose {
  const H = blocks.map((b) => f.block(b));
  return ({ g }) => {
    const scores = blocks.map((b, k) => {
      const slope = Float64Array.from(b, (i) => g[i]);
      return solved(H[k], slope).reduce((sum, v, a) => sum + v * slope[a], 0);
    });
    return blocks[scores.indexOf(Math.max(...scores))];
  };
}
export const inTurn =
  (blocks: readonly Int32Array[]): Choose =>
  ({ iteration }) =>
    blocks[iteration % blocks.length];

/** λ_max of the bound on a block, cached. */
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
/** Newton's step, halved until f decreases. */
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

/**
 * Estimates of curvature that start at 1 and are doubled until f decreases by the predicted amount, and the constants
 * from them.
 */
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
  readonly x: Float64Array;
}

/** Block descent on f from zero, without an end. */
export function* descent(f: Smooth, choose: Choose, step: Step): Generator<RivalIterate, void, undefined> {
  let x: Float64Array = new Float64Array(f.curvature.length);
  for (let iteration = 0; ; iteration++) {
    yield { iteration, x };
    const now = { x, g: f.gradient(x), iteration };
    const b = choose(now);
    x = moved(x, b, step(b, now));
  }
}
