import { type Arena, type Block, gemmWorkBytes } from '@southwell/kernels';

/** A pivot so far below its diagonal belongs to a column that depends on the others. */
const DEPENDENT = 1e-10;
/** Rows that are appended one by one; more come as a block. */
const SINGLY = 4;
/** Changes after which a factor is made anew, before rounding of them piles up. */
const MOST_UPDATES = 500;

/** What a factor is of: G + diag(ridge) on some rows. */
interface Matrix {
  readonly G: Block<Float64Array>;
  readonly ld: number;
  readonly ridge: Float64Array;
}

/** The Cholesky factor of a face of a quadratic, kept from face to face: rows are taken out and appended as they change. */
export class FaceFactor {
  stride = 0;
  private block: Block<Float64Array> | undefined;
  private size = 0;
  private rows: number[] = [];
  private ridges: number[] = [];
  private updates = 0;
  /** By column of G, the number of the call that asked for it, until its row is found. */
  private marks = new Int32Array(0);
  private calls = 0;

  /** `roomFor` k rows gives the side of the square to allocate. */
  constructor(
    private readonly arena: Arena,
    private readonly roomFor: (k: number) => number,
  ) {}

  /** Forgets the factor: entries that it was made of have changed or moved. */
  invalidate(): void {
    this.size = 0;
  }

  release(): void {
    this.block?.free();
    this.block = undefined;
    this.size = 0;
  }

  /**
   * That of G + diag(ridge) on index[0 … k), which may be reordered; undefined if it stays singular under a small ridge
   * more. A face that differs little from the last one updates the factor: O(k²) a row instead of O(k³).
   */
  of(
    k: number,
    index: Block<Int32Array>,
    G: Block<Float64Array>,
    ld: number,
    ridgeAt: number,
    ridge: Float64Array,
  ): Block<Float64Array> | undefined {
    if (this.follow(k, index, { G, ld, ridge })) return this.block;
    const { arena } = this;
    const { kernels } = arena;
    this.size = 0;
    const stride = this.roomFor(Math.ceil(1.1 * k) + 16);
    if (!this.block || this.block.length < stride * stride) {
      this.block?.free();
      this.block = arena.f64Block(stride * stride);
    }
    const L = this.block;
    const scratch = arena.scratch();
    const work = scratch.f64(Math.ceil(gemmWorkBytes(k, k, k) / 8));
    try {
      for (let attempt = 0, more = 0; attempt < 5; attempt++, more = more === 0 ? 1e-12 : more * 1e3) {
        kernels.gatherSymmetric(k, index.pointer, G.pointer, ld, ridgeAt, L.pointer, stride);
        // Dependent columns: a small relative ridge keeps the direction a descent direction.
        if (more > 0) for (let a = 0; a < k; a++) L.view[a * stride + a] *= 1 + more;
        if (kernels.potrf(k, L.pointer, stride, work.pointer) !== 0) continue;
        this.size = k;
        this.stride = stride;
        this.rows = Array.from(index.view.subarray(0, k));
        this.ridges = this.rows.map((j) => ridge[j]);
        this.updates = 0;
        return L;
      }
    } finally {
      scratch.release();
    }
    return undefined;
  }

  /** Turns the kept factor into that of index[0 … k), and index into its order; false if starting anew is better. */
  private follow(k: number, index: Block<Int32Array>, matrix: Matrix): boolean {
    if (this.size === 0) return false;
    const { rows, ridges } = this;
    if (this.marks.length < matrix.ld) this.marks = new Int32Array(matrix.ld);
    const { marks } = this;
    const call = ++this.calls;
    const asked = index.view;
    for (let t = 0; t < k; t++) marks[asked[t]] = call;
    const removed: number[] = [];
    for (let a = 0; a < rows.length; a++) {
      const j = rows[a];
      if (marks[j] !== call) removed.push(a);
      else if (ridges[a] !== matrix.ridge[j]) return false;
      else marks[j] = 0;
    }
    const wanted: number[] = [];
    if (k > rows.length - removed.length) {
      for (let t = 0; t < k; t++) if (marks[asked[t]] === call) wanted.push(asked[t]);
    }
    // To take a row out streams the factor; rows come in at the speed of gemm, as a factorisation runs.
    const few = k / 40 + 1;
    if (removed.length > few || wanted.length > Math.max(few, k / 3) || k > this.stride) return false;
    this.updates += removed.length + 1;
    if (this.updates > MOST_UPDATES) return false;
    for (const a of removed.reverse()) {
      this.arena.kernels.cholDelete(this.size, this.block!.pointer, this.stride, a);
      rows.splice(a, 1);
      ridges.splice(a, 1);
      this.size--;
    }
    const appended = wanted.length > SINGLY ? this.appendBlock(wanted, matrix) : this.appendSingly(wanted, matrix);
    if (appended) index.view.set(rows);
    else this.size = 0;
    return appended;
  }

  /** Appends rows one after the other; false where one depends on those before. O(k²) each. */
  private appendSingly(wanted: Iterable<number>, { G, ld, ridge }: Matrix): boolean {
    const { arena, rows, ridges } = this;
    const scratch = arena.scratch();
    const column = scratch.f64(this.stride);
    const g = G.view;
    try {
      for (const j of wanted) {
        const { size } = this;
        for (let a = 0; a < size; a++) column.view[a] = g[j * ld + rows[a]];
        const diagonal = g[j * ld + j] + ridge[j];
        column.view[size] = diagonal;
        const pivot = arena.kernels.cholAppend(size, this.block!.pointer, this.stride, column.pointer);
        if (!(pivot > DEPENDENT * diagonal)) return false;
        rows.push(j);
        ridges.push(ridge[j]);
        this.size++;
      }
    } finally {
      scratch.release();
    }
    return true;
  }

  /** The same for many at once: L₂₁ = A₂₁L₁₁⁻ᵀ, L₂₂ the factor of A₂₂ − L₂₁L₂₁ᵀ. O(k² rows) at the speed of gemm. */
  private appendBlock(wanted: readonly number[], { G, ld, ridge }: Matrix): boolean {
    const { arena, rows, size: k, stride } = this;
    const { kernels } = arena;
    const c = wanted.length;
    const scratch = arena.scratch();
    try {
      const work = scratch.f64(Math.ceil(gemmWorkBytes(Math.max(c, k), k, k) / 8)).pointer;
      const L = this.block!;
      const [l, g] = [L.view, G.view];
      wanted.forEach((j, t) => {
        for (let a = 0; a < k; a++) l[a * stride + k + t] = g[j * ld + rows[a]];
        for (let s = t; s < c; s++) l[(k + t) * stride + k + s] = g[j * ld + wanted[s]] + (s === t ? ridge[j] : 0);
      });
      const L21 = L.pointer + 8 * k;
      const L22 = L21 + 8 * k * stride;
      kernels.trsm(c, k, L.pointer, stride, L21, stride, work);
      kernels.gemm(false, true, c, c, k, -1, L21, stride, L21, stride, 1, L22, stride, work);
      if (kernels.potrf(c, L22, stride, work) !== 0) return false;
      for (let t = 0; t < c; t++) {
        const j = wanted[t];
        if (!(l[(k + t) * (stride + 1)] ** 2 > DEPENDENT * (g[j * ld + j] + ridge[j]))) return false;
      }
    } finally {
      scratch.release();
    }
    rows.push(...wanted);
    for (const j of wanted) this.ridges.push(ridge[j]);
    this.size += c;
    return true;
  }
}
