import { div } from '@southwell/autodiff';
import type { Parameters } from '@southwell/autodiff/nn';
import { runAsync, type Status } from 'southwell';
import {
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
import { type Known, labelledExamples, lossSums } from './losses.ts';
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
  const examples = labelledExamples(network, batches, 'x');
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

/** The loss of each example: the mean over its rows of outputs, of which those with an unknown label have none. */
function lossNetwork({ parameters, gives, apply }: ModelNetwork): LossNetwork {
  return {
    parameters,
    losses: (p, x, y) => div(lossSums(gives as Known, apply(p, { x }), y).losses, y.shape[1]),
  };
}
