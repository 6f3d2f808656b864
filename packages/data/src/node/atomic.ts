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
/** Of this machine, as far as a file's name has room: folders may be shared with others. */
const HOST = hostname().slice(0, 16);
let temporaries = 0;
const swept = new Set<string>();

/**
 * A file that is written by pieces so that at any moment the path holds either the old content or all of the new: into a
 * temporary file of the same folder, which `commit` flushes to the disk and renames. A link stays a link, and a file keeps
 * its permissions. What is no regular file (/dev/stdout, /dev/null, a pipe) is written into, never replaced. Every call
 * throws FILE with the reason; the temporary is then removed. That of a process which was killed goes when the path is next written.
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

const temporaryStart = (target: string): string => `.${basename(target)}.${HOST}-`;

/** Removes what processes of this machine left that ended while they wrote the path; once a process. */
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
    // A folder that may be written and not read, or somebody was faster.
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
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
