import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import type { Simulation } from '../simulator/simulate.ts';
import type { Span } from '../simulator/spans.ts';

/** The name by which files of event lists are recognised. */
const FORMAT = 'southwell-events';
const VERSION = 1;

/** A rank of an event list. */
export interface EventRank {
  /** The factor by which its work and its sending take longer. */
  readonly slowness: number;
  /** Whether it sends something else than its program would. */
  readonly hostile: boolean;
  /** The time at which it stopped responding; null if it did not. */
  readonly stopped: number | null;
  /** The time at which its program ended; null if it did not. */
  readonly ended: number | null;
  /** The reading of its clock at time t is offset + (1 + drift) t. */
  readonly clock: { readonly offset: number; readonly drift: number };
  readonly spans: ReadonlyArray<readonly [kind: Span['kind'], from: number, to: number]>;
}

/**
 * A message: its sender and receiver, its bytes, when it was handed over for sending, the time in which its bytes left, when it arrived (null:
 * lost), and how many attempts that took.
 */
export type EventMessage = readonly [
  from: number,
  to: number,
  bytes: number,
  sent: number,
  began: number,
  left: number,
  arrived: number | null,
  attempts: number,
];

/** A value of the run's measure at a time; null if there is none. */
export type EventMark = readonly [seconds: number, iteration: number, value: number | null];

/** A link between ranks on which the program exchanges, and how often it is used compared with others. */
export type EventLink = readonly [from: number, to: number, weight: number];

/** Where ranks are drawn, in units of its own. */
export type EventPlace = readonly [x: number, y: number];

/** What a program noted at a time about a rank, in a few words. */
export type EventNote = readonly [seconds: number, rank: number, what: string];

/** What happened in a run on several ranks, as plain data, which JSON preserves exactly. Times are seconds from its start. */
export interface EventList {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly title: string;
  readonly seconds: number;
  /** What the marks measure, such as `loss`; empty if there are none. */
  readonly measure: string;
  readonly ranks: readonly EventRank[];
  /** In the order in which they were sent. */
  readonly messages: readonly EventMessage[];
  /** In the order of time. */
  readonly marks: readonly EventMark[];
  /** The graph on which ranks exchange, if they do not with all others. */
  readonly links?: readonly EventLink[];
  /** One a rank. Default: on a circle. */
  readonly places?: readonly EventPlace[];
  /** In the order of time; absent if there are none. */
  readonly notes?: readonly EventNote[];
}

/** What the events of a simulation do not say. */
export interface EventsAbout {
  readonly title: string;
  /** Default: none. */
  readonly measure?: string;
  readonly marks?: readonly EventMark[];
  readonly notes?: readonly EventNote[];
  /** Ranks whose programs are hostile, besides those whose messages the network alters. */
  readonly hostile?: readonly number[];
  /** The graph on which ranks exchange, and where they are drawn. */
  readonly links?: readonly EventLink[];
  readonly places?: readonly EventPlace[];
}

/** Numbers that are not finite have no place in JSON. */
const finite = (value: number | null | undefined): number | null =>
  value !== undefined && value !== null && Number.isFinite(value) ? value : null;

const aboutKeys: OptionKeys<EventsAbout> = {
  ...{ title: true, measure: true, marks: true, notes: true, hostile: true, links: true, places: true },
};

/**
 * The events of a simulation with a trace, as plain data. O(messages).
 * @throws INVALID_PARAMETER for unknown options.
 */
export function eventList(
  { seconds, trace, courses }: Pick<Simulation<unknown>, 'seconds' | 'trace' | 'courses'>,
  about: EventsAbout,
): EventList {
  knownKeys('eventList', about, aboutKeys);
  const { title, measure = '', marks = [], notes = [], hostile = [], links, places } = about;
  return {
    ...{ format: FORMAT, version: VERSION, title, seconds, measure },
    ranks: courses.map(({ slowness, byzantine, stopped, ended, clock, spans }, rank) => ({
      ...{ slowness, hostile: byzantine || hostile.includes(rank), stopped: finite(stopped), ended: finite(ended) },
      // JSON has no −0.
      clock: { offset: clock.offset + 0, drift: clock.drift + 0 },
      spans: spans.map(({ kind, from, to }) => [kind, from, to] as const),
    })),
    messages: trace.map(
      ({ from, to, bytes, sent, began, left, arrived, attempts }): EventMessage => [
        ...([from, to, bytes, sent, began, left] as const),
        finite(arrived),
        attempts,
      ],
    ),
    marks: marks.map(([at, iteration, value]) => [at, iteration, finite(value)] as const),
    ...(links && { links }),
    ...(places && { places }),
    ...(notes.length > 0 && { notes }),
  };
}

/** Most ranks and messages of a list that is read: more cannot be drawn. */
const [MOST_RANKS, MOST_MESSAGES] = [1024, 2_000_000];

/**
 * The event list in the text of a file. O(length).
 * @throws INVALID_FORMAT if it is none, with the place of what is wrong.
 */
export function parseEventList(text: string): EventList {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    fail('INVALID_FORMAT', `An event list is a JSON file, and this is not JSON: ${(error as Error).message}.`);
  }
  const list = value as Partial<Record<keyof EventList, unknown>> | null;
  if (typeof list !== 'object' || list === null || list.format !== FORMAT)
    fail(
      'INVALID_FORMAT',
      `This JSON is not an event list, whose "format" is "${FORMAT}": southwell train --ranks --events writes one.`,
    );
  if (list.version !== VERSION)
    fail('INVALID_FORMAT', `The event list has version ${String(list.version)}, and version ${VERSION} can be read.`);
  textOf('title', list.title);
  textOf('measure', list.measure);
  const seconds = time('seconds', list.seconds);
  const ranks = array('ranks', list.ranks, MOST_RANKS);
  if (ranks.length === 0) fail('INVALID_FORMAT', 'The event list has no ranks.');
  ranks.forEach((rank, r) => {
    checkRank(`ranks[${r}]`, rank, seconds);
  });
  array('messages', list.messages, MOST_MESSAGES).forEach((message, k) => {
    checkMessage(`messages[${k}]`, message, ranks.length);
  });
  let last = 0;
  array('marks', list.marks, MOST_MESSAGES).forEach((mark, k) => {
    const [at, iteration, found] = array(`marks[${k}]`, mark, 3);
    if (time(`marks[${k}][0]`, at) < last)
      fail('INVALID_FORMAT', `marks[${k}] of the event list is earlier than the one before.`);
    last = at as number;
    time(`marks[${k}][1]`, iteration);
    if (found !== null) number(`marks[${k}][2]`, found);
  });
  if (list.links !== undefined) checkLinks(list.links, ranks.length);
  if (list.places !== undefined) checkPlaces(list.places, ranks.length);
  last = 0;
  if (list.notes !== undefined)
    array('notes', list.notes, MOST_MESSAGES).forEach((note, k) => {
      const [at, rank, what] = array(`notes[${k}]`, note, 3);
      if (time(`notes[${k}][0]`, at) < last)
        fail('INVALID_FORMAT', `notes[${k}] of the event list is earlier than the one before.`);
      last = at as number;
      rankOf(`notes[${k}][1]`, rank, ranks.length);
      textOf(`notes[${k}][2]`, what);
    });
  return list as EventList;
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'missing').slice(0, 40);

function wrong(where: string, expected: string, value: unknown): never {
  fail('INVALID_FORMAT', `${where} of the event list must be ${expected}, but is ${shown(value)}.`);
}

function textOf(where: string, value: unknown): void {
  if (typeof value !== 'string') wrong(where, 'a text', value);
}

function number(where: string, value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : wrong(where, 'a finite number', value);
}

/** A number of at least 0. */
const time = (where: string, value: unknown): number =>
  number(where, value) >= 0 ? (value as number) : wrong(where, 'at least 0', value);

function array(where: string, value: unknown, most: number): readonly unknown[] {
  if (!Array.isArray(value)) wrong(where, 'a list', value);
  if (value.length > most)
    fail('INVALID_FORMAT', `${where} of the event list has ${value.length} entries, more than ${most}.`);
  return value;
}

function checkRank(where: string, value: unknown, seconds: number): void {
  const rank = value as Partial<EventRank> | null;
  if (typeof rank !== 'object' || rank === null) wrong(where, 'a rank', value);
  if (!(number(`${where}.slowness`, rank.slowness) > 0)) wrong(`${where}.slowness`, 'above 0', rank.slowness);
  if (typeof rank.hostile !== 'boolean') wrong(`${where}.hostile`, 'true or false', rank.hostile);
  for (const name of ['stopped', 'ended'] as const) if (rank[name] !== null) time(`${where}.${name}`, rank[name]);
  number(`${where}.clock.offset`, rank.clock?.offset);
  number(`${where}.clock.drift`, rank.clock?.drift);
  array(`${where}.spans`, rank.spans, MOST_MESSAGES).forEach((span, k) => {
    const at = `${where}.spans[${k}]`;
    const [kind, from, to] = array(at, span, 3);
    if (kind !== 'work' && kind !== 'wait') wrong(`${at}[0]`, '"work" or "wait"', kind);
    if (!(time(`${at}[2]`, to) >= time(`${at}[1]`, from))) wrong(at, 'a time that ends after its beginning', span);
    if ((to as number) > seconds) wrong(`${at}[2]`, `at most the ${seconds} seconds of the run`, to);
  });
}

function rankOf(where: string, value: unknown, ranks: number): void {
  if (!(Number.isInteger(value) && (value as number) >= 0 && (value as number) < ranks))
    wrong(where, `a rank from 0 to ${ranks - 1}`, value);
}

function checkMessage(where: string, value: unknown, ranks: number): void {
  const message = array(where, value, 8);
  for (const [k, name] of ['from', 'to'].entries()) {
    rankOf(`${where}[${k}], ${name},`, message[k], ranks);
  }
  const [, , , sent, began, left, arrived] = message;
  for (const k of [2, 3, 4, 5, 7]) time(`${where}[${k}]`, message[k]);
  const ordered = (sent as number) <= (began as number) && (began as number) <= (left as number);
  if (!ordered || (arrived !== null && time(`${where}[6]`, arrived) < (left as number)))
    wrong(where, 'a message whose times sent, began, left and arrived are in this order', value);
}

function checkLinks(value: unknown, ranks: number): void {
  array('links', value, MOST_MESSAGES).forEach((link, k) => {
    const [from, to, weight] = array(`links[${k}]`, link, 3);
    rankOf(`links[${k}][0], from,`, from, ranks);
    rankOf(`links[${k}][1], to,`, to, ranks);
    time(`links[${k}][2]`, weight);
  });
}

function checkPlaces(value: unknown, ranks: number): void {
  const places = array('places', value, MOST_RANKS);
  if (places.length !== ranks) wrong('places', `one for each of the ${ranks} ranks`, value);
  places.forEach((place, k) => {
    const at = array(`places[${k}]`, place, 2);
    for (const j of [0, 1]) number(`places[${k}][${j}]`, at[j]);
  });
}
