import { findRecord, type PaperRecord, records, search } from '@southwell/papers';
import { openStore, type ResultStore, type RunResult, stringifyResult } from '@southwell/papers/node';
import { UsageError } from '../../errors.ts';
import { printable } from '../../text.ts';

/** The paper of a number, slug or arXiv id, or a sentence. */
export function paperNamed(name: string): PaperRecord {
  const record = findRecord(name);
  if (record) return record;
  const near = /^\d+$/.test(name) ? undefined : search(name)[0];
  throw new UsageError(
    `There is no paper "${name}"; ${near ? `did you mean ${near.slug}?` : `there are 1 to ${records.length}, see southwell papers list.`}`,
  );
}

export const twoDigits = (paper: number): string => String(paper).padStart(2, '0');

/** The store of results; files in it that are none are told of on stderr. */
export const resultStore = (): ResultStore =>
  openStore(undefined, (sentence) => process.stderr.write(`${printable(sentence)}\n`));

/** Prints one JSON document; numbers that are not finite are strings in it. */
export const printJson = (value: unknown): void => void process.stdout.write(`${stringifyResult(value, 2)}\n`);

/** Tables take the terminal's width, and all they need where there is none. */
export const tableWidth = (): number => (process.stdout.isTTY ? Math.max(80, process.stdout.columns) : 1000);

export const setText = (set: RunResult['set']): string =>
  Object.entries(set)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

/** To the minute, in UTC. */
export const dateText = (date: string): string => date.slice(0, 16).replace('T', ' ');
