/** What docs/adding.md adds: places, counts, and that it parses; the long test beside this one builds it and runs it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { type Addition, added, examples, MOST, page, root } from './additions.ts';

describe('what the page says', () => {
  test('has an example of each kind, and every fence that names a file was read', () => {
    expect(examples.map(({ title }) => title)).toEqual(Object.keys(MOST));
    const named = page.match(/^ *```\w+ \S/gm)?.length;
    expect(examples.reduce((sum, { additions }) => sum + additions.length, 0)).toBe(named);
  });

  test.each(examples)('$title: as many files as it may take, all of them listed', ({ title, files, additions }) => {
    expect(files.length).toBe(new Set(files).size);
    expect(files.length).toBeLessThanOrEqual(MOST[title]);
    const written = [...new Set(additions.map(({ path }) => path))];
    expect(files).toEqual(expect.arrayContaining(written));
    // Tables of options are written by a program.
    expect(files.filter((path) => !written.includes(path) && !path.startsWith('docs/'))).toEqual([]);
  });

  test('what it adds goes to places that are there, and parses', () => {
    const texts = new Map<string, string>();
    for (const addition of examples.flatMap(({ additions }) => additions)) {
      const at = join(root, addition.path);
      const before = texts.get(addition.path) ?? (existsSync(at) ? readFileSync(at, 'utf8') : undefined);
      texts.set(addition.path, added(before, addition));
    }
    const code = [...texts].filter(([path]) => path.endsWith('.ts'));
    expect(code.length).toBeGreaterThan(20);
    for (const [sourcefile, text] of code) {
      // Of AssemblyScript without its decorators of functions, which TypeScript has not.
      transformSync(text.replaceAll(/^ *@\w+$/gm, ''), { loader: 'ts', sourcefile });
    }
  });

  test('a place that is not there, or twice, is told', () => {
    const to = (how: Addition['how'], anchor?: string) => added('a\nb\na\n', { path: 'f', text: 'x\n', how, anchor });
    expect(to('after', 'b')).toBe('a\nb\nx\na\n');
    expect(to('before', 'b')).toBe('a\nx\nb\na\n');
    expect(to('in place of', 'b')).toBe('a\nx\na\n');
    expect(() => to('after', 'a')).toThrow('docs/adding.md adds to f after "a", which is there 2 times, not once.');
    expect(() => to('after', 'c')).toThrow('which is there 0 times');
    expect(() => to(undefined)).toThrow('makes f anew, but there is one');
  });
});
