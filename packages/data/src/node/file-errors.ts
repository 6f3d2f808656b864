import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fail, SouthwellError } from '@southwell/numerics/core';

/**
 * Converts an error of the file system to a message; other errors are rethrown.
 * @throws FILE.
 */
export function failFile(error: unknown, path: string, doing: 'read' | 'written'): never {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined || error instanceof SouthwellError) throw error;
  const folder = dirname(resolve(path));
  const writing = existsSync(path) ? 'writing to it is not permitted' : `writing to ${folder} is not permitted`;
  const reasons: Record<string, string> = {
    ENOENT: doing === 'read' ? 'there is no such file' : `there is no folder ${folder}`,
    ENOTDIR: 'part of its path is not a folder',
    EACCES: doing === 'read' ? 'reading it is not permitted' : `${writing}; choose another place`,
    EPERM: 'the operation is not permitted',
    EISDIR: 'it is a folder',
    EROFS: 'its disk is read-only; choose another place',
    ENOSPC: 'the disk is full; free some space, or choose another place',
    EDQUOT: 'the disk quota is used up; free some space, or choose another place',
    ELOOP: 'its links form a loop',
    EFBIG: 'it would be larger than a file may be',
    EMFILE: 'too many files are open',
    ENAMETOOLONG: 'its name is too long',
  };
  fail('FILE', `${path} cannot be ${doing}: ${reasons[code] ?? message}.`);
}
