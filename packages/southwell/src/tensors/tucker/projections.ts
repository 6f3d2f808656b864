import type { DenseMatrix } from '@southwell/numerics/arrays';
import { cutOf } from '../cp/mttkrp.ts';
import type { Memory } from '../memory.ts';
import { modeProductInto } from '../products.ts';
import { type Shape, sizeOf } from '../tensor.ts';

/** A tensor in kernel memory. */
export interface PlacedTensor {
  readonly room: DenseMatrix;
  readonly shape: Shape;
}

/**
 * A tensor in kernel memory and its products with the transposes of factors: with those of either half of its modes,
 * which all modes of the other half share, so that a sweep over all modes reads the tensor only twice.
 */
export class Projections {
  private readonly cut: number;
  private readonly rooms: readonly [DenseMatrix, DenseMatrix];
  private readonly half: DenseMatrix;
  private halfShape: Shape = [];

  constructor(
    readonly tensor: PlacedTensor,
    ranks: Shape,
    private readonly memory: Memory,
  ) {
    const { shape } = tensor;
    this.cut = cutOf(shape);
    const sides = [this.modes('right'), this.modes('left')];
    const after = (modes: readonly number[]) => sizeOf(shape.map((n, k) => (modes.includes(k) ? ranks[k] : n)));
    const halves = Math.max(...sides.map(after));
    const longest = Math.max(halves, ...sides.map((modes) => after(modes.slice(0, 1))));
    // Products over all modes but one follow in any order; intermediate results may grow where a rank equals the size
    // of its mode.
    this.rooms = [memory.room(longest), memory.room(longest)];
    this.half = memory.room(halves);
  }

  /** The modes of a half, ordered so that products with the full tensor are single matrix products. */
  private modes(side: 'left' | 'right'): number[] {
    const all = this.tensor.shape.map((_, k) => k);
    return side === 'left' ? all.slice(0, this.cut) : all.slice(this.cut).reverse();
  }

  /** Projects the modes of the other half, for those of this one. */
  private prepare(side: 'left' | 'right', factors: readonly DenseMatrix[]): void {
    const { room, shape } = this.project(this.tensor, this.modes(side === 'left' ? 'right' : 'left'), factors);
    const { half } = this;
    half.data.set(room.data.subarray(0, sizeOf(shape)));
    this.halfShape = shape;
  }

  /**
   * The tensor with all modes but one projected: valid until the next call. Modes must be requested in ascending order.
   */
  allBut(mode: number, factors: readonly DenseMatrix[]): PlacedTensor {
    if (mode === 0) this.prepare('left', factors);
    if (mode === this.cut) this.prepare('right', factors);
    const own = this.modes(mode < this.cut ? 'left' : 'right').filter((k) => k !== mode);
    return this.project({ room: this.half, shape: this.halfShape }, own, factors);
  }

  /** Successive products with the transposes of factors. */
  project(from: PlacedTensor, modes: readonly number[], factors: readonly DenseMatrix[]): PlacedTensor {
    return modes.reduce(({ room, shape }: PlacedTensor, k) => {
      const next = room === this.rooms[0] ? this.rooms[1] : this.rooms[0];
      const into = modeProductInto(this.memory, [room.pointer, shape], k, factors[k], true, next.pointer, true);
      return { room: next, shape: into };
    }, from);
  }
}
