import { fail } from '@southwell/numerics/core';
import { agreed, disagreement, opinion, particulars } from '../agreement.ts';
import type { Act, Collective, Communicator, Received } from '../communicator.ts';
import type { Ending } from '../first.ts';
import { leastSent } from '../leastSent.ts';
import { checkFit, TYPES, typeOf } from '../numbers.ts';
import type { Traffic } from '../traffic.ts';
import { ANY_SOURCE, ERR_TRUNCATE, type Handle, IN_PLACE, type OpenMpi } from './library.ts';

/**
 * A communicator with duplicates, so that agreements and what follows them do not mix with the operations agreed on.
 */
export interface Group {
  readonly comm: Communicator;
  readonly handle: Handle;
  readonly agreements: Handle;
  readonly particulars: Handle;
  collectives: number;
  /**
   * Collectives that have been begun but not started, because the ranks have yet to agree; they start in the same order
   * on all ranks.
   */
  readonly waiting: MpiOperation[];
}

/** Indices of the words of a status. */
const SOURCE = 0;
const ERROR = 2;

/** A separate tag for each type. */
const tagOf = (tag: number, type: number) => tag * TYPES.length + type;

/** Memory for the status that MPI writes; reused, because it is outside the heap. */
class Words {
  readonly request = new BigUint64Array(16);
  readonly flag = new Int32Array(32);
  readonly status = new Int32Array(32);
}
const spare: Words[] = [];

/** Number of completed exchanges of this process. */
let ended = 0;

/** A pending exchange: a sequence of MPI requests, each tested for completion, so that none blocks. */
export class MpiOperation implements Ending {
  over = false;
  place = 0;
  answer: unknown;
  error: unknown;
  private readonly words = spare.pop() ?? new Words();
  private readonly request = this.words.request;
  private readonly flag = this.words.flag;
  private readonly status = this.words.status;
  /** Memory that MPI may read or write. */
  private readonly held: unknown[] = [];
  /** Whether its ranks have agreed. */
  private ready = false;
  /** The call of this rank, to be reported if the ranks do not agree. */
  private quarrel: Float64Array | undefined;
  /** Called when the current request is complete. */
  private next: () => void = () => this.end();

  constructor(
    private readonly mpi: OpenMpi,
    readonly group: Group,
    readonly act: Act,
    readonly number: number,
    private readonly traffic: Traffic,
    checks: boolean,
  ) {
    const { comm } = group;
    if (act.kind === 'send' || act.kind === 'receive') this.message(act);
    else if (checks && comm.size > 1) {
      group.waiting.push(this);
      this.agree(act);
    } else {
      group.waiting.push(this);
      this.ready = true;
      this.startAll();
    }
  }

  /** Tests the current request and advances if it is complete. */
  poll(): void {
    if (this.over || (this.ready && this.group.waiting.includes(this))) return;
    const code = this.mpi.call.Test(this.request, this.flag, this.status);
    if (code !== 0 && code !== ERR_TRUNCATE) this.mpi.check(code);
    if (code === 0 && this.flag[0] === 0) return;
    this.flag[0] = 0;
    const { next } = this;
    try {
      next();
    } catch (error) {
      this.fail(error);
    }
  }

  /**
   * For a receive that waits in vain: checks whether a message of another type has arrived.
   * @throws MISMATCH.
   */
  lookForOthers(): void {
    const { act, mpi, group } = this;
    if (act.kind !== 'receive' || this.over) return;
    const from = act.from === 'any' ? ANY_SOURCE : act.from;
    const own = typeOf(act.into);
    for (let type = 0; type < TYPES.length; type++) {
      if (type === own) continue;
      const flag = new Int32Array(1);
      mpi.check(mpi.call.Iprobe(from, tagOf(act.tag, type), group.handle, flag, this.status));
      if (flag[0] === 0) continue;
      const source = this.status[SOURCE];
      const data = new TYPES[type](this.count(type));
      mpi.check(mpi.call.Cancel(this.request));
      while (flag[0] === 1) flag[0] = this.isPending() ? 1 : 0;
      // Received to discard it.
      this.receive(data, source, act.tag);
      while (this.isPending());
      try {
        checkFit(data.length, type, act.into, source);
      } catch (error) {
        this.fail(error);
      }
      return;
    }
  }

  private isPending(): boolean {
    this.mpi.check(this.mpi.call.Test(this.request, this.flag, this.status));
    const pending = this.flag[0] === 0;
    this.flag[0] = 0;
    return pending;
  }

  /** The garbage collector may move small buffers until their address is taken. */
  private hold(...views: ArrayBufferView[]): void {
    for (const view of views) this.held.push(view.buffer);
  }

  private end(answer?: unknown): void {
    this.answer = answer;
    this.over = true;
    this.place = ++ended;
    spare.push(this.words);
  }

  private fail(error: unknown): void {
    this.error = error;
    this.over = true;
    this.place = ++ended;
    spare.push(this.words);
    const at = this.group.waiting.indexOf(this);
    if (at >= 0) this.group.waiting.splice(at, 1);
    this.startAll();
  }

  private count(type: number): number {
    const count = new Int32Array(1);
    this.mpi.check(this.mpi.call.Get_count(this.status, this.mpi.types[type], count));
    return count[0];
  }

  private message(act: Act & { kind: 'send' | 'receive' }): void {
    const { mpi, group, traffic } = this;
    if (act.kind === 'receive') {
      this.receive(act.into, act.from === 'any' ? ANY_SOURCE : act.from, act.tag);
      this.next = () => {
        const type = typeOf(act.into);
        const length = this.count(type);
        if (this.status[ERROR] === ERR_TRUNCATE || length > act.into.length) {
          checkFit(length, type, act.into, this.status[SOURCE]);
          fail('INVALID_SHAPE', `A message does not fit into ${act.into.length} numbers.`);
        }
        this.end({ from: this.status[SOURCE], length } satisfies Received);
      };
      return;
    }
    const type = typeOf(act.data);
    this.hold(act.data);
    traffic.count(1, act.data.byteLength);
    const { data, to, tag } = act;
    mpi.check(mpi.call.Isend(data, data.length, mpi.types[type], to, tagOf(tag, type), group.handle, this.request));
  }

  private receive(into: ArrayBufferView & { length: number }, from: number, tag: number): void {
    const type = typeOf(into as Float64Array);
    this.hold(into);
    const { call, types, check } = this.mpi;
    check(call.Irecv(into, into.length, types[type], from, tagOf(tag, type), this.group.handle, this.request));
  }

  private agree(act: Collective): void {
    const { mpi, group, traffic } = this;
    const { rank, size } = group.comm;
    const max = opinion(act);
    this.hold(max);
    const { messages, bytes } = leastSent({ kind: 'allReduce', data: max, reduction: 'max' }, rank, size);
    traffic.count(messages, bytes);
    const { call, types, reductions, check } = mpi;
    check(call.Iallreduce(IN_PLACE, max, max.length, types[0], reductions.max, group.agreements, this.request));
    this.next = () => {
      this.ready = true;
      if (!agreed(max)) this.quarrel = particulars(act);
      this.startAll();
    };
  }

  /** Starts the operations that are ready and have no predecessor. */
  private startAll(): void {
    const { waiting } = this.group;
    while (waiting[0]?.ready) waiting.shift()!.start();
  }

  private start(): void {
    try {
      if (this.quarrel) this.gather(this.quarrel);
      else this.collective(this.act as Collective);
    } catch (error) {
      this.fail(error);
    }
  }

  private gather(own: Float64Array): void {
    const { mpi, group, number } = this;
    const all = new Float64Array(own.length * group.comm.size);
    this.hold(own, all);
    const [{ call, types, check }, n] = [mpi, own.length];
    check(call.Iallgather(own, n, types[0], all, n, types[0], group.particulars, this.request));
    this.next = () => {
      throw disagreement(all, number);
    };
  }

  private collective(act: Collective): void {
    const { comm } = this.group;
    const { messages, bytes } = leastSent(act, comm.rank, comm.size);
    this.traffic.count(messages, bytes);
    this.next = () => this.end();
    if ('data' in act) this.hold(act.data);
    if ('into' in act) this.hold(act.into);
    // After the agreement on a split all ranks are present; the remainder may block.
    if (act.kind === 'split') this.end();
    else this.mpi.check(this.started(act));
  }

  private started(act: Exclude<Collective, { kind: 'split' }>): number {
    const { call, types, reductions } = this.mpi;
    const { comm, handle } = this.group;
    const { request } = this;
    if (act.kind === 'barrier') return call.Ibarrier(handle, request);
    const { data } = act;
    const { length: n } = data;
    const type = types[typeOf(data)];
    switch (act.kind) {
      case 'broadcast':
        return call.Ibcast(data, n, type, act.root, handle, request);
      case 'reduce': {
        const [from, to] = comm.rank === act.root ? [IN_PLACE, data] : [data, null];
        return call.Ireduce(from, to, n, type, reductions[act.reduction], act.root, handle, request);
      }
      case 'allReduce':
        return call.Iallreduce(IN_PLACE, data, n, type, reductions[act.reduction], handle, request);
      case 'allGather':
        return call.Iallgather(data, n, type, act.into, n, type, handle, request);
      case 'reduceScatter': {
        const op = reductions[act.reduction];
        return call.Ireduce_scatter_block(data, act.into, act.into.length, type, op, handle, request);
      }
      case 'allToAll': {
        const part = n / comm.size;
        return call.Ialltoall(data, part, type, act.into, part, type, handle, request);
      }
    }
  }
}
