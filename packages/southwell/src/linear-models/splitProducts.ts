import { type Block, gemmWorkBytes, type Scratch } from '@southwell/kernels';
import type { CscMatrix, DenseMatrix, Matrix } from '@southwell/numerics/arrays';
import type { SplitRows } from '@southwell/numerics/core';

/** Rows of dense data that are packed at a time. */
const SLAB = 1024;
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
  static of(X: Matrix, rows: SplitRows, keep: Scratch): SplitProducts {
    return X.kind === 'dense' ? new DenseProducts(X, rows, keep) : new SparseProducts(X, rows, keep);
  }

  protected constructor(
    protected readonly rows: SplitRows,
    protected readonly keep: Scratch,
    cols: number,
  ) {
    this.room = keep.f64(2 * cols);
  }

  /** For the products of one piece. */
  protected readonly room: Block<Float64Array>;

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
  gradient(v: Block<Float64Array>, out: Float64Array): void {
    this.rows.sum(out, (piece, from, to, part) => {
      this.pieceGradient(piece, from, to - from, v.pointer + 8 * from, part.length > this.cols);
      part.set(this.room.view.subarray(0, part.length));
    });
  }

  /** out[t] ← xᵀv for the listed columns. */
  subset(v: Block<Float64Array>, list: Listed, out: Block<Float64Array>): void {
    const sums = new Float64Array(list.m);
    this.rows.sum(sums, (piece, from, to, part) => {
      this.pieceSubset(piece, from, to - from, v.pointer + 8 * from, list);
      part.set(this.room.view.subarray(0, list.m));
    });
    out.view.set(sums);
  }

  protected abstract readonly cols: number;
  /** Into `room`. */
  protected abstract pieceGradient(piece: number, from: number, n: number, v: number, squares: boolean): void;
  protected abstract pieceSubset(piece: number, from: number, n: number, v: number, list: Listed): void;

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
  protected readonly cols: number;

  constructor(
    private readonly X: DenseMatrix,
    rows: SplitRows,
    keep: Scratch,
  ) {
    super(rows, keep, X.cols);
    this.cols = X.cols;
  }

  protected pieceGradient(_: number, from: number, n: number, v: number, squares: boolean): void {
    const { X, room, cols: p } = this;
    const { kernels } = X.arena;
    const x = X.pointer + 8 * from;
    if (squares) kernels.columnStats(n, p, x, X.rows, v, room.pointer, room.pointer + 8 * p);
    else kernels.gemvT(n, p, x, X.rows, v, room.pointer);
  }

  protected pieceSubset(_: number, from: number, n: number, v: number, { columns, m }: Listed): void {
    const { X, room } = this;
    X.arena.kernels.gemvTSubset(n, m, columns.pointer, X.pointer + 8 * from, X.rows, v, room.pointer);
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
    const fresh = m - from;
    const tall = Math.min(
      SLAB,
      rows.pieces.reduce((most, [a, b]) => Math.max(most, b - a), 0),
    );
    const scratch = arena.scratch();
    try {
      const packed = scratch.f64(tall * m);
      const [square, above] = [scratch.f64(fresh * fresh), scratch.f64(from * fresh)];
      const work = scratch.f64(Math.ceil(gemmWorkBytes(Math.max(from, fresh), fresh, tall) / 8));
      const list = columns.view;
      const root = new Float64Array(tall);
      const pack = (start: number, n: number) => {
        const [x, to, dv, scales] = [X.data, packed.view, d.view, scale.view];
        for (let i = 0; i < n; i++) root[i] = Math.sqrt(dv[start + i]);
        for (let t = 0; t < m; t++) {
          const column = list[t] * X.rows + start;
          const s = scales[list[t]];
          // In the units of the column: exact to rounding for what is near to its mean.
          const mean = means ? means[t] / s : 0;
          for (let i = 0; i < n; i++) to[t * tall + i] = (x[column + i] - mean) * s * root[i];
        }
      };
      this.triangle(m, from, G, ldg, (_, first, end, part) => {
        const k = arena.kernels;
        for (let start = first; start < end; start += tall) {
          const n = Math.min(tall, end - start);
          pack(start, n);
          const right = packed.pointer + 8 * tall * from;
          k.syrk(false, fresh, n, right, tall, square.pointer, fresh, work.pointer);
          if (from > 0) {
            const { pointer } = packed;
            k.gemm(true, false, from, fresh, n, 1, pointer, tall, right, tall, 0, above.pointer, from, work.pointer);
          }
          const [s, a] = [square.view, above.view];
          for (let t = 0, at = 0; t < fresh; t++) {
            for (let r = 0; r < from; r++) part[at++] += a[t * from + r];
            for (let r = 0; r <= t; r++) part[at++] += s[t * fresh + r];
          }
        }
      });
    } finally {
      scratch.release();
    }
  }
}

/** Sparse data with the columns of every piece one after another, and once they are asked for the rows, too. */
class SparseProducts extends SplitProducts {
  protected readonly cols: number;
  /** Column pointers of piece after piece, each counted from its first entry. */
  private readonly starts: Block<Int32Array>;
  private readonly indices: Block<Int32Array>;
  private readonly values: Block<Float64Array>;
  /** The first entry of every piece. */
  private readonly entries: Int32Array;
  private byRows: ReturnType<SparseProducts['laidByRows']> | undefined;

  constructor(
    private readonly X: CscMatrix,
    rows: SplitRows,
    keep: Scratch,
  ) {
    super(rows, keep, X.cols);
    this.cols = X.cols;
    const { pieces } = rows;
    const stride = X.cols + 1;
    this.starts = keep.i32(pieces.length * stride);
    this.indices = keep.i32(X.values.length);
    this.values = keep.f64(X.values.length);
    const pieceOf = new Int32Array(X.rows);
    pieces.forEach(([from, to], c) => void pieceOf.fill(c, from, to));
    const { colPointers, rowIndices, values } = X;
    const starts = this.starts.view.fill(0);
    for (let j = 0; j < X.cols; j++) {
      for (let q = colPointers[j]; q < colPointers[j + 1]; q++) starts[pieceOf[rowIndices[q]] * stride + j + 1]++;
    }
    this.entries = new Int32Array(pieces.length + 1);
    pieces.forEach((_, c) => {
      for (let j = 0; j < X.cols; j++) starts[c * stride + j + 1] += starts[c * stride + j];
      this.entries[c + 1] = this.entries[c] + starts[c * stride + X.cols];
    });
    const next = new Int32Array(pieces.length);
    const [toIndex, toValue] = [this.indices.view, this.values.view];
    for (let j = 0; j < X.cols; j++) {
      for (let q = colPointers[j]; q < colPointers[j + 1]; q++) {
        const c = pieceOf[rowIndices[q]];
        const at = this.entries[c] + next[c]++;
        toIndex[at] = rowIndices[q] - pieces[c][0];
        toValue[at] = values[q];
      }
    }
  }

  private pointersOf(piece: number): readonly [starts: number, indices: number, values: number] {
    const first = this.entries[piece];
    return [
      this.starts.pointer + 4 * piece * (this.cols + 1),
      this.indices.pointer + 4 * first,
      this.values.pointer + 8 * first,
    ];
  }

  protected pieceGradient(piece: number, _: number, __: number, v: number, squares: boolean): void {
    const { X, room, cols: p } = this;
    const { kernels } = X.arena;
    const stored = this.pointersOf(piece);
    if (squares) kernels.cscColumnStats(p, ...stored, v, room.pointer, room.pointer + 8 * p);
    else kernels.cscGemvT(p, ...stored, v, room.pointer);
  }

  protected pieceSubset(piece: number, _: number, __: number, v: number, { columns, m }: Listed): void {
    this.X.arena.kernels.cscGemvTSubset(m, columns.pointer, ...this.pointersOf(piece), v, this.room.pointer);
  }

  gram(
    list: Listed,
    from: number,
    d: Block<Float64Array>,
    _: Block<Float64Array>,
    __: Float64Array | undefined,
    G: Block<Float64Array>,
    ldg: number,
  ): void {
    const { m } = list;
    const scratch = this.X.arena.scratch();
    try {
      const T = scratch.f64(m * m);
      this.triangle(m, from, G, ldg, (piece, first, end, part) => {
        this.pieceGram(list, from, piece, first, end, d, T);
        const t = T.view;
        for (let c = from, at = 0; c < m; c++) for (let r = 0; r <= c; r++) part[at++] = t[c * m + r];
      });
    } finally {
      scratch.release();
    }
  }

  /** T of the rows of one piece; by rows where the members hold much of them. */
  private pieceGram(
    { columns, m }: Listed,
    from: number,
    piece: number,
    first: number,
    end: number,
    d: Block<Float64Array>,
    T: Block<Float64Array>,
  ): void {
    const { X, entries, cols } = this;
    const { arena } = X;
    const n = end - first;
    const list = columns.view;
    const at = piece * (cols + 1);
    const starts = this.starts.view;
    let nnz = 0;
    for (let t = 0; t < m; t++) nnz += starts[at + list[t] + 1] - starts[at + list[t]];
    const weights = d.pointer + 8 * first;
    if (m <= BY_ROWS && 4 * nnz > entries[piece + 1] - entries[piece]) {
      this.byRows ??= this.laidByRows();
      const { pointers, columnsOf, values, slots, work } = this.byRows;
      slots.view.fill(-1);
      const places = slots.view;
      for (let t = 0; t < m; t++) places[columns.view[t]] = t;
      const rows = [pointers.pointer + 4 * first, columnsOf.pointer, values.pointer] as const;
      arena.kernels.csrGram(n, ...rows, slots.pointer, m, from, weights, T.pointer, m, work.pointer);
      return;
    }
    const scratch = arena.scratch();
    const [rowPointers, slots, rowValues] = [scratch.i32(n + 1), scratch.i32(nnz), scratch.f64(nnz)];
    const rows = [rowPointers.pointer, slots.pointer, rowValues.pointer] as const;
    const stored = this.pointersOf(piece);
    arena.kernels.cscRows(n, m, columns.pointer, ...stored, ...rows);
    arena.kernels.cscGram(m, from, columns.pointer, ...stored, ...rows, weights, T.pointer, m);
    scratch.release();
  }

  private laidByRows() {
    const { X, keep, cols: p } = this;
    const { colPointers, rowIndices, values: stored } = X.pointers;
    const pointers = keep.i32(X.rows + 1);
    const [columnsOf, values] = [keep.i32(X.values.length), keep.f64(X.values.length)];
    const [slots, work] = [keep.i32(p), keep.f64(2 * p)];
    for (let j = 0; j < p; j++) slots.view[j] = j;
    const to = [pointers.pointer, columnsOf.pointer, values.pointer] as const;
    X.arena.kernels.cscRows(X.rows, p, slots.pointer, colPointers, rowIndices, stored, ...to);
    return { pointers, columnsOf, values, slots, work };
  }
}
