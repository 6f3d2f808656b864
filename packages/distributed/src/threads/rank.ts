import type { Act } from '../communicator.ts';
import { drive, type Outward, type Program } from '../drive.ts';
import { Engine, type Operation, type Transport } from '../engine.ts';
import { type NoAnswerError, noAnswer, silent, waitedFor, waiting } from '../faults.ts';
import { firstOver } from '../first.ts';
import { Mailbox } from '../mailbox.ts';
import { typeOf } from '../numbers.ts';
import { Traffic } from '../traffic.ts';
import { Reader, Writer } from './ring.ts';
import {
  ENDED,
  GAVE_UP,
  NEWS,
  ringOf,
  SEEN,
  SLEEPS,
  STATE,
  timeWord,
  WAITS,
  WORKS,
  waitsOf,
  wordsOf,
} from './shared.ts';

/** Connection of a rank in a thread. */
export interface ThreadOptions {
  readonly rank: number;
  readonly ranks: number;
  readonly memory: SharedArrayBuffer;
  /** Timeout in seconds for waiting ranks. */
  readonly timeout: number;
  readonly checks: boolean;
  /** Maximum number of polls before a thread sleeps; waking a sleeping thread takes about 50 µs. */
  readonly looks: number;
}

/** Milliseconds after which ranks are checked again if all are waiting. */
const AGAIN = 500;

/** Number of polls if longer polling has not helped recently, and number of waits after which it is tried again. */
const FEW_LOOKS = 100;
const TRY_AGAIN = 16;

/**
 * One of several ranks in threads: exchanges are messages through ring buffers in shared memory. Blocks its thread
 * while it waits.
 */
export class ThreadRank {
  private readonly traffic = new Traffic();
  private readonly engine: Engine;
  private readonly words: readonly Int32Array[];
  private readonly links: ReadonlyArray<{ readonly to: number; readonly reader: Reader; readonly writer: Writer }>;

  /** Whether polling has helped; it does not if threads share a core. */
  private looking = true;
  private waits = 0;

  constructor(private readonly options: ThreadOptions) {
    const { rank, ranks, memory, checks } = options;
    const mailbox = new Mailbox();
    const others = Array.from({ length: ranks }, (_, r) => r);
    this.words = others.map((r) => wordsOf(memory, r));
    this.links = others
      .filter((r) => r !== rank)
      .map((r) => ({
        to: r,
        reader: new Reader(ringOf(memory, ranks, r, rank), r, mailbox),
        writer: new Writer(ringOf(memory, ranks, rank, r)),
      }));
    const writers = new Map(this.links.map((link) => [link.to, link]));
    const transport: Transport = {
      expect: (receive) => mailbox.expect(receive),
      send: (to, context, tag, step, { data }) => {
        const link = writers.get(to);
        if (link) {
          const sending = link.writer.add(context, tag, step, data);
          if (link.writer.flush()) this.tell(to);
          return sending;
        }
        const sink = mailbox.open({ from: to, context, tag, step, type: typeOf(data), length: data.length });
        sink.put(data, 0);
        sink.close();
        return { sent: true };
      },
    };
    this.engine = new Engine(rank, ranks, transport, this.traffic, checks);
    this.seen();
  }

  /** Runs the program of this rank, as `alone` does. */
  *ranks<Y, R>(program: Program<Y, R>): Generator<Y, R> {
    return yield* drive(program, this.engine.whole, (request) => this.answer(request), this.traffic);
  }

  /** Tells the others that nothing more will be sent. */
  close(): void {
    const own = this.words[this.options.rank];
    // The state of a rank that timed out is kept, since others ask what it was waiting for.
    if (Atomics.load(own, STATE) !== GAVE_UP) Atomics.store(own, STATE, ENDED);
  }

  private answer(request: Outward): unknown {
    switch (request.kind) {
      case 'begin':
        return this.engine.begin(request.comm, request.act);
      case 'wait':
        return this.finish(request.begun as Operation);
      case 'test': {
        this.progress();
        this.seen();
        return (request.begun as Operation).over;
      }
      case 'waitAny':
        return this.first(request.begun as readonly Operation[], request.until);
      default:
        return this.finish(this.engine.begin(request.comm, request as Act));
    }
  }

  private finish(operation: Operation): unknown {
    this.first([operation]);
    if (operation.error !== undefined) throw operation.error;
    return operation.answer;
  }

  /**
   * Blocks until one of the exchanges is complete, or the deadline has passed; with a deadline, the rank counts as
   * working and polling from time to time.
   */
  private first(operations: readonly Operation[], moment = Number.POSITIVE_INFINITY): number | undefined {
    const { rank, timeout } = this.options;
    const limited = moment < Number.POSITIVE_INFINITY;
    const own = this.words[rank];
    if (limited) this.seen();
    let idle = 0;
    let looks = this.looks();
    let until = 0;
    let again = false;
    let at = firstOver(operations);
    for (; at === undefined; at = firstOver(operations)) {
      const news = Atomics.load(own, NEWS);
      if (this.progress()) {
        // A few polls without success say nothing about many.
        if (looks > FEW_LOOKS && idle > FEW_LOOKS) this.looking = idle <= looks;
        if (idle > 0) looks = this.looks();
        idle = 0;
        until = 0;
        again = false;
        continue;
      }
      if (limited && performance.now() >= 1000 * moment) break;
      if (idle++ < looks) continue;
      const now = performance.now();
      if (limited) {
        // Frequent enough to show others that it is responding.
        this.seen();
        this.sleep(news, Math.min(1000 * moment - now, 250 * timeout));
        continue;
      }
      if (until === 0) until = now + 1000 * timeout;
      if (now >= until) {
        const blame = this.silent(operations);
        if (blame.length === 0 && !again) {
          // The last message may just have arrived, so check again a little later.
          again = true;
          until = now + AGAIN;
          continue;
        }
        // A rank that works and polls an exchange from time to time will arrive.
        if (!blame.some((r) => this.isThere(r))) throw this.noAnswer(operations, blame);
        until = 0;
        continue;
      }
      this.show(WAITS, waitedFor(operations));
      this.sleep(news, until - now);
    }
    // Not earlier: a rank that has been woken but has no core yet is still waiting.
    Atomics.store(own, STATE, WORKS);
    return at;
  }

  /** Sleeps until the counter of news differs from `news`, for the given time and at most a second. */
  private sleep(news: number, milliseconds: number): void {
    const own = this.words[this.options.rank];
    Atomics.store(own, SLEEPS, 1);
    // Returns at once if the counter has changed in the meantime.
    Atomics.wait(own, NEWS, news, Math.min(milliseconds, 1000));
    Atomics.store(own, SLEEPS, 0);
  }

  /** Number of polls before the next sleep. */
  private looks(): number {
    const { looks } = this.options;
    return this.looking || ++this.waits % TRY_AGAIN === 0 ? looks : Math.min(looks, FEW_LOOKS);
  }

  /** Reads, advances exchanges, writes; returns whether anything happened. */
  private progress(): boolean {
    let moved = false;
    for (const { to, reader } of this.links) {
      if (!reader.pull()) continue;
      // Notifies the sender, since there is room again.
      this.tell(to);
      moved = true;
    }
    for (const { to, writer } of this.links) {
      if (!writer.flush()) continue;
      this.tell(to);
      moved = true;
    }
    // Exchanges may also be completed by what was written when others were begun.
    return this.engine.progress() || moved;
  }

  private tell(rank: number): void {
    const words = this.words[rank];
    Atomics.add(words, NEWS, 1);
    if (Atomics.load(words, SLEEPS) === 1) Atomics.notify(words, NEWS);
  }

  private show(state: number, waitsFor: readonly number[]): void {
    const { memory, ranks, rank } = this.options;
    const row = waitsOf(memory, ranks, rank);
    for (let r = 0; r < ranks; r++) Atomics.store(row, r, waitsFor.includes(r) ? 1 : 0);
    Atomics.store(this.words[rank], STATE, state);
  }

  private seen(): void {
    Atomics.store(this.words[this.options.rank], SEEN, timeWord());
  }

  private isThere(rank: number): boolean {
    const words = this.words[rank];
    if (Atomics.load(words, STATE) !== WORKS) return false;
    return ((timeWord() - Atomics.load(words, SEEN)) | 0) < 1000 * this.options.timeout;
  }

  /** The ranks responsible for the exchange not being complete. */
  private silent(operations: readonly Operation[]): number[] {
    const { memory, ranks, rank } = this.options;
    return silent(rank, (r) => {
      if (r === rank) return waitedFor(operations);
      const state = Atomics.load(this.words[r], STATE);
      if (state !== WAITS && state !== GAVE_UP) return undefined;
      return [...waitsOf(memory, ranks, r)].flatMap((waits, other) => (waits === 1 ? [other] : []));
    });
  }

  private noAnswer(operations: readonly Operation[], blame: readonly number[]): NoAnswerError {
    const { rank, timeout } = this.options;
    this.show(GAVE_UP, blame);
    const ended = (r: number) => Atomics.load(this.words[r], STATE) === ENDED;
    return noAnswer(rank, waiting(operations), timeout, blame, (r) => (ended(r) ? 'has ended' : undefined));
  }
}
