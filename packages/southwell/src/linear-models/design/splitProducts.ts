import { type Block, gramWorkBytes, type Scratch, type ThreadPool } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import { type CscMatrix, type DenseMatrix, type Matrix, pieceOfRows } from '@southwell/numerics/arrays';
import type { SplitRows } from '@southwell/numerics/core';
import { allColumns, TreeSums } from '@southwell/numerics/linalg';

/** The most columns whose Gram matrix stays near the processor while rows of sparse data go by. */
export const BY_ROWS = 256;

/** A list of columns of the data; the first `m` of it count. */
interface Listed {
  readonly columns: Block<Int32Array>;
  readonly m: number;
}

/**
 * Products with data whose rows are spread over ranks: piece by piece of the rows, and summed over all ({@link SplitRows}), so
 * that their bits are the same for any number of ranks. Columns are as they are stored, without scales.
 */
export abstract class SplitProducts {
  /** Threads share the products of dense data; the bits are the same. */
  static of(X: Matrix, rows: SplitRows, keep: Scratch, pool?: ThreadPool): SplitProducts {
    return X.kind === 'dense' ? new DenseProducts(X, rows, keep, pool) : new SparseProducts(X, rows, keep);
  }

  protected constructor(protected readonly rows: SplitRows) {}

  /** Σ d and the number of rows where it is above 0. */
  weights(d: Block<Float64Array>): { readonly sum: number; readonly curved: number } {
    const out = new Float64Array(2);
    this.rows.sum(out, (_, from, to, part) => {
      const dv = d.view;
      for (let i = from; i < to; i++) {
        part[0] += dv[i];
        if (dv[i] > 0) part[1]++;
      }
    });
    return { sum: out[0], curved: out[1] };
  }

  /** out ← Xᵀv, and behind it the sums of squares of the columns where there is room for them. */
  abstract gradient(v: Block<Float64Array>, out: Float64Array): void;

  /** out[t] ← xᵀv for the listed columns. */
  abstract subset(v: Block<Float64Array>, list: Listed, out: Block<Float64Array>): void;

  /**
   * Columns from … m−1 of XᵀDX over the listed columns, both triangles; dense ones about `means`, in whose units they are
   * scaled, sparse ones as they are stored.
   */
  abstract gram(
    list: Listed,
    from: number,
    d: Block<Float64Array>,
    scale: Block<Float64Array>,
    means: Float64Array | undefined,
    G: Block<Float64Array>,
    ldg: number,
  ): void;

  /** Sums the upper triangle of columns from … m−1, to which `add` adds those of a piece, and lays out both triangles. */
  protected triangle(
    m: number,
    from: number,
    G: Block<Float64Array>,
    ldg: number,
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
  /** For the products of one piece. */
  private readonly room: Block<Float64Array>;

  constructor(
    private readonly X: DenseMatrix,
    rows: SplitRows,
    keep: Scratch,
    private readonly pool?: ThreadPool,
  ) {
    super(rows);
    this.room = keep.f64(2 * X.cols);
  }

  gradient(v: Block<Float64Array>, out: Float64Array): void {
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

  subset(v: Block<Float64Array>, { columns, m }: Listed, out: Block<Float64Array>): void {
    const { X, room } = this;
    const sums = new Float64Array(m);
    this.rows.sum(sums, (_, from, to, part) => {
      const [x, at] = [X.pointer + 8 * from, v.pointer + 8 * from];
      X.arena.kernels.gemvTSubset(to - from, m, columns.pointer, x, X.rows, at, room.pointer);
      part.set(room.view.subarray(0, m));
    });
    out.view.set(sums);
  }

  gram(
    { columns, m }: Listed,
    from: number,
    d: Block<Float64Array>,
    scale: Block<Float64Array>,
    means: Float64Array | undefined,
    G: Block<Float64Array>,
    ldg: number,
  ): void {
    const { X, rows } = this;
    const { arena } = X;
    const tall = rows.pieces.reduce((most, [a, b]) => Math.max(most, b - a), 0);
    const scratch = arena.scratch();
    try {
      const [own, root, about] = [scratch.f64(m * m), scratch.f64(tall), scratch.f64(m)];
      const work = scratch.f64(Math.ceil(gramWorkBytes(m) / 8));
      // In the units of the column: exact to rounding for what is near to its mean.
      for (let t = 0; t < m; t++) about.view[t] = means ? means[t] / scale.view[columns.view[t]] : 0;
      this.triangle(m, from, G, ldg, (_, first, end, part) => {
        const [dv, roots] = [d.view, root.view];
        for (let i = first; i < end; i++) roots[i - first] = Math.sqrt(dv[i]);
        const of = [
          columns.pointer,
          X.pointer + 8 * first,
          X.rows,
          scale.pointer,
          about.pointer,
          root.pointer,
        ] as const;
        (this.pool ?? arena.use(modelKernels)).columnGram(
          end - first,
          m,
          from,
          ...of,
          1,
          own.pointer,
          m,
          work.pointer,
          0,
        );
        const g = own.view;
        for (let t = from, at = 0; t < m; t++) for (let r = 0, q = t * m; r <= t; r++) part[at++] = g[q++];
      });
    } finally {
      scratch.release();
    }
  }
}

/** Sparse data, read column by column as they are stored. */
class SparseProducts extends SplitProducts {
  private readonly sums: TreeSums;
  private readonly all: Block<Int32Array>;

  constructor(
    private readonly X: CscMatrix,
    rows: SplitRows,
    keep: Scratch,
  ) {
    super(rows);
    this.sums = new TreeSums(X, rows, keep);
    this.all = allColumns(X.cols, keep);
  }

  gradient(v: Block<Float64Array>, out: Float64Array): void {
    const p = this.X.cols;
    this.sums.into(out.subarray(0, p), this.all, p, { pointer: v.pointer, k: 1 });
    if (out.length > p) this.sums.into(out.subarray(p), this.all, p);
  }

  subset(v: Block<Float64Array>, { columns, m }: Listed, out: Block<Float64Array>): void {
    const sums = new Float64Array(m);
    this.sums.into(sums, columns, m, { pointer: v.pointer, k: 1 });
    out.view.set(sums);
  }

  gram(
    { columns, m }: Listed,
    from: number,
    d: Block<Float64Array>,
    _: Block<Float64Array>,
    __: Float64Array | undefined,
    G: Block<Float64Array>,
    ldg: number,
  ): void {
    const { X, rows } = this;
    const { arena } = X;
    const list = columns.view.slice(0, m);
    const scratch = arena.scratch();
    try {
      const T = scratch.f64(m * m);
      const places = allColumns(m, scratch);
      // The listed columns of one piece, and these by rows; the next piece begins where one ends.
      const next = list.map((j) => X.colPointers[j]);
      const most = mostOfPieces(X, list, rows);
      const tall = rows.pieces.reduce((max, [a, b]) => Math.max(max, b - a), 0);
      const [starts, indices, values] = [scratch.i32(m + 1), scratch.i32(most), scratch.f64(most)];
      const [rowPointers, slots, rowValues] = [scratch.i32(tall + 1), scratch.i32(most), scratch.f64(most)];
      const work = scratch.f64(2 * m);
      const stored = [starts.pointer, indices.pointer, values.pointer] as const;
      const byRows = [rowPointers.pointer, slots.pointer, rowValues.pointer] as const;
      const kernels = arena.use(modelKernels);
      this.triangle(m, from, G, ldg, (_, first, end, part) => {
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

/** The most entries that the listed columns have in one piece. */
function mostOfPieces({ colPointers, rowIndices }: CscMatrix, list: Int32Array, rows: SplitRows): number {
  const pieceOf = pieceOfRows(rows);
  const counts = new Int32Array(rows.pieces.length);
  for (const j of list) for (let q = colPointers[j]; q < colPointers[j + 1]; q++) counts[pieceOf[rowIndices[q]]]++;
  return counts.reduce((most, count) => Math.max(most, count), 0);
}
