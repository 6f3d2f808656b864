import { existsSync, writeFileSync } from 'node:fs';
import { checkWritable, writeCsv, writeFileAtomic } from '@southwell/data/node';
import { accelerator } from '@southwell/numerics/arrays';
import { finished, SouthwellError, whatNext } from '@southwell/numerics/core';
import type { Columns, Ending } from '@southwell/tasks';
import type { JobRequest } from '../carriers/carrier.ts';
import { carrierAt } from '../carriers/choose.ts';
import { EXIT, UsageError } from '../errors.ts';
import { printable } from '../text.ts';
import { checkCheckpoint } from './checkpoint-file.ts';
import { listsOf } from './lists.ts';

type Bytes = Uint8Array | string;

/** A requested file, and the part of a result that it contains. */
export interface TableFile<T> {
  readonly path: string;
  readonly bytes: (result: T) => Bytes | Promise<Bytes>;
  /** What is reported as written, in addition to the name. */
  readonly noun?: string;
}

/** A file in one of several formats, by its extension; throws for another extension, or if it cannot be written. */
export function formatFile<T>(
  path: string | undefined,
  option: string,
  formats: Readonly<Record<string, TableFile<T>['bytes']>>,
  noun?: string,
): Array<TableFile<T>> {
  if (path === undefined) return [];
  const bytes = formats[/\.([^./\\]+)$/.exec(path)?.[1].toLowerCase() ?? ''];
  if (!bytes) {
    const endings = Object.keys(formats).map((ending) => `.${ending}`);
    if (endings.length === 1)
      throw new UsageError(`${option} writes ${endings[0]} only, and '${path}' has another ending.`);
    const either = endings.length < 3 ? 'neither' : 'none of these';
    throw new UsageError(
      `${option} writes ${endings.slice(0, -1).join(', ')} or ${endings.at(-1)}, by the file extension; '${path}' has ${either}.`,
    );
  }
  // Checked before a long run rather than after it.
  checkWritable(path);
  return [{ path, noun, bytes }];
}

/** A .csv or .parquet file by its extension. */
export function tableFile<T>(
  path: string | undefined,
  option: string,
  columns: (result: T) => Columns,
  noun?: string,
): Array<TableFile<T>> {
  const formats = {
    csv: (result: T) => writeCsv(listsOf(columns(result))),
    // A large module that most tables do not need.
    parquet: async (result: T) => (await import('./write-parquet.ts')).writeParquet(listsOf(columns(result))),
  };
  return formatFile<T>(path, option, formats, noun);
}

/**
 * Writes to the terminal directly, since mpirun no longer forwards output once it terminates its ranks; without a
 * terminal nothing is written.
 */
function tellTerminal(text: string): void {
  try {
    writeFileSync('/dev/tty', text);
  } catch {
    // A missing terminal is not an error.
  }
}

/** Runs a job beside the main thread, writes its files, prints its document or its text; returns the exit code. */
export async function runTableJob<T extends Ending>(
  request: JobRequest,
  about: {
    readonly quiet?: boolean;
    readonly json?: boolean;
    readonly files: ReadonlyArray<TableFile<T>>;
    /** Files that the job has written itself. */
    readonly made: ReadonlyArray<Pick<TableFile<T>, 'path' | 'noun'>>;
    /** Content for standard output; everything else is then printed to standard error. */
    readonly screen?: (result: T) => Bytes;
    /** What an interrupt keeps, such as "the factors so far are"; and what does not exist before an early one. */
    readonly kept: string;
    readonly none: string;
    /** A description of what was kept, printed at the end of an interrupted run. */
    readonly tell?: (result: T) => string;
    /** The exit code, if it is not determined by the status. */
    readonly exit: (result: T) => number | undefined;
    /** `written` returns whether a file has been written. */
    readonly document: (result: T, written: (path: string) => boolean) => object;
    /** `done`: it ended normally. `told`: the notes that were shown while it ran. */
    readonly text: (result: T, done: boolean, told: readonly string[]) => string;
  },
): Promise<number> {
  const { json = false, files } = about;
  const { place } = request;
  const speaks = place === undefined || place.rank === 0;
  const quiet = about.quiet === true || !speaks;
  if (speaks) checkCheckpoint({ ...request, quiet });
  const carrier = await carrierAt(place);
  const { outcome, told, interrupted, unheard, end } = await carrier<T>(request, {
    quiet,
    silent: json,
    stopping: `Stopping; ${about.kept} kept. Ctrl-C again quits at once.`,
    stoppedEarly: `Stopped before there ${about.none}; nothing was written.`,
  });
  if (!speaks) {
    // Left to the first rank: mpirun would kill it if another rank exited with an error first.
    await end();
    return EXIT.done;
  }
  try {
    const say = (text: string) => process[about.screen ? 'stderr' : 'stdout'].write(text);
    // A failure to write must not lose the result of a long run: it is printed nevertheless.
    const failures: unknown[] = [];
    const written = new Map(about.made.map((file) => [file.path, file]));
    for (const file of files) {
      try {
        writeFileAtomic(file.path, await file.bytes(outcome));
        written.set(file.path, file);
      } catch (error) {
        failures.push(error);
      }
    }
    const code = about.exit(outcome) ?? (finished(outcome.status) ? EXIT.done : EXIT.stopped);
    if (code === EXIT.usage && outcome.error !== undefined) failures.push(new UsageError(outcome.error));
    const exitCode = failures.length > 0 ? EXIT.usage : code;
    const products = accelerator()?.name;
    const next = outcome.next ?? whatNext(outcome.status);
    if (json) {
      const document = {
        southwell: 1,
        ...about.document(outcome, (path) => written.has(path)),
        ...(products && { accelerator: products }),
        ...(next && { next }),
        exitCode,
      };
      // On one line if there are many rows.
      const indent = request.rows && Object.keys(request.rows).length > 0 ? undefined : 2;
      process.stdout.write(`${JSON.stringify(document, null, indent)}\n`);
    } else {
      if (about.screen) process.stdout.write(about.screen(outcome));
      const text = about.text(outcome, code === EXIT.done, told);
      if (!quiet && text !== '') say(`${text}\n`);
      if (unheard) tellTerminal(`${text}\n`);
      if (!quiet && products) say(`Large dense products by ${products}.\n`);
      if (!quiet && next) say(`${next}\n`);
    }
    if (interrupted && !finished(outcome.status) && about.tell) process.stderr.write(`${about.tell(outcome)}\n`);
    if (!json && !quiet) {
      for (const [path, { noun }] of written) {
        say(`${noun === undefined ? 'Written' : `${noun} written`} to ${printable(path)}\n`);
      }
      const { checkpoint } = request;
      if (checkpoint !== undefined && existsSync(checkpoint)) {
        say(`Checkpoint written to ${printable(checkpoint)}\n`);
      }
    }
    for (const failure of failures) {
      if (!(failure instanceof SouthwellError || failure instanceof UsageError)) throw failure;
    }
    if (failures.length > 0) throw new UsageError(failures.map((f) => (f as Error).message).join(' '));
    return exitCode;
  } finally {
    // Interrupts are suppressed until everything is written.
    await end();
  }
}
