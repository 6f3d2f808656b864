import { DenseMatrix } from '@southwell/numerics/arrays';
import { matrixProduct } from '@southwell/numerics/linalg';
import { activations, type Following } from './activations.ts';
import type { InputRows } from './rows.ts';

/**
 * The squared error of what a layer gives on its inputs, after the bias and the activation that follow it, if they are known,
 * relative to the mean square of what the dense layer gives; with the derivative by the weights in closed form. Memory for the
 * calibration rows and their outputs in single precision, and for three batches.
 */
export class LayerLoss {
  readonly count: number;
  private readonly targets: Float32Array;
  private readonly energy: number;
  private readonly x: DenseMatrix;
  private readonly z: DenseMatrix;

  /** @param wanted - inputs for which the dense layer gives the targets, as many as `given`. */
  constructor(
    private readonly W: DenseMatrix,
    wanted: InputRows,
    private readonly given: InputRows,
    private readonly following: Following,
    batchSize: number,
  ) {
    const { rows: m, cols: n } = W;
    this.count = wanted.count;
    this.x = DenseMatrix.create(n, Math.max(1, Math.min(batchSize, this.count)));
    this.z = DenseMatrix.create(m, this.x.cols, { arena: this.x.arena });
    this.targets = new Float32Array(m * this.count);
    let energy = 0;
    const weights = this.matrix(W.data);
    this.inBatches(wanted, weights, (z, from, some) => {
      for (let i = 0; i < m * some; i++) {
        this.targets[from * m + i] = z[i];
        energy += z[i] * z[i];
      }
    });
    weights.free();
    this.energy = energy / Math.max(1, this.count);
  }

  /** A matrix of the layer's size where products can use it. */
  matrix(values?: Float64Array): DenseMatrix {
    const { rows, cols } = this.W;
    const made = DenseMatrix.create(rows, cols, { arena: this.x.arena });
    if (values) made.data.set(values);
    return made;
  }

  /**
   * The relative error on some of the calibration rows, and in `slope` its derivative by the weights; as many rows as were announced
   * at most. 0 if the dense layer gives only zeros. O(outputs·inputs) for each row.
   */
  slope(weights: DenseMatrix, rows: Int32Array, slope: DenseMatrix): number {
    const { x, z, given, targets, energy } = this;
    const { rows: m, cols: n } = this.W;
    const inputs = x.data;
    for (let r = 0; r < rows.length; r++) inputs.set(given.values.subarray(rows[r] * n, (rows[r] + 1) * n), r * n);
    inputs.fill(0, rows.length * n);
    matrixProduct(weights, x, z);
    const scale = energy > 0 ? 1 / (energy * rows.length) : 0;
    const { bias, activation } = this.following;
    const f = activation && activations[activation];
    const out = z.data;
    let error = 0;
    for (let r = 0, at = 0; r < rows.length; r++)
      for (let i = 0; i < m; i++, at++) {
        const before = bias ? out[at] + bias[i] : out[at];
        const difference = (f ? f.value(before) : before) - targets[rows[r] * m + i];
        error += difference * difference;
        out[at] = 2 * scale * difference * (f ? f.slope(before) : 1);
      }
    out.fill(0, rows.length * m);
    matrixProduct(z, x, slope, { transB: true });
    return error * scale;
  }

  /** The relative error on all calibration rows. O(outputs·inputs) for each. */
  error(weights: DenseMatrix): number {
    const { targets, energy, count } = this;
    const m = this.W.rows;
    if (energy === 0) return 0;
    let error = 0;
    this.inBatches(this.given, weights, (z, from, some) => {
      for (let i = 0; i < m * some; i++) error += (z[i] - targets[from * m + i]) ** 2;
    });
    return error / (energy * count);
  }

  /** Calls `seen` with what the layer gives after its activation, batch by batch. */
  private inBatches(
    { values, count }: InputRows,
    weights: DenseMatrix,
    seen: (z: Float64Array, from: number, some: number) => void,
  ): void {
    const { x, z } = this;
    const { rows: m, cols: n } = this.W;
    const { bias, activation } = this.following;
    const f = activation && activations[activation];
    for (let from = 0; from < count; from += x.cols) {
      const some = Math.min(x.cols, count - from);
      x.data.set(values.subarray(from * n, (from + some) * n));
      x.data.fill(0, some * n);
      matrixProduct(weights, x, z);
      const out = z.data;
      if (bias || f)
        for (let at = 0; at < m * some; at++) {
          const before = bias ? out[at] + bias[at % m] : out[at];
          out[at] = f ? f.value(before) : before;
        }
      seen(out, from, some);
    }
  }

  free(): void {
    this.x.free();
    this.z.free();
  }
}
