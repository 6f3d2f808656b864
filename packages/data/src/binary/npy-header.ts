import { fail } from '@southwell/numerics/core';

/** Layout of the values of a .npy array in its file (NEP 1). */
export interface NpyLayout {
  readonly kind: 'f' | 'i' | 'u' | 'b';
  readonly itemSize: number;
  readonly littleEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  readonly rows: number;
  readonly cols: number;
  /** Byte offset of the data. */
  readonly start: number;
  /** Byte offset of the end of the data. */
  readonly end: number;
}

const SIZES: Readonly<Record<string, readonly number[]>> = { f: [4, 8], i: [1, 2, 4, 8], u: [1, 2, 4, 8], b: [1] };

/**
 * Parses the header of a .npy file of version 1, 2 or 3 from its first bytes; `undefined` if more bytes are needed.
 * @throws INVALID_FORMAT for damaged headers, and for arrays that are not numeric.
 */
export function npyHeader(head: Uint8Array, name: string): NpyLayout | undefined {
  const bad = (what: string): never => fail('INVALID_FORMAT', `${name}: ${what}`);
  if (head.length < 12) return undefined;
  const major = head[6];
  if (major < 1 || major > 3) bad(`the .npy format version ${major}.${head[7]} is unknown; 1 to 3 can be read.`);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const from = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > 1 << 20) bad(`its header claims ${length} bytes: the file is damaged.`);
  const start = from + length;
  if (head.length < start) return undefined;
  const text = new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(head.subarray(from, start));
  const descr = /'descr'\s*:\s*(?:'([^']*)'|(\[))/.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const shapeText = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text);
  if (!descr || !order || !shapeText) return bad('its header is damaged (descr, fortran_order or shape is missing).');
  if (descr[2]) bad('it holds a structured array; save its fields as arrays of numbers of their own.');
  const type = /^([<>|=])([a-zA-Z])(\d+)?/.exec(descr[1]);
  if (!type) return bad(`its data type '${descr[1]}' is unknown.`);
  const [, endian, kind, size] = type;
  if (kind === 'O') bad('it holds Python objects, which only Python can read; convert them with astype(float).');
  if (kind === 'c') bad('it holds complex numbers, which are not supported; save .real and .imag.');
  if ('SUaMmV'.includes(kind))
    bad(`it holds '${descr[1]}' (text, dates or raw bytes), not numbers; convert them first.`);
  const itemSize = Number(size);
  if (!SIZES[kind]?.includes(itemSize)) bad(`its data type '${descr[1]}' is not supported; use astype('float64').`);
  const shape = shapeText[1].split(',').flatMap((part) => (part.trim() === '' ? [] : [Number(part)]));
  const rows = shape[0] ?? 1;
  // Further dimensions are flattened: a row of an array of images is an image.
  const cols = shape.slice(1).reduce((all, size) => all * size, 1);
  if (rows * cols === 0) bad(`its array is empty (shape ${shape.join(' × ')}).`);
  if (cols > 1 << 24) bad(`it has ${cols} columns; at most 2^24 can be read.`);
  const end = start + rows * cols * itemSize;
  if (!Number.isSafeInteger(end)) bad(`its shape ${shape.join(' × ')} is impossible: the file is damaged.`);
  return {
    kind: kind as NpyLayout['kind'],
    itemSize,
    littleEndian: endian !== '>',
    fortranOrder: order[1] === 'True' || shape.length < 2,
    shape,
    rows,
    cols,
    start,
    end,
  };
}

/**
 * Converts an index whose first digit varies fastest, with digits below `sizes`, to one whose last digit varies
 * fastest.
 */
function turned(index: number, sizes: readonly number[]): number {
  let [rest, place] = [index, 0];
  for (const size of sizes) {
    place = place * size + (rest % size);
    rest = Math.floor(rest / size);
  }
  return place;
}

/** Column, in C order, of the j-th column of a file in Fortran order, in which the first index varies fastest. */
export const columnOfFile = ({ shape }: NpyLayout, j: number): number =>
  shape.length > 2 ? turned(j, shape.slice(1)) : j;

/** Column of a file in Fortran order that is the j-th in C order. */
export const fileColumn = ({ shape }: NpyLayout, j: number): number =>
  shape.length > 2 ? turned(j, shape.slice(1).reverse()) : j;
