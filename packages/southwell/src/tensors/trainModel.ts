import { fail } from '@southwell/numerics/core';
import { Memory } from './memory.ts';
import { checkIndices, type Shape, sizeOf, Tensor } from './tensor.ts';
import { errorBetween } from './tucker/tuckerModel.ts';

/**
 * A tensor train: entry (i, j, …) is the product of matrices G₁(i) G₂(j) …; core k is rank_k × n_k × rank_{k+1},
 * row-major, with first and last rank 1.
 */
export interface TrainPoint {
  readonly cores: readonly Tensor[];
}

/** The result of {@link TrainModel.toJSON}. */
export interface TrainData {
  readonly kind: 'train';
  readonly shape: Shape;
  /** Ranks between modes: one fewer than modes. */
  readonly ranks: Shape;
  readonly cores: ReadonlyArray<readonly number[]>;
}

/** A tensor train. */
export class TrainModel implements TrainPoint {
  readonly kind = 'train';
  readonly shape: Shape;
  /** Ranks between modes: one fewer than modes. */
  readonly ranks: Shape;
  readonly cores: readonly Tensor[];

  /** @throws INVALID_SHAPE. */
  constructor({ cores }: TrainPoint) {
    cores.forEach((core, k) => {
      const before = k === 0 ? 1 : cores[k - 1].shape[2];
      const ends = k === cores.length - 1 ? core.shape[2] === 1 : true;
      if (core.order !== 3 || core.shape[0] !== before || !ends) {
        fail(
          'INVALID_SHAPE',
          `Core ${k + 1} of a tensor train must have the shape ${before} × mode size × next rank, with last rank 1.`,
        );
      }
    });
    this.cores = cores;
    this.shape = cores.map(({ shape }) => shape[1]);
    this.ranks = cores.slice(1).map(({ shape }) => shape[0]);
  }

  /** Number of parameters. */
  get parameters(): number {
    return this.cores.reduce((sum, { data }) => sum + data.length, 0);
  }

  /** The value at given indices, from 0. O(modes · rank²). @throws INVALID_PARAMETER. */
  at(indices: readonly number[]): number {
    checkIndices(this.shape, indices);
    let row = Float64Array.of(1);
    this.cores.forEach(({ data, shape: [r, n, s] }, k) => {
      const next = new Float64Array(s);
      for (let a = 0; a < r; a++) {
        const from = (a * n + indices[k]) * s;
        for (let b = 0; b < s; b++) next[b] += row[a] * data[from + b];
      }
      row = next;
    });
    return row[0];
  }

  reconstruct(): Tensor {
    const { shape } = this;
    const longest = Math.max(...this.cores.map((core, k) => sizeOf(shape.slice(0, k + 1)) * core.shape[2]));
    const memory = new Memory(2 * longest);
    try {
      let [from, to] = [memory.room(longest), memory.room(longest)];
      from.data.set(this.cores[0].data);
      let rows = shape[0];
      for (const {
        data,
        shape: [r, n, s],
      } of this.cores.slice(1)) {
        const core = memory.hold(data);
        // Row-major (rows × r)·(r × ns), that is, column-major the transposes in reverse order.
        memory.gemm([false, false], [n * s, rows, r], [core.pointer, n * s], [from.pointer, r], [to.pointer, n * s]);
        memory.give(core);
        [from, to] = [to, from];
        rows *= n;
      }
      return new Tensor(shape, from.data.slice(0, sizeOf(shape)));
    } finally {
      memory.free();
    }
  }

  /** ‖tensor − this‖ / ‖tensor‖, computed entry by entry. @throws INVALID_SHAPE. */
  relativeError(tensor: Tensor): number {
    return errorBetween(tensor, this.reconstruct());
  }

  toJSON(): TrainData {
    return {
      ...{ kind: 'train', shape: this.shape, ranks: this.ranks },
      cores: this.cores.map(({ data }) => [...data]),
    };
  }

  /** @throws INVALID_SHAPE, EMPTY. */
  static fromJSON({ shape, ranks, cores }: TrainData): TrainModel {
    const all = [1, ...ranks, 1];
    return new TrainModel({ cores: cores.map((values, k) => Tensor.from([all[k], shape[k], all[k + 1]], values)) });
  }
}
