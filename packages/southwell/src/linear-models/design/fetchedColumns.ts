import type { Block, ThreadPool } from '@southwell/kernels';
import { type ColumnParts, CscMatrix, DenseMatrix, type Matrix } from '@southwell/numerics/arrays';
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

/** Number of values per exchange. */
const PIECE = 1 << 20;

/**
 * The columns of a matrix that is distributed over ranks by columns, as a working-set solver uses them. Products with
 * all columns are computed where these are stored. The few columns that enter a working set are fetched and cached,
 * identically on every rank, so that all ranks solve the same small problems without communication. The cache is
 * limited to the number of columns of one rank, or to the requested list.
 */
export class FetchedColumns implements ColumnProducts {
  /** Position of a column in the cache; −1 if it is not cached. */
  private readonly place: Int32Array;
  private count = 0;
  private kept: Matrix;
  private scales: Block<Float64Array>;
  private list: Block<Int32Array>;

  constructor(
    private readonly X: ColumnParts,
    private readonly scale: Block<Float64Array>,
    private readonly pool?: ThreadPool,
  ) {
    this.place = new Int32Array(X.cols).fill(-1);
    this.kept = this.roomFor(0, 0);
    this.scales = X.arena.f64Block(0);
    this.list = X.arena.i32Block(0);
  }

  release(): void {
    this.kept.free();
    this.scales.free();
    this.list.free();
  }

  /** O(nnz of this rank). */
  gradient(v: Block<Float64Array>, out: Block<Float64Array>, squares: Block<Float64Array> | undefined): void {
    const { own, arena, exchange } = this.X;
    const scratch = arena.scratch();
    try {
      const [dots, sums] = [scratch.f64(own.cols), squares && scratch.f64(own.cols)];
      columnDots(own, v, dots, sums, this.pool);
      out.view.set(exchange.gather(dots.view.slice()));
      if (sums) squares!.view.set(exchange.gather(sums.view.slice()));
    } finally {
      scratch.release();
    }
  }

  /** Computed locally if all columns are cached, otherwise on the ranks that own them. */
  subset(v: Block<Float64Array>, { columns, m: k }: Listed, out: Block<Float64Array>): void {
    const { X, place } = this;
    const list = columns.view;
    let known = true;
    for (let t = 0; t < k && known; t++) known = place[list[t]] >= 0;
    if (known) {
      listedDots(this.at(columns, k), v, k, out);
      return;
    }
    const scratch = X.arena.scratch();
    try {
      const [here, dots] = [scratch.i32(k), scratch.f64(k)];
      const asked = columns.view;
      let count = 0;
      for (let t = 0; t < k; t++) if (this.isOwn(asked[t])) here.view[count++] = asked[t] - X.first;
      listedDots({ X: X.own, columns: here }, v, count, dots);
      const sums = new Float64Array(k);
      for (let t = 0, at = 0; t < k; t++) if (this.isOwn(asked[t])) sums[t] = dots.view[at++];
      X.exchange.sum(sums);
      out.view.set(sums);
    } finally {
      scratch.release();
    }
  }

  gram(of: GramOf, { facts, means }: GramMeans, target?: Block<Float64Array>): void {
    const located = this.at(of.columns, of.m);
    if (located.X.kind === 'dense') {
      const known = facts ?? wholeVectors.weights(of.d);
      denseGram(located, of, { facts: known, means }, facts !== undefined, this.pool, target);
    } else sparseGram(located, of, storedIn(located, of.m));
  }

  /** Fetches the columns that are not cached yet. */
  at(columns: Block<Int32Array>, k: number): Located {
    const { X, place } = this;
    const asked = columns.view.slice(0, k);
    let missing = [...new Set(asked.filter((j) => place[j] < 0))];
    if (missing.length > 0) {
      if (this.count + missing.length > Math.max(X.cols / X.exchange.ranks, k)) {
        place.fill(-1);
        this.count = 0;
        missing = [...new Set(asked)];
      }
      this.fetch(missing);
    }
    if (this.list.view.length < k) {
      this.list.free();
      this.list = X.arena.i32Block(2 * k);
    }
    const list = this.list.view;
    for (let t = 0; t < k; t++) list[t] = place[asked[t]];
    return { X: this.kept, columns: this.list, scale: this.scales };
  }

  private isOwn(j: number): boolean {
    const { first, own } = this.X;
    return j >= first && j < first + own.cols;
  }

  private roomFor(cols: number, nnz: number): Matrix {
    const { own, rows, arena } = this.X;
    return own.kind === 'dense'
      ? DenseMatrix.create(rows, cols, { fill: false, arena })
      : CscMatrix.create(rows, cols, nnz, { arena });
  }

  private fetch(missing: readonly number[]): void {
    const { X, place, count } = this;
    const all = count + missing.length;
    if (X.own.kind === 'dense') this.fetchDense(X.own, missing);
    else this.fetchSparse(X.own, missing);
    if (this.scales.view.length < all) {
      this.scales.free();
      this.scales = X.arena.f64Block(2 * all);
    }
    for (const [k, j] of missing.entries()) place[j] = count + k;
    this.count = all;
    const [from, to] = [this.scale.view, this.scales.view];
    for (let j = 0; j < place.length; j++) if (place[j] >= 0) to[place[j]] = from[j];
  }

  private fetchDense(own: DenseMatrix, missing: readonly number[]): void {
    const { X, count } = this;
    const { rows: n } = X;
    const all = count + missing.length;
    if (this.kept.cols < all) {
      const wider = this.roomFor(2 * all, 0) as DenseMatrix;
      wider.data.set((this.kept as DenseMatrix).data.subarray(0, n * count));
      this.kept.free();
      this.kept = wider;
    }
    const width = Math.max(1, Math.floor(PIECE / Math.max(1, n)));
    for (let from = 0; from < missing.length; from += width) {
      const part = missing.slice(from, from + width);
      const values = new Float64Array(n * part.length);
      part.forEach((j, k) => {
        if (this.isOwn(j)) values.set(own.column(j - X.first), n * k);
      });
      X.exchange.sum(values);
      (this.kept as DenseMatrix).data.set(values, n * (count + from));
    }
  }

  private fetchSparse(own: CscMatrix, missing: readonly number[]): void {
    const { X, count } = this;
    const ofOwn = (j: number) => [own.colPointers[j - X.first], own.colPointers[j - X.first + 1]] as const;
    const sizes = Float64Array.from(missing, (j) => {
      if (!this.isOwn(j)) return 0;
      const [from, to] = ofOwn(j);
      return to - from;
    });
    X.exchange.sum(sizes);
    const stored = sizes.reduce((sum, size) => sum + size, 0);
    const [indices, values] = [new Float64Array(stored), new Float64Array(stored)];
    let at = 0;
    missing.forEach((j, k) => {
      if (this.isOwn(j)) {
        const [from, to] = ofOwn(j);
        indices.set(own.rowIndices.subarray(from, to), at);
        values.set(own.values.subarray(from, to), at);
      }
      at += sizes[k];
    });
    for (const numbers of [indices, values]) {
      for (let from = 0; from < stored; from += PIECE) X.exchange.sum(numbers.subarray(from, from + PIECE));
    }
    const old = this.kept as CscMatrix;
    const before = old.cols === 0 ? 0 : old.colPointers[count];
    const wider = this.roomFor(count + missing.length, before + stored) as CscMatrix;
    wider.colPointers.set(old.colPointers.subarray(0, count + 1));
    wider.rowIndices.set(old.rowIndices.subarray(0, before));
    wider.values.set(old.values.subarray(0, before));
    wider.rowIndices.set(indices, before);
    wider.values.set(values, before);
    const pointers = wider.colPointers;
    pointers[count] = before;
    for (let k = 0; k < missing.length; k++) pointers[count + k + 1] = pointers[count + k] + sizes[k];
    old.free();
    this.kept = wider;
  }
}
