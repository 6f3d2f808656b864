import { fail, wholeNumber } from '@southwell/numerics/core';

/** What travels: numbers in memory that the caller owns until the exchange is over. */
export type Numbers = Float64Array | Float32Array | Int32Array | Uint8Array;

export type Reduction = 'sum' | 'max' | 'min';

/** One act of communication, as data: a driver does it, in whatever way its ranks are connected. */
export type Request =
  | { readonly kind: 'send'; readonly to: number; readonly tag: number; readonly data: Numbers }
  | { readonly kind: 'receive'; readonly from: number | 'any'; readonly tag: number; readonly into: Numbers }
  | { readonly kind: 'broadcast'; readonly root: number; readonly data: Numbers }
  | { readonly kind: 'reduce'; readonly root: number; readonly data: Numbers; readonly reduction: Reduction }
  | { readonly kind: 'allReduce'; readonly data: Numbers; readonly reduction: Reduction }
  | { readonly kind: 'allGather'; readonly data: Numbers; readonly into: Numbers }
  | { readonly kind: 'reduceScatter'; readonly data: Numbers; readonly into: Numbers; readonly reduction: Reduction }
  | { readonly kind: 'allToAll'; readonly data: Numbers; readonly into: Numbers }
  | { readonly kind: 'barrier' }
  | { readonly kind: 'split'; readonly colour: number | undefined; readonly key: number };

/** Of a message that was received: who sent it, and how many numbers it had. */
export interface Received {
  readonly from: number;
  readonly length: number;
}

/**
 * A part of a program that communicates: it yields requests and is resumed with their answers. Programs take part by
 * `yield*`, and may yield iterates in between.
 */
export type Exchange<R = void> = Generator<Request, R, unknown>;

/**
 * What a program of many ranks sees of the others. The same program runs on every rank; each method is written out with
 * `yield*`:
 *
 * ```ts
 * function* mean(comm: Communicator, own: Float64Array) {
 *   const sums = Float64Array.of(own.reduce((a, b) => a + b, 0), own.length);
 *   yield* comm.allReduce(sums);
 *   return sums[0] / sums[1];
 * }
 * ```
 *
 * Collective exchanges are called by all ranks of the communicator in the same order, with as many numbers of one type.
 * Why generators and not promises: docs/architecture.md.
 */
export class Communicator {
  constructor(
    /** Of this program, 0 … size − 1. */
    readonly rank: number,
    readonly size: number,
    /** Which communicator this is, for a driver of several: 0 is the whole. */
    readonly id = 0,
  ) {}

  /**
   * Hands `data` to rank `to`; it may be changed when the exchange is over.
   * @throws INVALID_PARAMETER for no such rank.
   */
  *send(to: number, data: Numbers, tag = 0): Exchange {
    this.member('to', to);
    yield { kind: 'send', to, tag, data };
  }

  /** Waits for a message with the tag and puts it at the beginning of `into`, which must have room for it. */
  *receive(from: number | 'any', into: Numbers, tag = 0): Exchange<Received> {
    if (from !== 'any') this.member('from', from);
    return (yield { kind: 'receive', from, tag, into }) as Received;
  }

  /** `data` of the root, everywhere. */
  *broadcast(data: Numbers, root = 0): Exchange {
    this.member('root', root);
    yield { kind: 'broadcast', root, data };
  }

  /** On the root, `data` becomes the sum (or maximum or minimum) over the ranks, entry by entry; elsewhere it is lost. */
  *reduce(data: Numbers, reduction: Reduction = 'sum', root = 0): Exchange {
    this.member('root', root);
    yield { kind: 'reduce', root, data, reduction };
  }

  /** `data` becomes the sum (or maximum or minimum) over the ranks, entry by entry, on all of them. */
  *allReduce(data: Numbers, reduction: Reduction = 'sum'): Exchange {
    yield { kind: 'allReduce', data, reduction };
  }

  /** `data` of the ranks one after another; `into` is `size` times as long. */
  *allGather(data: Numbers, into: Numbers): Exchange {
    lengths('allGather', into.length, data.length * this.size);
    yield { kind: 'allGather', data, into };
  }

  /** Part `rank` of the sum over the ranks; `data` is `size` times as long as `into`, and is lost. */
  *reduceScatter(data: Numbers, into: Numbers, reduction: Reduction = 'sum'): Exchange {
    lengths('reduceScatter', data.length, into.length * this.size);
    yield { kind: 'reduceScatter', data, into, reduction };
  }

  /**
   * Part r of `data` goes to rank r, and part r of `into` comes from it.
   * @throws INVALID_SHAPE.
   */
  *allToAll(data: Numbers, into: Numbers): Exchange {
    lengths('allToAll', into.length, data.length);
    if (data.length % this.size !== 0) {
      fail(
        'INVALID_SHAPE',
        `allToAll cuts ${data.length} numbers into ${this.size} equal parts, which they do not make.`,
      );
    }
    yield { kind: 'allToAll', data, into };
  }

  /** Waits until all ranks are here. */
  *barrier(): Exchange {
    yield { kind: 'barrier' };
  }

  /** The communicator of the ranks with the same colour, in the order of their keys; undefined for no colour. */
  *split(colour: number | undefined, key = this.rank): Exchange<Communicator | undefined> {
    if (colour !== undefined) wholeNumber('colour', colour, 0);
    return (yield { kind: 'split', colour, key }) as Communicator | undefined;
  }

  private member(name: string, rank: number): void {
    wholeNumber(`The rank ${name}`, rank, 0, this.size - 1);
  }
}

function lengths(name: string, found: number, wanted: number): void {
  if (found !== wanted) fail('INVALID_SHAPE', `${name} needs ${wanted} numbers, but has ${found}.`);
}
