// Over 400 lines: one matrix in the two forms that data have, each with its own products.

import { type Arena, type Block, gramWorkBytes, type Scratch, type ThreadPool } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import { sparseKernels } from '@southwell/kernels/sparse';
import type { AnyMatrix, CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { fail, type SplitRows } from '@southwell/numerics/core';
import { columnDots, FetchedColumns, type Located, listedDots } from './fetchedColumns.ts';
import { BY_ROWS, SplitProducts } from './splitProducts.ts';

/**
 * A data matrix as solvers see it: X̃ = X·diag(scale), in the arena of X. Scaling is virtual, so standardisation keeps
 * sparse data sparse and copies nothing; centring happens inside {@link Design.gram}, exactly for dense columns.
 */
export class Design {
  /** Rows that are here, of all ranks' where they are spread. */
  readonly n: number;
  /** Rows of all ranks together. */
  readonly all: number;
  readonly p: number;
  readonly arena: Arena;
  /** Length p. */
  readonly scale: Block<Float64Array>;
  /** ‖x̃_j‖, filled by {@link Design.gradient} with norms. */
  readonly norms: Float64Array;
  /** Columns that are constant (or zero) once the intercept is eliminated: they can never enter. */
  readonly constant: Uint8Array;
  private readonly identity: boolean;
  private readonly keep: Scratch;
  private readonly outBlock: Block<Float64Array>;
  /** The rows of sparse data, once they are asked for. */
  private byRows: ReturnType<Design['laidByRows']> | undefined;
  /** Where rows are spread over ranks. */
  private readonly split: SplitProducts | undefined;
  /** Where columns are. */
  private readonly fetched: FetchedColumns | undefined;

  /** @throws INVALID_PARAMETER. */
  constructor(
    readonly X: AnyMatrix,
    /** How the rows are spread over ranks. */
    readonly rows: SplitRows,
    scale?: Float64Array,
    /** Threads for whole passes and Gram products; the caller's thread alone without. */
    private readonly pool?: ThreadPool,
  ) {
    if (pool && pool.arena !== X.arena) {
      fail(
        'INVALID_PARAMETER',
        'The pool belongs to another arena: make it with ThreadPool.create({ arena: X.arena }).',
      );
    }
    this.n = X.rows;
    this.all = rows.all;
    this.p = X.cols;
    this.arena = X.arena;
    this.keep = this.arena.scratch();
    this.scale = this.keep.f64(this.p);
    this.outBlock = this.keep.f64(this.p);
    this.norms = new Float64Array(this.p);
    this.constant = new Uint8Array(this.p);
    this.identity = scale === undefined;
    if (scale) this.scale.view.set(scale);
    else this.scale.view.fill(1);
    if (X.kind === 'parts') {
      if (rows.spread) fail('NOT_SUPPORTED', 'Either the rows of X are spread over ranks or its columns, not both.');
      this.fetched = new FetchedColumns(X, this.scale, pool);
    } else if (rows.spread) this.split = SplitProducts.of(X, rows, this.keep, pool);
  }

  /** How columns are stored. */
  get kind(): 'dense' | 'csc' {
    return this.X.kind === 'parts' ? this.X.own.kind : this.X.kind;
  }

  /** The first k of the listed columns as kernels take them; for use before the next call. */
  at(columns: Block<Int32Array>, k: number): Located {
    const { X, scale } = this;
    return X.kind === 'parts' ? this.fetched!.at(columns, k) : { X, columns, scale };
  }

  /** Gives scratch memory back; X stays. */
  release(): void {
    this.fetched?.release();
    this.keep.release();
  }

  /** out ← X̃ᵀv. One pass over the data; with `norms` the same pass fills {@link Design.norms}. O(nnz). */
  gradient(v: Block<Float64Array>, out: Float64Array, norms = false): void {
    const { X, arena, p, outBlock, pool } = this;
    let squares: Block<Float64Array> | undefined;
    if (norms) squares = arena.f64Block(p);
    if (this.split) {
      const sums = new Float64Array(norms ? 2 * p : p);
      this.split.gradient(v, sums);
      outBlock.view.set(sums.subarray(0, p));
      squares?.view.set(sums.subarray(p));
    } else if (X.kind === 'parts') {
      const [dots, sums] = [new Float64Array(p), norms ? new Float64Array(p) : undefined];
      this.fetched!.gradient(v, dots, sums);
      outBlock.view.set(dots);
      if (sums) squares!.view.set(sums);
    } else columnDots(X, v, outBlock, squares, pool);
    const dots = outBlock.view;
    if (this.identity) out.set(dots);
    else {
      const s = this.scale.view;
      for (let j = 0; j < p; j++) out[j] = dots[j] * s[j];
    }
    if (squares) {
      const sq = squares.view;
      const s = this.scale.view;
      for (let j = 0; j < p; j++) this.norms[j] = Math.sqrt(sq[j]) * s[j];
      squares.free();
    }
  }

  /** out ← (X̃ − means)ᵀv of dense data, taken off entry by entry, so that large means take no digits. O(np). */
  gradientAbout(v: Block<Float64Array>, means: Float64Array, out: Float64Array): void {
    const { X, arena, n, p, rows, scale } = this;
    const [about, block] = [arena.f64Block(p), arena.f64Block(p)];
    for (let j = 0; j < p; j++) about.view[j] = means[j] / scale.view[j];
    const data = (X as DenseMatrix).pointer;
    rows.sum(out, (_, from, to, part) => {
      const [first, by] = [data + 8 * from, v.pointer + 8 * from];
      arena.kernels.centredProducts(to - from, p, first, n, by, about.pointer, block.pointer);
      part.set(block.view);
    });
    for (let j = 0; j < p; j++) out[j] *= scale.view[j];
    about.free();
    block.free();
  }

  /** out[t] ← x̃ᵀv for the k listed columns. */
  gradientSubset(v: Block<Float64Array>, columns: Block<Int32Array>, k: number, out: Block<Float64Array>): void {
    if (this.split) this.split.subset(v, { columns, m: k }, out);
    else if (this.fetched) this.fetched.subset(v, columns, k, out);
    else listedDots(this.at(columns, k), v, k, out);
    if (!this.identity) {
      const s = this.scale.view;
      const o = out.view;
      const c = columns.view;
      for (let t = 0; t < k; t++) o[t] *= s[c[t]];
    }
  }

  /** sums[t] ← Σ d_i x̃_i and squares[t] ← Σ d_i x̃_i² for the k listed columns, of the rows that are here. */
  weightedStats(
    d: Block<Float64Array>,
    columns: Block<Int32Array>,
    k: number,
    sums: Block<Float64Array>,
    squares: Block<Float64Array>,
  ): void {
    const { n, arena } = this;
    const { X, columns: list } = this.at(columns, k);
    const [c, s] = [columns.view, this.scale.view];
    if (X.kind === 'dense') {
      arena.kernels.weightedStats(n, k, list.pointer, X.pointer, n, d.pointer, sums.pointer, squares.pointer);
    } else {
      const { colPointers, rowIndices, values } = X.pointers;
      const stored = [colPointers, rowIndices, values] as const;
      arena.use(sparseKernels).cscWeightedStats(k, list.pointer, ...stored, d.pointer, sums.pointer, squares.pointer);
    }
    if (this.identity) return;
    const [sv, qv] = [sums.view, squares.view];
    for (let t = 0; t < k; t++) {
      sv[t] *= s[c[t]];
      qv[t] *= s[c[t]] * s[c[t]];
    }
  }

  /** eta ← eta + Σ_t delta[t]·x̃_columns[t]. Zero entries of delta cost nothing. */
  add(columns: Block<Int32Array>, delta: Float64Array, k: number, eta: Block<Float64Array>): void {
    const { arena, n } = this;
    const scratch = arena.scratch();
    const a = scratch.f64(k);
    const moved = scratch.i32(k);
    const [av, mv, cv, s] = [a.view, moved.view, columns.view, this.scale.view];
    let count = 0;
    for (let t = 0; t < k; t++) {
      if (delta[t] === 0) continue;
      mv[count] = cv[t];
      av[count++] = delta[t] * s[cv[t]];
    }
    const { X, columns: list } = this.at(moved, count);
    if (X.kind === 'dense') {
      arena.use(modelKernels).addColumns(n, count, list.pointer, X.pointer, n, 1, a.pointer, eta.pointer);
    } else {
      const { colPointers, rowIndices, values } = X.pointers;
      const kernels = arena.use(sparseKernels);
      kernels.cscAddColumns(count, list.pointer, colPointers, rowIndices, values, a.pointer, eta.pointer);
    }
    scratch.release();
  }

  /**
   * Columns from … m−1, both triangles, of G = X̃ᵀDX̃ over the listed columns, about the d-weighted means if `centre` (the
   * Hessian once the intercept is eliminated). `means` receives the means of the columns from … m−1 (zero without
   * `centre`). Columns found constant get a zero diagonal and are marked. `target`, for dense columns whose rows are all here, has n
   * numbers v and behind them room for (x̃ − mean)ᵀv of the m columns, which come of the same pass. O(n·m·(m − from)) dense, far less sparse.
   */
  gram(
    columns: Block<Int32Array>,
    m: number,
    from: number,
    d: Block<Float64Array>,
    centre: boolean,
    means: Block<Float64Array>,
    G: Block<Float64Array>,
    ldg: number,
    target?: Block<Float64Array>,
  ): void {
    const { sum: sumD, curved } = centre ? (this.split?.weights(d) ?? this.weights(d)) : { sum: 1, curved: 0 };
    if (this.split && this.kind === 'dense') this.splitGram(columns, m, from, d, sumD, centre, means, G, ldg);
    else if (this.kind === 'dense') this.denseGram(columns, m, from, d, sumD, centre, means, G, ldg, target);
    else this.sparseGram(columns, m, from, d, sumD, centre, means, G, ldg);
    if (!centre) return;
    // What centring leaves of a constant column is rounding: relative to what it took away, that of a subtraction of
    // values (dense) or of sums (sparse).
    const noise = this.kind === 'dense' ? 1e-28 : 1e-13;
    const g = G.view;
    for (let t = from; t < m; t++) {
      const mean = means.view[t];
      if (g[t * ldg + t] <= noise * mean * mean * sumD) {
        g[t * ldg + t] = 0;
        // On the few rows where a loss is curved a column may well be constant.
        if (curved === this.all) this.constant[columns.view[t]] = 1;
      }
    }
  }

  /** The sum of the weights here, how many are above 0, and whether they are all alike. O(n). */
  weights(d: Block<Float64Array>): { readonly sum: number; readonly curved: number; readonly alike: boolean } {
    const { n, arena } = this;
    const facts = arena.f64Block(3);
    arena.use(modelKernels).weightFacts(n, d.pointer, facts.pointer);
    const [sum, curved, alike] = facts.view;
    facts.free();
    return { sum, curved, alike: alike === 1 };
  }

  private splitGram(
    columns: Block<Int32Array>,
    m: number,
    from: number,
    d: Block<Float64Array>,
    sumD: number,
    centre: boolean,
    means: Block<Float64Array>,
    G: Block<Float64Array>,
    ldg: number,
  ): void {
    const mv = means.view;
    if (centre) {
      this.gradientSubset(d, columns, m, means);
      for (let t = 0; t < m; t++) mv[t] /= sumD;
    } else mv.fill(0, from, m);
    this.split!.gram({ columns, m }, from, d, this.scale, centre ? mv.slice(0, m) : undefined, G, ldg);
  }

  private denseGram(
    columns: Block<Int32Array>,
    m: number,
    from: number,
    d: Block<Float64Array>,
    sumD: number,
    centre: boolean,
    means: Block<Float64Array>,
    G: Block<Float64Array>,
    ldg: number,
    target: Block<Float64Array> | undefined,
  ): void {
    const { n, arena } = this;
    const located = this.at(columns, m);
    const [X, list, scale] = [located.X as DenseMatrix, located.columns, located.scale];
    const k = arena.use(modelKernels);
    const scratch = arena.scratch();
    if (centre) k.columnMeans(n, m, list.pointer, X.pointer, n, d.pointer, sumD, means.pointer);
    else means.view.fill(0, 0, m);
    // Where all rows weigh the same their weight is a factor of the whole.
    const share = this.weights(d).alike ? d.view[0] : undefined;
    const root = share === undefined ? scratch.f64(n) : undefined;
    if (root) k.squareRoots(n, d.pointer, root.pointer);
    const columnsOf = [list.pointer, X.pointer, n, scale.pointer, means.pointer, root?.pointer ?? 0] as const;
    const work = scratch.f64(Math.ceil(gramWorkBytes(m) / 8));
    const room = [work.pointer, target?.pointer ?? 0] as const;
    (this.pool ?? k).columnGram(n, m, from, ...columnsOf, share ?? 1, G.pointer, ldg, ...room);
    const [s, mv] = [scale.view, means.view];
    for (let t = 0; t < m; t++) mv[t] *= s[list.view[t]];
    scratch.release();
  }

  /** Where the members hold much of the data: one pass over rows, which are laid out once. */
  private gramByRows(
    X: CscMatrix,
    columns: Block<Int32Array>,
    m: number,
    from: number,
    d: Block<Float64Array>,
    G: Block<Float64Array>,
    ldg: number,
  ): void {
    const { n, arena } = this;
    this.byRows ??= this.laidByRows(X);
    const { pointers, list, values, slots, work } = this.byRows;
    slots.view.fill(-1);
    const [c, places] = [columns.view, slots.view];
    for (let t = 0; t < m; t++) places[c[t]] = t;
    const rows = [pointers.pointer, list.pointer, values.pointer] as const;
    arena.use(modelKernels).csrGram(n, ...rows, slots.pointer, m, from, d.pointer, G.pointer, ldg, work.pointer);
  }

  private laidByRows(X: CscMatrix) {
    const { n, p, arena, keep } = this;
    const [pointers, list, values] = [keep.i32(n + 1), keep.i32(X.values.length), keep.f64(X.values.length)];
    const [slots, work] = [keep.i32(p), keep.f64(2 * p)];
    for (let j = 0; j < p; j++) slots.view[j] = j;
    const { colPointers, rowIndices, values: stored } = X.pointers;
    const to = [pointers.pointer, list.pointer, values.pointer] as const;
    arena.use(modelKernels).cscRows(n, p, slots.pointer, colPointers, rowIndices, stored, ...to);
    return { pointers, list, values, slots, work };
  }

  private sparseGram(
    columns: Block<Int32Array>,
    m: number,
    from: number,
    d: Block<Float64Array>,
    sumD: number,
    centre: boolean,
    means: Block<Float64Array>,
    G: Block<Float64Array>,
    ldg: number,
  ): void {
    const { n, arena } = this;
    const located = this.at(columns, m);
    const X = located.X as CscMatrix;
    const { colPointers, rowIndices, values } = X.pointers;
    const c = columns.view;
    const [cp, places] = [X.colPointers, located.columns.view];
    let nnz = 0;
    for (let t = 0; t < m; t++) nnz += cp[places[t] + 1] - cp[places[t]];
    if (this.split) this.split.gram({ columns, m }, from, d, this.scale, undefined, G, ldg);
    else if (!this.fetched && m <= BY_ROWS && 4 * nnz > X.values.length)
      this.gramByRows(X, columns, m, from, d, G, ldg);
    else {
      const scratch = arena.scratch();
      const rowPointers = scratch.i32(n + 1);
      const slots = scratch.i32(nnz);
      const rowValues = scratch.f64(nnz);
      const k = arena.use(modelKernels);
      const list = located.columns.pointer;
      k.cscRows(n, m, list, colPointers, rowIndices, values, rowPointers.pointer, slots.pointer, rowValues.pointer);
      k.cscGram(
        m,
        from,
        list,
        colPointers,
        rowIndices,
        values,
        rowPointers.pointer,
        slots.pointer,
        rowValues.pointer,
        d.pointer,
        G.pointer,
        ldg,
      );
      scratch.release();
    }
    if (!this.identity) {
      const s = this.scale.view;
      const g = G.view;
      for (let t = from; t < m; t++) {
        for (let r = 0; r <= t; r++) {
          g[t * ldg + r] *= s[c[t]] * s[c[r]];
          g[r * ldg + t] = g[t * ldg + r];
        }
      }
    }
    const mv = means.view;
    if (!centre) {
      mv.fill(0, from, m);
      return;
    }
    this.gradientSubset(d, columns, m, means);
    for (let t = 0; t < m; t++) mv[t] /= sumD;
    const g = G.view;
    for (let t = from; t < m; t++) {
      const a = mv[t] * sumD;
      for (let r = 0; r <= t; r++) {
        g[t * ldg + r] -= a * mv[r];
        g[r * ldg + t] = g[t * ldg + r];
      }
    }
  }
}
