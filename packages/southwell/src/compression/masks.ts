import { type DenseMatrix, select } from '@southwell/numerics/arrays';
import { fail, knownKeys } from '@southwell/numerics/core';

/**
 * Which weights may stay: a share of those of the layer or of every row (output), or `keep` of every `of` consecutive
 * inputs of a row.
 */
export type Pattern =
  | { readonly density: number; readonly scope?: 'layer' | 'row' }
  | { readonly keep: number; readonly of: number };

/** @throws INVALID_PARAMETER for densities outside of [0, 1], other scopes, and patterns that keep none or more than all. */
export function checkPattern(name: string, pattern: Pattern): void {
  if (typeof pattern !== 'object' || pattern === null)
    fail('INVALID_PARAMETER', `${name}: pattern must be { density } or { keep, of }.`);
  if ('density' in pattern) {
    knownKeys(`${name}: pattern`, pattern, { density: true, scope: true });
    const { density, scope = 'layer' } = pattern;
    if (!(typeof density === 'number' && density >= 0 && density <= 1))
      fail('INVALID_PARAMETER', `${name}: density must be from 0 to 1, not ${String(density)}.`);
    if (scope !== 'layer' && scope !== 'row')
      fail('INVALID_PARAMETER', `${name}: scope must be layer or row, not ${String(scope)}.`);
    return;
  }
  knownKeys(`${name}: pattern`, pattern, { keep: true, of: true });
  const { keep, of } = pattern;
  if (!Number.isInteger(keep) || !Number.isInteger(of) || keep < 1 || of < keep || of > 16)
    fail(
      'INVALID_PARAMETER',
      `${name}: a pattern keeps at least one of up to 16 weights, not ${String(keep)} of ${String(of)}.`,
    );
}

/** Calls `keep` for the places of the `count` greatest of values[0…n); of equal ones, those of lower place. O(n); `work` is overwritten. */
function forGreatest(
  values: Float64Array,
  n: number,
  count: number,
  work: Float64Array,
  keep: (place: number) => void,
): void {
  if (count === 0) return;
  for (let k = 0; k < n; k++) work[k] = values[k];
  const least = select(work, n, n - count);
  let equal = count;
  for (let k = 0; k < n; k++) if (values[k] > least) equal--;
  for (let k = 0; k < n; k++) if (values[k] > least || (values[k] === least && equal-- > 0)) keep(k);
}

/** Rows that are copied at a time, out of memory in which they are not contiguous. */
const ROWS = 16;

/** Marks the `count` greatest of each row. */
function markRows(scores: Float64Array, rows: number, columns: number, count: number, mask: Uint8Array): void {
  const [own, work] = [new Float64Array(ROWS * columns), new Float64Array(columns)];
  for (let from = 0; from < rows; from += ROWS) {
    const some = Math.min(ROWS, rows - from);
    for (let j = 0; j < columns; j++) for (let i = 0; i < some; i++) own[i * columns + j] = scores[j * rows + from + i];
    for (let i = 0; i < some; i++)
      forGreatest(own.subarray(i * columns, (i + 1) * columns), columns, count, work, (j) => {
        mask[j * rows + from + i] = 1;
      });
  }
}

/** Marks the `keep` greatest of the columns [from, to) of each row, by comparing each pair. */
function markGroup(
  scores: Float64Array,
  rows: number,
  [from, to]: readonly [number, number],
  keep: number,
  mask: Uint8Array,
): void {
  const n = to - from;
  // How many of the group are greater, or equal and before.
  const ranks = new Uint8Array(n);
  for (let i = 0; i < rows; i++) {
    ranks.fill(0);
    for (let b = 1; b < n; b++) {
      const value = scores[(from + b) * rows + i];
      for (let a = 0; a < b; a++)
        if (value > scores[(from + a) * rows + i]) ranks[a]++;
        else ranks[b]++;
    }
    for (let k = 0; k < n; k++) if (ranks[k] < keep) mask[(from + k) * rows + i] = 1;
  }
}

/**
 * 1 where a weight stays, 0 where it is removed: the greatest scores of each group of the pattern stay, of equal ones those
 * of lower column. The number that stays is round(density·size) of the layer or of each row, or `keep` of each complete
 * group of `of`; of an incomplete last group of r inputs, min(keep, r). `rows` × `columns` scores, column after column; O(n) on average, and O(n·of) for groups.
 */
export function maskByScores(scores: Float64Array, rows: number, columns: number, pattern: Pattern): Uint8Array {
  const mask = new Uint8Array(scores.length);
  if ('keep' in pattern) {
    for (let j = 0; j < columns; j += pattern.of)
      markGroup(scores, rows, [j, Math.min(columns, j + pattern.of)], pattern.keep, mask);
    return mask;
  }
  const { density, scope = 'layer' } = pattern;
  if (scope === 'row') markRows(scores, rows, columns, Math.round(density * columns), mask);
  else
    forGreatest(scores, scores.length, Math.round(density * scores.length), new Float64Array(scores.length), (at) => {
      mask[at] = 1;
    });
  return mask;
}

/** The share of weights that stay. */
export function densityOf(mask: Uint8Array): number {
  let kept = 0;
  for (const m of mask) kept += m;
  return mask.length === 0 ? 1 : kept / mask.length;
}

/** Sets the weights that a mask removes to 0. */
export function applyMask(W: DenseMatrix, mask: Uint8Array): void {
  const { data } = W;
  for (let i = 0; i < data.length; i++) if (mask[i] === 0) data[i] = 0;
}
