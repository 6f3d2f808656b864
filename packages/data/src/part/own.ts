import { fail } from '@southwell/numerics/core';
import { piecesOf, type Source } from '../io/source.ts';
import { readers } from '../readers.ts';
import { type Column, categoryColumn, type Format, type ReadContext, type Table, valuesIn } from '../table.ts';
import type { Company } from './company.ts';
import type { Located } from './locate.ts';
import type { Scan } from './scan.ts';
import type { RowsOf } from './whole.ts';

/** The column names of each rank's own file. */
export interface OwnNames {
  readonly file: string;
  readonly names: readonly string[];
}

/**
 * Checks that the files of all ranks have the same columns.
 * @throws INVALID_FORMAT, naming a rank and a column.
 */
export function sameNames(all: readonly OwnNames[]): void {
  const [first] = all;
  const whose = (r: number) => `${all[r].file}, of rank ${r},`;
  all.forEach(({ names }, r) => {
    if (names.length !== first.names.length) {
      const count = `${names.length} column${names.length === 1 ? '' : 's'}`;
      fail('INVALID_FORMAT', `${whose(r)} has ${count} where ${whose(0)} has ${first.names.length}.`);
    }
    const j = names.findIndex((name, k) => name !== first.names[k]);
    if (j < 0) return;
    fail(
      'INVALID_FORMAT',
      `${whose(r)} has the column '${names[j]}' where ${whose(0)} has '${first.names[j]}' (column ${j + 1}).`,
    );
  });
}

/** The position of a file's rows among those of all ranks' files; they are the whole file. */
export async function locateOwn(
  source: Source,
  from: number,
  line: number,
  scan: Scan,
  company: Company,
): Promise<Located> {
  const size = source.size ?? Number.POSITIVE_INFINITY;
  const counts = await company.agree(async () => {
    for await (const piece of piecesOf(source, from, size)) scan.feed(piece);
    scan.end(true);
    return scan.result;
  });
  const rowsOf = (some: typeof counts) => some.reduce((sum, { rows }) => sum + rows, 0);
  const first = rowsOf(counts.slice(0, company.rank));
  return {
    all: rowsOf(counts),
    first,
    end: first + counts[company.rank].rows,
    from,
    to: size,
    // Ranks may be on machines that do not see each other's files.
    longest: 0,
    line,
    blank: counts.reduce((sum, { inner }) => sum + inner, 0),
    broken: counts.some(({ broken }) => broken),
  };
}

/**
 * The files of all ranks, each read whole by its rank, as one table; for formats in which a file declares its column
 * types.
 * @throws NOT_SUPPORTED for sparse matrices; INVALID_FORMAT for columns that differ.
 */
export async function ownPart(source: Source, format: Format, context: ReadContext, company: Company): Promise<Table> {
  let table!: Table;
  const seen = await company.agree(async () => {
    table = await readers[format](source, context);
    if (table.sparse) {
      fail('NOT_SUPPORTED', `${context.name} holds a sparse matrix, but separate files of ranks must hold columns.`);
    }
    const { rows, notes, columns } = table;
    const known = columns.map((column) => (column.type === 'number' ? -1 : valuesIn(column.codes)));
    const none = columns.map((column) => column.type === 'number' && column.values.every(Number.isNaN));
    return { file: context.name, names: columns.map(({ name }) => name), rows, notes, known, none };
  });
  sameNames(seen);
  const columns: Column[] = [];
  for (const [j, column] of table.columns.entries()) {
    const { name } = column;
    const texts = seen.findIndex(({ known }) => known[j] >= 0);
    if (texts < 0) {
      columns.push(column);
      continue;
    }
    const other = seen.findIndex(({ known, none }) => known[j] < 0 && !none[j]);
    if (other >= 0) {
      const [has, where] = [seen[other].file, seen[texts].file];
      fail(
        'INVALID_FORMAT',
        `${has}, of rank ${other}, has numbers in column '${name}' where ${where}, of rank ${texts}, has texts.`,
      );
    }
    const levels = await company.agree(() => (column.type === 'number' ? [] : column.levels));
    const words = [...new Set(levels.flat())];
    const place = new Map(words.map((word, k) => [word, k]));
    const codes =
      column.type === 'number'
        ? new Int32Array(table.rows).fill(-1)
        : column.codes.map((code) => (code < 0 ? -1 : place.get(column.levels[code])!));
    const known = seen.reduce((sum, part) => sum + Math.max(0, part.known[j]), 0);
    columns.push(categoryColumn(name, codes, words, undefined, known));
  }
  const rows = seen.map((part) => part.rows);
  const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
  return {
    ...table,
    columns,
    before: sum(rows.slice(0, company.rank)),
    all: sum(rows),
    notes: [...new Set(seen.flatMap((part) => part.notes))],
  };
}

/** Redistributes rows that a rank has but should not keep: only these are sent, one column at a time. */
export async function movedRows(table: Table, company: Company, rowsOf: RowsOf): Promise<Table> {
  const { rank } = company;
  const { before = 0, all = table.rows, index } = table;
  const [first, end] = rowsOf(all, rank);
  const spans = await company.agree(() => [before, before + table.rows] as const);
  const away = spans.map(([from, to], r) => {
    const [own, last] = rowsOf(all, r);
    return [
      [from, Math.min(to, own)],
      [Math.max(from, last), to],
    ].filter(([a, b]) => a < b);
  });
  const moved = async <T extends Float64Array | Int32Array>(values: T): Promise<T> => {
    const make = values.constructor as new (n: number | ArrayBufferLike) => T;
    const out = new make(end - first);
    const copy = (from: T, at: number) => {
      const [a, b] = [Math.max(at, first), Math.min(at + from.length, end)];
      if (a < b) out.set(from.subarray(a - at, b - at), a - first);
    };
    copy(values, before);
    const sent = await company.bytes(() => {
      const parts = away[rank].map(([a, b]) => values.subarray(a - before, b - before));
      const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
      let at = 0;
      for (const part of parts) {
        bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
        at += part.byteLength;
      }
      return bytes;
    });
    sent.forEach((bytes, r) => {
      // Copied, so that it begins on an 8-byte boundary.
      const received = new make(bytes.slice().buffer);
      let at = 0;
      for (const [a, b] of away[r]) {
        copy(received.subarray(at, at + b - a) as T, a);
        at += b - a;
      }
    });
    return out;
  };
  const place = async (column: Column): Promise<Column> =>
    column.type === 'number'
      ? { ...column, values: await moved(column.values) }
      : { ...column, codes: await moved(column.codes) };
  const columns: Column[] = [];
  for (const column of table.columns) columns.push(await place(column));
  return {
    ...table,
    rows: end - first,
    before: first,
    columns,
    ...(index && { index: await place(index) }),
  };
}
