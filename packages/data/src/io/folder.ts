import { fail } from '@southwell/numerics/core';
import { type Input, type Source, toSource } from './source.ts';

/** A folder of files, given by their paths within it, with `/` as separator. Hidden files and folders are omitted. */
export interface Folder {
  readonly name: string;
  /** Paths of files, sorted. */
  readonly paths: readonly string[];
  /** Paths of subfolders, including empty ones. */
  readonly folders: readonly string[];
  /** @throws FILE if there is no such file. */
  open(path: string): Source;
}

/**
 * A folder made of files with their paths within it, for example one that was dropped on a page.
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

/** The order in which files are listed: by code units, independent of the locale. */
export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
