import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { Tensor } from './index.ts';

/** Shared by tests: random tensors, and reference sums by plain loops. */

export const drawn = (shape: readonly number[], seed = 1): Tensor => {
  const random = new Random(seed);
  return Tensor.fromFunction(shape, () => random.normal());
};

export const drawnMatrix = (rows: number, cols: number, seed = 1, positive = false): DenseMatrix => {
  const random = new Random(seed);
  const values = Float64Array.from({ length: rows * cols }, () => (positive ? random.uniform() : random.normal()));
  return DenseMatrix.fromColumnMajor(values, rows, cols);
};

/** Σ over a of weight·∏ factors(i_k, a), by loops. */
export const sumOfRankOnes = (factors: readonly DenseMatrix[], weights?: ArrayLike<number>): Tensor =>
  Tensor.fromFunction(
    factors.map(({ rows }) => rows),
    (at) => {
      let sum = 0;
      for (let a = 0; a < factors[0].cols; a++) {
        sum += factors.reduce((product, factor, k) => product * factor.get(at[k], a), weights?.[a] ?? 1);
      }
      return sum;
    },
  );

export const lowRank = (shape: readonly number[], rank: number, seed = 1, positive = false): Tensor =>
  sumOfRankOnes(shape.map((n, k) => drawnMatrix(n, rank, 10 * seed + k, positive)));

/** A tensor plus noise whose norm is this fraction of its own. */
export function noisy(tensor: Tensor, share: number, seed = 5): Tensor {
  const noise = drawn(tensor.shape, seed);
  const scale = (share * norm(tensor)) / norm(noise);
  return new Tensor(
    tensor.shape,
    tensor.data.map((v, e) => v + scale * noise.data[e]),
  );
}

export const norm = ({ data }: Tensor): number => Math.sqrt(data.reduce((sum, v) => sum + v * v, 0));

export const distance = (a: Tensor, b: Tensor): number =>
  Math.sqrt(a.data.reduce((sum, v, e) => sum + (v - b.data[e]) ** 2, 0));
