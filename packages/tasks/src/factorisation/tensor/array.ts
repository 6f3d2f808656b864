import { asWritten, type Column, type NumberColumn, type Table } from '@southwell/data';
import { SparseTensor, Tensor } from 'southwell/tensors';
import type { Spell } from '../../declaration/check.ts';
import { RequestError } from '../../errors.ts';
import { grouped } from '../../format.ts';
import { noNumber } from '../completion/entries.ts';
import type { TensorRequest } from './options.ts';

export type Names = ReadonlyArray<string | number>;

/** A mode: its name, and the names of its indices. */
export interface Mode {
  readonly title: string;
  readonly names: Names;
}

/** The tensor of a table, with the names of its indices. */
export interface NamedTensor {
  readonly tensor: Tensor | SparseTensor;
  readonly modes: readonly Mode[];
  readonly value: string;
  readonly notes: readonly string[];
}

const MOST_MODES = 16;

export function tensorOf(table: Table, request: TensorRequest, spell: Spell): NamedTensor {
  if (table.sparse) {
    throw new RequestError(
      `${table.name} is a sparse matrix, which has two modes: use factor svd, nmf or complete; for a tensor list the entries, with ${spell('index')}.`,
    );
  }
  const found =
    request.index && request.index.length > 0 ? ofEntries(table, request, spell) : ofArray(table, request, spell);
  if (found.modes.length > MOST_MODES) {
    throw new RequestError(`${table.name} has ${found.modes.length} modes; at most ${MOST_MODES} can be factored.`);
  }
  return found;
}

const counted = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

/** The table is the array: rows for the first mode, and all other modes within each row. */
function ofArray(table: Table, { missing = false }: TensorRequest, spell: Spell): NamedTensor {
  const [given, ...others] = table.columns;
  const first = given && asWritten(given);
  // A first column that is not numeric, in a table with two modes, contains row names.
  const label = table.shape === undefined && first && first.type !== 'number' && others.length > 0 ? first : undefined;
  const columns = label ? others : table.columns;
  const shape = table.shape ?? [table.rows, columns.length];
  const n = columns.length;
  const data = new Float64Array(table.rows * n);
  for (const [j, column] of columns.entries()) {
    if (column.type !== 'number') {
      const { message } = noNumber(table, column);
      throw new RequestError(
        `${message} For a table of entries give its index columns by ${spell('index')} and the column of values by ${spell('value')}.`,
      );
    }
    for (let i = 0; i < table.rows; i++) data[i * n + j] = column.values[i];
  }
  const tensor = new Tensor(shape, data);
  const strange = data.findIndex((v) => !Number.isFinite(v) && !(missing && Number.isNaN(v)));
  if (strange >= 0) {
    const at = shape.map((size, k) => (Math.floor(strange / tensor.strides[k]) % size) + 1).join(', ');
    throw new RequestError(
      Number.isNaN(data[strange])
        ? `${table.name} has no number at (${at}), counted from 1: fill it in, or give ${spell('missing', true)} (cp and tucker), which ignores missing values.`
        : `${table.name} holds ${data[strange]} at (${at}), counted from 1: correct it.`,
    );
  }
  if (data.every(Number.isNaN)) throw new RequestError(`All values of ${table.name} are missing.`);
  const modes = shape.map((size, k): Mode => ({ title: `mode_${k + 1}`, names: counted(size) }));
  if (table.shape === undefined) {
    const names = label ? Array.from(label.codes, (code, i) => label.levels[code] ?? i + 1) : counted(table.rows);
    modes[0] = { title: label?.name ?? 'mode_1', names };
    modes[1] = { title: 'mode_2', names: columns.map(({ name }) => name) };
  }
  return { tensor, modes, value: 'value', notes: [] };
}

/** A table with a row for each entry. */
function ofEntries(table: Table, request: TensorRequest, spell: Spell): NamedTensor {
  const { index = [], missing = false } = request;
  const have = table.columns
    .map((c) => c.name)
    .slice(0, 20)
    .join(', ');
  const find = (option: string, name: string): Column => {
    const column = table.columns.find((c) => c.name === name);
    if (!column) throw new RequestError(`${table.name} has no column '${name}' for ${spell(option)}; it has ${have}.`);
    return column;
  };
  if (index.length < 2) {
    throw new RequestError(`${spell('index')} needs at least two columns, one for each mode, such as i,j,k.`);
  }
  const twice = index.find((name, k) => index.indexOf(name) < k);
  if (twice !== undefined) throw new RequestError(`${spell('index')} names the column '${twice}' twice.`);
  const columns = index.map((name) => asWritten(find('index', name)));
  const value = valueColumn(table, request, spell, find);
  const { values } = value;
  const { shape } = request;
  if (shape && shape.length !== index.length) {
    throw new RequestError(
      `${spell('shape')} must be ${index.length} sizes, one for each column of ${spell('index')}.`,
    );
  }
  const gap = values.findIndex(Number.isNaN);
  if (gap >= 0 && !missing) {
    throw new RequestError(
      `${table.name} has no value in row ${gap + 1}: fill it in, or give ${spell('missing', true)}, which ignores missing values.`,
    );
  }
  const strange = values.findIndex((v) => Math.abs(v) === Number.POSITIVE_INFINITY);
  if (strange >= 0) throw new RequestError(`${table.name} holds ${values[strange]} in row ${strange + 1}: correct it.`);
  const coded = columns.map((column, k) => (shape ? placed(table, column, shape[k], spell) : named(table, column)));
  const rows = Int32Array.from(values.keys()).filter((i) => !Number.isNaN(values[i]));
  if (rows.length === 0) throw new RequestError(`${table.name} has no entries to factor.`);
  checkTwice(table, coded, rows);
  const sizes = coded.map(({ names }) => names.length);
  const size = sizes.reduce((product, n) => product * n, 1);
  const rest = size - rows.length;
  const tensor = rest > 0 ? listed(sizes, coded, values, rows, missing) : filled(sizes, coded, values);
  const notes =
    rest > 0
      ? [`${grouped(rest)} of ${grouped(size)} entries are not listed and treated as ${missing ? 'missing' : 'zero'}.`]
      : [];
  const modes = coded.map(({ names }, k): Mode => ({ title: index[k], names }));
  return { tensor, modes, value: value.name, notes };
}

/** The entries as a sparse tensor. */
const listed = (
  sizes: readonly number[],
  coded: readonly Coded[],
  values: Float64Array,
  rows: Int32Array,
  missing: boolean,
): SparseTensor =>
  new SparseTensor(
    sizes,
    coded.map(({ codes }) => rows.map((i) => codes[i])),
    Float64Array.from(rows, (i) => values[i]),
    missing,
  );

/** All entries are listed: a dense tensor, which is faster for all methods. */
function filled(sizes: readonly number[], coded: readonly Coded[], values: Float64Array): Tensor {
  const tensor = new Tensor(sizes, new Float64Array(values.length));
  for (let i = 0; i < values.length; i++) {
    let at = 0;
    for (let k = 0; k < sizes.length; k++) at += coded[k].codes[i] * tensor.strides[k];
    tensor.data[at] = values[i];
  }
  return tensor;
}

interface Coded {
  readonly names: Names;
  readonly codes: Int32Array;
}

function valueColumn(
  table: Table,
  { index = [], value }: TensorRequest,
  spell: Spell,
  find: (option: string, name: string) => Column,
): NumberColumn {
  const others = table.columns.filter((c) => c.type === 'number' && !index.includes(c.name));
  if (value === undefined && others.length !== 1) {
    throw new RequestError(
      others.length === 0
        ? `${table.name} has no numeric column besides those of ${spell('index')}: give the column of values by ${spell('value')}.`
        : `${table.name} c.name).join(', ')}): say which holds the values by ${spell('value')}. => has several numeric columns (${others.map((c) => c.name).join(', ')}): give the column of values by ${spell('value')}. => c.name).join(', ')}): say which holds the values by ${spell('value')}.`,
    );
  }
  const column = value === undefined ? others[0] : find('value', value);
  if (index.includes(column.name))
    throw new RequestError(`'${column.name}' is a column of ${spell('index')} and of ${spell('value')}.`);
  if (column.type !== 'number') throw noNumber(table, column);
  return column;
}

/** Indices are names, sorted if numeric, otherwise in the order of the table. */
function named(table: Table, column: Column): Coded {
  if (column.type !== 'number') {
    const nameless = column.codes.indexOf(-1);
    if (nameless >= 0)
      throw new RequestError(`${table.name} has no value in column '${column.name}' of row ${nameless + 1}.`);
    const used = [...new Set(column.codes)].sort((a, b) => a - b);
    const place = new Map(used.map((code, i) => [code, i]));
    return {
      names: used.map((code) => column.levels[code]),
      codes: Int32Array.from(column.codes, (code) => place.get(code)!),
    };
  }
  const nameless = column.values.findIndex((v) => !Number.isFinite(v));
  if (nameless >= 0)
    throw new RequestError(`${table.name} has no index in column '${column.name}' of row ${nameless + 1}.`);
  const names = [...new Set(column.values)].sort((a, b) => a - b);
  const place = new Map(names.map((name, i) => [name, i]));
  return { names, codes: Int32Array.from(column.values, (v) => place.get(v)!) };
}

/** Indices are whole numbers from 1 to a size. */
function placed(table: Table, column: Column, size: number, spell: Spell): Coded {
  if (!Number.isSafeInteger(size)) throw new RequestError(`${spell('shape')} takes whole numbers, not ${size}.`);
  if (column.type !== 'number') {
    throw new RequestError(`${noNumber(table, column).message} Without ${spell('shape')}, indices are names.`);
  }
  const wrong = column.values.findIndex((v) => !(Number.isInteger(v) && v >= 1 && v <= size));
  if (wrong >= 0) {
    throw new RequestError(
      `${table.name} has index ${column.values[wrong]} in column '${column.name}' of row ${wrong + 1}: by ${spell('shape')} it must be a whole number from 1 to ${size}.`,
    );
  }
  return { names: counted(size), codes: Int32Array.from(column.values, (v) => v - 1) };
}

function checkTwice(table: Table, coded: readonly Coded[], rows: Int32Array): void {
  const seen = new Map<string, number>();
  for (const i of rows) {
    const place = coded.map(({ codes }) => codes[i]).join(' ');
    const before = seen.get(place);
    if (before !== undefined) {
      const names = coded.map(({ codes, names: of }) => of[codes[i]]).join(', ');
      throw new RequestError(
        `${table.name} has (${names}) twice, in rows ${before + 1} and ${i + 1}: keep one of the values.`,
      );
    }
    seen.set(place, i);
  }
}
