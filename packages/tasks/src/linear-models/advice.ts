import { number } from '../format.ts';
import { UNLIKE } from '../scales.ts';

interface Scores {
  readonly alphas: ArrayLike<number>;
  readonly mean: ArrayLike<number>;
  readonly standardError: ArrayLike<number>;
  readonly bestIndex: number;
}

/**
 * Advice on a result, as an expert on linear models would give: sentences, none if all is well. `deviations` are those
 * of the columns that one penalty acts on in their own units, `scores` those of a cross-validation over alphas that
 * were `listed` or form a grid.
 */
export function advise(
  deviations: ArrayLike<number> | undefined,
  scores: Scores | undefined,
  listed = false,
): string[] {
  const advice: string[] = [];
  let [small, large] = [Number.POSITIVE_INFINITY, 0];
  for (const s of Array.from(deviations ?? [])) {
    if (s > 0) [small, large] = [Math.min(small, s), Math.max(large, s)];
  }
  if (large > UNLIKE * small) {
    advice.push(
      `Columns have standard deviations from ${number(small)} to ${number(large)}, which the penalty takes for unlike importance: --standardize treats them alike.`,
    );
  }
  if (scores && goesOnRising(scores)) {
    const { alphas } = scores;
    const eps = (alphas[alphas.length - 1] / alphas[0] / 100).toExponential(0);
    const how = listed ? 'list some with --alphas' : `--eps ${eps} tries them`;
    advice.push(`The best alpha is the smallest of the path, so still smaller ones may be better: ${how}.`);
  }
  return advice;
}

/**
 * Whether the last alpha is the best, and its improvement over twice that alpha exceeds a tenth of its standard error.
 */
function goesOnRising({ alphas, mean, standardError, bestIndex }: Scores): boolean {
  const last = alphas.length - 1;
  if (bestIndex !== last || last < 1) return false;
  let before = last - 1;
  while (before > 0 && alphas[before] < 2 * alphas[last]) before--;
  return Math.abs(mean[last] - mean[before]) > 0.1 * standardError[last];
}
