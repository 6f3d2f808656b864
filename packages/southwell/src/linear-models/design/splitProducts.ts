import { type Block, gramWorkBytes, type Scratch, type ThreadPool } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import { type CscMatrix, type DenseMatrix, type Matrix, pieceOfRows } from '@southwell/numerics/arrays';
import type { SplitRows } from '@southwell/numerics/core';
import { allColumns, TreeSums } from '@southwell/numerics/linalg';
import type { ColumnProducts, GramMeans, GramOf, Listed, Located } from './columnProducts.ts';
import { BY_ROWS } from './wholeColumns.ts';

/**
 * Products with data whose rows are distributed over ranks: computed block by block of the rows and summed over all
 * ranks ({@link SplitRows}), so that results are bit-identical for any number of ranks. Columns are used as stored,
 * without scales.
 */
export abstract class SplitProducts implements ColumnProducts {
  /** With a pool, products of dense data are computed by threads; results are bit-identical. */
  static of(X: Matrix, rows: SplitRows, scale: Block<Float64Array>, keep: Scratch, pool?: ThreadPool): SplitProducts {
    return X.kind === 'dense'
      ? new DenseProducts(X, rows, scale, keep, pool)
      : new SparseProducts(X, rows, scale, keep);
  }

  protected constructor(
    protected readonly X: Matrix,
    protected readonly rows: SplitRows,
    protected readonly scale: Block<Float64Array>,
  ) {}

  at(columns: Block<Int32Array>): Located {
    const { X, scale } = this;
    return { X, columns, scale };
  }

  gradient(v: Block<Float64Array>, out: Block<Float64Array>, squares: Block<Float64Array> | undefined): void {
    const p = this.X.cols;
    const sums = new Float64Array(squares ? 2 * p : p);
    this.products(v, sums);
    out.view.set(sums.subarray(0, p));
    squares?.view.set(sums.subarray(p));
  }

  /** out ← Xᵀv, followed by the sums of squares of the columns if `out` has space for them. */
  protected abstract products(v: Block<Float64Array>, out: Float64Array): void;

  abstract subset(v: Block<Float64Array>, list: Listed, out: Block<Float64Array>): void;

  abstract gram(of: GramOf, about: GramMeans): void;

  release(): void {}

  /**
   * Sums the upper triangle of columns from … m−1, to which `add` contributes the products of each block of rows, and
   * fills both triangles.
   */
  protected triangle(
    { m, from, G, ldg }: GramOf,
    add: (piece: number, from: number, to: number, part: Float64Array) => void,
  ): void {
    const sums = new Float64Array((m * (m + 1) - from * (from + 1)) / 2);
    this.rows.sum(sums, add);
    const g = G.view;
    for (let t = from, at = 0; t < m; t++) {
      for (let r = 0; r <= t; r++, at++) {
        g[t * ldg + r] = sums[at];
        g[r * ldg + t] = sums[at];
      }
    }
  }
}

class DenseProducts extends SplitProducts {
  /** Workspace for the products of one block of rows. */
  private readonly room: Block<Float64Array>;

  constructor(
    protected override readonly X: DenseMatrix,
    rows: SplitRows,
    scale: Block<Float64Array>,
    keep: Scratch,
    private readonly pool?: ThreadPool,
  ) {
    super(X, rows, scale);
    this.room = keep.f64(2 * X.cols);
  }

  protected override products(v: Block<Float64Array>, out: Float64Array): void {
    const { X, room } = this;
    const p = X.cols;
    const { kernels } = X.arena;
    this.rows.sum(out, (_, from, to, part) => {
      const [x, at] = [X.pointer + 8 * from, v.pointer + 8 * from];
      if (part.length > p) kernels.columnStats(to - from, p, x, X.rows, at, room.pointer, room.pointer + 8 * p);
      else (this.pool ?? kernels).gemvT(to - from, p, x, X.rows, at, room.pointer);
      part.set(room.view.subarray(0, part.length));
    });
  }

  override subset(v: Block<Float64Array>, { columns, m }: Listed, out: Block<Float64Array>): void {
    const { X, room } = this;
    const sums = new Float64Array(m);
    this.rows.sum(sums, (_, from, to, part) => {
      const [x, at] = [X.pointer + 8 * from, v.pointer + 8 * from];
      X.arena.kernels.gemvTSubset(to - from, m, columns.pointer, x, X.rows, at, room.pointer);
      part.set(room.view.subarray(0, m));
    });
    out.view.set(sums);
  }

  override gram(of: GramOf, { facts, means }: GramMeans): void {
    const { X, rows, scale } = this;
    const { columns, m, from, d } = of;
    const { arena } = X;
    if (facts) {
      this.subset(d, of, means);
      const [mv, c, s] = [means.view, columns.view, scale.view];
      for (let t = 0; t < m; t++) mv[t] = (mv[t] * s[c[t]]) / facts.sum;
    } else means.view.fill(0, from, m);
    const tall = rows.pieces.reduce((most, [a, b]) => Math.max(most, b - a), 0);
    const scratch = arena.scratch();
    try {
      const [own, root, about] = [scratch.f64(m * m), scratch.f64(tall), scratch.f64(m)];
      const work = scratch.f64(Math.ceil(gramWorkBytes(m) / 8));
      // In the units of the column; exact up to rounding for values near its mean.
      for (let t = 0; t < m; t++) about.view[t] = facts ? means.view[t] / scale.view[columns.view[t]] : 0;
      this.triangle(of, (_, first, end, part) => {
        const [dv, roots] = [d.view, root.view];
        for (let i = first; i < end; i++) roots[i - first] = Math.sqrt(dv[i]);
        const listed = [columns.pointer, X.pointer + 8 * first, X.rows, scale.pointer, about.pointer] as const;
        const into = [root.pointer, 1, own.pointer, m, work.pointer, 0] as const;
        (this.pool ?? arena.use(modelKernels)).columnGram(end - first, m, from, ...listed, ...into);
        const g = own.view;
        for (let t = from, at = 0; t < m; t++) for (let r = 0, q = t * m; r <= t; r++) part[at++] = g[q++];
      });
    } finally {
      scratch.release();
    }
  }
}

/** Sparse data, read column by column as stored. */
class SparseProducts extends SplitProducts {
  private readonly sums: TreeSums;
  private readonly all: Block<Int32Array>;

  constructor(
    protected override readonly X: CscMatrix,
    rows: SplitRows,
    scale: Block<Float64Array>,
    keep: Scratch,
  ) {
    super(X, rows, scale);
    this.sums = new TreeSums(X, rows, keep);
    this.all = allColumns(X.cols, keep);
  }

  protected override products(v: Block<Float64Array>, out: Float64Array): void {
    const p = this.X.cols;
    this.sums.into(out.subarray(0, p), this.all, p, { pointer: v.pointer, k: 1 });
    if (out.length > p) this.sums.into(out.subarray(p), this.all, p);
  }

  override subset(v: Block<Float64Array>, { columns, m }: Listed, out: Block<Float64Array>): void {
    const sums = new Float64Array(m);
    this.sums.into(sums, columns, m, { pointer: v.pointer, k: 1 });
    out.view.set(sums);
  }

  override gram(of: GramOf): void {
    const { X, rows } = this;
    const { columns, m, from, d } = of;
    const { arena } = X;
    const list = columns.view.slice(0, m);
    const scratch = arena.scratch();
    try {
      const T = scratch.f64(m * m);
      const places = allColumns(m, scratch);
      // The listed columns within one block of rows, converted to row order; the next block begins where this one ends.
      const next = list.map((j) => X.colPointers[j]);
      const most = mostOfPieces(X, list, rows);
      const tall = rows.pieces.reduce((max, [a, b]) => Math.max(max, b - a), 0);
      const [starts, indices, values] = [scratch.i32(m + 1), scratch.i32(most), scratch.f64(most)];
      const [rowPointers, slots, rowValues] = [scratch.i32(tall + 1), scratch.i32(most), scratch.f64(most)];
      const work = scratch.f64(2 * m);
      const stored = [starts.pointer, indices.pointer, values.pointer] as const;
      const byRows = [rowPointers.pointer, slots.pointer, rowValues.pointer] as const;
      const kernels = arena.use(modelKernels);
      this.triangle(of, (_, first, end, part) => {
        const [s, i, v] = [starts.view, indices.view, values.view];
        const { colPointers, rowIndices, values: x } = X;
        let nnz = 0;
        for (let t = 0; t < m; t++) {
          s[t] = nnz;
          const last = colPointers[list[t] + 1];
          let q = next[t];
          for (; q < last && rowIndices[q] < end; q++, nnz++) {
            i[nnz] = rowIndices[q] - first;
            v[nnz] = x[q];
          }
          next[t] = q;
        }
        s[m] = nnz;
        const n = end - first;
        const weights = d.pointer + 8 * first;
        kernels.cscRows(n, m, places.pointer, ...stored, ...byRows);
        if (m <= BY_ROWS) kernels.csrGram(n, ...byRows, places.pointer, m, from, weights, T.pointer, m, work.pointer);
        else kernels.cscGram(m, from, places.pointer, ...stored, ...byRows, weights, T.pointer, m);
        const g = T.view;
        for (let c = from, at = 0; c < m; c++) for (let r = 0; r <= c; r++) part[at++] = g[c * m + r];
      });
    } finally {
      scratch.release();
    }
  }
}

/** The largest number of entries that the listed columns have in one block of rows. */
function mostOfPieces({ colPointers, rowIndices }: CscMatrix, list: Int32Array, rows: SplitRows): number {
  const pieceOf = pieceOfRows(rows);
  const counts = new Int32Array(rows.pieces.length);
  for (const j of list) for (let q = colPointers[j]; q < colPointers[j + 1]; q++) counts[pieceOf[rowIndices[q]]]++;
  return counts.reduce((most, count) => Math.max(most, count), 0);
}
