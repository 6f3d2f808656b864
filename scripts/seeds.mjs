// Which seeds of a paper count: those whose results nobody had seen when its bars were fixed.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Seeds that were seen, by claim, from the history of a paper; also of one that has no released results yet. */
export async function seenSeeds(papers, record) {
  const file = join(papers, 'src', record.slug, 'history.json');
  if (!existsSync(file)) return {};
  const { seedsSeenOf } = await import(pathToFileURL(join(papers, 'dist/verdicts/history.js')).href);
  return seedsSeenOf(record, JSON.parse(readFileSync(file, 'utf8')));
}

/** The first seeds that count for all claims of a paper. */
export function countingSeeds(seen, count) {
  const all = new Set(Object.values(seen).flat());
  const found = [];
  for (let seed = 1; found.length < count; seed++) if (!all.has(seed)) found.push(seed);
  return found;
}
