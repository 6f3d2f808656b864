import type { Scratch } from '@southwell/kernels';
import { systemKernels } from '@southwell/kernels/systems';
import type { CscMatrix } from '../../arrays/index.ts';
import { fail, knownKeys, type OptionKeys, wholeNumber } from '../../core/index.ts';
import { checkPositive, plainColumns, symmetricRows } from '../rows.ts';
import { type PlacedRows, placeRows, TriangularPair, type TriangularRows, triangles } from '../triangularPair.ts';

export interface IncompleteCholeskyOptions {
  /**
   * Number of entries, the largest ones, that a column of the factor keeps beyond the number that A has there (Lin and
   * Moré 1999). Default: the pattern of A only, or 10 if there is a `dropTolerance`.
   */
  readonly fill?: number;
  /** Entries below this fraction of the norm of A's column are dropped, wherever they are. Default 0. */
  readonly dropTolerance?: number;
  /** Factorises A + shift · diag(A) (Manteuffel 1980); increased on breakdown. Default 0. */
  readonly shift?: number;
}

const keys: OptionKeys<IncompleteCholeskyOptions> = { fill: true, dropTolerance: true, shift: true };

/** An incomplete Cholesky factorisation and the shift that it needed. */
export class IncompleteCholesky extends TriangularPair {
  /** The factor is of A + shift · diag(A). */
  shift = 0;
}

/** The strict triangle L by rows, its transpose by rows, and the pivots D. */
interface SymmetricFactors {
  readonly lower: PlacedRows;
  readonly upper: PlacedRows;
  readonly pivots: Float64Array;
}

const FIRST_SHIFT = 1e-3;
/** A pivot below this fraction of the diagonal entry is a breakdown. */
const SMALLEST = 1e-12;

/**
 * A ≈ (I + L)D(I + L)ᵀ for a symmetric positive definite A: on the pattern of A, IC(0) (Meijerink and van der Vorst
 * 1977), or with limited fill and a drop tolerance. On breakdown (a pivot that is not positive), the diagonal is
 * shifted by 10⁻³ of itself, then by twice as much, and so on; `shift` reports the final value. O(entries · entries per
 * row).
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER if A is not symmetric or its diagonal not positive.
 */
export function incompleteCholesky(A: CscMatrix, options: IncompleteCholeskyOptions = {}): IncompleteCholesky {
  knownKeys('incompleteCholesky', options, keys);
  const { fill, dropTolerance, shift: first = 0 } = options;
  if (fill !== undefined) wholeNumber('fill', fill, 0);
  for (const [name, value] of Object.entries({ dropTolerance, shift: first })) {
    if (value !== undefined && !(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      fail('INVALID_PARAMETER', `${name} must be at least 0, but is ${value}.`);
    }
  }
  symmetricRows(A);
  const n = A.rows;
  const { arena } = A;
  const plain = fill === undefined && dropTolerance === undefined;
  const limits = { fill: fill ?? 10, drop: dropTolerance ?? 0 };
  const scratch = arena.scratch();
  try {
    const attempt = plain ? onPattern(A, scratch) : thresholded(A, limits, scratch);
    let shift = first;
    let found = attempt(shift);
    while (typeof found === 'number') {
      if (shift > 1e6) {
        fail(
          'NUMERICAL',
          `The incomplete factorisation breaks down in row ${found + 1} with every shift: A is not positive definite.`,
        );
      }
      shift = Math.max(2 * shift, FIRST_SHIFT);
      found = attempt(shift);
    }
    const { lower, upper, pivots } = found;
    const M = new IncompleteCholesky(
      arena,
      n,
      true,
      lower,
      pivots.map((d) => 1 / d),
      upper,
    );
    M.shift = shift;
    return M;
  } finally {
    scratch.release();
  }
}

/** The factors for a given shift, or the index of the row whose pivot is not positive. */
type Attempt = (shift: number) => SymmetricFactors | number;

/** IC(0), computed like ILU(0), whose triangles mirror each other. */
function onPattern(A: CscMatrix, scratch: Scratch): Attempt {
  const { arena, rows: n, pointers } = A;
  const values = scratch.f64(A.nnz);
  const parts = triangles(arena, scratch, n, pointers, pointers.values);
  positive(parts.diagonal.view);
  const { left, right } = parts;
  const [lower, upper] = [parts.lower, parts.upper].map((rows) => ({ ...rows, values: values.pointer }));
  const pivots = scratch.f64(n);
  const place = scratch.i32(n).pointer;
  const { colPointers, rowIndices } = pointers;
  return (shift) => {
    values.view.set(A.values);
    const row = arena
      .use(systemKernels)
      .incompleteRows(
        n,
        colPointers,
        rowIndices,
        values.pointer,
        true,
        shift,
        SMALLEST,
        left,
        right,
        pivots.pointer,
        place,
      );
    return row < 0 ? { lower, upper, pivots: pivots.view } : row;
  };
}

function thresholded(
  A: CscMatrix,
  limits: { readonly fill: number; readonly drop: number },
  scratch: Scratch,
): Attempt {
  const { upper, diagonal } = strictlyUpper(A);
  positive(diagonal);
  return (shift) => {
    const found = byColumns(upper, diagonal, limits, shift);
    if (typeof found === 'number') return found;
    const rows = [transposed(found.upper), found.upper].map((half) => placeRows(scratch, half));
    return { lower: rows[0], upper: rows[1], pivots: found.pivots };
  };
}

/** The strict upper triangle by rows, and the diagonal. */
function strictlyUpper(A: CscMatrix): { upper: TriangularRows; diagonal: Float64Array } {
  const { cols: n, colPointers, rowIndices, values } = plainColumns(A);
  const [pointers, diagonal] = [new Int32Array(n + 1), new Float64Array(n)];
  // The columns of a symmetric matrix are its rows; the upper entries are moved forward in place.
  let count = 0;
  for (let j = 0; j < n; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const i = rowIndices[k];
      if (i === j) diagonal[j] = values[k];
      if (i <= j) continue;
      rowIndices[count] = i;
      values[count++] = values[k];
    }
    pointers[j + 1] = count;
  }
  return { upper: { pointers, columns: rowIndices.subarray(0, count), values: values.subarray(0, count) }, diagonal };
}

const positive = (diagonal: Float64Array) => checkPositive(diagonal, 'incompleteCholesky');

/** Left-looking by columns; the entries to keep are chosen when a column is complete. */
function byColumns(
  upper: TriangularRows,
  diagonal: Float64Array,
  { fill, drop }: { readonly fill: number; readonly drop: number },
  shift: number,
): { readonly upper: TriangularRows; readonly pivots: Float64Array } | number {
  const n = diagonal.length;
  const [pointers, pivots] = [new Int32Array(n + 1), new Float64Array(n)];
  const columns = new Growing();
  const w = new Float64Array(n);
  const seen = new Int32Array(n).fill(-1);
  // Linked lists of the columns whose next row is the current one, with the position in each column.
  const [head, next, at] = [new Int32Array(n).fill(-1), new Int32Array(n), new Int32Array(n)];
  const advance = (k: number, from: number) => {
    at[k] = from;
    if (from >= pointers[k + 1]) return;
    const row = columns.index[from];
    next[k] = head[row];
    head[row] = k;
  };
  for (let j = 0; j < n; j++) {
    const rows: number[] = [];
    let square = diagonal[j] ** 2;
    let pivot = diagonal[j] * (1 + shift);
    for (let e = upper.pointers[j]; e < upper.pointers[j + 1]; e++) {
      const i = upper.columns[e];
      w[i] = upper.values[e];
      square += w[i] ** 2;
      seen[i] = j;
      rows.push(i);
    }
    for (let k = head[j]; k >= 0; ) {
      const after = next[k];
      const scaled = columns.value[at[k]] * pivots[k];
      pivot -= columns.value[at[k]] * scaled;
      for (let e = at[k] + 1; e < pointers[k + 1]; e++) {
        const i = columns.index[e];
        if (seen[i] !== j) {
          seen[i] = j;
          w[i] = 0;
          rows.push(i);
        }
        w[i] -= columns.value[e] * scaled;
      }
      advance(k, at[k] + 1);
      k = after;
    }
    if (!(pivot > SMALLEST * diagonal[j])) return j;
    pivots[j] = pivot;
    const bar = drop * Math.sqrt(square);
    const kept = largest(
      rows.filter((i) => w[i] !== 0 && Math.abs(w[i]) >= bar),
      w,
      upper.pointers[j + 1] - upper.pointers[j] + fill,
    );
    for (const i of kept) columns.push(i, w[i] / pivot);
    pointers[j + 1] = columns.length;
    advance(j, pointers[j]);
  }
  return { upper: { pointers, ...columns.arrays() }, pivots };
}

/** The `most` indices with the largest values, ascending. */
export function largest(places: number[], values: Float64Array, most: number): number[] {
  if (places.length > most) {
    places.sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]) || a - b);
    places.length = most;
  }
  return places.sort((a, b) => a - b);
}

/** Growing arrays of indices and values. */
export class Growing {
  length = 0;
  index = new Int32Array(1024);
  value = new Float64Array(1024);

  push(i: number, v: number): void {
    if (this.length === this.index.length) {
      const [index, value] = [new Int32Array(2 * this.length), new Float64Array(2 * this.length)];
      index.set(this.index);
      value.set(this.value);
      [this.index, this.value] = [index, value];
    }
    this.index[this.length] = i;
    this.value[this.length++] = v;
  }

  arrays(): { columns: Int32Array; values: Float64Array } {
    return { columns: this.index.subarray(0, this.length), values: this.value.subarray(0, this.length) };
  }
}

/** Transposes a triangle given by rows. */
export function transposed({ pointers, columns, values }: TriangularRows): TriangularRows {
  const n = pointers.length - 1;
  const out = new Int32Array(n + 1);
  for (let k = 0; k < pointers[n]; k++) out[columns[k] + 1]++;
  for (let i = 0; i < n; i++) out[i + 1] += out[i];
  const next = out.slice(0, n);
  const [index, value] = [new Int32Array(pointers[n]), new Float64Array(pointers[n])];
  for (let i = 0; i < n; i++) {
    for (let k = pointers[i]; k < pointers[i + 1]; k++) {
      const to = next[columns[k]]++;
      index[to] = i;
      value[to] = values[k];
    }
  }
  return { pointers: out, columns: index, values: value };
}
