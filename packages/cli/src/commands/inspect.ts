import { type Column, readTable, type Table } from '@southwell/data/node';
import { count, density, grouped, moments, number, type Reading, without } from '@southwell/tasks';
import type { Command } from 'commander';
import pc from '../colours.ts';
import { EXIT } from '../errors.ts';
import { DATA, example } from '../options.ts';
import { stoppable } from '../stoppable.ts';
import { addReading, readingAsked } from '../task/reading.ts';
import { clip, printable, table, wrap } from '../text.ts';

export interface ColumnSummary {
  readonly name: string;
  readonly type: 'number' | 'category' | 'text';
  /** Why it was taken for that. */
  readonly why: string;
  readonly missing: number;
  readonly distinct?: number;
  readonly min?: number;
  readonly mean?: number;
  readonly max?: number;
  readonly sd?: number;
  readonly zeros?: number;
  readonly levels?: ReadonlyArray<{ readonly level: string; readonly rows: number }>;
  readonly constant?: true;
  readonly duplicateOf?: string;
}

/** Between two turns of the event loop, in which an interrupt can be heard. */
const TURN_MS = 50;

export async function inspectCommand(
  data: string,
  options: { json?: boolean; all?: boolean } & Reading,
): Promise<number> {
  const { drop, ...reading } = readingAsked(options);
  const summary = await stoppable(options.json === true, async (signal, progress) => {
    const onProgress = (_: number, rows: number) => progress(`reading: ${grouped(rows)} rows`);
    const source = without(await readTable(data, { ...reading, signal, onProgress }), drop);
    return inspectTable(source, async (done) => {
      progress(`looking at columns: ${done}/${source.columns.length}`);
      await new Promise(setImmediate);
      signal.throwIfAborted();
    });
  });
  if (options.json) process.stdout.write(`${JSON.stringify({ southwell: 1, ...summary, exitCode: 0 }, null, 2)}\n`);
  else process.stdout.write(`${inspectText(summary, options.all === true)}\n`);
  return EXIT.done;
}

export interface TableSummary {
  readonly name: string;
  readonly format: string;
  readonly rows: number;
  readonly columns: readonly ColumnSummary[];
  /** The names of the rows, which are no data. */
  readonly index?: { readonly name: string; readonly why: string };
  /** Where the file is a sparse matrix. */
  readonly sparse?: {
    readonly features: number;
    readonly stored: number;
    readonly density: number;
    readonly emptyColumns: number;
    readonly labels?: ReadonlyArray<{ readonly level: string; readonly rows: number }>;
    readonly labelCount?: number;
  };
  readonly missing: number;
  readonly constant: readonly string[];
  readonly duplicates: ReadonlyArray<readonly [string, string]>;
  readonly notes: readonly string[];
}

/** @param turn Called now and then with the number of columns that are done. */
async function inspectTable(source: Table, turn: (done: number) => Promise<void>): Promise<TableSummary> {
  const first = new Map<string, Column[]>();
  const columns: ColumnSummary[] = [];
  let last = performance.now();
  for (const column of source.columns) {
    const base = summarise(column, source.rows);
    const key = fingerprint(column);
    const alike = first.get(key) ?? [];
    const twin = alike.find((other) => same(other, column));
    if (!twin) first.set(key, [...alike, column]);
    columns.push(twin ? { ...base, duplicateOf: twin.name } : base);
    if (performance.now() - last < TURN_MS) continue;
    await turn(columns.length);
    last = performance.now();
  }
  const { sparse, index } = source;
  const tally = sparse?.y && tallyOf(Array.from(sparse.y, String));
  return {
    name: source.name,
    format: source.format,
    rows: source.rows,
    columns,
    ...(index && { index: { name: index.name, why: whyOf(index) } }),
    sparse: sparse && {
      features: sparse.X.cols,
      stored: sparse.X.nnz,
      density: density(sparse.X),
      emptyColumns: Array.from({ length: sparse.X.cols }).filter(
        (_, j) => sparse.X.colPointers[j] === sparse.X.colPointers[j + 1],
      ).length,
      ...(tally && { labelCount: tally.size, ...(tally.size <= 20 && { labels: levelsOf(tally) }) }),
    },
    missing: columns.reduce((sum, c) => sum + c.missing, 0),
    constant: columns.filter((c) => c.constant).map((c) => c.name),
    duplicates: columns.flatMap((c) => (c.duplicateOf === undefined ? [] : [[c.name, c.duplicateOf] as const])),
    notes: source.notes,
  };
}

function tallyOf(values: readonly string[]): Map<string, number> {
  const tally = new Map<string, number>();
  for (const v of values) tally.set(v, (tally.get(v) ?? 0) + 1);
  return tally;
}

const levelsOf = (tally: Map<string, number>) =>
  [...tally].map(([level, rows]) => ({ level, rows })).sort((a, b) => b.rows - a.rows);

const whyOf = (column: Column): string =>
  column.why ?? (column.type === 'number' ? 'stored as numbers' : 'stored as texts');

function summarise(column: Column, rows: number): ColumnSummary {
  const { name, type } = column;
  const why = whyOf(column);
  if (column.type !== 'number') {
    const tally = new Int32Array(column.levels.length);
    let missing = 0;
    for (const code of column.codes) code < 0 ? missing++ : tally[code]++;
    const used = tally.reduce((k, n) => k + (n > 0 ? 1 : 0), 0);
    const levels = column.levels
      .map((level, k) => ({ level, rows: tally[k] }))
      .sort((a, b) => b.rows - a.rows)
      .slice(0, 10);
    return {
      name,
      type,
      why,
      missing,
      distinct: used,
      levels,
      ...(rows > 0 && used <= 1 && { constant: true as const }),
    };
  }
  let missing = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let mean = 0;
  let squares = 0;
  let seen = 0;
  let zeros = 0;
  for (const v of column.values) {
    if (Number.isNaN(v)) {
      missing++;
      continue;
    }
    seen++;
    if (v === 0) zeros++;
    if (v < min) min = v;
    if (v > max) max = v;
    const delta = v - mean;
    mean += delta / seen;
    squares += delta * (v - mean);
  }
  let sd = Math.sqrt(squares / seen);
  if (!Number.isFinite(squares)) ({ mean, sd } = moments(column.values));
  if (seen === 0) return { name, type: 'number', why, missing, ...(rows > 0 && { constant: true as const }) };
  return {
    name,
    type: 'number',
    why,
    missing,
    min,
    mean,
    max,
    sd,
    zeros,
    ...(min === max && { constant: true as const }),
  };
}

const bytes = (c: Column): Uint8Array => {
  const { buffer, byteOffset, byteLength } = c.type === 'number' ? c.values : c.codes;
  return new Uint8Array(buffer, byteOffset, byteLength);
};

/** FNV-1a over the bytes: equal columns agree, others almost never do. */
function fingerprint(column: Column): string {
  let h = 0x811c9dc5;
  for (const byte of bytes(column)) h = Math.imul(h ^ byte, 0x01000193);
  return `${column.type}:${h >>> 0}`;
}

function same(a: Column, b: Column): boolean {
  if (a.type !== b.type) return false;
  if (a.type !== 'number' && b.type !== 'number') {
    if (a.levels.length !== b.levels.length || a.levels.some((level, k) => level !== b.levels[k])) return false;
  }
  return Buffer.compare(bytes(a), bytes(b)) === 0;
}

function inspectText(s: TableSummary, all: boolean): string {
  const lines: string[] = [];
  const what = s.sparse ? `${count(s.sparse.features, 'feature')}, sparse` : count(s.columns.length, 'column');
  lines.push(pc.bold(`${printable(s.name)}: ${count(s.rows, 'row')}, ${what} (${s.format})`));
  if (s.sparse) {
    lines.push(
      `${count(s.sparse.stored, 'stored value')}, ${number(100 * s.sparse.density, 3)} % of the matrix; ${count(s.sparse.emptyColumns, 'empty column')}`,
    );
    if (s.sparse.labels) lines.push(wrap(`labels: ${s.sparse.labels.map((l) => `${l.level} (${l.rows})`).join(', ')}`));
    else if (s.sparse.labelCount) lines.push(`${count(s.sparse.labelCount, 'different label')}`);
  }
  if (s.index) lines.push(wrap(`names of the rows: ${printable(s.index.name)}, ${s.index.why}`));
  for (const note of s.notes.slice(0, 10)) lines.push(pc.dim(wrap(printable(note))));
  const numeric = s.columns.filter((c) => c.type === 'number');
  const others = s.columns.filter((c) => c.type !== 'number');
  const limit = all ? Number.POSITIVE_INFINITY : 60;
  const remarks = (c: ColumnSummary) =>
    [c.why, c.constant && 'constant', c.duplicateOf !== undefined && `= ${clip(c.duplicateOf, 10)}`]
      .filter(Boolean)
      .join(', ');
  if (numeric.length > 0) {
    lines.push(
      '',
      table(
        [
          { title: 'number' },
          { title: 'missing', align: 'right' },
          { title: 'min', align: 'right' },
          { title: 'mean', align: 'right' },
          { title: 'max', align: 'right' },
          { title: 'sd', align: 'right' },
          { title: 'why' },
        ],
        numeric
          .slice(0, limit)
          .map((c) => [
            c.name,
            String(c.missing),
            number(c.min),
            number(c.mean),
            number(c.max),
            number(c.sd),
            remarks(c),
          ]),
      ),
    );
    if (numeric.length > limit) lines.push(pc.dim(`  … and ${numeric.length - limit} more (--all shows them)`));
  }
  if (others.length > 0) {
    lines.push(
      '',
      table(
        [
          { title: 'category' },
          { title: 'missing', align: 'right' },
          { title: 'levels', align: 'right' },
          { title: 'rows of each' },
          { title: 'why' },
        ],
        others.slice(0, limit).map((c) => {
          const shown = c.levels!.slice(0, 4).map((l) => `${clip(l.level, 14)} ${l.rows}`);
          const levels = c.type === 'text' ? 'text' : shown.join(', ') + (c.distinct! > shown.length ? ', …' : '');
          return [c.name, String(c.missing), String(c.distinct), levels, remarks(c)];
        }),
      ),
    );
    if (others.length > limit) lines.push(pc.dim(`  … and ${others.length - limit} more (--all shows them)`));
  }
  const list = (names: readonly string[]) =>
    names.slice(0, 6).map(printable).join(', ') + (names.length > 6 ? ', …' : '');
  lines.push('');
  if (s.columns.length > 0) lines.push(`${count(s.missing, 'missing value')}`);
  if (s.constant.length > 0) lines.push(wrap(`${count(s.constant.length, 'constant column')}: ${list(s.constant)}`));
  if (s.duplicates.length > 0) {
    lines.push(
      wrap(`${count(s.duplicates.length, 'duplicate column')}: ${list(s.duplicates.map(([a, b]) => `${a} = ${b}`))}`),
    );
  }
  return lines.join('\n').trimEnd();
}

/** `southwell inspect`. */
export function addInspect(program: Command, end: (code: number) => void): void {
  const command = program
    .command('inspect')
    .description('What a file holds: types, ranges, missing values, constant and duplicate columns.')
    .argument('<data>', DATA)
    .option('--all', 'every column, however many')
    .option('--json', 'print one JSON document');
  addReading(command)
    .addHelpText('after', example('southwell inspect houses.csv.gz', 'southwell inspect bundled:diabetes --json'))
    .action(async (data: string, options) => end(await inspectCommand(data, options)));
}
