import { existsSync, readFileSync } from 'node:fs';
import { bundledSets } from '@southwell/data';
import { expect, test } from 'vitest';

const root = new URL('../', import.meta.url);
const page = readFileSync(new URL('docs/licences.md', root), 'utf8');
const built = existsSync(new URL('packages/cli/dist/bundle/licences.md', root));

test.skipIf(!built)(
  'the list of licences is that of what is installed and bundled (npm run build && npm run docs)',
  async () => {
    // A script of Node, without types.
    const { withLicences } = await import(new URL('scripts/licences.mjs', root).href);
    expect(withLicences(page)).toBe(page);
  },
);

test('every package is under a licence that allows what southwell does with it, every set under the one it names', () => {
  const licences = [...page.matchAll(/^\| \S+ +\| \d\S* +\| (\S+) /gm)].map((m) => m[1]);
  expect(licences.length).toBeGreaterThan(30);
  expect(new Set(licences)).toEqual(new Set(['MIT', 'ISC', 'Apache-2.0', 'MIT-0', 'BSD-3-Clause']));
  for (const set of bundledSets()) expect(page).toMatch(new RegExp(`\\| \`${set.name}\` +\\| ${set.licence} `));
});
