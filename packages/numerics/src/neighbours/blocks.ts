import { gemmWorkBytes } from '@southwell/kernels';
import { clusteringKernels } from '@southwell/kernels/clustering';
import type { WholeRows } from './wholeRows.ts';

/**
 * Contiguous blocks of rows in {@link WholeRows}, each enclosed in a ball, which a search takes or skips as a whole. Up
 * to `most` queries are processed at a time. Call `free` at the end.
 */
export class Blocks {
  private readonly scratch;
  private readonly words;
  /** Offset of each block in the packed words, in rows. */
  private readonly offsets: Int32Array;
  private readonly centres;
  private readonly norms: Float64Array;
  private readonly panel;
  private readonly queryList;
  private readonly none;
  private readonly squares;
  private readonly work;
  private readonly queryNorms: Float64Array;
  /** Upper bound on the distance from the centre of a block to its rows. */
  readonly radii: Float64Array;
  readonly count: number;

  /** @param starts offsets of the blocks, followed by n. @param centres row-major; default: the means of the blocks. */
  constructor(
    readonly rows: WholeRows,
    readonly starts: Int32Array,
    most: number,
    centres?: Float64Array,
  ) {
    const { arena, d, pairs } = rows;
    this.scratch = arena.scratch();
    const count = starts.length - 1;
    this.count = count;
    this.offsets = new Int32Array(count + 1);
    let largest = 0;
    for (let b = 0; b < count; b++) {
      this.offsets[b + 1] = this.offsets[b] + Math.ceil(this.size(b) / 8) * 8;
      largest = Math.max(largest, this.size(b));
    }
    this.words = this.scratch.i32(this.offsets[count] * pairs);
    this.centres = this.scratch.f64(count * d);
    this.norms = new Float64Array(count);
    this.radii = new Float64Array(count);
    this.queryList = this.scratch.i32(Math.max(most, largest));
    this.panel = this.scratch.i32(Math.ceil(most / 4) * 4 * pairs);
    this.none = this.scratch.i32(largest + 8);
    this.squares = this.scratch.f64(most * count);
    this.work = this.scratch.f64(Math.ceil(gemmWorkBytes(count, most, d) / 8));
    this.queryNorms = new Float64Array(most);
    this.none.view.fill(2 ** 31 - 1);
    for (let b = 0; b < count; b++) {
      const size = this.size(b);
      if (size === 0) continue;
      const list = this.queryList;
      for (let i = 0; i < size; i++) list.view[i] = starts[b] + i;
      arena.use(clusteringKernels).interleave(size, 8, pairs, list.pointer, rows.wordsPointer, this.wordsOf(b));
    }
    if (centres) this.centres.view.set(centres);
    else this.centres.view.set(this.means());
    this.measure();
  }

  size(b: number): number {
    return this.starts[b + 1] - this.starts[b];
  }

  private wordsOf(b: number): number {
    return this.words.pointer + 4 * this.offsets[b] * this.rows.pairs;
  }

  private means(): Float64Array {
    const { count, starts } = this;
    const { d, data } = this.rows;
    const means = new Float64Array(count * d);
    for (let b = 0; b < count; b++) {
      for (let p = starts[b]; p < starts[b + 1]; p++) {
        for (let j = 0; j < d; j++) means[b * d + j] += data[p * d + j] / this.size(b);
      }
    }
    return means;
  }

  private measure(): void {
    const { count, starts, radii, norms } = this;
    const { d, data } = this.rows;
    const centres = this.centres.view;
    for (let b = 0; b < count; b++) {
      for (let p = starts[b]; p < starts[b + 1]; p++) {
        let square = 0;
        for (let j = 0; j < d; j++) square += (data[p * d + j] - centres[b * d + j]) ** 2;
        radii[b] = Math.max(radii[b], Math.sqrt(square) * (1 + 1e-12));
      }
      for (let j = b * d; j < (b + 1) * d; j++) norms[b] += centres[j] * centres[j];
    }
  }

  /** The queries of the next {@link pack}, to be filled in by the caller. */
  get list(): Int32Array {
    return this.queryList.view;
  }

  /** Packs the words of the first m queries of the list. O(md). */
  pack(queries: WholeRows, m: number): void {
    const { rows, queryList, panel } = this;
    const kernels = rows.arena.use(clusteringKernels);
    if (m > 0) kernels.interleave(m, 4, rows.pairs, queryList.pointer, queries.wordsPointer, panel.pointer);
  }

  /**
   * Offers the rows of block b to the m queries of the last {@link pack} and, if `mutual`, the queries to the rows.
   * `self` means that the queries are the rows themselves. O(m · size · d).
   */
  offer(queries: WholeRows, m: number, b: number, mutual = false, self = false): void {
    const { rows, starts, panel, queryList } = this;
    const { arena, pairs, d, scale } = rows;
    if (m === 0 || this.size(b) === 0) return;
    arena
      .use(clusteringKernels)
      .offerNear(
        m,
        this.size(b),
        pairs,
        d,
        queries.k,
        scale,
        Math.max(rows.slack, queries.slack),
        panel.pointer,
        queryList.pointer,
        queries.pointer,
        this.wordsOf(b),
        starts[b],
        rows.pointer,
        mutual ? rows.limitsFrom(starts[b]) : this.none.pointer,
        mutual,
        self,
      );
  }

  /**
   * Squared distances, up to rounding, from `count` queries beginning with `from` to all centres; those of query i
   * begin at i·(number of blocks).
   */
  toCentres(queries: WholeRows, from: number, count: number): Float64Array {
    const { centres, norms, squares, work, queryNorms, count: k } = this;
    const { d, arena } = this.rows;
    const at = queries.valuesPointer + 8 * from * d;
    arena.kernels.gemm(true, false, k, count, d, -2, centres.pointer, d, at, d, 0, squares.pointer, k, work.pointer);
    const [out, data] = [squares.view, queries.data];
    for (let i = 0; i < count; i++) {
      let norm = 0;
      for (let j = (from + i) * d; j < (from + i + 1) * d; j++) norm += data[j] * data[j];
      queryNorms[i] = norm;
      for (let b = 0; b < k; b++) out[i * k + b] += norm + norms[b];
    }
    return out;
  }

  /** Lower bound on the distance from query i of the last {@link toCentres} to the rows of block b. */
  least(i: number, b: number): number {
    // Rounding error of an inner product of length d and of the sums (Higham 2002, § 3.1), with a margin.
    const rounding = (this.rows.d + 8) * 2 ** -51 * (this.queryNorms[i] + this.norms[b]);
    const square = this.squares.view[i * this.count + b] - rounding;
    return square > 0 ? Math.sqrt(square) * (1 - 1e-12) - this.radii[b] : 0;
  }

  free(): void {
    this.scratch.release();
  }
}
