import type { Column, Table } from '@southwell/data';
import { fail, type Status } from '@southwell/numerics/core';
import { Random } from 'southwell';
import {
  type Completion,
  type CompletionMethod,
  type CompletionOptions,
  completeMatrix,
  heldOutError,
  observedMatrix,
} from 'southwell/factorisation';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';
import type { JobTools } from '../progress.ts';

/** Plain data, so that it can be sent to a worker. */
export interface CompleteRequest {
  readonly data: string;
  readonly format?: string;
  /** Columns of a table of entries; the first three by default. */
  readonly row?: string;
  readonly col?: string;
  readonly value?: string;
  readonly weights?: string;
  /** The table is the matrix itself, with gaps. */
  readonly dense?: boolean;
  /** Default 10, or the shorter side of a smaller matrix. */
  readonly rank?: number;
  readonly method: CompletionMethod;
  readonly lambda?: number;
  readonly biases?: boolean;
  readonly nonNegative?: boolean;
  /** Share of the entries that are kept back and predicted. */
  readonly holdout?: number;
  /** So many entries a row, the largest first, in place of all. */
  readonly top?: number;
  readonly tol?: number;
  readonly maxIter?: number;
  readonly timeLimit?: number;
  readonly seed: number;
}

type Ranked = CompleteRequest & { readonly rank: number };

export type Names = ReadonlyArray<string | number>;

/** Plain data: what the command prints and writes. */
export interface CompletedMatrix {
  readonly data: { readonly name: string; readonly notes: readonly string[] };
  readonly rows: number;
  readonly cols: number;
  readonly observed: number;
  /** Names of the columns of the table of entries, and of the rows and columns of the matrix. */
  readonly titles: { readonly row: string; readonly col: string; readonly value: string };
  readonly names: { readonly rows: Names; readonly cols: Names };
  readonly rank: number;
  readonly lambda?: number;
  /** λ was chosen by errors on entries that were kept back. */
  readonly tried?: ReadonlyArray<{ readonly lambda: number; readonly error: number }>;
  /** Of the fit that left them out: mean alone, and the method. */
  readonly heldOut?: { readonly entries: number; readonly mean: number; readonly error: number };
  readonly trainError: number;
  readonly unidentified: { readonly rows: number; readonly cols: number };
  readonly factors: { readonly left: Float64Array; readonly right: Float64Array };
  readonly biases?: { readonly mean: number; readonly row: Float64Array; readonly col: Float64Array };
  /** Entries that were not observed, by rows; the largest of each row first where `top` was asked for. */
  readonly predictions: { readonly row: Int32Array; readonly col: Int32Array; readonly value: Float64Array };
  /** For a dense matrix: by rows, observed entries as they were. */
  readonly filled?: Float64Array;
  readonly status: Status;
  readonly iterations: number;
  readonly seconds: number;
}

/** What there is to beware of, one sentence each. */
export function completionCautions(r: CompletedMatrix): string[] {
  const cautions: string[] = [];
  if (r.heldOut && r.heldOut.error > 0.95 * r.heldOut.mean) {
    cautions.push('That is no better than the mean, or hardly: do not trust what was filled in.');
  }
  const nothing = [
    ...(r.unidentified.rows > 0 ? [count(r.unidentified.rows, 'row')] : []),
    ...(r.unidentified.cols > 0 ? [count(r.unidentified.cols, 'column')] : []),
  ];
  if (nothing.length > 0) {
    const given = r.biases ? 'they get the mean and biases' : 'they stay empty';
    cautions.push(`Nothing is known of ${nothing.join(' and ')}: ${given}.`);
  }
  return cautions;
}

interface Entries {
  readonly rows: Names;
  readonly cols: Names;
  readonly row: Int32Array;
  readonly col: Int32Array;
  readonly value: Float64Array;
  readonly weight?: Float64Array;
  readonly titles: CompletedMatrix['titles'];
  readonly notes: readonly string[];
}

/** Multiples of the size of the values that λ is chosen from. */
const REGULARISATIONS = [0, 0.1, 0.5, 1.5, 4, 8, 12, 20];
const MOST_PREDICTIONS = 5_000_000;

/** Reads, completes and predicts. Throws where the request or the data are at fault, or when stopped before a sweep. */
export async function completeJob(given: CompleteRequest, tools: JobTools): Promise<CompletedMatrix> {
  const started = performance.now();
  const { signal, progress } = tools;
  const table = await tools.read();
  const entries = entriesOf(table, given);
  const { rows, cols } = entries;
  const request = { ...given, rank: given.rank ?? Math.min(10, rows.length, cols.length) };
  const missing = rows.length * cols.length - entries.value.length;
  const wanted = request.top === undefined ? missing : Math.min(missing, request.top * rows.length);
  if (wanted > MOST_PREDICTIONS) {
    throw new RequestError(
      `${missing.toLocaleString('en')} entries are missing, too many to write; --top 10 takes ten a row.`,
    );
  }
  const random = new Random(request.seed);
  const order = random.permutation(entries.value.length);
  const all = order.slice().sort();

  const { lambda, tried } = chooseLambda(request, entries, order, signal, progress);
  let heldOut: CompletedMatrix['heldOut'];
  if (request.holdout !== undefined) {
    const away = Math.max(1, Math.round(request.holdout * order.length));
    if (away >= order.length) throw new RequestError('--holdout leaves no entry to complete from.');
    const [test, train] = [order.slice(0, away), order.slice(away)];
    const fit = complete(entries, train, { ...request, lambda }, signal, ({ text }) =>
      progress({ text: `held out: ${text}` }),
    );
    signal.throwIfAborted();
    const mean = average(train, entries.value);
    const squares = test.reduce((s, e) => s + (entries.value[e] - mean) ** 2, 0);
    heldOut = { entries: away, mean: Math.sqrt(squares / away), error: errorOn(fit, entries, test) };
  }
  const completion = complete(entries, all, { ...request, lambda }, signal, progress);
  const predictions = predict(completion, entries, request.top);
  const { biases } = completion;
  return {
    data: { name: table.name, notes: [...table.notes, ...entries.notes] },
    rows: rows.length,
    cols: cols.length,
    observed: entries.value.length,
    titles: entries.titles,
    names: { rows, cols },
    rank: request.rank,
    lambda,
    tried,
    heldOut,
    trainError: completion.trainError,
    unidentified: { rows: completion.unidentified.rows.length, cols: completion.unidentified.cols.length },
    factors: completion.factors,
    biases: biases && { mean: biases.mean, row: biases.row, col: biases.col },
    predictions,
    filled: request.dense ? fill(completion, entries) : undefined,
    status: completion.solution.status,
    iterations: completion.solution.iterations,
    seconds: (performance.now() - started) / 1000,
  };
}

function complete(
  entries: Entries,
  which: Int32Array,
  request: Ranked,
  signal: AbortSignal,
  progress: JobTools['progress'],
): Completion {
  const { rank, method, lambda, biases, nonNegative, tol, maxIter, timeLimit, seed } = request;
  const M = matrixOf(entries, which, entries.value);
  const W = entries.weight && matrixOf(entries, which, entries.weight);
  const options: CompletionOptions = {
    rank,
    method,
    lambda,
    biases,
    nonNegative,
    weights: W?.values.slice(0, W.nnz),
    tol,
    maxIter,
    timeLimit,
    seed,
    signal,
    onIterate: ({ iteration, objective }) =>
      progress({ text: `sweep ${iteration}: objective ${objective.toPrecision(6)}`, iteration, objective }),
  };
  try {
    return completeMatrix(M, options);
  } finally {
    M.free();
    W?.free();
  }
}

function matrixOf({ rows, cols, row, col }: Entries, which: Int32Array, values: Float64Array) {
  const pick = (from: Int32Array) => which.map((e) => from[e]);
  const v = Float64Array.from(which, (e) => values[e]);
  return observedMatrix(rows.length, cols.length, pick(row), pick(col), v);
}

/** The λ asked for; else that of the smallest error on a tenth that is kept back, where λ is a weight of the method's. */
function chooseLambda(
  request: Ranked,
  entries: Entries,
  order: Int32Array,
  signal: AbortSignal,
  progress: JobTools['progress'],
): Pick<CompletedMatrix, 'lambda' | 'tried'> {
  const { lambda, method } = request;
  const tenth = Math.floor(order.length / 10);
  if (lambda !== undefined || method === 'svt' || tenth < 5) return { lambda };
  // What --holdout keeps back has no say in it.
  const free = order.slice(Math.round((request.holdout ?? 0) * order.length));
  const [check, train] = [free.slice(0, tenth), free.slice(tenth)];
  if (train.length === 0) return { lambda };
  const mean = request.biases ? average(train, entries.value) : 0;
  const size = Math.sqrt(train.reduce((s, e) => s + (entries.value[e] - mean) ** 2, 0) / train.length);
  const tried: Array<{ lambda: number; error: number }> = [];
  for (const share of REGULARISATIONS) {
    const candidate = Number((share * size).toPrecision(3));
    // Methods with λ minimise the same; this one is the fastest.
    const short = { ...request, method: 'robust', lambda: candidate, maxIter: 30, tol: 1e-4 } as const;
    const fit = complete(entries, train, short, signal, ({ text }) =>
      progress({ text: `lambda ${candidate}: ${text}` }),
    );
    signal.throwIfAborted();
    tried.push({ lambda: candidate, error: errorOn(fit, entries, check) });
  }
  const best = tried.reduce((a, b) => (b.error < a.error || !Number.isFinite(a.error) ? b : a));
  return { lambda: best.lambda, tried };
}

const average = (which: Int32Array, values: Float64Array): number =>
  which.reduce((s, e) => s + values[e], 0) / which.length;

function errorOn(completion: Completion, entries: Entries, which: Int32Array): number {
  const held = matrixOf(entries, which, entries.value);
  const error = heldOutError(completion, held);
  held.free();
  return error;
}

/** Entry (i, j); NaN, which is written as a gap, where neither entries nor biases tell anything. */
function guess(completion: Completion): (i: number, j: number) => number {
  if (completion.biases) return (i, j) => completion.predict(i, j);
  const rows = new Set(completion.unidentified.rows);
  const cols = new Set(completion.unidentified.cols);
  return (i, j) => (rows.has(i) || cols.has(j) ? Number.NaN : completion.predict(i, j));
}

function predict(completion: Completion, entries: Entries, top?: number): CompletedMatrix['predictions'] {
  const rows = entries.rows.length;
  const cols = entries.cols.length;
  const seen = Array.from({ length: rows }, () => new Set<number>());
  for (let e = 0; e < entries.value.length; e++) seen[entries.row[e]].add(entries.col[e]);
  const at = guess(completion);
  const [row, col, value]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < rows; i++) {
    if (top !== undefined) {
      for (const found of completion.topN(i, top, seen[i])) {
        row.push(i);
        col.push(found.col);
        value.push(found.value);
      }
      continue;
    }
    for (let j = 0; j < cols; j++) {
      if (seen[i].has(j)) continue;
      row.push(i);
      col.push(j);
      value.push(at(i, j));
    }
  }
  return { row: Int32Array.from(row), col: Int32Array.from(col), value: Float64Array.from(value) };
}

function fill(completion: Completion, entries: Entries): Float64Array {
  const cols = entries.cols.length;
  const find = guess(completion);
  const out = Float64Array.from({ length: entries.rows.length * cols }, (_, at) =>
    find(Math.floor(at / cols), at % cols),
  );
  for (let e = 0; e < entries.value.length; e++) out[entries.row[e] * cols + entries.col[e]] = entries.value[e];
  return out;
}

function entriesOf(table: Table, request: CompleteRequest): Entries {
  const { sparse, columns } = table;
  const named = [request.row, request.col, request.value].some((name) => name !== undefined);
  if (sparse) {
    if (named || request.dense) {
      throw new RequestError(
        `${table.name} is a sparse matrix: its stored entries are what is known; it has no columns.`,
      );
    }
    const { X } = sparse;
    const col = new Int32Array(X.nnz);
    for (let j = 0; j < X.cols; j++) col.fill(j, X.colPointers[j], X.colPointers[j + 1]);
    return checked(table, {
      rows: Array.from({ length: X.rows }, (_, i) => i + 1),
      cols: Array.from({ length: X.cols }, (_, j) => j + 1),
      row: X.rowIndices.slice(0, X.nnz),
      col,
      value: X.values.slice(0, X.nnz),
      titles: { row: 'row', col: 'col', value: 'value' },
      notes: [],
    });
  }
  return checked(table, request.dense ? denseEntries(table) : listedEntries(table, columns, request));
}

function checked(table: Table, entries: Entries): Entries {
  if (entries.value.length === 0) fail('EMPTY', `${table.name} has no entry to complete from.`);
  const seen = new Set<number>();
  for (let e = 0; e < entries.value.length; e++) {
    const at = entries.row[e] * entries.cols.length + entries.col[e];
    if (seen.has(at)) {
      const { row, col } = entries.titles;
      throw new RequestError(
        `${table.name} has ${row} ${entries.rows[entries.row[e]]}, ${col} ${entries.cols[entries.col[e]]} twice; which of the values holds?`,
      );
    }
    seen.add(at);
  }
  return entries;
}

/** A matrix with gaps; a first column of names, if it is not of numbers, names the rows. */
function denseEntries(table: Table): Entries {
  const [first, ...others] = table.columns;
  const label = first && first.type !== 'number' ? first : undefined;
  const columns = label ? others : table.columns;
  const [row, col, value]: [number[], number[], number[]] = [[], [], []];
  columns.forEach((column, j) => {
    if (column.type !== 'number') {
      throw new RequestError(`Column '${column.name}' of ${table.name} holds ${column.levels[0]}, which is no number.`);
    }
    column.values.forEach((v, i) => {
      if (Number.isNaN(v)) return;
      row.push(i);
      col.push(j);
      value.push(v);
    });
  });
  return {
    rows: Array.from({ length: table.rows }, (_, i) => (label ? (label.levels[label.codes[i]] ?? '') : i + 1)),
    cols: columns.map((column) => column.name),
    row: Int32Array.from(row),
    col: Int32Array.from(col),
    value: Float64Array.from(value),
    titles: { row: label?.name ?? 'row', col: 'col', value: 'value' },
    notes: [],
  };
}

/** A table with a row an entry. */
function listedEntries(table: Table, columns: readonly Column[], request: CompleteRequest): Entries {
  const find = (option: string, name: string | undefined, place: number): Column => {
    const column = name === undefined ? columns[place] : columns.find((c) => c.name === name);
    if (column) return column;
    const have = columns.map((c) => c.name).slice(0, 20);
    throw new RequestError(
      name === undefined
        ? `${table.name} has ${columns.length} columns; entries are listed in three: row, column, value. Is it a matrix with gaps? Then give --dense.`
        : `${table.name} has no column '${name}' for --${option}; it has ${have.join(', ')}.`,
    );
  };
  const [rowColumn, colColumn, valueColumn] = [
    find('row', request.row, 0),
    find('col', request.col, 1),
    find('value', request.value, 2),
  ];
  if (new Set([rowColumn, colColumn, valueColumn]).size < 3) {
    throw new RequestError('--row, --col and --value must be three columns.');
  }
  const numbers = (column: Column): Float64Array => {
    if (column.type === 'number') return column.values;
    throw new RequestError(`Column '${column.name}' of ${table.name} holds ${column.levels[0]}, which is no number.`);
  };
  const values = numbers(valueColumn);
  const weights = request.weights === undefined ? undefined : numbers(find('weights', request.weights, -1));
  const keep = Int32Array.from(values.keys()).filter((e) => !Number.isNaN(values[e]));
  const gone = values.length - keep.length;
  const notes = gone > 0 ? [`Rows without a ${valueColumn.name} are left out: ${gone.toLocaleString('en')}.`] : [];
  if (request.row === undefined && request.col === undefined && request.value === undefined) {
    notes.push(`Entries: ${rowColumn.name}, ${colColumn.name}, ${valueColumn.name}.`);
  }
  const [rows, cols] = [places(table, rowColumn, keep), places(table, colColumn, keep)];
  return {
    rows: rows.names,
    cols: cols.names,
    row: rows.codes,
    col: cols.codes,
    value: Float64Array.from(keep, (e) => values[e]),
    weight: weights && Float64Array.from(keep, (e) => weights[e]),
    titles: { row: rowColumn.name, col: colColumn.name, value: valueColumn.name },
    notes,
  };
}

/** Names that occur, in order, and which one each entry has. */
function places(table: Table, column: Column, keep: Int32Array): { names: Names; codes: Int32Array } {
  const nameless = (e: number): never =>
    fail('NON_FINITE', `${table.name} has no ${column.name} in row ${e + 1}: whose value is it?`);
  if (column.type === 'number') {
    const names = [...new Set(Array.from(keep, (e) => column.values[e]))].sort((a, b) => a - b);
    const codes = new Map(names.map((name, k) => [name, k]));
    return {
      names,
      codes: keep.map((e) => (Number.isNaN(column.values[e]) ? nameless(e) : codes.get(column.values[e])!)),
    };
  }
  const used = [...new Set(keep.map((e) => (column.codes[e] < 0 ? nameless(e) : column.codes[e])))].sort(
    (a, b) => a - b,
  );
  const codes = new Map(used.map((level, k) => [level, k]));
  return { names: used.map((level) => column.levels[level]), codes: keep.map((e) => codes.get(column.codes[e])!) };
}
