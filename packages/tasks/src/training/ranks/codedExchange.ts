import type { Communicator, Exchange, Pending, Received } from '@southwell/distributed';
import { fail } from '@southwell/numerics/core';
import type { GradientExchange } from 'southwell/training';
import type { JobRanks } from '../../spread/ranks.ts';
import type { Numbers } from './rankMean.ts';

/** What became of the gradients of a coded training, one a step and one at the end. */
export interface Coded {
  readonly steps: number;
  /** Of each rank: gradients that were decoded without it. */
  readonly without: readonly number[];
}

/** What all ranks keep, as plain data. */
interface SavedCode extends Coded {
  readonly late: number;
}

const [RESULT, ANSWER] = [81, 82];
/** Bytes before the numbers: the step, −1 at the end, and the loss. */
const HEAD = 16;
/** Parts of a group, at least, if the batch can be divided so: between two of them a rank looks whether the step is over. */
const LOOKS = 4;

function messageOf(step: number, loss: number, numbers: Numbers | undefined): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(HEAD + (numbers?.byteLength ?? 0));
  new Float64Array(out.buffer, 0, 2).set([step, loss]);
  if (numbers) out.set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength), HEAD);
  return out;
}

/** The numbers of a message, in the precision of others. */
const numbersIn = (message: Uint8Array<ArrayBuffer>, like: Numbers): Numbers =>
  new (like instanceof Float32Array ? Float32Array : Float64Array)(message.buffer, HEAD, like.length);

/**
 * Gradients of ranks by a gradient code with fractional repetition (Tandon et al. 2017): the first rank coordinates, and the others
 * are groups of s + 1 ranks with the same rows. A step is over as soon as one rank of each group has answered: the first rank then sends
 * everybody the sum, which ends the work of those that are late, between two parts of it. The bits do not depend on who was late.
 */
export class CodedExchange implements GradientExchange {
  private readonly groups: number;
  private step = -1;
  private without: number[];
  private steps = 0;
  /** Of the step before: the checkpoint is of what is before the last call of `combine`. */
  private before: Coded;
  /** On the first rank: the next result; on the others: the answer of this step. */
  private coming: Pending<Received> | undefined;
  private inbox = new Uint8Array(0);
  private sending: Pending[] = [];
  private cancelled = false;
  /** Parts of this step that this rank has begun, of all of its own. */
  private begun = 0;
  private own = 0;

  /** @param late ranks that may be late, s; s + 1 divides the number of ranks but the first. */
  constructor(
    private readonly ranks: JobRanks,
    private readonly late: number,
  ) {
    this.groups = (ranks.size - 1) / (late + 1);
    this.without = new Array<number>(ranks.size).fill(0);
    this.before = this.coded;
  }

  /** The least number of parts of a step. */
  get partsNeeded(): number {
    return LOOKS * this.groups;
  }

  get coded(): Coded {
    return { steps: this.steps, without: [...this.without] };
  }

  private groupOf(rank: number): number {
    return Math.floor((rank - 1) / (this.late + 1));
  }

  parts(all: number): { readonly first: number; readonly own: number } {
    const { rank } = this.ranks;
    const from = (group: number) => Math.floor((group * all) / this.groups);
    const group = this.groupOf(rank);
    const [first, end] = rank === 0 ? [0, 0] : [from(group), from(group + 1)];
    this.own = end - first;
    return { first, own: this.own };
  }

  begin(parameters: Numbers, step: number): void {
    [this.step, this.cancelled, this.begun] = [step, false, 0];
    const { rank, together } = this.ranks;
    if (rank === 0 && this.coming) return;
    // Results of earlier steps may still come, each in its turn.
    this.inbox = new Uint8Array(HEAD + parameters.byteLength);
    this.coming = together((comm) =>
      comm.begin(comm.receive(rank === 0 ? 'any' : 0, this.inbox, rank === 0 ? RESULT : ANSWER)),
    );
  }

  /** Declares the work of a part on a simulated clock; s + 1 times as many rows are worked on as without a code. */
  private *worked(comm: Communicator): Exchange {
    const { work } = this.ranks;
    if (work && this.begun > 0) yield* comm.work((work * (this.late + 1)) / this.own);
  }

  over(): boolean {
    if (this.ranks.rank === 0) return false;
    const { coming } = this;
    const self = this;
    this.cancelled = this.ranks.together(function* (comm) {
      yield* self.worked(comm);
      return yield* comm.test(coming!);
    });
    this.begun++;
    return this.cancelled;
  }

  combine(part: Numbers, own: number): number {
    this.before = this.coded;
    this.steps++;
    return this.ranks.together((comm) => (comm.rank === 0 ? this.decode(comm, part) : this.answer(comm, part, own)));
  }

  /** A rank that works: it sends its result if that is still needed, and takes the sum. */
  private *answer(comm: Communicator, part: Numbers, own: number): Exchange<number> {
    if (!this.cancelled) {
      yield* this.worked(comm);
      this.cancelled = yield* comm.test(this.coming!);
    }
    if (!this.cancelled) this.sending.push(yield* comm.begin(comm.send(0, messageOf(this.step, own, part), RESULT)));
    yield* comm.wait(this.coming!);
    this.coming = undefined;
    yield* this.pruned(comm);
    part.set(numbersIn(this.inbox, part));
    return new Float64Array(this.inbox.buffer, 0, 2)[1];
  }

  /** The first rank: it adds up the first result of each group. */
  private *decode(comm: Communicator, part: Numbers): Exchange<number> {
    const { ranks, groups } = this;
    const results = new Array<Uint8Array<ArrayBuffer> | undefined>(groups).fill(undefined);
    const answered = new Set<number>([0]);
    for (let missing = groups; missing > 0; ) {
      const { from } = yield* comm.wait(this.coming!);
      const message = this.inbox;
      this.inbox = new Uint8Array(message.length);
      this.coming = yield* comm.begin(comm.receive('any', this.inbox, RESULT));
      if (new Float64Array(message.buffer, 0, 1)[0] !== this.step) continue;
      answered.add(from);
      const group = this.groupOf(from);
      if (results[group]) continue;
      results[group] = message;
      missing--;
    }
    part.fill(0);
    let loss = 0;
    for (const message of results) {
      const numbers = numbersIn(message!, part);
      for (let j = 0; j < part.length; j++) part[j] += numbers[j];
      loss += new Float64Array(message!.buffer, 0, 2)[1];
    }
    yield* this.pruned(comm);
    // Nobody is waited for: who is late takes the sum when it looks for it.
    const sum = messageOf(this.step, loss, part);
    for (let to = 1; to < comm.size; to++) this.sending.push(yield* comm.begin(comm.send(to, sum, ANSWER)));
    const now = yield* comm.clock();
    ranks.note?.(now, 0, 'decoded');
    for (let rank = 1; rank < comm.size; rank++) {
      if (answered.has(rank)) continue;
      this.without[rank]++;
      ranks.note?.(now, rank, 'cancelled');
    }
    return loss;
  }

  /** Forgets the messages that have left. */
  private *pruned(comm: Communicator): Exchange {
    const left: Pending[] = [];
    for (const one of this.sending) {
      if (yield* comm.test(one)) yield* comm.wait(one);
      else left.push(one);
    }
    this.sending = left;
  }

  /** Takes what is still on its way; to be called on all ranks at the end. */
  close(): void {
    const self = this;
    this.ranks.together(function* (comm) {
      if (comm.rank > 0) self.sending.push(yield* comm.begin(comm.send(0, messageOf(-1, 0, undefined), RESULT)));
      else {
        self.coming ??= yield* comm.begin(comm.receive('any', self.inbox, RESULT));
        for (let left = comm.size - 1; left > 0; ) {
          yield* comm.wait(self.coming);
          if (new Float64Array(self.inbox.buffer, 0, 1)[0] < 0) left--;
          self.coming = left > 0 ? yield* comm.begin(comm.receive('any', self.inbox, RESULT)) : undefined!;
        }
      }
      for (const one of self.sending) yield* comm.wait(one);
      self.sending = [];
    });
  }

  save(): SavedCode {
    return { ...this.before, late: this.late };
  }

  /** @throws INVALID_PARAMETER for the state of another number of ranks, or of another code. */
  restore<T>(saved: unknown, common: T): T {
    const { steps, without, late } = saved as SavedCode;
    const { size } = this.ranks;
    if (without.length !== size || late !== this.late)
      fail(
        'INVALID_PARAMETER',
        `The checkpoint is of ${without.length} ranks of which ${late} may be late, and this run has ${size} of which ${this.late} may: resume with those, or start afresh.`,
      );
    [this.steps, this.without] = [steps, [...without]];
    this.before = this.coded;
    return common;
  }
}
