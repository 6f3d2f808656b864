/** The second decay is that of the study, 0.99 in place of the library's 0.999, since runs are short. */
export const betas = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8 };

/** Adam's moments before a batch; together with its gradient they give a direction. */
export interface Moments {
  readonly mean: Float64Array;
  readonly square: Float64Array;
  readonly steps: number;
}

/** Adam's step by its formula, downhill. */
export function adamDirection({ mean, square, steps: before }: Moments, gradient: Float64Array): Float64Array {
  const { beta1, beta2, epsilon } = betas;
  const [c1, c2] = [1 - beta1 ** (before + 1), 1 - beta2 ** (before + 1)];
  return gradient.map((g, k) => {
    const m = (beta1 * mean[k] + (1 - beta1) * g) / c1;
    const v = (beta2 * square[k] + (1 - beta2) * g * g) / c2;
    return -m / (Math.sqrt(v) + epsilon);
  });
}
