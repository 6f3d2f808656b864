import type { Numbers, Received, Reduction } from './communicator.ts';
import { checkFit, combine, TYPES, typeOf } from './numbers.ts';

/** What a message says of itself. Ranks are those of the whole. */
export interface Envelope {
  readonly from: number;
  /** Which communicator, and what for. */
  readonly context: number;
  readonly tag: number;
  readonly step: number;
  readonly type: number;
  readonly length: number;
}

/** A message whose receiver had not asked for it when it came. */
interface Unexpected extends Envelope {
  readonly data: Numbers;
  complete: boolean;
}

/** A receive that waits for its message. */
export class Awaited {
  /** What came, when it is here whole. */
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

  /** A part of the message is here, `at` numbers from its beginning. */
  put(part: Numbers, at: number): void {
    if (part.length === 0) return;
    if (this.reduction) combine(this.into.subarray(at, at + part.length), part, this.reduction);
    else this.into.set(part, at);
  }

  /** The message is this one, which came before. */
  adopt(message: Unexpected): void {
    this.unexpected = message;
  }

  /**
   * Whether all is here.
   * @throws where the message is not what was expected.
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

/** Where a message goes as it comes in: into the memory of its receiver, or aside. */
export interface Sink {
  put(part: Numbers, at: number): void;
  close(): void;
}

/** Brings messages and receives of one rank together, in the order in which they came. */
export class Mailbox {
  private readonly awaited: Awaited[] = [];
  private readonly unexpected: Unexpected[] = [];

  expect(receive: Awaited): void {
    const at = this.unexpected.findIndex((message) => receive.takes(message));
    if (at >= 0) receive.adopt(this.unexpected.splice(at, 1)[0]);
    else this.awaited.push(receive);
  }

  /** Whoever waits no more. */
  forget(receive: Awaited): void {
    const at = this.awaited.indexOf(receive);
    if (at >= 0) this.awaited.splice(at, 1);
  }

  /** A message begins to come in. What does not fit is kept aside for its receiver to complain of. */
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
