import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { failFile, writeFileAtomic } from '@southwell/data/node';
import { count } from '@southwell/tasks';
import { EXIT } from '../../errors.ts';
import { paperSite } from '../../report/paper-site.ts';
import { resultStore } from './shared.ts';

/** Writes a site of all stored results into a folder; other files there are kept. */
export async function reportCommand(out: string): Promise<number> {
  const results = await resultStore().list();
  try {
    mkdirSync(out, { recursive: true });
  } catch (error) {
    failFile(error, out, 'written');
  }
  const pages = await paperSite(results);
  for (const [name, text] of pages) writeFileAtomic(join(out, name), text);
  console.log(`Report of ${count(results.length, 'run')} written to ${join(out, 'index.html')}`);
  return EXIT.done;
}
