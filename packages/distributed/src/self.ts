import { fail } from '@southwell/numerics/core';
import { type Act, Communicator, type Numbers, type Received } from './communicator.ts';
import { drive, type Outward, type Program } from './drive.ts';
import { deliver } from './numbers.ts';
import { Traffic } from './traffic.ts';

/**
 * Runs a program on one rank, which is all there is: what it yields besides requests comes through, so that a
 * distributed method is a method like any other.
 * @throws INVALID_PARAMETER where the program waits for a message that nobody sends.
 */
export function alone<Y, R>(program: Program<Y, R>): Generator<Y, R> {
  const traffic = new Traffic();
  return drive(program, new Communicator(0, 1), selfDriver(), traffic);
}

/** What each request means where there is one rank: collectives are copies, messages to oneself wait in a queue. */
function selfDriver(): (request: Outward) => unknown {
  const mail: Array<{ readonly comm: number; readonly tag: number; readonly data: Numbers }> = [];
  let communicators = 0;
  const arrived = (comm: number, tag: number) => mail.findIndex((m) => m.comm === comm && m.tag === tag);
  const receive = (comm: number, tag: number, into: Numbers): Received => {
    const at = arrived(comm, tag);
    if (at < 0) {
      fail(
        'INVALID_PARAMETER',
        `The only rank waits for a message with tag ${tag} that nobody has sent, and would wait for ever.`,
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
  interface Begun {
    readonly comm: number;
    readonly act: Act;
    /** What a receive waits for may be sent after it was begun. */
    answer?: { readonly value: unknown };
  }
  const begun: Begun[] = [];
  /** Receives that were begun take their messages in turn. */
  const settle = () => {
    for (const b of begun) {
      if (b.answer || b.act.kind !== 'receive' || arrived(b.comm, b.act.tag) < 0) continue;
      b.answer = { value: act(b.comm, b.act) };
    }
  };
  return (request) => {
    switch (request.kind) {
      case 'begin': {
        const made: Begun = { comm: request.comm, act: request.act };
        if (request.act.kind !== 'receive') made.answer = { value: act(request.comm, request.act) };
        else begun.push(made);
        settle();
        return made;
      }
      case 'test':
        return (request.begun as Begun).answer !== undefined;
      case 'wait': {
        const made = request.begun as Begun;
        if (begun.includes(made)) begun.splice(begun.indexOf(made), 1);
        return made.answer ? made.answer.value : act(made.comm, made.act);
      }
      default: {
        const answer = act(request.comm, request);
        if (request.kind === 'send') settle();
        return answer;
      }
    }
  };
}
