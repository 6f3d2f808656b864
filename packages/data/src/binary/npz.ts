import { CscMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { type Source, toSource } from '../io/source.ts';
import { zipEntries } from '../io/zip.ts';
import { type ReadContext, type Table, uniqueNames } from '../table.ts';
import { fillColumns, npyLayout } from './npy.ts';
import { RoundedIntegers } from './rounded.ts';

/** An array of an .npz archive as columns: a vector is one column, a scalar a column of length 1. */
interface Arrays {
  readonly [key: string]: {
    readonly rows: number;
    readonly columns: readonly Float64Array[];
    readonly shape: readonly number[];
    readonly rounded: RoundedIntegers;
  };
}

/**
 * Reads an .npz archive: a sparse matrix saved by SciPy (csr, csc or coo), or arrays of equal length side by side,
 * named by their keys (the columns of a matrix by key and column number).
 * @throws INVALID_FORMAT.
 */
export async function readNpz(source: Source, context: ReadContext): Promise<Table> {
  const { name, notes } = context;
  const entries = (await zipEntries({ ...source, name })).filter((entry) => /\.npy$/.test(entry.name));
  if (entries.length === 0) {
    fail('INVALID_FORMAT', `${name} is a ZIP archive without .npy arrays (an Excel file? then save it as CSV).`);
  }
  const keys = new Set(entries.map((entry) => entry.name.slice(0, -4)));
  const sparse = ['format', 'shape', 'data'].every((key) => keys.has(key));
  const arrays: Record<string, Arrays[string]> = Object.create(null);
  let format = '';
  // The format is read first, because it decides whether the rest can be read at all.
  entries.sort((a, b) => Number(b.name === 'format.npy') - Number(a.name === 'format.npy'));
  for (const entry of entries) {
    const key = entry.name.slice(0, -4);
    const bytes = await entry.bytes();
    if (sparse && key === 'format') {
      format = new TextDecoder('latin1')
        .decode(bytes.subarray(-12))
        .replace(/[^a-z]/g, '')
        .slice(-3);
      if (!['csr', 'csc', 'coo'].includes(format)) {
        fail('INVALID_FORMAT', `${name}: it holds a SciPy matrix in '${format}' format; save it as csr or csc.`);
      }
      continue;
    }
    if (sparse && key === '_is_array') continue;
    const inner = toSource(bytes, `${name}, array '${key}'`);
    const { layout } = await npyLayout(inner, inner.name);
    const columns = Array.from({ length: layout.cols }, () => new Float64Array(layout.rows));
    const quiet: ReadContext = {
      ...context,
      name: inner.name,
      progress: () => context.options.signal?.throwIfAborted(),
    };
    const rounded = new RoundedIntegers();
    await fillColumns(inner, layout, (j) => columns[j], quiet, rounded);
    arrays[key] = { rows: layout.rows, columns, shape: layout.shape, rounded };
  }
  if (sparse) {
    const X = scipySparse(arrays, format, name);
    context.progress(X.rows);
    return { name, format: 'npz', rows: X.rows, columns: [], sparse: { X }, notes };
  }
  const rows = Object.values(arrays)[0].rows;
  const names: string[] = [];
  const values: Float64Array[] = [];
  const sources: Array<readonly [RoundedIntegers, number]> = [];
  for (const [key, array] of Object.entries(arrays)) {
    if (array.rows !== rows) {
      const shapes = Object.entries(arrays).map(([k, a]) => `${k}: ${a.shape.join(' × ')}`);
      fail(
        'INVALID_FORMAT',
        `${name} holds arrays of different lengths (${shapes.join(', ')}), which do not form a table.`,
      );
    }
    array.columns.forEach((column, j) => {
      names.push(array.shape.length < 2 ? key : `${key}_${j + 1}`);
      values.push(column);
      sources.push([array.rounded, j]);
    });
  }
  const unique = uniqueNames(names);
  if (unique.note) notes.push(unique.note);
  const columns = values.map((v, k) => {
    const [rounded, j] = sources[k];
    return rounded.column(unique.names[k], j, v, notes);
  });
  context.progress(rows);
  return { name, format: 'npz', rows, columns, notes };
}

function scipySparse(arrays: Arrays, format: string, name: string): CscMatrix {
  const bad = (what: string): never => fail('INVALID_FORMAT', `${name}: ${what}`);
  const vector = (key: string): Float64Array => {
    const array = arrays[key];
    if (array?.columns.length !== 1) return bad(`the sparse matrix lacks its array '${key}'.`);
    return array.columns[0];
  };
  const [rows, cols] = vector('shape');
  const data = vector('data');
  if (!(Number.isInteger(rows) && rows >= 0 && Number.isInteger(cols) && cols >= 0))
    bad('its sparse shape is damaged.');
  if (format === 'coo') {
    const [rowOf, colOf] = [vector('row'), vector('col')];
    if (rowOf.length !== data.length || colOf.length !== data.length)
      bad('its arrays row, col and data differ in length.');
    return triplets(rows, cols, rowOf, colOf, data, bad);
  }
  const pointers = vector('indptr');
  const minor = vector('indices');
  const outer = format === 'csr' ? rows : cols;
  let valid = pointers.length === outer + 1 && pointers[0] === 0 && minor.length >= data.length;
  valid &&= pointers[outer] === data.length;
  for (let k = 0; valid && k < outer; k++) valid = pointers[k + 1] >= pointers[k];
  if (!valid) bad('its arrays indptr, indices and data do not fit together.');
  const major = new Int32Array(data.length);
  for (let k = 0; k < outer; k++) major.fill(k, pointers[k], pointers[k + 1]);
  return format === 'csr'
    ? triplets(rows, cols, major, minor, data, bad)
    : triplets(rows, cols, minor, major, data, bad);
}

function triplets(
  rows: number,
  cols: number,
  rowOf: ArrayLike<number>,
  colOf: ArrayLike<number>,
  data: Float64Array,
  bad: (what: string) => never,
): CscMatrix {
  for (let k = 0; k < data.length; k++) {
    const [i, j] = [rowOf[k], colOf[k]];
    if (!(i >= 0 && i < rows && j >= 0 && j < cols)) bad(`entry ${k} at (${i}, ${j}) lies outside ${rows} × ${cols}.`);
  }
  return CscMatrix.fromTriplets(rows, cols, rowOf, colOf, data);
}
