import type { DenseMatrix, Random } from 'southwell';
import type { Moments } from 'southwell/structure-learning';
import type { Pause } from '../pauses.ts';
import { regressionScore, type Setting } from './lab.ts';

/** A score that a search has reached after so many evaluations of other orders. */
export interface Reached {
  readonly evaluations: number;
  readonly score: number;
}

type Pair = readonly [a: number, b: number];

/** For each position the covariances of what the regressions on all variables before it leave, in the order. */
export function residuals(C: DenseMatrix, order: ArrayLike<number>): Float64Array[] {
  const d = order.length;
  const left = Float64Array.from({ length: d * d }, (_, k) => C.get(order[Math.floor(k / d)], order[k % d]));
  return Array.from({ length: d }, (_, p) => {
    const before = left.slice();
    for (let i = p + 1; i < d; i++) {
      const factor = left[i * d + p] / left[p * d + p];
      for (let j = p; j < d; j++) left[i * d + j] -= factor * left[p * d + j];
    }
    return before;
  });
}

/**
 * How the score changes if the variables at two positions a < b are exchanged: only those from a to b get other
 * predecessors, and of the regressions on all before a nothing changes. O((b − a)³).
 */
export function changeBySwap(left: readonly Float64Array[], [a, b]: Pair): number {
  const d = left.length;
  const m = b - a + 1;
  const at = (i: number) => (i === 0 ? b : i === m - 1 ? a : a + i);
  const work = new Float64Array(m * m);
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) work[i * m + j] = left[a][at(i) * d + at(j)];
  let change = 0;
  for (let p = 0; p < m; p++) {
    change += work[p * m + p] - left[a + p][(a + p) * d + a + p];
    for (let i = p + 1; i < m; i++) {
      const factor = work[i * m + p] / work[p * m + p];
      for (let j = p; j < m; j++) work[i * m + j] -= factor * work[p * m + j];
    }
  }
  return change / 2;
}

/**
 * The plain baseline: the same search with swaps at random in place of those by the gradient, by independent code. Each
 * round draws as many pairs as the sets have. Returns the score at the beginning of each round.
 */
export async function randomSwaps(
  { C, d }: Moments,
  start: ArrayLike<number>,
  { small, large, searches }: Pick<Setting, 'small' | 'large' | 'searches'>,
  random: Random,
  pause: Pause,
): Promise<Reached[]> {
  const order = Array.from(start);
  const all = Array.from({ length: d }, (_, b) => Array.from({ length: b }, (__, a): Pair => [a, b])).flat();
  const trace = [{ evaluations: 0, score: regressionScore(C, order) }];
  let [evaluations, budget] = [0, searches];
  for (;;) {
    const { score } = trace[trace.length - 1];
    const left = residuals(C, order);
    const drawn = random.permutation(all.length).slice(0, budget > 0 ? large : small);
    const better: Array<{ readonly pair: Pair; readonly change: number }> = [];
    for (const [k, which] of drawn.entries()) {
      if (k === small && better.length > 0) break;
      const change = changeBySwap(left, all[which]);
      evaluations++;
      if (change < -1e-12 * score) better.push({ pair: all[which], change });
      // No swap of the small set lowers the score.
      if (k === small) budget--;
    }
    await pause();
    if (better.length === 0) return trace;
    const taken: Pair[] = [];
    for (const { pair } of better.sort((x, y) => x.change - y.change)) {
      if (taken.every(([a, b]) => pair[1] < a || pair[0] > b)) taken.push(pair);
    }
    for (const [a, b] of taken) [order[a], order[b]] = [order[b], order[a]];
    trace.push({ evaluations, score: regressionScore(C, order) });
  }
}

/** The number of evaluations after which a score is reached; infinite if it is not. */
export const evaluationsTo = (trace: readonly Reached[], score: number): number =>
  trace.find((t) => t.score <= score)?.evaluations ?? Number.POSITIVE_INFINITY;
