import type { Spell } from '../declaration/check.ts';
import { unlikeScales } from '../scales.ts';

interface Scores {
  readonly alphas: ArrayLike<number>;
  readonly mean: ArrayLike<number>;
  readonly standardError: ArrayLike<number>;
  readonly bestIndex: number;
}

/** Columns that one penalty acts on in their own units. */
interface Penalised {
  readonly deviations: ArrayLike<number>;
  readonly names: readonly string[];
}

/**
 * Advice on a result, as an expert on linear models would give: sentences, none if all is well. `scores` are those of a
 * cross-validation over alphas that were `listed` or form a grid.
 */
export function advise(
  penalised: Penalised | undefined,
  scores: Scores | undefined,
  listed: boolean,
  spell: Spell,
): string[] {
  const advice: string[] = [];
  const unlike = penalised && unlikeScales(penalised.deviations, penalised.names);
  if (unlike) {
    advice.push(
      `${unlike.told}, which the penalty takes for unlike importance: ${spell('standardize', true)} treats them alike.`,
    );
  }
  if (scores && goesOnRising(scores)) {
    const { alphas } = scores;
    const eps = (alphas[alphas.length - 1] / alphas[0] / 100).toExponential(0);
    const how = listed ? `list some with ${spell('alphas')}` : `${spell('eps')} ${eps} tries them`;
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
