import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { failFile, writeFileAtomic } from '@southwell/data/node';
import { fail } from '@southwell/numerics/core';

/** A file in this user's southwell folder, which also contains the results. */
export const homeFile = (name: string): string =>
  join(process.env.SOUTHWELL_HOME || join(homedir(), '.southwell'), name);

/**
 * The JSON of a file; undefined if there is no file. Throws a sentence if it cannot be read or has the wrong shape: a
 * damaged file of the user must never be treated as empty and then overwritten.
 */
export function readJson<T>(path: string, isShape: (value: unknown) => value is T): T | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    failFile(error, path, 'read');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    fail('INVALID_FORMAT', `${path} is not JSON; repair it or move it away.`);
  }
  if (!isShape(value)) fail('INVALID_FORMAT', `${path} is not what southwell digest wrote; repair it or move it away.`);
  return value;
}

/** Writes a file atomically, creating the folder if it is missing. */
export function writeJson(path: string, value: unknown): void {
  makeFolder(path);
  writeFileAtomic(path, `${JSON.stringify(value, null, 1)}\n`);
}

export function makeFolder(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    failFile(error, dirname(path), 'written');
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
