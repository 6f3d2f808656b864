import { asMatrix, checkFinite, DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { checkOptions, fail, type OptionsOf, otherOption, wholeNumber } from '@southwell/numerics/core';
import { Cosine } from '@southwell/numerics/transforms';
import { alignmentOption } from './projection.ts';
import { topIndices } from './topIndices.ts';

const selectionRecords = {
  /** Orthonormal vectors as rows, m × m; 'dct' is the discrete cosine transform, computed by FFT. Default 'dct'. */
  basis: otherOption<'dct' | MatrixLike>("'dct' or a matrix"),
  /**
   * Norm of the products with a vector by which it is ranked: 'l1' or 'l2', which minimises the error. Default 'l2'.
   */
  norm: alignmentOption,
};

export interface SelectColumnsOptions extends OptionsOf<typeof selectionRecords> {}

/** The projection of a matrix to selected vectors of a basis. */
export interface SelectedColumns {
  /** Indices of the vectors in the basis, from 0, ascending. */
  readonly columns: Int32Array;
  /** G Pᵀ, n × r: the products of rows and the selected vectors. */
  readonly projected: DenseMatrix;
  /** ‖G − G PᵀP‖²/‖G‖²; 0 for a matrix of zeros. */
  readonly error: number;
}

/**
 * The r vectors of an orthonormal basis that are best aligned with the rows of G, n × m (Modoranu et al., arXiv
 * 2505.17967): those with the r largest norms of columns of G Qᵀ; ties go to the lower index. With the norm 'l2', no
 * other r vectors of the basis leave a smaller residual of G. O(n·m·log m) for the cosine transform, O(nm²) for another
 * basis.
 *
 * @example const { columns, error } = selectBasisColumns([[3, 3, 3], [1, 0, -1]], 1);
 * @throws INVALID_SHAPE, NON_FINITE; INVALID_PARAMETER unless r is a whole number from 1 to m.
 */
export function selectBasisColumns(G: MatrixLike, r: number, options: SelectColumnsOptions = {}): SelectedColumns {
  checkOptions('selectBasisColumns', selectionRecords, options);
  const { basis = 'dct', norm = 'l2' } = options;
  const dense = plain(G);
  const { rows: n, cols: m } = dense;
  wholeNumber('r', r, 1, m);
  if (n === 0) fail('INVALID_SHAPE', 'G has no rows, so that no vector is aligned with them.');
  const S = basis === 'dct' ? byCosines(dense) : product(dense, plain(basis));
  const [scores, energies] = [new Float64Array(m), new Float64Array(m)];
  for (let j = 0; j < m; j++) {
    for (let i = 0; i < n; i++) {
      const v = S[j * n + i];
      scores[j] += norm === 'l1' ? Math.abs(v) : v * v;
      energies[j] += v * v;
    }
  }
  const columns = topIndices(scores, r);
  const projected = DenseMatrix.create(n, r);
  for (const [k, j] of columns.entries()) projected.data.set(S.subarray(j * n, (j + 1) * n), k * n);
  const all = energies.reduce((a, b) => a + b, 0);
  const dropped = energies.reduce((sum, e, j) => sum + (columns.includes(j) ? 0 : e), 0);
  return { columns, projected, error: all > 0 ? dropped / all : 0 };
}

function plain(X: MatrixLike): DenseMatrix {
  const given = asMatrix(X);
  checkFinite(given);
  return given.kind === 'dense' ? given : given.toDense();
}

/** G Qᵀ in column-major order. */
function byCosines(G: DenseMatrix): Float64Array {
  const { rows: n, cols: m, data } = G;
  const cosine = new Cosine(m);
  const row = new Float64Array(m);
  const S = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) row[j] = data[j * n + i];
    cosine.forward(row, row);
    for (let j = 0; j < m; j++) S[j * n + i] = row[j];
  }
  return S;
}

function product(G: DenseMatrix, Q: DenseMatrix): Float64Array {
  const { rows: n, cols: m } = G;
  if (Q.rows !== m || Q.cols !== m) {
    fail('INVALID_SHAPE', `The basis must be ${m} × ${m}, but is ${Q.rows} × ${Q.cols}.`);
  }
  const S = new Float64Array(n * m);
  for (let k = 0; k < m; k++) {
    for (let j = 0; j < m; j++) {
      const q = Q.get(k, j);
      for (let i = 0; i < n; i++) S[k * n + i] += q * G.data[j * n + i];
    }
  }
  return S;
}
