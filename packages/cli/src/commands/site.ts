import { join } from 'node:path';
import { webAddress } from '@southwell/digest';
import { count } from '@southwell/tasks';
import { siteFiles } from '@southwell/workbench';
import { EXIT } from '../errors.ts';
import { writeSite } from '../site/write.ts';
import { printable } from '../text.ts';

export interface SiteCommandOptions {
  readonly out: string;
  readonly baseUrl?: string;
  readonly json?: boolean;
}

/** Writes the workbench as static files for any host. */
export async function siteCommand({ out, baseUrl, json }: SiteCommandOptions): Promise<number> {
  if (baseUrl !== undefined) webAddress(baseUrl, '--base-url');
  const files = await siteFiles({ baseUrl });
  writeSite(out, files);
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  const told = json
    ? JSON.stringify({ southwell: 1, folder: out, files: files.size, bytes, exitCode: EXIT.done }, null, 2)
    : `The site is written to ${printable(join(out, 'index.html'))}: ${count(files.size, 'file')}, ${(bytes / 1e6).toFixed(1)} MB, for any host of files and any path.`;
  process.stdout.write(`${told}\n`);
  return EXIT.done;
}
