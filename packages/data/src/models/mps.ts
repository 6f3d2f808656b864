import { CscMatrix } from '@southwell/numerics/arrays';
import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import type { Model } from '@southwell/numerics/expressions';
import { fixedFields, freeFields, type MpsField, namedAfter, numberIn } from './mps-fields.ts';

export interface ReadMpsOptions {
  /** Called with a sentence for whatever in the file has no single meaning: the reading that was chosen. */
  readonly onNote?: (note: string) => void;
}
const keys: OptionKeys<ReadMpsOptions> = { onNote: true };

/** Bounds and sides of at least this size are absent, as in other readers. */
const INFINITE = 1e20;

/**
 * Reads a linear or quadratic program in MPS or QPS format, fixed or free; names with spaces need the fixed format. The
 * right-hand side of the objective is its constant with the opposite sign. A negative upper bound without a lower one
 * removes the lower bound of 0, and an integer variable that BOUNDS does not mention is at most 1; notes say so.
 *
 * @example const model = readMps(readFileSync('afiro.mps', 'utf8'));
 * @throws INVALID_FORMAT, naming the line.
 */
export function readMps(text: string, options: ReadMpsOptions = {}): Model {
  knownKeys('readMps', options, keys);
  const lines = text.split(/\r\n|\n|\r/);
  const notes: string[] = [];
  let model: Model;
  try {
    model = new MpsReader(notes, freeFields).read(lines);
  } catch (error) {
    // Names with spaces: the columns of the fixed format tell where they end.
    const again: string[] = [];
    let fixed: Model;
    try {
      fixed = new MpsReader(again, fixedFields).read(lines);
    } catch {
      throw error;
    }
    notes.splice(0, notes.length, ...again);
    model = fixed;
  }
  for (const note of notes) options.onNote?.(note);
  return model;
}

type Kind = 'L' | 'G' | 'E';
type Fields = (line: string) => MpsField[];

/** Entries of a matrix in the order of the file. */
class Entries {
  private readonly rows: number[] = [];
  private readonly columns: number[] = [];
  private readonly values: number[] = [];
  private readonly lines: number[] = [];

  get count(): number {
    return this.values.length;
  }

  add(row: number, column: number, value: number, line: number): void {
    this.rows.push(row);
    this.columns.push(column);
    this.values.push(value);
    this.lines.push(line);
  }

  /** @param say Describes an entry that is there twice. */
  matrix(rows: number, columns: number, say: (row: number, column: number) => string): CscMatrix {
    const matrix = CscMatrix.fromTriplets(rows, columns, this.rows, this.columns, this.values);
    if (matrix.nnz === this.count) return matrix;
    const seen = new Set<number>();
    const k = this.rows.findIndex((row, at) => seen.size === seen.add(row * columns + this.columns[at]).size);
    fail('INVALID_FORMAT', `Line ${this.lines[k]}: ${say(this.rows[k], this.columns[k])} is there twice.`);
  }
}

class MpsReader {
  private name = '';
  private sense: 'minimize' | 'maximize' = 'minimize';
  private objective: string | undefined;
  private readonly otherObjectives = new Set<string>();
  private constant = 0;
  private readonly rowOf = new Map<string, number>();
  private readonly kinds: Kind[] = [];
  private readonly columnOf = new Map<string, number>();
  private readonly linear: number[] = [];
  private readonly integer: number[] = [];
  private inIntegers = false;
  private readonly A = new Entries();
  private readonly P = new Entries();
  private readonly sides = new Map<number, number>();
  private readonly ranges = new Map<number, number>();
  private readonly lower = new Map<number, number>();
  private readonly upper = new Map<number, number>();
  private readonly bounded = new Set<number>();
  private readonly costed = new Set<number>();
  /** Names of the first vector in RHS, RANGES and BOUNDS; further ones are alternatives. */
  private readonly vectors = new Map<string, string>();
  private section = '';
  private at = 0;

  constructor(
    private readonly notes: string[],
    private readonly fields: Fields,
  ) {}

  read(lines: readonly string[]): Model {
    let ended = false;
    for (const [k, line] of lines.entries()) {
      if (line === '' || line.startsWith('*') || line.trim() === '') continue;
      this.at = k + 1;
      if (!/^\s/.test(line)) {
        this.header(line);
        if (this.section === 'ENDATA') {
          ended = true;
          break;
        }
      } else this.data(line);
    }
    if (this.objective === undefined && this.rowOf.size === 0 && this.columnOf.size === 0) {
      fail('INVALID_FORMAT', 'This is not an MPS file: it has no ROWS and no COLUMNS section.');
    }
    if (!ended) this.note('The file has no ENDATA line; it may have been cut off.');
    return this.model();
  }

  private note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  private wrong(what: string): never {
    fail('INVALID_FORMAT', `Line ${this.at}: ${what}`);
  }

  private header(line: string): void {
    const [word, ...rest] = line.trim().split(/\s+/);
    const section = word.toUpperCase();
    if (section === 'NAME') this.name = line.slice(4).trim();
    else if (section === 'OBJSENSE' && rest.length > 0) this.setSense(rest[0]);
    else if (section === 'QSECTION' && rest.length > 0 && rest[0] !== this.objective) {
      this.wrong(`QSECTION of ${rest[0]}: quadratic terms are supported in the objective only.`);
    } else if (section === 'QCMATRIX') {
      this.wrong('QCMATRIX: quadratic terms are supported in the objective only.');
    } else if (!SECTIONS.has(section)) {
      this.wrong(`"${word}" is no section of an MPS file; sections are ${[...SECTIONS].join(', ')}.`);
    }
    this.section = section;
  }

  private setSense(word: string): void {
    if (/^max/i.test(word)) this.sense = 'maximize';
    else if (/^min/i.test(word)) this.sense = 'minimize';
    else this.wrong(`OBJSENSE is MIN or MAX, not "${word}".`);
  }

  private data(line: string): void {
    const { section } = this;
    const fields = this.fields(line);
    if (fields.length === 0) return;
    if (section === 'OBJSENSE') this.setSense(fields[0]);
    else if (section === 'ROWS') this.row(fields);
    else if (section === 'COLUMNS') this.column(fields);
    else if (section === 'RHS') this.pairs(fields, (row, value) => this.side(row, value));
    else if (section === 'RANGES') this.pairs(fields, (row, value) => this.range(row, value));
    else if (section === 'BOUNDS') this.bound(fields);
    else if (section === 'QUADOBJ' || section === 'QMATRIX' || section === 'QSECTION') this.quadratic(fields);
    else if (section === '' || section === 'NAME') this.wrong('data before the ROWS section.');
    else this.wrong(`data in the ${section} section, which is not supported.`);
  }

  private row(fields: readonly MpsField[]): void {
    if (fields.length !== 2) this.wrong('a row has a type (N, L, G or E) and a name.');
    const [kind, name] = [fields[0].toUpperCase(), fields[1]];
    if (this.rowOf.has(name) || this.objective === name || this.otherObjectives.has(name)) {
      this.wrong(`the row ${name} is there twice.`);
    }
    if (kind === 'N') {
      if (this.objective === undefined) this.objective = name;
      else {
        this.otherObjectives.add(name);
        this.note(`The objective is ${this.objective}; further free rows, such as ${name}, are left out.`);
      }
    } else if (kind === 'L' || kind === 'G' || kind === 'E') {
      this.rowOf.set(name, this.kinds.length);
      this.kinds.push(kind);
    } else this.wrong(`the type of a row is N, L, G or E, not "${fields[0]}".`);
  }

  private column(fields: readonly MpsField[]): void {
    if (fields.some((f) => f.replace(/'/g, '') === 'MARKER')) {
      const turn = fields.find((f) => /INTORG|INTEND/.test(f));
      if (!turn) this.wrong("a 'MARKER' line names 'INTORG' or 'INTEND'.");
      this.inIntegers = /INTORG/.test(turn);
      return;
    }
    const name = fields[0];
    let j = this.columnOf.get(name);
    if (j === undefined) {
      j = this.columnOf.size;
      this.columnOf.set(name, j);
      this.linear.push(0);
      this.integer.push(this.inIntegers ? 1 : 0);
    }
    if (fields.length % 2 === 0) this.wrong('a column has a name, then pairs of a row and a number.');
    for (let k = 1; k < fields.length; k += 2) {
      const value = this.number(fields[k + 1]);
      const row = this.rowNamed(fields[k]);
      if (row === -1) {
        if (this.costed.has(j)) this.wrong(`the entry of column ${name} in row ${fields[k]} is there twice.`);
        this.costed.add(j);
        this.linear[j] = value;
      } else if (row >= 0) this.A.add(row, j, value, this.at);
    }
  }

  /** The index of a row, −1 for the objective, −2 for free rows that are left out. */
  private rowNamed(name: string): number {
    const row = this.rowOf.get(name);
    if (row !== undefined) return row;
    if (name === this.objective) return -1;
    if (this.otherObjectives.has(name)) return -2;
    this.wrong(`there is no row ${name}.`);
  }

  private columnNamed(name: string): number {
    return this.columnOf.get(name) ?? this.wrong(`there is no column ${name}.`);
  }

  private number(text: string | undefined): number {
    const value = numberIn(text ?? '');
    if (value === undefined) this.wrong(text ? `"${text}" is not a number.` : 'a number is missing.');
    return value;
  }

  /** Whether a vector is the first of its section; alternatives are left out. */
  private first(name: string): boolean {
    const chosen = this.vectors.get(this.section);
    if (chosen === undefined) this.vectors.set(this.section, name);
    if (chosen === undefined || chosen === name) return true;
    this.note(`Of the vectors in ${this.section}, the first is read, ${chosen || 'without a name'}.`);
    return false;
  }

  private pairs(fields: readonly MpsField[], take: (row: number, value: number) => void): void {
    // The name of the vector may be left out.
    const named = fields.length % 2 === 1;
    if (!this.first(named ? fields[0] : '')) return;
    for (let k = named ? 1 : 0; k < fields.length; k += 2) take(this.rowNamed(fields[k]), this.number(fields[k + 1]));
  }

  private side(row: number, value: number): void {
    if (row === -1) this.constant = -value;
    else if (row >= 0) {
      if (this.sides.has(row)) this.wrong('a row has two right-hand sides.');
      this.sides.set(row, value);
    }
  }

  private range(row: number, value: number): void {
    if (row < 0) this.note('A range of a free row is left out.');
    else if (this.ranges.has(row)) this.wrong('a row has two ranges.');
    else this.ranges.set(row, value);
  }

  private bound(fields: readonly MpsField[]): void {
    const kind = fields[0].toUpperCase();
    if (!BOUNDS.has(kind)) this.wrong(`a bound is one of ${[...BOUNDS].join(', ')}, not "${fields[0]}".`);
    const without = kind === 'FR' || kind === 'MI' || kind === 'PL' || kind === 'BV';
    const named = namedAfter(fields, without, (name) => this.columnOf.has(name));
    if (!this.first(named ? fields[1] : '')) return;
    const name = fields[named ? 2 : 1];
    if (name === undefined) this.wrong('a bound has a type, a column and, for most types, a number.');
    const j = this.columnNamed(name);
    const value = without ? 0 : this.number(fields[named ? 3 : 2]);
    const { lower, upper } = this;
    this.bounded.add(j);
    if (kind === 'FR' || kind === 'MI') lower.set(j, Number.NEGATIVE_INFINITY);
    if (kind === 'FR' || kind === 'PL') upper.set(j, Number.POSITIVE_INFINITY);
    if (kind === 'LO' || kind === 'LI' || kind === 'FX') lower.set(j, value);
    if (kind === 'UP' || kind === 'UI' || kind === 'FX') upper.set(j, value);
    if (kind === 'BV') {
      lower.set(j, 0);
      upper.set(j, 1);
    }
    if (kind === 'LI' || kind === 'UI' || kind === 'BV') this.integer[j] = 1;
    if ((kind === 'UP' || kind === 'UI') && value < 0 && !lower.has(j)) {
      lower.set(j, Number.NEGATIVE_INFINITY);
      this.note(`${name} has a negative upper bound and no lower one, which is read as −∞, not 0.`);
    }
  }

  private quadratic(fields: readonly MpsField[]): void {
    if (fields.length !== 3 && fields.length !== 5) this.wrong('a quadratic term has two columns and a number.');
    const i = this.columnNamed(fields[0]);
    for (let k = 1; k < fields.length; k += 2) {
      const j = this.columnNamed(fields[k]);
      const value = this.number(fields[k + 1]);
      this.P.add(i, j, value, this.at);
      // QMATRIX states both triangles, the others one.
      if (this.section !== 'QMATRIX' && i !== j) this.P.add(j, i, value, this.at);
    }
  }

  private model(): Model {
    const n = this.columnOf.size;
    const m = this.kinds.length;
    const variables = {
      names: [...this.columnOf.keys()],
      lower: Float64Array.from({ length: n }, (_, j) => bounded(this.lower.get(j) ?? 0)),
      upper: Float64Array.from({ length: n }, (_, j) => bounded(this.upper.get(j) ?? this.defaultUpper(j))),
      integer: Uint8Array.from(this.integer),
    };
    const [lower, upper] = [new Float64Array(m), new Float64Array(m)];
    for (let i = 0; i < m; i++) [lower[i], upper[i]] = this.sidesOf(i);
    const rows = { names: [...this.rowOf.keys()], lower, upper, linear: this.matrixOfRows(m, n) };
    if (this.objective === undefined) this.note('The file has no objective: any feasible point is a solution.');
    const { names } = variables;
    const term = (i: number, j: number) => `the quadratic term of ${names[i]} and ${names[j]}`;
    const quadratic = this.P.count > 0 ? this.P.matrix(n, n, term) : undefined;
    if (quadratic) checkSymmetric(quadratic, variables.names);
    const objective = { name: this.objective ?? '', sense: this.sense, constant: this.constant };
    const linear = Float64Array.from(this.linear);
    return { name: this.name, variables, rows, objective: { ...objective, linear, quadratic }, suffixes: [] };
  }

  private matrixOfRows(m: number, n: number): CscMatrix {
    const [rows, columns] = [[...this.rowOf.keys()], [...this.columnOf.keys()]];
    return this.A.matrix(m, n, (i, j) => `the entry of column ${columns[j]} in row ${rows[i]}`);
  }

  private defaultUpper(j: number): number {
    if (!this.integer[j] || this.bounded.has(j)) return Number.POSITIVE_INFINITY;
    this.note('Integer variables without bounds are at most 1, as the format has it.');
    return 1;
  }

  private sidesOf(i: number): [number, number] {
    const side = this.sides.get(i) ?? 0;
    const range = this.ranges.get(i);
    const kind = this.kinds[i];
    const width = Math.abs(range ?? Number.POSITIVE_INFINITY);
    if (kind === 'L') return [bounded(side - width), bounded(side)];
    if (kind === 'G') return [bounded(side), bounded(side + width)];
    if (range === undefined) return [side, side];
    return range < 0 ? [side - width, side] : [side, side + width];
  }
}

const SECTIONS = new Set('NAME OBJSENSE ROWS COLUMNS RHS RANGES BOUNDS QUADOBJ QMATRIX QSECTION ENDATA'.split(' '));
const BOUNDS = new Set('LO UP FX FR MI PL BV LI UI'.split(' '));

const bounded = (v: number): number => (Math.abs(v) >= INFINITE ? Math.sign(v) * Number.POSITIVE_INFINITY : v);

function checkSymmetric({ cols, colPointers, rowIndices, values }: CscMatrix, names: readonly string[]): void {
  const at = new Map<number, number>();
  for (let j = 0; j < cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) at.set(rowIndices[k] * cols + j, values[k]);
  }
  for (const [key, value] of at) {
    const i = Math.floor(key / cols);
    const j = key % cols;
    if (at.get(j * cols + i) !== value) {
      fail('INVALID_FORMAT', `QMATRIX must be symmetric, but its terms of ${names[i]} and ${names[j]} differ.`);
    }
  }
}
