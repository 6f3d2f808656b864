import { readFileSync } from 'node:fs';
import { failFile } from '@southwell/data/node';
import type { Spelling, Task } from '@southwell/tasks';
import { UsageError } from '../errors.ts';

/**
 * Options from a JSON file, by their names in code, including files to write. Throws if it cannot be read, or is not a
 * JSON object.
 */
export function readConfig(path: string): Record<string, unknown> {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    failFile(error, path, 'read');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`${path} must contain one object of options, such as { "seed": 1 }.`);
  }
  return value as Record<string, unknown>;
}

/** Spells options from the file by their key in it, and others as flags. */
export function configSpelling(flags: Spelling, path: string | undefined, fromFile: readonly string[]): Spelling {
  const own = (name: string) => fromFile.includes(name);
  return {
    option: (name) => (own(name) ? `'${name}' of ${path}` : flags.option(name)),
    value: (name, value) => (own(name) ? `'${name}': '${value}' of ${path}` : flags.value(name, value)),
    choice: flags.choice,
    // What is advised is not in the file yet.
    remedy: flags.remedy,
  };
}

/** The output files, from flags and the config. */
export function outputPaths(
  task: Task,
  asked: Readonly<Record<string, unknown>>,
  spelling: Spelling,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.keys(task.outputs).map((name) => {
      const path = asked[name];
      if (path !== undefined && typeof path !== 'string') {
        throw new UsageError(`${spelling.option(name)} must be the name of a file, not ${JSON.stringify(path)}.`);
      }
      return [name, path];
    }),
  );
}
