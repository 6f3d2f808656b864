import { type Arena, type DenseKernels, gemmWorkBytes } from '@southwell/kernels';

/**
 * Generates the reflector H = I − τvvᵀ, v = (1, x'), that maps the vector of `count` values at `at` (an index of the
 * heap) to a multiple β of the first unit vector: overwrites its first entry by β and the others by x', and returns τ
 * (0 if H = I). Vectors of any scale. As LAPACK's dlarfg.
 */
export function makeReflector(kernels: DenseKernels, heap: Float64Array, count: number, at: number): number {
  if (count <= 1) return 0;
  let square = kernels.dot(count - 1, 8 * (at + 1), 8 * (at + 1));
  if (square > 1e-280 && square < 1e280 && Math.abs(heap[at]) < 1e140) {
    const alpha = heap[at];
    const norm = Math.sqrt(alpha * alpha + square);
    const beta = alpha >= 0 ? -norm : norm;
    const factor = 1 / (alpha - beta);
    for (let i = at + 1; i < at + count; i++) heap[i] *= factor;
    heap[at] = beta;
    return (beta - alpha) / beta;
  }
  // Scaled by the largest entry, since squares may overflow or underflow.
  let most = 0;
  for (let i = at + 1; i < at + count; i++) most = Math.max(most, Math.abs(heap[i]));
  if (most === 0) return 0;
  most = Math.max(most, Math.abs(heap[at]));
  square = 0;
  for (let i = at + 1; i < at + count; i++) {
    const v = heap[i] / most;
    square += v * v;
  }
  const alpha = heap[at] / most;
  const norm = Math.sqrt(alpha * alpha + square);
  const beta = alpha >= 0 ? -norm : norm;
  const head = alpha - beta;
  for (let i = at + 1; i < at + count; i++) heap[i] = heap[i] / most / head;
  heap[at] = beta * most;
  return (beta - alpha) / beta;
}

/**
 * Products of k reflectors, H₁…H_k = I − VTVᵀ (Schreiber and Van Loan, SIAM J. Sci. Stat. Comput. 10(1), 1989), with
 * the workspace to form and apply them. V is copied out of the matrix that stores it, with its ones and zeros filled
 * in.
 */
export class BlockReflector {
  private readonly V: number;
  private readonly W: number;
  private readonly W2: number;
  private readonly work: number;
  private rows = 0;
  private count = 0;

  /** For at most `rows` rows and `block` reflectors, applied to matrices whose other dimension is at most `others`. */
  constructor(
    private readonly arena: Arena,
    private readonly scratch: { f64(n: number): { pointer: number } },
    rows: number,
    block: number,
    others: number,
    workBytes: number,
  ) {
    this.V = this.scratch.f64(rows * block).pointer;
    this.W = this.scratch.f64(Math.max(others, block) * block).pointer;
    this.W2 = this.scratch.f64(others * block).pointer;
    this.work = this.scratch.f64(workBytes / 8).pointer;
  }

  /** Loads the reflectors stored below the diagonal of the rows × count matrix at `from` (in bytes). */
  load(from: number, ld: number, rows: number, count: number): void {
    this.begin(rows);
    for (let j = 0; j < count; j++) this.add(from / 8 + j * (ld + 1), Math.min(j, rows), rows);
  }

  /** Removes all reflectors; those that follow have `rows` rows. */
  begin(rows: number): void {
    this.rows = rows;
    this.count = 0;
  }

  /** Adds a reflector with rows `top` (whose value is 1, whatever is stored) to `end` − 1, stored at heap[at]. */
  add(at: number, top: number, end: number): void {
    const heap = this.arena.f64;
    const { rows } = this;
    const v = this.V / 8 + this.count++ * rows;
    heap.fill(0, v, v + top);
    heap.fill(0, v + end, v + rows);
    if (top >= end) return;
    heap[v + top] = 1;
    heap.copyWithin(v + top + 1, at + 1, at + end - top);
  }

  /**
   * The upper triangular factor T, count × count with leading dimension `ldt`, from the τ of the loaded reflectors.
   * O(rows · count²).
   */
  triangle(tau: ArrayLike<number>, T: number, ldt: number): void {
    const { count, rows, arena } = this;
    arena.kernels.gemm(true, false, count, count, rows, 1, this.V, rows, this.V, rows, 0, this.W, count, this.work);
    const heap = arena.f64;
    const [t, g] = [T / 8, this.W / 8];
    for (let i = 0; i < count; i++) {
      const column = t + i * ldt;
      for (let r = 0; r < i; r++) {
        let sum = 0;
        for (let c = r; c < i; c++) sum += heap[t + c * ldt + r] * heap[g + i * count + c];
        heap[column + r] = -tau[i] * sum;
      }
      heap[column + i] = tau[i];
      for (let r = i + 1; r < count; r++) heap[column + r] = 0;
    }
  }

  /** C ← (I − V·op(T)·Vᵀ)C, where C has as many rows as V, and `cols` columns. */
  applyLeft(trans: boolean, T: number, ldt: number, C: number, ldc: number, cols: number): void {
    const { count: k, rows: m, V, W, W2, work } = this;
    const { kernels } = this.arena;
    kernels.gemm(true, false, k, cols, m, 1, V, m, C, ldc, 0, W, k, work);
    kernels.gemm(trans, false, k, cols, k, 1, T, ldt, W, k, 0, W2, k, work);
    kernels.gemm(false, false, m, cols, k, -1, V, m, W2, k, 1, C, ldc, work);
  }

  /** C ← C(I − V·op(T)·Vᵀ), where C has `rows` rows and as many columns as V has rows. */
  applyRight(trans: boolean, T: number, ldt: number, C: number, ldc: number, rows: number): void {
    const { count: k, rows: n, V, W, W2, work } = this;
    const { kernels } = this.arena;
    kernels.gemm(false, false, rows, k, n, 1, C, ldc, V, n, 0, W, rows, work);
    kernels.gemm(false, trans, rows, k, k, 1, W, rows, T, ldt, 0, W2, rows, work);
    kernels.gemm(false, true, rows, n, k, -1, W2, rows, V, n, 1, C, ldc, work);
  }
}

/** Number of reflectors applied together. */
export const BLOCK = 48;

/** Reflectors as stored by a factorisation: vector j lies below position (j, j) of a matrix with `rows` rows. */
export interface Reflectors {
  readonly arena: Arena;
  /** Byte address of position (0, 0). */
  readonly pointer: number;
  readonly ld: number;
  readonly rows: number;
  readonly tau: Float64Array;
}

/**
 * C ← QC, or QᵀC with `trans`, for Q = H₁H₂…; C has `rows` rows and `cols` columns and lies in the same memory. With
 * `shaped`, column j of C is known to be zero above row j, as when Q itself is formed from a part of the identity. O(4
 * · rows · count · cols).
 */
export function applyReflectors(
  { arena, pointer, ld, rows, tau }: Reflectors,
  trans: boolean,
  C: number,
  ldc: number,
  cols: number,
  shaped = false,
): void {
  const count = tau.length;
  if (count === 0 || cols === 0) return;
  const { kernels } = arena;
  if (cols < 4) {
    const heap = arena.f64;
    for (let s = 0; s < count; s++) {
      const j = trans ? s : count - 1 - s;
      const v = pointer + 8 * (j * (ld + 1) + 1);
      for (let c = 0; c < cols; c++) {
        const at = C + 8 * (c * ldc + j);
        const sum = tau[j] * (heap[at / 8] + kernels.dot(rows - j - 1, v, at + 8));
        heap[at / 8] -= sum;
        kernels.axpy(rows - j - 1, -sum, v, at + 8);
      }
    }
    return;
  }
  const scratch = arena.scratch();
  try {
    const block = new BlockReflector(arena, scratch, rows, BLOCK, cols, gemmWorkBytes(rows, cols, rows));
    const T = scratch.f64(BLOCK * BLOCK).pointer;
    const blocks = Math.ceil(count / BLOCK);
    for (let s = 0; s < blocks; s++) {
      const j = BLOCK * (trans ? s : blocks - 1 - s);
      const k = Math.min(BLOCK, count - j);
      block.load(pointer + 8 * j * (ld + 1), ld, rows - j, k);
      block.triangle(tau.subarray(j, j + k), T, BLOCK);
      const left = shaped ? j : 0;
      if (cols > left) block.applyLeft(trans, T, BLOCK, C + 8 * (j + left * ldc), ldc, cols - left);
    }
  } finally {
    scratch.release();
  }
}

/**
 * QR factorisation in place: the `rows` × `cols` matrix at `pointer` becomes R on and above the diagonal, and the
 * reflectors of Q below it; returns their τ. Blocked: reflectors are applied one by one within a block of columns, and
 * by products outside (LAPACK's dgeqrf). O(2mn² − 2n³/3).
 */
export function factorByReflectors(
  arena: Arena,
  pointer: number,
  ld: number,
  rows: number,
  cols: number,
): Float64Array {
  const count = Math.min(rows, cols);
  const tau = new Float64Array(count);
  const scratch = arena.scratch();
  try {
    const { kernels } = arena;
    const block = new BlockReflector(arena, scratch, rows, BLOCK, cols, gemmWorkBytes(rows, cols, rows));
    const T = scratch.f64(BLOCK * BLOCK).pointer;
    const sums = scratch.f64(BLOCK).pointer;
    const heap = arena.f64;
    for (let first = 0; first < count; first += BLOCK) {
      const width = Math.min(BLOCK, count - first);
      for (let j = first; j < first + width; j++) {
        const at = pointer / 8 + j * (ld + 1);
        tau[j] = makeReflector(kernels, heap, rows - j, at);
        const others = first + width - j - 1;
        if (others === 0 || tau[j] === 0) continue;
        const beta = heap[at];
        heap[at] = 1;
        kernels.gemvT(rows - j, others, 8 * (at + ld), ld, 8 * at, sums);
        kernels.addOuter(rows - j, others, -tau[j], 8 * at, sums, 8 * (at + ld), ld);
        heap[at] = beta;
      }
      const right = cols - first - width;
      if (right === 0) continue;
      block.load(pointer + 8 * first * (ld + 1), ld, rows - first, width);
      block.triangle(tau.subarray(first, first + width), T, BLOCK);
      block.applyLeft(true, T, BLOCK, pointer + 8 * (first + (first + width) * ld), ld, right);
    }
  } finally {
    scratch.release();
  }
  return tau;
}
