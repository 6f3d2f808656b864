import type { CscMatrix } from '@southwell/numerics/arrays';
import { checkOptions, integerOption, numberOption, type OptionsNeeding } from '@southwell/numerics/core';
import { transpose } from '@southwell/numerics/linalg';
import { elementary } from '@southwell/numerics/special';
import type { Completion } from './completion.ts';

/** Root mean squared error on the entries that `held` stores; NaN where it stores none. O(entries · rank). */
export function heldOutError(completion: Pick<Completion, 'predict'>, held: CscMatrix): number {
  let squares = 0;
  for (let j = 0; j < held.cols; j++) {
    for (let e = held.colPointers[j]; e < held.colPointers[j + 1]; e++) {
      squares += (held.values[e] - completion.predict(held.rowIndices[e], j)) ** 2;
    }
  }
  return Math.sqrt(squares / held.nnz);
}

export interface RankingMetrics {
  /** Precision at n, averaged over rows with a relevant held-out entry. */
  readonly precision: number;
  /** Recall at n. */
  readonly recall: number;
  /** Normalised discounted cumulative gain (NDCG) at n. */
  readonly ndcg: number;
  readonly rows: number;
}

const curveRecords = {
  /** Held-out entries of at least this value are relevant. */
  relevant: numberOption(),
};

const rankingRecords = {
  /** Length of the ranked lists. */
  n: integerOption({ min: 1 }),
  ...curveRecords,
};

export interface RankingOptions extends OptionsNeeding<typeof rankingRecords, 'n' | 'relevant'> {}

/**
 * How well the first `n` columns of each row, except those in `train`, retrieve held-out entries of at least
 * `relevant`. O(rows · cols (rank + log cols)).
 * @throws INVALID_PARAMETER.
 */
export function rankingMetrics(
  completion: Pick<Completion, 'topN'>,
  train: CscMatrix,
  held: CscMatrix,
  options: RankingOptions,
): RankingMetrics {
  checkOptions('rankingMetrics', rankingRecords, options);
  const { n, relevant } = options;
  const [seen, wanted] = [transpose(train), transpose(held)];
  const gain = (place: number) => elementary.log(2) / elementary.log(place + 2);
  let [precision, recall, ndcg, rows] = [0, 0, 0, 0];
  for (let i = 0; i < wanted.cols; i++) {
    const good = new Set<number>();
    for (let e = wanted.colPointers[i]; e < wanted.colPointers[i + 1]; e++) {
      if (wanted.values[e] >= relevant) good.add(wanted.rowIndices[e]);
    }
    if (good.size === 0) continue;
    rows++;
    const known = new Set(seen.rowIndices.subarray(seen.colPointers[i], seen.colPointers[i + 1]));
    let [hits, gained, best] = [0, 0, 0];
    completion.topN(i, n, known).forEach(({ col }, place) => {
      if (!good.has(col)) return;
      hits++;
      gained += gain(place);
    });
    for (let place = 0; place < Math.min(n, good.size); place++) best += gain(place);
    precision += hits / n;
    recall += hits / good.size;
    ndcg += gained / best;
  }
  seen.free();
  wanted.free();
  return { precision: precision / rows, recall: recall / rows, ndcg: ndcg / rows, rows };
}

export interface CurveOptions extends OptionsNeeding<typeof curveRecords, 'relevant'> {}

/**
 * The area under the ROC curve: how often a held-out entry of at least `relevant` is ranked above a column that is
 * neither in `train` nor such an entry, with ties counted half; averaged over rows with both. O(rows · cols (rank + log
 * cols)).
 */
export function areaUnderCurve(
  completion: Pick<Completion, 'predict'>,
  train: CscMatrix,
  held: CscMatrix,
  options: CurveOptions,
): number {
  checkOptions('areaUnderCurve', curveRecords, options);
  const [seen, wanted] = [transpose(train), transpose(held)];
  let [sum, rows] = [0, 0];
  for (let i = 0; i < wanted.cols; i++) {
    const good = new Set<number>();
    for (let e = wanted.colPointers[i]; e < wanted.colPointers[i + 1]; e++) {
      if (wanted.values[e] >= options.relevant) good.add(wanted.rowIndices[e]);
    }
    const known = new Set(seen.rowIndices.subarray(seen.colPointers[i], seen.colPointers[i + 1]));
    const others: number[] = [];
    for (let j = 0; j < held.cols; j++) if (!known.has(j) && !good.has(j)) others.push(completion.predict(i, j));
    if (good.size === 0 || others.length === 0) continue;
    const sorted = Float64Array.from(others).sort();
    for (const j of good) {
      const value = completion.predict(i, j);
      sum += (below(sorted, value, false) + below(sorted, value, true)) / (2 * sorted.length * good.size);
    }
    rows++;
  }
  seen.free();
  wanted.free();
  return sum / rows;
}

/** Number of ascending values that are below a value, or at most equal to it with `equal`. */
function below(sorted: Float64Array, value: number, equal: boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value || (equal && sorted[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
