import { type Layer, parameterShapes } from '@southwell/autodiff/nn';
import { SouthwellError } from '@southwell/numerics/core';
import { aggregate as aggregated, type Compressor, compressorOf, rulesWithFaulty } from 'southwell/distributed-methods';
import type { TaskTools } from '../../declaration/task.ts';
import { inOptions } from '../../distributed/inOptions.ts';
import { RequestError } from '../../errors.ts';
import type { TrainRequest } from '../options.ts';
import type { ExchangeSettings } from './gradientExchange.ts';
import { parameterNumbers } from './parameterNumbers.ts';

/**
 * What a request asks ranks to exchange in place of exact sums of gradients; undefined if nothing. Throws a message if there
 * is nothing to exchange, or the compressor does not suit the network or the feedback.
 * @param perEpoch steps of an epoch.
 */
export function exchangeSettings(
  request: TrainRequest,
  layer: Layer,
  perEpoch: number,
  { ranks, spell }: Pick<TaskTools, 'ranks' | 'spell'>,
): ExchangeSettings | undefined {
  const { compress, feedback, aggregate, faulty, localSteps, seed } = request;
  if (compress === undefined && localSteps === 1 && aggregate === 'mean') return undefined;
  const asked = spell(compress !== undefined ? 'compress' : localSteps > 1 ? 'localSteps' : 'aggregate');
  if (!ranks || ranks.size === 1) throw new RequestError(`${asked} is for several ranks: give ${spell('ranks')} 2.`);
  if (ranks.choose)
    throw new RequestError(`${asked} needs a number of ranks, such as ${spell('ranks')} 2, in place of auto.`);
  if (aggregate !== 'mean') checkAggregation(request, ranks.size, spell);
  return {
    compressor: compress === undefined ? undefined : checkedCompressor(layer, compress, feedback, spell),
    method: feedback === 'none' ? 'csgd' : feedback,
    ...{ aggregate, faulty, localSteps, perEpoch, seed },
  };
}

/**
 * How many ranks may be late in a step, by the code of a request; undefined without a code. Throws a message if the code is none, or does not
 * suit the number of ranks.
 */
export function lateRanks(
  { stragglerCode: code, localSteps, aggregate }: Pick<TrainRequest, 'stragglerCode' | 'localSteps' | 'aggregate'>,
  { ranks, spell, dry }: Pick<TaskTools, 'ranks' | 'spell' | 'dry'>,
): number | undefined {
  if (code === undefined) return undefined;
  const asked = spell('stragglerCode', code);
  const found = /^gc=([1-9]\d*)$/.exec(code);
  if (!found) {
    const sequential = /^(sr|m)-sgc/.test(code)
      ? ': such a code needs several networks that are trained in turn, and this trains one'
      : '';
    throw new RequestError(`${asked} is none of the codes gc=S, such as gc=1, where S ranks may be late${sequential}.`);
  }
  const other = localSteps > 1 ? 'localSteps' : aggregate === 'mean' ? undefined : 'aggregate';
  if (other)
    throw new RequestError(`${asked} takes the exact sum of gradients in each step: leave ${spell(other)} out.`);
  const late = Number(found[1]);
  const group = late + 1;
  const such = spell('ranks', String(1 + 2 * group));
  if (!ranks || ranks.size === 1) throw new RequestError(`${asked} is for several ranks: give ${such}.`);
  if (ranks.choose) throw new RequestError(`${asked} needs a number of ranks, such as ${such}, in place of auto.`);
  if ((ranks.size - 1) % group !== 0)
    throw new RequestError(
      `${asked} needs one rank that coordinates, and groups of ${group} that have the same rows: give ${such}, or another multiple of ${group} and 1, not ${ranks.size}.`,
    );
  if (dry) throw new RequestError(`${asked} is not predicted: train without it, or measure with southwell stragglers.`);
  return late;
}

/** Throws a message if the rule cannot work with so many ranks, or with the feedback. */
function checkAggregation(
  { compress, feedback, aggregate, faulty }: TrainRequest,
  size: number,
  spell: TaskTools['spell'],
): void {
  if (faulty === undefined && (rulesWithFaulty as readonly string[]).includes(aggregate))
    throw new RequestError(`${spell('aggregate')} ${aggregate} needs ${spell('faulty')}.`);
  tried(
    `${spell('aggregate')} ${aggregate}`,
    () =>
      aggregated(
        Array.from({ length: size }, (_, r) => Float64Array.of(r + 1)),
        { rule: aggregate, f: faulty },
      ),
    (message) => inOptions(message, spell),
  );
  if (compress !== undefined && feedback !== 'ec' && feedback !== 'none')
    throw new RequestError(
      `${spell('feedback')} ${feedback} adds up what ranks send over all steps, so that one faulty message stays: with ${spell('aggregate')} ${aggregate} take ${spell('feedback')} ec or none.`,
    );
}

/** The compressor of a name for the parameters of a network, with their shapes where it can use them. */
function checkedCompressor(
  layer: Layer,
  name: string,
  feedback: TrainRequest['feedback'],
  spell: TaskTools['spell'],
): Compressor {
  const [compressor, delta] = tried(spell('compress'), () => {
    const named = compressorOf(name);
    const own = named.forShapes?.(Object.values(parameterShapes(layer))) ?? named;
    return [own, own.delta(parameterNumbers(layer))] as const;
  });
  if (feedback !== 'none' && delta === undefined)
    throw new RequestError(
      `${spell('feedback')} ${feedback} needs a compressor that makes vectors shorter, such as top-k=0.1, sign or rand-k=0.1:unscaled, and ${name} may not: take ${spell('feedback')} none.`,
    );
  return compressor;
}

/** The result of a function; its errors become messages about an option, in other words where those are given. */
function tried<T>(option: string, f: () => T, reworded = (message: string) => message): T {
  try {
    return f();
  } catch (error) {
    if (!(error instanceof SouthwellError)) throw error;
    throw new RequestError(`${option}: ${reworded(error.message)}`);
  }
}
