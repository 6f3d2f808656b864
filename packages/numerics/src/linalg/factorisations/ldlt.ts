import type { DenseMatrix } from '../../arrays/index.ts';
import { fail } from '../../core/index.ts';
import { checkSquare, copyForFactor, largestEntry, leading, onColumns, type Vectors, workBytes } from './common.ts';
import { LongProduct } from './determinant.ts';

/** Panel width. */
const PANEL = 48;
/** (1 + √17)/8: element growth over a 2 × 2 step is then at most that over two 1 × 1 steps. */
const ALPHA = (1 + Math.sqrt(17)) / 8;

/** Numbers of positive, negative and zero eigenvalues. */
export interface Inertia {
  readonly positive: number;
  readonly negative: number;
  readonly zero: number;
}

/** The factorisation PAPᵀ = LDLᵀ of a symmetric matrix, where D has 1 × 1 and 2 × 2 blocks. */
export class LdltFactor {
  constructor(
    /** n × n, unit lower triangular; only the part below the diagonal is stored. */
    readonly L: DenseMatrix,
    /** The diagonal of D. */
    readonly diagonal: Float64Array,
    /** The subdiagonal of D: non-zero at k if rows k and k + 1 form a 2 × 2 block. */
    readonly below: Float64Array,
    /** Row k of PA is row permutation[k] of A. */
    readonly permutation: Int32Array,
  ) {}

  get n(): number {
    return this.L.rows;
  }

  /** The inertia of A, which by Sylvester's law is that of D. O(n). */
  inertia(): Inertia {
    const { diagonal, below, n } = this;
    let [positive, negative, zero] = [0, 0, 0];
    for (let k = 0; k < n; k++) {
      if (below[k] !== 0) {
        // 2 × 2 blocks are indefinite by the choice of pivots.
        positive++;
        negative++;
        k++;
      } else if (diagonal[k] > 0) positive++;
      else if (diagonal[k] < 0) negative++;
      else zero++;
    }
    return { positive, negative, zero };
  }

  /** det A as sign · e^log, and as a number, which is 0 or infinite if outside the range of doubles. O(n). */
  determinant(): { readonly sign: number; readonly log: number; readonly value: number } {
    const { diagonal, below, n } = this;
    const product = new LongProduct();
    for (let k = 0; k < n; k++) {
      const e = below[k];
      if (e !== 0) {
        // e²(d₁d₂/e² − 1), because d₁d₂ alone may overflow or underflow.
        product.multiply(e);
        product.multiply(e);
        product.multiply((diagonal[k] / e) * (diagonal[k + 1] / e) - 1);
        k++;
      } else product.multiply(diagonal[k]);
    }
    return { sign: product.sign, log: product.log, value: product.value };
  }

  /**
   * Solves AX = B for a vector or matrix B with n rows. O(2n²) per column.
   * @throws INVALID_SHAPE, NON_FINITE, SINGULAR for an exactly singular A.
   */
  solve<T extends Vectors>(B: T): T {
    const { n, L, diagonal, below, permutation } = this;
    for (let k = 0; k < n; k++) {
      if (below[k] !== 0) k++;
      else if (diagonal[k] === 0) {
        fail('SINGULAR', `The matrix is singular: pivot ${k + 1} is zero. Solve by svd(A), or shift the diagonal.`);
      }
    }
    return onColumns(L.arena, B, n, n, ({ pointer, count, work, kernels }) => {
      const heap = L.arena.f64;
      const ld = leading(n);
      const x = new Float64Array(n);
      for (let c = 0; c < count; c++) {
        const at = pointer / 8 + c * ld;
        for (let k = 0; k < n; k++) x[k] = heap[at + permutation[k]];
        heap.set(x, at);
      }
      kernels.triangularSolve(false, true, false, true, n, count, L.pointer, ld, pointer, ld, work);
      for (let c = 0; c < count; c++) {
        const at = pointer / 8 + c * ld;
        for (let k = 0; k < n; k++) {
          const e = below[k];
          if (e !== 0) {
            const [p, q] = [diagonal[k] / e, diagonal[k + 1] / e];
            const det = p * q - 1;
            const [u, v] = [heap[at + k] / e, heap[at + k + 1] / e];
            heap[at + k] = (q * u - v) / det;
            heap[at + k + 1] = (p * v - u) / det;
            k++;
          } else heap[at + k] /= diagonal[k];
        }
      }
      kernels.triangularSolve(false, true, true, true, n, count, L.pointer, ld, pointer, ld, work);
      for (let c = 0; c < count; c++) {
        const at = pointer / 8 + c * ld;
        for (let k = 0; k < n; k++) x[permutation[k]] = heap[at + k];
        heap.set(x, at);
      }
    });
  }

  /** Frees the memory immediately. The factor must not be used afterwards. */
  free(): void {
    this.L.free();
  }
}

/**
 * The LDLᵀ factorisation of a symmetric, possibly indefinite matrix with Bunch–Kaufman pivoting, in panels (Golub and
 * Van Loan, §4.4.4; LAPACK's dlasyf). Only the lower triangle is read; A is not modified. A singular matrix has a
 * factorisation too. O(n³/3).
 *
 * @example const { positive, negative, zero } = ldlt(A).inertia();
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function ldlt(A: DenseMatrix): LdltFactor {
  // Long because a column is reduced, tested, exchanged and divided in one loop over the panel, directly in kernel
  // memory.
  const n = checkSquare(A, 'ldlt');
  largestEntry(A, true);
  const L = copyForFactor(A, n * PANEL);
  const { arena } = L;
  const permutation = Int32Array.from({ length: n }, (_, k) => k);
  const [diagonal, below] = [new Float64Array(n), new Float64Array(n)];
  if (n === 0) return new LdltFactor(L, diagonal, below, permutation);
  const { lapack } = arena;
  if (lapack) {
    fromLibrary(L, lapack.sytrf(n, L.pointer, n), permutation, diagonal, below);
    return new LdltFactor(L, diagonal, below, permutation);
  }
  const scratch = arena.scratch();
  try {
    const W = scratch.f64(n * (PANEL + 1)).pointer;
    const row = scratch.f64(PANEL + 1).pointer;
    const work = scratch.f64(workBytes(n, n, PANEL) / 8).pointer;
    const { kernels } = arena;
    const heap = arena.f64;
    const a = L.pointer / 8;
    const w = W / 8;
    const at = (i: number, j: number) => a + j * n + i;
    let first = 0;
    /** Column c of W from row k on, minus the contribution of the panel's columns before k through their row r. */
    const reduce = (k: number, c: number, r: number): void => {
      const done = k - first;
      if (done === 0) return;
      for (let j = 0; j < done; j++) heap[row / 8 + j] = heap[w + j * n + r];
      kernels.gemv(n - k, done, -1, 8 * at(k, first), n, row, 1, W + 8 * (c * n + k));
    };
    const largest = (from: number, to: number, c: number): number => {
      let p = from;
      for (let i = from + 1; i < to; i++) if (Math.abs(heap[w + c * n + i]) > Math.abs(heap[w + c * n + p])) p = i;
      return p;
    };
    while (first < n) {
      // Every panel but the last leaves one column for a 2 × 2 step.
      const end = n - first <= PANEL ? n : first + PANEL - 1;
      let k = first;
      while (k < end) {
        const c = k - first;
        const now = w + c * n;
        const next = now + n;
        heap.copyWithin(now + k, at(k, k), at(n, k));
        reduce(k, c, k);
        const size = Math.abs(heap[now + k]);
        const p = k + 1 < n ? largest(k + 1, n, c) : k;
        const colMax = k + 1 < n ? Math.abs(heap[now + p]) : 0;
        let pivot = k;
        let two = false;
        if (size < ALPHA * colMax) {
          for (let j = k; j < p; j++) heap[next + j] = heap[at(p, j)];
          heap.copyWithin(next + p, at(p, p), at(n, p));
          reduce(k, c + 1, p);
          let rowMax = Math.abs(heap[next + largest(k, p, c + 1)]);
          if (p + 1 < n) rowMax = Math.max(rowMax, Math.abs(heap[next + largest(p + 1, n, c + 1)]));
          if (size >= ALPHA * colMax * (colMax / rowMax)) pivot = k;
          else {
            pivot = p;
            if (Math.abs(heap[next + p]) >= ALPHA * rowMax) heap.copyWithin(now + k, next + k, next + n);
            else two = true;
          }
        }
        const other = two ? k + 1 : k;
        if (pivot !== other) {
          // Column `other`, not yet reduced, moves to the position of the pivot column.
          heap[at(pivot, pivot)] = heap[at(other, other)];
          for (let i = other + 1; i < pivot; i++) heap[at(pivot, i)] = heap[at(i, other)];
          heap.copyWithin(at(pivot + 1, pivot), at(pivot + 1, other), at(n, other));
          for (let j = 0; j < k; j++) swap(heap, at(other, j), at(pivot, j));
          for (let j = first; j <= other; j++) swap(heap, w + (j - first) * n + other, w + (j - first) * n + pivot);
          [permutation[other], permutation[pivot]] = [permutation[pivot], permutation[other]];
        }
        if (!two) {
          const d = heap[now + k];
          diagonal[k] = d;
          if (d !== 0) for (let i = k + 1; i < n; i++) heap[at(i, k)] = heap[now + i] / d;
          else heap.fill(0, at(k + 1, k), at(n, k));
          k++;
        } else {
          const e = heap[now + k + 1];
          [diagonal[k], diagonal[k + 1], below[k]] = [heap[now + k], heap[next + k + 1], e];
          const [d1, d2] = [heap[next + k + 1] / e, heap[now + k] / e];
          const t = 1 / (d1 * d2 - 1);
          heap[at(k + 1, k)] = 0;
          for (let i = k + 2; i < n; i++) {
            const [u, v] = [heap[now + i] / e, heap[next + i] / e];
            heap[at(i, k)] = t * (d1 * u - v);
            heap[at(i, k + 1)] = t * (d2 * v - u);
          }
          k += 2;
        }
      }
      const rest = n - k;
      if (rest > 0) {
        kernels.addLower(rest, k - first, -1, 8 * at(k, first), n, W + 8 * k, n, 8 * at(k, k), n, work);
      }
      first = k;
    }
  } finally {
    scratch.release();
  }
  return new LdltFactor(L, diagonal, below, permutation);
}

/**
 * Extracts D and the permutation from the output of LAPACK's dsytrf, and exchanges the rows of finished columns, which
 * dsytrf does not do.
 */
function fromLibrary(
  L: DenseMatrix,
  pivots: Int32Array,
  permutation: Int32Array,
  diagonal: Float64Array,
  below: Float64Array,
): void {
  const { rows: n, data } = L;
  for (let k = 0; k < n; k++) {
    const two = pivots[k] < 0;
    const [other, pivot] = two ? [k + 1, -pivots[k] - 1] : [k, pivots[k] - 1];
    if (pivot !== other) {
      for (let j = 0; j < k; j++) swap(data, j * n + other, j * n + pivot);
      [permutation[other], permutation[pivot]] = [permutation[pivot], permutation[other]];
    }
    diagonal[k] = data[k * (n + 1)];
    if (two) {
      diagonal[k + 1] = data[(k + 1) * (n + 1)];
      below[k] = data[k * n + k + 1];
      data[k * n + k + 1] = 0;
      k++;
    }
  }
}

function swap(heap: Float64Array, i: number, j: number): void {
  const v = heap[i];
  heap[i] = heap[j];
  heap[j] = v;
}
