import { fail } from '@southwell/numerics/core';
import { type Act, Communicator, type Numbers, type Received } from './communicator.ts';
import { drive, type Outward, type Program } from './drive.ts';
import { type Ending, firstOver } from './first.ts';
import { nap } from './nap.ts';
import { deliver } from './numbers.ts';
import { Traffic } from './traffic.ts';

/**
 * Runs a program on a single rank: values other than requests are passed through, so that a distributed method is a
 * method like any other.
 * @throws INVALID_PARAMETER if the program waits for a message that nobody sends.
 */
export function alone<Y, R>(program: Program<Y, R>): Generator<Y, R> {
  const traffic = new Traffic();
  return drive(program, new Communicator(0, 1), selfDriver(), traffic);
}

/** No other rank can complete an exchange in the meantime, so only the deadline is waited for. */
function waitAny(begun: readonly Ending[], until: number): number | undefined {
  const first = firstOver(begun);
  if (first !== undefined) return first;
  if (until === Number.POSITIVE_INFINITY) {
    fail('INVALID_PARAMETER', 'The only rank waits for exchanges that nobody completes, and would wait forever.');
  }
  for (let left = until - now(); left > 0; left = until - now()) nap(1000 * left);
  return undefined;
}

const now = () => performance.now() / 1000;

/** The meaning of each request on a single rank: collectives are copies, messages to oneself are queued. */
function selfDriver(): (request: Outward) => unknown {
  const mail: Array<{ readonly comm: number; readonly tag: number; readonly data: Numbers }> = [];
  let communicators = 0;
  const arrived = (comm: number, tag: number) => mail.findIndex((m) => m.comm === comm && m.tag === tag);
  const receive = (comm: number, tag: number, into: Numbers): Received => {
    const at = arrived(comm, tag);
    if (at < 0) {
      fail(
        'INVALID_PARAMETER',
        `The only rank waits for a message with tag ${tag} that nobody has sent, and would wait forever.`,
      );
    }
    const [{ data }] = mail.splice(at, 1);
    deliver(data, into, 0);
    return { from: 0, length: data.length };
  };
  const act = (comm: number, request: Act): unknown => {
    switch (request.kind) {
      case 'send':
        mail.push({ comm, tag: request.tag, data: request.data.slice() });
        return undefined;
      case 'receive':
        return receive(comm, request.tag, request.into);
      case 'allGather':
      case 'reduceScatter':
      case 'allToAll':
        request.into.set(request.data);
        return undefined;
      case 'split':
        return request.colour === undefined ? undefined : new Communicator(0, 1, ++communicators);
      case 'broadcast':
      case 'reduce':
      case 'allReduce':
      case 'barrier':
        return undefined;
    }
  };
  interface Begun extends Ending {
    readonly comm: number;
    readonly act: Act;
    over: boolean;
    place: number;
    answer?: unknown;
    error?: unknown;
  }
  /** Receives whose messages may be sent after they were begun. */
  const begun: Begun[] = [];
  let ended = 0;
  const end = (one: Begun) => {
    try {
      one.answer = act(one.comm, one.act);
    } catch (error) {
      one.error = error;
    }
    one.over = true;
    one.place = ++ended;
  };
  /** Pending receives take their messages in turn. */
  const settle = () => {
    for (const one of [...begun]) {
      if (one.act.kind !== 'receive' || arrived(one.comm, one.act.tag) < 0) continue;
      begun.splice(begun.indexOf(one), 1);
      end(one);
    }
  };
  return (request) => {
    switch (request.kind) {
      case 'begin': {
        const made: Begun = { comm: request.comm, act: request.act, over: false, place: 0 };
        if (request.act.kind !== 'receive') end(made);
        else begun.push(made);
        settle();
        return made;
      }
      case 'test':
        return (request.begun as Begun).over;
      case 'wait': {
        const made = request.begun as Begun;
        if (!made.over) return act(made.comm, made.act);
        if (made.error !== undefined) throw made.error;
        return made.answer;
      }
      case 'waitAny':
        return waitAny(request.begun as readonly Begun[], request.until);
      default: {
        const answer = act(request.comm, request);
        if (request.kind === 'send') settle();
        return answer;
      }
    }
  };
}
