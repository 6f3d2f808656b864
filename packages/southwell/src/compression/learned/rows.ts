import type { Values } from '@southwell/autodiff';
import { fail } from '@southwell/numerics/core';
import { rowsOf } from '../networks/calibrate.ts';
import { type LayerWeights, type Network, watchUses } from '../networks/layers.ts';

/** Numbers of inputs that are kept of a layer; of longer calibrations every second row is left out, as often as needed. */
const MOST = 1 << 24;

/** Inputs of a layer, row after row. */
export interface InputRows {
  readonly values: Float32Array;
  readonly count: number;
}

/** Keeps rows evenly spaced among all that come, in one pass: which ones depends on their number alone. */
class Thinned {
  private values = new Float32Array(0);
  private count = 0;
  private seen = 0;
  private every = 1;

  constructor(
    private readonly columns: number,
    private readonly most: number,
  ) {}

  add(given: Values): void {
    const { columns } = this;
    for (let from = 0; from < given.length; from += columns, this.seen++) {
      if (this.seen % this.every !== 0) continue;
      if (this.count === this.most) this.halve();
      if (this.seen % this.every !== 0) continue;
      if ((this.count + 1) * columns > this.values.length) {
        const grown = new Float32Array(Math.min(this.most, Math.max(64, 2 * this.count)) * columns);
        grown.set(this.values);
        this.values = grown;
      }
      const at = this.count++ * columns;
      for (let j = 0; j < columns; j++) this.values[at + j] = given[from + j];
    }
  }

  private halve(): void {
    const { columns, values } = this;
    this.count = Math.ceil(this.count / 2);
    for (let r = 1; r < this.count; r++) values.copyWithin(r * columns, 2 * r * columns, (2 * r + 1) * columns);
    this.every *= 2;
  }

  rows(): InputRows {
    return { values: this.values.subarray(0, this.count * this.columns), count: this.count };
  }
}

/**
 * The inputs of a layer over batches, for each of its uses; the run of a batch ends after the last.
 * @throws NON_FINITE, with the layer, for inputs that are NaN or infinite; as the network.
 */
export function inputRows<B>(
  network: Network<B>,
  batches: Iterable<B>,
  { name, turned, inputs, products }: LayerWeights,
): InputRows {
  const kept = new Thinned(inputs, Math.max(256, Math.floor(MOST / inputs)));
  for (const batch of batches) {
    let left = products;
    watchUses(network, batch, (use) => {
      if (use.name !== name || !use.rows || use.turned !== turned) return undefined;
      for (const values of rowsOf(use)) {
        for (let i = 0; i < values.length; i++)
          if (!Number.isFinite(values[i]))
            fail(
              'NON_FINITE',
              `The inputs of the layer '${name}' are not finite: input ${i % inputs} of a calibration row is ${values[i]}.`,
            );
        kept.add(values as Values);
      }
      left--;
      return left === 0;
    });
  }
  return kept.rows();
}
