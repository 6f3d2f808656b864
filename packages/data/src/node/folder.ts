import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fail } from '@southwell/numerics/core';
import { byName, type Folder } from '../io/folder.ts';
import type { Source } from '../io/source.ts';
import { failFile } from './file-errors.ts';

/** Maximum number of files in a folder; more indicate a wrong path. */
const MOST = 5_000_000;

/**
 * A folder on disk with its contents; links are followed, once each.
 * @param open Opens a file by its path.
 * @param deep Whether to include subfolders.
 * @throws FILE.
 */
export function folderAt(path: string, open: (path: string) => Source, deep = true): Folder {
  const paths: string[] = [];
  const folders: string[] = [];
  const seen = new Set<string>();
  const look = (inside: string) => {
    const at = join(path, inside);
    try {
      const real = realpathSync(at);
      if (seen.has(real)) return;
      seen.add(real);
      for (const entry of readdirSync(at, { withFileTypes: true }).sort((a, b) => byName(a.name, b.name))) {
        if (entry.name.startsWith('.')) continue;
        const within = inside === '' ? entry.name : `${inside}/${entry.name}`;
        const folder = entry.isSymbolicLink() ? statSync(join(path, within)).isDirectory() : entry.isDirectory();
        if (folder) folders.push(within);
        else paths.push(within);
        if (folder && deep) look(within);
      }
    } catch (error) {
      failFile(error, at, 'read');
    }
    if (paths.length > MOST)
      fail('FILE', `${path} cannot be read: it holds more than ${MOST.toLocaleString('en')} files.`);
  };
  look('');
  return { name: basename(resolve(path)), paths, folders, open: (file) => ({ ...open(join(path, file)), name: file }) };
}
