import { TYPES } from '../numbers.ts';
import type { Flight } from '../simulator/network.ts';
import type { Simulation } from '../simulator/simulate.ts';
import type { RankCourse, Span } from '../simulator/spans.ts';
import { CollectiveRun } from './collective.ts';
import type { KeptExchange, RankRecord } from './record.ts';
import { Stages } from './stages.ts';

/** What the ranks of a run did, in the form of a simulation. */
export type Assembled = Pick<Simulation<unknown>, 'seconds' | 'trace' | 'courses'>;

/** A communicator, as all of its ranks know it. */
interface Group {
  /** Ranks of the world, and the number that each of them has for it. */
  readonly members: readonly number[];
  readonly ids: readonly number[];
}

/** A rank does its work this much more slowly than others before it is called slow: less is the load of the machine. */
const SLOW = 1.5;

/**
 * The messages and courses of a run from the records of all ranks. `timeOf` converts readings of the clock of a rank to a common
 * time. When an exchange began and ended on each rank is known; the messages within a collective are spread over this time
 * ({@link CollectiveRun}). O(messages).
 */
export function assembled(
  records: readonly RankRecord[],
  timeOf: (rank: number, reading: number) => number,
  checks: boolean,
): Assembled {
  const start = records.reduce(
    (least, { began }, rank) => Math.min(least, timeOf(rank, began)),
    Number.POSITIVE_INFINITY,
  );
  const at = (rank: number, reading: number) => Math.max(0, timeOf(rank, reading) - start);
  const timed = records.map(({ exchanges }, rank) =>
    exchanges.map((kept, place) => ({
      ...kept,
      place,
      began: at(rank, kept.began),
      ended: kept.ended === undefined ? undefined : at(rank, kept.ended),
    })),
  );
  const trace = new Assembly(timed, new Stages(checks)).trace();
  const courses = coursesOf(records, at);
  const last = trace.reduce((most, { arrived, left }) => Math.max(most, arrived ?? left), 0);
  return { trace, courses, seconds: courses.reduce((most, { ended }) => Math.max(most, ended!), last) };
}

function coursesOf(records: readonly RankRecord[], at: (rank: number, reading: number) => number): RankCourse[] {
  const spans = records.map(({ began, ended, waits }, rank) => {
    const own: Span[] = [];
    const add = (kind: Span['kind'], from: number, to: number) => {
      if (to > from) own.push({ kind, from, to });
    };
    let now = at(rank, began);
    for (const [from, to] of waits) {
      add('work', now, at(rank, from));
      add('wait', at(rank, from), at(rank, to));
      now = at(rank, to);
    }
    add('work', now, at(rank, ended));
    return own;
  });
  const works = spans.map((own) => own.reduce((sum, { kind, from, to }) => sum + (kind === 'work' ? to - from : 0), 0));
  const usual = works.toSorted((a, b) => a - b)[(works.length - 1) >> 1];
  return records.map(({ ended }, rank) => ({
    slowness: usual > 0 && works[rank] > SLOW * usual ? works[rank] / usual : 1,
    ...{ byzantine: false, stopped: undefined, ended: at(rank, ended), clock: { offset: 0, drift: 0 } },
    spans: spans[rank],
  }));
}

/** An exchange in common time, with its place among those of its rank. */
interface Timed extends KeptExchange {
  readonly place: number;
}

const isCollective = ({ kind }: Timed): boolean => kind !== 'send' && kind !== 'receive';

class Assembly {
  private readonly flights: Array<{ readonly flight: Flight; readonly place: number }> = [];

  constructor(
    private readonly exchanges: ReadonlyArray<readonly Timed[]>,
    private readonly stages: Stages,
  ) {}

  /** All messages in the order in which they were sent. */
  trace(): readonly Flight[] {
    const members = this.exchanges.map((_, rank) => rank);
    const groups: Group[] = [{ members, ids: members.map(() => 0) }];
    for (const group of groups) {
      const own = group.members.map((rank, k) => this.exchanges[rank].filter(({ comm }) => comm === group.ids[k]));
      this.messages(group, own);
      const collectives = own.map((list) => list.filter(isCollective));
      const count = Math.max(...collectives.map((list) => list.length));
      for (let k = 0; k < count; k++) {
        const calls = collectives.map((list): Timed | undefined => list[k]);
        this.collective(group, calls);
        if (calls.every((call) => call?.kind === 'split')) groups.push(...split(group, calls as Timed[]));
      }
    }
    // Of a rank, those at the same time are in the order of its program.
    this.flights.sort((a, b) => a.flight.sent - b.flight.sent || a.place - b.place);
    return this.flights.map(({ flight }) => flight);
  }

  private add(
    place: number,
    message: Pick<Flight, 'from' | 'to' | 'bytes' | 'sent' | 'arrived'> & { readonly left?: number },
  ): void {
    const { sent, left = sent } = message;
    this.flights.push({ flight: { ...message, began: sent, left, context: 0, tag: 0, step: 0, attempts: 1 }, place });
  }

  /** Messages of the program: the k-th that a rank sends another with a tag is the k-th that this one receives. */
  private messages({ members }: Group, own: ReadonlyArray<readonly Timed[]>): void {
    const received = new Map<string, Timed[]>();
    own.forEach((list, to) => {
      for (const one of list) {
        if (one.kind !== 'receive') continue;
        const key = [one.peer, to, one.tag].join();
        if (!received.has(key)) received.set(key, []);
        received.get(key)!.push(one);
      }
    });
    for (const list of received.values()) list.reverse();
    own.forEach((list, from) => {
      for (const { kind, peer, tag, type, length, began, ended, place } of list) {
        if (kind !== 'send') continue;
        const end = received.get([from, peer, tag].join())?.pop()?.ended;
        const arrived = end === undefined ? undefined : Math.max(began, end);
        const left = Math.min(Math.max(began, ended ?? began), arrived ?? Number.POSITIVE_INFINITY);
        const bytes = length * BYTES[type];
        this.add(place, { from: members[from], to: members[peer], bytes, sent: began, left, arrived });
      }
    });
  }

  /** The messages of a collective, which each of its ranks began and saw end at known times. */
  private collective({ members }: Group, calls: ReadonlyArray<Timed | undefined>): void {
    const run = new CollectiveRun(
      calls.map((call, rank) => ({
        stages: call ? this.stages.of(call, rank, members.length) : [],
        began: call?.began ?? 0,
        ended: Math.max(call?.began ?? 0, call?.ended ?? 0),
      })),
    );
    for (const { from, to, bytes, sent, arrived } of run.flown())
      this.add(calls[from]!.place, { from: members[from], to: members[to], bytes, sent, arrived });
  }
}

const BYTES = TYPES.map(({ BYTES_PER_ELEMENT }) => BYTES_PER_ELEMENT);

/** The groups that a split makes: ranks of a colour in the order of their keys. */
function split({ members }: Group, calls: readonly Timed[]): Group[] {
  const colours = [...new Set(calls.map(({ peer }) => peer))].filter((colour) => colour >= 0);
  return colours.map((colour) => {
    const ranks = members.map((_, k) => k).filter((k) => calls[k].peer === colour && calls[k].made !== undefined);
    ranks.sort((a, b) => calls[a].tag - calls[b].tag || a - b);
    return { members: ranks.map((k) => members[k]), ids: ranks.map((k) => calls[k].made!) };
  });
}
