import type { DenseMatrix } from '@southwell/numerics/arrays';
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

/** Marks the `count` greatest of scores[places[from…to)]; of equal ones, those of lower place. */
function markGreatest(scores: Float64Array, places: Int32Array, count: number, mask: Uint8Array): void {
  const order = places.slice().sort((a, b) => scores[b] - scores[a] || a - b);
  for (let i = 0; i < count; i++) mask[order[i]] = 1;
}

/**
 * 1 where a weight stays, 0 where it is removed: the greatest scores of each group of the pattern stay, of equal ones those
 * of lower column. The number that stays is round(density·size) of the layer or of each row, or `keep` of each complete
 * group of `of`; of an incomplete last group of r inputs, min(keep, r). `rows` × `columns` scores, column after column; O(n
 * log n).
 */
export function maskByScores(scores: Float64Array, rows: number, columns: number, pattern: Pattern): Uint8Array {
  const mask = new Uint8Array(scores.length);
  if ('density' in pattern && (pattern.scope ?? 'layer') === 'layer') {
    const places = Int32Array.from({ length: scores.length }, (_, i) => i);
    markGreatest(scores, places, Math.round(pattern.density * scores.length), mask);
    return mask;
  }
  const [width, keep] =
    'density' in pattern ? [columns, Math.round(pattern.density * columns)] : [pattern.of, pattern.keep];
  for (let j = 0; j < columns; j += width) {
    const length = Math.min(width, columns - j);
    const places = new Int32Array(length);
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < length; k++) places[k] = (j + k) * rows + i;
      markGreatest(scores, places, Math.min(keep, length), mask);
    }
  }
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
