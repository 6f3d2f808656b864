// What a form of one's own data is made of: controls, and from their values a request and the command that does the same.

import { fileWord, flagOf, given, optionWords, shellLine } from '@southwell/tasks';
import type { JobRequests } from '../../workers/jobs.ts';
import type { TableSummary } from '../../workers/summary.ts';
import { type Control, choice, chosenNames, number, type Values } from '../controls.ts';

/** What is asked for, once for both: the job's request and the words of the command. */
export interface Asked {
  /** What comes after `southwell`. */
  readonly verb: readonly string[];
  /** Options by their names in the request; what is undefined, false or empty is not given. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What the command takes where an option is not given. */
  readonly defaults: Readonly<Record<string, unknown>>;
  /** Options of the command that name files to write. */
  readonly files: Readonly<Record<string, string>>;
}

export interface Family<F extends keyof JobRequests = keyof JobRequests> {
  readonly id: F;
  readonly title: string;
  readonly about: string;
  /** `data` is what the command calls the table. */
  controls(table: TableSummary, data: string): Control[];
  asked(values: Values, table: TableSummary): Asked;
  /** The job's request, from what was asked for. */
  request(asked: Asked, data: string): JobRequests[F];
}

/** The options that count: those given, and the command's defaults for the others. */
export const optionsOf = ({ options, defaults }: Asked): Record<string, unknown> => ({
  ...defaults,
  ...Object.fromEntries(Object.entries(options).filter(([, v]) => given(v))),
});

/** Where the command's name is not that of the request. */
const SPELLINGS: Readonly<Record<string, string>> = { components: '-k', k: '-k', groups: '--group' };
const spelled = (name: string): string => SPELLINGS[name] ?? flagOf(name);

/** The words after `southwell`, defaults left out. */
export function commandWords({ verb, options, defaults, files }: Asked, data: string): string[] {
  const asked = Object.entries(options).filter(([name, v]) => given(v) && v !== defaults[name]);
  return [
    ...verb,
    fileWord(data),
    ...asked.flatMap(([name, v]) =>
      // Lists of lists: the option comes once for each.
      Array.isArray(v) && Array.isArray(v[0])
        ? v.flatMap((list) => optionWords(spelled(name), list))
        : optionWords(spelled(name), v),
    ),
    ...Object.entries(files).flatMap(([name, file]) => [`--${name}`, file]),
  ];
}

/** For a shell. */
export const commandLine = (asked: Asked, data: string): string => shellLine(commandWords(asked, data));

/** What most families ask; `numbersOnly` leaves out what is not a number. */
export const shared = (
  table: TableSummary,
  numbersOnly: boolean,
): { drop: Control; missing: Control; seed: Control } => ({
  drop: {
    name: 'drop',
    title: 'Leave out',
    kind: 'columns',
    initial: table.columns.filter((c) => c.type === 'text' || (numbersOnly && c.type !== 'number')).map((c) => c.name),
  },
  missing: {
    ...choice('missing', 'Missing values', [
      ['error', 'tell me'],
      ['drop-rows', 'leave rows out'],
      ['mean', 'take the mean'],
    ]),
    more: table.columns.every((c) => c.missing === 0),
  },
  seed: { ...number('seed', 'Seed', 0, 0), required: false, more: true },
});

export const sharedDefaults = { missing: 'error', seed: 0 };
export const sharedOptions = (v: Values) => ({ drop: chosenNames(v.drop), missing: v.missing, seed: v.seed });

type Choices = ReadonlyArray<readonly [value: string, title: string]>;
export const allColumns = (table: TableSummary): Choices => table.columns.map((c) => [c.name, c.name]);
export const numberColumns = (table: TableSummary): Choices =>
  table.columns.filter((c) => c.type === 'number').map((c) => [c.name, c.name]);
export const none = ['', 'none'] as const;
