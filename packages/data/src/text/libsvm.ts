import { CscMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import type { Source } from '../io/source.ts';
import { ByteWindow, pieces } from '../io/window.ts';
import type { NumberColumn, ReadContext, Table } from '../table.ts';
import { scanNumber, scanned } from './numbers.ts';
import { rowPieces } from './pieces.ts';

const BLOCK = 1 << 16;
const MAX_COLUMNS = 1 << 28;
const LF = 10;
const HASH = 35;
const COLON = 58;

interface Block {
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

/** Evidence of some rows about the base of indices, the number of columns, and skipped parts. */
export interface LibsvmEvidence {
  readonly rows: number;
  readonly maxIndex: number;
  readonly zero: boolean;
  readonly queries: boolean;
}

/**
 * Parses LIBSVM/SVMlight text: one `label [qid:n] index:value … [# comment]` per line, with ascending indices. Entries
 * are kept in row-wise blocks of typed arrays and then sorted into compressed columns, each block being dropped after
 * use.
 */
export class LibsvmReader {
  private readonly window = new ByteWindow();
  private readonly full: Block[] = [];
  private block: Block = newBlock();
  private at = 0;
  private rowEnds = new Int32Array(1024);
  private labels = new Float64Array(1024);
  private minIndex = Number.POSITIVE_INFINITY;
  private maxIndex = -1;
  private nnz = 0;
  private line: number;
  private queries = false;
  /** Number of rows so far, without those taken by {@link take}. */
  rows = 0;

  /** @param line Number of physical lines before the fed data. */
  constructor(
    private readonly context: ReadContext,
    line = 0,
  ) {
    this.line = line;
  }

  feed(chunk: Uint8Array): void {
    this.window.append(chunk);
    const end = this.window.bytes.lastIndexOf(LF, this.window.used - 1) + 1;
    this.parse(end);
    this.window.discard(end);
  }

  private bad(what: string): never {
    fail('INVALID_FORMAT', `${this.context.name}, line ${this.line + 1}${what}`);
  }

  private show(at: number, lineStart: number): string {
    const { bytes } = this.window;
    let end = at;
    while (end < at + 30 && bytes[end] !== LF && bytes[end] !== 32 && bytes[end] !== 13) end++;
    return `, column ${at - lineStart + 1} has "${new TextDecoder('latin1').decode(bytes.subarray(at, end))}"`;
  }

  private parse(limit: number): void {
    const b = this.window.bytes;
    let { indices, values } = this.block;
    let k = this.at;
    let at = this.line === 0 && b[0] === 0xef && b[1] === 0xbb && b[2] === 0xbf ? 3 : 0;
    while (at < limit) {
      const lineStart = at;
      while (b[at] === 32 || b[at] === 9) at++;
      if (b[at] !== LF && b[at] !== 13 && b[at] !== HASH) {
        let end = scanNumber(b, at);
        if (end < 0) this.bad(`${this.show(at, lineStart)} where a label (a number) should be.`);
        if (b[end] === 44) this.bad(' has a list of labels; only one label a line can be read.');
        if (b[end] === COLON) this.bad(`${this.show(at, lineStart)} at its start, where a label should be.`);
        if (!isBlank(b[end])) this.bad(`${this.show(at, lineStart)} where a label (a number) should be.`);
        const label = scanned[0];
        at = end;
        let previous = -1;
        for (;;) {
          while (b[at] === 32 || b[at] === 9) at++;
          let c = b[at];
          if (c === LF || c === 13 || c === HASH) break;
          const start = at;
          if (c === 113 && b[at + 1] === 105 && b[at + 2] === 100 && b[at + 3] === COLON) {
            this.queries = true;
            at += 4;
            while (!isBlank(b[at])) at++;
            continue;
          }
          let index = 0;
          while ((c = b[at] - 48) >= 0 && c <= 9) {
            index = index * 10 + c;
            at++;
          }
          if (b[at] !== COLON || at === start) this.bad(`${this.show(start, lineStart)} where index:value should be.`);
          if (index <= previous) {
            this.bad(`: index ${index} comes after ${previous}; indices must ascend within a line and occur once.`);
          }
          end = scanNumber(b, at + 1);
          if (end < 0 || !isBlank(b[end])) {
            this.bad(`${this.show(start, lineStart)}, where the value is not a number.`);
          }
          at = end;
          if (previous < 0 && index < this.minIndex) this.minIndex = index;
          previous = index;
          indices[k] = index;
          values[k] = scanned[0];
          if (++k === BLOCK) {
            this.full.push(this.block);
            this.block = newBlock();
            ({ indices, values } = this.block);
            k = 0;
          }
          this.nnz++;
        }
        if (previous > this.maxIndex) {
          this.maxIndex = previous;
          if (previous > MAX_COLUMNS) this.bad(`: index ${previous} is too large; at most ${MAX_COLUMNS} can be read.`);
        }
        this.endRow(label);
      }
      while (b[at] !== LF) at++;
      at++;
      this.line++;
    }
    this.at = k;
  }

  private endRow(label: number): void {
    const { rows } = this;
    if (rows === this.labels.length) {
      const labels = new Float64Array(rows * 2);
      labels.set(this.labels);
      this.labels = labels;
      const ends = new Int32Array(rows * 2);
      ends.set(this.rowEnds);
      this.rowEnds = ends;
    }
    this.labels[rows] = label;
    this.rowEnds[rows] = this.nnz;
    this.rows++;
  }

  /**
   * Takes and drops the rows so far as full columns of these indices, counted from 0.
   * @throws INVALID_FORMAT for index 0 unless the options say that indices start there.
   */
  take(columns: readonly number[]): Float64Array[] {
    const { rows } = this;
    const base = this.base(this.context.options.zeroBased === true ? 0 : 1);
    const out = columns.map(() => new Float64Array(rows));
    const places = new Map<number, Float64Array[]>();
    columns.forEach((j, k) => {
      places.set(j + base, [...(places.get(j + base) ?? []), out[k]]);
    });
    this.full.push(this.block);
    let row = 0;
    for (let at = 0; at < this.nnz; at++) {
      const { indices, values } = this.full[Math.floor(at / BLOCK)];
      while (this.rowEnds[row] <= at) row++;
      const k = at % BLOCK;
      for (const column of places.get(indices[k]) ?? []) column[row] = values[k];
    }
    this.forget();
    return out;
  }

  private forget(): void {
    this.full.length = 0;
    this.at = 0;
    this.nnz = 0;
    this.rows = 0;
  }

  /** Whether index 0 has occurred; drops the rows so far. For examining a file before it is read. */
  startsAtZero(): boolean {
    this.forget();
    return this.minIndex === 0;
  }

  /** Takes and drops the rows so far as a matrix, with their labels. */
  takeSparse(base: 0 | 1): NonNullable<Table['sparse']> {
    const y = this.labels.slice(0, this.rows);
    const X = this.columns(this.base(base));
    this.block = newBlock();
    this.forget();
    return { X, y };
  }

  /** Number of columns seen, including those of rows already taken. */
  get cols(): number {
    return Math.max(0, this.maxIndex + 1 - (this.context.options.zeroBased === true ? 0 : 1));
  }

  /** Parses the remaining data. To be called after the last chunk. */
  end(): void {
    this.parse(this.window.used);
  }

  private base(base: 0 | 1): 0 | 1 {
    return checkedBase(this.context.name, base, this.minIndex === 0);
  }

  /** The evidence of the rows so far, as plain data. To be called after {@link end}. */
  get evidence(): LibsvmEvidence {
    const { rows, maxIndex, queries } = this;
    return { rows, maxIndex, zero: this.minIndex === 0, queries };
  }

  /**
   * The table or, given the evidence of all parts, this part of it.
   * @throws INVALID_FORMAT.
   */
  finish(parts: readonly LibsvmEvidence[] = [this.evidence]): Table {
    const { context } = this;
    if (parts.every(({ rows }) => rows === 0)) fail('INVALID_FORMAT', `${context.name} has no rows.`);
    const { zeroBased = 'auto' } = context.options;
    const zero = parts.some((part) => part.zero);
    const base = checkedBase(context.name, zeroBased === true || (zeroBased === 'auto' && zero) ? 0 : 1, zero);
    if (base === 0 && zeroBased === 'auto') context.notes.push('Index 0 occurs, so indices were taken to start at 0.');
    if (parts.some(({ queries }) => queries)) context.notes.push('Query ids (qid) were ignored.');
    this.maxIndex = Math.max(...parts.map(({ maxIndex }) => maxIndex));
    const X = this.columns(base);
    const y = this.labels.slice(0, this.rows);
    return {
      name: context.name,
      format: 'libsvm',
      rows: this.rows,
      columns: [],
      sparse: { X, y },
      indexBase: base,
      notes: context.notes,
    };
  }

  private columns(base: number): CscMatrix {
    const cols = Math.max(0, this.maxIndex + 1 - base);
    const X = CscMatrix.create(this.rows, cols, this.nnz);
    const { colPointers, rowIndices, values } = X;
    this.full.push(this.block);
    for (let t = 0, left = this.nnz; left > 0; t++, left -= BLOCK) {
      const { indices } = this.full[t];
      for (let k = 0; k < Math.min(BLOCK, left); k++) colPointers[indices[k] - base + 1]++;
    }
    for (let j = 0; j < cols; j++) colPointers[j + 1] += colPointers[j];
    const next = colPointers.slice(0, cols);
    let row = 0;
    for (let start = 0; start < this.nnz; start += BLOCK) {
      const block = this.full.shift()!;
      const count = Math.min(BLOCK, this.nnz - start);
      for (let k = 0; k < count; k++) {
        while (this.rowEnds[row] <= start + k) row++;
        const to = next[block.indices[k] - base]++;
        rowIndices[to] = row;
        values[to] = block.values[k];
      }
    }
    return X;
  }
}

function checkedBase(name: string, base: 0 | 1, zero: boolean): 0 | 1 {
  if (base === 1 && zero) {
    fail('INVALID_FORMAT', `${name} has index 0, but its columns were to be counted from 1 (not zero-based).`);
  }
  return base;
}

function newBlock(): Block {
  return { indices: new Int32Array(BLOCK), values: new Float64Array(BLOCK) };
}

function isBlank(c: number): boolean {
  return c === 32 || c === LF || c === 9 || c === 13 || c === HASH;
}

export async function readLibsvm(source: Source, context: ReadContext): Promise<Table> {
  const reader = new LibsvmReader(context);
  for await (const piece of pieces(source.stream(true))) {
    reader.feed(piece);
    context.progress(reader.rows);
  }
  reader.end();
  const table = reader.finish();
  context.progress(table.rows);
  return table;
}

/**
 * The file as matrices of rows with labels, one per piece of the file. If the base of the indices is open, it is
 * determined first, by an additional pass over the file.
 * @throws INVALID_FORMAT.
 */
export async function* libsvmMatrices(
  source: Source,
  context: ReadContext,
): AsyncGenerator<Required<Pick<Table, 'sparse' | 'indexBase'>>, void> {
  const { zeroBased = 'auto' } = context.options;
  let base: 0 | 1 = zeroBased === true ? 0 : 1;
  if (zeroBased === 'auto') {
    const look = new LibsvmReader(context);
    let zero = false;
    for await (const piece of pieces(source.stream(true))) {
      look.feed(piece);
      context.progress(0);
      zero = look.startsAtZero();
      if (zero) break;
    }
    // Not called after index 0 was found, because the rest of the file has not been fed.
    if (!zero) look.end();
    if (zero || look.startsAtZero()) {
      base = 0;
      context.notes.push('Index 0 occurs, so indices were taken to start at 0.');
    }
  }
  const reader = new LibsvmReader(context);
  const given = yield* rowPieces(source, context, reader, () => ({ sparse: reader.takeSparse(base), indexBase: base }));
  if (given === 0) fail('INVALID_FORMAT', `${context.name} has no rows.`);
}

/**
 * The wanted columns, x1, x2, …, as full columns in pieces of rows. Indices start at 1 unless `zeroBased: true`,
 * because index 0 may come last.
 * @throws INVALID_PARAMETER without `wanted`, because the last column is known only at the end, and for a column beyond
 * it; INVALID_FORMAT.
 */
export async function* libsvmBlocks(
  source: Source,
  context: ReadContext,
  wanted: readonly string[] | undefined,
): AsyncGenerator<readonly NumberColumn[], void> {
  const names = wanted ?? fail('INVALID_PARAMETER', `${context.name} is LIBSVM: name the columns to read, x1, x2, …`);
  const unknown = (name: string) => fail('INVALID_PARAMETER', `${context.name} has no column '${name}'.`);
  const chosen = names.map((name) => (/^x[1-9]\d{0,8}$/.test(name) ? Number(name.slice(1)) - 1 : unknown(name)));
  const reader = new LibsvmReader(context);
  const given = yield* rowPieces(source, context, reader, () =>
    reader.take(chosen).map((values, k) => ({ name: names[k], type: 'number' as const, values })),
  );
  if (given === 0) fail('INVALID_FORMAT', `${context.name} has no rows.`);
  const beyond = chosen.findIndex((j) => j >= reader.cols);
  if (beyond >= 0) unknown(names[beyond]);
}
