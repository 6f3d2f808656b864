import type { Scratch } from '@southwell/kernels';
import { systemKernels } from '@southwell/kernels/systems';
import type { CscMatrix } from '../../arrays/index.ts';
import { checkFinite } from '../../arrays/index.ts';
import { fail, knownKeys, type OptionKeys, wholeNumber } from '../../core/index.ts';
import { transpose } from '../../linalg/index.ts';
import { square } from '../rows.ts';
import { safeNorm } from '../space.ts';
import { placeRows, TriangularPair, type TriangularRows, triangles } from '../triangularPair.ts';
import { Growing, largest } from './incompleteCholesky.ts';

export interface IncompleteLuOptions {
  /**
   * Number of entries, the largest ones, that a row of either factor keeps beyond the number that A has there. Default:
   * the pattern of A only, or 10 if there is a `dropTolerance`.
   */
  readonly fill?: number;
  /** Entries below this fraction of the norm of A's row are dropped, wherever they are. Default 0. */
  readonly dropTolerance?: number;
  /** Added to the diagonal, as a fraction of the norm of the row, to avoid zero pivots. Default 0. */
  readonly shift?: number;
}

const keys: OptionKeys<IncompleteLuOptions> = { fill: true, dropTolerance: true, shift: true };

interface Rows {
  readonly n: number;
  readonly pointers: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/**
 * A ≈ (I + L)D(I + U) for any square A with a full diagonal: on the pattern of A, ILU(0), or with limited fill and a
 * drop tolerance, ILUT (Saad 1994), without row exchanges. O(entries · entries per row).
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER; SINGULAR if a pivot is 0, naming its row.
 */
export function incompleteLu(A: CscMatrix, options: IncompleteLuOptions = {}): TriangularPair {
  knownKeys('incompleteLu', options, keys);
  const { fill, dropTolerance, shift = 0 } = options;
  if (fill !== undefined) wholeNumber('fill', fill, 0);
  for (const [name, value] of Object.entries({ dropTolerance, shift })) {
    if (value !== undefined && !(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      fail('INVALID_PARAMETER', `${name} must be at least 0, but is ${value}.`);
    }
  }
  const n = square(A);
  checkFinite(A, 'A');
  const { arena } = A;
  const byRows = transpose(A);
  const scratch = arena.scratch();
  try {
    const plain = fill === undefined && dropTolerance === undefined;
    const { lower, pivots, upper } = plain
      ? onPattern(byRows, shift, scratch)
      : placed(thresholded(plainRows(byRows), { fill: fill ?? 10, drop: dropTolerance ?? 0 }, shift), scratch);
    return new TriangularPair(
      arena,
      n,
      false,
      lower,
      pivots.map((d) => 1 / d),
      upper,
    );
  } finally {
    scratch.release();
    byRows.free();
  }
}

/** A pivot below this fraction of the norm of its row is treated as zero. */
const SMALLEST = 1e-14;

/** @throws SINGULAR. */
function checkPivot(pivot: number, norm: number, i: number): void {
  if (!(Math.abs(pivot) > SMALLEST * norm)) failAt(pivot, i);
}

/** @throws SINGULAR. */
function failAt(pivot: number, i: number): never {
  return fail(
    'SINGULAR',
    `incompleteLu meets the pivot ${pivot} in row ${i + 1}: reorder the rows so that the diagonal is not 0, keep more ` +
      '(dropTolerance, fill), or give a shift.',
  );
}

const plainRows = ({ cols: n, colPointers, rowIndices, values }: CscMatrix): Rows => ({
  n,
  pointers: colPointers.slice(),
  columns: rowIndices.slice(),
  values: values.slice(),
});

const placed = ({ lower, pivots, upper }: Factors, scratch: Scratch) => ({
  lower: placeRows(scratch, lower),
  pivots,
  upper: placeRows(scratch, upper),
});

interface Factors {
  readonly lower: TriangularRows;
  readonly pivots: Float64Array;
  readonly upper: TriangularRows;
}

/** ILU(0) on the pattern of A's rows, which are overwritten. */
function onPattern(byRows: CscMatrix, shift: number, scratch: Scratch) {
  const { arena, cols: n, pointers } = byRows;
  const { colPointers, rowIndices, values } = pointers;
  const { left, right, lower, upper } = triangles(arena, scratch, n, pointers, values);
  const pivots = scratch.f64(n);
  const place = scratch.i32(n).pointer;
  const row = arena
    .use(systemKernels)
    .incompleteRows(n, colPointers, rowIndices, values, false, shift, SMALLEST, left, right, pivots.pointer, place);
  if (row >= 0) failAt(pivots.view[row], row);
  return { lower, pivots: pivots.view, upper };
}

/** Row by row: subtracts multiples of the earlier rows for which there are entries. */
function thresholded(A: Rows, limits: { readonly fill: number; readonly drop: number }, shift: number): Factors {
  const { n } = A;
  const [lower, upper] = [new Growing(), new Growing()];
  const [lp, up, pivots] = [new Int32Array(n + 1), new Int32Array(n + 1), new Float64Array(n)];
  const w = new Float64Array(n);
  const seen = new Int32Array(n).fill(-1);
  for (let i = 0; i < n; i++) {
    const [below, above]: [number[], number[]] = [[], []];
    let sum = 0;
    seen[i] = i;
    w[i] = 0;
    for (let e = A.pointers[i]; e < A.pointers[i + 1]; e++) {
      const j = A.columns[e];
      w[j] = A.values[e];
      sum += w[j] ** 2;
      seen[j] = i;
      if (j < i) below.push(j);
      else if (j > i) above.push(j);
    }
    const norm =
      sum > 1e-280 && sum < 1e300 ? Math.sqrt(sum) : safeNorm(A.values.subarray(A.pointers[i], A.pointers[i + 1]));
    w[i] += shift * norm;
    const bar = limits.drop * norm;
    const most = [below.length, above.length];
    // Linear search for the next column; a heap does not pay for short rows.
    for (let t = 0; t < below.length; t++) {
      const k = takeSmallest(below, t);
      // Earlier rows are stored as I + U, so w[k] is already l·d.
      const v = w[k];
      if (v === 0 || Math.abs(v) < bar) {
        w[k] = 0;
        continue;
      }
      for (let q = up[k]; q < up[k + 1]; q++) {
        const j = upper.index[q];
        if (seen[j] !== i) {
          seen[j] = i;
          w[j] = 0;
          if (j < i) below.push(j);
          else above.push(j);
        }
        w[j] -= v * upper.value[q];
      }
    }
    const pivot = w[i];
    checkPivot(pivot, norm, i);
    pivots[i] = pivot;
    const l = largest(
      below.filter((j) => w[j] !== 0),
      w,
      most[0] + limits.fill,
    );
    const u = largest(
      above.filter((j) => w[j] !== 0 && Math.abs(w[j]) >= bar),
      w,
      most[1] + limits.fill,
    );
    for (const j of l) lower.push(j, w[j] / pivots[j]);
    for (const j of u) upper.push(j, w[j] / pivot);
    lp[i + 1] = lower.length;
    up[i + 1] = upper.length;
  }
  return { lower: { pointers: lp, ...lower.arrays() }, pivots, upper: { pointers: up, ...upper.arrays() } };
}

/** Swaps the smallest of list[t…] to position t. */
function takeSmallest(list: number[], t: number): number {
  let at = t;
  for (let s = t + 1; s < list.length; s++) if (list[s] < list[at]) at = s;
  [list[t], list[at]] = [list[at], list[t]];
  return list[t];
}
