import * as ad from '@southwell/autodiff';
import type { MergingData } from 'southwell/merging';
import { RequestError } from '../../errors.ts';
import type { ModelNetwork, NetworkBatch } from '../../saved-model.ts';

/** Examples of which the loss is measured, and what it is. */
export interface Examples {
  readonly data: MergingData;
  readonly loss: string;
  /** Whether it is that of known labels. */
  readonly labelled: boolean;
}

/** The name of the only input of a network. Throws a message if it has several. */
export function inputOf(network: ModelNetwork, name: string): string {
  const names = Object.keys(network.example().inputs);
  if (names.length !== 1)
    throw new RequestError(`${name} has ${names.length} inputs (${names.join(', ')}): networks with one are merged.`);
  return names[0];
}

/** The inputs of batches, one after the other. */
export const joined = (batches: readonly NetworkBatch[], input: string): ad.Tensor =>
  ad.concat(
    batches.map(({ inputs }) => inputs[input]),
    0,
  );

/** Outputs of zeros have this mean square. */
const TINY = 1e-30;

/** Rows of outputs. */
const rowsOf = (y: ad.Tensor): ad.Tensor => ad.reshape(y, [-1, y.shape[y.rank - 1]]);

/** Mean of −log of the probability of known classes; of unknown ones, −1, there is none. */
function classLoss(outputs: ad.Tensor, targets: ad.Tensor): ad.Tensor {
  const flat = ad.reshape(targets, [-1]);
  const known = ad.clip(ad.add(flat, 1), 0, 1);
  const losses = ad.crossEntropy(rowsOf(outputs), ad.cast(ad.clip(flat, 0, Number.MAX_VALUE), 'i32'));
  return ad.div(ad.sum(ad.mul(known, losses)), ad.clip(ad.sum(known), 1, Number.MAX_VALUE));
}

/** Mean squared error, of numbers in deviations of the target. */
const squaredLoss = (outputs: ad.Tensor, targets: ad.Tensor): ad.Tensor => {
  const errors = ad.sub(ad.reshape(outputs, [-1]), ad.reshape(targets, [-1]));
  return ad.mean(ad.mul(errors, errors));
};

/**
 * What is measured of networks: the loss by labels if they are known, otherwise how far outputs are from the mean of those of two
 * networks, which average well if theirs are between.
 */
export function examplesOf(
  network: ModelNetwork,
  batches: readonly NetworkBatch[],
  input: string,
  mean: (inputs: ad.Tensor) => ad.Tensor,
): Examples {
  const inputs = joined(batches, input);
  const labelled = batches.every(({ labels }) => labels !== undefined);
  const labels = labelled ? batches.flatMap(({ labels: own }) => Array.from(own!)) : [];
  const [count] = inputs.shape;
  if (network.gives === 'classes' || network.gives === 'tokens') {
    const known = labels.some((label) => label >= 0);
    if (known) {
      const shape = [count, labels.length / count];
      const targets = ad.tensor(Float32Array.from(labels), { shape: shape[1] === 1 ? [count] : shape });
      return { data: { inputs, targets, loss: classLoss }, loss: 'cross-entropy in nats', labelled: true };
    }
  }
  if (network.gives === 'numbers' && labels.length === count && labels.every((label) => !Number.isNaN(label)))
    return {
      data: { inputs, targets: ad.tensor(Float32Array.from(labels)), loss: squaredLoss },
      loss: 'squared error, in variances of the target',
      labelled: true,
    };
  const targets = mean(inputs);
  const scale = Math.max(Float64Array.from(targets.data(), (v) => v * v).reduce((a, b) => a + b) / targets.size, TINY);
  return {
    data: { inputs, targets, loss: (y, t) => ad.div(squaredLoss(y, t), scale) },
    loss: 'squared distance of the outputs from the mean of both networks, relative to their squares',
    labelled: false,
  };
}
