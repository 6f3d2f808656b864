import { modelKernels } from '@southwell/kernels/models';
import type { DenseMatrix } from '@southwell/numerics/arrays';

/** The parts of a network with one hidden layer of sigmoid units, beside the first layer, which comes as products. */
export interface NetworkTail {
  /** One a unit. */
  readonly biases: Float64Array;
  /** Weights of the units in the output. */
  readonly second: Float64Array;
  /** The bias of the output, alone. */
  readonly last: Float64Array;
}

/**
 * Half the mean squared error of a network that explains `target`, with ridge/2 times the squares of `second`; `into`
 * takes the gradient by these parts. Column `from` + u of Z holds the products of the rows with the weights into unit u, and
 * the derivative by them afterwards. `error` is for work, one a row. O(n) a unit.
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
  // Each unit's output becomes the derivative by its input.
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
