/** Shared by the tests of this package. */

import { isDeepStrictEqual } from 'node:util';
import { CscMatrix } from '@southwell/numerics/arrays';
import { SouthwellError } from '@southwell/numerics/core';
import { expect } from 'vitest';
import type { Input, Source } from './io/source.ts';
import type { Gather } from './part/company.ts';
import { readPart } from './read-part.ts';
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

/** A source with smaller pieces than usual, so that less of it is examined first. */
export const inPieces = (bytes: Uint8Array, name: string): Source => ({
  name,
  size: bytes.length,
  restartable: true,
  stream: () => chunked(bytes, [1 << 16]),
  slice: async (start, end) => bytes.subarray(start, end),
});

/** Like toEqual, but faster if the values are long and equal. */
export function expectSame(found: unknown, wanted: unknown, message?: string): void {
  if (!isDeepStrictEqual(found, wanted)) expect(found, message).toEqual(wanted);
}

/** Tests that reading fails with a typed error whose message matches. */
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

/** Gather functions for ranks within one process, one for each rank. */
export function gathering(size: number): Gather[] {
  const open: Array<{
    parts: Uint8Array[];
    left: number;
    full: (parts: Uint8Array[]) => void;
    all: Promise<Uint8Array[]>;
  }> = [];
  return Array.from({ length: size }, (_, rank) => {
    let round = 0;
    return (bytes) => {
      if (!open[round]) {
        let full!: (parts: Uint8Array[]) => void;
        const all = new Promise<Uint8Array[]>((resolve) => {
          full = resolve;
        });
        open[round] = { parts: [], left: size, full, all };
      }
      const now = open[round++];
      now.parts[rank] = bytes.slice();
      if (--now.left === 0) now.full(now.parts);
      return now.all;
    };
  });
}

/** The parts of a file read by several ranks, with rows divided as evenly as chunks of several rows allow. */
export async function partsOf(
  input: Input | ((rank: number) => Input | (() => Input)),
  size: number,
  { chunk = 1, ...options }: ReadOptions & { readonly chunk?: number; readonly own?: string } = {},
): Promise<Table[]> {
  const rowsOf = (all: number, rank: number) => {
    const cut = (r: number) => Math.min(all, Math.floor((r * Math.ceil(all / chunk)) / size) * chunk);
    return [cut(rank), cut(rank + 1)] as const;
  };
  const outcomes = await Promise.allSettled(
    gathering(size).map((gather, rank) => {
      const given = typeof input === 'function' ? input(rank) : input;
      return readPart(given, { ...options, rank, size, gather, rowsOf });
    }),
  );
  const failed = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []));
  if (failed.length > 0) {
    // An error on one rank alone would leave the others waiting.
    expect(failed.map(({ message }) => message)).toEqual(Array(size).fill(failed[0].message));
    throw failed[0];
  }
  return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
}

/** Concatenates parts, which must agree on everything but their rows. */
export function whole(parts: readonly Table[]): Table {
  const [first] = parts;
  let before = 0;
  for (const part of parts) {
    expect(part.before).toBe(before);
    before += part.rows;
    expectSame(part.notes, first.notes);
  }
  for (const part of parts) expect(part.all).toBe(before);
  const column = (of: (part: Table) => Column): Column => {
    const alike = parts.map(of);
    // The words of a form are those of a part.
    type Any = Column & { values?: unknown; codes?: unknown; written?: unknown };
    const [{ values: _v, codes: _c, written: _w, ...same }] = alike as Any[];
    for (const part of alike) {
      const { values: _values, codes: _codes, written: _written, ...own } = part as Any;
      expectSame(own, same);
    }
    const numbers = alike.flatMap((part) => [...(part.type === 'number' ? part.values : part.codes)]);
    return (alike[0].type === 'number'
      ? { ...same, values: Float64Array.from(numbers) }
      : { ...same, codes: Int32Array.from(numbers) }) as unknown as Column;
  };
  const { before: _b, all: _a, index, sparse, ...rest } = first;
  return {
    ...rest,
    rows: before,
    columns: first.columns.map((_, j) => column((part) => part.columns[j])),
    ...(index && { index: column((part) => part.index!) }),
    ...(sparse && { sparse: sparseOf(parts) }),
  };
}

function sparseOf(parts: readonly Table[]): NonNullable<Table['sparse']> {
  const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
  const matrices = parts.map((part) => part.sparse!.X);
  for (const [r, X] of matrices.entries()) {
    X.validate();
    expect(X.cols).toBe(matrices[0].cols);
    for (let j = 0; j < X.cols; j++) {
      for (let q = X.colPointers[j]; q < X.colPointers[j + 1]; q++) {
        rows.push(parts[r].before! + X.rowIndices[q]);
        cols.push(j);
        values.push(X.values[q]);
      }
    }
  }
  const all = parts.reduce((sum, part) => sum + part.rows, 0);
  const X = CscMatrix.fromTriplets(all, matrices[0].cols, rows, cols, Float64Array.from(values));
  const { y } = parts[0].sparse!;
  return { X, ...(y && { y: Float64Array.from(parts.flatMap((part) => [...part.sparse!.y!])) }) };
}

/** A sparse matrix as plain data; everything else unchanged. */
export const plain = ({ sparse, ...table }: Table) => ({
  ...table,
  columns: table.columns.map((column) => {
    if (column.type !== 'number') return column;
    const { written: _, ...rest } = column;
    return rest;
  }),
  ...(sparse && {
    y: sparse.y,
    shape: [sparse.X.rows, sparse.X.cols],
    pointers: [...sparse.X.colPointers.subarray(0, sparse.X.cols + 1)],
    rowIndices: [...sparse.X.rowIndices.subarray(0, sparse.X.nnz)],
    values: [...sparse.X.values.subarray(0, sparse.X.nnz)],
  }),
});

/** Tests that reading a file whole and by several ranks gives the same table or the same error. */
export async function expectSameInParts(
  bytes: Input,
  sizes: readonly number[],
  options: ReadOptions & { readonly chunk?: number } = {},
): Promise<Table | string> {
  const attempt = async (read: () => Promise<Table>) => {
    try {
      return plain(await read());
    } catch (error) {
      if (!(error instanceof SouthwellError)) throw error;
      return `${error.code}: ${error.message}`;
    }
  };
  const { chunk: _, ...reading } = options;
  const expected = await attempt(() => readTable(bytes, reading));
  for (const size of sizes) {
    const found = await attempt(async () => whole(await partsOf(bytes, size, options)));
    expectSame(found, expected, `${size} ranks`);
  }
  return expected as Table | string;
}
