/** What the tests of this package share. */
import { expect } from 'vitest';
import { readTable } from './read-table.ts';
import type { CategoryColumn, Column, ReadOptions, Table } from './table.ts';

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A stream that cannot be read twice, in chunks of the given sizes (the last one repeated). */
export async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncIterable<Uint8Array> {
  for (let at = 0, k = 0; at < bytes.length; k++) {
    const size = Math.max(1, sizes[Math.min(k, sizes.length - 1)]);
    yield bytes.slice(at, at + size);
    at += size;
  }
}

export function cells(column: Column): Array<string | number | null> {
  if (column.type === 'number') return Array.from(column.values, (v) => (Number.isNaN(v) ? null : v));
  return Array.from(column.codes, (c) => (c < 0 ? null : column.levels[c]));
}

export function contents(table: Table): Record<string, Array<string | number | null>> {
  return Object.fromEntries(table.columns.map((column) => [column.name, cells(column)]));
}

export const levels = (column: Column): readonly string[] => (column as CategoryColumn).levels;

export const readText = (text: string, options: ReadOptions = {}): Promise<Table> =>
  readTable(bytesOf(text), { name: 'test.csv', ...options });

/** That reading fails with a typed error whose sentence matches. */
export async function expectFailure(
  reading: Promise<unknown> | (() => Promise<unknown>),
  sentence: RegExp,
  code = 'INVALID_FORMAT',
): Promise<void> {
  await expect(typeof reading === 'function' ? reading() : reading).rejects.toMatchObject({
    name: 'SouthwellError',
    code,
    message: expect.stringMatching(sentence),
  });
}
