import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { printable } from '../text.ts';

/** A file with the flag or other source that names it, and its path. */
export type Named = readonly [name: string, path: string];

/**
 * The identity of the file that a path leads to: device and number for an existing file, whatever its links and
 * spellings, otherwise its resolved path; undefined for special files such as /dev/null.
 */
function placeOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (found) return found.isFile() ? `${found.dev}:${found.ino}` : undefined;
  const whole = resolve(path);
  try {
    return join(realpathSync(dirname(whole)), basename(whole));
  } catch {
    return whole;
  }
}

/** Throws a sentence, before any work, if an output file is also an input, or is to be written twice. */
export function checkTargets(read: readonly Named[], written: readonly Named[]): void {
  const sources = new Map(read.map(([name, path]) => [placeOf(path), name]));
  const targets = new Map<string, string>();
  for (const [name, path] of written) {
    const place = placeOf(path);
    if (place === undefined) continue;
    const source = sources.get(place);
    if (source !== undefined) {
      throw new UsageError(
        `${name} would overwrite ${printable(path)}, which is read as ${source}: name another file.`,
      );
    }
    const other = targets.get(place);
    if (other !== undefined) {
      throw new UsageError(`${other} and ${name} both name ${printable(path)}: give each a file of its own.`);
    }
    targets.set(place, name);
  }
}
