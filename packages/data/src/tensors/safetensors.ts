import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { BITS, bytesFor, bytesOf, isFloat, type TensorDType, type TensorValues, valuesOf } from './dtypes.ts';
import { headerEnd, LENGTH, parseHeader, put } from './header.ts';

/** A tensor of a file: its data type by the format's names, its shape, its bytes, and its numbers as soon as they are asked for. */
export class FileTensor {
  #values: TensorValues | undefined;
  constructor(
    readonly dtype: TensorDType,
    readonly shape: readonly number[],
    /** As they lie in the file; of a file in memory a view of its bytes. */
    readonly bytes: Uint8Array,
    /** How the errors of `values` call it. */
    readonly name = 'A tensor',
  ) {}

  /**
   * Its numbers, row by row: whole ones of up to 32 bits in arrays of their kind, truths as 1 and 0, halves and smaller ones exactly in single
   * precision, numbers of 64 bits in double precision. Decoded when they are first asked for, O(bytes).
   * @throws INVALID_FORMAT for whole numbers beyond 2⁵³, complex ones (C64), and those of fewer than 8 bits (F4, F6).
   */
  get values(): TensorValues {
    this.#values ??= valuesOf(this.dtype, this.bytes, this.name);
    return this.#values;
  }
}

/** What is in a file: tensors in the order of their bytes, and texts by names. */
export interface Safetensors {
  readonly tensors: Readonly<Record<string, FileTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a file of safetensors that is in memory; one on a disk, or in parts, is opened by `openSafetensors`. Strict as the format's own reader:
 * numbers follow one another without gaps or overlaps from the header to the end of the file. O(bytes of the header): numbers are not copied
 * before they are asked for.
 * @throws INVALID_FORMAT, by a sentence, for files that are cut short, have bytes that no tensor owns, offsets that overlap or do not fit the
 * shapes, names that are there twice, or a header that is none; INVALID_PARAMETER for what are no bytes.
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  if (!(bytes instanceof Uint8Array))
    fail(
      'INVALID_PARAMETER',
      'A file of safetensors is read from a Uint8Array; of an ArrayBuffer, from new Uint8Array(buffer).',
    );
  const from = headerEnd(bytes, bytes.length);
  const { tensors: infos, metadata } = parseHeader(bytes.subarray(LENGTH, from), bytes.length);
  const tensors: Record<string, FileTensor> = {};
  for (const [name, { dtype, shape, begin, end }] of Object.entries(infos))
    put(tensors, name, new FileTensor(dtype, shape, bytes.subarray(begin, end), `'${name}'`));
  return { tensors, metadata };
}

/** A tensor to write: bytes as they are to lie in the file, or numbers, row by row, which are written as `dtype`. */
export type TensorToWrite = { readonly dtype: TensorDType; readonly shape: readonly number[] } & (
  | { readonly bytes: Uint8Array }
  | { readonly values: ArrayLike<number> }
);

/** What is to be in a file, such as what {@link readSafetensors} gives, or `saveModel` of `@southwell/autodiff/nn`. */
export interface SafetensorsToWrite {
  readonly tensors: Readonly<Record<string, TensorToWrite>>;
  /** Texts that the file carries. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Options of {@link writeSafetensors}. */
export interface SafetensorsOptions {
  /** The type of floating-point numbers in the file; by default that of each tensor. F16 and BF16 round to the nearest, ties to even. */
  readonly dtype?: 'F64' | 'F32' | 'F16' | 'BF16';
}
const writeKeys: OptionKeys<SafetensorsOptions> = { dtype: true };

/** The order in which the format's own writer puts types: wide ones first, so that all lie aligned. */
const ORDER = Object.keys(BITS).reverse();

/**
 * A file of safetensors with these tensors: the bytes that the format's own writer gives. O(numbers).
 * @throws INVALID_PARAMETER for a tensor of the name __metadata__, metadata other than texts, numbers that their type does not hold, and types
 * of which only bytes can be written; INVALID_SHAPE if numbers do not fit their shape.
 */
export function writeSafetensors(file: SafetensorsToWrite, options: SafetensorsOptions = {}): Uint8Array {
  knownKeys('writeSafetensors', options, writeKeys);
  const { tensors, metadata = {} } = file;
  if (Object.hasOwn(tensors, '__metadata__')) fail('INVALID_PARAMETER', "No tensor can have the name '__metadata__'.");
  for (const [name, text] of Object.entries(metadata))
    if (typeof text !== 'string')
      fail('INVALID_PARAMETER', `Metadata are texts, but '${name}' is ${JSON.stringify(text)}.`);
  const parts = Object.entries(tensors).map(([name, t]) => partOf(name, t, options.dtype));
  const encoder = new TextEncoder();
  const rank = (dtype: TensorDType) => ORDER.indexOf(dtype);
  parts.sort((a, b) => rank(a.dtype) - rank(b.dtype) || compareBytes(encoder.encode(a.name), encoder.encode(b.name)));
  let at = 0;
  const entries = parts.map(({ name, dtype, shape, bytes }) => {
    const begin = at;
    at += bytes.length;
    return `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape.join(',')}],"data_offsets":[${begin},${at}]}`;
  });
  const kept = Object.keys(metadata).length > 0 ? [`"__metadata__":${JSON.stringify(metadata)}`] : [];
  const header = encoder.encode(`{${[...kept, ...entries].join(',')}}`);
  const length = Math.ceil(header.length / 8) * 8;
  const out = new Uint8Array(LENGTH + length + at).fill(0x20, LENGTH, LENGTH + length);
  new DataView(out.buffer).setBigUint64(0, BigInt(length), true);
  out.set(header, LENGTH);
  let to = LENGTH + length;
  for (const { bytes } of parts) {
    out.set(bytes, to);
    to += bytes.length;
  }
  return out;
}

function partOf(name: string, tensor: TensorToWrite, wanted: TensorDType | undefined) {
  const { shape } = tensor;
  if (!Object.hasOwn(BITS, tensor.dtype))
    fail('INVALID_PARAMETER', `'${name}' has the dtype '${tensor.dtype}'; there are ${Object.keys(BITS).join(', ')}.`);
  const dtype = wanted !== undefined && isFloat(tensor.dtype) ? wanted : tensor.dtype;
  const asTheyAre = 'bytes' in tensor && dtype === tensor.dtype;
  const source =
    'bytes' in tensor && !('values' in tensor) ? new FileTensor(tensor.dtype, shape, tensor.bytes) : tensor;
  const bytes = asTheyAre ? tensor.bytes : bytesOf(dtype, (source as { readonly values: ArrayLike<number> }).values);
  const numbers = shape.reduce((a, b) => a * b, 1);
  if (!shape.every((n) => Number.isSafeInteger(n) && n >= 0) || bytesFor(dtype, numbers) !== bytes.length)
    fail(
      'INVALID_SHAPE',
      `'${name}' has ${bytes.length} bytes of ${dtype}, which do not make the shape [${shape.join(', ')}].`,
    );
  return { name, dtype, shape, bytes };
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}
