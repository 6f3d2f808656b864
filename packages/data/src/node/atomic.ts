import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { failFile } from './file-errors.ts';

const PIECE = 1 << 20;
/** Name of this machine, shortened for file names; folders may be shared with other machines. */
const HOST = hostname().slice(0, 16);
let temporaries = 0;
const swept = new Set<string>();

/**
 * A file written in pieces such that at any moment the path has either the old content or all of the new: the data go
 * to a temporary file in the same folder, which `commit` flushes to disk and renames. Symbolic links and file
 * permissions are preserved. Anything other than a regular file (/dev/stdout, /dev/null, a pipe) is written directly,
 * never replaced. Every method throws FILE with the reason, after removing the temporary file. Temporary files of
 * killed processes are removed when the path is next written.
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
      sweep(this.target);
      const own = `${process.pid}-${temporaries++}.tmp`;
      this.temporary = join(dirname(this.target), temporaryStart(this.target) + own);
      this.fd = openSync(this.temporary, 'wx');
      if (old) fchmodSync(this.fd, old.mode & 0o777);
    });
  }

  write(content: Uint8Array | string): void {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    this.attempt(() => writeAll(this.fd!, bytes));
  }

  /** Call when everything is written. */
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

  /** Leaves the path unchanged; does nothing after `commit`. */
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

const temporaryStart = (target: string): string => `.${basename(target)}.${HOST}-`;

/** Removes temporary files left by processes of this machine that ended while writing the path; once per process. */
function sweep(target: string): void {
  if (swept.has(target)) return;
  swept.add(target);
  const [folder, start] = [dirname(target), temporaryStart(target)];
  try {
    for (const name of readdirSync(folder)) {
      const pid = name.startsWith(start) && /^(\d+)-\d+\.tmp$/.exec(name.slice(start.length))?.[1];
      if (pid && !isAlive(Number(pid))) rmSync(join(folder, name), { force: true });
    }
  } catch {
    // The folder may be writable but not readable, or another process was faster.
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Writes the whole content through an {@link AtomicFile}. */
export function writeFileAtomic(path: string, content: Uint8Array | string): void {
  const file = new AtomicFile(path);
  file.write(content);
  file.commit();
}

/** @throws FILE if {@link writeFileAtomic} would fail, to be checked before a long computation rather than after it. */
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

/** The file at the path, if any. A write-protected file must not be replaced, although renaming could do so. */
function checkTarget(path: string): Stats | undefined {
  const old = statSync(path, { throwIfNoEntry: false });
  if (old?.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
  if (old) accessSync(path, constants.W_OK);
  return old;
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, Math.min(bytes.length - at, PIECE));
}

/** The rename is safe from power failure only once the folder is flushed; not every system supports that. */
function syncFolder(path: string): void {
  try {
    const fd = openSync(path, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    // The file is complete in either case.
  }
}
