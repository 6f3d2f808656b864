import { named } from '../agreement.ts';
import { NoAnswerError } from '../faults.ts';
import { nap } from '../nap.ts';
import { ANY_SOURCE, type Handle, type OpenMpi } from './library.ts';

const QUESTION = 1;
const ANSWER = 2;
const VERDICT = 3;

/** Maximum duration in milliseconds of a nap of 1 ms on a busy machine. */
const NAP_AT_MOST = 100;

/** Size in bytes of a message, which is a sentence. */
const LENGTH = 512;

/**
 * How waiting ranks find out which ranks do not respond: the first that times out queries all others on a separate
 * communicator; waiting ranks reply with what they are waiting for, and ranks that do not reply are reported to the
 * others.
 */
export class Alarm {
  /** Messages in flight; MPI reads their memory until they are complete. */
  private readonly kept: unknown[] = [];
  /** Ranks that have not replied to {@link Alarm.inquire}, and the time of the query. */
  private readonly unheard = new Set<number>();
  private asked = performance.now();

  constructor(
    private readonly mpi: OpenMpi,
    private readonly comm: Handle,
    private readonly rank: number,
    private readonly size: number,
  ) {}

  /**
   * Checks for queries and replies with what this rank is waiting for; '' means that it is working and polls an
   * exchange from time to time.
   * @throws NoAnswerError if another rank has found ranks that do not respond.
   */
  listen(waitsFor: string): void {
    this.hear(QUESTION, (from) => this.say(from, ANSWER, waitsFor));
    this.hear(VERDICT, (_, text) => {
      const { ranks, message } = JSON.parse(text) as { ranks: number[]; message: string };
      throw new NoAnswerError(ranks, message);
    });
  }

  /**
   * For a rank that works and polls from time to time: queries all others twice in `seconds`, and returns the error to
   * throw if one of them has not replied for that long.
   * @throws as {@link Alarm.listen}.
   */
  inquire(seconds: number, patience: number): NoAnswerError | undefined {
    this.listen('');
    this.hear(ANSWER, (from) => this.unheard.delete(from));
    const since = (performance.now() - this.asked) / 1000;
    if (this.unheard.size > 0 ? since < seconds : since < seconds / 2) return undefined;
    this.asked = performance.now();
    if (this.unheard.size > 0) {
      this.unheard.clear();
      const silence = this.raise('', seconds, patience, false);
      return silence === 'all wait' ? undefined : silence;
    }
    for (const r of this.others()) {
      this.unheard.add(r);
      this.say(r, QUESTION, '');
    }
    return undefined;
  }

  private others(): number[] {
    return Array.from({ length: this.size }, (_, r) => r).filter((r) => r !== this.rank);
  }

  /**
   * Queries all others, which have `patience` seconds to reply. Returns the error to throw, which the others are told
   * too; undefined if all reply and some of them are working; 'all wait' if all are waiting, unless they are queried
   * `again`. Working ranks wait for ''.
   * @throws errors of MPI itself.
   */
  raise(waitsFor: string, seconds: number, patience: number, again: boolean): NoAnswerError | 'all wait' | undefined {
    const others = this.others();
    for (const r of others) this.say(r, QUESTION, '');
    const said = new Map<number, string>();
    let left = 1000 * patience;
    for (let looked = performance.now(); said.size < others.length && left > 0; ) {
      const now = performance.now();
      // Time during which this rank itself was suspended does not count.
      left -= Math.min(now - looked, NAP_AT_MOST);
      looked = now;
      this.hear(ANSWER, (from, text) => said.set(from, text));
      try {
        this.listen(waitsFor);
      } catch (error) {
        if (error instanceof NoAnswerError) return error;
        throw error;
      }
      nap(1);
    }
    const ranks = others.filter((r) => !said.has(r));
    if (ranks.length === 0 && [...said.values()].includes('')) return undefined;
    if (ranks.length === 0 && !again) return 'all wait';
    const verb = ranks.length === 1 ? 'has not responded' : 'have not responded';
    const waits = [...said].slice(0, 4).map(([r, text]) => `rank ${r}: ${text}`);
    const whose = ranks.length > 0 ? `${named(ranks)} ${verb}` : `the ranks wait for each other (${waits.join('; ')})`;
    const message = `Rank ${this.rank} has waited ${seconds} s in ${waitsFor || 'polling the other ranks'}: ${whose}.`;
    for (const r of said.keys()) this.say(r, VERDICT, JSON.stringify({ ranks, message }));
    return new NoAnswerError(ranks, message);
  }

  private say(to: number, tag: number, text: string): void {
    const data = new Uint8Array(LENGTH);
    new TextEncoder().encodeInto(text, data);
    const request = new BigUint64Array(1);
    this.kept.push(data.buffer, request.buffer);
    const { call, types } = this.mpi;
    call.Isend(data, LENGTH, types[3], to, tag, this.comm, request);
  }

  private hear(tag: number, take: (from: number, text: string) => void): void {
    const { call, types } = this.mpi;
    const [flag, status] = [new Int32Array(1), new Int32Array(6)];
    for (;;) {
      flag[0] = 0;
      call.Iprobe(ANY_SOURCE, tag, this.comm, flag, status);
      if (flag[0] === 0) return;
      const [from] = status;
      const [data, request] = [new Uint8Array(LENGTH), new BigUint64Array(1)];
      call.Irecv(data, LENGTH, types[3], from, tag, this.comm, request);
      for (flag[0] = 0; flag[0] === 0; ) call.Test(request, flag, status);
      const end = data.indexOf(0);
      take(from, new TextDecoder().decode(data.subarray(0, end < 0 ? LENGTH : end)));
    }
  }
}
