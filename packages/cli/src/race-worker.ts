/** Runs a race beside the main thread, which stays free for Ctrl-C: racers are told of as they start. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { failFile, readTable } from '@southwell/data/node';
import { check, declared, families, flags, type Race, type RaceEnd, runRace } from '@southwell/tasks';
import { serveJob } from './jobs/serve-job.ts';

export interface RaceJob {
  readonly race: string;
  /** As typed, files by their names. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly racers: readonly string[];
  /** Seconds for each. */
  readonly limit: number;
}

export interface RaceOutcome extends RaceEnd {
  /** All options, files by their names. */
  readonly options: Readonly<Record<string, unknown>>;
}

void serveJob(async ({ race: id, given, racers, limit }: RaceJob, { signal, progress }): Promise<RaceOutcome> => {
  const race = families.flatMap(({ races = [] }) => races).find((one) => one.id === id)!;
  const request = check(race, withFiles(race, given), flags(race));
  const tools = { racers, limit, read: readTable, signal };
  const end = await runRace(race, request, tools, { progress, points: progress });
  if (end.finish.length === 0) signal.throwIfAborted();
  const options = Object.fromEntries(
    Object.entries(request).map(([name, value]) => [name, value instanceof Blob ? given[name] : value]),
  );
  return { ...end, options };
});

/** A race takes a file as a page has it; here it is named. */
function withFiles({ options }: Race, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (declared(options[name]).kind !== 'file' || typeof value !== 'string') return [name, value];
      try {
        return [name, new File([readFileSync(value)], basename(value))];
      } catch (error) {
        return failFile(error, value, 'read');
      }
    }),
  );
}
