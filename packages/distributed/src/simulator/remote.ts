import { decodePlain, type ErrorCode, encodePlain, SouthwellError } from '@southwell/numerics/core';
import { type Act, Communicator, type Numbers, type Request } from '../communicator.ts';
import { isRequest, type Program } from '../drive.ts';
import { NoAnswerError } from '../faults.ts';
import { Pipe } from './pipe.ts';

/** The two pipes between a rank in a thread and the simulator. */
export interface RemoteMemory {
  readonly asked: SharedArrayBuffer;
  readonly answered: SharedArrayBuffer;
}

/**
 * A request to the simulator, with copies of the rank's data; `begun` is the number of an exchange. Or the end of the
 * program.
 */
type Asked = { readonly kind: 'ended' } | (Request & { readonly begun?: unknown });

/** The answer of the simulator: the current data, in the order of {@link numbersOf}. */
interface Answered {
  readonly value?: unknown;
  readonly numbers?: readonly Numbers[];
  readonly error?: {
    readonly code: ErrorCode | undefined;
    readonly message: string;
    readonly blamed: readonly number[] | undefined;
  };
}

/** The data of an operation that it may modify. */
const numbersOf = (act: Act): Numbers[] =>
  act.kind === 'send' ? [] : [...('data' in act ? [act.data] : []), ...('into' in act ? [act.into] : [])];

const isAct = (request: Request): request is Request & Act => 'data' in request || 'into' in request;

/**
 * A rank in a thread of its own, whose exchanges are fulfilled by the simulator in another thread. Blocks while it
 * waits.
 */
export class RemoteRank {
  private readonly asked: Pipe;
  private readonly answered: Pipe;
  private readonly whole: Communicator;
  /** The buffers of pending exchanges. */
  private readonly begun = new Map<unknown, readonly Numbers[]>();

  constructor(memory: RemoteMemory, rank: number, ranks: number) {
    this.asked = new Pipe(memory.asked);
    this.answered = new Pipe(memory.answered);
    this.whole = new Communicator(rank, ranks);
  }

  /** Runs the program of this rank, as `alone` does. */
  *ranks<Y, R>(program: Program<Y, R>): Generator<Y, R> {
    const running = program(this.whole);
    let ended = false;
    try {
      let step = running.next();
      while (!step.done) {
        if (!isRequest(step.value)) {
          yield step.value as Y;
          step = running.next();
          continue;
        }
        let answer: { readonly value?: unknown; readonly error?: unknown };
        try {
          answer = { value: this.ask(step.value) };
        } catch (error) {
          answer = { error };
        }
        step = 'error' in answer ? running.throw(answer.error) : running.next(answer.value);
      }
      ended = true;
      return step.value;
    } finally {
      if (!ended) running.return(undefined as R);
    }
  }

  /** Announces the end of the program. */
  close(): void {
    this.asked.send(encodePlain({ kind: 'ended' } satisfies Asked));
  }

  private ask(request: Request): unknown {
    this.asked.send(encodePlain(request));
    const { value, numbers, error } = decodePlain(this.answered.receive()!) as Answered;
    if (error) throw errorOf(error);
    if (request.kind === 'begin') this.begun.set(value, numbersOf(request.act));
    const own =
      request.kind === 'wait' ? (this.begun.get(request.begun) ?? []) : isAct(request) ? numbersOf(request) : [];
    if (request.kind === 'wait') this.begun.delete(request.begun);
    own.forEach((mine, k) => void mine.set(numbers![k]));
    if (request.kind !== 'split' || value === undefined) return value;
    const { rank, size, id } = value as Communicator;
    return new Communicator(rank, size, id);
  }
}

const errorOf = ({ code, message, blamed }: NonNullable<Answered['error']>): Error =>
  blamed ? new NoAnswerError(blamed, message) : code ? new SouthwellError(code, message) : new Error(message);

/** Milliseconds after which a thread that neither requests anything nor ends is considered lost. */
const LOST = 3_600_000;

/**
 * The simulator's stand-in for a rank that runs in a thread: forwards its requests. Yields after each exchange, so that
 * the caller can yield to the event loop.
 * @throws NoAnswerError if the thread makes no request for an hour.
 */
export function* proxyOf(comm: Communicator, memory: RemoteMemory): Generator<Request | undefined, void, unknown> {
  const [asked, answered] = [new Pipe(memory.asked), new Pipe(memory.answered)];
  const begun = new Map<unknown, { readonly begun: unknown; readonly numbers: readonly Numbers[] }>();
  let count = 0;
  for (;;) {
    const text = asked.receive(LOST);
    if (text === undefined)
      throw new NoAnswerError([comm.rank], `Rank ${comm.rank} has not asked for anything for an hour.`);
    const request = decodePlain(text) as Asked;
    if (request.kind === 'ended') return;
    let answer: Answered;
    try {
      const known = 'begun' in request ? begun.get(request.begun) : undefined;
      const value = yield request.kind === 'waitAny'
        ? { ...request, begun: request.begun.map((number) => begun.get(number)?.begun) }
        : known
          ? ({ ...request, begun: known.begun } as Request)
          : request;
      if (request.kind === 'begin') {
        begun.set(++count, { begun: value, numbers: numbersOf(request.act) });
        answer = { value: count };
      } else if (request.kind === 'split') {
        const group = value as Communicator | undefined;
        answer = { value: group && { rank: group.rank, size: group.size, id: group.id } };
      } else {
        answer = {
          value,
          numbers: request.kind === 'wait' ? known?.numbers : isAct(request) ? numbersOf(request) : [],
        };
        if (request.kind === 'wait') begun.delete(request.begun);
      }
    } catch (error) {
      const { message } = error as Error;
      const code = error instanceof SouthwellError ? error.code : undefined;
      answer = { error: { code, message, blamed: error instanceof NoAnswerError ? error.ranks : undefined } };
    }
    answered.send(encodePlain(answer));
    yield undefined;
  }
}
