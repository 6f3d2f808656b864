import { asMatrix, CscMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';

/** A layer x ↦ activation(Wx + b). */
export interface ReluLayer {
  /** Outputs × inputs. */
  readonly weights: MatrixLike;
  /** Default 0. */
  readonly bias?: ArrayLike<number>;
  /** Default relu; identity is usual for the last layer. */
  readonly activation?: 'relu' | 'identity';
}

/** A network whose layers follow one another. */
export type ReluNetwork = readonly ReluLayer[];

/** A layer by dense rows. */
export interface CheckedLayer {
  readonly inputs: number;
  readonly outputs: number;
  readonly W: Float64Array;
  readonly b: Float64Array;
  readonly relu: boolean;
}

/** @throws INVALID_SHAPE, NON_FINITE, NOT_SUPPORTED for another activation. */
export function checkNetwork(network: ReluNetwork, inputs: number): readonly CheckedLayer[] {
  if (network.length === 0) fail('INVALID_SHAPE', 'The network has no layers.');
  let size = inputs;
  return network.map(({ weights, bias, activation = 'relu' }, k) => {
    const what = `Layer ${k + 1}`;
    if (activation !== 'relu' && activation !== 'identity') {
      fail('NOT_SUPPORTED', `${what} has the activation '${activation}'; only relu and identity are piecewise linear.`);
    }
    const M = asMatrix(weights);
    const { rows: outputs, cols } = M;
    if (cols !== size) fail('INVALID_SHAPE', `${what} takes ${cols} inputs, but there are ${size}.`);
    if (bias && bias.length !== outputs) {
      fail('INVALID_SHAPE', `${what} has ${outputs} outputs, but ${bias.length} biases.`);
    }
    const W = new Float64Array(outputs * cols);
    for (let j = 0; j < cols; j++) {
      if (M instanceof CscMatrix) {
        for (let p = M.colPointers[j]; p < M.colPointers[j + 1]; p++) W[M.rowIndices[p] * cols + j] += M.values[p];
      } else for (let i = 0; i < outputs; i++) W[i * cols + j] = M.data[j * outputs + i];
    }
    const b = bias ? Float64Array.from(bias) : new Float64Array(outputs);
    if (!W.every(Number.isFinite) || !b.every(Number.isFinite)) {
      fail('NON_FINITE', `${what} has weights or biases that are not finite.`);
    }
    size = outputs;
    return { inputs: cols, outputs, W, b, relu: activation === 'relu' };
  });
}

/** Wx + b of output i. */
export function preActivation({ W, b, inputs }: CheckedLayer, i: number, x: ArrayLike<number>): number {
  let sum = b[i];
  for (let j = 0; j < inputs; j++) sum += W[i * inputs + j] * x[j];
  return sum;
}

/** The least and the largest value of Wx + b of output i in a box. */
export function preActivationIn(
  { W, b, inputs }: CheckedLayer,
  i: number,
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
): readonly [number, number] {
  let low = b[i];
  let high = b[i];
  for (let j = 0; j < inputs; j++) {
    const w = W[i * inputs + j];
    low += w * (w > 0 ? lower[j] : upper[j]);
    high += w * (w > 0 ? upper[j] : lower[j]);
  }
  return [low, high];
}
