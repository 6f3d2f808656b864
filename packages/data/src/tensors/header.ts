import { fail } from '@southwell/numerics/core';
import { BITS, bytesFor, type TensorDType } from './dtypes.ts';
import { type Json, parseJson } from './json.ts';

// The format of github.com/huggingface/safetensors: 8 bytes of length, a header of JSON, then the numbers, little-endian, without gaps.

/** The maximum length of a header, as in the reference implementation. */
const LONGEST = 100_000_000;
/** Bytes of the length field at the beginning of a file. */
export const LENGTH = 8;

/** The description of a tensor in a header, with the byte range of its numbers in the file. */
export interface TensorInfo {
  readonly dtype: TensorDType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** A header: tensors in byte order, and metadata texts by name. */
export interface Header {
  readonly tensors: Readonly<Record<string, TensorInfo>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Throws an error about the file, or about `This` if it has no name. */
type Bad = (why: string) => never;
const badOf =
  (name: string | undefined): Bad =>
  (why) =>
    fail('INVALID_FORMAT', `${name ?? 'This'} is not a readable safetensors file: ${why}`);

const natural = (value: Json | undefined): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Sets a property even if its name is `__proto__`. */
export const put = <T>(of: Readonly<Record<string, T>>, name: string, value: T): void => {
  Object.defineProperty(of, name, { value, enumerable: true });
};

/**
 * The offset of the end of the header of a file of `size` bytes, from its first 8 bytes.
 * @throws INVALID_FORMAT for files that are truncated or have another format.
 */
export function headerEnd(head: Uint8Array, size: number, name?: string): number {
  const bad = badOf(name);
  if (size < LENGTH) bad(`it has ${size} bytes, and the length of the header alone takes ${LENGTH}.`);
  const length = new DataView(head.buffer, head.byteOffset).getBigUint64(0, true);
  if (length > BigInt(LONGEST)) bad(`its header would have ${length} bytes; ${LONGEST} are the most.`);
  const end = LENGTH + Number(length);
  if (end > size)
    bad(`its header should have ${length} bytes, but the file ends after ${size - LENGTH} of them: it was cut short.`);
  return end;
}

/**
 * Parses the header of a file of `size` bytes, given without its length field. O(bytes of the header).
 * @throws INVALID_FORMAT for invalid headers, duplicate names, unknown types, inconsistent shapes and offsets, and
 * tensors that overlap, leave gaps, or do not end with the file.
 */
export function parseHeader(raw: Uint8Array, size: number, name?: string): Header {
  const bad = badOf(name);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return bad('its header is no UTF-8.');
  }
  if (!text.startsWith('{')) bad(`its header begins with '${text.slice(0, 1)}' rather than '{'.`);
  const header = parseJson(text, name === undefined ? 'the header' : `the header of ${name}`);
  const described = [...(header as ReadonlyMap<string, Json>)].filter(([key]) => key !== '__metadata__');
  const entries = described.map(([key, value]) => entryOf(key, value, bad));
  const metadata = metadataOf((header as ReadonlyMap<string, Json>).get('__metadata__'), bad);
  return { tensors: laidOut(entries, LENGTH + raw.length, size, bad), metadata };
}

interface Entry extends TensorInfo {
  readonly name: string;
}

function entryOf(name: string, value: Json, bad: Bad): Entry {
  if (!(value instanceof Map)) return bad(`'${name}' is described by no object.`);
  const [dtype, shape, offsets] = ['dtype', 'shape', 'data_offsets'].map((key) => value.get(key));
  if (typeof dtype !== 'string' || !Object.hasOwn(BITS, dtype))
    bad(`'${name}' has the dtype ${JSON.stringify(dtype)}; there are ${Object.keys(BITS).join(', ')}.`);
  if (!Array.isArray(shape) || !shape.every(natural))
    bad(`the shape of '${name}' is no list of whole numbers of at least 0.`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(natural))
    bad(`the data_offsets of '${name}' are no two whole numbers of at least 0.`);
  const [begin, end] = offsets as [number, number];
  if (end < begin) bad(`'${name}' would end, at ${end}, before it begins, at ${begin}.`);
  const [kind, sizes] = [dtype as TensorDType, shape as number[]];
  const numbers = sizes.reduce((a, b) => a * b, 1);
  if (!Number.isSafeInteger(numbers * 8))
    bad(`'${name}' would have more bytes than can be counted: shape [${sizes.join(', ')}].`);
  const bytes = bytesFor(kind, numbers);
  if (bytes === undefined) bad(`'${name}' of ${kind} and [${sizes.join(', ')}] would end within a byte.`);
  if (bytes !== end - begin)
    bad(`'${name}' has ${end - begin} bytes, but ${kind} of [${sizes.join(', ')}] takes ${bytes}.`);
  return { name, dtype: kind, shape: sizes, begin, end };
}

/** Tensors by name, checked to be contiguous, without gaps or overlaps, from the header to the end of the file. */
function laidOut(entries: Entry[], from: number, size: number, bad: Bad): Readonly<Record<string, TensorInfo>> {
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const present = size - from;
  const tensors: Record<string, TensorInfo> = {};
  let at = 0;
  for (const [i, { name, dtype, shape, begin, end }] of entries.entries()) {
    if (begin < at) bad(`'${name}' begins at ${begin}, within '${entries[i - 1].name}', which ends at ${at}.`);
    if (begin > at) bad(`'${name}' begins at ${begin}, and no tensor owns the bytes from ${at} to there.`);
    if (end > present)
      bad(`'${name}' should end at ${end}, but only ${present} bytes of numbers are there: it was cut short.`);
    put(tensors, name, { dtype, shape, begin: from + begin, end: from + end });
    at = end;
  }
  if (at < present) bad(`${present - at} bytes follow the last tensor, and none owns them.`);
  return tensors;
}

function metadataOf(value: Json | undefined, bad: Bad): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {};
  if (!(value instanceof Map)) return bad('__metadata__ is no object.');
  for (const [name, text] of value)
    if (typeof text !== 'string') bad(`__metadata__ has texts only, but '${name}' is ${JSON.stringify(text)}.`);
  return Object.fromEntries(value) as Readonly<Record<string, string>>;
}
