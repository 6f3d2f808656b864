import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { workshop } from '../testing.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
// Scripts of Node, without types.
const contents = await import(join(root, 'scripts/docs/contents.mjs'));
const { withOutputs, withoutTimes } = await import(join(root, 'scripts/docs/executed.mjs'));

/** The README and the pages that one learns from, in order. */
export const pages = contents.runPages as readonly string[];

/** Tests that the commands of pages run, and print what the pages say. */
export function testPages(names: readonly string[]): void {
  const { folder, southwell } = workshop();

  test.each(names)('%s (if it has changed: npm run docs:record)', (name) => {
    const text = readFileSync(join(root, 'docs', name), 'utf8');
    const run = (words: readonly string[]): string => {
      const { code, out, err } = southwell(...words);
      expect(code, `${words.join(' ')}: ${err}`).toBe(0);
      return out;
    };
    const write = (file: string, contents: string) => writeFileSync(join(folder, file), contents);
    expect(withoutTimes(withOutputs(text, run, write))).toBe(withoutTimes(text));
  });
}
