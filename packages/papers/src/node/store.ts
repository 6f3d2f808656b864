import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { failFile, writeFileAtomic } from '@southwell/data/node';
import { outcomes } from '../experiment.ts';
import { parseNumbers, stringifyNumbers } from '../numbers.ts';
import type { RunResult } from './run.ts';

/** A folder of results, one JSON file each. */
export interface ResultStore {
  readonly folder: string;
  /**
   * Atomically writes the result to a file of its own, and returns its path. Several processes may save concurrently.
   * Throws a SouthwellError with the reason if it cannot.
   */
  save(result: RunResult): Promise<string>;
  /**
   * All results, newest first. Invalid files are ignored and reported. Of several files with one id, the others get an
   * id of their own and a note.
   */
  list(): Promise<RunResult[]>;
  /** The files that {@link list} ignores. */
  leftOut(): Promise<LeftOut[]>;
}

/** A file that holds no result. */
export interface LeftOut {
  readonly file: string;
  /** A sentence that begins with "it". */
  readonly why: string;
}

/** Size of a file in bytes from which on it is not read. */
const MOST_BYTES = 50_000_000;

/**
 * The results in a folder, by default `$SOUTHWELL_HOME/results` or `~/.southwell/results`, which is created when the
 * first is saved. `report` is called with a sentence for each file that cannot be read (by default it emits a process
 * warning).
 */
export function openStore(
  folder: string = join(process.env.SOUTHWELL_HOME || join(homedir(), '.southwell'), 'results'),
  report: (sentence: string) => void = (sentence) => process.emitWarning(sentence),
): ResultStore {
  // A server lists repeatedly: files that have not changed on disk are not read again.
  let known = new Map<string, { readonly stamp: string; readonly result?: RunResult; readonly why?: string }>();
  const look = () => {
    const found: typeof known = new Map();
    for (const name of names(folder)) {
      const path = join(folder, name);
      let stamp = '';
      try {
        const { mtimeMs, size, ino } = lstatSync(path);
        stamp = `${mtimeMs} ${size} ${ino}`;
        const before = known.get(name);
        found.set(name, before?.stamp === stamp ? before : { stamp, result: parseResult(readFile(path)) });
      } catch (error) {
        const why = error instanceof NoResult ? error.message : readable(error, path);
        found.set(name, { stamp, why });
        report(`${path} is left out: ${why}`);
      }
    }
    known = found;
    return found;
  };
  return {
    folder,
    async save(result) {
      if (!ID.test(result.id)) throw new RangeError(`"${result.id}" cannot be the name of a result.`);
      const path = join(folder, `${result.id}.json`);
      try {
        mkdirSync(folder, { recursive: true });
      } catch (error) {
        failFile(error, folder, 'written');
      }
      writeFileAtomic(path, `${stringifyResult(result)}\n`);
      return path;
    },
    async list() {
      const results = ownIds([...look()].flatMap(([name, { result }]) => (result ? [{ name, result }] : [])));
      return results.sort((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : a.id < b.id ? 1 : -1));
    },
    async leftOut() {
      return [...look()].flatMap(([file, { why }]) => (why === undefined ? [] : [{ file, why }]));
    },
  };
}

/** The results of files. Of several with one id, that of the file with this name keeps it. */
function ownIds(files: ReadonlyArray<{ readonly name: string; readonly result: RunResult }>): RunResult[] {
  const named = ({ name, result }: (typeof files)[number]) => name === `${result.id}.json`;
  const holder = new Map<string, string>();
  for (const one of files) if (!holder.has(one.result.id) || named(one)) holder.set(one.result.id, one.name);
  const taken = new Set(holder.keys());
  return files.map(({ name, result }) => {
    const first = holder.get(result.id)!;
    if (first === name) return result;
    let id = result.id;
    for (let k = 2; taken.has(id); k++) id = `${result.id}.${k}`;
    taken.add(id);
    return { ...result, id, note: `The file ${name} has the id of ${first}: it is listed as ${id}.` };
  });
}

/**
 * The text of a file. A process that may write into the folder, such as a sandbox, must not be able to make others read
 * through a link, or block the reader with a pipe.
 */
function readFile(path: string): string {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) throw new NoResult('it is a link, which is not followed.');
  if (stat.isDirectory()) throw new NoResult('it is a folder.');
  if (!stat.isFile()) throw new NoResult('it is no file.');
  if (stat.size > MOST_BYTES) {
    throw new NoResult(`it has ${Math.round(stat.size / 1e6)} MB; files above ${MOST_BYTES / 1e6} MB are not read.`);
  }
  // These flags protect against a change of the file in between. Windows has neither.
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    if (!fstatSync(fd).isFile()) throw new NoResult('it is no file.');
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

const ID = /^[\w][\w.-]{0,199}$/;

/** Temporary files of the atomic writer begin with a dot. */
function names(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    failFile(error, folder, 'read');
  }
}

function readable(error: unknown, path: string): string {
  if (error instanceof SyntaxError) return 'it is not JSON.';
  try {
    failFile(error, path, 'read');
  } catch (told) {
    return (told as Error).message;
  }
}

/** JSON in which non-finite numbers are strings. */
export const stringifyResult = stringifyNumbers;

/** The inverse of {@link stringifyResult}. Throws a sentence if the text is JSON but not a result. */
export function parseResult(text: string): RunResult {
  const value = parseNumbers(text);
  check(value);
  return value;
}

class NoResult extends Error {}

type Shape = Readonly<Record<string, (value: unknown) => boolean>>;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown) => typeof value === 'string';
const number = (value: unknown) => typeof value === 'number';
const numbers = (value: unknown) => Array.isArray(value) && value.every(number);
const oneOf =
  (...choices: unknown[]) =>
  (value: unknown) =>
    choices.includes(value);
const shape = (fields: Shape) => (value: unknown) =>
  isObject(value) && Object.entries(fields).every(([name, ok]) => ok(value[name]));
const list = (item: (value: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(item);
const recordOf = (item: (value: unknown) => boolean) => (value: unknown) =>
  isObject(value) && Object.values(value).every(item);

const measurement = shape({ quantity: text, value: number, bar: text, ok: (v) => typeof v === 'boolean' });
const cell = (value: unknown) => value === null || typeof value === 'string' || typeof value === 'number';
const size = oneOf('quick', 'full');
/** The fields of a result, on which all readers rely. */
const RESULT: Shape = {
  pictures: (v) => v === undefined || list(shape({ title: text, picture: isObject }))(v),
  id: (v) => typeof v === 'string' && ID.test(v),
  date: (v) => typeof v === 'string' && !Number.isNaN(Date.parse(v)),
  paper: Number.isInteger,
  slug: text,
  experiment: text,
  size,
  seed: number,
  set: recordOf(number),
  seconds: number,
  status: oneOf('complete', 'stopped'),
  verdicts: list(
    shape({
      claim: text,
      outcome: oneOf(...outcomes),
      measured: list(measurement),
      size,
      seed: number,
    }),
  ),
  tables: list(shape({ title: text, columns: list(text), rows: list(list(cell)) })),
  curves: list(shape({ panel: text, series: text, x: numbers, y: numbers, work: recordOf(numbers) })),
  machine: shape({ cpu: text, cores: number, memoryGB: number, platform: text }),
  versions: shape({ southwell: text, node: text }),
  commit: (v) => v === undefined || typeof v === 'string',
  locked: (v) => v === undefined || typeof v === 'string',
  note: (v) => v === undefined || typeof v === 'string',
};

function check(value: unknown): asserts value is RunResult {
  if (!isObject(value)) throw new NoResult('it holds no result.');
  const wrong = Object.keys(RESULT).find((name) => !RESULT[name](value[name]));
  if (wrong !== undefined) {
    throw new NoResult(`its "${wrong}" is ${wrong in value ? 'not that of a result' : 'missing'}.`);
  }
}
