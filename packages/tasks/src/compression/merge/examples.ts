import * as ad from '@southwell/autodiff';
import type { MergingData } from 'southwell/merging';
import { RequestError } from '../../errors.ts';
import type { ModelNetwork, NetworkBatch } from '../../saved-model.ts';
import { type Known, labelledExamples, lossSums } from '../losses.ts';
import type { Material } from '../material.ts';

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

/**
 * Batches whose examples have as many entries each, since they are joined: of texts those with the most common number of tokens, if
 * possible one that both the batches that calibrate and those that judge have.
 */
export function ofOneLength(material: Material, input: string): Material {
  const lengthOf = (batch: NetworkBatch): string => batch.inputs[input].shape.slice(1).join();
  const { calibration, judges } = material;
  const rows = new Map<string, number>();
  for (const batch of calibration)
    rows.set(lengthOf(batch), (rows.get(lengthOf(batch)) ?? 0) + batch.inputs[input].shape[0]);
  const judged = new Set(judges.map(lengthOf));
  if (rows.size === 1 && [...judged].every((length) => rows.has(length))) return material;
  const [[most, used]] = [...rows].sort(
    ([a, m], [b, n]) => Number(judged.has(b)) - Number(judged.has(a)) || n - m || Number(a) - Number(b),
  );
  const same = (batch: NetworkBatch): boolean => lengthOf(batch) === most;
  const all = [...rows.values()].reduce((a, b) => a + b);
  return {
    ...material,
    calibration: calibration.filter(same),
    judges: judges.filter(same),
    notes: [
      ...material.notes,
      `Examples have different lengths: the networks are compared on ${used} of ${all}, those of the most common length, ${most}.`,
    ],
  };
}

/** The inputs of batches, one after the other. */
export const joined = (batches: readonly NetworkBatch[], input: string): ad.Tensor =>
  ad.concat(
    batches.map(({ inputs }) => inputs[input]),
    0,
  );

/** Outputs of zeros have this mean square. */
const TINY = 1e-30;

/** The mean over all rows of outputs whose label is known. */
function meanLoss(gives: Known, outputs: ad.Tensor, targets: ad.Tensor): ad.Tensor {
  const { losses, known } = lossSums(gives, outputs, targets);
  return ad.div(ad.sum(losses), ad.maximum(ad.sum(known), 1));
}

/** Mean squared error. */
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
  const { gives } = network;
  const known = gives === 'unknown' ? undefined : labelledExamples(network, batches, input);
  if (gives !== 'unknown' && known)
    return {
      data: { ...known, loss: (outputs, targets) => meanLoss(gives, outputs, targets) },
      loss: gives === 'numbers' ? 'squared error, in variances of the target' : 'cross-entropy in nats',
      labelled: true,
    };
  const inputs = joined(batches, input);
  const targets = mean(inputs);
  const scale = Math.max(Float64Array.from(targets.data(), (v) => v * v).reduce((a, b) => a + b) / targets.size, TINY);
  return {
    data: { inputs, targets, loss: (y, t) => ad.div(squaredLoss(y, t), scale) },
    loss: 'squared distance of the outputs from the mean of both networks, relative to their squares',
    labelled: false,
  };
}
