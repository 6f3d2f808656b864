import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { failFile, writeFileAtomic } from '@southwell/data/node';
import { UsageError } from '../errors.ts';
import { clip, printable } from '../text.ts';

/** Lists what in a folder is a site of ours. */
const LIST = '.southwell-site.json';
/** Where the files are written before they take their places. */
const STAGE = '.southwell-site-new';

/**
 * Writes a site into a folder that is new, empty or holds an earlier one. All files are written before the first takes
 * its place, by renaming; pages come after what they lead to, and what only the earlier site had goes last: whoever is served
 * meanwhile, and whenever this is cut, finds a whole site, the old or the new one. Throws a sentence where the folder holds anything else.
 */
export function writeSite(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new UsageError(`${printable(folder)} is a file: name a folder.`);
  }
  try {
    mkdirSync(folder, { recursive: true });
    const present = filesIn(folder);
    const own = ownFiles(folder);
    const other = present.find((path) => path !== LIST && !own.has(path));
    if (other !== undefined) {
      throw new UsageError(
        `${printable(folder)} holds what is no part of a site (${printable(clip(other, 60))}): name a folder that is new or empty.`,
      );
    }
    const stage = join(folder, STAGE);
    rmSync(stage, { recursive: true, force: true });
    for (const [path, bytes] of files) {
      mkdirSync(dirname(join(stage, path)), { recursive: true });
      writeFileSync(join(stage, path), bytes);
    }
    const list = (paths: Iterable<string>) =>
      writeFileAtomic(join(folder, LIST), `${JSON.stringify({ files: [...paths].sort() }, null, 1)}\n`);
    // Should it be cut from here on, the next one has to know both.
    list(new Set([...own, ...files.keys()]));
    for (const path of [...files.keys()].sort((a, b) => turn(a) - turn(b))) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      renameSync(join(stage, path), join(folder, path));
    }
    rmSync(stage, { recursive: true, force: true });
    for (const path of present) if (path !== LIST && !files.has(path)) remove(folder, path);
    list(files.keys());
  } catch (error) {
    if (error instanceof UsageError) throw error;
    failFile(error, folder, 'written');
  }
}

/** Pages after what they lead to; the first page after the others; at last what tells browsers of something new. */
const turn = (path: string): number =>
  path === 'sw.js' ? 3 : path === 'index.html' ? 2 : path.endsWith('.html') ? 1 : 0;

/** All that is in a folder and is no folder, but for what a cut run left to be placed. Links are not followed. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !path.startsWith(`${STAGE}/`));

function ownFiles(folder: string): ReadonlySet<string> {
  try {
    const { files } = JSON.parse(readFileSync(join(folder, LIST), 'utf8')) as { files?: unknown };
    return new Set(Array.isArray(files) ? files.filter((path) => typeof path === 'string') : []);
  } catch {
    return new Set();
  }
}

/** With the folders that it leaves empty. */
function remove(folder: string, path: string): void {
  rmSync(join(folder, path), { force: true });
  for (let up = dirname(path); up !== '.'; up = dirname(up)) {
    if (readdirSync(join(folder, up)).length > 0) return;
    rmdirSync(join(folder, up));
  }
}
