import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { type Shape, Tensor, tensor } from '../../index.ts';
import { type Json, parseJson } from './json.ts';
import { bytesOf, KINDS, type Kind, numbersOf, whole } from './kinds.ts';

// The format of github.com/huggingface/safetensors: 8 bytes of length, a header of JSON, then the numbers, little-endian, without gaps.

/** The longest header that a file may have, as in the format's own reader. */
const LONGEST = 100_000_000;

/** A tensor of a file: its kind by the format's names, its shape, and its bytes, a view of the file's. */
export interface FileTensor {
  readonly kind: Kind;
  readonly shape: Shape;
  readonly bytes: Uint8Array;
}

/** What is in a file: tensors in the order of their bytes, and texts by names. */
export interface Safetensors {
  readonly tensors: Readonly<Record<string, FileTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

const bad = (why: string): never => fail('INVALID_FORMAT', `This is no safetensors file that can be read: ${why}`);

const natural = (value: Json | undefined): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function headerOf(bytes: Uint8Array): { readonly header: ReadonlyMap<string, Json>; readonly from: number } {
  if (bytes.length < 8) bad(`it has ${bytes.length} bytes, and the length of the header alone takes 8.`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(LONGEST)) bad(`its header would have ${length} bytes; ${LONGEST} are the most.`);
  const from = 8 + Number(length);
  if (from > bytes.length)
    bad(
      `its header should have ${length} bytes, but the file ends after ${bytes.length - 8} of them: it was cut short.`,
    );
  const raw = bytes.subarray(8, from);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return bad('its header is no UTF-8.');
  }
  if (!text.startsWith('{')) bad(`its header begins with '${text.slice(0, 1)}' rather than '{'.`);
  const header = parseJson(text);
  return { header: header as ReadonlyMap<string, Json>, from };
}

function metadataOf(value: Json | undefined): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {};
  if (!(value instanceof Map)) return bad('__metadata__ is no object.');
  for (const [name, text] of value)
    if (typeof text !== 'string') bad(`__metadata__ has texts only, but '${name}' is ${JSON.stringify(text)}.`);
  return Object.fromEntries(value) as Readonly<Record<string, string>>;
}

interface Entry {
  readonly name: string;
  readonly kind: Kind;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

function entryOf(name: string, value: Json): Entry {
  if (!(value instanceof Map)) return bad(`'${name}' is described by no object.`);
  const [kind, shape, offsets] = ['dtype', 'shape', 'data_offsets'].map((key) => value.get(key));
  if (typeof kind !== 'string' || !Object.hasOwn(KINDS, kind))
    bad(`'${name}' has the dtype ${JSON.stringify(kind)}; there are ${Object.keys(KINDS).join(', ')}.`);
  if (!Array.isArray(shape) || !shape.every(natural))
    bad(`the shape of '${name}' is no list of whole numbers of at least 0.`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(natural))
    bad(`the data_offsets of '${name}' are no two whole numbers of at least 0.`);
  const [begin, end] = offsets as [number, number];
  if (end < begin) bad(`'${name}' would end, at ${end}, before it begins, at ${begin}.`);
  const size = (shape as number[]).reduce((a, b) => a * b, 1) * KINDS[kind as Kind];
  if (!Number.isSafeInteger(size)) bad(`'${name}' would have more bytes than can be counted: shape [${shape}].`);
  if (size !== end - begin)
    bad(`'${name}' has ${end - begin} bytes, but ${kind} of [${(shape as number[]).join(', ')}] takes ${size}.`);
  return { name, kind: kind as Kind, shape: shape as number[], begin, end };
}

/**
 * Reads a file as it is; {@link toTensors} makes tensors of it. Strict as the format's own reader: numbers follow one another without gaps or
 * overlaps from the header to the end of the file. O(bytes of the header): numbers are not copied.
 * @throws INVALID_FORMAT, by a sentence, for files that are cut short, have bytes that no tensor owns, offsets that overlap or do not fit the
 * shapes, names that are there twice, or a header that is none; INVALID_PARAMETER for what are no bytes.
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  if (!(bytes instanceof Uint8Array))
    fail(
      'INVALID_PARAMETER',
      'A file of safetensors is read from a Uint8Array; of an ArrayBuffer, from new Uint8Array(buffer).',
    );
  const { header, from } = headerOf(bytes);
  const entries = [...header].filter(([name]) => name !== '__metadata__').map(([name, value]) => entryOf(name, value));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  const tensors: Record<string, FileTensor> = {};
  const present = bytes.length - from;
  for (const [i, { name, kind, shape, begin, end }] of entries.entries()) {
    if (begin < at) bad(`'${name}' begins at ${begin}, within '${entries[i - 1].name}', which ends at ${at}.`);
    if (begin > at) bad(`'${name}' begins at ${begin}, and no tensor owns the bytes from ${at} to there.`);
    if (end > present)
      bad(`'${name}' should end at ${end}, but only ${present} bytes of numbers are there: it was cut short.`);
    Object.defineProperty(tensors, name, {
      value: { kind, shape, bytes: bytes.subarray(from + begin, from + end) },
      enumerable: true,
    });
    at = end;
  }
  if (at < present) bad(`${present - at} bytes follow the last tensor, and none owns them.`);
  return { tensors, metadata: metadataOf(header.get('__metadata__')) };
}

/** Options of {@link toTensors}. */
export interface ToTensorsOptions {
  /** The kind of floating-point numbers; by default f64 for F64, else f32, which holds them all. */
  readonly dtype?: 'f32' | 'f64';
}
const toTensorsKeys: OptionKeys<ToTensorsOptions> = { dtype: true };

/**
 * Tensors of those of a file: halves and smaller ones exactly as f32, whole numbers and truths (1 and 0) as i32. O(numbers).
 * @throws INVALID_FORMAT for whole numbers that 32 bits do not hold.
 */
export function toTensors(
  tensors: Readonly<Record<string, FileTensor>>,
  options: ToTensorsOptions = {},
): Readonly<Record<string, Tensor>> {
  knownKeys('toTensors', options, toTensorsKeys);
  const one = (name: string, { kind, shape, bytes }: FileTensor): Tensor => {
    const values = numbersOf(kind, bytes);
    if (!whole(kind)) return tensor(values, { shape, dtype: options.dtype ?? (kind === 'F64' ? 'f64' : 'f32') });
    const wide = values.findIndex((v) => v !== (v | 0));
    if (wide >= 0)
      fail(
        'INVALID_FORMAT',
        `'${name}' of ${kind} has ${values[wide]}, which does not fit into 32 bits with a sign, as tensors have.`,
      );
    return tensor(values, { shape, dtype: 'i32' });
  };
  return Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, one(name, t)]));
}

/** Options of {@link writeSafetensors}. */
export interface WriteOptions {
  /** Texts that the file carries. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The kind of floating-point numbers in the file; by default that of each tensor. F16 and BF16 round to the nearest. */
  readonly kind?: 'F64' | 'F32' | 'F16' | 'BF16';
}
const writeKeys: OptionKeys<WriteOptions> = { metadata: true, kind: true };
const OWN = { f32: 'F32', f64: 'F64', i32: 'I32' } as const;
/** The order in which the format's own writer puts kinds: wide ones first, so that all lie aligned. */
const ORDER = Object.keys(KINDS).reverse();

/**
 * A file of tensors, or of those of another file, whose bytes stay as they are: the bytes that the format's own writer gives. O(numbers).
 * @throws INVALID_PARAMETER for a tensor of the name __metadata__, or metadata other than texts.
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, Tensor | FileTensor>>,
  options: WriteOptions = {},
): Uint8Array {
  knownKeys('writeSafetensors', options, writeKeys);
  const { metadata = {}, kind: wanted } = options;
  if (Object.hasOwn(tensors, '__metadata__')) fail('INVALID_PARAMETER', "No tensor can have the name '__metadata__'.");
  for (const [name, text] of Object.entries(metadata))
    if (typeof text !== 'string')
      fail('INVALID_PARAMETER', `Metadata are texts, but '${name}' is ${JSON.stringify(text)}.`);
  const parts = Object.entries(tensors).map(([name, t]) => {
    if (!(t instanceof Tensor)) return { name, ...t };
    const kind = wanted && t.dtype !== 'i32' ? wanted : OWN[t.dtype];
    return { name, kind, shape: t.shape, bytes: bytesOf(kind, t.data()) };
  });
  const encoder = new TextEncoder();
  const rank = (kind: Kind) => ORDER.indexOf(kind);
  parts.sort((a, b) => rank(a.kind) - rank(b.kind) || compareBytes(encoder.encode(a.name), encoder.encode(b.name)));
  let at = 0;
  const entries = parts.map(({ name, kind, shape, bytes }) => {
    const begin = at;
    at += bytes.length;
    return `${JSON.stringify(name)}:{"dtype":"${kind}","shape":[${shape.join(',')}],"data_offsets":[${begin},${at}]}`;
  });
  const kept = Object.keys(metadata).length > 0 ? [`"__metadata__":${JSON.stringify(metadata)}`] : [];
  const header = encoder.encode(`{${[...kept, ...entries].join(',')}}`);
  const length = Math.ceil(header.length / 8) * 8;
  const out = new Uint8Array(8 + length + at).fill(0x20, 8, 8 + length);
  new DataView(out.buffer).setBigUint64(0, BigInt(length), true);
  out.set(header, 8);
  let to = 8 + length;
  for (const { bytes } of parts) {
    out.set(bytes, to);
    to += bytes.length;
  }
  return out;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}
