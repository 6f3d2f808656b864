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
  feedbackDirection,
  feedbackServer,
  identity,
  rulesWithFaulty,
  type WholeOrEntries,
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

/** Steps whose questions are answered by the ranks of a communicator, from the first or another one on. */
export function* answered<R>(
  comm: Communicator,
  steps: Generator<Asked, R, Told>,
  from: IteratorResult<Asked, R> = steps.next(),
): Exchange<R> {
  let step = from;
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

/** Bytes of a number that goes with a message. */
export const NUMBER = 8;

/**
 * The same with a number of each rank, which goes with the first message: `all` says from those of all ranks whether the steps go
 * on. A rank whose first step fails, since its vector is not finite, gives NaN.
 * @returns the result of the steps, if they go on.
 */
export function* answeredWith<R>(
  comm: Communicator,
  steps: Generator<Asked, R, Told>,
  own: number,
  all: (numbers: readonly number[]) => boolean,
): Exchange<R | undefined> {
  const first = firstOf(steps);
  const asked = first && !first.done && 'gather' in first.value ? first.value.gather : new Uint8Array(0);
  const message = new Uint8Array(NUMBER + asked.length);
  message.set(new Uint8Array(Float64Array.of(first ? own : Number.NaN).buffer));
  message.set(asked, NUMBER);
  const told = yield* gathered(comm, message);
  // A faulty rank may send fewer bytes.
  const numbers = told.map((bytes) =>
    bytes.length < NUMBER ? Number.NaN : new Float64Array(bytes.slice(0, NUMBER).buffer)[0],
  );
  if (!all(numbers) || !first) return undefined;
  const gathers = !first.done && 'gather' in first.value;
  return yield* answered(comm, steps, gathers ? steps.next(told.map((bytes) => bytes.subarray(NUMBER))) : first);
}

/** The first of some steps; undefined if the vector is not finite. */
function firstOf<R>(steps: Generator<Asked, R, Told>): IteratorResult<Asked, R> | undefined {
  try {
    return steps.next();
  } catch (error) {
    if (error instanceof SouthwellError && error.code === 'NON_FINITE') return undefined;
    throw error;
  }
}

/** What a rank keeps from one vector to the next, and what it counts. */
export interface MeanState {
  readonly round: number;
  /** Sent by this rank, in messages to each of the others. */
  readonly bytes: number;
  /** Of each rank: vectors that did not count, since they were not finite or their message had no such form. */
  readonly leftOut: readonly number[];
  readonly client?: FeedbackClient;
  /** Mean of the estimates of all ranks. */
  readonly server?: FeedbackServer;
}

type Spare = Pick<MeanState, 'client' | 'server'>;

/** Writes all of a vector into another. */
export function write(into: Numbers, v: WholeOrEntries): void {
  if (!('indices' in v)) {
    into.set(v);
    return;
  }
  into.fill(0);
  for (let k = 0; k < v.indices.length; k++) into[v.indices[k]] = v.values[k];
}

/**
 * The vectors of ranks combined by compressed messages with error feedback: each rank is a client, and all are the server.
 * The steps are generators of what they ask the other ranks for, so that threads, a simulator, or a measurement without other ranks answer
 * them. Methods that estimate the vectors send them whole in the first round.
 */
export class RankMean {
  readonly compressor: Compressor | undefined;
  private state: MeanState;
  private last: MeanState;
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
    this.state = { round: 0, bytes: 0, leftOut: new Array<number>(ranks.size).fill(0) };
    this.last = this.state;
  }

  get now(): MeanState {
    return this.state;
  }

  /** The state before the last vector: to go on from it, that vector has to come again. */
  get before(): MeanState {
    return this.last;
  }

  /** Goes on from a state, whose arrays are taken over. */
  restore(state: MeanState): void {
    this.state = state;
    this.last = state;
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

  /**
   * The mean over the ranks of what the others make of this rank's messages. Until it is there, the state is as before.
   * @param v in the precision in which vectors are sent whole; overwritten.
   * @returns valid until the next vector; not to be changed.
   */
  *of(v: Numbers): Generator<Asked, WholeOrEntries, Told> {
    // The state after this vector is written over that before the last one, so that nothing is copied to keep both.
    const { client, server } = this.last;
    const spare: Spare = {
      ...(client !== this.state.client && { client }),
      ...(server !== this.state.server && { server }),
    };
    this.last = this.state;
    const counted = { ...this.state, round: this.state.round + 1 };
    if (this.resists) return yield* this.robust(v, counted, spare);
    return this.compressor ? yield* this.compressed(v, counted, spare) : yield* this.exactMean(v, counted);
  }

  private *compressed(v: Numbers, state: MeanState, spare: Spare): Generator<Asked, WholeOrEntries, Told> {
    const { options, random } = this;
    let { client, server, bytes } = state;
    if (!client || !server) {
      client = feedbackClient(options, v);
      const estimating = client.estimate.length > 0;
      if (estimating) bytes += v.byteLength;
      const whole = estimating ? yield* this.gathered(v) : [];
      const all = whole.map((vector) => identity().compress(vector, random));
      server = feedbackServer(options, new Float64Array(v.length), all);
      if (estimating) {
        this.state = { ...state, bytes, client, server };
        return server.estimate;
      }
    }
    const next = spare.client ?? feedbackClient(options, v);
    const { x, estimate } = server;
    const nextServer = spare.server ?? { x, estimate: new Float64Array(estimate.length) };
    const message = feedbackClientStep(options, client, v, random.split(state.round), next);
    const direction = feedbackDirection(options, server, yield { gather: message }, nextServer);
    this.state = { ...state, bytes: bytes + message.length, client: next, server: nextServer };
    return direction;
  }

  /** The vectors of all ranks, as the others receive them, by a rule other than their mean. */
  private *robust(v: Numbers, state: MeanState, spare: Spare): Generator<Asked, Float64Array, Told> {
    const { aggregate: rule, faulty: f } = this.settings;
    const received = yield* this.received(v, state, spare);
    const { direction, excluded } = aggregate(received.vectors, {
      ...{ rule, f },
      // Rates then mean what they mean for the mean.
      ...(rule === 'flag' || rule === 'normalized-mean' ? { scale: 'median-norm' } : {}),
    });
    const leftOut = state.leftOut.map((times, rank) => times + (excluded.includes(rank) ? 1 : 0));
    this.state = { ...received.state, leftOut };
    return direction;
  }

  /** The vectors of all ranks, NaN for those of ranks that sent none, and the state after them. */
  private *received(
    v: Numbers,
    state: MeanState,
    spare: Spare,
  ): Generator<Asked, { readonly vectors: Float64Array[]; readonly state: MeanState }, Told> {
    const { compressor, options, random } = this;
    const { round, bytes } = state;
    const none = () => new Float64Array(v.length).fill(Number.NaN);
    if (!compressor) {
      const vectors = (yield* this.gathered(v)).map((vector) => (vector.length === v.length ? vector : none()));
      return { vectors, state: { ...state, bytes: bytes + v.byteLength } };
    }
    let client = state.client ?? feedbackClient(options, v);
    let message: Uint8Array = NOTHING;
    if (v.every(Number.isFinite)) {
      const next = spare.client ?? feedbackClient(options, v);
      message = feedbackClientStep(options, client, v, random.split(round), next);
      client = next;
    }
    const vectors = (yield { gather: message }).map((received) => {
      const whole = new Float64Array(v.length);
      try {
        compressor.restore(received, whole);
        return whole;
      } catch (error) {
        if (!(error instanceof SouthwellError)) throw error;
        return none();
      }
    });
    return { vectors, state: { ...state, bytes: bytes + message.length, client } };
  }

  private *exactMean(v: Numbers, state: MeanState): Generator<Asked, Float64Array, Told> {
    const bytes = state.bytes + v.byteLength;
    yield { sum: v };
    const mean = new Float64Array(v);
    for (let i = 0; i < mean.length; i++) mean[i] /= this.ranks.size;
    this.state = { ...state, bytes };
    return mean;
  }

  /** The vectors of all ranks, sent in the precision of the parameters, which loses nothing. */
  private *gathered(v: Numbers): Generator<Asked, Float64Array[], Told> {
    const all = yield { gather: new Uint8Array(v.buffer, v.byteOffset, v.byteLength) };
    const width = v.BYTES_PER_ELEMENT;
    return all.map((bytes) => {
      // Bytes of a faulty rank may end within a number.
      const { buffer } = bytes.slice(0, bytes.length - (bytes.length % width));
      return width === 4 ? new Float64Array(new Float32Array(buffer)) : new Float64Array(buffer);
    });
  }
}

/** The message of a vector that is not finite: no compressor makes one byte of this value. */
const NOTHING = Uint8Array.of(255);

/** Apart from the streams of the training. */
const STREAM = 0x6fffffff;
