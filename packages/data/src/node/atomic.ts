import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { failFile } from './file-errors.ts';

const PIECE = 1 << 20;
let temporaries = 0;

/**
 * Writes a file so that at any moment the path holds either the old content or all of the new: into a temporary file
 * of the same folder, flushed to the disk, then renamed. A link stays a link, and a file keeps its permissions. What is
 * no regular file (/dev/stdout, /dev/null, a pipe) is written into, never replaced. Throws FILE with the reason; the
 * temporary is then removed.
 */
export function writeFileAtomic(path: string, content: Uint8Array | string): void {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  let temporary: string | undefined;
  let fd: number | undefined;
  try {
    const old = checkTarget(path);
    if (old && !old.isFile()) {
      fd = openSync(path, constants.O_WRONLY);
      writeAll(fd, bytes);
      return;
    }
    const target = old ? realpathSync(path) : path;
    temporary = join(dirname(target), `.${basename(target)}.${process.pid}-${temporaries++}.tmp`);
    fd = openSync(temporary, 'wx');
    if (old) fchmodSync(fd, old.mode & 0o777);
    writeAll(fd, bytes);
    fsyncSync(fd);
    closeSync(fd);
    fd = undefined;
    renameSync(temporary, target);
    syncFolder(dirname(target));
  } catch (error) {
    if (temporary !== undefined) rmSync(temporary, { force: true });
    failFile(error, path, 'written');
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Throws FILE where {@link writeFileAtomic} could not write: for asking before long work rather than after it. */
export function checkWritable(path: string): void {
  try {
    const old = checkTarget(path);
    if (old && !old.isFile()) return;
    const folder = dirname(old ? realpathSync(path) : path);
    statSync(folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    failFile(error, path, 'written');
  }
}

/** What is at the path, if anything. A file that its owner protects is not to be replaced, though a rename could. */
function checkTarget(path: string): Stats | undefined {
  const old = statSync(path, { throwIfNoEntry: false });
  if (old?.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
  if (old) accessSync(path, constants.W_OK);
  return old;
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, Math.min(bytes.length - at, PIECE));
}

/** The rename itself is only safe from a power failure once the folder is on the disk; not every system can do that. */
function syncFolder(path: string): void {
  try {
    const fd = openSync(path, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    // The file is whole either way.
  }
}
