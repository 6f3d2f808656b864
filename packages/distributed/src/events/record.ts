import { translated } from '../arrivals/arrivals.ts';
import type { Act, Communicator, Exchange, Received, Request } from '../communicator.ts';
import type { Program } from '../drive.ts';
import { typeOf } from '../numbers.ts';

/** An exchange of one rank as plain data: what its messages are follows from it. Times are readings of the clock of the rank. */
export interface KeptExchange {
  readonly kind: Act['kind'];
  /** The number of the communicator on this rank. */
  readonly comm: number;
  /** The receiver, the source, the root or the colour, in the communicator; −1 if there is none. */
  peer: number;
  /** The tag; the key of a split. */
  readonly tag: number;
  /** Of the numbers: their type and how many. */
  readonly type: number;
  readonly length: number;
  readonly began: number;
  /** When this rank saw that it is complete; undefined if it never did. */
  ended?: number;
  /** Of a split: the number of the communicator that it made. */
  made?: number;
}

/** What a rank did, as plain data that JSON preserves. Times are readings of its clock. */
export interface RankRecord {
  began: number;
  ended: number;
  /** In the order in which they were begun. */
  readonly exchanges: KeptExchange[];
  /** Times in which it waited for exchanges, one after the other. */
  readonly waits: Array<readonly [from: number, to: number]>;
}

/** Keeps the exchanges of a rank, whatever carries them out. The time between them is its work. */
export class Recorder {
  readonly record: RankRecord = { began: Number.NaN, ended: Number.NaN, exchanges: [], waits: [] };
  /** By the handle of an exchange that has been begun. */
  private readonly open = new Map<unknown, KeptExchange>();

  /** The same program, whose exchanges are recorded. O(1) for each, and two readings of the clock. */
  watched<Y, R>(program: Program<Y, R>): Program<Y, R> {
    const recorder = this;
    return function* (comm) {
      yield* recorder.read(comm.id);
      const result = yield* translated(program(comm), (request) => recorder.ask(request));
      yield* recorder.read(comm.id);
      return result;
    };
  }

  private *read(comm: number): Exchange<number> {
    const now = (yield { comm, kind: 'clock' }) as number;
    const { record } = this;
    if (Number.isNaN(record.began)) record.began = now;
    record.ended = now;
    return now;
  }

  private *ask(request: Request): Exchange<unknown> {
    switch (request.kind) {
      case 'work':
      case 'clock':
      case 'phase':
      case 'traffic':
        return yield request;
      case 'test': {
        const over = (yield request) as boolean;
        if (over) this.end(this.open.get(request.begun), yield* this.read(request.comm));
        return over;
      }
      case 'begin': {
        const kept = this.begin(request.comm, request.act, yield* this.read(request.comm));
        const begun = yield request;
        this.open.set(begun, kept);
        return begun;
      }
      case 'wait': {
        const kept = this.open.get(request.begun);
        const answer = yield* this.waited(request, kept ? [kept] : []);
        if (kept?.kind === 'receive') kept.peer = (answer as Received).from;
        this.open.delete(request.begun);
        return answer;
      }
      case 'waitAny': {
        const from = yield* this.read(request.comm);
        const place = (yield request) as number | undefined;
        const now = yield* this.read(request.comm);
        this.record.waits.push([from, now]);
        if (place !== undefined) this.end(this.open.get(request.begun[place]), now);
        return place;
      }
      default: {
        const kept = this.begin(request.comm, request, yield* this.read(request.comm));
        const answer = yield* this.waited(request, [kept]);
        if (kept.kind === 'receive') kept.peer = (answer as Received).from;
        if (kept.kind === 'split') kept.made = (answer as Communicator | undefined)?.id;
        return answer;
      }
    }
  }

  private *waited(request: Request, kept: readonly KeptExchange[]): Exchange<unknown> {
    const from = yield* this.read(request.comm);
    const answer = yield request;
    const now = yield* this.read(request.comm);
    this.record.waits.push([from, now]);
    for (const one of kept) this.end(one, now);
    return answer;
  }

  private begin(comm: number, act: Act, began: number): KeptExchange {
    const data = 'data' in act ? act.data : undefined;
    const kept: KeptExchange = {
      ...{ kind: act.kind, comm, peer: peerOf(act), tag: tagOf(act), began },
      ...{ type: data ? typeOf(data) : 0, length: data?.length ?? 0 },
    };
    this.record.exchanges.push(kept);
    return kept;
  }

  /** The first time counts: that of a test before a wait. */
  private end(kept: KeptExchange | undefined, now: number): void {
    if (kept) kept.ended ??= now;
  }
}

function peerOf(act: Act): number {
  switch (act.kind) {
    case 'send':
      return act.to;
    case 'receive':
      return act.from === 'any' ? -1 : act.from;
    case 'broadcast':
    case 'reduce':
      return act.root;
    case 'split':
      return act.colour ?? -1;
    default:
      return -1;
  }
}

const tagOf = (act: Act): number => ('tag' in act ? act.tag : act.kind === 'split' ? act.key : 0);
