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
 * takes the gradient by these parts. `column(u)` holds the products of the rows with the weights into unit u, and holds
 * the derivative by them afterwards. `error` is for work, one a row. O(n) a unit.
 */
export function networkLoss(
  target: Float64Array,
  column: (unit: number) => Float64Array,
  { biases, second, last }: NetworkTail,
  ridge: number,
  into: NetworkTail,
  error: Float64Array,
): number {
  const n = target.length;
  let loss = 0;
  for (let i = 0; i < n; i++) error[i] = last[0] - target[i];
  for (let u = 0; u < biases.length; u++) {
    const [z, bias, weight] = [column(u), biases[u], second[u]];
    for (let i = 0; i < n; i++) {
      z[i] = 1 / (1 + Math.exp(-z[i] - bias));
      error[i] += weight * z[i];
    }
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
    const [z, weight] = [column(u), second[u]];
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
