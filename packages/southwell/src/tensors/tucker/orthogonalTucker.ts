import { DenseMatrix } from '@southwell/numerics/arrays';
import { qr } from '@southwell/numerics/linalg';
import type { Memory } from '../memory.ts';
import { type Shape, sizeOf, stackOf } from '../tensor.ts';
import type { PlacedTensor, Projections } from './projections.ts';
import { leadingByGram } from './subspaces.ts';
import type { TuckerSweep } from './tuckerSweep.ts';

/** Maximum size of a side of a projected unfolding that is decomposed in full. */
const WHOLE = 64;

/**
 * Orthonormal factors by higher-order orthogonal iteration (De Lathauwer, De Moor and Vandewalle 2000): each factor in
 * turn becomes the leading left singular vectors of the tensor projected by the others. For long sides, two steps of
 * orthogonal iteration from the previous factor, which never decrease the norm of the projection.
 */
export class OrthogonalTucker implements TuckerSweep {
  core: Float64Array;

  constructor(
    private readonly projections: Projections,
    readonly factors: DenseMatrix[],
    private readonly ranks: Shape,
    private readonly memory: Memory,
    core: Float64Array,
  ) {
    this.core = core;
  }

  sweep(): number {
    let squares = 0;
    this.factors.forEach((_, mode) => {
      const Y = this.projections.allBut(mode, this.factors);
      squares += this.slope(Y, mode) ** 2;
      this.update(Y, mode);
      if (mode === this.factors.length - 1) this.core = this.coreOf(Y, mode);
    });
    return Math.sqrt(squares);
  }

  certificate(): number {
    let squares = 0;
    this.factors.forEach((_, mode) => {
      const Y = this.projections.allBut(mode, this.factors);
      squares += this.slope(Y, mode) ** 2;
      if (mode > 0) return;
      const best = this.coreOf(Y, mode);
      squares += best.reduce((sum, v, e) => sum + (v - this.core[e]) ** 2, 0);
    });
    return Math.sqrt(squares);
  }

  squaresKept(): number {
    return this.core.reduce((sum, v) => sum + v * v, 0);
  }

  private coreOf(Y: PlacedTensor, mode: number): Float64Array {
    const { room } = this.projections.project(Y, [mode], this.factors);
    return room.data.slice(0, sizeOf(this.ranks));
  }

  /** Norm of the component of Y Yᵀ U orthogonal to U: the gradient with respect to rotations of the factor. */
  private slope(Y: PlacedTensor, mode: number): number {
    const { Z, inner, n, r } = this.power(Y, mode);
    const U = this.factors[mode].data;
    const z = Z.data;
    let squares = 0;
    for (let a = 0; a < r; a++) {
      for (let i = 0; i < n; i++) {
        let v = z[a * n + i];
        for (let b = 0; b < r; b++) v -= U[b * n + i] * inner[a * r + b];
        squares += v * v;
      }
    }
    this.memory.give(Z);
    return Math.sqrt(squares);
  }

  /** Z = Y Yᵀ U, and UᵀZ. */
  private power({ room, shape }: PlacedTensor, mode: number) {
    const { memory, factors } = this;
    const U = factors[mode];
    const { before, size: n, after } = stackOf(shape, mode);
    const r = U.cols;
    const Z = memory.room(n * r);
    const C = memory.room(Math.max(before, after) * r);
    if (after === 1) {
      memory.gemm([true, false], [before, r, n], [room.pointer, n], [U.pointer, n], [C.pointer, before]);
      memory.gemm([false, false], [n, r, before], [room.pointer, n], [C.pointer, before], [Z.pointer, n]);
    } else {
      for (let l = 0; l < before; l++) {
        const Y = [room.pointer + 8 * l * n * after, after] as const;
        memory.gemm([false, false], [after, r, n], Y, [U.pointer, n], [C.pointer, after]);
        memory.gemm([true, false], [n, r, after], Y, [C.pointer, after], [Z.pointer, n], l === 0 ? 0 : 1);
      }
    }
    memory.give(C);
    const [u, z] = [U.data, Z.data];
    const inner = new Float64Array(r * r);
    for (let a = 0; a < r; a++) {
      for (let b = 0; b < r; b++) {
        let sum = 0;
        for (let i = 0; i < n; i++) sum += u[b * n + i] * z[a * n + i];
        inner[a * r + b] = sum;
      }
    }
    return { Z, inner, n, r };
  }

  private update(Y: PlacedTensor, mode: number): void {
    const U = this.factors[mode];
    const { rows: n, cols: r } = U;
    const others = sizeOf(Y.shape) / n;
    if (Math.min(n, others) > WHOLE || !this.whole(Y, mode)) {
      for (let step = 0; step < 2; step++) {
        const { Z } = this.power(Y, mode);
        const M = DenseMatrix.fromColumnMajor(Z.data.subarray(0, n * r), n, r);
        this.memory.give(Z);
        const factor = qr(M);
        const Q = factor.thinQ();
        U.data.set(Q.data);
        for (const spent of [M, factor, Q]) spent.free();
      }
    }
  }

  /**
   * By the Gram matrix of the shorter side; returns false if that does not resolve all singular values that are kept.
   */
  private whole({ room, shape }: PlacedTensor, mode: number): boolean {
    const U = this.factors[mode];
    const found = leadingByGram(this.memory, [room.pointer, shape, mode], { rank: U.cols });
    if (!found) return false;
    U.data.set(found.vectors.data.subarray(0, U.rows * U.cols));
    found.vectors.free();
    return true;
  }
}
