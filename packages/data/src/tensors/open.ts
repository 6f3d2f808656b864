import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { isGzip, gunzip as portableGunzip } from '../io/gzip.ts';
import { type Input, peek, readBytes, type Source, toSource } from '../io/source.ts';
import { headerEnd, LENGTH, parseHeader, put, type TensorInfo } from './header.ts';
import { FileTensor, type Safetensors } from './safetensors.ts';

/** The description of a tensor in an open file or checkpoint: the file and byte range of its numbers. */
export interface TensorPlace extends TensorInfo {
  readonly file: string;
}

/** Options for reading a tensor. */
export interface TensorReadOptions {
  /** Range of the leading dimension, [from, to) (default: all). */
  readonly rows?: readonly [from: number, to: number];
}
const readKeys: OptionKeys<TensorReadOptions> = { rows: true };

/** An open safetensors file, or a checkpoint of several: its contents, with tensors read on demand. */
export interface TensorFile {
  readonly name: string;
  /** Tensors in byte order. */
  readonly tensors: Readonly<Record<string, TensorPlace>>;
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Reads a tensor, or some rows of it; only these bytes are read. O(bytes read).
   * @throws INVALID_PARAMETER for an unknown name and for rows out of range; FILE and INVALID_FORMAT if the file cannot
   * be read or has become shorter.
   */
  read(name: string, options?: TensorReadOptions): Promise<FileTensor>;
  /**
   * Reads all tensors, or the given ones, in the form that `readSafetensors` returns; throws as `read`. O(bytes read).
   */
  readAll(names?: readonly string[]): Promise<Safetensors>;
}

/** Options of {@link openSafetensors}. */
export interface OpenSafetensorsOptions {
  /** Name for messages. Default: that of a File, otherwise `data`. */
  readonly name?: string;
}
export const openKeys: OptionKeys<OpenSafetensorsOptions> = { name: true };

/**
 * Opens a safetensors file: reads and checks its header; numbers are read on demand. Inputs without random access, such
 * as a stream or a gzipped file, are read whole. O(bytes of the header).
 * @throws INVALID_FORMAT as {@link readSafetensors}; FILE if it cannot be read.
 */
export async function openSafetensors(input: Input, options: OpenSafetensorsOptions = {}): Promise<TensorFile> {
  knownKeys('openSafetensors', options, openKeys);
  const source = await withRanges(toSource(input, options.name));
  const { name, size } = source;
  const end = headerEnd(await source.slice(0, Math.min(LENGTH, size)), size, name);
  const { tensors, metadata } = parseHeader(await source.slice(LENGTH, end), size, name);
  const places: Record<string, TensorPlace> = {};
  for (const [key, info] of Object.entries(tensors)) put(places, key, { ...info, file: name });
  return new OpenFile(name, places, metadata, () => source);
}

/** A source with random access. */
export type Ranged = Source & Required<Pick<Source, 'size' | 'slice'>>;

async function withRanges(given: Source): Promise<Ranged> {
  const { head, source } = await peek(given, 3);
  const packed = isGzip(head);
  if (!packed && source.slice && source.size !== undefined) return source as Ranged;
  const { name } = source;
  const stream = packed ? (source.gunzip ?? portableGunzip)(source.stream(), name) : source.stream();
  return toSource(await readBytes({ name, restartable: false, stream: () => stream }), name) as Ranged;
}

/** A {@link TensorFile} over one file, or over several by their names. */
export class OpenFile implements TensorFile {
  constructor(
    readonly name: string,
    readonly tensors: Readonly<Record<string, TensorPlace>>,
    readonly metadata: Readonly<Record<string, string>>,
    readonly sourceOf: (file: string) => Ranged,
  ) {}

  /** @throws INVALID_PARAMETER, INVALID_FORMAT, FILE: see {@link TensorFile}. */
  async read(name: string, options: TensorReadOptions = {}): Promise<FileTensor> {
    knownKeys('read', options, readKeys);
    if (!Object.hasOwn(this.tensors, name)) failAbsent(this.name, name, Object.keys(this.tensors));
    const { dtype, shape, begin, end, file } = this.tensors[name];
    const { rows } = options;
    const [from, to] = rows ? rowBytes(name, shape, end - begin, rows) : [0, end - begin];
    const bytes = await this.sourceOf(file).slice(begin + from, begin + to);
    if (bytes.length < to - from)
      fail(
        'INVALID_FORMAT',
        `${file} has become shorter since it was opened: '${name}' ends ${to - from - bytes.length} bytes too early.`,
      );
    const read = rows ? [rows[1] - rows[0], ...shape.slice(1)] : shape;
    return new FileTensor(dtype, read, bytes, `'${name}'`);
  }

  async readAll(names: readonly string[] = Object.keys(this.tensors)): Promise<Safetensors> {
    const tensors: Record<string, FileTensor> = {};
    for (const name of names) put(tensors, name, await this.read(name));
    return { tensors, metadata: this.metadata };
  }
}

function failAbsent(file: string, name: string, names: readonly string[]): never {
  const shown = names.length > 10 ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more` : names.join(', ');
  fail('INVALID_PARAMETER', `${file} has no tensor '${name}'; it has ${shown || 'none'}.`);
}

/** The byte range of some rows within a tensor. */
function rowBytes(
  name: string,
  shape: readonly number[],
  bytes: number,
  [from, to]: readonly [number, number],
): readonly [number, number] {
  const [all] = shape;
  if (all === undefined) fail('INVALID_PARAMETER', `'${name}' is a scalar: it has no rows to choose from.`);
  if (![from, to].every(Number.isInteger) || from < 0 || to < from || to > all)
    fail('INVALID_PARAMETER', `'${name}' has ${all} rows: [${from}, ${to}] is not a range of them.`);
  const each = all === 0 ? 0 : bytes / all;
  if (!Number.isInteger(from * each) || !Number.isInteger(to * each))
    fail('INVALID_PARAMETER', `Rows of '${name}' do not end on byte boundaries: read it whole.`);
  return [from * each, to * each];
}
