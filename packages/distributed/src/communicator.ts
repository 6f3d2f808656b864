import { fail, wholeNumber } from '@southwell/numerics/core';
import type { Phases } from './traffic.ts';

/** Message buffers. The caller must not modify them until the exchange is complete. */
export type Numbers = Float64Array | Float32Array | Int32Array | Uint8Array;

export type Reduction = 'sum' | 'max' | 'min';

/** A communication operation as data; a driver executes it, whatever connects the ranks. */
export type Act =
  | { readonly kind: 'send'; readonly to: number; readonly tag: number; readonly data: Numbers }
  | { readonly kind: 'receive'; readonly from: number | 'any'; readonly tag: number; readonly into: Numbers }
  | Collective;

/** A collective operation, called by all ranks of a communicator in the same order. */
export type Collective =
  | { readonly kind: 'broadcast'; readonly root: number; readonly data: Numbers }
  | { readonly kind: 'reduce'; readonly root: number; readonly data: Numbers; readonly reduction: Reduction }
  | { readonly kind: 'allReduce'; readonly data: Numbers; readonly reduction: Reduction; readonly nan?: boolean }
  | { readonly kind: 'allGather'; readonly data: Numbers; readonly into: Numbers }
  | { readonly kind: 'reduceScatter'; readonly data: Numbers; readonly into: Numbers; readonly reduction: Reduction }
  | { readonly kind: 'allToAll'; readonly data: Numbers; readonly into: Numbers }
  | { readonly kind: 'barrier' }
  | { readonly kind: 'split'; readonly colour: number | undefined; readonly key: number };

/** Requests that a program yields: an operation, complete when the program is resumed, or one about operations and clocks. */
export type Request = { readonly comm: number } & (
  | Act
  | { readonly kind: 'begin'; readonly act: Act }
  | { readonly kind: 'wait'; readonly begun: unknown }
  | { readonly kind: 'test'; readonly begun: unknown }
  | { readonly kind: 'waitAny'; readonly begun: readonly unknown[]; readonly until: number }
  | { readonly kind: 'work'; readonly seconds: number }
  | { readonly kind: 'clock' }
  | { readonly kind: 'phase'; readonly name: string }
  | { readonly kind: 'traffic' }
);

/** Status of a received message: source rank and number of elements. */
export interface Received {
  readonly from: number;
  readonly length: number;
}

/**
 * A part of a program that communicates: it yields requests and is resumed with their answers. Programs call it by
 * `yield*`, and may yield iterates in between.
 */
export type Exchange<R = void> = Generator<Request, R, unknown>;

/** A pending non-blocking operation; complete it with `wait` of its communicator. */
export interface Pending<R = void> {
  readonly begun: unknown;
  readonly exchange: Exchange<R>;
}

/**
 * A program's view of the other ranks. The same program runs on every rank; methods are called with `yield*`:
 *
 * ```ts
 * function* mean(comm: Communicator, own: Float64Array) {
 *   const sums = Float64Array.of(own.reduce((a, b) => a + b, 0), own.length);
 *   yield* comm.allReduce(sums);
 *   return sums[0] / sums[1];
 * }
 * ```
 *
 * Collectives are called by all ranks of the communicator in the same order, with equally many numbers of the same
 * type. The last bits of floating-point sums depend on the number of ranks; those of {@link RowSums} do not. For the
 * reasons for generators instead of promises see docs/architecture.md.
 */
export class Communicator {
  constructor(
    /** Rank of this program, 0 … size − 1. */
    readonly rank: number,
    readonly size: number,
    /** Identifier of the communicator; 0 is the world. */
    readonly id = 0,
  ) {}

  /**
   * Sends `data` to rank `to`; the buffer may be modified when the exchange is complete. Long messages may block until
   * they are received: two ranks that send to each other must begin one of the two exchanges (see {@link
   * Communicator.begin}).
   * @throws INVALID_PARAMETER for an invalid rank.
   */
  *send(to: number, data: Numbers, tag = 0): Exchange {
    this.member('to', to);
    checkTag(tag);
    yield { comm: this.id, kind: 'send', to, tag, data };
  }

  /**
   * Waits for a message with the tag and copies it to the beginning of `into`, which must be large enough. Messages
   * with the same source and tag are received in the order in which they were sent.
   * @throws INVALID_PARAMETER for an invalid rank, INVALID_SHAPE if the message does not fit, MISMATCH for another
   * type.
   */
  *receive(from: number | 'any', into: Numbers, tag = 0): Exchange<Received> {
    if (from !== 'any') this.member('from', from);
    checkTag(tag);
    return (yield { comm: this.id, kind: 'receive', from, tag, into }) as Received;
  }

  /** Broadcast: copies `data` of the root to all ranks. */
  *broadcast(data: Numbers, root = 0): Exchange {
    this.member('root', root);
    yield { comm: this.id, kind: 'broadcast', root, data };
  }

  /** Reduce: on the root, `data` becomes the elementwise sum (or maximum or minimum) over the ranks; elsewhere it is overwritten. */
  *reduce(data: Numbers, reduction: Reduction = 'sum', root = 0): Exchange {
    this.member('root', root);
    yield { comm: this.id, kind: 'reduce', root, data, reduction };
  }

  /**
   * All-reduce: `data` becomes the elementwise sum (or maximum or minimum) over the ranks, with the same bits on all of
   * them. With `nan`, NaN on only some of the ranks is not an error.
   */
  *allReduce(data: Numbers, reduction: Reduction = 'sum', { nan = false } = {}): Exchange {
    yield { comm: this.id, kind: 'allReduce', data, reduction, ...(nan && { nan }) };
  }

  /** All-gather: concatenates `data` of all ranks; `into` is `size` times as long. */
  *allGather(data: Numbers, into: Numbers): Exchange {
    lengths('allGather', into.length, data.length * this.size);
    yield { comm: this.id, kind: 'allGather', data, into };
  }

  /**
   * Reduce-scatter: part `rank` of the sum over the ranks; `data` is `size` times as long as `into`, and is
   * overwritten.
   */
  *reduceScatter(data: Numbers, into: Numbers, reduction: Reduction = 'sum'): Exchange {
    lengths('reduceScatter', data.length, into.length * this.size);
    yield { comm: this.id, kind: 'reduceScatter', data, into, reduction };
  }

  /**
   * All-to-all: sends part r of `data` to rank r, and receives part r of `into` from it.
   * @throws INVALID_SHAPE.
   */
  *allToAll(data: Numbers, into: Numbers): Exchange {
    lengths('allToAll', into.length, data.length);
    if (data.length % this.size !== 0) {
      fail('INVALID_SHAPE', `allToAll needs a multiple of ${this.size} numbers, but has ${data.length}.`);
    }
    yield { comm: this.id, kind: 'allToAll', data, into };
  }

  /** Barrier: waits until all ranks have entered. */
  *barrier(): Exchange {
    yield { comm: this.id, kind: 'barrier' };
  }

  /** Split: the communicator of the ranks with the same colour, ordered by key; undefined without a colour. */
  *split(colour: number | undefined, key = this.rank): Exchange<Communicator | undefined> {
    if (colour !== undefined) wholeNumber('colour', colour, 0, LARGEST);
    wholeNumber('key', key, -LARGEST, LARGEST);
    return (yield { comm: this.id, kind: 'split', colour, key }) as Communicator | undefined;
  }

  /**
   * Begins a non-blocking exchange: `const sum = yield* comm.begin(comm.allReduce(x))`, then other work, then `yield*
   * comm.wait(sum)`. Until then the buffers must not be touched. Everything but `split` can be begun; collectives must
   * be begun in the same order on all ranks. Pending exchanges make progress whenever their rank communicates.
   * @throws INVALID_PARAMETER unless `exchange` is a single exchange of a communicator.
   */
  *begin<R>(exchange: Exchange<R>): Exchange<Pending<R>> {
    const { value } = exchange.next();
    const request = value as Request;
    if (typeof request !== 'object' || request === null || !BEGINS.has(request.kind)) {
      fail('INVALID_PARAMETER', `begin takes one exchange of a communicator (${[...BEGINS].join(', ')}).`);
    }
    return { begun: yield { comm: request.comm, kind: 'begin', act: request as Act }, exchange };
  }

  /** Waits for a pending operation and returns its result. Must be called exactly once for each. */
  *wait<R>({ begun, exchange }: Pending<R>): Exchange<R> {
    const end = exchange.next(yield { comm: this.id, kind: 'wait', begun });
    return end.value as R;
  }

  /** Tests without blocking whether a pending operation is complete; if so, `wait` returns at once. */
  *test<R>({ begun }: Pending<R>): Exchange<boolean> {
    return (yield { comm: this.id, kind: 'test', begun }) as boolean;
  }

  /**
   * Waits until one of several pending exchanges is complete, or until a deadline on {@link Communicator.clock} in
   * seconds (default: none). Returns the index in `pending` of the exchange that completed first, or undefined if the
   * deadline passed; `wait` then returns its result or throws its error at once. The exchanges may belong to several
   * communicators; the others remain pending. A rank that waits until a deadline does not time out before it, and
   * counts as responding. O(n) per arrival.
   * @throws INVALID_PARAMETER if there is nothing to wait for, and if the deadline is NaN.
   */
  *waitAny(pending: readonly Pending<unknown>[], until = Number.POSITIVE_INFINITY): Exchange<number | undefined> {
    if (Number.isNaN(until)) fail('INVALID_PARAMETER', 'The deadline of waitAny must be a time of the clock, not NaN.');
    if (pending.length === 0 && until === Number.POSITIVE_INFINITY) {
      fail('INVALID_PARAMETER', 'waitAny has neither exchanges nor a deadline, and would wait forever.');
    }
    const begun = pending.map((one) => one.begun);
    return (yield { comm: this.id, kind: 'waitAny', begun, until }) as number | undefined;
  }

  /**
   * Declares the duration of the computations since the last exchange; used by simulated clocks only.
   * @throws INVALID_PARAMETER.
   */
  *work(seconds: number): Exchange {
    if (!(seconds >= 0)) fail('INVALID_PARAMETER', `The seconds of work must be at least 0, not ${seconds}.`);
    yield { comm: this.id, kind: 'work', seconds };
  }

  /** Clock of this rank in seconds; simulated clocks start at 0 and may differ between ranks. */
  *clock(): Exchange<number> {
    return (yield { comm: this.id, kind: 'clock' }) as number;
  }

  /** Sets the phase under which communication is counted; returns the previous one, initially ''. */
  *phase(name: string): Exchange<string> {
    return (yield { comm: this.id, kind: 'phase', name }) as string;
  }

  /** Communication statistics of this rank by phase: volume and time. */
  *traffic(): Exchange<Phases> {
    return (yield { comm: this.id, kind: 'traffic' }) as Phases;
  }

  private member(name: string, rank: number): void {
    wholeNumber(`The rank ${name}`, rank, 0, this.size - 1);
  }
}

/** Limit of the words in message headers, and of MPI. */
const LARGEST = 2 ** 31 - 1;

/** Collective operations, in the order of their numbers in messages. */
export const COLLECTIVES = [
  'broadcast',
  'reduce',
  'allReduce',
  'allGather',
  'reduceScatter',
  'allToAll',
  'barrier',
  'split',
] as const satisfies readonly Collective['kind'][];

const BEGINS: ReadonlySet<string> = new Set(['send', 'receive', ...COLLECTIVES].filter((kind) => kind !== 'split'));

/** MPI guarantees tags only up to 2¹⁵ − 1. */
function checkTag(tag: number): void {
  wholeNumber('The tag', tag, 0, 2 ** 15 - 1);
}

function lengths(name: string, found: number, wanted: number): void {
  if (found !== wanted) fail('INVALID_SHAPE', `${name} needs ${wanted} numbers, but has ${found}.`);
}
