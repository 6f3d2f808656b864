import { fail, type NumericArray } from '@southwell/numerics/core';
import type { ByteSource } from '../onnx/source.ts';
import { type External, halfOf, LITTLE } from '../onnx/tensorData.ts';
import { type Json, listAt, numberAt, objectAt, textAt, textsAt } from './json.ts';

// Weights of TensorFlow.js: a list of tensors whose bytes follow each other in one or more files, the shards.

/** A tensor of the manifest. */
export interface TfTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Type of its numbers once they are read: `float32`, `int32`, `bool`, `string`, … */
  readonly dtype: string;
  /** Type in the file, where it differs: numbers are stored · scale + min. */
  readonly quantised?: { readonly dtype: string; readonly scale: number; readonly min: number };
}

/** Tensors and the files of their numbers. */
export interface TfGroup {
  readonly paths: readonly string[];
  readonly tensors: readonly TfTensor[];
}

const WIDTHS: Readonly<Record<string, number>> = {
  ...{ float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2, complex64: 8 },
};
/** Element types by TensorFlow's names, as tensors of ONNX have them: all integers are of 64 bits. */
export const TYPES: Readonly<Record<string, string>> = {
  ...{ float32: 'f32', int32: 'i64', int64: 'i64', uint8: 'i64', bool: 'bool', string: 'string' },
  complex64: 'complex64',
};

const sizeOf = (t: TfTensor): number => t.shape.reduce((a, b) => a * b, 1);

function tensorOf(value: Json, where: string): TfTensor {
  const w = objectAt(value, where);
  const name = textAt(w.name, `${where}, its name`);
  const shape = listAt(w.shape, `the shape of '${name}'`).map((n) => numberAt(n, `the shape of '${name}'`));
  const size = shape.reduce((a, b) => a * b, 1);
  if (!shape.every((n) => Number.isInteger(n) && n >= 0) || !Number.isSafeInteger(size))
    fail('INVALID_FORMAT', `The tensor '${name}' has the shape [${shape.join(', ')}].`);
  const dtype = textAt(w.dtype, `the dtype of '${name}'`);
  if (w.quantization === undefined) return { name, shape, dtype };
  const q = objectAt(w.quantization, `the quantisation of '${name}'`);
  const stored = textAt(q.dtype, `the quantisation of '${name}'`);
  if (!['uint8', 'uint16', 'float16'].includes(stored))
    fail('NOT_SUPPORTED', `The tensor '${name}' is quantised to ${stored}; uint8, uint16 and float16 are supported.`);
  const half = stored === 'float16';
  const [scale, min] = half ? [1, 0] : [q.scale, q.min].map((v) => numberAt(v, `the quantisation of '${name}'`));
  return { name, shape, dtype, quantised: { dtype: stored, scale, min } };
}

/**
 * The groups of a manifest, as model.json has them under `weightsManifest`, and as other files have them alone.
 * @throws INVALID_FORMAT for what is not a manifest; NOT_SUPPORTED for quantisation to other types than uint8, uint16 and float16.
 */
export const groupsOf = (manifest: Json, where: string): TfGroup[] =>
  listAt(manifest, where).map((value, i) => {
    const group = objectAt(value, `${where}, entry ${i}`);
    return {
      paths: textsAt(group.paths, `${where}, the paths of entry ${i}`),
      tensors: listAt(group.weights, `${where}, the weights of entry ${i}`).map((w, j) =>
        tensorOf(w, `${where}, weight ${j} of entry ${i}`),
      ),
    };
  });

/** The bytes of a group, of which the shards are read when they are first needed. */
class Shards {
  private parts: readonly Uint8Array[] | undefined;
  private starts: Map<TfTensor, readonly [from: number, to: number]> | undefined;

  constructor(
    private readonly group: TfGroup,
    private readonly external: External | undefined,
  ) {}

  private loaded(): readonly Uint8Array[] {
    const { paths } = this.group;
    this.parts ??= paths.map((path) => {
      if (this.external) return this.external(path, 0, undefined);
      return fail('INVALID_FORMAT', `The weights are in other files, '${path}' …, which must be given with the model.`);
    });
    return this.parts;
  }

  private slice(from: number, to: number): Uint8Array {
    const out = new Uint8Array(to - from);
    let [start, done] = [0, 0];
    for (const part of this.loaded()) {
      const [a, b] = [Math.max(from, start) - start, Math.min(to, start + part.length) - start];
      // Views where they can be: most tensors are within one shard.
      if (b - a === to - from && (part.byteOffset + a) % 4 === 0) return part.subarray(a, b);
      if (b > a) {
        out.set(part.subarray(a, b), done);
        done += b - a;
      }
      start += part.length;
    }
    return out;
  }

  /** Where each tensor begins and ends; texts have their lengths before them. */
  private places(): Map<TfTensor, readonly [from: number, to: number]> {
    if (this.starts) return this.starts;
    const total = this.loaded().reduce((n, part) => n + part.length, 0);
    const found = new Map<TfTensor, readonly [number, number]>();
    let at = 0;
    for (const t of this.group.tensors) {
      const from = at;
      if (t.dtype === 'string')
        for (let i = 0; i < sizeOf(t) && at + 4 <= total; i++) {
          const length = this.slice(at, at + 4);
          at += 4 + new DataView(length.buffer, length.byteOffset, 4).getUint32(0, true);
        }
      else at += sizeOf(t) * widthOf(t);
      found.set(t, [from, at]);
    }
    if (at !== total) {
      const files = this.group.paths.map((path, i) => `'${path}' ${this.loaded()[i].length}`);
      const shown = files.length > 4 ? [...files.slice(0, 3), `… (${files.length} files)`] : files;
      fail(
        'INVALID_FORMAT',
        `The ${this.group.tensors.length} tensors of the weights take ${at} bytes, but their files have ${total}: ${shown.join(', ')}.`,
      );
    }
    this.starts = found;
    return found;
  }

  bytesOf(t: TfTensor): Uint8Array {
    const [from, to] = this.places().get(t)!;
    return this.slice(from, to);
  }
}

function widthOf(t: TfTensor): number {
  const type = t.quantised?.dtype ?? t.dtype;
  return (
    WIDTHS[type] ?? fail('NOT_SUPPORTED', `The tensor '${t.name}' is of the type ${type}, which is not supported.`)
  );
}

/** Numbers of one byte each, which take 256 values. */
function fromBytes(bytes: Uint8Array, scale: number, min: number): Float32Array {
  const table = Float32Array.from({ length: 256 }, (_, byte) => byte * scale + min);
  const out = new Float32Array(bytes.length);
  for (let i = 0; i < out.length; i++) out[i] = table[bytes[i]];
  return out;
}

function numbersOf(t: TfTensor, bytes: Uint8Array): NumericArray {
  const n = sizeOf(t);
  const { scale, min } = t.quantised ?? { scale: 1, min: 0 };
  const whole = t.dtype !== 'float32';
  if (!whole && t.quantised?.dtype === 'uint8') return fromBytes(bytes, scale, min);
  const out = whole ? new Float64Array(n) : new Float32Array(n);
  const type = t.quantised?.dtype ?? t.dtype;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (type === 'uint8' || type === 'bool') for (let i = 0; i < n; i++) out[i] = bytes[i] * scale + min;
  else if (type === 'uint16') for (let i = 0; i < n; i++) out[i] = view.getUint16(2 * i, true) * scale + min;
  else if (type === 'float16') for (let i = 0; i < n; i++) out[i] = halfOf(view.getUint16(2 * i, true));
  else if (type === 'int32') for (let i = 0; i < n; i++) out[i] = view.getInt32(4 * i, true);
  else if (type === 'float32') for (let i = 0; i < n; i++) out[i] = view.getFloat32(4 * i, true);
  else fail('NOT_SUPPORTED', `The tensor '${t.name}' is of the type ${type}, which is not supported.`);
  return whole ? out.map(Math.round) : out;
}

/** Numbers as the little-endian bytes of an element type of ONNX. */
function written(type: string, values: NumericArray): Uint8Array {
  if (LITTLE && values instanceof Float32Array) return new Uint8Array(values.buffer);
  const width = type === 'f32' ? 4 : type === 'i64' ? 8 : 1;
  const out = new DataView(new ArrayBuffer(values.length * width));
  for (let i = 0; i < values.length; i++) {
    if (type === 'f32') out.setFloat32(4 * i, values[i], true);
    else if (type === 'i64') out.setBigInt64(8 * i, BigInt(values[i]), true);
    else out.setUint8(i, values[i]);
  }
  return new Uint8Array(out.buffer);
}

/** The weights of a model; numbers are read when they are asked for. */
export class Weights {
  private readonly all = new Map<string, { readonly t: TfTensor; readonly shards: Pick<Shards, 'bytesOf'> }>();

  /** @throws INVALID_FORMAT for two tensors of one name. */
  constructor(groups: readonly TfGroup[], external: External | undefined) {
    for (const group of groups) {
      const shards = new Shards(group, external);
      for (const t of group.tensors) {
        if (this.all.has(t.name)) fail('INVALID_FORMAT', `The weights have two tensors of the name '${t.name}'.`);
        this.all.set(t.name, { t, shards });
      }
    }
  }

  /** Adds a constant that is not in the files. */
  define(t: TfTensor, values: readonly number[]): void {
    const kind = t.dtype === 'int32' ? Int32Array : Float32Array;
    this.all.set(t.name, { t, shards: { bytesOf: () => new Uint8Array(kind.from(values).buffer) } });
  }

  get tensors(): TfTensor[] {
    return [...this.all.values()].map(({ t }) => t);
  }

  get(name: string): TfTensor | undefined {
    return this.all.get(name)?.t;
  }

  /**
   * The numbers of a tensor.
   * @throws INVALID_FORMAT if its file is missing, cut short or too long.
   */
  numbers(name: string): NumericArray {
    const { t, shards } = this.all.get(name)!;
    return numbersOf(t, shards.bytesOf(t));
  }

  /** Its bytes as those of a tensor of ONNX; without a copy where they are the same. */
  bytes(name: string): Uint8Array {
    const { t, shards } = this.all.get(name)!;
    const bytes = shards.bytesOf(t);
    const same = !t.quantised && ['float32', 'bool', 'complex64', 'string'].includes(t.dtype);
    return same ? bytes : written(TYPES[t.dtype] ?? 'f32', numbersOf(t, bytes));
  }
}

/** Weights as a file in which they follow each other, and their places there. */
export function fileOf(weights: Weights): {
  source: ByteSource;
  places: ReadonlyMap<string, { from: number; to: number }>;
} {
  const places = new Map<string, { from: number; to: number }>();
  let at = 0;
  const width: Readonly<Record<string, number>> = { i64: 8, bool: 1, complex64: 8, string: 1 };
  for (const t of weights.tensors) {
    const to = at + sizeOf(t) * (width[TYPES[t.dtype]] ?? 4);
    places.set(t.name, { from: at, to });
    at = to;
  }
  const inOrder = [...places];
  const read = (from: number, length: number): Uint8Array => {
    const [name, place] = inOrder.find(([, p]) => from >= p.from && from + length <= p.to)!;
    return weights.bytes(name).subarray(from - place.from, from - place.from + length);
  };
  return { source: { size: at, read }, places };
}
