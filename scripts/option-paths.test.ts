/** The ways of options that docs/architecture.md draws: short, through files that are there and that have to do with them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
const section = page.split('### An option from the shell to the kernel')[1].split('\n## ')[0];
const ways = [...section.matchAll(/^`(\w+)` of `[^`]+`:\n([\s\S]*?)(?=^`|$(?![\s\S]))/gm)].map(
  ([, name, list]) => [name, [...list.matchAll(/`(packages\/[^`]+\.ts)`/g)].map(([, path]) => path)] as const,
);

test('three ways are drawn', () => {
  expect(ways.map(([name]) => name)).toEqual(['alpha', 'gamma', 'seed']);
});

describe.each(ways)('%s', (name, files) => {
  test('at most twelve files, once each, all there', () => {
    expect(new Set(files).size).toBe(files.length);
    expect(files.length).toBeLessThanOrEqual(12);
    expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('those of the command have it in a request, those behind it by its name', () => {
    for (const path of files) {
      const text = readFileSync(join(root, path), 'utf8');
      const generic = path.startsWith('packages/cli/');
      // The weights of columns that alpha becomes.
      const words = generic ? /\b(request|asked|options)\b/ : new RegExp(`\\b(${name}|\\w*Records|a1)\\b`);
      expect(text, path).toMatch(words);
      if (generic) expect(text, path).not.toMatch(new RegExp(`['.]${name}\\b`));
    }
  });
});
