import { knownKeys, type OptionKeys } from '@southwell/numerics/core';
import type { Communicator, Exchange } from '../communicator.ts';
import { complete, type Ranks } from '../drive.ts';
import { assembled } from './assembled.ts';
import { type EventList, type EventMark, type EventNote, type EventsAbout, eventList } from './eventList.ts';
import { type RankRecord, Recorder } from './record.ts';

export interface RecordingOptions {
  /** Whether ranks verify before each collective that their calls match, as they were told to (default true). */
  readonly checks?: boolean;
}
const keys: OptionKeys<RecordingOptions> = { checks: true };

/** The clock of a rank beside that of the first one, at a reading of it. */
interface Comparison {
  readonly reading: number;
  readonly ahead: number;
}

/** The tag of messages about clocks, and how many are sent to and fro: the quickest counts. */
const [CLOCKS, ROUNDS] = [2 ** 15 - 1, 8];

/**
 * Records the programs of a rank on threads or under MPI as an event list: exchanges and waiting of all ranks on a common clock. Clocks
 * are compared by messages to and fro, at the beginning and at the end, to half of the time of the quickest; what is between is
 * interpolated. All ranks begin, run the same programs by {@link Recording.ranks}, and call {@link Recording.list}:
 *
 * ```ts
 * export default (ranks: Ranks) => {
 *   const recording = Recording.over(ranks);
 *   complete(recording.ranks(program));
 *   return recording.list({ title: 'my program' }); // on the first rank
 * };
 * ```
 *
 * Collectives are recorded as the messages of which drivers compose them; MPI may choose others, and does not say when they are sent.
 * When each rank began and ended an exchange is measured; times of messages within a collective are spread over it.
 */
export class Recording {
  /** Runs programs as the given ranks do. */
  readonly ranks: Ranks;
  private readonly recorder = new Recorder();
  private readonly marks: [number, number, number][] = [];
  private readonly notes: EventNote[] = [];

  private constructor(
    private readonly own: Ranks,
    private readonly checks: boolean,
    /** By rank, on the first one. */
    private readonly before: readonly Comparison[],
  ) {
    this.ranks = (program) => own(this.recorder.watched(program));
  }

  /**
   * Begins on all ranks. O(ranks) messages.
   * @throws INVALID_PARAMETER for unknown options.
   */
  static over(ranks: Ranks, options: RecordingOptions = {}): Recording {
    knownKeys('Recording', options, keys);
    const recording = new Recording(ranks, options.checks ?? true, complete(ranks(compared)));
    recording.now();
    return recording;
  }

  /** The time up to which the rank has been seen. */
  private now(): void {
    complete(this.ranks(nothing));
  }

  /** Keeps a value that this rank has measured, with the time; the list has those of the first rank. */
  mark(iteration: number, value: number): void {
    this.marks.push([complete(this.own((comm) => comm.clock())), iteration, value]);
  }

  /** Keeps what happened on a rank, at a reading of the clock of this one; the list has what the first rank keeps. */
  note(reading: number, rank: number, what: string): void {
    this.notes.push([reading, rank, what]);
  }

  /**
   * The events so far, on the first rank; undefined on the others. To be called on all of them. O(messages of all ranks).
   * @throws INVALID_PARAMETER for unknown options.
   */
  list(about: Omit<EventsAbout, 'marks' | 'notes'>): EventList | undefined {
    const { before, checks, recorder } = this;
    this.now();
    const after = complete(this.own(compared));
    const records = complete(this.own((comm) => gathered(comm, recorder.record)));
    if (!records) return undefined;
    const timeOf = (rank: number, reading: number) => reading - aheadAt(before[rank], after[rank], reading);
    const start = records.reduce((least, { began }, r) => Math.min(least, timeOf(r, began)), Number.POSITIVE_INFINITY);
    const marks = this.marks.map(([at, ...rest]): EventMark => [Math.max(0, at - start), ...rest]);
    return eventList(assembled(records, timeOf, checks), {
      ...{ ...about, marks },
      notes: this.notes.map(([at, ...rest]): EventNote => [Math.max(0, at - start), ...rest]),
    });
  }
}

function* nothing(_: Communicator): Exchange {}

/** What a clock was ahead at a reading between two comparisons. */
function aheadAt(before: Comparison, after: Comparison, reading: number): number {
  const between = after.reading - before.reading;
  const part = between > 0 ? (reading - before.reading) / between : 0;
  return before.ahead + part * (after.ahead - before.ahead);
}

/** The clocks of all ranks beside that of the first, on this one. */
function* compared(comm: Communicator): Exchange<Comparison[]> {
  const word = new Float64Array(1);
  const found: Comparison[] = [{ reading: yield* comm.clock(), ahead: 0 }];
  for (let rank = 1; rank < comm.size; rank++) {
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS; round++) {
      if (comm.rank === 0) {
        const sent = yield* comm.clock();
        yield* comm.send(rank, word, CLOCKS);
        yield* comm.receive(rank, word, CLOCKS);
        const back = yield* comm.clock();
        if (back - sent >= least) continue;
        least = back - sent;
        found[rank] = { reading: word[0], ahead: word[0] - (sent + back) / 2 };
      } else if (comm.rank === rank) {
        yield* comm.receive(0, word, CLOCKS);
        word[0] = yield* comm.clock();
        yield* comm.send(0, word, CLOCKS);
      }
    }
  }
  return found;
}

/** The records of all ranks, on the first. */
function* gathered(comm: Communicator, own: RankRecord): Exchange<RankRecord[] | undefined> {
  const length = new Float64Array(1);
  if (comm.rank > 0) {
    const bytes = new TextEncoder().encode(JSON.stringify(own));
    length[0] = bytes.length;
    yield* comm.send(0, length, CLOCKS);
    yield* comm.send(0, bytes, CLOCKS);
    return undefined;
  }
  const records = [own];
  for (let rank = 1; rank < comm.size; rank++) {
    yield* comm.receive(rank, length, CLOCKS);
    const bytes = new Uint8Array(length[0]);
    yield* comm.receive(rank, bytes, CLOCKS);
    records.push(JSON.parse(new TextDecoder().decode(bytes)) as RankRecord);
  }
  return records;
}
