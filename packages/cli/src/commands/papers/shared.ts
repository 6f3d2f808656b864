import { findRecord, type PaperRecord, records, search } from '@southwell/papers';
import { openStore, type ResultStore, type RunResult, stringifyResult } from '@southwell/papers/node';
import { UsageError } from '../../errors.ts';
import { printable } from '../../text.ts';

/** The paper with a number, slug or arXiv id; throws a sentence if there is none. */
export function paperNamed(name: string): PaperRecord {
  const record = findRecord(name);
  if (record) return record;
  const near = /^\d+$/.test(name) ? undefined : search(name)[0];
  throw new UsageError(
    `There is no paper "${name}"; ${near ? `did you mean ${near.slug}?` : `there are 1 to ${records.length}, see southwell papers list.`}`,
  );
}

export const twoDigits = (paper: number): string => String(paper).padStart(2, '0');

/** The store of results; invalid files in it are reported on stderr. */
export const resultStore = (): ResultStore =>
  openStore(undefined, (sentence) => process.stderr.write(`${printable(sentence)}\n`));

/** Prints a JSON document, in which non-finite numbers are strings. */
export const printJson = (value: unknown): void => void process.stdout.write(`${stringifyResult(value, 2)}\n`);

/** Width of tables: that of the terminal; unlimited if there is none. */
export const tableWidth = (): number => (process.stdout.isTTY ? Math.max(80, process.stdout.columns) : 1000);

export const setText = (set: RunResult['set']): string =>
  Object.entries(set)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

/** A date to the minute, in UTC. */
export const dateText = (date: string): string => date.slice(0, 16).replace('T', ' ');
