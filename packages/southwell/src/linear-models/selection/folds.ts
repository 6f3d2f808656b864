import {
  fail,
  integerOption,
  largestOf,
  type OptionsOf,
  otherOption,
  Random,
  type SplitRows,
  seedOption,
  sumOfRows,
} from '@southwell/numerics/core';
import type { FittedModel } from '../model.ts';
import type { PreparedFit } from '../prepared.ts';
import type { Scoring } from './scoring.ts';

/** Random assignment of rows to folds, stratified by class for labels, so that every fold contains every class. */
export function assignFolds(n: number, folds: number, seed: number, strata: ArrayLike<number> | undefined): Int32Array {
  const random = new Random(seed);
  const order = random.permutation(n);
  const rows = strata ? Array.from(order).sort((a, b) => strata[a] - strata[b]) : Array.from(order);
  const foldOf = new Int32Array(n);
  rows.forEach((i, k) => {
    foldOf[i] = k % folds;
  });
  return foldOf;
}

/** The folds of the rows on this rank, from one random assignment of the rows of all ranks. */
function ownFolds(folds: number, seed: number, strata: ArrayLike<number> | undefined, rows: SplitRows) {
  const all = assignFolds(rows.all, folds, seed, strata && rows.gather(Float64Array.from(strata)));
  return all.subarray(rows.first, rows.first + rows.own);
}

export const foldRecords = {
  /** Number of folds, 2 … n. Default 10. */
  folds: integerOption({ min: 2 }),
  /** Seed of the random fold assignment. Default 0. */
  seed: seedOption(),
  /** Fold of every row (whole numbers from 0), instead of a random assignment. */
  foldOf: otherOption<ArrayLike<number>>('a fold for each row'),
};

/** How rows are divided into folds. */
export interface FoldOptions extends OptionsOf<typeof foldRecords> {}

/**
 * The number of folds, and the fold of every row.
 * @throws INVALID_PARAMETER, INVALID_SHAPE.
 */
export function checkedFolds(
  { folds = 10, foldOf, seed = 0 }: FoldOptions,
  strata: ArrayLike<number> | undefined,
  rows: SplitRows,
): { readonly count: number; readonly foldOf: Int32Array } {
  let count = folds;
  if (foldOf) {
    let last = -1;
    for (let i = 0; i < foldOf.length; i++) if (!(foldOf[i] <= last)) last = foldOf[i];
    count = largestOf(rows, last) + 1;
  }
  const { own: n, all } = rows;
  if (!Number.isInteger(count) || count < 2 || count > all) {
    fail(
      'INVALID_PARAMETER',
      `The number of folds must be a whole number between 2 and the ${all} rows, but is ${count}.`,
    );
  }
  const assigned = foldOf ? Int32Array.from(foldOf) : ownFolds(count, seed, strata, rows);
  if (assigned.length !== n) fail('INVALID_SHAPE', `X has ${n} rows but foldOf has ${assigned.length} values.`);
  return { count, foldOf: assigned };
}

/**
 * O(folds × n); for concordance O(n²).
 * @throws a sentence if a fit would be impossible, or a score undefined on all folds.
 */
export function checkParts<M extends FittedModel, P>(
  prepared: PreparedFit<M, P>,
  scoring: Scoring,
  weights: Float64Array,
  { count, foldOf }: ReturnType<typeof checkedFolds>,
  rows: SplitRows,
): void {
  const { strata, events } = prepared;
  const places = new Map<number, Set<number>>();
  const note = (kind: number, i: number) => places.set(kind, (places.get(kind) ?? new Set()).add(foldOf[i]));
  for (let i = 0; i < weights.length; i++) {
    if (!(weights[i] > 0)) continue;
    if (strata) note(strata[i], i);
    else if (events?.[i] === 1) note(1, i);
  }
  for (const [kind, folds] of rows.tell(Array.from(places, ([kind, own]) => [kind, [...own]] as const)).flat()) {
    const known = places.get(kind) ?? new Set();
    for (const fold of folds) known.add(fold);
    places.set(kind, known);
  }
  for (const folds of places.values()) {
    if (folds.size > 1) continue;
    fail(
      'INVALID_TARGET',
      strata
        ? 'All rows of a class are in one fold, so that the fit without them lacks the class: every class needs at least 2 rows.'
        : 'All observed events are in one fold, so that the fit without it has none: use other folds (another seed), or fit at one alpha.',
    );
  }
  if (scoring !== 'r2' && scoring !== 'rocAuc' && scoring !== 'concordance' && !events) return;
  for (let fold = 0; fold < count; fold++) {
    const held = weights.map((w, i) => (foldOf[i] === fold ? w : 0));
    const total = sumOfRows(rows, held);
    if (
      total === 0 ||
      !Number.isNaN(
        prepared.score(
          scoring,
          held.map((w) => w / total),
        ),
      )
    )
      return;
  }
  fail(
    'INVALID_PARAMETER',
    `The ${scoring} is undefined on every fold: each has too few rows, one class, one value or no event. Use fewer folds, or another scoring.`,
  );
}
