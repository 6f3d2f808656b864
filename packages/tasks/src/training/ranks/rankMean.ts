import type { Communicator, Exchange } from '@southwell/distributed';
import { Random, SouthwellError } from '@southwell/numerics/core';
import {
  type AggregationRule,
  aggregate,
  type Compressor,
  type FeedbackClient,
  type FeedbackMethod,
  type FeedbackOptions,
  type FeedbackServer,
  feedbackClient,
  feedbackClientStep,
  feedbackServer,
  feedbackServerStep,
  identity,
  rulesWithFaulty,
} from 'southwell/distributed-methods';
import { gathered } from '../../spread/gather.ts';

export type Numbers = Float32Array | Float64Array;

/** What ranks send each other in place of exact sums. */
export interface MeanSettings {
  /** None sends all numbers. */
  readonly compressor: Compressor | undefined;
  readonly method: FeedbackMethod;
  /** How the vectors of the ranks become one, and how many of them may be faulty. */
  readonly aggregate: AggregationRule;
  readonly faulty: number | undefined;
  readonly seed: number;
}

/** What a rank needs from the others: their bytes of any lengths, in the order of the ranks; or numbers summed in place. */
export type Asked = { readonly gather: Uint8Array } | { readonly sum: Numbers };
/** The bytes of all ranks; of a sum, none. */
export type Told = readonly Uint8Array[];

/** Steps whose questions are answered by the ranks of a communicator. */
export function* answered<R>(comm: Communicator, steps: Generator<Asked, R, Told>): Exchange<R> {
  let step = steps.next();
  while (!step.done) {
    const asked = step.value;
    if ('gather' in asked) step = steps.next(yield* gathered(comm, asked.gather));
    else {
      yield* comm.allReduce(asked.sum);
      step = steps.next([]);
    }
  }
  return step.value;
}

/**
 * The vectors of ranks combined by compressed messages with error feedback: each rank is a client, and all are the server.
 * The steps are generators of what they ask the other ranks for, so that threads, a simulator, or a measurement without other ranks answer
 * them. Methods that estimate the vectors send them whole in the first round.
 */
export class RankMean {
  readonly compressor: Compressor | undefined;
  client: FeedbackClient | undefined;
  server: FeedbackServer | undefined;
  round = 0;
  /** Sent by this rank, in messages to each of the others. */
  bytes = 0;
  /** Of each rank: vectors that did not count, since they were not finite or their message had no such form. */
  leftOut: readonly number[];
  private readonly options: FeedbackOptions;
  private readonly random: Random;

  constructor(
    private readonly settings: MeanSettings,
    private readonly ranks: { readonly rank: number; readonly size: number },
  ) {
    const { compressor, method, seed } = settings;
    this.compressor = compressor;
    this.options = { method, compressor };
    this.random = new Random(seed).split(STREAM + ranks.rank);
    this.leftOut = new Array<number>(ranks.size).fill(0);
  }

  /** Whether ranks may send anything, and the rule limits what that does. */
  get resists(): boolean {
    return this.settings.aggregate !== 'mean';
  }

  /** Number of ranks whose vectors may be other than finite. */
  get faulty(): number {
    const { aggregate: rule, faulty = 0 } = this.settings;
    if (!this.resists) return 0;
    return rulesWithFaulty.some((name) => name === rule) ? faulty : Math.floor((this.ranks.size - 1) / 2);
  }

  /** The mean over the ranks of what the others make of this rank's messages. */
  *of(v: Float64Array, single: boolean): Generator<Asked, Float64Array, Told> {
    const { options } = this;
    this.round++;
    // What is sent whole is sent in single precision, and estimates are the same everywhere.
    if (single) for (let i = 0; i < v.length; i++) v[i] = Math.fround(v[i]);
    if (this.resists) return yield* this.robust(v, single);
    if (!this.compressor) return yield* this.exactMean(v, single);
    if (!this.client || !this.server) {
      this.client = feedbackClient(options, v);
      const estimating = this.client.estimate.length > 0;
      const whole = estimating ? yield* this.gathered(v, single) : [];
      const all = whole.map((vector) => identity().compress(vector, this.random));
      this.server = feedbackServer(options, new Float64Array(v.length), all);
      if (estimating) return this.server.estimate.slice();
    }
    const message = feedbackClientStep(options, this.client, v, this.random.split(this.round));
    this.bytes += message.length;
    return feedbackServerStep(options, this.server, yield { gather: message }, 0);
  }

  /** The vectors of all ranks, as the others receive them, by a rule other than their mean. */
  private *robust(v: Float64Array, single: boolean): Generator<Asked, Float64Array, Told> {
    const { aggregate: rule, faulty: f } = this.settings;
    const { direction, excluded } = aggregate(yield* this.received(v, single), {
      ...{ rule, f },
      // Rates then mean what they mean for the mean.
      ...(rule === 'flag' || rule === 'normalized-mean' ? { scale: 'median-norm' } : {}),
    });
    this.leftOut = this.leftOut.map((times, rank) => times + (excluded.includes(rank) ? 1 : 0));
    return direction;
  }

  /** The vectors of all ranks, NaN for those of ranks that sent none. */
  private *received(v: Float64Array, single: boolean): Generator<Asked, Float64Array[], Told> {
    const { compressor, options, random, round } = this;
    const none = () => new Float64Array(v.length).fill(Number.NaN);
    if (!compressor)
      return (yield* this.gathered(v, single)).map((vector) => (vector.length === v.length ? vector : none()));
    this.client ??= feedbackClient(options, v);
    const message = v.every(Number.isFinite)
      ? feedbackClientStep(options, this.client, v, random.split(round))
      : NOTHING;
    this.bytes += message.length;
    return (yield { gather: message }).map((bytes) => {
      const whole = new Float64Array(v.length);
      try {
        compressor.restore(bytes, whole);
        return whole;
      } catch (error) {
        if (!(error instanceof SouthwellError)) throw error;
        return none();
      }
    });
  }

  private *exactMean(v: Float64Array, single: boolean): Generator<Asked, Float64Array, Told> {
    const sum = single ? Float32Array.from(v) : v;
    this.bytes += sum.byteLength;
    yield { sum };
    return Float64Array.from(sum, (s) => s / this.ranks.size);
  }

  /** The vectors of all ranks, sent in the precision of the parameters, which loses nothing. */
  private *gathered(v: Float64Array, single: boolean): Generator<Asked, Float64Array[], Told> {
    const numbers = single ? Float32Array.from(v) : v;
    this.bytes += numbers.byteLength;
    const all = yield { gather: new Uint8Array(numbers.buffer, 0, numbers.byteLength) };
    const width = single ? 4 : 8;
    return all.map((bytes) => {
      // Bytes of a faulty rank may end within a number.
      const { buffer } = bytes.slice(0, bytes.length - (bytes.length % width));
      return Float64Array.from(single ? new Float32Array(buffer) : new Float64Array(buffer));
    });
  }
}

/** The message of a vector that is not finite: no compressor makes one byte of this value. */
const NOTHING = Uint8Array.of(255);

/** Apart from the streams of the training. */
const STREAM = 0x6fffffff;
