import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { isGzip, gunzip as portableGunzip } from '../io/gzip.ts';
import { type Input, peek, readBytes, type Source, toSource } from '../io/source.ts';
import { headerEnd, LENGTH, parseHeader, put, type TensorInfo } from './header.ts';
import { FileTensor, type Safetensors } from './safetensors.ts';

/** What an opened file, or several that are one checkpoint, say of a tensor: between which bytes of which file its numbers lie. */
export interface TensorPlace extends TensorInfo {
  readonly file: string;
}

/** Options of reading a tensor. */
export interface TensorReadOptions {
  /** Of its leading dimension, from one row to another that is not among them (all). */
  readonly rows?: readonly [from: number, to: number];
}
const readKeys: OptionKeys<TensorReadOptions> = { rows: true };

/** An opened file of safetensors, or a checkpoint of several: what is in it, and its tensors as they are asked for. */
export interface TensorFile {
  readonly name: string;
  /** Tensors in the order of their bytes. */
  readonly tensors: Readonly<Record<string, TensorPlace>>;
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Reads a tensor, or rows of it: these bytes alone. O(bytes of them).
   * @throws INVALID_PARAMETER for a name that is not there, and rows that it does not have; FILE and INVALID_FORMAT if the file cannot be
   * read, or has become shorter.
   */
  read(name: string, options?: TensorReadOptions): Promise<FileTensor>;
  /** Reads all tensors, or these, as `readSafetensors` gives them; throws as `read`. O(bytes of them). */
  readAll(names?: readonly string[]): Promise<Safetensors>;
}

/** Options of {@link openSafetensors}. */
export interface OpenSafetensorsOptions {
  /** For messages: by default that of a File, else `data`. */
  readonly name?: string;
}
export const openKeys: OptionKeys<OpenSafetensorsOptions> = { name: true };

/**
 * Opens a file of safetensors: reads and checks its header, and of the numbers those that are asked for. What cannot be read at any place, a
 * stream or a gzipped file, is read whole. O(bytes of the header).
 * @throws INVALID_FORMAT as {@link readSafetensors}; FILE where it cannot be read.
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

/** Bytes of which any can be had. */
export type Ranged = Source & Required<Pick<Source, 'size' | 'slice'>>;

async function withRanges(given: Source): Promise<Ranged> {
  const { head, source } = await peek(given, 3);
  const packed = isGzip(head);
  if (!packed && source.slice && source.size !== undefined) return source as Ranged;
  const { name } = source;
  const stream = packed ? (source.gunzip ?? portableGunzip)(source.stream(), name) : source.stream();
  return toSource(await readBytes({ name, restartable: false, stream: () => stream }), name) as Ranged;
}

/** A {@link TensorFile} over the bytes of one file, or of several by their names. */
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

/** Between which bytes of a tensor some rows of it lie. */
function rowBytes(
  name: string,
  shape: readonly number[],
  bytes: number,
  [from, to]: readonly [number, number],
): readonly [number, number] {
  const [all] = shape;
  if (all === undefined) fail('INVALID_PARAMETER', `'${name}' is one number: it has no rows to choose from.`);
  if (![from, to].every(Number.isInteger) || from < 0 || to < from || to > all)
    fail('INVALID_PARAMETER', `'${name}' has ${all} rows: [${from}, ${to}] is not from one to another of them.`);
  const each = all === 0 ? 0 : bytes / all;
  if (!Number.isInteger(from * each) || !Number.isInteger(to * each))
    fail('INVALID_PARAMETER', `Rows of '${name}' do not end with a byte: read it whole.`);
  return [from * each, to * each];
}
