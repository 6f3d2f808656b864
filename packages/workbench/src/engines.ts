import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Content } from './content.ts';

/** Files of engines that browsers load when they are needed, and their types. */
const FILES = { 'highs.mjs': 'text/javascript; charset=utf-8', 'highs.wasm': 'application/wasm' } as const;

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

/** HiGHS for the page, by path; nothing if it is not installed. */
export function installedEngines(): Array<[string, Content]> {
  const folder = folderOf('highs');
  if (folder === undefined) return [];
  try {
    return Object.entries(FILES).map(([name, type]) => [
      `/engines/${name}`,
      new Content(readFileSync(join(folder, name)), type),
    ]);
  } catch (error) {
    // Another version without these files.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
