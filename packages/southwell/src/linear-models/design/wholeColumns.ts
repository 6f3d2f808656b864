import type { Block, Scratch, ThreadPool } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import type { CscMatrix, Matrix } from '@southwell/numerics/arrays';
import {
  type ColumnProducts,
  columnDots,
  denseGram,
  type GramMeans,
  type GramOf,
  type Listed,
  type Located,
  listedDots,
  sparseGram,
  storedIn,
} from './columnProducts.ts';
import { wholeVectors } from './rowVectors.ts';

/** The largest number of columns whose Gram matrix stays in cache while rows of sparse data are processed. */
export const BY_ROWS = 256;

/** Products with data that are entirely on this rank. */
export class WholeColumns implements ColumnProducts {
  /** Sparse data in row order, built on first use. */
  private byRows: ReturnType<WholeColumns['laidByRows']> | undefined;

  constructor(
    private readonly X: Matrix,
    private readonly scale: Block<Float64Array>,
    private readonly keep: Scratch,
    /** Threads for whole passes and Gram products. */
    private readonly pool?: ThreadPool,
  ) {}

  at(columns: Block<Int32Array>): Located {
    const { X, scale } = this;
    return { X, columns, scale };
  }

  gradient(v: Block<Float64Array>, out: Block<Float64Array>, squares: Block<Float64Array> | undefined): void {
    columnDots(this.X, v, out, squares, this.pool);
  }

  subset(v: Block<Float64Array>, { columns, m }: Listed, out: Block<Float64Array>): void {
    listedDots({ X: this.X, columns }, v, m, out);
  }

  gram(of: GramOf, { facts, means }: GramMeans, target?: Block<Float64Array>): void {
    const { X, pool } = this;
    const located = this.at(of.columns);
    if (X.kind === 'dense') {
      const known = facts ?? wholeVectors.weights(of.d);
      denseGram(located, of, { facts: known, means }, facts !== undefined, pool, target);
      return;
    }
    const nnz = storedIn(located, of.m);
    if (of.m <= BY_ROWS && 4 * nnz > X.values.length) this.gramByRows(X, of);
    else sparseGram(located, of, nnz);
  }

  release(): void {}

  /** For members that hold much of the data: one pass in row order, which is built once. */
  private gramByRows(X: CscMatrix, { columns, m, from, d, G, ldg }: GramOf): void {
    this.byRows ??= this.laidByRows(X);
    const { pointers, list, values, slots, work } = this.byRows;
    slots.view.fill(-1);
    const [c, places] = [columns.view, slots.view];
    for (let t = 0; t < m; t++) places[c[t]] = t;
    const rows = [pointers.pointer, list.pointer, values.pointer] as const;
    X.arena.use(modelKernels).csrGram(X.rows, ...rows, slots.pointer, m, from, d.pointer, G.pointer, ldg, work.pointer);
  }

  private laidByRows(X: CscMatrix) {
    const { keep } = this;
    const { rows: n, cols: p, arena } = X;
    const [pointers, list, values] = [keep.i32(n + 1), keep.i32(X.values.length), keep.f64(X.values.length)];
    const [slots, work] = [keep.i32(p), keep.f64(2 * p)];
    for (let j = 0; j < p; j++) slots.view[j] = j;
    const { colPointers, rowIndices, values: stored } = X.pointers;
    const to = [pointers.pointer, list.pointer, values.pointer] as const;
    arena.use(modelKernels).cscRows(n, p, slots.pointer, colPointers, rowIndices, stored, ...to);
    return { pointers, list, values, slots, work };
  }
}
