import { countParameters, saveModel } from '@southwell/autodiff/nn';
import { writeSafetensors } from '@southwell/data';
import { elementary } from '@southwell/numerics/special';
import type { TaskTools } from '../../declaration/task.ts';
import type { TrainRequest } from '../options.ts';
import type { TrainResult } from '../result.ts';
import { curvesOf, endedOf, nextOf, runTraining } from '../run.ts';
import { textData } from './data.ts';
import { judgedText } from './judge.ts';
import { charactersOf, type openText, textOf } from './model.ts';
import { type TextNetwork, transformerOf, transformerText } from './network.ts';
import { sampled } from './sample.ts';

/** The number of steps that determines the default number of epochs, and the maximum of the latter. */
const [STEPS, EPOCHS] = [1000, 100];
/** Length of the sample in characters, and its temperature. */
const [SAMPLE, TEMPERATURE] = [400, 0.8];

/** Reads a text, trains a transformer on it and evaluates it; writes no files. Throws for invalid requests or texts. */
export async function trainText(
  request: TrainRequest,
  tools: TaskTools,
  from: ReturnType<typeof openText> | undefined,
): Promise<TrainResult> {
  const started = performance.now();
  const { spell, signal, command } = tools;
  const table = await tools.read('data', { format: 'text' });
  const data = textData(table, request, spell, from);
  signal.throwIfAborted();
  const { characters, context, held, values } = data;
  const layer = from?.model.layer ?? transformerOf(characters.length + 1, context, request, spell);
  const { train, validation } = data;
  const perStep = Math.min(train.count, (request.batch ?? 32) * request.accumulate);
  const usual = Math.max(1, Math.min(EPOCHS, Math.round(STEPS / Math.floor(train.count / perStep))));
  const { solution, rate, batch, epochs, search, ranks, forecast, sent, notes } = await runTraining(
    layer,
    {
      ...{ train, validation, loss: 'crossEntropy', usual: { epochs: usual, clip: 1 }, noun: 'window' },
      held: validation?.count ?? 0,
      ...(from && { from: from.model, saved: from.saved.network }),
    },
    request,
    tools,
  );
  const { point, status } = solution;
  const { parameters, history, epoch } = point;
  const network: TextNetwork = { characters, context, model: { layer, parameters, state: {} } };
  const part = held > 0 ? values.subarray(values.length - held) : values;
  const { losses, mean, judged } = judgedText(network, part, ranks);
  const how = { length: SAMPLE, temperature: TEMPERATURE, seed: request.seed };
  const sample = Number.isFinite(mean) ? [...sampled(network, how)].join('') : '';
  const curves = curvesOf(point, search);
  const { codes, levels } = charactersOf(table);
  return {
    command,
    data: {
      ...{
        name: table.name,
        rows: table.rows,
        features: context,
        notes: [...data.notes, ...notes],
        target: 'character',
      },
    },
    network: { layers: transformerText(layer), parameters: countParameters(parameters) },
    training: {
      ...{ optimiser: request.optimiser, rate, batch, planned: epochs, epochs: history.loss.length, best: epoch },
      loss: curves.history.loss.at(-1) ?? null,
    },
    ...(forecast && { ranks: forecast }),
    ...(sent && { sent }),
    validation: held,
    ...(Number.isFinite(mean) && {
      score: {
        ...{ name: 'perplexity', value: elementary.exp(mean), rows: judged },
        of: held > 0 ? 'validation' : 'fitted',
      },
    }),
    text: {
      characters: data.distinct,
      known: characters.length,
      bits: Number.isFinite(mean) ? mean / Math.LN2 : null,
      sample,
    },
    ...curves,
    worst: [],
    predictions: {
      place: Array.from(losses, (_, i) => values.length - losses.length + i + 1),
      character: Array.from(losses, (_, i) => levels[codes[values.length - losses.length + i]]),
      probability: Array.from(losses, (loss) => (Number.isNaN(loss) ? null : elementary.exp(-loss))),
    },
    status,
    ...nextOf(status, spell),
    ended: endedOf(status, history.loss.length, epochs, request, held > 0 && epoch > 0 ? epoch : undefined),
    iterations: solution.iterations,
    seconds: (performance.now() - started) / 1000,
    modelText: textOf({
      command,
      characters: [...characters],
      context,
      network: writeSafetensors(saveModel(layer, parameters)),
    }),
  };
}
