/** What can be told of the packages before they are packed; the long test beside this one packs and installs them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { downloads, lookedFor, type Package, strangersOf, WITHIN_BUDGETS } from './testing.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const built = existsSync(join(root, 'packages/cli/dist/bundle'));
const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

/** The packages that are published, with the files that their manifests name and that are built. */
const packages: Package[] = readJson(join(root, 'package.json'))
  .workspaces.map((path: string) => join(root, path))
  .filter((at: string) => !readJson(join(at, 'package.json')).private)
  .map((at: string) => {
    const { name, files } = readJson(join(at, 'package.json'));
    const folders = (files as string[]).filter((pattern) => !pattern.startsWith('!'));
    const paths = folders.flatMap((folder) =>
      readdirSync(join(at, folder), { recursive: true, withFileTypes: true })
        .filter(
          (entry) =>
            entry.isFile() &&
            !/\.test\.|\.map$|^testing\.|tsbuildinfo/.test(entry.name) &&
            !/\d\d-[^/]*\/nulls\./.test(join(entry.parentPath, entry.name)),
        )
        .map((entry) => relative(at, join(entry.parentPath, entry.name))),
    );
    return { name, at, files: paths };
  });

describe.skipIf(!built)('the packages as they are built (needs a build)', () => {
  test('every module imports what its package depends on', () => {
    expect(packages.length).toBeGreaterThan(8);
    for (const one of packages) expect(strangersOf(one), one.name).toEqual([]);
  });

  test('what bundles look for beside them is there: workers, the page, the sets', () => {
    const looked = packages.map(lookedFor);
    expect(looked.flatMap(({ missing }) => missing)).toEqual([]);
    expect(looked.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(8);
  });

  test('what browsers download stays within its budget', async () => {
    const app = join(root, 'packages/workbench/dist/app');
    expect(await downloads(join(root, 'packages/cli'), app)).toEqual(WITHIN_BUDGETS);
  });
});
