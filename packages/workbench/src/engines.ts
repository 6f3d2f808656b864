import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { engineFiles } from '@southwell/engines';
import { Content } from './content.ts';

/** The folder of an installed package's entry: of one beside the workbench, or in the folder where it was started. */
function folderOf(name: string): string | undefined {
  for (const from of [import.meta.url, `${process.cwd()}/`]) {
    try {
      return dirname(createRequire(from).resolve(name));
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}

/** Engines for the page, by path; those that are not installed are left out. */
export const installedEngines = (): Array<[string, Content]> =>
  engineFiles.flatMap(({ package: name, files }): Array<[string, Content]> => {
    const folder = folderOf(name);
    if (folder === undefined) return [];
    try {
      return Object.entries(files).map(([file, type]) => [
        `/engines/${file}`,
        new Content(readFileSync(join(folder, file)), type),
      ]);
    } catch (error) {
      // Another version without these files.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  });
