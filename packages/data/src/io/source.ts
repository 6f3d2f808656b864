import { fail } from '@southwell/numerics/core';
import { pieces } from './window.ts';

/** A source of bytes. All parsers work on this interface; `@southwell/data/node` adds paths. */
export interface Source {
  /** Name for error messages; its extension is a hint to the format. */
  readonly name: string;
  /** Number of bytes, if known. */
  readonly size?: number;
  /** Whether `stream` may be called again, from the start. */
  readonly restartable: boolean;
  /** `passing`: the consumer finishes with each chunk before requesting the next, so that the buffer may be reused. */
  stream(passing?: boolean): AsyncIterable<Uint8Array>;
  /** Random access, where possible. */
  slice?(start: number, end: number): Promise<Uint8Array>;
  /** Chunk size of `stream`, if it is not {@link PIECE}. */
  readonly piece?: number;
  /**
   * Fills `target` from `position` on, synchronously and without an intermediate copy; returns the number of bytes
   * read.
   */
  readInto?(target: Uint8Array, position: number): number;
  /** The current size, and the time of the last change in milliseconds. */
  stamp?(): { readonly size: number; readonly changed: number };
  /** A faster decompressor than the portable one, if the platform has one. */
  gunzip?(compressed: AsyncIterable<Uint8Array>, name: string): AsyncIterable<Uint8Array>;
}

export type Input = Uint8Array | ArrayBuffer | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Source;

export const PIECE = 1 << 20;

function isSource(input: object): input is Source {
  return typeof (input as Source).stream === 'function' && 'restartable' in input;
}

/**
 * Wraps an input; `name` defaults to that of a File, otherwise to "data".
 * @throws INVALID_PARAMETER for a string.
 */
export function toSource(input: Input, name?: string): Source {
  if (typeof input === 'string') {
    fail('INVALID_PARAMETER', 'Paths need @southwell/data/node; without it, give bytes, a Blob or a stream.');
  }
  if (input === null || typeof input !== 'object') {
    fail('INVALID_PARAMETER', `Data must be bytes, a Blob or a stream of bytes, not ${String(input)}.`);
  }
  if (isSource(input)) return name === undefined ? input : { ...input, name };
  if (input instanceof ArrayBuffer) return bytesSource(new Uint8Array(input), name);
  if (input instanceof Uint8Array) return bytesSource(input, name);
  if (typeof Blob === 'function' && input instanceof Blob) return blobSource(input, name);
  return streamSource(input as AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>, name);
}

function bytesSource(bytes: Uint8Array, name = 'data'): Source {
  return {
    name,
    size: bytes.length,
    restartable: true,
    async *stream() {
      for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
    },
    slice: async (start, end) => bytes.subarray(start, end),
    readInto(target, position) {
      const part = bytes.subarray(position, position + target.length);
      target.set(part);
      return part.length;
    },
  };
}

function blobSource(blob: Blob, name = (blob as File).name ?? 'data'): Source {
  const slice = async (start: number, end: number) => new Uint8Array(await blob.slice(start, end).arrayBuffer());
  return {
    name,
    size: blob.size,
    restartable: true,
    async *stream() {
      for (let at = 0; at < blob.size; at += PIECE) yield await slice(at, at + PIECE);
    },
    slice,
  };
}

function streamSource(stream: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>, name = 'data'): Source {
  if (!('getReader' in stream) && !(Symbol.asyncIterator in stream)) {
    fail('INVALID_PARAMETER', 'Data must be bytes, a Blob or a stream of bytes.');
  }
  return {
    name,
    restartable: false,
    async *stream() {
      // Not every browser can iterate a ReadableStream.
      if ('getReader' in stream) yield* readAll(stream);
      else yield* stream;
    },
  };
}

async function* readAll(stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** The first bytes (at least `wanted`, unless there are fewer), and a source that still begins with them. */
export async function peek(source: Source, wanted: number): Promise<{ head: Uint8Array; source: Source }> {
  const iterator = source.stream()[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < wanted) {
    const { done, value } = await iterator.next();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  const head = concat(chunks);
  if (source.restartable) {
    await iterator.return?.();
    return { head, source };
  }
  return {
    head,
    source: {
      ...source,
      async *stream() {
        try {
          yield* chunks;
          for (;;) {
            const { done, value } = await iterator.next();
            if (done) return;
            yield value;
          }
        } finally {
          await iterator.return?.();
        }
      },
    },
  };
}

export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0];
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

/** Reads the whole source, for formats whose directory is at the end. */
export async function readBytes(source: Source): Promise<Uint8Array> {
  if (source.slice && source.size !== undefined) return source.slice(0, source.size);
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.stream()) chunks.push(chunk);
  return concat(chunks);
}

/** The bytes of a range: read at their position, or by skipping what precedes them. */
export async function* piecesOf(source: Source, from: number, to: number): AsyncIterable<Uint8Array> {
  if (source.slice && source.size !== undefined) {
    for (let at = from; at < Math.min(to, source.size); at += PIECE) {
      yield await source.slice(at, Math.min(to, source.size, at + PIECE));
    }
    return;
  }
  let position = 0;
  if (from >= to) return;
  for await (const chunk of pieces(source.stream())) {
    const part = chunk.subarray(Math.max(0, from - position), Math.max(0, Math.min(chunk.length, to - position)));
    if (part.length > 0) yield part;
    position += chunk.length;
    if (position >= to) return;
  }
}
