import { fail } from '@southwell/numerics/core';
import { compile } from '../programs/compile.ts';
import type { Program } from '../programs/program.ts';
import { type Shape, sizeOf } from '../shapes.ts';
import { owning, type Tensor, zeros } from '../tensor.ts';
import { vmap } from './vmap.ts';

/** Groups of columns (or rows) of a matrix, and where the products with them have its entries. */
export interface Compression {
  /** The group of each column, and the number of groups. */
  readonly colours: Int32Array;
  readonly count: number;
  /** Entry k is element `places[k]` of product `groups[k]`. */
  readonly groups: Int32Array;
  readonly places: Int32Array;
}

/** Elements of the batch of seeds that a run of the program takes at most, unless a single seed has more. */
const BATCH = 2 ** 20;

/** The products of a matrix with the sums of its groups of columns, by a program that is compiled once. */
export class Products {
  private readonly program: Program<readonly Tensor[], Tensor> | undefined;
  private readonly batch: number;
  private readonly from: Int32Array;

  constructor(
    /** The product of the matrix at the arguments with a vector, the first parameter. */
    product: (seed: Tensor, ...args: readonly Tensor[]) => Tensor,
    args: readonly Tensor[],
    shape: Shape,
    private readonly compression: Compression,
  ) {
    const { count, groups, places } = compression;
    const size = sizeOf(shape);
    this.batch = Math.max(1, Math.min(count, Math.floor(BATCH / Math.max(1, size))));
    this.from = new Int32Array(groups.length);
    // Without entries there is nothing to compute.
    if (groups.length === 0) return;
    const { dtype } = args[0];
    const seeds = owning(zeros(dtype, this.batch * size), dtype, [this.batch, ...shape]);
    const many = vmap(product as never, { axes: [0, ...args.map(() => null)] }) as typeof product;
    this.program = compile(many).prepare(seeds, ...args) as unknown as Program<readonly Tensor[], Tensor>;
    const length = this.program.outputs[0].length / this.batch;
    for (let k = 0; k < groups.length; k++) this.from[k] = groups[k] * length + places[k];
    if (this.batch === count) this.seed(0);
  }

  /** Writes the seeds of the groups from `first` on. */
  private seed(first: number): void {
    const { colours } = this.compression;
    const { data } = this.program!.inputs[0];
    data.fill(0);
    for (let j = 0; j < colours.length; j++) {
      const own = colours[j] - first;
      if (own >= 0 && own < this.batch) data[own * colours.length + j] = 1;
    }
  }

  /**
   * values ← the entries of the matrix at these arguments.
   * @throws INVALID_SHAPE if lengths do not match.
   */
  write(args: ReadonlyArray<ArrayLike<number>>, values: Float64Array): void {
    const { program, batch, from } = this;
    const { count } = this.compression;
    if (values.length !== from.length)
      fail('INVALID_SHAPE', `The pattern has ${from.length} entries, but the array for them has ${values.length}.`);
    if (!program) return;
    args.forEach((x, i) => {
      const to = program.inputs[i + 1];
      if (x.length !== to.length)
        fail('INVALID_SHAPE', `There are ${to.length} variables, but ${x.length} values were given.`);
      to.data.set(x);
    });
    if (batch === count) {
      program.run();
      const { data } = program.outputs[0];
      for (let k = 0; k < from.length; k++) values[k] = data[from[k]];
      return;
    }
    for (let first = 0; first < count; first += batch) {
      this.seed(first);
      program.run();
      const { data } = program.outputs[0];
      const start = (first * data.length) / batch;
      for (let k = 0; k < from.length; k++) {
        const at = from[k] - start;
        if (at >= 0 && at < data.length) values[k] = data[at];
      }
    }
  }

  free(): void {
    this.program?.free();
  }
}
