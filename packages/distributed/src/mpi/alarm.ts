import { named } from '../agreement.ts';
import { NoAnswerError } from '../faults.ts';
import { nap } from '../nap.ts';
import { ANY_SOURCE, type Handle, type OpenMpi } from './library.ts';

const QUESTION = 1;
const ANSWER = 2;
const VERDICT = 3;

/** Milliseconds that a nap of one takes at most where a machine is busy. */
const NAP_AT_MOST = 100;

/** Bytes of a message: a sentence. */
const LENGTH = 512;

/**
 * How ranks that wait find out who does not answer: the first that has waited too long asks all others, on a communicator
 * of its own; who waits, too, says for what, and who says nothing is named to the rest.
 */
export class Alarm {
  /** Messages on their way: MPI reads their memory until they are over. */
  private readonly kept: unknown[] = [];
  /** Who has not answered what {@link Alarm.inquire} asked, and when it did. */
  private readonly unheard = new Set<number>();
  private asked = performance.now();

  constructor(
    private readonly mpi: OpenMpi,
    private readonly comm: Handle,
    private readonly rank: number,
    private readonly size: number,
  ) {}

  /**
   * Looks whether others ask, and answers what this rank waits for; nothing: it works, and asks now and then how far an
   * exchange is.
   * @throws NoAnswerError where another rank has found who does not answer.
   */
  listen(waitsFor: string): void {
    this.hear(QUESTION, (from) => this.say(from, ANSWER, waitsFor));
    this.hear(VERDICT, (_, text) => {
      const { ranks, message } = JSON.parse(text) as { ranks: number[]; message: string };
      throw new NoAnswerError(ranks, message);
    });
  }

  /**
   * For a rank that works and looks now and then: asks all others twice in `seconds`, and where one has not answered for as long
   * answers what to throw.
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
   * Asks all others and gives them `patience` seconds; answers what to throw then, which they are told; undefined where
   * all answer, and some of them work; where all wait, that they do, unless they are asked `again`. Who works waits for ''.
   * @throws what is wrong with MPI itself.
   */
  raise(waitsFor: string, seconds: number, patience: number, again: boolean): NoAnswerError | 'all wait' | undefined {
    const others = this.others();
    for (const r of others) this.say(r, QUESTION, '');
    const said = new Map<number, string>();
    let left = 1000 * patience;
    for (let looked = performance.now(); said.size < others.length && left > 0; ) {
      const now = performance.now();
      // Who is stopped itself does not wait for others meanwhile.
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
    const verb = ranks.length === 1 ? 'does not answer' : 'do not answer';
    const waits = [...said].slice(0, 4).map(([r, text]) => `rank ${r}: ${text}`);
    const whose = ranks.length > 0 ? `${named(ranks)} ${verb}` : `the ranks wait for each other (${waits.join('; ')})`;
    const message = `Rank ${this.rank} has waited ${seconds} s in ${waitsFor || 'asking who is there'}: ${whose}.`;
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
