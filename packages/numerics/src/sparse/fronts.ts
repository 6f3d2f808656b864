import { gemmWorkBytes } from '@southwell/kernels';
import { frontKernels } from '@southwell/kernels/fronts';
import { DenseMatrix } from '../arrays/index.ts';

/** Triangular solves with the dense columns of supernodes. `unit`: the unit diagonal is implicit. */
export interface FrontSolver {
  /** Number of values of all supernodes. */
  readonly size: number;
  /**
   * Calls `visit` for each supernode with its number, first column, number of columns, number of rows, and the offset
   * of its columns.
   */
  each(visit: (s: number, from: number, k: number, m: number, panel: number) => void): void;
  /** x ← (LLᵀ)⁻¹x, or (LDLᵀ)⁻¹x with D⁻¹ applied by `middle`, for x in the order of A. */
  vector(x: Float64Array, unit: boolean, middle?: Middle): void;
  /** X ← (LLᵀ)⁻¹X, or (LDLᵀ)⁻¹X with D⁻¹ applied by `middle`, for columns of X in the order of A. */
  columns(X: DenseMatrix, unit: boolean, middle?: Middle): void;
  /** Frees the lists in kernel memory, not the values. */
  free(): void;
}

/** What is done between the solves with L and Lᵀ, in elimination order: `count` columns from heap[at] on, `ld` apart. */
type Middle = (heap: Float64Array, at: number, ld: number, count: number) => void;

interface Shape {
  readonly n: number;
  readonly order: Int32Array;
  readonly first: Int32Array;
  readonly rowStart: Int32Array;
  readonly rows: Int32Array;
}

/** Number of right-hand sides solved at a time. */
const TOGETHER = 64;

/** Solves with supernodes whose columns lie one after the other in `values`. */
export const solveFronts = (shape: Shape, values: DenseMatrix): FrontSolver => new Fronts(shape, values);

class Fronts implements FrontSolver {
  private readonly count: number;
  /** Offset of the columns of each supernode. */
  private readonly panels: Float64Array;
  /** The largest number of rows of a supernode. */
  private readonly widest: number;
  /** first, rowStart and rows of the shape, in the memory of the values. */
  private readonly lists: DenseMatrix;

  constructor(
    private readonly shape: Shape,
    private readonly values: DenseMatrix,
  ) {
    const { first, rowStart, rows } = shape;
    this.count = first.length - 1;
    this.panels = new Float64Array(this.count + 1);
    let widest = 0;
    for (let s = 0; s < this.count; s++) {
      const k = first[s + 1] - first[s];
      const u = rowStart[s + 1] - rowStart[s];
      this.panels[s + 1] = this.panels[s] + k * (k + u);
      widest = Math.max(widest, k + u);
    }
    this.widest = widest;
    const { arena } = values;
    this.lists = DenseMatrix.create(Math.ceil((2 * first.length + rows.length) / 2), 1, { fill: false, arena });
    const at = this.lists.pointer / 4;
    arena.i32.set(first, at);
    arena.i32.set(rowStart, at + first.length);
    arena.i32.set(rows, at + 2 * first.length);
  }

  get size(): number {
    return this.panels[this.count];
  }

  each(visit: (s: number, from: number, k: number, m: number, panel: number) => void): void {
    const { count, panels } = this;
    const { first, rowStart } = this.shape;
    for (let s = 0; s < count; s++) {
      const k = first[s + 1] - first[s];
      visit(s, first[s], k, k + rowStart[s + 1] - rowStart[s], panels[s]);
    }
  }

  vector(x: Float64Array, unit: boolean, middle?: Middle): void {
    const { count, values, lists, widest, size } = this;
    const { n, order } = this.shape;
    const { arena } = values;
    const scratch = arena.scratch();
    try {
      const [y, room] = [scratch.f64(n).pointer, scratch.f64(widest).pointer];
      const kernels = arena.use(frontKernels);
      const heap = arena.f64;
      const at = y / 8;
      for (let k = 0; k < n; k++) heap[at + k] = x[order[k]];
      const starts = lists.pointer + 4 * (count + 1);
      const shape = [count, lists.pointer, starts, starts + 4 * (count + 1)] as const;
      kernels.solveFrontsLower(...shape, values.pointer, y, room, Number(unit));
      middle?.(heap, at, n, 1);
      kernels.solveFrontsUpper(...shape, values.pointer + 8 * size, y, room, Number(unit));
      for (let k = 0; k < n; k++) x[order[k]] = heap[at + k];
    } finally {
      scratch.release();
    }
  }

  free(): void {
    this.lists.free();
  }

  columns(X: DenseMatrix, unit: boolean, middle?: Middle): void {
    const { count, panels, values, widest } = this;
    const { n, order, first, rowStart, rows } = this.shape;
    const { arena } = values;
    for (let c0 = 0; c0 < X.cols; c0 += TOGETHER) {
      const c = Math.min(TOGETHER, X.cols - c0);
      const scratch = arena.scratch();
      try {
        const Y = scratch.f64(n * c).pointer;
        const T = scratch.f64(widest * c).pointer;
        const work = scratch.f64(gemmWorkBytes(widest, c, widest) / 8 + 1060).pointer;
        // Read after the allocation, which may have grown the memory of X.
        const { data } = X;
        const heap = arena.f64;
        const { kernels } = arena;
        const [y, t0] = [Y / 8, T / 8];
        for (let q = 0; q < c; q++) {
          for (let k = 0; k < n; k++) heap[y + q * n + k] = data[(c0 + q) * n + order[k]];
        }
        for (let s = 0; s < count; s++) {
          const from = first[s];
          const k = first[s + 1] - first[s];
          const r = rowStart[s];
          const u = rowStart[s + 1] - r;
          const m = k + u;
          const A = values.pointer + 8 * panels[s];
          kernels.triangularSolve(false, true, false, unit, k, c, A, m, Y + 8 * from, n, work);
          if (u === 0) continue;
          kernels.gemm(false, false, u, c, k, 1, A + 8 * k, m, Y + 8 * from, n, 0, T, u, work);
          for (let q = 0; q < c; q++) {
            const to = y + q * n;
            const source = t0 + q * u;
            for (let i = 0; i < u; i++) heap[to + rows[r + i]] -= heap[source + i];
          }
        }
        middle?.(heap, y, n, c);
        for (let s = count - 1; s >= 0; s--) {
          const from = first[s];
          const k = first[s + 1] - first[s];
          const r = rowStart[s];
          const u = rowStart[s + 1] - r;
          const m = k + u;
          const A = values.pointer + 8 * panels[s];
          if (u > 0) {
            for (let q = 0; q < c; q++) {
              const source = y + q * n;
              const to = t0 + q * u;
              for (let i = 0; i < u; i++) heap[to + i] = heap[source + rows[r + i]];
            }
            kernels.gemm(true, false, k, c, u, -1, A + 8 * k, m, T, u, 1, Y + 8 * from, n, work);
          }
          kernels.triangularSolve(false, true, true, unit, k, c, A, m, Y + 8 * from, n, work);
        }
        for (let q = 0; q < c; q++) {
          for (let k = 0; k < n; k++) data[(c0 + q) * n + order[k]] = heap[y + q * n + k];
        }
      } finally {
        scratch.release();
      }
    }
  }
}
