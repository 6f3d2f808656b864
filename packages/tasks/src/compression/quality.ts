import type { Parameters } from '@southwell/autodiff/nn';
import type { Gives, ModelNetwork, NetworkBatch } from '../saved-model.ts';

/** How near the outputs of a network are to those of another, or to the truth. */
export interface Quality {
  /** Squared error of the outputs, relative to their squares. */
  readonly error: number;
  /** Share of rows whose largest output is the same; of networks with several outputs. */
  readonly agreement?: number;
  /** Mean divergence of the probabilities from those of the dense network, in nats; of networks that give logits. */
  readonly divergence?: number;
  /** Of rows whose class or next token is known: share that is right, and mean of −log of its probability. */
  readonly accuracy?: number;
  readonly loss?: number;
  /** Of rows whose number is known: R². */
  readonly r2?: number;
}

interface Outputs {
  readonly values: ArrayLike<number>;
  readonly width: number;
}

/** The outputs of a network for batches, in rows. */
export function outputsFor(network: ModelNetwork, parameters: Parameters, batches: readonly NetworkBatch[]): Outputs[] {
  return batches.map(({ inputs }) => {
    const y = network.apply(parameters, inputs);
    return { values: y.data(), width: y.rank > 1 ? y.shape[y.rank - 1] : 1 };
  });
}

/** Logarithms of the probabilities of a row of logits. */
function logShares(values: ArrayLike<number>, from: number, width: number, out: Float64Array): void {
  let most = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < width; k++) most = Math.max(most, values[from + k]);
  let sum = 0;
  for (let k = 0; k < width; k++) sum += Math.exp(values[from + k] - most);
  const log = Math.log(sum) + most;
  for (let k = 0; k < width; k++) out[k] = values[from + k] - log;
}

function largest(values: ArrayLike<number>, from: number, width: number): number {
  let best = 0;
  for (let k = 1; k < width; k++) if (values[from + k] > values[from + best]) best = k;
  return best;
}

/** Compares outputs with those of the dense network for the same batches, and with labels where there are some. */
export function qualityOf(
  gives: Gives,
  dense: readonly Outputs[],
  outputs: readonly Outputs[],
  batches: readonly NetworkBatch[],
): Quality {
  const logits = gives === 'classes' || gives === 'tokens';
  let [above, below, rows, same, divergence, known, right, loss] = [0, 0, 0, 0, 0, 0, 0, 0];
  const residuals: Array<readonly [truth: number, found: number]> = [];
  const { width } = dense[0];
  const [p, q] = [new Float64Array(width), new Float64Array(width)];
  dense.forEach(({ values: a }, b) => {
    const { values } = outputs[b];
    const { labels } = batches[b];
    for (let i = 0; i < a.length; i++) {
      above += (values[i] - a[i]) ** 2;
      below += a[i] ** 2;
    }
    for (let row = 0, from = 0; from < a.length; row++, from += width) {
      rows++;
      const found = largest(values, from, width);
      if (found === largest(a, from, width)) same++;
      if (gives === 'numbers' && width === 1 && labels && !Number.isNaN(labels[row]))
        residuals.push([labels[row], values[from]]);
      if (!logits) continue;
      logShares(a, from, width, p);
      logShares(values, from, width, q);
      for (let k = 0; k < width; k++) divergence += Math.exp(p[k]) * (p[k] - q[k]);
      const label = labels?.[row] ?? -1;
      if (label < 0) continue;
      known++;
      loss -= q[label];
      if (found === label) right++;
    }
  });
  return {
    error: below === 0 ? 0 : above / below,
    ...(width > 1 ? { agreement: same / rows } : {}),
    ...(logits ? { divergence: divergence / rows } : {}),
    ...(known > 0 ? { accuracy: right / known, loss: loss / known } : {}),
    ...(residuals.length > 1 ? { r2: r2Of(residuals) } : {}),
  };
}

function r2Of(pairs: ReadonlyArray<readonly [truth: number, found: number]>): number {
  const mean = pairs.reduce((sum, [truth]) => sum + truth, 0) / pairs.length;
  let [residual, total] = [0, 0];
  for (const [truth, found] of pairs) {
    residual += (truth - found) ** 2;
    total += (truth - mean) ** 2;
  }
  return total === 0 ? Number.NaN : 1 - residual / total;
}
