import { asMatrix, checkFinite, DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { checkOptions, fail, type OptionsOf, otherOption } from '@southwell/numerics/core';

/**
 * Several tables with the same rows, each stored as a dense matrix with a column for each row of the table (the
 * transpose), so that the values of a row are contiguous. `free` releases them.
 */
export interface Views {
  readonly rows: number;
  readonly wide: readonly DenseMatrix[];
  readonly means: readonly Float64Array[];
  free(): void;
}

const viewRecords = {
  /** The means to subtract; by default those of the columns. */
  means: otherOption<readonly Float64Array[] | 'none'>("means of each view, or 'none'"),
};

export interface ViewOptions extends OptionsOf<typeof viewRecords> {}

/**
 * Checks and copies views, and subtracts their own or the given means (or none). O(values).
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE.
 */
export function takeViews(input: readonly MatrixLike[], options: ViewOptions = {}): Views {
  checkOptions('takeViews', viewRecords, options);
  if (!Array.isArray(input) || input.length === 0) fail('EMPTY', 'views must be a non-empty array of matrices.');
  const wide: DenseMatrix[] = [];
  const means: Float64Array[] = [];
  let rows = -1;
  input.forEach((view, v) => {
    const given = asMatrix(view);
    const X = given.kind === 'dense' ? given : given.toDense();
    if (rows < 0) rows = X.rows;
    if (X.rows !== rows) fail('INVALID_SHAPE', `View 0 has ${rows} rows, but view ${v} has ${X.rows}.`);
    if (X.rows === 0 || X.cols === 0) fail('EMPTY', `View ${v} is ${X.rows} × ${X.cols}.`);
    checkFinite(X, `view ${v}`);
    const known = options.means === 'none' ? new Float64Array(X.cols) : options.means?.[v];
    if (known && known.length !== X.cols) {
      fail('INVALID_SHAPE', `View ${v} has ${X.cols} columns where the model has ${known.length}.`);
    }
    const mean =
      known ?? Float64Array.from({ length: X.cols }, (_, j) => X.column(j).reduce((s, x) => s + x / rows, 0));
    const T = DenseMatrix.create(X.cols, rows, { fill: false });
    T.arena === X.arena
      ? T.arena.kernels.transpose(rows, X.cols, X.pointer, rows, T.pointer, X.cols)
      : transposeInto(X.data, rows, X.cols, T.data);
    const { data } = T;
    for (let i = 0; i < rows; i++) for (let j = 0; j < X.cols; j++) data[i * X.cols + j] -= mean[j];
    wide.push(T);
    means.push(mean);
    if (X !== view) X.free();
    if (given !== X && given !== view) given.free();
  });
  return {
    rows,
    wide,
    means,
    free: () => {
      for (const M of wide) M.free();
    },
  };
}

/** Transposes column-major values into `to`. */
function transposeInto(from: Float64Array, rows: number, cols: number, to: Float64Array): void {
  for (let j = 0; j < cols; j++) for (let i = 0; i < rows; i++) to[i * cols + j] = from[j * rows + i];
}

/**
 * One ridge parameter for all views, or one for each, from 0 to 1.
 * @throws INVALID_PARAMETER.
 */
export function ridges(ridge: number | readonly number[], views: number): Float64Array {
  const out = Float64Array.from({ length: views }, (_, v) => (typeof ridge === 'number' ? ridge : ridge[v]));
  if (typeof ridge !== 'number' && ridge.length !== views) {
    fail('INVALID_PARAMETER', `ridge has ${ridge.length} entries for ${views} views.`);
  }
  if (!out.every((a) => a >= 0 && a <= 1)) fail('INVALID_PARAMETER', 'ridge must be between 0 (CCA) and 1 (PLS).');
  return out;
}
