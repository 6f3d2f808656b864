import { fail } from '@southwell/numerics/core';
import type { Exchange, Received, Request } from '../communicator.ts';
import type { Program } from '../drive.ts';
import { type Arrival, type Arrivals, translated } from './arrivals.ts';

/**
 * The same program, recording the order of arrivals: the sources of receives from any rank, the choices of `waitAny`,
 * the results of `test`, and clock readings. `keep` receives the record of each rank when its program ends, fails or is
 * abandoned. {@link replayed} then repeats the run bit for bit, with any driver. A receive from any rank that is found
 * to be complete is completed there rather than at its `wait`. O(1) per request, and memory for one event per such
 * result; equal consecutive results of `test` share an event.
 * @throws INVALID_PARAMETER if the program waits for an exchange begun outside it.
 */
export function recorded<Y, R>(program: Program<Y, R>, keep: (arrivals: Arrivals) => void): Program<Y, R> {
  return function* (comm) {
    const recorder = new Recorder();
    try {
      const result = yield* translated(program(comm), (request) => recorder.ask(request));
      yield* recorder.finish(comm.id);
      return result;
    } finally {
      keep({ rank: comm.rank, size: comm.size, events: recorder.events });
    }
  };
}

type Writable<T> = T extends unknown ? { -readonly [K in keyof T]: T[K] } : never;
type Event = Writable<Arrival>;

/** What the program receives as the handle of an exchange that it began. */
class Begun {
  /** The result of a receive from any rank that was waited for ahead of the program. */
  outcome?: { readonly answer?: unknown; readonly error?: unknown };
  constructor(
    readonly number: number,
    readonly begun: unknown,
    /** The event of a receive from any rank. */
    readonly event: (Event & ['receive', ...unknown[]]) | undefined,
  ) {}
}

class Recorder {
  readonly events: Event[] = [];
  private count = 0;
  /** Receives from any rank that are not known to be complete. */
  private readonly open = new Set<Begun>();

  *ask(request: Request): Exchange<unknown> {
    switch (request.kind) {
      case 'receive': {
        if (request.from !== 'any') return yield request;
        const event = this.receive(request.tag);
        const received = (yield request) as Received;
        event[1] = received.from;
        return received;
      }
      case 'begin': {
        const { act } = request;
        const event = act.kind === 'receive' && act.from === 'any' ? this.receive(act.tag) : undefined;
        const made = new Begun(this.count++, yield request, event);
        if (event) this.open.add(made);
        return made;
      }
      case 'wait':
        return yield* this.wait(own(request.begun), request.comm);
      case 'test': {
        const one = own(request.begun);
        const over = one.outcome !== undefined || ((yield { ...request, begun: one.begun }) as boolean);
        if (over) yield* this.learn(one, request.comm);
        this.test(over, one.number);
        return over;
      }
      case 'waitAny': {
        const all = request.begun.map(own);
        // An exchange that has been waited for is no longer known to the driver.
        const known = all.findIndex((one) => one.outcome !== undefined);
        const begun = all.map((one) => one.begun);
        const place = known >= 0 ? known : ((yield { ...request, begun }) as number | undefined);
        if (place !== undefined) yield* this.learn(all[place], request.comm);
        this.events.push(['waitAny', place ?? null, all.length]);
        return place;
      }
      case 'clock': {
        const seconds = (yield request) as number;
        this.events.push(['clock', seconds]);
        return seconds;
      }
      default:
        return yield request;
    }
  }

  /** Records the sources of receives that the program never waited for, if their messages have arrived. */
  *finish(comm: number): Exchange {
    for (const one of [...this.open]) {
      if (yield { comm, kind: 'test', begun: one.begun }) yield* this.learn(one, comm);
    }
  }

  private receive(tag: number): Event & ['receive', ...unknown[]] {
    const event: Event & ['receive', ...unknown[]] = ['receive', null, tag];
    this.events.push(event);
    return event;
  }

  private test(over: boolean, exchange: number): void {
    const last = this.events.at(-1);
    if (last?.[0] === 'test' && last[1] === over && last[2] === exchange) last[3]++;
    else this.events.push(['test', over, exchange, 1]);
  }

  private *wait(one: Begun, comm: number): Exchange<unknown> {
    if (one.outcome) {
      if (one.outcome.error !== undefined) throw one.outcome.error;
      return one.outcome.answer;
    }
    this.open.delete(one);
    const answer = yield { comm, kind: 'wait', begun: one.begun };
    if (one.event) one.event[1] = (answer as Received).from;
    return answer;
  }

  /** Records the source of a completed receive from any rank. */
  private *learn(one: Begun, comm: number): Exchange {
    if (!one.event || one.outcome) return;
    try {
      one.outcome = { answer: yield* this.wait(one, comm) };
    } catch (error) {
      one.outcome = { error };
    }
  }
}

function own(begun: unknown): Begun {
  if (begun instanceof Begun) return begun;
  return fail('INVALID_PARAMETER', 'A recorded program may wait only for exchanges that it has begun itself.');
}
