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

/** A file that was asked for, and what of a result goes into it. */
export interface TableFile<T> {
  readonly path: string;
  readonly bytes: (result: T) => Bytes | Promise<Bytes>;
  /** What is said to be written, if more than the name. */
  readonly noun?: string;
}

/** A file of one of several endings, by that of its name; throws where it has another one, or where nothing can be written there. */
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
    const either = endings.length < 3 ? 'neither' : 'none of these';
    throw new UsageError(
      `${option} writes ${endings.slice(0, -1).join(', ')} or ${endings.at(-1)}, by the ending of the name; '${path}' has ${either}.`,
    );
  }
  // Before a long run rather than after it.
  checkWritable(path);
  return [{ path, noun, bytes }];
}

/** .csv or .parquet by the ending of the name. */
export function tableFile<T>(
  path: string | undefined,
  option: string,
  columns: (result: T) => Columns,
  noun?: string,
): Array<TableFile<T>> {
  const formats = {
    csv: (result: T) => writeCsv(listsOf(columns(result))),
    // Larger than what most tables need.
    parquet: async (result: T) => (await import('./write-parquet.ts')).writeParquet(listsOf(columns(result))),
  };
  return formatFile<T>(path, option, formats, noun);
}

/** Past mpirun, which forwards nothing once it ends its ranks; where there is no terminal nobody is told. */
function tellTerminal(text: string): void {
  try {
    writeFileSync('/dev/tty', text);
  } catch {
    // A terminal that is not there is no reason to fail.
  }
}

/** Runs a job beside the main thread, writes its files, prints its document or its text; gives the exit code. */
export async function runTableJob<T extends Ending>(
  request: JobRequest,
  about: {
    readonly quiet?: boolean;
    readonly json?: boolean;
    readonly files: ReadonlyArray<TableFile<T>>;
    /** What the job has written itself. */
    readonly made: ReadonlyArray<Pick<TableFile<T>, 'path' | 'noun'>>;
    /** What is printed in place of all else, which is then said to standard error. */
    readonly screen?: (result: T) => Bytes;
    /** What an interrupt keeps, such as "the factors so far are"; and what there is none of before. */
    readonly kept: string;
    readonly none: string;
    /** What was kept, said at the end of a run that was interrupted. */
    readonly tell?: (result: T) => string;
    /** The exit code where the status alone does not say it. */
    readonly exit: (result: T) => number | undefined;
    /** `written` says whether a file could be. */
    readonly document: (result: T, written: (path: string) => boolean) => object;
    /** `done`: it ended as it was asked to. */
    readonly text: (result: T, done: boolean) => string;
  },
): Promise<number> {
  const { json = false, files } = about;
  const { place } = request;
  const speaks = place === undefined || place.rank === 0;
  const quiet = about.quiet === true || !speaks;
  if (speaks) checkCheckpoint({ ...request, quiet });
  const carrier = await carrierAt(place);
  const { outcome, interrupted, unheard, end } = await carrier<T>(request, {
    quiet,
    stopping: `Stopping; ${about.kept} kept. Ctrl-C again quits at once.`,
    stoppedEarly: `Stopped before there ${about.none}; nothing was written.`,
  });
  if (!speaks) {
    // How it ended is for the first rank to say: a code of another would end it before it has.
    await end();
    return EXIT.done;
  }
  try {
    const say = (text: string) => process[about.screen ? 'stderr' : 'stdout'].write(text);
    // What cannot be written must not take the result of a long run with it: that is printed all the same.
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
      // Many rows take one line.
      const indent = request.rows && Object.keys(request.rows).length > 0 ? undefined : 2;
      process.stdout.write(`${JSON.stringify(document, null, indent)}\n`);
    } else {
      if (about.screen) process.stdout.write(about.screen(outcome));
      const text = about.text(outcome, code === EXIT.done);
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
    // Interrupts are held until all is written.
    await end();
  }
}
