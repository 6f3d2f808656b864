import { fail } from '@southwell/numerics/core';
import type { Suffix } from '@southwell/numerics/expressions';

/** A solution in AMPL's .sol format. */
export interface NlSolution {
  /** What the solver has to say. */
  readonly message: string;
  /** The numbers in the first line of the .nl file, which AMPL wants back. */
  readonly options?: readonly number[];
  /** Number of rows and variables of the model. */
  readonly rows: number;
  readonly variables: number;
  /** Values of the variables, if there are such. */
  readonly x?: Float64Array;
  /** Multipliers of the rows, if there are such: by AMPL's sign the change of the objective per unit of the bound. */
  readonly multipliers?: Float64Array;
  /** Index of the objective. */
  readonly objective?: number;
  /**
   * How it ended, as AMPL numbers it: 0 … 99 solved, 100 … 199 solved perhaps, 200 … 299 infeasible, 300 … 399
   * unbounded, 400 … 499 a limit was reached, 500 … 599 failed.
   */
  readonly status?: number;
  readonly suffixes?: readonly Suffix[];
}

const KINDS = ['variables', 'rows', 'objectives', 'problem'] as const;
const REAL = 4;
/** The second of the options if a further number, a tolerance, ends the block. */
const WITH_TOLERANCE = 3;

/**
 * Writes a solution for AMPL. Without options as AMPL's default 1 1 0.
 * @throws INVALID_SHAPE if there are other values than variables, or multipliers than rows.
 */
export function writeSol(solution: NlSolution): string {
  const { message, options = [1, 1, 0], rows, variables, x, multipliers, objective = 0, status = 0 } = solution;
  if ((x && x.length !== variables) || (multipliers && multipliers.length !== rows))
    fail('INVALID_SHAPE', `The model has ${variables} variables and ${rows} rows; there are other values than those.`);
  // An empty line ends the message.
  const lines = message
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line || ' ');
  // A tolerance is not kept, so that none is announced.
  const kept = options.map((option, k) => (k === 1 && option === WITH_TOLERANCE ? 1 : option));
  lines.push('', 'Options', String(kept.length), ...kept.map(String));
  lines.push(String(rows), String(multipliers?.length ?? 0), String(variables), String(x?.length ?? 0));
  for (const value of multipliers ?? []) lines.push(String(value));
  for (const value of x ?? []) lines.push(String(value));
  lines.push(`objno ${objective} ${status}`);
  for (const { name, of, whole, indices, values } of solution.suffixes ?? []) {
    const kind = KINDS.indexOf(of) + (whole ? 0 : REAL);
    const length = new TextEncoder().encode(name).length + 1;
    lines.push(`suffix ${kind} ${indices.length} ${length} 0 0`, name);
    indices.forEach((index, k) => {
      lines.push(`${index} ${values[k]}`);
    });
  }
  return `${lines.join('\n')}\n`;
}

/** The lines of a .sol file, one after the other. */
class Lines {
  private readonly lines: readonly string[];
  private at = 0;

  constructor(text: string) {
    this.lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
    if (this.lines.at(-1) === '') this.lines = this.lines.slice(0, -1);
  }

  next(what: string): string {
    if (this.at >= this.lines.length) this.fail(`the file ends where ${what} is expected.`);
    return this.lines[this.at++];
  }

  get remaining(): number {
    return this.lines.length - this.at;
  }

  peek(): string | undefined {
    return this.lines[this.at];
  }

  /** The numbers of a line. */
  numbers(what: string, count: number): number[] {
    const words = this.next(what).trim().split(/\s+/);
    const values = words.slice(0, count).map(numberOf);
    if (values.length < count || values.some((value) => value === undefined))
      this.fail(`${what} is expected, but there is '${words.join(' ')}'.`, 1);
    return values as number[];
  }

  whole(what: string, most = Number.POSITIVE_INFINITY): number {
    const [value] = this.numbers(what, 1);
    if (!(Number.isInteger(value) && value >= 0 && value <= most)) this.fail(`${what} is ${value}.`, 1);
    return value;
  }

  fail(sentence: string, back = 0): never {
    return fail('INVALID_FORMAT', `Line ${this.at + 1 - back} of the .sol file: ${sentence}`);
  }
}

function numberOf(word: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word)) return Number(word);
  if (/^[+-]?inf(inity)?$/i.test(word))
    return word.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^[+-]?nan$/i.test(word) ? Number.NaN : undefined;
}

/**
 * Reads a solution that a solver wrote for AMPL, as text.
 * @param sizes Rows and variables of the model, needed if the file has no block of options that tells them.
 * @throws INVALID_FORMAT for a damaged file, with the line.
 */
export function readSol(text: string, sizes?: { readonly rows: number; readonly variables: number }): NlSolution {
  const lines = new Lines(text);
  // A record of Fortran: its length, then the word.
  if (text.charCodeAt(0) === 6 && text.startsWith('binary', 4))
    lines.fail('the solution is binary, and only texts are read.');
  const message: string[] = [];
  for (let line = lines.next('the message'); line !== ''; line = lines.next('the end of the message'))
    message.push(line.trimEnd());
  while (lines.peek() === '') lines.next('the options');
  const options: number[] = [];
  let counts = [sizes?.rows ?? 0, sizes?.rows ?? 0, sizes?.variables ?? 0, sizes?.variables ?? 0];
  if (lines.peek()?.startsWith('Options')) {
    lines.next('the options');
    const stated = lines.whole('the number of options', 9);
    let more = stated;
    for (let k = 0; k < more; k++) {
      options.push(lines.numbers('an option', 1)[0]);
      // The tolerance counts as two of the options, and follows the numbers of rows and variables.
      if (k === 1 && options[1] === WITH_TOLERANCE) more = stated - 2;
    }
    counts = ['rows', 'multipliers', 'variables', 'values'].map((what) => lines.whole(`the number of ${what}`));
    if (more < stated) lines.numbers('a tolerance', 1);
  } else if (!sizes) lines.fail('without options, the numbers of rows and variables have to be given.');
  const [rows, givenMultipliers, variables, givenValues] = counts;
  const vector = (count: number, size: number, what: string): Float64Array | undefined => {
    if (count !== 0 && count !== size) lines.fail(`there are ${count} ${what}s instead of ${size}.`);
    if (count === 0 && size > 0) return undefined;
    const values = new Float64Array(Math.min(count, lines.remaining + 1));
    for (let k = 0; k < count; k++) values[k] = lines.numbers(`a ${what}`, 1)[0];
    return values;
  };
  const multipliers = vector(givenMultipliers, rows, 'multiplier');
  const x = vector(givenValues, variables, 'value');
  let [objective, status]: [number | undefined, number | undefined] = [undefined, undefined];
  if (lines.peek()?.startsWith('objno')) {
    const words = lines.next('the objective').trim().split(/\s+/);
    [objective, status] = [numberOf(words[1] ?? ''), numberOf(words[2] ?? '')];
    if (objective === undefined) lines.fail(`the number of the objective is expected after 'objno'.`, 1);
  }
  const limits = { variables, rows, objectives: Number.POSITIVE_INFINITY, problem: 1 };
  const suffixes: Suffix[] = [];
  while (lines.peek()?.startsWith('suffix')) suffixes.push(suffixOf(lines, limits));
  if (lines.peek()?.trim()) lines.fail(`a suffix or the end of the file is expected, but there is '${lines.peek()}'.`);
  return { message: message.join('\n').trim(), options, rows, variables, x, multipliers, objective, status, suffixes };
}

function suffixOf(lines: Lines, limits: Readonly<Record<Suffix['of'], number>>): Suffix {
  const [kind, count, , , tableLines] = lines
    .next('a suffix')
    .trim()
    .split(/\s+/)
    .slice(1)
    .map((word) => numberOf(word) ?? Number.NaN);
  if (!(kind >= 0 && count >= 0)) lines.fail("after 'suffix', its kind and its number of values are expected.", 1);
  const name = lines.next('the name of a suffix').trim();
  for (let k = 0; k < (tableLines || 0); k++) lines.next('a table of values');
  if (!(count <= lines.remaining)) lines.fail(`the file ends within the suffix ${name}.`);
  const of = KINDS[kind % REAL];
  const indices = new Int32Array(count);
  const values = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const [index, value] = lines.numbers(`an index and a value of the suffix ${name}`, 2);
    if (!(Number.isInteger(index) && index >= 0 && index < limits[of]))
      lines.fail(`the index ${index} of the suffix ${name} is out of range.`, 1);
    indices[k] = index;
    values[k] = value;
  }
  return { name, of, whole: (kind & REAL) === 0, indices, values };
}
