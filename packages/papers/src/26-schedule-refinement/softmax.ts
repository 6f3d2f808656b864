import type { GradientOracle, StochasticProblem } from 'southwell/optimisers';
import type { Labelled } from './sets.ts';

/** Multinomial logistic regression without a penalty, from zero: parameters are grouped by column of X. */
export interface Softmax extends StochasticProblem {
  readonly parameters: Float64Array;
  readonly gradient: Float64Array;
  /** The mean loss of all examples. */
  loss(parameters: ArrayLike<number>): number;
  /** The mean loss of all examples with its gradient, for deterministic solvers. */
  readonly oracle: GradientOracle;
}

export function softmax({ X, labels, width, classes }: Labelled): Softmax {
  const n = labels.length;
  const size = width * classes;
  const [parameters, gradient] = [new Float64Array(size), new Float64Array(size)];
  const scores = new Float64Array(classes);
  const everyone = Int32Array.from({ length: n }, (_, i) => i);

  /** The mean over some examples; without G no gradient is accumulated. */
  const evaluate = (P: ArrayLike<number>, batch: Int32Array, G?: Float64Array): number => {
    G?.fill(0);
    let total = 0;
    for (const i of batch) {
      scores.fill(0);
      const at = i * width;
      for (let j = 0; j < width; j++) {
        const v = X[at + j];
        if (v !== 0) for (let c = 0; c < classes; c++) scores[c] += v * P[j * classes + c];
      }
      let most = scores[0];
      for (let c = 1; c < classes; c++) if (scores[c] > most) most = scores[c];
      const own = scores[labels[i]] - most;
      let sum = 0;
      for (let c = 0; c < classes; c++) {
        scores[c] = Math.exp(scores[c] - most);
        sum += scores[c];
      }
      total += Math.log(sum) - own;
      if (!G) continue;
      for (let c = 0; c < classes; c++) scores[c] /= sum * batch.length;
      scores[labels[i]] -= 1 / batch.length;
      for (let j = 0; j < width; j++) {
        const v = X[at + j];
        if (v !== 0) for (let c = 0; c < classes; c++) G[j * classes + c] += v * scores[c];
      }
    }
    return total / batch.length;
  };
  return {
    ...{ examples: n, parameters, gradient },
    evaluate: (batch) => evaluate(parameters, batch, gradient),
    loss: (P) => evaluate(P, everyone),
    oracle: (x, g) => evaluate(x, everyone, g),
  };
}
