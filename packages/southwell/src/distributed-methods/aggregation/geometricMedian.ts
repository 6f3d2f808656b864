import { checkOptions, type Iterate, type OptionsOf, run, type Solution } from '@southwell/numerics/core';
import { checkGram, distancesFrom, lengthOf, squaredDistances, times } from './gram.ts';
import { flagRecords } from './options.ts';

const { iterations } = flagRecords;
export const geometricMedianRecords = { iterations };

export interface GeometricMedianOptions extends OptionsOf<typeof geometricMedianRecords> {}

/** A convex combination of the gradients. */
export interface CombinationWeights {
  /** The point is Σ weights[i]·g_i. */
  readonly weights: Float64Array;
  /** Distance of each gradient from it. */
  readonly distances: Float64Array;
}

const sumOf = (values: Float64Array): number => values.reduce((sum, v) => sum + v, 0);

/** The combination with all of its weight on gradient k. */
function single(p: number, k: number): Float64Array {
  const w = new Float64Array(p);
  w[k] = 1;
  return w;
}

/** Gradients at this distance relative to the largest are the same point. */
const SAME = 1e-8;

/**
 * Where the sum of distances falls from gradient k on, or undefined if k is a geometric median: the pull of the others,
 * Σ (g_i − g_k) / ‖g_i − g_k‖, is then at most the number of gradients at g_k (Vardi & Zhang, PNAS 97, 2000).
 */
function leave(K: Float64Array, p: number, k: number, squares: Float64Array): Float64Array | undefined {
  const d = Float64Array.from({ length: p }, (_, i) => Math.sqrt(squares[k * p + i]));
  const largest = Math.max(...d);
  const others = Array.from(d.keys()).filter((i) => d[i] > SAME * largest);
  const here = p - others.length;
  if (others.length === 0) return undefined;
  const pull = new Float64Array(p);
  for (const i of others) {
    pull[i] += 1 / d[i];
    pull[k] -= 1 / d[i];
  }
  const norm = lengthOf(K, pull);
  if (norm <= here * (1 + 1e-12)) return undefined;
  const step = (1 - here / norm) / others.reduce((sum, i) => sum + 1 / d[i], 0);
  const w = single(p, k);
  for (let i = 0; i < p; i++) w[i] += step * pull[i];
  return w;
}

/**
 * Σ d_i minus a lower bound of all sums of distances: for vectors y_i of length at most 1 with sum 0, Σ ⟨y_i, g_i⟩ is one. The y_i
 * are the directions from the point to the gradients without their mean, made shorter.
 */
function gapAt(K: Float64Array, w: Float64Array, d: Float64Array): number {
  const p = w.length;
  const inverse = d.map((v) => 1 / v);
  // Σ y_i = Σ g_i / d_i − (Σ 1 / d_i) z, as a combination of gradients.
  const total = sumOf(inverse);
  const residual = inverse.map((v, i) => v - total * w[i]);
  const length = lengthOf(K, residual) / p;
  const Kr = times(K, residual);
  const zr = w.reduce((sum, v, i) => sum + v * Kr[i], 0);
  let bound = 0;
  for (let i = 0; i < p; i++) bound += d[i] - (Kr[i] - zr) / p;
  return Math.max(0, sumOf(d) - bound / (1 + length));
}

/**
 * The geometric median, the point z with the least Σ ‖g_i − z‖, by Weiszfeld's iteration from the p × p inner products K of the
 * gradients alone. The start is the gradient with the least sum; if it is no median, the iteration leaves it in the direction of
 * steepest descent (Vardi & Zhang, PNAS 97, 2000) and never comes back to a gradient, since the sum falls at every iterate. The
 * certificate is the duality gap relative to the sum, 0 where the median is one of the gradients. Ends `converged` there, and `stalled`
 * when rounding keeps both the sum and the gap from falling: inner products determine the gap to about 10⁻⁸ times the ratio of norms to distances. O(p²) an iterate.
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function* geometricMedianIterates(K: Float64Array): Generator<Iterate<CombinationWeights>> {
  const p = checkGram('geometricMedianIterates', K);
  const squares = squaredDistances(K, p);
  let best = 0;
  let before = Number.POSITIVE_INFINITY;
  for (let k = 0; k < p; k++) {
    let sum = 0;
    for (let i = 0; i < p; i++) sum += Math.sqrt(squares[k * p + i]);
    if (sum < before) {
      before = sum;
      best = k;
    }
  }
  let w: Float64Array = single(p, best);
  let d: Float64Array = Float64Array.from({ length: p }, (_, i) => Math.sqrt(squares[best * p + i]));
  const next = leave(K, p, best, squares);
  const gap = next ? { value: before, relative: 1 } : { value: 0, relative: 0 };
  yield {
    ...{ iteration: 0, objective: before, work: {}, ...(next ? {} : { done: 'converged' as const }) },
    certificate: { kind: 'dualityGap', ...gap },
    snapshot: () => ({ weights: w, distances: d }),
  };
  if (!next) return;
  let wNext = next;
  let gapBefore = before;
  for (let iteration = 1; ; iteration++) {
    const dNext = distancesFrom(K, wNext);
    const objective = sumOf(dNext);
    const value = Math.min(...dNext) > 0 ? gapAt(K, wNext, dNext) : gapBefore;
    // Near the median, sums differ by rounding only where the gap still falls.
    const stalled = objective >= before && value >= gapBefore;
    if (!stalled) [w, d, before, gapBefore] = [wNext, dNext, objective, value];
    const [weights, distances] = [w, d];
    yield {
      ...{ iteration, objective: before, work: {}, ...(stalled ? { done: 'stalled' as const } : {}) },
      certificate: { kind: 'dualityGap', value: gapBefore, relative: gapBefore / before },
      snapshot: () => ({ weights, distances }),
    };
    if (stalled) return;
    const inverse = d.map((v) => 1 / v);
    const total = sumOf(inverse);
    wNext = inverse.map((v) => v / total);
  }
}

/** Relative duality gap at which the iteration ends. */
const TOLERANCE = 1e-6;

/**
 * Runs {@link geometricMedianIterates} until the relative duality gap is at most 10⁻⁶, for at most `iterations` iterates (default
 * 1000): `point.weights` makes the median, and `certificate` bounds how much less the sum of distances can be.
 * @throws as {@link geometricMedianIterates}; INVALID_PARAMETER for options.
 */
export function geometricMedianWeights(
  K: Float64Array,
  options: GeometricMedianOptions = {},
): Solution<CombinationWeights> {
  checkOptions('geometricMedianWeights', geometricMedianRecords, options);
  return run(geometricMedianIterates(K), { tol: TOLERANCE, maxIter: options.iterations ?? 1000 });
}
