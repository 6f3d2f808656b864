import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';

/** Columns of numbers by name, one number per point. */
export type CloudColumns = Readonly<Record<string, ArrayLike<number>>>;

export interface CloudWriteOptions {
  /** Default `binary` (little-endian). */
  readonly encoding?: 'ascii' | 'binary';
  /** Default `double`, which is exact; `float` takes half the space and has 7 digits. */
  readonly precision?: 'double' | 'float';
}
const writeKeys: OptionKeys<CloudWriteOptions> = { encoding: true, precision: true };

function checked(where: string, columns: CloudColumns, options: CloudWriteOptions) {
  knownKeys(where, options, writeKeys);
  const { encoding = 'binary', precision = 'double' } = options;
  if (encoding !== 'ascii' && encoding !== 'binary')
    fail('INVALID_PARAMETER', `encoding must be ascii or binary, not '${encoding}'.`);
  if (precision !== 'double' && precision !== 'float')
    fail('INVALID_PARAMETER', `precision must be double or float, not '${precision}'.`);
  const names = Object.keys(columns);
  if (names.length === 0) fail('EMPTY', 'A point cloud needs columns, such as x, y and z, but there are none.');
  const rows = columns[names[0]].length;
  for (const name of names) {
    if (/\s/.test(name) || name === '')
      fail('INVALID_PARAMETER', `Column names in point-cloud files must not contain blanks, but '${name}' does.`);
    if (columns[name].length !== rows) {
      fail('INVALID_SHAPE', `Column '${name}' has ${columns[name].length} values, but '${names[0]}' has ${rows}.`);
    }
  }
  return { names, rows, encoding, precision };
}

function bodyOf(columns: CloudColumns, { names, rows, encoding, precision }: ReturnType<typeof checked>): Uint8Array {
  const lists = names.map((name) => columns[name]);
  if (encoding === 'ascii') return textOf(lists, rows, precision);
  const size = precision === 'double' ? 8 : 4;
  const bytes = new Uint8Array(rows * lists.length * size);
  const view = new DataView(bytes.buffer);
  for (let j = 0; j < lists.length; j++) {
    const list = lists[j];
    for (let i = 0, at = j * size; i < rows; i++, at += size * lists.length) {
      if (size === 8) view.setFloat64(at, list[i], true);
      else view.setFloat32(at, list[i], true);
    }
  }
  return bytes;
}

/** Text in chunks, because engines limit the length of a string to less than ten million lines. */
function textOf(lists: ReadonlyArray<ArrayLike<number>>, rows: number, precision: string): Uint8Array {
  const encoder = new TextEncoder();
  const written = (v: number) =>
    Number.isNaN(v)
      ? 'nan'
      : Number.isFinite(v)
        ? String(precision === 'float' ? Number(v.toPrecision(9)) : v)
        : v > 0
          ? 'inf'
          : '-inf';
  const parts: Uint8Array[] = [];
  for (let from = 0; from < rows; from += 65536) {
    let text = '';
    for (let i = from; i < Math.min(rows, from + 65536); i++) {
      for (let j = 0; j < lists.length; j++) text += (j > 0 ? ' ' : '') + written(lists[j][i]);
      text += '\n';
    }
    parts.push(encoder.encode(text));
  }
  return joined(parts);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const headed = (header: readonly string[], body: Uint8Array): Uint8Array =>
  joined([new TextEncoder().encode(`${header.join('\n')}\n`), body]);

/**
 * A PLY file whose vertices have these columns as properties.
 * @throws INVALID_PARAMETER, INVALID_SHAPE and EMPTY.
 */
export function writePly(columns: CloudColumns, options: CloudWriteOptions = {}): Uint8Array {
  const asked = checked('writePly', columns, options);
  const { names, rows, encoding, precision } = asked;
  const header = [
    'ply',
    `format ${encoding === 'ascii' ? 'ascii' : 'binary_little_endian'} 1.0`,
    `element vertex ${rows}`,
    ...names.map((name) => `property ${precision} ${name}`),
    'end_header',
  ];
  return headed(header, bodyOf(columns, asked));
}

/**
 * A PCD file, version 0.7, whose fields are these columns.
 * @throws as {@link writePly}.
 */
export function writePcd(columns: CloudColumns, options: CloudWriteOptions = {}): Uint8Array {
  const asked = checked('writePcd', columns, options);
  const { names, rows, encoding, precision } = asked;
  const each = (word: string | number) => names.map(() => word).join(' ');
  const header = [
    '# .PCD v0.7 - Point Cloud Data file format',
    'VERSION 0.7',
    `FIELDS ${names.join(' ')}`,
    `SIZE ${each(precision === 'double' ? 8 : 4)}`,
    `TYPE ${each('F')}`,
    `COUNT ${each(1)}`,
    `WIDTH ${rows}`,
    'HEIGHT 1',
    'VIEWPOINT 0 0 0 1 0 0 0',
    `POINTS ${rows}`,
    `DATA ${encoding}`,
  ];
  return headed(header, bodyOf(columns, asked));
}

/**
 * One line of numbers per point, without a header.
 * @throws as {@link writePly}.
 */
export function writeXyz(columns: CloudColumns, options: Omit<CloudWriteOptions, 'encoding'> = {}): Uint8Array {
  knownKeys('writeXyz', options, { precision: true });
  return bodyOf(columns, checked('writeXyz', columns, { ...options, encoding: 'ascii' }));
}
