import type { Arena, Block, Scratch, ThreadPool } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import { sparseKernels } from '@southwell/kernels/sparse';
import type { AnyMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { fail, type SplitRows } from '@southwell/numerics/core';
import type { ColumnProducts, GramOf, Located } from './columnProducts.ts';
import { FetchedColumns } from './fetchedColumns.ts';
import { type RowVectors, spreadVectors, type WeightFacts, wholeVectors } from './rowVectors.ts';
import { SplitProducts } from './splitProducts.ts';
import { WholeColumns } from './wholeColumns.ts';

/**
 * A data matrix as solvers see it: X̃ = X·diag(scale), in the arena of X. Scaling is virtual, so standardisation keeps
 * sparse data sparse and copies nothing; centring happens inside {@link Design.gram}, exactly for dense columns.
 */
export class Design {
  /** Number of rows on this rank, if rows are distributed. */
  readonly n: number;
  /** Number of rows on all ranks. */
  readonly all: number;
  readonly p: number;
  readonly arena: Arena;
  /** Length p. */
  readonly scale: Block<Float64Array>;
  /** ‖x̃_j‖, filled by {@link Design.gradient} with norms. */
  readonly norms: Float64Array;
  /** Columns that are constant (or zero) once the intercept is eliminated: they can never enter. */
  readonly constant: Uint8Array;
  /** Sums over rows. */
  readonly vectors: RowVectors;
  /** Whether a solver may use descent on columns, which updates a residual over all rows at every step. */
  readonly columnsDescend: boolean;
  private readonly identity: boolean;
  private readonly keep: Scratch;
  private readonly outBlock: Block<Float64Array>;
  private readonly products: ColumnProducts;

  /** @throws INVALID_PARAMETER. */
  constructor(
    readonly X: AnyMatrix,
    /** How the rows are distributed over ranks. */
    readonly rows: SplitRows,
    scale?: Float64Array,
    /** Threads for whole passes and Gram products. Default: only the calling thread. */
    pool?: ThreadPool,
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
    const { keep, scale: s } = this;
    const { spread } = rows;
    this.columnsDescend = !spread;
    this.vectors = spread ? spreadVectors(rows) : wholeVectors;
    if (X.kind === 'parts') {
      if (spread) fail('NOT_SUPPORTED', 'Either the rows or the columns of X can be distributed over ranks, not both.');
      this.products = new FetchedColumns(X, s, pool);
    } else this.products = spread ? SplitProducts.of(X, rows, s, keep, pool) : new WholeColumns(X, s, keep, pool);
  }

  /** Storage format of the columns. */
  get kind(): 'dense' | 'csc' {
    return this.X.kind === 'parts' ? this.X.own.kind : this.X.kind;
  }

  /** The first k listed columns in the form that kernels take; valid until the next call. */
  at(columns: Block<Int32Array>, k: number): Located {
    return this.products.at(columns, k);
  }

  /** Frees scratch memory; X is kept. */
  release(): void {
    this.products.release();
    this.keep.release();
  }

  /** out ← X̃ᵀv. One pass over the data; with `norms` the same pass fills {@link Design.norms}. O(nnz). */
  gradient(v: Block<Float64Array>, out: Float64Array, norms = false): void {
    const { arena, p, outBlock } = this;
    const squares = norms ? arena.f64Block(p) : undefined;
    this.products.gradient(v, outBlock, squares);
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

  /**
   * out ← (X̃ − means)ᵀv of dense data. Means are subtracted entry by entry, so that large means cost no digits. O(np).
   */
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
    this.products.subset(v, { columns, m: k }, out);
    if (!this.identity) {
      const s = this.scale.view;
      const o = out.view;
      const c = columns.view;
      for (let t = 0; t < k; t++) o[t] *= s[c[t]];
    }
  }

  /** sums[t] ← Σ d_i x̃_i and squares[t] ← Σ d_i x̃_i² for the k listed columns, over the rows on this rank. */
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
   * Columns from … m−1, both triangles, of G = X̃ᵀDX̃ over the listed columns, about the d-weighted means if `centre`
   * (the Hessian once the intercept is eliminated). `means` receives the means of the columns from … m−1 (zero without
   * `centre`). Constant columns get a zero diagonal and are marked. `target`, for dense columns with all rows on this
   * rank, contains n numbers v, followed by space for (x̃ − mean)ᵀv of the m columns, computed in the same pass.
   * O(n·m·(m − from)) dense, far less sparse.
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
    const facts = centre ? this.vectors.weights(d) : undefined;
    const of: GramOf = { columns, m, from, d, G, ldg };
    this.products.gram(of, { facts, means }, target);
    if (this.kind === 'csc') this.scaledAboutMeans(of, facts, means);
    if (!facts) return;
    // Centring a constant column leaves rounding errors: relative to what was subtracted, those of subtracting values
    // (dense) or sums (sparse).
    const noise = this.kind === 'dense' ? 1e-28 : 1e-13;
    const g = G.view;
    for (let t = from; t < m; t++) {
      const mean = means.view[t];
      if (g[t * ldg + t] <= noise * mean * mean * facts.sum) {
        g[t * ldg + t] = 0;
        // A column may well be constant on just the few rows where the loss has curvature.
        if (facts.curved === this.all) this.constant[columns.view[t]] = 1;
      }
    }
  }

  /**
   * Converts the result of {@link ColumnProducts.gram} for sparse columns to scaled units and centres it about the
   * means, which it fills in.
   */
  private scaledAboutMeans(
    { columns, m, from, d, G, ldg }: GramOf,
    facts: WeightFacts | undefined,
    means: Block<Float64Array>,
  ): void {
    if (!this.identity) {
      const [c, s] = [columns.view, this.scale.view];
      const g = G.view;
      for (let t = from; t < m; t++) {
        for (let r = 0; r <= t; r++) {
          g[t * ldg + r] *= s[c[t]] * s[c[r]];
          g[r * ldg + t] = g[t * ldg + r];
        }
      }
    }
    const mv = means.view;
    if (!facts) {
      mv.fill(0, from, m);
      return;
    }
    this.gradientSubset(d, columns, m, means);
    for (let t = 0; t < m; t++) mv[t] /= facts.sum;
    const g = G.view;
    for (let t = from; t < m; t++) {
      const a = mv[t] * facts.sum;
      for (let r = 0; r <= t; r++) {
        g[t * ldg + r] -= a * mv[r];
        g[r * ldg + t] = g[t * ldg + r];
      }
    }
  }
}
