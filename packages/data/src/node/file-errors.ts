import { dirname } from 'node:path';
import { fail } from 'southwell';

/** A sentence for an error of the file system. */
export function failFile(error: unknown, path: string, doing: 'read' | 'written'): never {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  const reasons: Record<string, string> = {
    ENOENT: doing === 'read' ? 'there is no such file' : `there is no folder ${dirname(path)}`,
    ENOTDIR: 'part of its path is no folder',
    EACCES: doing === 'read' ? 'reading it is not permitted' : `writing to ${dirname(path)} is not permitted`,
    EPERM: 'the operation is not permitted',
    EISDIR: 'it is a folder',
    EROFS: 'its disk is read-only',
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    EFBIG: 'it would be larger than a file may be',
    EMFILE: 'too many files are open',
    ENAMETOOLONG: 'its name is too long',
  };
  fail('FILE', `${path} cannot be ${doing}: ${reasons[code] ?? message}.`);
}
