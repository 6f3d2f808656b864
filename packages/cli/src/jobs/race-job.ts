import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { failFile, readTable } from '@southwell/data/node';
import { check, declared, families, flags, type JobTools, type Race, type RaceEnd, runRace } from '@southwell/tasks';
import type { JobRequest } from '../carriers/carrier.ts';

export interface RaceJob extends JobRequest {
  readonly race: string;
  readonly racers: readonly string[];
  /** Time limit per method in seconds. */
  readonly limit: number;
}

export interface RaceOutcome extends RaceEnd {
  /** All options, files by name. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Runs a race; `asked` contains the options as typed, files by name. Methods are reported as they start. */
export async function raceJob(
  { race: id, asked, racers, limit }: RaceJob,
  { signal, progress }: JobTools,
): Promise<RaceOutcome> {
  const race = families.flatMap(({ races = [] }) => races).find((one) => one.id === id)!;
  const request = check(race, withFiles(race, asked), flags(race));
  const tools = { racers, limit, read: readTable, signal };
  const titles = new Map(race.racers);
  const tell = (racer: string) => {
    progress({ text: `${titles.get(racer)} (${racers.indexOf(racer) + 1} of ${racers.length})` });
  };
  const end = await runRace(race, request, tools, { progress: tell, points: tell });
  if (end.finish.length === 0) signal.throwIfAborted();
  const options = Object.fromEntries(
    Object.entries(request).map(([name, value]) => [name, value instanceof Blob ? asked[name] : value]),
  );
  return { ...end, options };
}

/** Opens the files of the request, since a race takes files as a page has them. */
function withFiles({ options }: Race, asked: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(asked).map(([name, value]) => {
      if (declared(options[name]).kind !== 'file' || typeof value !== 'string') return [name, value];
      try {
        return [name, new File([readFileSync(value)], basename(value))];
      } catch (error) {
        return failFile(error, value, 'read');
      }
    }),
  );
}
