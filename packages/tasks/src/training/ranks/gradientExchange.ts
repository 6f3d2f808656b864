import { decodePlain, encodePlain, fail } from '@southwell/numerics/core';
import { aggregate, type FeedbackClient, type WholeOrEntries } from 'southwell/distributed-methods';
import type { GradientExchange } from 'southwell/training';
import { gatherOf } from '../../spread/gather.ts';
import type { JobRanks } from '../../spread/ranks.ts';
import { answeredWith, type MeanSettings, type Numbers, RankMean, write } from './rankMean.ts';

/** A number of each rank, from its bytes. */
const numbersOf = (all: readonly Uint8Array[]): number[] =>
  all.map((bytes) => new Float64Array(bytes.slice().buffer)[0]);

/** What ranks send each other in place of exact sums of gradients. */
export interface ExchangeSettings extends MeanSettings {
  /** Steps that each rank takes by itself before parameters are averaged; 1 exchanges gradients. */
  readonly localSteps: number;
  /** Steps of an epoch, at whose end parameters are averaged, too. */
  readonly perEpoch: number;
}

/** What was sent. */
export interface Sent {
  readonly rounds: number;
  /** By this rank, in messages to each of the others. */
  readonly bytes: number;
  /** That the whole gradients of all steps would have taken. */
  readonly whole: number;
  /** Of each rank: rounds in which what it sent did not count, since it was not finite; none of it, if that was always so. */
  readonly leftOut?: readonly number[];
}

/** What a rank keeps between rounds, as plain data. */
interface RankState {
  readonly client: FeedbackClient | undefined;
  readonly bytes: number;
  /** What the rank needs besides: all that differs between ranks that step by themselves. */
  readonly own?: unknown;
  /** Of local steps: the sum of this rank's losses since the last average. */
  readonly losses?: number;
}

/** What all ranks keep, as plain data. */
interface SavedExchange {
  /** Of the vectors. */
  readonly length: number;
  /** By name, with the shapes of the layers if it uses them; none if all numbers are sent. */
  readonly compressor?: string;
  readonly round: number;
  readonly whole: number;
  readonly estimate: Float64Array | undefined;
  readonly leftOut?: readonly number[];
  readonly ranks: readonly RankState[];
  /** Of local steps: the parameters, and the step, of the last average; the loss, and the sum of those of the epoch, that are known from it. */
  readonly anchor?: Float64Array;
  readonly averaged?: number;
  readonly loss?: number;
  readonly settled?: number;
}

/**
 * Gradients of ranks as compressed messages with error feedback, of which every rank takes the mean: each is a client, and all are
 * the server. With local steps (McMahan et al., FedAvg, 2017) ranks step by themselves, and what is sent are the changes of
 * their parameters. Methods that estimate the gradient send it whole in the first round.
 *
 * The losses of ranks go with their messages. With local steps these are sums since the last average, from which all ranks learn the
 * losses of an epoch at its end; in between, the loss of a step is taken to be the mean of those before the last average, and at first
 * that of the first step.
 */
export class CompressedExchange implements GradientExchange {
  private readonly gather: (bytes: Uint8Array) => Uint8Array[];
  private readonly mean: RankMean;
  /** The memory of what is combined. */
  private vector: Numbers | undefined;
  private anchor: Float64Array | undefined;
  private averaged = -1;
  /** Bytes of whole gradients, now and before the last call of `combine`. */
  private whole = 0;
  private wholeBefore = 0;
  /** Of local steps: the sum of this rank's losses since the last average, now and before the last call of `combine`. */
  private losses = 0;
  private lossesOnce = 0;
  /** The loss of a step, as far as it is known, and the sum of the losses of the epoch until the last average. */
  private known: number | undefined;
  private settled = 0;
  lossesBefore: number | undefined;

  constructor(
    private readonly ranks: JobRanks,
    private readonly settings: ExchangeSettings,
  ) {
    this.gather = gatherOf(ranks);
    this.mean = new RankMean(settings, ranks);
  }

  get sent(): Sent {
    const { round: rounds, bytes, leftOut } = this.mean.now;
    return { rounds, bytes, whole: this.whole, ...(leftOut.some((times) => times > 0) && { leftOut }) };
  }

  begin(parameters: Numbers, step: number): void {
    const { localSteps, perEpoch } = this.settings;
    this.lossesBefore = undefined;
    if (localSteps === 1 || step === this.averaged) return;
    if (step % localSteps !== 0 && step % perEpoch !== 0) return;
    if (this.anchor) this.average(parameters, this.anchor, step);
    else this.anchor = new Float64Array(parameters);
    this.averaged = step;
  }

  /** Averages what the ranks have changed since the last average, and exchanges their losses. */
  private average(parameters: Numbers, anchor: Float64Array, step: number): void {
    const change = this.vectorLike(parameters);
    for (let i = 0; i < change.length; i++) change[i] = parameters[i] - anchor[i];
    const { mean, loss } = this.meanOf(change, this.losses);
    this.known = loss / (step - this.averaged);
    this.lossesBefore = this.settled + loss;
    this.settled = step % this.settings.perEpoch === 0 ? 0 : this.lossesBefore;
    this.losses = 0;
    if (!mean) return;
    if ('indices' in mean) {
      parameters.set(anchor);
      for (let k = 0; k < mean.indices.length; k++) parameters[mean.indices[k]] += mean.values[k];
    } else for (let i = 0; i < mean.length; i++) parameters[i] = anchor[i] + mean[i];
    anchor.set(parameters);
  }

  combine(part: Numbers, own: number): number {
    const { size } = this.ranks;
    this.wholeBefore = this.whole;
    this.whole += part.byteLength;
    if (this.settings.localSteps > 1) return this.alone(part, own);
    const v = this.vectorLike(part);
    for (let i = 0; i < v.length; i++) v[i] = size * part[i];
    const { mean, loss } = this.meanOf(v, own);
    if (mean) write(part, mean);
    return loss;
  }

  /** A step of this rank by itself. */
  private alone(part: Numbers, own: number): number {
    const { size } = this.ranks;
    let finite = Number.isFinite(own);
    for (let i = 0; i < part.length; i++) {
      part[i] *= size;
      finite &&= Math.abs(part[i]) < Number.POSITIVE_INFINITY;
    }
    // It would stay in what the optimiser remembers, and a rank cannot end without the others, which learn of it with the next average.
    if (!finite) part.fill(0);
    this.lossesOnce = this.losses;
    this.losses += finite ? own : Number.NaN;
    this.known ??= this.lossOf(numbersOf(this.gather(new Uint8Array(Float64Array.of(this.losses).buffer))));
    return this.known;
  }

  /**
   * The loss over all ranks: the sum of theirs; with rules that resist faulty ranks, their median times their number, without those
   * that are not finite, and NaN if these are more than may be faulty.
   */
  private lossOf(losses: readonly number[]): number {
    const { mean, ranks } = this;
    if (!mean.resists) return losses.reduce((a, b) => a + b);
    const finite = losses.filter(Number.isFinite);
    if (finite.length < ranks.size - mean.faulty) return Number.NaN;
    return (
      ranks.size *
      aggregate(
        finite.map((loss) => Float64Array.of(loss)),
        { rule: 'median' },
      ).direction[0]
    );
  }

  /** A vector of the same length and precision, whose memory is that of the last one. */
  private vectorLike(numbers: Numbers): Numbers {
    if (this.vector?.length !== numbers.length)
      this.vector = new (numbers instanceof Float32Array ? Float32Array : Float64Array)(numbers.length);
    return this.vector;
  }

  /** The vectors of the ranks as one, and their loss; if that is not finite, only the loss, and the state stays as it is. */
  private meanOf(v: Numbers, own: number): { readonly mean: WholeOrEntries | undefined; readonly loss: number } {
    let loss = Number.NaN;
    const all = (losses: readonly number[]): boolean => {
      loss = this.lossOf(losses);
      return Number.isFinite(loss);
    };
    const mean = this.ranks.together((comm) => answeredWith(comm, this.mean.of(v), own, all));
    return { mean, loss };
  }

  save(own: unknown): SavedExchange {
    const { anchor, averaged, mean, known, settled } = this;
    const local = this.settings.localSteps > 1;
    // Steps of a rank by itself exchange nothing, and begin with what there is now.
    const { client, bytes, server, round, leftOut } = local ? mean.now : mean.before;
    const text = encodePlain({ client, bytes, ...(local && { own, losses: this.lossesOnce }) } satisfies RankState);
    const ranks = this.gather(new TextEncoder().encode(text)).map(
      (bytes) => decodePlain(new TextDecoder().decode(bytes)) as RankState,
    );
    return {
      ...{ length: server?.x.length ?? 0, round, leftOut, whole: this.wholeBefore, ranks },
      estimate: server?.estimate.slice(),
      ...(mean.compressor && { compressor: mean.compressor.name }),
      ...(local && { anchor: anchor!.slice(), averaged, loss: known, settled }),
    };
  }

  /** @throws INVALID_PARAMETER for the state of another number of ranks, or of another compressor. */
  restore<T>(state: unknown, common: T): T {
    const { length, compressor, round, whole, estimate, ranks, anchor, averaged, leftOut, loss, settled } =
      state as SavedExchange;
    const { rank, size } = this.ranks;
    if (ranks.length !== size)
      fail(
        'INVALID_PARAMETER',
        `The checkpoint is of ${ranks.length} ranks, each of which keeps what its messages left out, and this run has ${size}: resume with ${ranks.length} ranks, or start afresh.`,
      );
    const { mean } = this;
    const name = mean.compressor?.name;
    if (compressor !== undefined && compressor !== name)
      fail(
        'INVALID_PARAMETER',
        `The checkpoint is of messages by ${compressor}, and this run has ${name ?? 'no compressor'}: start afresh.`,
      );
    const { client, bytes, own, losses = 0 } = ranks[rank];
    [this.whole, this.wholeBefore] = [whole, whole];
    mean.restore({
      ...{ round, bytes, leftOut: leftOut ?? mean.now.leftOut },
      ...(client && {
        client: structuredClone(client),
        server: { x: new Float64Array(length), estimate: estimate?.slice() ?? new Float64Array(0) },
      }),
    });
    this.anchor = anchor?.slice();
    this.averaged = averaged ?? -1;
    [this.losses, this.lossesOnce, this.known, this.settled] = [losses, losses, loss, settled ?? 0];
    return own === undefined ? common : (own as T);
  }
}
