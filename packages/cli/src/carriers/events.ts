import { writeFileAtomic } from '@southwell/data/node';
import { type EventList, type EventsAbout, type Ranks, Recording } from '@southwell/distributed';
import { grouped, type JobRanks, NotNeeded } from '@southwell/tasks';
import type { JobRequest } from './carrier.ts';

/** Writes an event list to a file. */
export const writeEvents = (file: string, list: EventList): void => writeFileAtomic(file, `${JSON.stringify(list)}\n`);

/** What is said about messages that were sent in some seconds. */
export const sentText = (messages: number, bytes: number, seconds: number): string =>
  `${grouped(messages)} messages, ${(bytes / 1e6).toPrecision(3)} MB, ${seconds.toPrecision(3)} s`;

/** The title of a run in its events. */
export function titleOf(request: object): string {
  const { command, job } = request as { readonly command?: string; readonly job: string };
  return command ?? job;
}

/** What a job measures for its events. */
export type Measures = Pick<JobRanks, 'mark' | 'note' | 'suspect'>;

/**
 * Runs a job on real ranks, and records what they do if the request asks for it: the first rank writes the file once the job has
 * ended on all of them, and tells so. Without the request, runs the job alone.
 */
export async function recordedJob<T>(
  ranks: Ranks,
  request: JobRequest,
  { first, tell }: { readonly first: boolean; readonly tell: (note: string) => void },
  job: (ranks: Ranks, measures: Measures) => Promise<T>,
): Promise<T> {
  const file = request.place?.network === undefined ? request.place?.events : undefined;
  if (file === undefined) return job(ranks, {});
  const recording = Recording.over(ranks);
  let about: EventsAbout = { title: titleOf(request) };
  const measures: Measures = {
    mark: (measure, iteration, value) => {
      about = { ...about, measure };
      recording.mark(iteration, value);
    },
    note: (seconds, rank, what) => recording.note(seconds, rank, what),
    suspect: (hostile) => {
      about = { ...about, hostile };
    },
  };
  const write = () => {
    const list = recording.list(about);
    if (!list) return;
    writeEvents(file, list);
    const bytes = list.messages.reduce((sum, [, , own]) => sum + own, 0);
    tell(`Recorded: ${sentText(list.messages.length, bytes, list.seconds)}; events in ${file}.`);
  };
  try {
    const result = await job(recording.ranks, first ? measures : {});
    write();
    return result;
  } catch (error) {
    // The others go on without this rank, and wait for its events.
    if (error instanceof NotNeeded) write();
    throw error;
  }
}
