/** Shared by the tests of this folder. */
import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';

/** Sines and squares of causes with noise: 0 → 1, 0 → 2, 1 → 2, 2 → 3 in hidden places. */
export function nonlinear(seed: number, n: number): { readonly truth: DenseMatrix; readonly X: DenseMatrix } {
  const random = new Random(seed);
  const at = random.permutation(4);
  const X = DenseMatrix.create(n, 4);
  const truth = DenseMatrix.create(4, 4);
  for (const [i, j] of [
    [0, 1],
    [0, 2],
    [1, 2],
    [2, 3],
  ]) {
    truth.set(at[i], at[j], 1);
  }
  for (let i = 0; i < n; i++) {
    const a = 2 * random.uniform() - 1;
    const b = 2 * Math.sin(3 * a) + 0.5 * random.normal();
    const c = b ** 2 / 2 + 2 * a + 0.5 * random.normal();
    const e = 2 * Math.sin(2 * c) + 0.5 * random.normal();
    [a, b, c, e].forEach((v, k) => {
      X.set(i, at[k], v);
    });
  }
  return { truth, X };
}
