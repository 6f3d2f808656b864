import { type Block, denseKernels, gramWorkBytes, type Kernels, type ThreadPool } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import { sparseKernels } from '@southwell/kernels/sparse';
import type { CscMatrix, DenseMatrix, Matrix } from '@southwell/numerics/arrays';
import type { WeightFacts } from './rowVectors.ts';

/** Columns of a matrix in the form that kernels take: `columns[t]` of X, where column j has the scale scale[j]. */
export interface Located {
  readonly X: Matrix;
  readonly columns: Block<Int32Array>;
  readonly scale: Block<Float64Array>;
}

/** A list of columns of the data, of which the first `m` are used. */
export interface Listed {
  readonly columns: Block<Int32Array>;
  readonly m: number;
}

/** Columns from … m−1 of XᵀDX over the listed columns, both triangles, written to G with leading dimension `ldg`. */
export interface GramOf extends Listed {
  readonly from: number;
  readonly d: Block<Float64Array>;
  readonly G: Block<Float64Array>;
  readonly ldg: number;
}

/**
 * The means of the listed columns, to be filled in, under the weights with these `facts`; without `facts` all means are
 * 0.
 */
export interface GramMeans {
  readonly facts: WeightFacts | undefined;
  readonly means: Block<Float64Array>;
}

/**
 * Products with columns of the data, whichever way they are stored: on one rank, or distributed by rows or by columns.
 * Columns are used as stored, without scales, except in {@link ColumnProducts.gram} of dense columns.
 */
export interface ColumnProducts {
  /** The first k listed columns in the form that kernels take, for the rows on this rank; valid until the next call. */
  at(columns: Block<Int32Array>, k: number): Located;
  /** out ← Xᵀv, and with `squares` the sums of squares of the columns in the same pass. */
  gradient(v: Block<Float64Array>, out: Block<Float64Array>, squares: Block<Float64Array> | undefined): void;
  /** out[t] ← xᵀv for the listed columns. */
  subset(v: Block<Float64Array>, list: Listed, out: Block<Float64Array>): void;
  /**
   * Dense columns are centred about their means, which this fills in, in scaled units; sparse ones are used as stored.
   */
  gram(of: GramOf, about: GramMeans, target?: Block<Float64Array>): void;
  release(): void;
}

/** Xᵀv of all columns; with `squares`, their sums of squares in the same pass. */
export function columnDots(
  X: Matrix,
  v: Block<Float64Array>,
  out: Block<Float64Array>,
  squares?: Block<Float64Array>,
  kernels: Pick<Kernels, 'gemvT' | 'cscGemvT'> = X.arena.use(denseKernels, sparseKernels),
): void {
  const { rows: n, cols: p } = X;
  const k = X.arena.use(denseKernels, sparseKernels);
  if (X.kind === 'dense') {
    if (squares) k.columnStats(n, p, X.pointer, n, v.pointer, out.pointer, squares.pointer);
    else kernels.gemvT(n, p, X.pointer, n, v.pointer, out.pointer);
    return;
  }
  const { colPointers, rowIndices, values } = X.pointers;
  if (squares) k.cscColumnStats(p, colPointers, rowIndices, values, v.pointer, out.pointer, squares.pointer);
  else kernels.cscGemvT(p, colPointers, rowIndices, values, v.pointer, out.pointer);
}

/** out[t] ← xᵀv for the first k listed columns. */
export function listedDots(
  { X, columns }: Pick<Located, 'X' | 'columns'>,
  v: Block<Float64Array>,
  k: number,
  out: Block<Float64Array>,
): void {
  const kernels = X.arena.use(denseKernels, sparseKernels);
  if (X.kind === 'dense') {
    kernels.gemvTSubset(X.rows, k, columns.pointer, X.pointer, X.rows, v.pointer, out.pointer);
  } else {
    const { colPointers, rowIndices, values } = X.pointers;
    kernels.cscGemvTSubset(k, columns.pointer, colPointers, rowIndices, values, v.pointer, out.pointer);
  }
}

/** {@link ColumnProducts.gram} of dense columns with all rows on this rank. `target` is as in {@link Design.gram}. */
export function denseGram(
  { columns: list, X: matrix, scale }: Located,
  { m, from, d, G, ldg }: GramOf,
  { facts, means }: GramMeans & { readonly facts: WeightFacts },
  centre: boolean,
  pool?: ThreadPool,
  target?: Block<Float64Array>,
): void {
  const X = matrix as DenseMatrix;
  const { rows: n, arena } = X;
  const k = arena.use(modelKernels);
  const scratch = arena.scratch();
  if (centre) k.columnMeans(n, m, list.pointer, X.pointer, n, d.pointer, facts.sum, means.pointer);
  else means.view.fill(0, 0, m);
  // If all rows have the same weight, it can be factored out.
  const share = facts.alike ? d.view[0] : undefined;
  const root = share === undefined ? scratch.f64(n) : undefined;
  if (root) k.squareRoots(n, d.pointer, root.pointer);
  const columnsOf = [list.pointer, X.pointer, n, scale.pointer, means.pointer, root?.pointer ?? 0] as const;
  const work = scratch.f64(Math.ceil(gramWorkBytes(m) / 8));
  const room = [work.pointer, target?.pointer ?? 0] as const;
  (pool ?? k).columnGram(n, m, from, ...columnsOf, share ?? 1, G.pointer, ldg, ...room);
  const [s, mv] = [scale.view, means.view];
  for (let t = 0; t < m; t++) mv[t] *= s[list.view[t]];
  scratch.release();
}

/** Number of stored values in the listed columns. */
export function storedIn({ X, columns }: Pick<Located, 'X' | 'columns'>, m: number): number {
  const { colPointers } = X as CscMatrix;
  const places = columns.view;
  let nnz = 0;
  for (let t = 0; t < m; t++) nnz += colPointers[places[t] + 1] - colPointers[places[t]];
  return nnz;
}

/**
 * {@link ColumnProducts.gram} of sparse columns with all rows on this rank, whose `nnz` values are first transposed to
 * row order.
 */
export function sparseGram({ X: matrix, columns }: Located, { m, from, d, G, ldg }: GramOf, nnz: number): void {
  const X = matrix as CscMatrix;
  const { rows: n, arena } = X;
  const { colPointers, rowIndices, values } = X.pointers;
  const scratch = arena.scratch();
  const [rowPointers, slots, rowValues] = [scratch.i32(n + 1), scratch.i32(nnz), scratch.f64(nnz)];
  const k = arena.use(modelKernels);
  const stored = [columns.pointer, colPointers, rowIndices, values] as const;
  const byRows = [rowPointers.pointer, slots.pointer, rowValues.pointer] as const;
  k.cscRows(n, m, ...stored, ...byRows);
  k.cscGram(m, from, ...stored, ...byRows, d.pointer, G.pointer, ldg);
  scratch.release();
}
