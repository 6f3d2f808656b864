import type { Column, Table } from '@southwell/data/node';
import type { CscMatrix } from '@southwell/numerics/arrays';
import { type MatrixFacts, matrixFacts, moments, patternOf } from '@southwell/tasks';

export interface ColumnSummary {
  readonly name: string;
  readonly type: 'number' | 'category' | 'text';
  /** Why this format was assumed. */
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

export interface TableSummary {
  readonly name: string;
  readonly format: string;
  readonly rows: number;
  readonly columns: readonly ColumnSummary[];
  /** Row names, which are not data. */
  readonly index?: { readonly name: string; readonly why: string };
  /** Set if the file is a sparse matrix. */
  readonly sparse?: {
    readonly features: number;
    readonly stored: number;
    readonly density: number;
    readonly emptyColumns: number;
    readonly labels?: ReadonlyArray<{ readonly level: string; readonly rows: number }>;
    readonly labelCount?: number;
  };
  /** For matrix files: number of entries in the cells of a grid over the matrix, row by row. */
  readonly pattern?: { readonly width: number; readonly height: number; readonly counts: readonly number[] };
  /** For matrix files read by a single process: facts derived from the entries. */
  readonly matrix?: MatrixFacts;
  readonly missing: number;
  readonly constant: readonly string[];
  readonly duplicates: ReadonlyArray<readonly [string, string]>;
  readonly notes: readonly string[];
}

/** The ranks that each have a part of the table, and a function that sends bytes to all of them. */
export interface Others {
  readonly rank: number;
  readonly gather: (bytes: Uint8Array) => Uint8Array[];
}

/** A single rank. */
const NOBODY: Others = { rank: 0, gather: (bytes) => [bytes] };

/** Milliseconds between yields to the event loop, in which interrupts are handled. */
const TURN_MS = 50;

/**
 * Summarises a table, or one of which this rank has a part: the results are bit-identical.
 * @param turn Called now and then with the number of completed columns.
 */
export async function inspectTable(
  source: Table,
  turn: (done: number) => Promise<void>,
  others = NOBODY,
): Promise<TableSummary> {
  const rows = source.all ?? source.rows;
  const sums = await walk(source.columns, others, turn);
  const first = new Map<string, number[]>();
  const columns: ColumnSummary[] = [];
  for (const [j, column] of source.columns.entries()) {
    const base = summarise(column, sums[j], rows, others);
    const key = `${column.type}:${sums[j][HASH]}`;
    const alike = first.get(key) ?? [];
    const twin = alike.find((k) => everywhere(same(source.columns[k], column), others));
    if (twin === undefined) first.set(key, [...alike, j]);
    columns.push(twin === undefined ? base : { ...base, duplicateOf: source.columns[twin].name });
  }
  const { index } = source;
  return {
    name: source.name,
    format: source.format,
    rows,
    columns,
    ...(index && { index: { name: index.name, why: whyOf(index) } }),
    sparse: source.sparse && summariseSparse(source.sparse, rows, others),
    ...(source.sparse && source.format === 'matrix-market' && matrixOf(source, source.sparse.X, rows, others)),
    missing: columns.reduce((sum, c) => sum + c.missing, 0),
    constant: columns.filter((c) => c.constant).map((c) => c.name),
    duplicates: columns.flatMap((c) => (c.duplicateOf === undefined ? [] : [[c.name, c.duplicateOf] as const])),
    notes: source.notes,
  };
}

/** Indices of the running statistics of a column. */
const [MISSING, SEEN, MIN, MAX, MEAN, SQUARES, ZEROS, HASH, KEPT] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/**
 * Scans the rows of all columns; each rank continues where the previous one ended, so that nothing depends on the
 * number of ranks.
 */
async function walk(
  columns: readonly Column[],
  { rank, gather }: Others,
  turn: (done: number) => Promise<void>,
): Promise<Float64Array[]> {
  let states = columns.map(() =>
    Float64Array.of(0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0, 0x811c9dc5 | 0),
  );
  for (let at = 0, size = 1; at < size; at++) {
    let last = performance.now();
    for (let j = 0; at === rank && j < columns.length; j++) {
      step(columns[j], states[j]);
      if (performance.now() - last < TURN_MS) continue;
      await turn(j + 1);
      last = performance.now();
    }
    const together = new Float64Array(columns.length * KEPT);
    states.forEach((state, j) => {
      together.set(state, j * KEPT);
    });
    const all = gather(at === rank ? bytesOf(together) : new Uint8Array(0));
    size = all.length;
    const next = doublesIn(all[at]);
    states = columns.map((_, j) => next.slice(j * KEPT, (j + 1) * KEPT));
  }
  return states;
}

/**
 * Updates the statistics of a column with its rows. The hash is FNV-1a over the bytes: it is the same for equal
 * columns, and almost never for others.
 */
function step(column: Column, state: Float64Array): void {
  if (column.type === 'number') {
    let [missing, seen, min, max, mean, squares, zeros] = state;
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
    state.set([missing, seen, min, max, mean, squares, zeros]);
  } else {
    for (const code of column.codes) if (code < 0) state[MISSING]++;
  }
  let h = state[HASH];
  for (const byte of bytesIn(column)) h = Math.imul(h ^ byte, 0x01000193);
  state[HASH] = h;
}

const whyOf = (column: Column): string =>
  column.why ?? (column.type === 'number' ? 'stored as numbers' : 'stored as texts');

function summarise(column: Column, state: Float64Array, rows: number, others: Others): ColumnSummary {
  const { name, type } = column;
  const why = whyOf(column);
  const missing = state[MISSING];
  if (column.type !== 'number') {
    const tally = new Float64Array(column.levels.length);
    for (const code of column.codes) if (code >= 0) tally[code]++;
    summed(tally, others);
    const used = tally.reduce((k, n) => k + (n > 0 ? 1 : 0), 0);
    const levels = column.levels
      .map((level, k) => ({ level, rows: tally[k] }))
      .sort((a, b) => b.rows - a.rows)
      .slice(0, 10);
    const constant = rows > 0 && used <= 1;
    return { name, type, why, missing, distinct: used, levels, ...(constant && { constant }) };
  }
  const [seen, min, max] = [state[SEEN], state[MIN], state[MAX]];
  let mean = state[MEAN];
  let sd = Math.sqrt(state[SQUARES] / seen);
  if (!Number.isFinite(state[SQUARES])) ({ mean, sd } = moments(joined(column.values, others)));
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
    zeros: state[ZEROS],
    ...(min === max && { constant: true as const }),
  };
}

function summariseSparse(
  { X, y }: NonNullable<Table['sparse']>,
  rows: number,
  others: Others,
): NonNullable<TableSummary['sparse']> {
  const counts = new Float64Array(2);
  counts[0] = X.nnz;
  for (const v of X.values) if (v !== 0) counts[1]++;
  const [stored, filled] = summed(counts, others);
  const full = new Uint8Array(X.cols);
  for (let j = 0; j < X.cols; j++) if (X.colPointers[j] < X.colPointers[j + 1]) full[j] = 1;
  const everyone = others.gather(full);
  let emptyColumns = 0;
  for (let j = 0; j < X.cols; j++) if (everyone.every((part) => part[j] === 0)) emptyColumns++;
  const tally = y && tallyOf(joined(y, others));
  return {
    features: X.cols,
    stored,
    density: rows * X.cols === 0 ? 0 : filled / (rows * X.cols),
    emptyColumns,
    ...(tally && { labelCount: tally.size, ...(tally.size <= 20 && { labels: levelsOf(tally) }) }),
  };
}

/** Cells per side of the sparsity pattern: the number of dots in 40 braille characters. */
const CELLS = 80;

function matrixOf(source: Table, X: CscMatrix, rows: number, others: Others): Pick<TableSummary, 'pattern' | 'matrix'> {
  const { width, height, counts } = patternOf(X, CELLS, { rows, before: source.before ?? 0 });
  const pattern = { width, height, counts: Array.from(summed(counts, others)) };
  return { pattern, ...(X.rows === rows && { matrix: matrixFacts(X) }) };
}

function tallyOf(values: Float64Array): Map<string, number> {
  const tally = new Map<string, number>();
  for (const v of values) tally.set(String(v), (tally.get(String(v)) ?? 0) + 1);
  return tally;
}

const levelsOf = (tally: Map<string, number>) =>
  [...tally].map(([level, rows]) => ({ level, rows })).sort((a, b) => b.rows - a.rows);

function same(a: Column, b: Column): boolean {
  if (a.type !== b.type) return false;
  if (a.type !== 'number' && b.type !== 'number') {
    if (a.levels.length !== b.levels.length || a.levels.some((level, k) => level !== b.levels[k])) return false;
  }
  return Buffer.compare(bytesIn(a), bytesIn(b)) === 0;
}

const bytesIn = (c: Column): Uint8Array => bytesOf(c.type === 'number' ? c.values : c.codes);
const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array | Int32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);
/** Copied for 8-byte alignment. */
const doublesIn = (bytes: Uint8Array) => new Float64Array(bytes.slice().buffer);

const everywhere = (here: boolean, { gather }: Others): boolean =>
  gather(Uint8Array.of(here ? 1 : 0)).every(([there]) => there === 1);

/** Sums counts over all ranks, in place. */
function summed(counts: Float64Array, { gather }: Others): Float64Array {
  const parts = gather(bytesOf(counts)).map(doublesIn);
  for (let k = 0; k < counts.length; k++) counts[k] = parts.reduce((sum, part) => sum + part[k], 0);
  return counts;
}

/** Concatenates the values of all ranks. */
function joined(values: Float64Array, { gather }: Others): Float64Array {
  const parts = gather(bytesOf(values)).map(doublesIn);
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
