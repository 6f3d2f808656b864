import { type Arena, type Block, denseKernels, gemmWorkBytes } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';

/** A pivot this small relative to its diagonal belongs to a linearly dependent column. */
const DEPENDENT = 1e-10;
/** Header of a factor's lists: number of rows, of calls, of updates, and of rows to append. */
const HEAD = 4;
const [ROWS, UPDATES, WANTED] = [0, 2, 3];
/** Answers of the kernel: L must be recomputed, or rows remain to be appended as a block. */
const [ANEW, BLOCK] = [0, 2];

/** The matrix of a factor: G + diag(ridge) on some rows, both in kernel memory. */
interface Matrix {
  readonly G: Block<Float64Array>;
  readonly ld: number;
  readonly ridgeAt: number;
}

/**
 * The Cholesky factor of a face of a quadratic, updated from face to face by removing and appending rows
 * (`followFactor` of the kernels).
 */
export class FaceFactor {
  stride = 0;
  private block: Block<Float64Array> | undefined;
  /** Header, rows, and room for those to append, in the layout of `followFactor`. */
  private lists: Block<Int32Array> | undefined;
  /** Ridges of the rows, and workspace for a column. */
  private ridges: Block<Float64Array> | undefined;
  /** For each column of G, the index of the call that requested it. */
  private marks: Block<Int32Array> | undefined;

  /** `roomFor` returns the side of the square to allocate for k rows. */
  constructor(
    private readonly arena: Arena,
    private readonly roomFor: (k: number) => number,
  ) {}

  /** Discards the factor after entries of its matrix have changed or moved. */
  invalidate(): void {
    if (this.lists) this.lists.view[ROWS] = 0;
  }

  release(): void {
    for (const block of [this.block, this.lists, this.ridges, this.marks]) block?.free();
    this.block = undefined;
    this.lists = undefined;
    this.ridges = undefined;
    this.marks = undefined;
  }

  /**
   * The factor of G + diag(ridge) on index[0 … k), which may be reordered; undefined if it stays singular with a small
   * additional ridge. `ridgeAt`: position of the ridges of all columns. If the face differs little from the last one,
   * the factor is updated: O(k²) a row instead of O(k³).
   */
  of(
    k: number,
    index: Block<Int32Array>,
    G: Block<Float64Array>,
    ld: number,
    ridgeAt: number,
  ): Block<Float64Array> | undefined {
    if (this.follow(k, index, { G, ld, ridgeAt })) return this.block;
    const { arena } = this;
    const kernels = arena.use(denseKernels, modelKernels);
    this.makeRoom(this.roomFor(Math.ceil(1.1 * k) + 16));
    const [L, lists, ridges] = [this.block!, this.lists!, this.ridges!];
    const { stride } = this;
    const scratch = arena.scratch();
    const work = scratch.f64(Math.ceil(gemmWorkBytes(k, k, k) / 8));
    try {
      for (let attempt = 0, more = 0; attempt < 5; attempt++, more = more === 0 ? 1e-12 : more * 1e3) {
        kernels.gatherSymmetric(k, index.pointer, G.pointer, ld, ridgeAt, L.pointer, stride);
        // For dependent columns, a small relative ridge preserves the descent direction.
        if (more > 0) for (let a = 0; a < k; a++) L.view[a * stride + a] *= 1 + more;
        if (kernels.potrf(k, L.pointer, stride, work.pointer) !== 0) continue;
        const head = lists.view;
        head[ROWS] = k;
        head[UPDATES] = 0;
        head.set(index.view.subarray(0, k), HEAD);
        gather(arena.f64, ridgeAt / 8, index.view, k, ridges.view);
        return L;
      }
    } finally {
      scratch.release();
    }
    return undefined;
  }

  /** Allocates room for a factor with at least this number of rows, initially empty. */
  private makeRoom(stride: number): void {
    const { arena } = this;
    if (!this.block || this.block.length < stride * stride) {
      this.block?.free();
      this.block = arena.f64Block(stride * stride);
    }
    if (!this.lists || this.lists.length < HEAD + 2 * stride) {
      this.lists?.free();
      this.ridges?.free();
      this.lists = arena.i32Block(HEAD + 2 * stride);
      this.ridges = arena.f64Block(2 * stride);
      this.lists.view.fill(0, 0, HEAD);
      this.marks?.view.fill(0);
    }
    this.stride = stride;
    this.invalidate();
  }

  /** Marks for `ld` columns; none is requested in a new block. */
  private marksFor(ld: number): Block<Int32Array> {
    if (this.marks && this.marks.length >= ld) return this.marks;
    this.marks?.free();
    this.marks = this.arena.i32Block(ld);
    this.marks.view.fill(0);
    return this.marks;
  }

  /**
   * Updates the cached factor to index[0 … k), and reorders index accordingly; returns false if a new factorisation is
   * cheaper.
   */
  private follow(k: number, index: Block<Int32Array>, matrix: Matrix): boolean {
    const { block, lists, ridges, stride } = this;
    if (!block || !lists || !ridges) return false;
    const marks = this.marksFor(matrix.ld);
    const answer = this.arena
      .use(modelKernels)
      .followFactor(
        k,
        index.pointer,
        matrix.G.pointer,
        matrix.ld,
        matrix.ridgeAt,
        block.pointer,
        stride,
        lists.pointer,
        ridges.pointer,
        marks.pointer,
      );
    if (answer !== BLOCK) return answer !== ANEW;
    if (!this.appendBlock(matrix)) {
      this.invalidate();
      return false;
    }
    index.view.set(lists.view.subarray(HEAD, HEAD + k));
    return true;
  }

  /**
   * Appends the requested rows as a block: L₂₁ = A₂₁L₁₁⁻ᵀ, L₂₂ the factor of A₂₂ − L₂₁L₂₁ᵀ. O(k² rows) at the speed of
   * gemm.
   */
  private appendBlock({ G, ld, ridgeAt }: Matrix): boolean {
    const { arena, stride } = this;
    const { kernels } = arena;
    const scratch = arena.scratch();
    try {
      const [k, c] = [this.lists!.view[ROWS], this.lists!.view[WANTED]];
      const work = scratch.f64(Math.ceil(gemmWorkBytes(Math.max(c, k), k, k) / 8)).pointer;
      const L = this.block!;
      const lists = this.lists!.view;
      const rows = lists.subarray(HEAD, HEAD + k + c);
      rows.set(lists.subarray(HEAD + stride, HEAD + stride + c), k);
      const ridges = this.ridges!.view;
      gather(arena.f64, ridgeAt / 8, rows.subarray(k), c, ridges.subarray(k));
      const [l, g] = [L.view, G.view];
      for (let t = 0; t < c; t++) {
        const column = rows[k + t] * ld;
        for (let a = 0; a < k; a++) l[a * stride + k + t] = g[column + rows[a]];
        for (let s = t; s < c; s++) l[(k + t) * stride + k + s] = g[column + rows[k + s]];
        l[(k + t) * (stride + 1)] += ridges[k + t];
      }
      const L21 = L.pointer + 8 * k;
      const L22 = L21 + 8 * k * stride;
      kernels.trsm(c, k, L.pointer, stride, L21, stride, work);
      kernels.gemm(false, true, c, c, k, -1, L21, stride, L21, stride, 1, L22, stride, work);
      if (kernels.potrf(c, L22, stride, work) !== 0) return false;
      for (let t = k; t < k + c; t++) {
        const j = rows[t];
        if (!(l[t * (stride + 1)] ** 2 > DEPENDENT * (g[j * ld + j] + ridges[t]))) return false;
      }
      lists[ROWS] = k + c;
    } finally {
      scratch.release();
    }
    return true;
  }
}

/** out[t] ← values[from + index[t]], t < k. */
function gather(values: Float64Array, from: number, index: Int32Array, k: number, out: Float64Array): void {
  for (let t = 0; t < k; t++) out[t] = values[from + index[t]];
}
