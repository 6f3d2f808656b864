import { type Arena, gemmWorkBytes } from '@southwell/kernels';
import { makeReflector } from '../reflectors.ts';

/** Panel width. */
const PANEL = 32;

/** The result of the reduction, apart from the reflectors. */
export interface Bidiagonal {
  readonly diagonal: Float64Array;
  readonly above: Float64Array;
  readonly tauLeft: Float64Array;
  readonly tauRight: Float64Array;
}

/**
 * A = QBPᵀ with upper bidiagonal B, for the m × n matrix at `pointer`, m ≥ n, which is overwritten by the reflectors of
 * Q; those of P are stored below the diagonal, one row lower, in the n × n matrix at `right`. Blocked: half of the work
 * is in matrix-vector products, half in matrix products (LAPACK's dgebrd and dlabrd; Golub and Van Loan, §5.4.8).
 * O(4mn² − 4n³/3).
 */
export function reduceToBidiagonal(arena: Arena, pointer: number, m: number, n: number, right: number): Bidiagonal {
  const diagonal = new Float64Array(n);
  const above = new Float64Array(Math.max(0, n - 1));
  const tauLeft = new Float64Array(n);
  const tauRight = new Float64Array(Math.max(0, n - 1));
  const scratch = arena.scratch();
  try {
    const X = scratch.f64(m * PANEL).pointer;
    const Y = scratch.f64(n * PANEL).pointer;
    const row = scratch.f64(PANEL).pointer;
    const work = scratch.f64(gemmWorkBytes(m, n, PANEL) / 8).pointer;
    const { kernels } = arena;
    const heap = arena.f64;
    const at = (i: number, j: number) => pointer + 8 * (j * m + i);
    const p = (i: number, j: number) => right + 8 * (j * n + i);
    /** y ← y − M · (row r of N), where both matrices have `count` columns. */
    const subtract = (rows: number, count: number, M: number, ldm: number, N: number, ldn: number, y: number): void => {
      if (count === 0) return;
      for (let c = 0; c < count; c++) heap[row / 8 + c] = heap[N / 8 + c * ldn];
      kernels.gemv(rows, count, -1, M, ldm, row, 1, y);
    };
    /** y ← y − M·(Nᵀv). */
    const subtractProduct = (
      rows: number,
      count: number,
      M: number,
      ldm: number,
      inner: number,
      N: number,
      ldn: number,
      v: number,
      y: number,
    ): void => {
      if (count === 0) return;
      kernels.gemvT(inner, count, N, ldn, v, row);
      kernels.gemv(rows, count, -1, M, ldm, row, 1, y);
    };
    const scale = (from: number, count: number, factor: number): void => {
      for (let i = from / 8; i < from / 8 + count; i++) heap[i] *= factor;
    };
    for (let first = 0; first < n; first += PANEL) {
      const end = Math.min(n, first + PANEL);
      const x = (i: number, c: number) => X + 8 * (c * m + i);
      const y = (i: number, c: number) => Y + 8 * (c * n + i);
      for (let j = first; j < end; j++) {
        const done = j - first;
        const height = m - j;
        const width = n - j - 1;
        subtract(height, done, at(j, first), m, y(j, 0), n, at(j, j));
        subtract(height, done, x(j, 0), m, p(j, first), n, at(j, j));
        const v = at(j, j);
        tauLeft[j] = makeReflector(kernels, heap, height, v / 8);
        diagonal[j] = heap[v / 8];
        if (width === 0) continue;
        heap[v / 8] = 1;
        const yj = y(j + 1, done);
        kernels.gemvT(height, width, at(j, j + 1), m, v, yj);
        subtractProduct(width, done, y(j + 1, 0), n, height, at(j, first), m, v, yj);
        subtractProduct(width, done, p(j + 1, first), n, height, x(j, 0), m, v, yj);
        scale(yj, width, tauLeft[j]);
        // Row j, copied so that it is contiguous.
        const u = p(j + 1, j);
        for (let c = 0; c < width; c++) heap[u / 8 + c] = heap[at(j, j + 1 + c) / 8];
        subtract(width, done + 1, y(j + 1, 0), n, at(j, first), m, u);
        subtract(width, done, p(j + 1, first), n, x(j, 0), m, u);
        tauRight[j] = makeReflector(kernels, heap, width, u / 8);
        above[j] = heap[u / 8];
        heap[u / 8] = 1;
        const rest = height - 1;
        if (rest === 0) continue;
        const xj = x(j + 1, done);
        kernels.gemv(rest, width, 1, at(j + 1, j + 1), m, u, 0, xj);
        subtractProduct(rest, done + 1, at(j + 1, first), m, width, y(j + 1, 0), n, u, xj);
        subtractProduct(rest, done, x(j + 1, 0), m, width, p(j + 1, first), n, u, xj);
        scale(xj, rest, tauRight[j]);
      }
      const [rows, cols, size] = [m - end, n - end, end - first];
      if (rows === 0 || cols === 0) continue;
      const C = at(end, end);
      kernels.gemm(false, true, rows, cols, size, -1, at(end, first), m, y(end, 0), n, 1, C, m, work);
      kernels.gemm(false, true, rows, cols, size, -1, x(end, 0), m, p(end, first), n, 1, C, m, work);
    }
  } finally {
    scratch.release();
  }
  return { diagonal, above, tauLeft, tauRight };
}
