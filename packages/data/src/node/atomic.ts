import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { failFile } from './file-errors.ts';

const PIECE = 1 << 20;
let temporaries = 0;

/**
 * Writes a file so that at any moment the path holds either the old content or all of the new: into a temporary file
 * of the same folder, flushed to the disk, then renamed. Throws FILE with the reason; the temporary is then removed.
 */
export function writeFileAtomic(path: string, content: Uint8Array | string): void {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${temporaries++}.tmp`);
  let fd: number | undefined;
  try {
    fd = openSync(temporary, 'wx');
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, Math.min(bytes.length - at, PIECE));
    fsyncSync(fd);
    closeSync(fd);
    fd = undefined;
    renameSync(temporary, path);
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    rmSync(temporary, { force: true });
    failFile(error, path, 'written');
  }
  syncFolder(dirname(path));
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
