import * as ad from '@southwell/autodiff';
import type { Parameters } from '@southwell/autodiff/nn';
import { runAsync, type Status } from 'southwell';
import {
  type LossExamples,
  type LossNetwork,
  layersOf,
  type PrunedNetwork,
  type PruneState,
  pruneIterativeIterates,
} from 'southwell/compression';
import type { Stages } from '../checkpoints.ts';
import { nameOf } from '../declaration/option.ts';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import { count, number } from '../format.ts';
import type { ModelNetwork, NetworkBatch } from '../saved-model.ts';
import type { CompressRequest } from './options.ts';

export interface IcbsPoint extends PrunedNetwork {
  readonly status: Status;
  readonly completed: boolean;
  readonly seconds: number;
  readonly notes: readonly string[];
}

/** Blocks that are decided where the request does not say it. */
const STEPS = 150;

/**
 * Which weights stay by iCBS, which needs the loss of the network on rows whose class, number or next token is known. Throws
 * a message for networks whose loss is unknown, and for data without targets.
 */
export async function icbsMasks(
  network: ModelNetwork,
  batches: readonly NetworkBatch[],
  request: CompressRequest,
  keep: (name: string) => boolean,
  stages: Stages,
  tools: TaskTools,
): Promise<IcbsPoint> {
  const { spell } = tools;
  const { density = 0.5, steps = STEPS, seed } = request;
  if (network.gives === 'unknown')
    throw new RequestError(
      `${spell('method')} icbs needs the loss of the network, and ${nameOf(request.model)} does not say what its outputs are: take a network of train or a language model, or another method.`,
    );
  const examples = examplesOf(network, batches);
  if (!examples)
    throw new RequestError(
      `${spell('method')} icbs needs the loss of the network: ${spell('calib')} must have the column that it predicts, with values that it knows.`,
    );
  const own = lossNetwork(network);
  const found = layersOf(
    { parameters: network.parameters, apply: (p: Parameters, { inputs }: NetworkBatch) => network.apply(p, inputs) },
    batches[0],
  );
  const layers = found
    .filter(({ use, inputs, name }) => use !== 'table' && inputs >= 4 && !keep(name))
    .map(({ name }) => name);
  const { resume, ...keeping } = stages.stage<PruneState>('masks');
  const iterates = pruneIterativeIterates(own, examples, { density, steps, seed, layers, resume });
  const { point, status, iterations, seconds } = await runAsync(iterates, {
    ...{ timeLimit: request.timeLimit, signal: tools.signal, ...keeping },
    onIterate: ({ iteration, objective }) =>
      tools.progress({
        text: `block ${iteration} of ${steps}, loss ${number(objective)}`,
        done: iteration,
        total: steps,
      }),
  });
  const completed = status === 'completed';
  return {
    ...{ ...point, status, completed, seconds },
    notes: completed ? [] : [`The choice of weights was stopped after ${iterations} of ${count(steps, 'block')}.`],
  };
}

/** The loss of each example: the mean over its rows of outputs whose label is known. */
function lossNetwork(network: ModelNetwork): LossNetwork {
  const { parameters, gives } = network;
  return {
    parameters,
    losses(p, x, y) {
      const [n, rows] = y.shape;
      const outputs = network.apply(p, { x });
      const labels = ad.reshape(y, [n * rows]);
      if (gives === 'numbers') return ad.square(ad.sub(ad.reshape(outputs, [n]), labels));
      const known = ad.greaterEqual(labels, 0);
      const logits = ad.reshape(outputs, [n * rows, -1]);
      const all = ad.crossEntropy(logits, ad.cast(ad.maximum(labels, 0), 'i32'));
      const losses = ad.where(known, all, ad.mul(all, 0));
      return ad.div(ad.sum(ad.reshape(losses, [n, rows]), 1), rows);
    },
  };
}

/** The rows of batches of which a label is known, [n, …] with labels [n, rows of outputs of each]; undefined without any. */
function examplesOf({ gives }: ModelNetwork, batches: readonly NetworkBatch[]): LossExamples | undefined {
  const isKnown = (label: number): boolean => (gives === 'numbers' ? !Number.isNaN(label) : label >= 0);
  const known = batches.flatMap(({ inputs, labels }) => {
    const { x } = inputs;
    if (!x || !labels) return [];
    const n = x.shape[0];
    const width = labels.length / n;
    const rows = Array.from({ length: n }, (_, i) => i).filter((i) =>
      Array.from({ length: width }, (_, k) => labels[i * width + k]).some(isKnown),
    );
    return rows.length === 0 ? [] : [{ x, labels, width, rows }];
  });
  if (known.length === 0) return undefined;
  const inputs = known.map(({ x, rows }) => ad.take(x, ad.tensor(Int32Array.from(rows)), 0));
  const targets = known.flatMap(({ labels, width, rows }) =>
    rows.flatMap((i) => Array.from({ length: width }, (_, k) => labels[i * width + k])),
  );
  const [{ width }] = known;
  return {
    inputs: ad.concat(inputs, 0),
    targets: ad.tensor(Float32Array.from(targets), { shape: [targets.length / width, width] }),
  };
}
