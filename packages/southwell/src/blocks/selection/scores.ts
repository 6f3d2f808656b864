import type { BlockContext } from '../context.ts';
import { largestScores } from '../heap.ts';
import type { Selector } from './rule.ts';

/** The τ coordinates with the largest scores; with `keepSupport`, the current support and the best others. */
export function chooseCoordinates(context: BlockContext, scores: Float64Array): Int32Array {
  const { penalty, x } = context;
  if (context.keepSupport && penalty) {
    for (let i = 0; i < scores.length; i++) if (inSupport(context, i)) scores[i] = Number.POSITIVE_INFINITY;
  }
  return x.length <= context.blockSize ? allCoordinates(x.length) : largestScores(scores, context.blockSize);
}

/** Whether coordinate i is away from the kinks of its penalty or, without a penalty, non-zero. */
export function inSupport({ penalty, x }: BlockContext, i: number): boolean {
  return penalty ? penalty.inSupport(i, x[i]) : x[i] !== 0;
}

export function allCoordinates(p: number): Int32Array {
  const all = new Int32Array(p);
  for (let i = 0; i < p; i++) all[i] = i;
  return all;
}

/** The block with the largest score. */
export function bestBlock(context: BlockContext, score: (block: Int32Array) => number): Selector {
  const blocks = context.partition!;
  return () => {
    let best = blocks[0];
    let top = Number.NEGATIVE_INFINITY;
    for (const block of blocks) {
      const s = score(block);
      if (s > top) {
        top = s;
        best = block;
      }
    }
    return best;
  };
}
