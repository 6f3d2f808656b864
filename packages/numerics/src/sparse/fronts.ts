import { gemmWorkBytes } from '@southwell/kernels';
import type { DenseMatrix } from '../arrays/index.ts';

/** Triangular solves with the dense columns of supernodes. `unit`: the unit diagonal is implicit. */
export interface FrontSolver {
  /** Number of values of all supernodes. */
  readonly size: number;
  /**
   * Calls `visit` for each supernode with its number, first column, number of columns, number of rows, and the offset
   * of its columns.
   */
  each(visit: (s: number, from: number, k: number, m: number, panel: number) => void): void;
  /** y ← L⁻¹y, in elimination order. */
  forward(y: Float64Array, unit: boolean): void;
  /** y ← L⁻ᵀy. */
  backward(y: Float64Array, unit: boolean): void;
  /** X ← (LLᵀ)⁻¹X, or (LDLᵀ)⁻¹X with D⁻¹ applied by `middle`, for columns of X in the order of A. */
  columns(
    X: DenseMatrix,
    unit: boolean,
    middle?: (heap: Float64Array, at: number, ld: number, count: number) => void,
  ): void;
}

interface Shape {
  readonly n: number;
  readonly order: Int32Array;
  readonly first: Int32Array;
  readonly rowStart: Int32Array;
  readonly rows: Int32Array;
}

/** From this many entries on, the columns of a supernode are multiplied by kernels. */
const LARGE = 4000;
/** Number of right-hand sides solved at a time. */
const TOGETHER = 64;

/** Solves with supernodes whose columns lie one after the other in `values`. */
export const solveFronts = (shape: Shape, values: DenseMatrix): FrontSolver => new Fronts(shape, values);

class Fronts implements FrontSolver {
  private readonly count: number;
  /** Offset of the columns of each supernode. */
  private readonly panels: Float64Array;
  /** Entries of the largest supernode, and the largest number of rows of a supernode. */
  private readonly most: number;
  private readonly widest: number;
  private readonly t: Float64Array;

  constructor(
    private readonly shape: Shape,
    private readonly values: DenseMatrix,
  ) {
    const { first, rowStart } = shape;
    this.count = first.length - 1;
    this.panels = new Float64Array(this.count + 1);
    let [most, widest] = [0, 0];
    for (let s = 0; s < this.count; s++) {
      const [k, u] = [first[s + 1] - first[s], rowStart[s + 1] - rowStart[s]];
      this.panels[s + 1] = this.panels[s] + k * (k + u);
      most = Math.max(most, k * (k + u));
      widest = Math.max(widest, k + u);
    }
    [this.most, this.widest] = [most, widest];
    this.t = new Float64Array(widest);
  }

  /** Calls `run` with scratch in kernel memory for the rows of a front, if any supernode is large enough to need it. */
  private withRoom(run: (room: number, work: number) => void): void {
    const { most, widest } = this;
    if (most < LARGE) {
      run(0, 0);
      return;
    }
    const scratch = this.values.arena.scratch();
    try {
      run(scratch.f64(2 * widest).pointer, scratch.f64(gemmWorkBytes(widest, 1, widest) / 8 + 1060).pointer);
    } finally {
      scratch.release();
    }
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

  forward(y: Float64Array, unit: boolean): void {
    const { count, panels, values, t } = this;
    const { first, rowStart, rows } = this.shape;
    const { arena } = values;
    this.withRoom((room, work) => {
      const L = values.data;
      const heap = arena.f64;
      const { kernels } = arena;
      for (let s = 0; s < count; s++) {
        const [from, k, r] = [first[s], first[s + 1] - first[s], rowStart[s]];
        const u = rowStart[s + 1] - r;
        const m = k + u;
        const P = panels[s];
        if (k * m >= LARGE) {
          const at = room / 8;
          const A = values.pointer + 8 * P;
          heap.set(y.subarray(from, from + k), at);
          kernels.triangularSolve(false, true, false, unit, k, 1, A, m, room, k, work);
          y.set(heap.subarray(at, at + k), from);
          kernels.gemv(u, k, 1, A + 8 * k, m, room, 0, room + 8 * k);
          for (let i = 0; i < u; i++) y[rows[r + i]] -= heap[at + k + i];
          continue;
        }
        if (k === 1) {
          const x = unit ? y[from] : y[from] / L[P];
          y[from] = x;
          for (let i = 0; i < u; i++) y[rows[r + i]] -= L[P + 1 + i] * x;
          continue;
        }
        for (let i = 0; i < u; i++) t[i] = 0;
        for (let j = 0; j < k; j++) {
          const column = P + j * m;
          const x = unit ? y[from + j] : y[from + j] / L[column + j];
          y[from + j] = x;
          for (let i = j + 1; i < k; i++) y[from + i] -= L[column + i] * x;
          for (let i = 0; i < u; i++) t[i] += L[column + k + i] * x;
        }
        for (let i = 0; i < u; i++) y[rows[r + i]] -= t[i];
      }
    });
  }

  backward(y: Float64Array, unit: boolean): void {
    const { count, panels, values, t } = this;
    const { first, rowStart, rows } = this.shape;
    const { arena } = values;
    this.withRoom((room, work) => {
      const L = values.data;
      const heap = arena.f64;
      const { kernels } = arena;
      for (let s = count - 1; s >= 0; s--) {
        const [from, k, r] = [first[s], first[s + 1] - first[s], rowStart[s]];
        const u = rowStart[s + 1] - r;
        const m = k + u;
        const P = panels[s];
        if (k * m >= LARGE) {
          const at = room / 8;
          const A = values.pointer + 8 * P;
          for (let i = 0; i < u; i++) heap[at + k + i] = y[rows[r + i]];
          kernels.gemvT(u, k, A + 8 * k, m, room + 8 * k, room);
          for (let j = 0; j < k; j++) heap[at + j] = y[from + j] - heap[at + j];
          kernels.triangularSolve(false, true, true, unit, k, 1, A, m, room, k, work);
          y.set(heap.subarray(at, at + k), from);
          continue;
        }
        for (let i = 0; i < u; i++) t[i] = y[rows[r + i]];
        for (let j = k - 1; j >= 0; j--) {
          const column = P + j * m;
          let x = y[from + j];
          for (let i = j + 1; i < k; i++) x -= L[column + i] * y[from + i];
          for (let i = 0; i < u; i++) x -= L[column + k + i] * t[i];
          y[from + j] = unit ? x : x / L[column + j];
        }
      }
    });
  }

  columns(
    X: DenseMatrix,
    unit: boolean,
    middle?: (heap: Float64Array, at: number, ld: number, count: number) => void,
  ): void {
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
          const [from, k, r] = [first[s], first[s + 1] - first[s], rowStart[s]];
          const u = rowStart[s + 1] - r;
          const m = k + u;
          const A = values.pointer + 8 * panels[s];
          kernels.triangularSolve(false, true, false, unit, k, c, A, m, Y + 8 * from, n, work);
          if (u === 0) continue;
          kernels.gemm(false, false, u, c, k, 1, A + 8 * k, m, Y + 8 * from, n, 0, T, u, work);
          for (let q = 0; q < c; q++) {
            const [to, source] = [y + q * n, t0 + q * u];
            for (let i = 0; i < u; i++) heap[to + rows[r + i]] -= heap[source + i];
          }
        }
        middle?.(heap, y, n, c);
        for (let s = count - 1; s >= 0; s--) {
          const [from, k, r] = [first[s], first[s + 1] - first[s], rowStart[s]];
          const u = rowStart[s + 1] - r;
          const m = k + u;
          const A = values.pointer + 8 * panels[s];
          if (u > 0) {
            for (let q = 0; q < c; q++) {
              const [source, to] = [y + q * n, t0 + q * u];
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
