import type { Column, Table } from '@southwell/data';
import { DenseMatrix } from 'southwell';
import { wordsOf } from '../declaration/targets.ts';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import type { GameRequest } from './options.ts';

/** A game from a table. */
export interface NamedGame {
  readonly A: DenseMatrix;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly notes: readonly string[];
}

const numbered = (noun: string, n: number) => Array.from({ length: n }, (_, k) => `${noun} ${k + 1}`);

/** Whether a column has a word in each row, all different, of which none is a number. */
function namesRows(column: Column): boolean {
  if (column.type === 'number' || column.levels.length !== column.codes.length) return false;
  return column.codes.every((code) => code >= 0) && column.levels.every((level) => !isNumber(level));
}
const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text.replace(',', '.')));

/** Whether a column of numbers probably names rows rather than being a strategy. */
function looksLikeIds({ name, type, ...column }: Column): boolean {
  if (type !== 'number' || !('values' in column) || !/^(id|index|key|row|no|nr|name|strategy)\.?$/i.test(name))
    return false;
  return column.values.every(Number.isInteger) && new Set(column.values).size === column.values.length;
}

/** The words of a column. Throws unless there is one in each row, and all are different. */
function wordsIn(table: Table, column: Column): string[] {
  const words =
    column.type === 'number'
      ? Array.from(column.values, (value) => (Number.isNaN(value) ? undefined : String(value)))
      : Array.from(column.codes, (code) => column.levels[code] as string | undefined);
  const first = new Map<string, number>();
  return words.map((word, i) => {
    const where = `${table.name}: column '${column.name}'`;
    if (word === undefined) throw new RequestError(`${where} has no name in row ${i + 1}.`);
    const other = first.get(word);
    if (other !== undefined)
      throw new RequestError(
        `${where} has '${word}' in rows ${other} and ${i + 1}, but strategies need different names.`,
      );
    first.set(word, i + 1);
    return word;
  });
}

/** The payoffs and names of strategies in a table. Throws a sentence where a payoff is missing or no number. */
export function gameOf(table: Table, { names, drop }: GameRequest, { spell }: TaskTools): NamedGame {
  if (table.sparse) {
    if (names !== undefined)
      throw new RequestError(`${table.name} has no columns to name rows by (${spell('names')}).`);
    if (table.sparse.y)
      throw new RequestError(`${table.name} has labels beside its rows, but a game is a table of payoffs.`);
    const A = table.sparse.X.toDense();
    checkSize(table, A.rows, A.cols);
    return { A, rows: numbered('row', A.rows), columns: numbered('column', A.cols), notes: [] };
  }
  if (table.shape && table.shape.length > 2)
    throw new RequestError(
      `${table.name} is an array of ${table.shape.join(' × ')}, but the payoffs of a game have rows and columns only.`,
    );
  const all = table.columns.filter((column) => !drop?.includes(column.name));
  const asked =
    names === undefined
      ? undefined
      : [...table.columns, ...(table.index ? [table.index] : [])].find((c) => c.name === names);
  if (names !== undefined && !asked) {
    throw new RequestError(
      `${table.name} has no column '${names}' for ${spell('names')}; it has ${all
        .slice(0, 8)
        .map((c) => c.name)
        .join(', ')}.`,
    );
  }
  const found = asked ?? table.index ?? (all[0] && namesRows(all[0]) ? all[0] : undefined);
  const columns = all.filter((column) => column !== found);
  checkSize(table, table.rows, columns.length);
  const rows = found ? wordsIn(table, found) : numbered('row', table.rows);
  const A = DenseMatrix.fromColumns(columns.map((column) => payoffsIn(table, column, found && rows)));
  const notes = [
    ...(found && found !== asked && found !== table.index
      ? [`Column '${found.name}' names the strategies in rows.`]
      : []),
    ...(!found && looksLikeIds(columns[0])
      ? [
          `Column '${columns[0].name}' is a strategy here; if it names the rows, give ${spell('names', columns[0].name)}.`,
        ]
      : []),
  ];
  // Readers number columns without names.
  const unnamed = columns.every(({ name }, j) => name === `x${j + 1}`);
  return { A, rows, columns: unnamed ? numbered('column', A.cols) : columns.map(({ name }) => name), notes };
}

function checkSize({ name }: Table, rows: number, cols: number): void {
  if (rows === 0) throw new RequestError(`${name} has no rows, and so no strategy of the player who chooses them.`);
  if (cols === 0)
    throw new RequestError(`${name} has no columns of payoffs, and so no strategy of the player who chooses them.`);
}

function payoffsIn(table: Table, column: Column, rows: readonly string[] | undefined): Float64Array {
  const where = `${table.name}: column '${column.name}'`;
  if (column.type !== 'number')
    throw new RequestError(`${where} holds ${wordsOf(column)}, but payoffs are numbers: correct it, or leave it out.`);
  const bad = column.values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const row = `row ${bad + 1}${rows ? ` (${rows[bad]})` : ''}`;
    const what = Number.isNaN(column.values[bad]) ? 'has no payoff' : `holds ${column.values[bad]}`;
    throw new RequestError(`${where} ${what} in ${row}: each pair of strategies needs a finite one.`);
  }
  return column.values;
}
