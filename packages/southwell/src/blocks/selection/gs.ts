import { checkOptions, choiceOption, type OptionsOf } from '@southwell/numerics/core';
import type { BlockContext } from '../context.ts';
import { ScoreHeap } from '../heap.ts';
import { normRecords, type SelectionRule } from './rule.ts';
import { bestBlock, chooseCoordinates } from './scores.ts';

/** Number of coordinates from which a heap of scores is faster than a scan, if few gradients change in a step. */
export const HEAP_FROM = 4096;

export const gsRecords = {
  ...normRecords,
  /** How the largest scores are found. Default: a heap where it is faster. */
  scores: choiceOption({ auto: 'whichever is faster', heap: 'heap', scan: 'scan' }),
};

export interface GsOptions extends OptionsOf<typeof gsRecords> {}

/**
 * Gauss–Southwell: argmax_b ‖∇_b f‖; variable: the τ largest |∇_i f|. With a penalty |∇_i f| is replaced by the
 * distance of −∇_i f to ∂g_i (the GS-s rule of Tseng & Yun 2009).
 * @throws INVALID_PARAMETER.
 */
export function gs(options: GsOptions = {}): SelectionRule {
  checkOptions('gs', gsRecords, options);
  const l1 = options.norm === 'l1';
  return {
    name: 'GS',
    usesGradient: true,
    ranks: true,
    fixed(context) {
      let slope = context.x;
      const best = bestBlock(context, (block) => {
        let sum = 0;
        for (let a = 0; a < block.length; a++) sum += l1 ? Math.abs(slope[block[a]]) : slope[block[a]] ** 2;
        return sum;
      });
      return () => {
        slope = context.slope();
        return best();
      };
    },
    variable: (context) => rankedSelector(context, (_, s) => Math.abs(s), options.scores),
  };
}

/**
 * The τ coordinates with the largest score(i, slope_i): by a scan in O(p) or, if the gradient is updated incrementally
 * and few entries change, by a heap in O((τ + changed) log p).
 */
export function rankedSelector(
  context: BlockContext,
  score: (i: number, slope: number) => number,
  mode: NonNullable<GsOptions['scores']> = 'auto',
): () => Int32Array {
  const p = context.problem.dim;
  const scores = new Float64Array(p);
  const fill = () => {
    const slope = context.slope();
    for (let i = 0; i < p; i++) scores[i] = score(i, slope[i]);
  };
  const { state } = context;
  const able = state.touched !== undefined && !context.penalty && !context.estimated && !context.keepSupport;
  if (!able || mode === 'scan' || (mode === 'auto' && p < HEAP_FROM)) {
    return () => {
      fill();
      return chooseCoordinates(context, scores);
    };
  }
  let heap: ScoreHeap | undefined;
  return () => {
    const touched = state.touched!();
    if (!heap || touched.count * 8 > p) {
      fill();
      heap = new ScoreHeap(scores);
    } else {
      const g = context.gradient();
      for (let t = 0; t < touched.count; t++) {
        const i = touched.indices[t];
        heap.update(i, score(i, g[i]));
      }
    }
    return heap.largest(context.blockSize);
  };
}
