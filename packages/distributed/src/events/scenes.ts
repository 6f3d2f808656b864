import type { EventList, EventMessage, EventNote } from './eventList.ts';

/** What a rank is doing. `over`: its program has ended; `stopped`: it no longer responds; `idle`: nothing that takes time. */
export type Doing = 'work' | 'wait' | 'send' | 'idle' | 'over' | 'stopped';

/** A message on its way, and the part of the way that it has made, from 0 to 1. A lost one disappears halfway. */
export interface InFlight {
  readonly index: number;
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  readonly part: number;
  readonly lost: boolean;
}

/** A rank at a time. */
export interface RankScene {
  readonly doing: Doing;
  /** The reading of its clock. */
  readonly clock: number;
  /** Bytes that have left it. */
  readonly sent: number;
}

/** A run at a time. */
export interface Scene {
  readonly ranks: readonly RankScene[];
  readonly flights: readonly InFlight[];
  /** Bytes that have left their senders. */
  readonly sent: number;
  /** The last mark, by its index; −1 before the first. */
  readonly mark: number;
}

/** A time in which a rank did one thing. */
export interface Stretch {
  readonly kind: 'work' | 'wait' | 'send';
  readonly from: number;
  readonly to: number;
}

/** Number of intervals of the time, in each of which few messages are in flight. */
const SLOTS = 512;

/** The end of a message's way: a lost one is not seen beyond the time in which it left, and a little. */
const endOf = ([, , , , began, left, arrived]: EventMessage): number => arrived ?? left + (left - began);

/** The pictures of an event list: what is where at any time of the run. */
export class Scenes {
  readonly seconds: number;
  /** What each rank did, work first; messages follow one another without gaps where they queue. */
  private readonly stretches: ReadonlyArray<readonly Stretch[]>;
  private readonly slots: number[][];
  /** By rank and interval: what the rank did in it. */
  private readonly near: ReadonlyArray<ReadonlyArray<readonly Stretch[]>>;
  private readonly markTimes: Float64Array;
  /** By rank: when its messages have left, in this order, and the bytes until then. */
  private readonly left: ReadonlyArray<{ readonly times: Float64Array; readonly sums: Float64Array }>;

  /** O(messages · log messages). */
  constructor(readonly list: EventList) {
    const { ranks, messages, seconds } = list;
    this.seconds = seconds;
    this.slots = Array.from({ length: SLOTS }, () => []);
    const own: EventMessage[][] = ranks.map(() => []);
    messages.forEach((message, index) => {
      own[message[0]].push(message);
      const [first, last] = [this.slot(message[4]), this.slot(endOf(message))];
      for (let k = first; k <= last; k++) this.slots[k].push(index);
    });
    this.stretches = ranks.map(({ spans }, rank) => {
      // Of real ranks it may not be known how long the bytes took to leave.
      const sending: Stretch[] = own[rank].flatMap(([, , , , from, to]) =>
        to > from ? [{ kind: 'send', from, to }] : [],
      );
      return [...spans.map(([kind, from, to]): Stretch => ({ kind, from, to })), ...sending];
    });
    this.near = this.stretches.map((stretches) => {
      const slots: Stretch[][] = Array.from({ length: SLOTS }, () => []);
      for (const stretch of stretches)
        for (let k = this.slot(stretch.from); k <= this.slot(stretch.to); k++) slots[k].push(stretch);
      return slots;
    });
    this.markTimes = Float64Array.from(list.marks, ([at]) => at);
    this.left = own.map((sent) => {
      const sorted = sent.toSorted((a, b) => a[5] - b[5]);
      let sum = 0;
      const sums = Float64Array.from(sorted, ([, , bytes]) => {
        sum += bytes;
        return sum;
      });
      return { times: Float64Array.from(sorted, (message) => message[5]), sums };
    });
  }

  private slot(time: number): number {
    return this.seconds > 0 ? Math.max(0, Math.min(SLOTS - 1, Math.floor((time / this.seconds) * SLOTS))) : 0;
  }

  /** Bytes that have left a rank until a time. O(log messages). */
  sentBy(rank: number, time: number): number {
    const { times, sums } = this.left[rank];
    const count = countUntil(times, time);
    return count === 0 ? 0 : sums[count - 1];
  }

  /** Messages on their way. O(those near the time). */
  flightsAt(time: number): InFlight[] {
    const found: InFlight[] = [];
    for (const index of this.slots[this.slot(time)]) {
      const message = this.list.messages[index];
      const [from, to, bytes, , began, , arrived] = message;
      const end = endOf(message);
      if (time < began || time >= end) continue;
      const lost = arrived === null;
      const part = ((time - began) / (end - began)) * (lost ? 0.5 : 1);
      found.push({ index, from, to, bytes, part, lost });
    }
    return found;
  }

  /** What a rank is doing. O(what it does near the time). */
  doingAt(rank: number, time: number): Doing {
    const { stopped, ended } = this.list.ranks[rank];
    if (stopped !== null && time >= stopped) return 'stopped';
    if (ended !== null && time >= ended) return 'over';
    let doing: Doing = 'idle';
    for (const { kind, from, to } of this.near[rank][this.slot(time)]) {
      if (time < from || time >= to) continue;
      if (kind === 'work') return 'work';
      // A rank that waits for its own message to leave is sending.
      if (doing !== 'send') doing = kind;
    }
    return doing;
  }

  at(time: number): Scene {
    const { ranks } = this.list;
    const shown = ranks.map(({ clock }, rank) => ({
      doing: this.doingAt(rank, time),
      clock: clock.offset + (1 + clock.drift) * time,
      sent: this.sentBy(rank, time),
    }));
    const sent = shown.reduce((sum, rank) => sum + rank.sent, 0);
    const past = countUntil(this.markTimes, time);
    return { ranks: shown, flights: this.flightsAt(time), sent, mark: past - 1 };
  }

  /**
   * The lane of a rank: what it did, with gaps shorter than `gap` seconds closed, so that a lane of thousands of messages has no
   * more stretches than can be seen. Sorted by kind, waiting first, to be drawn in this order.
   */
  lane(rank: number, gap = this.seconds / 1000): Stretch[] {
    return (['wait', 'send', 'work'] as const).flatMap((kind) => {
      const joined: Stretch[] = [];
      const own = this.stretches[rank].filter((s) => s.kind === kind).toSorted((a, b) => a.from - b.from);
      for (const stretch of own) {
        const last = joined.at(-1);
        if (last && stretch.from - last.to <= gap)
          joined[joined.length - 1] = { ...last, to: Math.max(last.to, stretch.to) };
        else joined.push(stretch);
      }
      return joined;
    });
  }

  /** Seconds that a rank spent on each kind; sending while it waits counts as both. */
  totals(rank: number): Readonly<Record<Stretch['kind'], number>> {
    const sums = { work: 0, wait: 0, send: 0 };
    for (const { kind, from, to } of this.stretches[rank]) sums[kind] += to - from;
    return sums;
  }

  /** What was noted about a rank, one of those that are nearer than `gap` seconds to the one before with the same words. O(notes). */
  notes(rank: number, gap = this.seconds / 1000): EventNote[] {
    const shown = new Map<string, number>();
    return (this.list.notes ?? []).filter(([at, of, what]) => {
      if (of !== rank || at - (shown.get(what) ?? Number.NEGATIVE_INFINITY) < gap) return false;
      shown.set(what, at);
      return true;
    });
  }

  /** What was noted about a rank until a time, and how often. O(notes). */
  noted(rank: number, time: number): Array<readonly [what: string, times: number]> {
    const counts = new Map<string, number>();
    for (const [at, of, what] of this.list.notes ?? []) {
      if (at > time) break;
      if (of === rank) counts.set(what, (counts.get(what) ?? 0) + 1);
    }
    return [...counts];
  }

  /** The marks that have a value, with the bits that had left all ranks until then. */
  course(): {
    readonly seconds: number[];
    readonly iteration: number[];
    readonly value: number[];
    readonly bits: number[];
  } {
    const marks = this.list.marks.filter(([, , value]) => value !== null);
    return {
      seconds: marks.map(([at]) => at),
      iteration: marks.map(([, iteration]) => iteration),
      value: marks.map(([, , value]) => value!),
      bits: marks.map(([at]) => 8 * this.list.ranks.reduce((sum, _, rank) => sum + this.sentBy(rank, at), 0)),
    };
  }
}

/** Number of sorted times up to a time, itself included. */
function countUntil(times: Float64Array, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Places of ranks on a circle of radius 1, clockwise from the top. */
export const placesOf = (ranks: number): ReadonlyArray<readonly [x: number, y: number]> =>
  Array.from({ length: ranks }, (_, rank) => {
    const angle = (2 * Math.PI * rank) / ranks - Math.PI / 2;
    return [Math.cos(angle), Math.sin(angle)] as const;
  });
