import { decodePlain, encodePlain, fail, Random } from '@southwell/numerics/core';
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
} from 'southwell/distributed-methods';
import type { GradientExchange } from 'southwell/training';
import { gatherOf } from '../../spread/gather.ts';
import type { JobRanks } from '../../spread/ranks.ts';

type Numbers = Float32Array | Float64Array;

/** What ranks send each other in place of exact sums of gradients. */
export interface ExchangeSettings {
  /** None sends all numbers. */
  readonly compressor: Compressor | undefined;
  readonly method: FeedbackMethod;
  /** How the vectors of the ranks become one, and how many of them may be faulty. */
  readonly aggregate: AggregationRule;
  readonly faulty: number | undefined;
  /** Steps that each rank takes by itself before parameters are averaged; 1 exchanges gradients. */
  readonly localSteps: number;
  /** Steps of an epoch, at whose end parameters are averaged, too. */
  readonly perEpoch: number;
  readonly seed: number;
}

/** What was sent. */
export interface Sent {
  readonly rounds: number;
  /** By this rank, in messages to each of the others. */
  readonly bytes: number;
  /** That the whole gradients of all steps would have taken. */
  readonly whole: number;
}

/** What a rank keeps between rounds, as plain data. */
interface RankState {
  readonly client: FeedbackClient | undefined;
  readonly bytes: number;
  /** What the rank needs besides: all that differs between ranks that step by themselves. */
  readonly own?: unknown;
}

/** What all ranks keep, as plain data. */
interface SavedExchange {
  /** Of the vectors. */
  readonly length: number;
  /** By name, with the shapes of the parameters if it uses them. */
  readonly compressor: string | undefined;
  readonly round: number;
  readonly whole: number;
  readonly estimate: Float64Array | undefined;
  readonly ranks: readonly RankState[];
  /** Of local steps: the parameters, and the step, of the last average. */
  readonly anchor?: Float64Array;
  readonly averaged?: number;
}

/** The state of a rank and what it shares with the others. */
type Before = Pick<SavedExchange, 'length' | 'round' | 'whole' | 'estimate'> & Pick<RankState, 'client' | 'bytes'>;

const copied = ({ error, estimate, average, memory }: FeedbackClient): FeedbackClient => ({
  ...{ error: error.slice(), estimate: estimate.slice(), average: average.slice(), memory: memory.slice() },
});

/**
 * Gradients of ranks as compressed messages with error feedback, of which every rank takes the mean: each is a client, and all are
 * the server. With local steps (McMahan et al., FedAvg, 2017) ranks step by themselves, and what is sent are the changes of
 * their parameters. Methods that estimate the gradient send it whole in the first round.
 */
export class CompressedExchange implements GradientExchange {
  /** None sends all numbers. */
  private readonly compressor: Compressor | undefined;
  private readonly options: FeedbackOptions;
  private readonly gather: (bytes: Uint8Array) => Uint8Array[];
  private readonly random: Random;
  private client: FeedbackClient | undefined;
  private server: FeedbackServer | undefined;
  private round = 0;
  private before: Before;
  private anchor: Float64Array | undefined;
  private averaged = -1;
  private bytes = 0;
  private whole = 0;

  constructor(
    private readonly ranks: JobRanks,
    private readonly settings: ExchangeSettings,
  ) {
    const { compressor, method, seed } = settings;
    this.compressor = compressor;
    this.options = { method, compressor: this.compressor };
    this.gather = gatherOf(ranks);
    this.random = new Random(seed).split(STREAM + ranks.rank);
    this.before = this.now(0);
  }

  get sent(): Sent {
    return { rounds: this.round, bytes: this.bytes, whole: this.whole };
  }

  begin(parameters: Numbers, step: number): void {
    const { localSteps, perEpoch } = this.settings;
    if (localSteps === 1 || step === this.averaged) return;
    if (step % localSteps !== 0 && step % perEpoch !== 0) return;
    this.averaged = step;
    if (this.anchor) {
      const { anchor } = this;
      const change = Float64Array.from(parameters, (p, i) => p - anchor[i]);
      const mean = this.meanOf(change, parameters instanceof Float32Array);
      for (let i = 0; i < mean.length; i++) parameters[i] = anchor[i] + mean[i];
    }
    this.anchor = Float64Array.from(parameters);
  }

  combine(part: Numbers): void {
    const { size } = this.ranks;
    this.before = this.now(part.length);
    this.whole += part.byteLength;
    for (let i = 0; i < part.length; i++) part[i] *= size;
    if (this.settings.localSteps > 1) return;
    part.set(this.meanOf(Float64Array.from(part), part instanceof Float32Array));
  }

  /** A copy of the state, for vectors of this length. */
  private now(length: number): Before {
    const { round, whole, bytes, server, client } = this;
    return { length, round, whole, bytes, estimate: server?.estimate.slice(), client: client && copied(client) };
  }

  /** The mean over the ranks of what the others make of this rank's messages. */
  private meanOf(v: Float64Array, single: boolean): Float64Array {
    const { options } = this;
    this.round++;
    // What is sent whole is sent in single precision, and estimates are the same everywhere.
    if (single) for (let i = 0; i < v.length; i++) v[i] = Math.fround(v[i]);
    if (this.settings.aggregate !== 'mean') return this.robust(v, single);
    if (!this.compressor) return this.exactMean(v, single);
    if (!this.client || !this.server) {
      this.client = feedbackClient(options, v);
      const estimating = this.client.estimate.length > 0;
      const all = estimating ? this.gathered(v, single).map((whole) => identity().compress(whole, this.random)) : [];
      this.server = feedbackServer(options, new Float64Array(v.length), all);
      if (estimating) return this.server.estimate.slice();
    }
    const message = feedbackClientStep(options, this.client, v, this.random.split(this.round));
    this.bytes += message.length;
    return feedbackServerStep(options, this.server, this.gather(message), 0);
  }

  /** The vectors of all ranks, as the others receive them, by a rule other than their mean. */
  private robust(v: Float64Array, single: boolean): Float64Array {
    const { aggregate: rule, faulty: f } = this.settings;
    return aggregate(this.received(v, single), {
      ...{ rule, f },
      // Rates then mean what they mean for the mean.
      ...(rule === 'flag' || rule === 'normalized-mean' ? { scale: 'median-norm' } : {}),
    }).direction;
  }

  private received(v: Float64Array, single: boolean): Float64Array[] {
    const { compressor, options, random, round } = this;
    if (!compressor) return this.gathered(v, single);
    this.client ??= feedbackClient(options, v);
    const message = feedbackClientStep(options, this.client, v, random.split(round));
    this.bytes += message.length;
    return this.gather(message).map((bytes) => {
      const whole = new Float64Array(v.length);
      compressor.restore(bytes, whole);
      return whole;
    });
  }

  private exactMean(v: Float64Array, single: boolean): Float64Array {
    const sum = single ? Float32Array.from(v) : v;
    this.bytes += sum.byteLength;
    this.ranks.together((comm) => comm.allReduce(sum));
    return Float64Array.from(sum, (s) => s / this.ranks.size);
  }

  /** The vectors of all ranks, sent in the precision of the parameters, which loses nothing. */
  private gathered(v: Float64Array, single: boolean): Float64Array[] {
    const numbers = single ? Float32Array.from(v) : v;
    this.bytes += numbers.byteLength;
    return this.gather(new Uint8Array(numbers.buffer, 0, numbers.byteLength)).map((bytes) => {
      const { buffer } = bytes.slice();
      return Float64Array.from(single ? new Float32Array(buffer) : new Float64Array(buffer));
    });
  }

  save(own: unknown): SavedExchange {
    const local = this.settings.localSteps > 1;
    // Steps of a rank by itself exchange nothing, and begin with what there is now.
    const { client, bytes, ...common } = local
      ? { ...this.now(this.anchor!.length), whole: this.before.whole }
      : this.before;
    const text = encodePlain({ client, bytes, ...(local && { own }) } satisfies RankState);
    const ranks = this.gather(new TextEncoder().encode(text)).map(
      (bytes) => decodePlain(new TextDecoder().decode(bytes)) as RankState,
    );
    return {
      ...{ ...common, compressor: this.compressor?.name, ranks },
      ...(local && { anchor: this.anchor!.slice(), averaged: this.averaged }),
    };
  }

  /** @throws INVALID_PARAMETER for the state of another number of ranks, or of another compressor. */
  restore<T>(state: unknown, common: T): T {
    const { length, compressor, round, whole, estimate, ranks, anchor, averaged } = state as SavedExchange;
    const { rank, size } = this.ranks;
    if (ranks.length !== size)
      fail(
        'INVALID_PARAMETER',
        `The checkpoint is of ${ranks.length} ranks, each of which keeps what its messages left out, and this run has ${size}: resume with ${ranks.length} ranks, or start afresh.`,
      );
    if (compressor !== this.compressor?.name)
      fail(
        'INVALID_PARAMETER',
        `The checkpoint is of messages by ${compressor ?? 'no compressor'}, and this run has ${this.compressor?.name ?? 'none'}: start afresh.`,
      );
    const { client, bytes, own } = ranks[rank];
    [this.round, this.whole, this.bytes] = [round, whole, bytes];
    this.client = client && copied(client);
    if (client) this.server = { x: new Float64Array(length), estimate: estimate?.slice() ?? new Float64Array(0) };
    this.anchor = anchor?.slice();
    this.averaged = averaged ?? -1;
    return own === undefined ? common : (own as T);
  }
}

/** Apart from the streams of the training. */
const STREAM = 0x6fffffff;
