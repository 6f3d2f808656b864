import { fail } from '@southwell/numerics/core';
import { Communicator, type Numbers, type Received, type Request } from './communicator.ts';

/** Requests among what a program yields: all else (iterates) is for whoever runs it. */
const isRequest = (value: unknown): value is Request =>
  typeof value === 'object' && value !== null && 'kind' in value && !('iteration' in value);

/**
 * Runs a program on one rank, which is all there is: what it yields besides requests comes through, so that a
 * distributed method is a method like any other.
 * @throws INVALID_PARAMETER where the program waits for a message that nobody sends.
 */
export function* alone<Y, R>(program: (comm: Communicator) => Generator<Y | Request, R, unknown>): Generator<Y, R> {
  const answer = selfDriver();
  const running = program(new Communicator(0, 1));
  let ended = false;
  try {
    let step = running.next();
    while (!step.done) {
      if (isRequest(step.value)) step = running.next(answer(step.value));
      else {
        yield step.value as Y;
        step = running.next();
      }
    }
    ended = true;
    return step.value;
  } finally {
    // Whoever leaves early ends the program, too, so that it gives its memory back.
    if (!ended) running.return(undefined as R);
  }
}

/** What each request means where there is one rank: collectives are copies, messages to oneself wait in a queue. */
function selfDriver(): (request: Request) => unknown {
  const mail: Array<{ readonly tag: number; readonly data: Numbers }> = [];
  let communicators = 0;
  const receive = (tag: number, into: Numbers): Received => {
    const at = mail.findIndex((message) => message.tag === tag);
    if (at < 0) {
      fail(
        'INVALID_PARAMETER',
        `The only rank waits for a message with tag ${tag} that nobody has sent, and would wait for ever.`,
      );
    }
    const [{ data }] = mail.splice(at, 1);
    if (data.length > into.length) {
      fail('INVALID_SHAPE', `A message of ${data.length} numbers does not fit into ${into.length}.`);
    }
    into.set(data);
    return { from: 0, length: data.length };
  };
  return (request) => {
    switch (request.kind) {
      case 'send':
        mail.push({ tag: request.tag, data: request.data.slice() });
        return undefined;
      case 'receive':
        return receive(request.tag, request.into);
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
}
