import { fail, SouthwellError } from '@southwell/numerics/core';
import type { Model } from '@southwell/numerics/expressions';
import { gunzip, isGzip } from '../io/gzip.ts';
import { type Input, type Source, toSource } from '../io/source.ts';
import { readMps } from './mps.ts';
import { readLp } from './readLp.ts';
import { type NlNames, readNl } from './readNl.ts';

/** A model as its file has it. */
export interface ModelFile {
  readonly name: string;
  readonly model: Model;
  /** What was left out or has no single meaning, as sentences. */
  readonly notes: readonly string[];
  /** Numbers that AMPL wants back in the .sol file; of .nl files alone. */
  readonly options?: readonly number[];
}

export interface ReadModelOptions extends NlNames {
  /** Name of the file, whose ending is the format: .nl, .mps, .qps or .lp, perhaps with .gz. */
  readonly name?: string;
}

/**
 * Reads a model of a mathematical program in the format that the ending of its name says; gzip is recognised.
 * @throws INVALID_FORMAT for another ending, and for files that are damaged or hold what is not supported.
 */
export async function readModel(input: Input, { name: given, ...names }: ReadModelOptions = {}): Promise<ModelFile> {
  const source = toSource(input, given);
  const { name } = source;
  const ending = /\.(\w+)(\.gz)?$/.exec(name)?.[1].toLowerCase() ?? '';
  if (!Object.hasOwn(readers, ending)) {
    fail('INVALID_FORMAT', `${name} is not read as a model: its name must end in .nl, .mps, .qps or .lp.`);
  }
  try {
    return { name, ...readers[ending](await allOf(source), names) };
  } catch (error) {
    throw inFile(error, name);
  }
}

type Reader = (bytes: Uint8Array, names: NlNames) => Omit<ModelFile, 'name'>;

const ofText =
  (read: (text: string, options: { readonly onNote: (note: string) => void }) => Model): Reader =>
  (bytes) => {
    const notes: string[] = [];
    const model = read(new TextDecoder().decode(bytes), { onNote: (note) => notes.push(note) });
    return { model, notes };
  };

const readers: Readonly<Record<string, Reader>> = {
  nl: readNl,
  mps: ofText(readMps),
  qps: ofText(readMps),
  lp: ofText((text) => readLp(text)),
};

/** The error with the name of the file before its sentence. */
function inFile(error: unknown, name: string): unknown {
  if (!(error instanceof SouthwellError)) return error;
  return new SouthwellError(error.code, `${name}: ${error.message}`);
}

async function allOf(source: Source): Promise<Uint8Array> {
  const bytes = await joined(source.stream());
  if (!isGzip(bytes)) return bytes;
  async function* once() {
    yield bytes;
  }
  return joined((source.gunzip ?? gunzip)(once(), source.name));
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    // Sources may use a buffer again.
    parts.push(chunk.slice());
    size += chunk.length;
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
