import type { Numbers, Received, Reduction } from './communicator.ts';
import { checkFit, combine, TYPES, typeOf } from './numbers.ts';

/** The header of a message. Ranks are numbered as in the world communicator. */
export interface Envelope {
  readonly from: number;
  /** The communicator and the purpose. */
  readonly context: number;
  readonly tag: number;
  readonly step: number;
  readonly type: number;
  readonly length: number;
}

/** An unexpected message: it arrived before its receive was posted. */
interface Unexpected extends Envelope {
  readonly data: Numbers;
  complete: boolean;
}

/** A posted receive. */
export class Awaited {
  /** The status, once the message has arrived completely. */
  received?: Received;
  private unexpected?: Unexpected;

  constructor(
    readonly from: number | 'any',
    readonly context: number,
    readonly tag: number,
    readonly step: number,
    readonly into: Numbers,
    readonly reduction: Reduction | undefined,
  ) {}

  takes(message: Envelope): boolean {
    return (
      this.context === message.context &&
      this.tag === message.tag &&
      this.step === message.step &&
      (this.from === 'any' || this.from === message.from)
    );
  }

  /** Stores a part of the message that begins at index `at`. */
  put(part: Numbers, at: number): void {
    if (part.length === 0) return;
    if (this.reduction) combine(this.into.subarray(at, at + part.length), part, this.reduction);
    else this.into.set(part, at);
  }

  /** Takes over a message that arrived earlier. */
  adopt(message: Unexpected): void {
    this.unexpected = message;
  }

  /**
   * Whether the message is complete.
   * @throws if the message does not match the receive.
   */
  settled(): boolean {
    if (this.received) return true;
    if (!this.unexpected?.complete) return false;
    const { data, from, length, type } = this.unexpected;
    checkFit(length, type, this.into, from);
    this.put(data, 0);
    this.received = { from, length };
    return true;
  }
}

/** The destination of an incoming message: the buffer of its receive, or a temporary one. */
export interface Sink {
  put(part: Numbers, at: number): void;
  close(): void;
}

/** Matches messages and receives of one rank, in the order of their arrival. */
export class Mailbox {
  private readonly awaited: Awaited[] = [];
  private readonly unexpected: Unexpected[] = [];

  expect(receive: Awaited): void {
    const at = this.unexpected.findIndex((message) => receive.takes(message));
    if (at >= 0) receive.adopt(this.unexpected.splice(at, 1)[0]);
    else this.awaited.push(receive);
  }

  /** Cancels a receive. */
  forget(receive: Awaited): void {
    const at = this.awaited.indexOf(receive);
    if (at >= 0) this.awaited.splice(at, 1);
  }

  /** Begins an incoming message. One that does not fit is stored aside, so that its receive can throw. */
  open(message: Envelope): Sink {
    const at = this.awaited.findIndex((receive) => receive.takes(message));
    const receive = at >= 0 ? this.awaited.splice(at, 1)[0] : undefined;
    if (receive && message.type === typeOf(receive.into) && message.length <= receive.into.length) {
      return {
        put: (part, from) => receive.put(part, from),
        close: () => {
          receive.received = { from: message.from, length: message.length };
        },
      };
    }
    const kept: Unexpected = { ...message, data: new TYPES[message.type](message.length), complete: false };
    if (receive) receive.adopt(kept);
    else this.unexpected.push(kept);
    return {
      put: (part, from) => kept.data.set(part, from),
      close: () => {
        kept.complete = true;
      },
    };
  }
}
