import { CscMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import type { Source } from '../io/source.ts';
import { ByteWindow, pieces } from '../io/window.ts';
import type { NumberColumn, ReadContext, Table } from '../table.ts';
import { scanNumber, scanned } from './numbers.ts';

const LF = 10;
/** Maximum number of rows or columns: a compressed matrix takes memory for each of them, used or not. */
const MAX_SIDE = 1 << 28;
const MAX_ENTRIES = 0x7fffffff;

type Symmetry = 'general' | 'symmetric' | 'skew-symmetric';

/**
 * Matrix Market exchange format (Boisvert, Pozo, Remington 1996, NISTIR 5935): coordinate and array; real, integer,
 * pattern; general, symmetric, skew-symmetric. The stored triangle is mirrored; repeated coordinates are summed.
 */
class MatrixMarketReader {
  private readonly window = new ByteWindow();
  private line = 0;
  private banner: { coordinate: boolean; pattern: boolean; symmetry: Symmetry } | undefined;
  private size: { rows: number; cols: number; entries: number } | undefined;
  private rowOf = new Int32Array(1024);
  private colOf = new Int32Array(1024);
  private values = new Float64Array(1024);
  private numbers = new Float64Array(3);
  found = 0;

  constructor(private readonly context: ReadContext) {}

  feed(chunk: Uint8Array): void {
    this.window.append(chunk);
    const end = this.window.bytes.lastIndexOf(LF, this.window.used - 1) + 1;
    this.parse(end);
    this.window.discard(end);
  }

  private bad(what: string): never {
    fail('INVALID_FORMAT', `${this.context.name}, line ${this.line + 1}${what}`);
  }

  private parse(limit: number): void {
    const b = this.window.bytes;
    let at = 0;
    while (at < limit) {
      const start = at;
      if (!this.banner) {
        at = b.indexOf(LF, at);
        this.readBanner(new TextDecoder('latin1').decode(b.subarray(start, at)));
      } else {
        while (b[at] === 32 || b[at] === 9 || b[at] === 13) at++;
        if (b[at] === 37 || b[at] === LF) at = b.indexOf(LF, at);
        else at = this.readNumbers(b, at, start);
      }
      at++;
      this.line++;
    }
  }

  private readBanner(text: string): void {
    const [mark, object, format, field, symmetry] = text.trim().toLowerCase().split(/\s+/);
    if (mark !== '%%matrixmarket' || symmetry === undefined) {
      this.bad(' should read "%%MatrixMarket matrix coordinate real general" or the like.');
    }
    if (object !== 'matrix') this.bad(` declares a ${object}; only matrices can be read.`);
    if (format !== 'coordinate' && format !== 'array') {
      this.bad(` declares the format "${format}"; it should be coordinate or array.`);
    }
    if (field === 'complex' || symmetry === 'hermitian') {
      this.bad(' declares complex numbers, which are not supported. Write the real and imaginary parts apart.');
    }
    if (!['real', 'double', 'integer', 'pattern'].includes(field) || (field === 'pattern' && format === 'array')) {
      this.bad(` declares the field "${field}"; it should be real, integer or (coordinate only) pattern.`);
    }
    if (symmetry !== 'general' && symmetry !== 'symmetric' && symmetry !== 'skew-symmetric') {
      this.bad(` declares the symmetry "${symmetry}"; it should be general, symmetric or skew-symmetric.`);
    }
    this.banner = { coordinate: format === 'coordinate', pattern: field === 'pattern', symmetry };
  }

  /**
   * Parses the numbers of one line, which are the dimensions or an entry; returns the position of the end of the line.
   */
  private readNumbers(b: Uint8Array, at: number, start: number): number {
    const { coordinate, pattern } = this.banner!;
    const wanted = this.size ? (coordinate ? (pattern ? 2 : 3) : 1) : coordinate ? 3 : 2;
    let count = 0;
    for (; ; count++) {
      while (b[at] === 32 || b[at] === 9 || b[at] === 13) at++;
      if (b[at] === LF) break;
      const end = scanNumber(b, at);
      const c = b[end];
      if (end < 0 || !(c === 32 || c === LF || c === 9 || c === 13)) {
        this.bad(`, column ${at - start + 1} is not a number.`);
      }
      if (count < 3) this.numbers[count] = scanned[0];
      at = end;
    }
    if (count !== wanted) this.bad(` has ${count} number(s) where ${wanted} are expected.`);
    if (this.size) this.addEntry();
    else this.readSize();
    return at;
  }

  private readSize(): void {
    const { coordinate, symmetry } = this.banner!;
    const [rows, cols, nnz] = this.numbers;
    const whole = (v: number, min: number, max: number) => Number.isInteger(v) && v >= min && v <= max;
    if (!whole(rows, 1, MAX_SIDE) || !whole(cols, 1, MAX_SIDE)) {
      this.bad(` gives ${rows} × ${cols}; 1 to 2^28 rows and columns can be read.`);
    }
    if (coordinate && !whole(nnz, 0, MAX_ENTRIES)) this.bad(` gives ${nnz} entries; 0 to 2^31 - 1 can be read.`);
    if (symmetry !== 'general' && rows !== cols)
      this.bad(` gives ${rows} × ${cols}, but a ${symmetry} matrix is square.`);
    const entries = coordinate
      ? nnz
      : symmetry === 'general'
        ? rows * cols
        : symmetry === 'symmetric'
          ? (rows * (rows + 1)) / 2
          : (rows * (rows - 1)) / 2;
    this.size = { rows, cols, entries };
  }

  private addEntry(): void {
    const { coordinate, pattern, symmetry } = this.banner!;
    const { rows, cols, entries } = this.size!;
    const k = this.found;
    if (k >= entries) this.bad(` is an entry beyond the ${entries} declared.`);
    if (k === this.values.length) {
      // Grown as data arrive, because a declared size may be wrong.
      const length = Math.min(entries, k * 2);
      this.values = copyOf(this.values, new Float64Array(length));
      if (coordinate) {
        this.rowOf = copyOf(this.rowOf, new Int32Array(length));
        this.colOf = copyOf(this.colOf, new Int32Array(length));
      }
    }
    if (coordinate) {
      const [i, j, value] = this.numbers;
      if (!(Number.isInteger(i) && i >= 1 && i <= rows && Number.isInteger(j) && j >= 1 && j <= cols)) {
        this.bad(` has the entry (${i}, ${j}), outside 1 … ${rows} × 1 … ${cols}.`);
      }
      if (symmetry !== 'general' && (i < j || (i === j && symmetry === 'skew-symmetric'))) {
        this.bad(` has the entry (${i}, ${j}), but a ${symmetry} file holds only what is below the diagonal.`);
      }
      this.rowOf[k] = i - 1;
      this.colOf[k] = j - 1;
      this.values[k] = pattern ? 1 : value;
    } else this.values[k] = this.numbers[0];
    this.found++;
  }

  finish(): Table {
    const { context } = this;
    if (this.window.used > 0) {
      this.window.used++; // the line feed after the last line
      this.parse(this.window.used);
    }
    if (!this.banner || !this.size) {
      this.bad(`: the file ends before the line with the size of the matrix.`);
    }
    if (this.found < this.size.entries) {
      this.bad(`: the file ends after ${this.found} of ${this.size.entries} entries. Is it cut off?`);
    }
    const { rows } = this.size;
    const base = { name: context.name, format: 'matrix-market' as const, rows, notes: context.notes };
    return this.banner.coordinate
      ? { ...base, columns: [], sparse: { X: this.sparse() } }
      : { ...base, columns: this.columns() };
  }

  private sparse(): CscMatrix {
    const { rows, cols } = this.size!;
    const { symmetry } = this.banner!;
    const n = this.found;
    let { rowOf, colOf, values } = this;
    let total = n;
    if (symmetry !== 'general') {
      for (let k = 0; k < n; k++) if (rowOf[k] !== colOf[k]) total++;
      const sign = symmetry === 'symmetric' ? 1 : -1;
      rowOf = copyOf(rowOf.subarray(0, n), new Int32Array(total));
      colOf = copyOf(colOf.subarray(0, n), new Int32Array(total));
      values = copyOf(values.subarray(0, n), new Float64Array(total));
      for (let k = 0, to = n; k < n; k++) {
        if (rowOf[k] === colOf[k]) continue;
        rowOf[to] = colOf[k];
        colOf[to] = rowOf[k];
        values[to++] = sign * values[k];
      }
    }
    return CscMatrix.fromTriplets(rows, cols, rowOf, colOf, values.subarray(0, total));
  }

  private columns(): NumberColumn[] {
    const { rows, cols } = this.size!;
    const { symmetry } = this.banner!;
    const columns = Array.from({ length: cols }, () => new Float64Array(rows));
    let k = 0;
    for (let j = 0; j < cols; j++) {
      const from = symmetry === 'general' ? 0 : symmetry === 'symmetric' ? j : j + 1;
      for (let i = from; i < rows; i++) {
        const value = this.values[k++];
        columns[j][i] = value;
        if (symmetry !== 'general') columns[i][j] = symmetry === 'symmetric' ? value : -value;
        if (symmetry === 'skew-symmetric') columns[j][i] = value;
      }
    }
    return columns.map((values, j) => ({ name: `x${j + 1}`, type: 'number', values }));
  }
}

function copyOf<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from as never);
  return to;
}

export async function readMatrixMarket(source: Source, context: ReadContext): Promise<Table> {
  const reader = new MatrixMarketReader(context);
  for await (const piece of pieces(source.stream(true))) {
    reader.feed(piece);
    context.progress(reader.found);
  }
  const table = reader.finish();
  context.progress(table.rows);
  return table;
}
