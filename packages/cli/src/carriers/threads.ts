import {
  type EventsAbout,
  eventList,
  NoAnswerError,
  type SimulatedThreadsOptions,
  simulateThreads,
  threads,
} from '@southwell/distributed';
import { EXIT, Failure } from '../errors.ts';
import { byRank, type Place } from '../ranks/ranks.ts';
import type { FromJob } from './attempt.ts';
import type { Carrier } from './carrier.ts';
import { sentText, titleOf, writeEvents } from './events.ts';
import { minded } from './minded.ts';

/** Runs a job on threads of this process, each of which is a rank. */
export const onThreads =
  (place: Place): Carrier =>
  (request, about) =>
    minded(about, place, (flag, hear) => {
      const run = rankThreads(place, { request, flag }, hear);
      return {
        // The threads poll the flag themselves, and programs started by one may outlive it if another fails.
        outlived: true,
        close: async () => {},
        failed: run.then(() => new Promise<never>(() => {})),
      };
    });

/** Reports the number of messages and the time they took, in addition to the result; and writes the events, if asked to. */
async function overNetwork(
  module: URL,
  options: SimulatedThreadsOptions<object>,
  { file, about }: { readonly file: string | undefined; readonly about: () => EventsAbout },
): Promise<void> {
  const simulation = await simulateThreads(module, { ...options, trace: file !== undefined });
  const { seconds, traffic } = simulation;
  const sent = { messages: 0, bytes: 0 };
  for (const { messages, bytes } of traffic.flatMap((phases) => Object.values(phases))) {
    sent.messages += messages;
    sent.bytes += bytes;
  }
  if (file !== undefined) writeEvents(file, eventList(simulation, about()));
  process.stderr.write(
    `Simulated: ${sentText(sent.messages, sent.bytes, seconds)} on the network${file === undefined ? '' : `; events in ${file}`}.\n`,
  );
}

/** The values that the first rank measured, with their times. */
class Marks {
  private measure = '';
  private readonly marks: [number, number, number][] = [];
  readonly notes: [number, number, string][] = [];
  hostile: readonly number[] = [];

  keep({ measure, seconds, iteration, value }: Extract<FromJob<unknown>, { type: 'mark' }>): void {
    this.measure = measure;
    this.marks.push([seconds, iteration, value]);
  }

  about(request: object): EventsAbout {
    return {
      title: titleOf(request),
      measure: this.measure,
      marks: this.marks,
      notes: this.notes,
      hostile: this.hostile,
    };
  }
}

/** Runs the ranks, of which the first reports for all; an error of only another rank is reported with its number. */
async function rankThreads<T>(
  { size, timeout, network, events: file }: Place,
  input: object,
  hear: (message: FromJob<T>, from?: number) => void,
): Promise<void> {
  const module = new URL('../job-rank.js', import.meta.url);
  let outcome: FromJob<T> | undefined;
  const errors = new Map<number, FromJob<T>>();
  const marks = new Marks();
  const receive = (message: unknown, rank: number) => {
    const m = message as FromJob<T>;
    if (m.type === 'mark') marks.keep(m);
    else if (m.type === 'happened') marks.notes.push([m.seconds, m.rank, m.what]);
    else if (m.type === 'suspect') marks.hostile = m.ranks;
    else if (m.type === 'error') errors.set(rank, m);
    else if (m.type === 'done') outcome = rank === 0 ? m : outcome;
    else if (rank === 0 || m.type === 'groups') hear(m, rank);
  };
  try {
    const about = () => marks.about((input as { readonly request: object }).request);
    if (network) await overNetwork(module, { ranks: size, input, timeout, receive, ...network }, { file, about });
    else await threads(module, { ranks: size, input, timeout, receive });
  } catch (error) {
    if (errors.size === 0) throw error instanceof NoAnswerError ? new Failure(error.message, EXIT.noAnswer) : error;
    const rank = Math.min(...errors.keys());
    const told = errors.get(rank)!;
    if (told.type === 'error') hear(told.shared ? told : { ...told, message: byRank(rank, told.message) });
    return;
  }
  hear(outcome!);
}
