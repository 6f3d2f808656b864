import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ByteSource, External } from '@southwell/autodiff/nn';
import { sampleUrl } from '@southwell/data';
import { failFile } from '@southwell/data/node';
import { fail } from '@southwell/numerics/core';

/** Whether a file is a network of others: in the format of ONNX, by its name, or a graph of TensorFlow.js, whose JSON says what it is. */
export function isOthersNetwork(path: string): boolean {
  if (/\.onnx$/i.test(path)) return true;
  if (!/\.json$/i.test(path)) return false;
  try {
    return /"(modelTopology|weightsManifest)"\s*:/.test(readFileSync(path, 'utf8'));
  } catch {
    // Whoever reads it next says why it cannot be read.
    return false;
  }
}

function readAt(file: number, from: number, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    // Larger reads than 2 GiB are not allowed.
    const got = readSync(file, out, done, Math.min(length - done, 1 << 30), from + done);
    if (got === 0) return out.subarray(0, done);
    done += got;
  }
  return out;
}

/** Ranges of the files beside a network that hold its numbers. */
export const filesBeside =
  (path: string): External =>
  (location, offset, length) => {
    // A network must not read any file of the machine.
    if (isAbsolute(location) || normalize(location).startsWith('..'))
      fail('INVALID_FORMAT', `Its numbers are in '${location}', which is not beside it.`);
    const other = join(dirname(path), location);
    let file: number | undefined;
    try {
      file = openSync(other, 'r');
      // What is asked for may be more than there is, and is not to be allocated.
      const left = Math.max(0, fstatSync(file).size - offset);
      return readAt(file, offset, Math.min(length ?? left, left));
    } catch (error) {
      return failFile(error, other, 'read');
    } finally {
      if (file !== undefined) closeSync(file);
    }
  };

/** Opens the file of a network of any size and calls `use` with it and with ranges of the files beside it. */
export function withOnnxFile<T>(path: string, use: (source: Uint8Array | ByteSource, external: External) => T): T {
  const sample = sampleUrl(path);
  if (sample) return use(gunzipSync(readFileSync(sample)), filesBeside(path));
  let file: number | undefined;
  let size = 0;
  try {
    file = openSync(path, 'r');
    size = fstatSync(file).size;
  } catch (error) {
    failFile(error, path, 'read');
  }
  const opened = file!;
  try {
    return use({ size, read: (from, length) => readAt(opened, from, length) }, filesBeside(path));
  } finally {
    closeSync(opened);
  }
}
