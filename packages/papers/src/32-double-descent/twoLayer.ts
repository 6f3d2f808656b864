import type { Random } from '@southwell/numerics/core';
import type { Examples } from 'southwell/training';
import type { Images } from '../material/images.ts';

const CLASSES = 10;

export interface NoisyDigits {
  readonly train: Examples;
  readonly test: Examples;
  /** The error rate of outputs on the test set. */
  wrong(outputs: ArrayLike<number>): number;
}

/** Random 8 × 8 digits with one-hot targets; a fraction of the training labels is replaced. */
export function noisyDigits(
  { X, labels }: Images,
  { examples: count, tests, noise }: { readonly examples: number; readonly tests: number; readonly noise: number },
  random: Random,
): NoisyDigits {
  const order = random.permutation(X.rows);
  const noisy = random.permutation(count).subarray(0, Math.round(noise * count));
  const pick = (rows: Int32Array, altered: Int32Array): { examples: Examples; classes: Int32Array } => {
    const classes = Int32Array.from(rows, (i) => labels[i]);
    for (const i of altered) classes[i] = (classes[i] + 1 + random.integer(CLASSES - 1)) % CLASSES;
    const inputs = new Float32Array(64 * rows.length);
    for (const [i, row] of rows.entries()) for (let j = 0; j < 64; j++) inputs[64 * i + j] = X.get(row, j) / 16;
    const targets = new Float32Array(CLASSES * rows.length);
    for (const [i, c] of classes.entries()) targets[CLASSES * i + c] = 1;
    const examples = {
      count: rows.length,
      inputs: { values: inputs, shape: [64] },
      targets: { values: targets, shape: [CLASSES] },
    };
    return { examples, classes };
  };
  const train = pick(order.subarray(0, count), noisy);
  const test = pick(order.subarray(count, count + tests), new Int32Array(0));
  return {
    train: train.examples,
    test: test.examples,
    wrong(outputs) {
      let mistakes = 0;
      for (const [i, c] of test.classes.entries()) {
        let best = 0;
        for (let k = 1; k < CLASSES; k++) if (outputs[CLASSES * i + k] > outputs[CLASSES * i + best]) best = k;
        if (best !== c) mistakes++;
      }
      return mistakes / test.classes.length;
    },
  };
}

/** The largest rise of a curve above its previous minimum: 0 for a decreasing one. */
export function risesBy(curve: readonly number[]): number {
  let [least, rise] = [Number.POSITIVE_INFINITY, 0];
  for (const v of curve) {
    least = Math.min(least, v);
    rise = Math.max(rise, v - least);
  }
  return rise;
}
