import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { printable } from '../text.ts';

/** What leads to a file, such as a flag, and its path. */
export type Named = readonly [name: string, path: string];

/**
 * What a path leads to: a file that is there by its device and number, whatever links and spellings lead to it, one that is
 * not by its place; undefined for what is no file, such as /dev/null.
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

/** Throws a sentence, before anything is done, where a file to write is one to read, or is to be written twice. */
export function checkTargets(read: readonly Named[], written: readonly Named[]): void {
  const sources = new Map(read.map(([name, path]) => [placeOf(path), name]));
  const targets = new Map<string, string>();
  for (const [name, path] of written) {
    const place = placeOf(path);
    if (place === undefined) continue;
    const source = sources.get(place);
    if (source !== undefined) {
      throw new UsageError(
        `${name} would write over ${printable(path)}, which is read as ${source}: name another file.`,
      );
    }
    const other = targets.get(place);
    if (other !== undefined) {
      throw new UsageError(`${other} and ${name} both name ${printable(path)}: give each a file of its own.`);
    }
    targets.set(place, name);
  }
}
