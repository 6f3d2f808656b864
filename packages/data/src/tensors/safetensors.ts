import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { BITS, bytesFor, bytesOf, isFloat, type TensorDType, type TensorValues, valuesOf } from './dtypes.ts';
import { headerEnd, LENGTH, parseHeader, put } from './header.ts';

/** A tensor of a file: its data type (by the names of the format), shape and bytes, and its numbers on demand. */
export class FileTensor {
  #values: TensorValues | undefined;
  constructor(
    readonly dtype: TensorDType,
    readonly shape: readonly number[],
    /** The bytes as in the file; a view if the file is in memory. */
    readonly bytes: Uint8Array,
    /** Name of the tensor in errors of `values`. */
    readonly name = 'A tensor',
  ) {}

  /**
   * The numbers in row-major order: integers of up to 32 bits in typed arrays of their kind, booleans as 1 and 0,
   * half-precision and smaller floating-point numbers exactly in single precision, 64-bit numbers in double precision.
   * Decoded at the first access, O(bytes).
   * @throws INVALID_FORMAT for integers beyond 2⁵³, complex numbers (C64), and types of fewer than 8 bits (F4, F6).
   */
  get values(): TensorValues {
    this.#values ??= valuesOf(this.dtype, this.bytes, this.name);
    return this.#values;
  }
}

/** The contents of a file: tensors in byte order, and metadata texts by name. */
export interface Safetensors {
  readonly tensors: Readonly<Record<string, FileTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a safetensors file in memory; use `openSafetensors` for one on disk or in parts. As strict as the reference
 * implementation: tensors are contiguous, without gaps or overlaps, from the header to the end of the file. O(bytes of
 * the header): numbers are decoded on demand.
 * @throws INVALID_FORMAT for files that are truncated, have bytes that belong to no tensor, offsets that overlap or do
 * not fit the shapes, duplicate names, or an invalid header; INVALID_PARAMETER if the argument is not a Uint8Array.
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  if (!(bytes instanceof Uint8Array))
    fail('INVALID_PARAMETER', 'readSafetensors takes a Uint8Array; for an ArrayBuffer, give new Uint8Array(buffer).');
  const from = headerEnd(bytes, bytes.length);
  const { tensors: infos, metadata } = parseHeader(bytes.subarray(LENGTH, from), bytes.length);
  const tensors: Record<string, FileTensor> = {};
  for (const [name, { dtype, shape, begin, end }] of Object.entries(infos))
    put(tensors, name, new FileTensor(dtype, shape, bytes.subarray(begin, end), `'${name}'`));
  return { tensors, metadata };
}

/**
 * A tensor to write: either bytes as they are to be stored, or numbers in row-major order, which are encoded as
 * `dtype`.
 */
export type TensorToWrite = { readonly dtype: TensorDType; readonly shape: readonly number[] } & (
  | { readonly bytes: Uint8Array }
  | { readonly values: ArrayLike<number> }
);

/**
 * The contents of a file to write, such as the result of {@link readSafetensors} or of `saveModel` of
 * `@southwell/autodiff/nn`.
 */
export interface SafetensorsToWrite {
  readonly tensors: Readonly<Record<string, TensorToWrite>>;
  /** Metadata texts. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Options of {@link writeSafetensors}. */
export interface SafetensorsOptions {
  /**
   * The type of floating-point numbers in the file. Default: that of each tensor. F16 and BF16 round to the nearest,
   * ties to even; numbers beyond the range of the type are an error.
   */
  readonly dtype?: 'F64' | 'F32' | 'F16' | 'BF16';
}
const writeKeys: OptionKeys<SafetensorsOptions> = { dtype: true };

/** The order of types of the reference writer: wide ones first, so that all are aligned. */
const ORDER = Object.keys(BITS).reverse();

/**
 * A safetensors file with these tensors, byte for byte as the reference writer produces it. O(numbers).
 * @throws INVALID_PARAMETER for a tensor named __metadata__, metadata other than texts, numbers outside the range of
 * their type, and types of which only bytes can be written; INVALID_SHAPE if numbers do not fit their shape.
 */
export function writeSafetensors(file: SafetensorsToWrite, options: SafetensorsOptions = {}): Uint8Array {
  knownKeys('writeSafetensors', options, writeKeys);
  const { tensors, metadata = {} } = file;
  if (Object.hasOwn(tensors, '__metadata__'))
    fail('INVALID_PARAMETER', "A tensor cannot have the name '__metadata__'.");
  for (const [name, text] of Object.entries(metadata))
    if (typeof text !== 'string')
      fail('INVALID_PARAMETER', `Metadata must be texts, but '${name}' is ${JSON.stringify(text)}.`);
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
    fail(
      'INVALID_PARAMETER',
      `'${name}' has the dtype '${tensor.dtype}'; supported are ${Object.keys(BITS).join(', ')}.`,
    );
  const dtype = wanted !== undefined && isFloat(tensor.dtype) ? wanted : tensor.dtype;
  const asTheyAre = 'bytes' in tensor && dtype === tensor.dtype;
  const source =
    'bytes' in tensor && !('values' in tensor) ? new FileTensor(tensor.dtype, shape, tensor.bytes) : tensor;
  const bytes = asTheyAre ? tensor.bytes : bytesOf(dtype, (source as { readonly values: ArrayLike<number> }).values);
  if (dtype !== tensor.dtype && dtype !== 'F64')
    checkRange(name, dtype, bytes, (source as { readonly values: ArrayLike<number> }).values);
  const numbers = shape.reduce((a, b) => a * b, 1);
  if (!shape.every((n) => Number.isSafeInteger(n) && n >= 0) || bytesFor(dtype, numbers) !== bytes.length)
    fail(
      'INVALID_SHAPE',
      `'${name}' has ${bytes.length} bytes of ${dtype}, which do not fit the shape [${shape.join(', ')}].`,
    );
  return { name, dtype, shape, bytes };
}

/** Checks that conversion has not made numbers infinite, as weights beyond 65504 in half precision would be. */
function checkRange(name: string, dtype: TensorDType, bytes: Uint8Array, values: ArrayLike<number>): void {
  const written = valuesOf(dtype, bytes);
  for (let i = 0; i < written.length; i++) {
    if (Number.isFinite(written[i]) || !Number.isFinite(values[i])) continue;
    fail(
      'INVALID_PARAMETER',
      `'${name}' has ${values[i]}, number ${i + 1}, which is beyond the largest number of ${dtype}, ` +
        `${LARGEST[dtype as 'F16']}: write the file as ${dtype === 'F16' ? 'BF16 or F32' : dtype === 'BF16' ? 'F32' : 'F64'}.`,
    );
  }
}
const LARGEST = { F16: '65504', BF16: '3.39e38', F32: '3.4e38' };

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}
