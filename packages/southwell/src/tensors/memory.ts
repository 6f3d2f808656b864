import { type Arena, arenaFor, gemmWorkBytes } from '@southwell/kernels';
import { DenseMatrix } from '@southwell/numerics/arrays';

/** Size of the packing buffers of matrix products, sufficient for all sizes. */
const WORK = gemmWorkBytes(1 << 20, 1 << 20, 1 << 20) / 8;

/** Kernel memory of one computation: buffers of doubles, freed together, and matrix products on them. */
export class Memory {
  readonly arena: Arena;
  private readonly held = new Set<DenseMatrix>();
  private readonly work: DenseMatrix;

  /** @param doubles Estimate of the total number of doubles. */
  constructor(doubles: number) {
    this.arena = arenaFor(8 * (doubles + WORK));
    this.work = this.room(WORK);
  }

  /** A buffer with undefined contents. Views of its `data` must be renewed after anything that allocates. */
  room(doubles: number): DenseMatrix {
    const room = DenseMatrix.create(Math.max(1, doubles), 1, { arena: this.arena, fill: false });
    this.held.add(room);
    return room;
  }

  hold(values: Float64Array): DenseMatrix {
    const room = this.room(values.length);
    room.data.set(values);
    return room;
  }

  give(room: DenseMatrix): void {
    if (this.held.delete(room)) room.free();
  }

  /** C ← op(A)·op(B) + β·C, column-major at pointers, m × n over k. */
  gemm(
    [transA, transB]: readonly [boolean, boolean],
    [m, n, k]: readonly [number, number, number],
    [A, lda]: readonly [number, number],
    [B, ldb]: readonly [number, number],
    [C, ldc]: readonly [number, number],
    beta = 0,
  ): void {
    this.arena.kernels.gemm(transA, transB, m, n, k, 1, A, lda, B, ldb, beta, C, ldc, this.work.pointer);
  }

  /** C ← AᵀA for A k × n, or AAᵀ for A n × k. */
  syrk(outer: boolean, n: number, k: number, A: number, lda: number, C: number): void {
    this.arena.kernels.syrk(outer, n, k, A, lda, C, n, this.work.pointer);
  }

  free(): void {
    for (const room of this.held) room.free();
    this.held.clear();
  }
}
