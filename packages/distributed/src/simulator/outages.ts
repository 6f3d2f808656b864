import { fail, knownKeys, Random, wholeNumber } from '@southwell/numerics/core';
import { checkTimes, drawTime, type Times } from './times.ts';

/** What happens to messages on a link that goes down: they are lost, or sent again when it is up. */
export type Meanwhile = 'lost' | 'delayed';

/** An outage of a link, in both directions, from `at` until `until`. */
export interface Down {
  readonly between: readonly [number, number];
  readonly at: number;
  /** Default: forever. */
  readonly until?: number;
  /** Default 'lost'. Messages that wait for a link that never recovers are lost too. */
  readonly messages?: Meanwhile;
}

/** Links that fail and recover repeatedly, at random times for each link. */
export interface Failures {
  /** Duration between failures. */
  readonly up: Times;
  /** Duration of an outage. */
  readonly down: Times;
  /** The affected links (default: all). */
  readonly links?: ReadonlyArray<readonly [number, number]>;
  /** Default 'lost'. */
  readonly messages?: Meanwhile;
}

/** A period in which a link was down. */
export interface Outage {
  readonly between: readonly [number, number];
  readonly at: number;
  /** Infinity if it never recovered. */
  readonly until: number;
  /** Number of messages that it lost, and number of times that a message had to wait for its end. */
  readonly lost: number;
  readonly delayed: number;
}

interface Counted extends Outage {
  readonly messages: Meanwhile;
  lost: number;
  delayed: number;
}

/** The outages of one link. */
interface Link {
  readonly between: readonly [number, number];
  readonly given: readonly Counted[];
  /** Random outages in order, drawn as far as needed. */
  readonly drawn: Counted[];
  readonly random: Random | undefined;
  /** The index of the first drawn outage that is not over. */
  first: number;
}

/** Index of the random stream for links, separate from that of the network. */
const STREAM = 1;

/** When links are down. The outages of a link do not depend on the messages sent. */
export class Outages {
  private readonly links = new Map<number, Link>();
  private readonly random: Random;
  private readonly failing: ReadonlySet<number> | undefined;

  /** @throws INVALID_PARAMETER. */
  constructor(
    private readonly ranks: number,
    seed: number,
    private readonly down: readonly Down[] = [],
    private readonly failures?: Failures,
  ) {
    checkDown(ranks, down);
    if (failures) checkFailures(ranks, failures);
    this.random = new Random(seed).split(STREAM);
    this.failing = failures?.links && new Set(failures.links.map(([a, b]) => this.key(a, b)));
    for (const { between } of down) this.link(...between);
  }

  /**
   * The arrival time of a message that is on a link from `start` to `end` if the link is up; undefined if it is lost.
   * If delayed, it is sent again after each outage that it meets. `now` is the current time, which must not decrease.
   */
  pass(
    from: number,
    to: number,
    start: number,
    end: number,
    now: number,
  ): { readonly arrived: number | undefined; readonly outage?: Meanwhile } {
    if (this.down.length === 0 && !this.failures) return { arrived: end };
    const link = this.link(from, to);
    let [begins, arrived] = [start, end];
    for (let met = this.met(link, begins, arrived, now); met; met = this.met(link, begins, arrived, now)) {
      if (met.messages === 'lost' || met.until === Number.POSITIVE_INFINITY) {
        met.lost++;
        return { arrived: undefined, outage: 'lost' };
      }
      met.delayed++;
      begins = met.until;
      arrived = begins + (end - start);
    }
    return begins === start ? { arrived } : { arrived, outage: 'delayed' };
  }

  /** Outages that began before or at a given time: all given ones, and random ones of links that carried messages. */
  report(until: number): Outage[] {
    const all = [...this.links.values()].flatMap((link) => {
      this.draw(link, until);
      return [...link.given, ...link.drawn];
    });
    return all
      .filter((outage) => outage.at <= until)
      .sort((a, b) => a.at - b.at)
      .map(({ messages: _, ...outage }) => outage);
  }

  /** The first outage that affects a message in transit from `start` to `end`. */
  private met(link: Link, start: number, end: number, now: number): Counted | undefined {
    this.draw(link, end);
    const { given, drawn } = link;
    while (link.first < drawn.length && drawn[link.first].until <= now) link.first++;
    const meets = (outage: Counted) => outage.at <= end && start < outage.until;
    let k = link.first;
    while (k < drawn.length && !meets(drawn[k])) k++;
    return [...given.filter(meets), ...drawn.slice(k, k + 1)].sort((a, b) => a.at - b.at).at(0);
  }

  private draw({ between, drawn, random }: Link, until: number): void {
    if (!random || !this.failures) return;
    const { up, down, messages = 'lost' } = this.failures;
    for (let last = drawn.at(-1)?.until ?? 0; last <= until; last = drawn.at(-1)!.until) {
      const at = last + drawTime(up, random);
      drawn.push({ between, at, until: at + drawTime(down, random), messages, lost: 0, delayed: 0 });
    }
  }

  private link(a: number, b: number): Link {
    const key = this.key(a, b);
    let link = this.links.get(key);
    if (link) return link;
    const between = [Math.min(a, b), Math.max(a, b)] as const;
    const given = this.down
      .filter((one) => this.key(...one.between) === key)
      .map(({ at, until = Number.POSITIVE_INFINITY, messages = 'lost' }) => {
        return { between, at, until, messages, lost: 0, delayed: 0 };
      });
    // There is no link between a rank and itself.
    const fails = this.failures && a !== b && (this.failing?.has(key) ?? true);
    link = { between, given, drawn: [], random: fails ? this.random.split(key) : undefined, first: 0 };
    this.links.set(key, link);
    return link;
  }

  private key(a: number, b: number): number {
    return Math.min(a, b) * this.ranks + Math.max(a, b);
  }
}

function checkDown(ranks: number, down: readonly Down[]): void {
  for (const one of down) {
    knownKeys('A link that is down', one, { between: true, at: true, until: true, messages: true });
    const { between, at, until = Number.POSITIVE_INFINITY, messages } = one;
    checkLink(ranks, between);
    if (Number.isNaN(at) || !(until > at)) {
      fail('INVALID_PARAMETER', `A link that is down from ${at} s must recover after that, not at ${until} s.`);
    }
    checkMessages(messages);
  }
}

function checkFailures(ranks: number, failures: Failures): void {
  knownKeys('failures', failures, { up: true, down: true, links: true, messages: true });
  const { up, down, links = [], messages } = failures;
  checkTimes('up of failures', up, true);
  checkTimes('down of failures', down, true);
  for (const between of links) checkLink(ranks, between);
  checkMessages(messages);
}

function checkLink(ranks: number, between: readonly [number, number]): void {
  for (const rank of between) wholeNumber('A rank of a link', rank, 0, ranks - 1);
}

function checkMessages(messages: Meanwhile | undefined): void {
  if (messages === undefined || messages === 'lost' || messages === 'delayed') return;
  fail('INVALID_PARAMETER', `Messages of a link that is down must be 'lost' or 'delayed', not '${messages}'.`);
}
