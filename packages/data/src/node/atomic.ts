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
 * A file that is written by pieces so that at any moment the path holds either the old content or all of the new: into a
 * temporary file of the same folder, which `commit` flushes to the disk and renames. A link stays a link, and a file keeps
 * its permissions. What is no regular file (/dev/stdout, /dev/null, a pipe) is written into, never replaced. Every call
 * throws FILE with the reason; the temporary is then removed.
 */
export class AtomicFile {
  private target = '';
  private temporary: string | undefined;
  private fd: number | undefined;

  constructor(private readonly path: string) {
    this.attempt(() => {
      const old = checkTarget(path);
      if (old && !old.isFile()) {
        this.fd = openSync(path, constants.O_WRONLY);
        return;
      }
      this.target = old ? realpathSync(path) : path;
      this.temporary = join(dirname(this.target), `.${basename(this.target)}.${process.pid}-${temporaries++}.tmp`);
      this.fd = openSync(this.temporary, 'wx');
      if (old) fchmodSync(this.fd, old.mode & 0o777);
    });
  }

  write(content: Uint8Array | string): void {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    this.attempt(() => writeAll(this.fd!, bytes));
  }

  /** All is written. */
  commit(): void {
    this.attempt(() => {
      const { temporary, fd } = this;
      if (temporary !== undefined) fsyncSync(fd!);
      closeSync(fd!);
      this.fd = undefined;
      if (temporary === undefined) return;
      renameSync(temporary, this.target);
      this.temporary = undefined;
      syncFolder(dirname(this.target));
    });
  }

  /** Leaves the path as it was; nothing where all was committed. */
  discard(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    if (this.temporary !== undefined) rmSync(this.temporary, { force: true });
    this.fd = undefined;
    this.temporary = undefined;
  }

  private attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.discard();
      failFile(error, this.path, 'written');
    }
  }
}

/** Writes an {@link AtomicFile} whole. */
export function writeFileAtomic(path: string, content: Uint8Array | string): void {
  const file = new AtomicFile(path);
  file.write(content);
  file.commit();
}

/** @throws FILE where {@link writeFileAtomic} could not write: for asking before long work rather than after it. */
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
