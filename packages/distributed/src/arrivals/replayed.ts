import { fail } from '@southwell/numerics/core';
import type { Communicator, Exchange, Request } from '../communicator.ts';
import type { Program } from '../drive.ts';
import { type Arrival, type Arrivals, ReplayError, translated } from './arrivals.ts';

/**
 * The same program, replayed from a record made by {@link recorded}: receives from any rank are directed to the
 * recorded sources; `waitAny` and `test` wait for the exchanges that were complete and return the recorded results, and
 * so does the clock. With any driver and any message latencies, the program takes the same course, bit for bit provided
 * that its own arithmetic and sums are reproducible (the order of additions in `reduce` depends on the driver, that in
 * {@link RowSums} does not). Deadlines are not waited for. Data of sends that are begun are copied, because a send may
 * be reported as complete before it is. `records`: the record of this rank, or those of all ranks by number. O(1) per
 * request.
 * @throws ReplayError if the program makes other, more or fewer requests than the record has; INVALID_FORMAT for an
 * invalid record.
 */
export function replayed<Y, R>(program: Program<Y, R>, records: Arrivals | readonly Arrivals[]): Program<Y, R> {
  return function* (comm) {
    const replay = new Replay(comm, Array.isArray(records) ? records[comm.rank] : (records as Arrivals));
    const result = yield* translated(program(comm), (request) => replay.ask(request));
    yield* replay.finish();
    return result;
  };
}

/** What the program receives as the handle of an exchange that it began. */
class Begun {
  constructor(
    readonly number: number,
    readonly begun: unknown,
    readonly isSend: boolean,
    /** Whether it is a receive for which no message arrived. */
    readonly never: boolean,
  ) {}
}

class Replay {
  private readonly events: readonly Arrival[];
  private at = 0;
  /** How many results of the current event have been returned. */
  private given = 0;
  private count = 0;
  /** Sends that were reported as complete but may not be. */
  private readonly late = new Set<Begun>();
  private broken: ReplayError | undefined;

  constructor(
    private readonly comm: Communicator,
    record: Arrivals | undefined,
  ) {
    if (!Array.isArray(record?.events)) {
      fail('INVALID_FORMAT', `Rank ${comm.rank} has no record of arrivals; expected { rank, size, events }.`);
    }
    this.events = record.events;
    const { rank, size } = record;
    if (rank !== comm.rank || size !== comm.size) {
      throw this.misfit(`it is rank ${comm.rank} of ${comm.size}`, `is of rank ${rank} of ${size}`);
    }
  }

  *ask(request: Request): Exchange<unknown> {
    if (this.broken) throw this.broken;
    const { comm } = request;
    switch (request.kind) {
      case 'receive': {
        if (request.from !== 'any') return yield request;
        const from = this.source(request.tag);
        // It failed in the recorded run, and may fail again.
        return yield from === null ? request : { ...request, from };
      }
      case 'begin':
        return yield* this.begin(request);
      case 'wait': {
        const one = own(request.begun);
        if (one.never) throw this.misfit(`the program waits for exchange ${one.number}`, 'says that it was never over');
        return this.late.has(one) ? undefined : yield { ...request, begun: one.begun };
      }
      case 'test': {
        const one = own(request.begun);
        const over = this.test(one);
        // Called in any case, because it makes progress on exchanges and shows others that this rank is responding.
        const isOver = one.never ? false : yield { ...request, begun: one.begun };
        if (over && !isOver) yield* this.await(one, comm);
        return over;
      }
      case 'waitAny': {
        const place = this.place(request.begun.length);
        if (place !== null) yield* this.await(own(request.begun[place]), comm);
        else yield { comm, kind: 'waitAny', begun: [], until: Number.NEGATIVE_INFINITY };
        return place ?? undefined;
      }
      case 'clock':
        return this.take('clock', 'the clock')[1];
      default:
        return yield request;
    }
  }

  /** At the end of the program, the record must be exhausted; completes pending exchanges. */
  *finish(): Exchange {
    if (this.broken) throw this.broken;
    if (this.at < this.events.length) {
      throw this.misfit('the program has ended', `goes on with ${described(this.events[this.at])}`);
    }
    for (const { begun } of this.late) yield { comm: this.comm.id, kind: 'wait', begun };
  }

  private *begin(request: Request & { kind: 'begin' }): Exchange<Begun> {
    let { act } = request;
    let never = false;
    if (act.kind === 'receive' && act.from === 'any') {
      const from = this.source(act.tag);
      if (from === null) never = true;
      else act = { ...act, from };
    }
    const isSend = act.kind === 'send';
    if (act.kind === 'send') act = { ...act, data: act.data.slice() };
    return new Begun(this.count++, never ? undefined : yield { ...request, act }, isSend, never);
  }

  /**
   * Waits until an exchange is complete that was complete in the recorded run. Sends need not be waited for, as their
   * data were copied.
   */
  private *await(one: Begun, comm: number): Exchange {
    if (one.never) throw this.misfit(`the program is told exchange ${one.number}`, 'says that it was never over');
    if (one.isSend) this.late.add(one);
    else yield { comm, kind: 'waitAny', begun: [one.begun], until: Number.POSITIVE_INFINITY };
  }

  private source(tag: number): number | null {
    const asked = `a receive from any rank (tag ${tag})`;
    const event = this.take('receive', asked);
    const [, from, wanted] = event;
    if (wanted !== tag) throw this.differs(asked, event);
    return from;
  }

  private place(of: number): number | null {
    const asked = `waitAny of ${of}`;
    const event = this.take('waitAny', asked);
    if (event[2] !== of || (event[1] !== null && !(event[1] >= 0 && event[1] < of))) throw this.differs(asked, event);
    return event[1];
  }

  private test({ number }: Begun): boolean {
    const asked = `a test of exchange ${number}`;
    const event = this.take('test', asked, false);
    if (event[2] !== number) throw this.differs(asked, event);
    if (++this.given >= event[3]) {
      this.at++;
      this.given = 0;
    }
    return event[1];
  }

  /** Returns the next event, which must be of the requested kind, and advances past it. */
  private take<K extends Arrival[0]>(kind: K, asked: string, past = true): Arrival & readonly [K, ...unknown[]] {
    const event = this.events[this.at];
    if (this.given > 0 && kind !== 'test')
      throw this.misfit(`the program asks for ${asked}`, `has ${described(event)}`);
    if (event === undefined) throw this.misfit(`the program asks for ${asked}`, 'has ended');
    if (event[0] !== kind) throw this.misfit(`the program asks for ${asked}`, `has ${described(event)}`);
    if (past) this.at++;
    return event as Arrival & readonly [K, ...unknown[]];
  }

  /** The error for the event taken last. */
  private differs(asked: string, event: Arrival): ReplayError {
    if (event[0] !== 'test') this.at--;
    return this.misfit(`the program asks for ${asked}`, `has ${described(event)}`);
  }

  private misfit(found: string, wanted: string): ReplayError {
    const { rank } = this.comm;
    const where = `event ${this.at} of ${this.events.length} of rank ${rank}`;
    this.broken = new ReplayError(
      rank,
      this.at,
      `The record does not fit at ${where}: ${found}, the record ${wanted}.`,
    );
    return this.broken;
  }
}

function described(event: Arrival): string {
  switch (event[0]) {
    case 'receive':
      return `a receive from ${event[1] === null ? 'any rank that never came' : `rank ${event[1]}`} (tag ${event[2]})`;
    case 'test':
      return `a test of exchange ${event[2]}`;
    case 'waitAny':
      return `waitAny of ${event[2]}`;
    case 'clock':
      return 'the clock';
  }
}

function own(begun: unknown): Begun {
  if (begun instanceof Begun) return begun;
  return fail('INVALID_PARAMETER', 'A replayed program may wait only for exchanges that it has begun itself.');
}
