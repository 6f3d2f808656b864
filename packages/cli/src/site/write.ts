import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { failFile, writeFileAtomic } from '@southwell/data/node';
import { UsageError } from '../errors.ts';
import { clip, printable } from '../text.ts';

/** Lists the files of our site in a folder. */
const LIST = '.southwell-site.json';
/** Staging folder, from which files are moved to their final places. */
const STAGE = '.southwell-site-new';

/**
 * Writes a site into a folder that is new, empty or contains an earlier site. All files are staged first and then moved
 * by renaming; pages are moved after the files they refer to, and obsolete files are removed last. Thus visitors see a
 * complete site, old or new, even if writing is interrupted. Throws a sentence if the folder contains anything else.
 */
export function writeSite(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new UsageError(`${printable(folder)} is a file: name a folder.`);
  }
  try {
    mkdirSync(folder, { recursive: true });
    const own = ownFiles(folder);
    // Without a list all files are foreign, and a whole disk need not be searched.
    const present = own ? filesIn(folder) : readdirSync(folder).filter((name) => name !== STAGE);
    const other = present.find((path) => path !== LIST && !own?.has(path));
    if (other !== undefined) {
      throw new UsageError(
        `${printable(folder)} contains files that are not part of a site (${printable(clip(other, 60))}): name a folder that is new or empty.`,
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
    // If interrupted from here on, the next run has to know both sets of files.
    list(new Set([...(own ?? []), ...files.keys()]));
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

/**
 * Pages after the files they refer to; the index page after the others; last the files that announce the update to
 * browsers.
 */
const turn = (path: string): number =>
  path === 'sw.js' ? 3 : path === 'index.html' ? 2 : path.endsWith('.html') ? 1 : 0;

/** All files in a folder and its subfolders, except the staged files of an interrupted run. Links are not followed. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !path.startsWith(`${STAGE}/`));

/** The files in the list; undefined without one. */
function ownFiles(folder: string): ReadonlySet<string> | undefined {
  try {
    const { files } = JSON.parse(readFileSync(join(folder, LIST), 'utf8')) as { files?: unknown };
    return new Set(Array.isArray(files) ? files.filter((path) => typeof path === 'string') : []);
  } catch {
    return undefined;
  }
}

/** Removes a file, and folders that become empty. */
function remove(folder: string, path: string): void {
  rmSync(join(folder, path), { force: true });
  for (let up = dirname(path); up !== '.'; up = dirname(up)) {
    if (readdirSync(join(folder, up)).length > 0) return;
    rmdirSync(join(folder, up));
  }
}
