import { applyEncoding, type Design, EncodingTally, hasGaps, refilled, type Table, tableRows } from '@southwell/data';
import { rowsAmong, type SplitRows } from '@southwell/numerics/core';
import type { Matrix } from 'southwell';

/**
 * The design of a table with an encoding that is learned from some of its rows only: means that fill gaps, and levels
 * of categories. Other rows, which are held out, are encoded like new ones. The same design if there is nothing to
 * learn. O(rows × columns).
 * @param rows Rows of the matrix of the design.
 * @param designOf Encodes a table as `whole` was.
 */
export function learnedFrom(
  table: Table,
  whole: Design,
  rows: readonly number[],
  designOf: (table: Table) => Design,
): Design {
  const { features, missing } = whole.encoding;
  const fills = missing === 'mean' || missing === 'indicator';
  if (rows.length === whole.X.rows || !(fills || features.some(({ type }) => type === 'category'))) return whole;
  const used = whole.rows ? tableRows(table, whole.rows) : table;
  const learned = designOf(tableRows(used, rows));
  const encoding = { ...learned.encoding, target: whole.encoding.target };
  // No row is left out, as those of `used` have all values, or gaps are filled.
  const { X, featureNames, notes } = applyEncoding(used, { ...encoding, sparse: whole.X.kind === 'csc' });
  whole.X.free();
  return { ...whole, X, featureNames, encoding, notes: [...new Set([...whole.notes, ...notes])] };
}

/**
 * Makes the matrix of a design anew for every fold, with gaps filled by what its training rows say; undefined if there
 * are no gaps to fill. Collective, if the rows are distributed.
 */
export function refilledFolds(
  table: Table,
  { encoding }: Pick<Design, 'encoding'>,
  split: SplitRows,
): ((fold: number, foldOf: Int32Array) => Matrix) | undefined {
  const fills = encoding.missing === 'mean' || encoding.missing === 'indicator';
  if (!fills || !split.tell(hasGaps(table, encoding)).includes(true)) return undefined;
  return (fold, foldOf) => {
    const kept = Array.from(foldOf.keys()).filter((i) => foldOf[i] !== fold);
    const among = rowsAmong(split, kept);
    const learned = refilled(tableRows(table, kept, among), encoding, among);
    return applyEncoding(table, learned, new EncodingTally()).X;
  };
}
