import { fail } from '@southwell/numerics/core';
import { type Input, type Source, toSource } from './source.ts';

/** Files by their paths within a folder, parts of which are separated by `/`. Hidden files and folders are passed over. */
export interface Folder {
  readonly name: string;
  /** Of files, in the order of the alphabet. */
  readonly paths: readonly string[];
  /** Of folders within it, empty ones too. */
  readonly folders: readonly string[];
  /** @throws FILE where there is no such file. */
  open(path: string): Source;
}

/**
 * A folder of files by their paths within it, such as was dropped on a page or chosen there.
 * @throws FILE for a path that is not among them.
 */
export function folderOf(name: string, files: ReadonlyMap<string, Input>): Folder {
  const paths = [...files.keys()].filter((path) => !path.split('/').some((part) => part.startsWith('.'))).sort(byName);
  const folders = new Set<string>();
  for (const path of paths) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) folders.add(parts.slice(0, depth).join('/'));
  }
  return {
    ...{ name, paths, folders: [...folders] },
    open(path) {
      const file = files.get(path);
      if (!file) fail('FILE', `${name} has no file ${path}.`);
      return toSource(file, path);
    },
  };
}

export const isFolder = (input: unknown): input is Folder =>
  typeof input === 'object' && input !== null && 'paths' in input && 'open' in input;

/** The order in which files are listed: that of their characters, in every language. */
export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
