import { gemmWorkBytes } from '@southwell/kernels';
import { DenseMatrix } from '@southwell/numerics/arrays';

/** Matrices of one size in one arena, whose blocks of b rows or b columns are multiplied by b × b blocks of a diagonal. */
export class BlockProducts {
  private readonly work: DenseMatrix;

  constructor(
    readonly rows: number,
    readonly columns: number,
    readonly b: number,
    readonly arena: DenseMatrix['arena'],
  ) {
    const [m, n] = [rows, columns];
    const most = Math.max(
      gemmWorkBytes(b, n, b),
      gemmWorkBytes(m, b, b),
      gemmWorkBytes(b, b, n),
      gemmWorkBytes(b, b, m),
    );
    this.work = DenseMatrix.create(Math.ceil(most / 8), 1, { arena });
  }

  /** out ← A·S, A block-diagonal with `rows`/b blocks; or Aᵀ·S. */
  left(A: DenseMatrix, S: DenseMatrix, out: DenseMatrix, transposed = false): void {
    const { rows: m, columns: n, b } = this;
    for (let i = 0; i < m; i += b)
      this.gemm(transposed, false, b, n, b, A.pointer + 8 * i * b, b, S.pointer + 8 * i, m, out.pointer + 8 * i, m);
  }

  /** out ← S·B, B block-diagonal with `columns`/b blocks; or S·Bᵀ. */
  right(S: DenseMatrix, B: DenseMatrix, out: DenseMatrix, transposed = false): void {
    const { rows: m, columns: n, b } = this;
    for (let j = 0; j < n; j += b) {
      const at = 8 * j * m;
      this.gemm(false, transposed, m, b, b, S.pointer + at, m, B.pointer + 8 * j * b, b, out.pointer + at, m);
    }
  }

  /** The diagonal blocks of G·Sᵀ, b × b each. */
  leftGradient(G: DenseMatrix, S: DenseMatrix, out: DenseMatrix): void {
    const { rows: m, columns: n, b } = this;
    for (let i = 0; i < m; i += b)
      this.gemm(false, true, b, b, n, G.pointer + 8 * i, m, S.pointer + 8 * i, m, out.pointer + 8 * i * b, b);
  }

  /** The diagonal blocks of Sᵀ·G, b × b each. */
  rightGradient(S: DenseMatrix, G: DenseMatrix, out: DenseMatrix): void {
    const { rows: m, columns: n, b } = this;
    for (let j = 0; j < n; j += b) {
      const at = 8 * j * m;
      this.gemm(true, false, b, b, m, S.pointer + at, m, G.pointer + at, m, out.pointer + 8 * j * b, b);
    }
  }

  /** Frees the scratch memory. */
  free(): void {
    this.work.free();
  }

  private gemm(
    turnA: boolean,
    turnB: boolean,
    m: number,
    n: number,
    k: number,
    ...[a, lda, b, ldb, c, ldc]: readonly [number, number, number, number, number, number]
  ): void {
    this.arena.kernels.gemm(turnA, turnB, m, n, k, 1, a, lda, b, ldb, 0, c, ldc, this.work.pointer);
  }
}
