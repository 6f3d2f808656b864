import { type Communicator, type Exchange, NoAnswerError, type Pending, type Received } from '@southwell/distributed';
import { decodePlain, encodePlain } from '@southwell/numerics/core';
import type { JobRanks } from './ranks.ts';

const HEAD = 1;
const BODY = 2;
/** In place of a length: nothing but that the rank is there, and that no more will come. */
const ALIVE = -1;
const BYE = -2;

/** Milliseconds between two looks for letters: the least that a timer takes. */
const LOOK = 1;

interface Peer {
  readonly rank: number;
  readonly head: Float64Array<ArrayBuffer>;
  /** The head that is awaited, or the body after it. */
  heading?: Pending<Received>;
  body?: { readonly bytes: Uint8Array<ArrayBuffer>; readonly coming: Pending<Received> };
  /** When something came from it last, and went to it. */
  heard: number;
  told: number;
  /** It has said that no more will come. */
  gone: boolean;
}

export interface MailOptions {
  /** Told of every letter, in the order in which those of a rank were sent. */
  hear(letter: unknown, from: number): void;
  /** Told once of what ends all before it is closed: a rank that does not answer, or what `hear` threw. */
  lost(error: unknown): void;
}

/**
 * Letters between one rank and others, plain data, while each goes on with its event loop. When there is nothing to say the
 * ranks tell each other that they are there, so that one which was stopped is found after the timeout. Who opens a mail
 * with others must be among theirs, and closes it when they do.
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

  /** Sends plain data, every bit of it. */
  send(to: number, letter: unknown): void {
    const bytes = new TextEncoder().encode(encodePlain(letter));
    this.post(to, bytes.length, bytes);
  }

  /**
   * Says that no more will come and waits until all others have said so, whose letters are heard until then.
   * @throws NoAnswerError.
   */
  close(): Promise<void> {
    for (const { rank } of this.peers) this.post(rank, BYE);
    return new Promise((resolve, reject) => {
      this.closed = { resolve, reject };
    });
  }

  /** Leaves the others to themselves. */
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
    // One moment for the whole look: who is stopped in the midst of it has not waited for others, nor who was before it.
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
          `Rank ${rank} has waited ${timeout} s for rank ${peer.rank}: rank ${peer.rank} does not answer.`,
        );
      }
    }
    this.again();
  }

  /** Moves all on that is on its way; hands over the letters that are here whole. */
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
