/** l1‖b_g‖₁ + l2‖b_g‖₂ + (ridge/2)‖b_g‖², one entry per group. */
export interface GroupPenalty {
  readonly l1: Float64Array;
  readonly l2: Float64Array;
  readonly ridge: Float64Array;
}

/** ‖S(u, l1)‖₂ over u[from … to), S the soft threshold. */
export function softNorm(u: ArrayLike<number>, from: number, to: number, l1: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) {
    const e = Math.abs(u[i]) - l1;
    if (e > 0) sum += e * e;
  }
  return Math.sqrt(sum);
}

/**
 * The s > 0 at which ‖S(s·u, l1)‖₂ = l2 (+∞ for u = 0): the reciprocal of the dual norm of l1‖·‖₁ + l2‖·‖₂ (the ε-norm of
 * Ndiaye, Fercoq, Gramfort & Salmon 2016, Prop. 8). Between two breakpoints it is a quadratic. O(k log k).
 */
export function dualScale(u: ArrayLike<number>, from: number, to: number, l1: number, l2: number): number {
  const sizes = new Float64Array(to - from);
  for (let i = from; i < to; i++) sizes[i - from] = Math.abs(u[i]);
  sizes.sort();
  const top = sizes[sizes.length - 1];
  if (!(top > 0)) return Number.POSITIVE_INFINITY;
  if (l2 === 0) return l1 / top;
  let squares = 0;
  let sum = 0;
  for (let k = 1; ; k++) {
    const x = sizes[sizes.length - k];
    squares += x * x;
    sum += x;
    const root = Math.sqrt(Math.max(0, l1 * l1 * sum * sum - squares * (k * l1 * l1 - l2 * l2)));
    const s = (l1 * sum + root) / squares;
    if (k === sizes.length || s * sizes[sizes.length - k - 1] <= l1) return s;
  }
}
