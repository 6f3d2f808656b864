import { modelKernels } from '@southwell/kernels/models';
import type { DenseMatrix } from '@southwell/numerics/arrays';

/**
 * The parameters of a network with one hidden layer of sigmoid units except the first layer, which is given by its
 * products with the rows.
 */
export interface NetworkTail {
  /** One for each unit. */
  readonly biases: Float64Array;
  /** Output weights of the units. */
  readonly second: Float64Array;
  /** The bias of the output, an array of length 1. */
  readonly last: Float64Array;
}

/**
 * Half the mean squared error of a network that predicts `target`, plus ridge/2 times the squares of `second`; writes
 * the gradient by these parts to `into`. Column `from` + u of Z contains the products of the rows with the input
 * weights of unit u, and is overwritten by the derivatives by them. `error` is workspace, one entry for each row. O(n)
 * a unit.
 */
export function networkLoss(
  target: Float64Array,
  Z: DenseMatrix,
  from: number,
  { biases, second, last }: NetworkTail,
  ridge: number,
  into: NetworkTail,
  error: Float64Array,
): number {
  const n = target.length;
  let loss = 0;
  for (let i = 0; i < n; i++) error[i] = last[0] - target[i];
  for (let u = 0; u < biases.length; u++) {
    const [z, weight] = [Z.column(from + u), second[u]];
    Z.arena.use(modelKernels).sigmoids(n, biases[u], Z.pointer + 8 * (from + u) * n);
    for (let i = 0; i < n; i++) error[i] += weight * z[i];
  }
  let total = 0;
  for (let i = 0; i < n; i++) {
    loss += error[i] ** 2 / (2 * n);
    error[i] /= n;
    total += error[i];
  }
  into.last[0] = total;
  // The output of each unit is overwritten by the derivative by its input.
  for (let u = 0; u < biases.length; u++) {
    const [z, weight] = [Z.column(from + u), second[u]];
    let [gWeight, gBias] = [0, 0];
    for (let i = 0; i < n; i++) {
      gWeight += error[i] * z[i];
      z[i] = error[i] * weight * z[i] * (1 - z[i]);
      gBias += z[i];
    }
    into.second[u] = gWeight + ridge * weight;
    into.biases[u] = gBias;
    loss += (ridge / 2) * weight ** 2;
  }
  return loss;
}
