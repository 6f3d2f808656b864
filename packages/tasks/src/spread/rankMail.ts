import { type Communicator, type Exchange, NoAnswerError, type Pending, type Received } from '@southwell/distributed';
import { decodePlain, encodePlain } from '@southwell/numerics/core';
import type { JobRanks } from './ranks.ts';

const HEAD = 1;
const BODY = 2;
/** Sent instead of a length: heartbeat, and the end of the messages. */
const ALIVE = -1;
const BYE = -2;

/** Milliseconds between checks for messages: the minimum of timers. */
const LOOK = 1;

interface Peer {
  readonly rank: number;
  readonly head: Float64Array<ArrayBuffer>;
  /** The header that is expected, or the body after it. */
  heading?: Pending<Received>;
  body?: { readonly bytes: Uint8Array<ArrayBuffer>; readonly coming: Pending<Received> };
  /** Time of the last receipt from it, and of the last sending to it. */
  heard: number;
  told: number;
  /** It has announced that no more messages will come. */
  gone: boolean;
}

export interface MailOptions {
  /** Called with every message, in the order in which those of a rank were sent. */
  hear(letter: unknown, from: number): void;
  /** Called once if the mail fails before it is closed: a rank does not respond, or `hear` threw an error. */
  lost(error: unknown): void;
}

/**
 * Messages of plain data between one rank and others, each of which continues to run its event loop. Idle ranks send
 * heartbeats, so that a rank that was stopped is detected after the timeout. The rank that opens a mail with others
 * must be among theirs, and must close it when they do.
 */
export class RankMail {
  private readonly peers: readonly Peer[];
  private sending: Array<Pending> = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private looked = performance.now();
  private closed: { resolve(): void; reject(error: unknown): void } | undefined;

  constructor(
    private readonly ranks: JobRanks,
    others: readonly number[],
    private readonly options: MailOptions,
  ) {
    const now = performance.now();
    this.peers = others.map((rank) => ({ rank, head: new Float64Array(1), heard: now, told: now, gone: false }));
    const { peers } = this;
    ranks.together(function* (comm) {
      for (const peer of peers) yield* listen(comm, peer);
    });
    this.again();
  }

  /** Sends plain data, preserving every bit. */
  send(to: number, letter: unknown): void {
    const bytes = new TextEncoder().encode(encodePlain(letter));
    this.post(to, bytes.length, bytes);
  }

  /**
   * Announces that no more messages will come, and waits until all others have done so; their messages are handled
   * until then.
   * @throws NoAnswerError.
   */
  close(): Promise<void> {
    for (const { rank } of this.peers) this.post(rank, BYE);
    return new Promise((resolve, reject) => {
      this.closed = { resolve, reject };
    });
  }

  /** Stops without waiting for the others. */
  abandon(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private post(to: number, head: number, body?: Uint8Array): void {
    const { sending } = this;
    this.peers.find(({ rank }) => rank === to)!.told = performance.now();
    this.ranks.together(function* (comm) {
      sending.push(yield* comm.begin(comm.send(to, Float64Array.of(head), HEAD)));
      if (body && head > 0) sending.push(yield* comm.begin(comm.send(to, body, BODY)));
    });
  }

  private again(): void {
    this.timer = setTimeout(() => {
      try {
        this.look();
      } catch (error) {
        this.abandon();
        if (this.closed) this.closed.reject(error);
        else this.options.lost(error);
      }
    }, LOOK);
  }

  private look(): void {
    const { peers, ranks } = this;
    // One timestamp for the whole check: a process that is suspended during it has not waited for others.
    const now = performance.now();
    const held = now - this.looked;
    this.looked = now;
    if (held > 250 * ranks.timeout) for (const peer of peers) peer.heard += held;
    const letters: Array<{ readonly from: number; readonly bytes: Uint8Array }> = [];
    ranks.together((comm) => this.move(comm, (from, bytes) => letters.push({ from, bytes })));
    for (const { from, bytes } of letters) this.options.hear(decodePlain(new TextDecoder().decode(bytes)), from);
    if (this.closed && this.sending.length === 0 && peers.every(({ gone }) => gone)) {
      this.abandon();
      this.closed.resolve();
      return;
    }
    for (const peer of peers) {
      if (peer.gone) continue;
      if (now - peer.told > 250 * ranks.timeout && !this.closed) this.post(peer.rank, ALIVE);
      if (now - peer.heard > 1000 * ranks.timeout) {
        const { rank, timeout } = ranks;
        throw new NoAnswerError(
          [peer.rank],
          `Rank ${rank} has waited ${timeout} s for a message: rank ${peer.rank} has not responded.`,
        );
      }
    }
    this.again();
  }

  /** Advances all exchanges in progress; passes on the messages that are complete. */
  private *move(comm: Communicator, take: (from: number, bytes: Uint8Array) => void): Exchange {
    const left: Pending[] = [];
    for (const sending of this.sending) {
      if (yield* comm.test(sending)) yield* comm.wait(sending);
      else left.push(sending);
    }
    this.sending = left;
    for (const peer of this.peers) {
      for (;;) {
        const coming = peer.body?.coming ?? peer.heading;
        if (!coming || !(yield* comm.test(coming))) break;
        yield* comm.wait(coming);
        peer.heard = this.looked;
        if (peer.body) {
          take(peer.rank, peer.body.bytes);
          peer.body = undefined;
          yield* listen(comm, peer);
          continue;
        }
        const [length] = peer.head;
        peer.heading = undefined;
        if (length === BYE) peer.gone = true;
        else if (length === ALIVE) yield* listen(comm, peer);
        else {
          const bytes = new Uint8Array(length);
          peer.body = { bytes, coming: yield* comm.begin(comm.receive(peer.rank, bytes, BODY)) };
        }
      }
    }
  }
}

function* listen(comm: Communicator, peer: Peer): Exchange {
  peer.heading = yield* comm.begin(comm.receive(peer.rank, peer.head, HEAD));
}
