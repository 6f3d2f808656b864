/** Everything that needs a file system: paths, atomic writes, bundled sets. Re-exports the rest of the package. */
import { closeSync, fstatSync, openSync, read, readSync, statSync } from 'node:fs';
import { type FileHandle, open as openFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import type { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { readNpyMatrix as readNpyMatrixFrom } from './binary/npy.ts';
import { bundledUrl } from './bundled.ts';
import type { Folder } from './io/folder.ts';
import { failGzip } from './io/gzip.ts';
import type { Input, Source } from './io/source.ts';
import { failFile } from './node/file-errors.ts';
import { folderAt } from './node/folder.ts';
import { type BlockOptions, readBlocks as readBlocksFrom } from './read-blocks.ts';
import { type PartOptions, readPart as readPartFrom } from './read-part.ts';
import { type PartBlockOptions, PartBlocks, undivided as undividedOf } from './read-part-blocks.ts';
import { readTable as readTableFrom } from './read-table.ts';
import { readTableBlocks as readTableBlocksFrom, type TableBlockOptions } from './read-table-blocks.ts';
import { sampleUrl } from './samples.ts';
import type { NumberColumn, ReadOptions, Table } from './table.ts';
import { openIndexed, openSafetensorsFolder } from './tensors/folder.ts';
import {
  type OpenSafetensorsOptions,
  openSafetensors as openSafetensorsFrom,
  type TensorFile,
} from './tensors/open.ts';

export { bundledUrl } from './bundled.ts';
export * from './index.ts';
export { AtomicFile, checkWritable, writeFileAtomic } from './node/atomic.ts';
export { failFile } from './node/file-errors.ts';

const PIECE = 1 << 20;
/** Placeholder for the number of a rank, from 0, in the path of a file of its own. */
const RANK = '{rank}';

/**
 * A file as a source: read in pieces of 1 MiB, with random access, and decompressed by Node's own zlib.
 * @throws FILE.
 */
export function fileSource(path: string): Source {
  let size: number | undefined;
  try {
    const fd = openSync(path, 'r');
    try {
      const stat = fstatSync(fd);
      if (stat.isDirectory()) fail('FILE', `${path} cannot be read: it is a folder.`);
      // Pipes and devices have no size and can be read only once.
      if (stat.isFile()) size = stat.size;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    failFile(error, path, 'read');
  }
  const name = basename(path);
  const regular = size !== undefined;
  const read = (target: Uint8Array, position: number): number => {
    const fd = openSync(path, 'r');
    try {
      let done = 0;
      while (done < target.length) {
        const count = readSync(fd, target, done, Math.min(target.length - done, 1 << 30), position + done);
        if (count === 0) break;
        done += count;
      }
      return done;
    } catch (error) {
      failFile(error, path, 'read');
    } finally {
      closeSync(fd);
    }
  };
  return {
    name,
    size,
    restartable: regular,
    async *stream(passing) {
      let handle: FileHandle | undefined;
      // Allocating a buffer for every chunk costs more than reading into it.
      const place = passing ? new Uint8Array(PIECE) : undefined;
      try {
        handle = await openFile(path, 'r');
        for (;;) {
          const { bytesRead, buffer } = await handle.read(place ?? new Uint8Array(PIECE), 0, PIECE, null);
          if (bytesRead === 0) return;
          yield buffer.subarray(0, bytesRead);
        }
      } catch (error) {
        failFile(error, path, 'read');
      } finally {
        await handle?.close();
      }
    },
    slice: regular
      ? async (start, end) => {
          const bytes = new Uint8Array(Math.max(0, Math.min(end, size!) - start));
          return bytes.subarray(0, read(bytes, start));
        }
      : undefined,
    readInto: regular ? read : undefined,
    stamp: regular ? () => stampOf(path) : undefined,
    gunzip: nodeGunzip,
  };
}

/** Size and time of the last change. */
function stampOf(path: string): { readonly size: number; readonly changed: number } {
  try {
    const { size, mtimeMs } = statSync(path);
    return { size, changed: mtimeMs };
  } catch (error) {
    failFile(error, path, 'read');
  }
}

/**
 * Standard input, which can be read only once. Read by file descriptor, because a worker's own stream is not connected
 * to it.
 */
function standardInput(): Source {
  return {
    name: 'standard input',
    restartable: false,
    async *stream() {
      const take = promisify(read);
      for (;;) {
        const buffer = new Uint8Array(PIECE);
        try {
          const { bytesRead } = await take(0, buffer, 0, PIECE, null);
          if (bytesRead === 0) return;
          yield buffer.subarray(0, bytesRead);
        } catch (error) {
          // A terminal or a socket without data yet.
          if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') failFile(error, 'standard input', 'read');
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    },
    gunzip: nodeGunzip,
  };
}

async function* nodeGunzip(compressed: AsyncIterable<Uint8Array>, name: string): AsyncIterable<Uint8Array> {
  const input = Readable.from(compressed, { objectMode: false, highWaterMark: PIECE });
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  input.on('error', (error) => gunzip.destroy(error));
  input.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array;
  } catch (error) {
    // A number for the reason of a signal, such as a time limit.
    const { code } = error as { readonly code?: unknown };
    if (code === 'Z_BUF_ERROR') failGzip(name, 'ends too early');
    if (String(code).startsWith('Z_')) failGzip(name, 'is damaged');
    throw error;
  } finally {
    input.destroy();
    gunzip.destroy();
  }
}

/**
 * The bytes of a path, `-` for standard input, `bundled:<name>`, or what readers take besides.
 * @throws FILE if the file cannot be read.
 */
export function sourceOf(input: string | Input): Input {
  if (typeof input !== 'string') return input;
  if (input === '-') return standardInput();
  if (!input.startsWith('bundled:')) return fileSource(input);
  return fileSource(fileURLToPath(sampleUrl(input) ?? bundledUrl(input)));
}

/** Whether the path is an existing folder. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/**
 * A folder on disk.
 * @throws FILE.
 */
export const openFolder = (path: string): Folder => folderAt(path, fileSource);

/**
 * Like {@link readTableFrom}, but also accepts a path, `-` for standard input, `bundled:<name>`, or a folder of
 * pictures.
 * @throws FILE if the file cannot be read.
 */
export async function readTable(input: string | Input | Folder, options: ReadOptions = {}): Promise<Table> {
  if (typeof input !== 'string') return readTableFrom(input, options);
  return readTableFrom(isFolder(input) ? openFolder(input) : sourceOf(input), options);
}

/**
 * Like {@link readPartFrom}, but also accepts a path or `bundled:<name>`; a path that contains `{rank}` names a
 * separate file for each rank.
 */
export async function readPart(input: string | Input, options: PartOptions): Promise<Table> {
  if (typeof input === 'string' && input.includes(RANK)) {
    const path = input.replaceAll(RANK, String(options.rank));
    return readPartFrom(() => fileSource(path), { ...options, own: basename(input) });
  }
  return readPartFrom(() => sourceOf(input), options);
}

/** Like {@link PartBlocks.open}, but also accepts a path. */
export async function partBlocks(input: string | Input, options: PartBlockOptions): Promise<PartBlocks> {
  return PartBlocks.open(() => sourceOf(input), options);
}

/** Like {@link undividedOf}, but also accepts a path, `-` or `bundled:<name>`. */
export async function undivided(input: string | Input, options: ReadOptions = {}): Promise<string | undefined> {
  if (typeof input === 'string' && isFolder(input)) return 'is a folder and cannot be read in parts';
  return undividedOf(sourceOf(input), options);
}

/** Like {@link readBlocksFrom}, but also accepts a path, `-` or `bundled:<name>`. */
export async function* readBlocks(
  input: string | Input,
  options: BlockOptions,
): AsyncGenerator<readonly NumberColumn[], void> {
  yield* readBlocksFrom(sourceOf(input), options);
}

/** Like {@link readTableBlocksFrom}, but also accepts a path, `-` or `bundled:<name>`. */
export async function* readTableBlocks(input: string | Input, options: TableBlockOptions): AsyncGenerator<Table, void> {
  if (typeof input === 'string' && isFolder(input)) yield await readTable(input, options);
  else yield* readTableBlocksFrom(sourceOf(input), options);
}

/** Like {@link readNpyMatrixFrom}, but also accepts a path: the file is read directly into the matrix. */
export async function readNpyMatrix(input: string | Input, options: ReadOptions = {}): Promise<DenseMatrix> {
  return readNpyMatrixFrom(sourceOf(input), options);
}

/**
 * Like {@link openSafetensorsFrom}, but also accepts a path: of a file, of the index of a checkpoint in several files
 * (`*.safetensors.index.json`), which lie beside it, or of a folder with either.
 * @throws FILE if a file cannot be read; otherwise as {@link openSafetensorsFolder}.
 */
export async function openSafetensors(
  input: string | Input,
  options: OpenSafetensorsOptions = {},
): Promise<TensorFile> {
  if (typeof input !== 'string') return openSafetensorsFrom(input, options);
  if (isFolder(input)) return openSafetensorsFolder(folderAt(input, fileSource, false));
  const source = sourceOf(input);
  if (input.endsWith('.index.json')) return openIndexed(folderAt(dirname(input), fileSource, false), basename(input));
  return openSafetensorsFrom(source, options);
}
