import type { Layer } from '@southwell/autodiff/nn';
import type { Examples, TrainingOptions } from 'southwell/training';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import type { ExchangeSettings } from './gradientExchange.ts';
import { type GatherCosts, gatherCosts, measuredCosts, type RoundCosts, roundCosts } from './measureStep.ts';
import type { Planned } from './planRanks.ts';
import { NUMBER } from './rankMean.ts';
import { exchangeSeconds, partsOf, type Step, type StepCosts, sentIn, stepSeconds } from './stepModel.ts';

/** The predicted time of a step, with the exchange that it contains. */
export interface StepTime {
  /** Bytes that a rank sends in a step, to all others together. */
  readonly bytes: number;
  /** Seconds of compression, and of what is made of the messages. */
  readonly coding: number;
  /** Seconds of messages, waiting included. */
  readonly exchange: number;
  /** Seconds of the step. */
  readonly step: number;
}

/** What a step of training on ranks is predicted to cost. */
export interface StepForecast {
  readonly ranks: number;
  /** Rows of a step, of all ranks together. */
  readonly rows: number;
  readonly noun: string;
  /** Whether the network is simulated. */
  readonly simulated: boolean;
  /** Bytes of a gradient. */
  readonly gradient: number;
  /** Seconds that a rank computes in a step: its gradients and the update. */
  readonly computing: number;
  /** Seconds of a message whatever its bytes, and of each byte. */
  readonly latency: number;
  readonly byte: number;
  /** With exact sums of whole gradients. */
  readonly dense: StepTime;
  /** As requested, if that is something else. */
  readonly asked?: StepTime;
  /**
   * Bytes per second from which on the requested exchange is slower than that of whole gradients: infinite if it is always faster, 0 if
   * it never is.
   */
  readonly paysBelow?: number;
}

/** Thrown with the prediction where a job that only predicts has made it: nothing after it is done. */
export class Forecasted extends Error {
  constructor(readonly forecast: StepForecast) {
    super('Predicted.');
  }
}

/**
 * An exchange apart from its coding: seconds whatever the bytes, those of the bytes, and the bytes that a rank sends. The loss goes with the
 * message, or is gathered by itself where numbers are summed.
 */
function asked(costs: StepCosts, gather: GatherCosts, round: RoundCosts, ranks: number) {
  const gathered = (ranks - 1) * (NUMBER + round.gathered);
  if (round.gathered > 0) return { fixed: gather.fixed, seconds: gather.byte * gathered, bytes: gathered };
  const { messages, bytes } = sentIn(4 * round.summed, ranks);
  return {
    fixed: gather.fixed + messages * costs.message,
    seconds: gather.byte * gathered + costs.byte * bytes,
    bytes: gathered + bytes,
  };
}

/** The predicted times from measured costs; with local steps ranks exchange only in every `localSteps`-th step. */
export function forecastFrom(
  costs: StepCosts,
  step: Step,
  ranks: number,
  own?: { readonly gather: GatherCosts; readonly round: RoundCosts; readonly localSteps: number },
): Pick<StepForecast, 'computing' | 'latency' | 'byte' | 'dense' | 'asked' | 'paysBelow'> {
  const computing = stepSeconds(costs, step, ranks) - exchangeSeconds(costs, ranks);
  const whole = sentIn(costs.bytes, ranks);
  const dense = {
    ...{ bytes: whole.bytes, coding: 0, exchange: exchangeSeconds(costs, ranks) },
    step: stepSeconds(costs, step, ranks),
  };
  const measured = { computing, latency: costs.message, byte: costs.byte, dense };
  if (!own) return measured;
  const { gather, round, localSteps } = own;
  const { fixed, seconds, bytes } = asked(costs, gather, round, ranks);
  const coding = round.coding / localSteps;
  const exchange = (fixed + seconds) / localSteps + costs.waiting;
  const sent = bytes / localSteps;
  // What does not depend on the bandwidth, and what does, more than for whole gradients.
  const more = coding + fixed / localSteps - whole.messages * costs.message;
  const spared = whole.bytes - sent;
  const paysBelow =
    spared <= 0 ? (more < 0 ? Number.POSITIVE_INFINITY : 0) : more <= 0 ? Number.POSITIVE_INFINITY : spared / more;
  return { ...measured, asked: { bytes: sent, coding, exchange, step: computing + coding + exchange }, paysBelow };
}

/** What is predicted. */
type Wanted = Pick<Planned, 'batch' | 'accumulate' | 'noun'>;

/**
 * Measures steps, exchanges and compression by runs of their own and predicts the seconds of a step; `exchanging` is what is requested
 * in place of exact sums of gradients. To be called on all ranks. Throws a message if there is one rank, or too little data to measure.
 */
export function stepForecast(
  layer: Layer,
  train: Examples,
  options: TrainingOptions,
  exchanging: ExchangeSettings | undefined,
  { batch, accumulate, noun }: Wanted,
  { ranks, spell }: Pick<TaskTools, 'ranks' | 'spell'>,
): StepForecast {
  if (!ranks || ranks.size === 1)
    throw new RequestError(`A prediction of steps on ranks needs several: give ${spell('ranks')} 2.`);
  const measured = measuredCosts(layer, train, options, ranks, { batch, accumulate });
  if (!measured)
    throw new RequestError(
      `A step could not be measured: there are too few ${noun}s, its loss is not finite, or it does not fit into memory.`,
    );
  const { size, simulated = false, work } = ranks;
  // What is declared for a simulated network counts there.
  const costs = work === undefined ? measured : { ...measured, step: work, row: 0 };
  const step = { rows: batch * accumulate, parts: partsOf(batch, accumulate, size) };
  // The last number is the loss.
  const length = costs.bytes / 4 - 1;
  const own = exchanging
    ? {
        gather: gatherCosts(ranks, 4 * length),
        round: roundCosts(ranks, exchanging, length),
        localSteps: exchanging.localSteps,
      }
    : undefined;
  return {
    ...{ ranks: size, rows: step.rows, noun, simulated, gradient: 4 * length },
    ...forecastFrom(costs, step, size, own),
  };
}
