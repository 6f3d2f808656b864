import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UsageError } from '../errors.ts';
import { workshop } from '../testing.ts';
import { writeSite } from './write.ts';

const { at, here, file } = workshop();
const files = (...paths: string[]) => new Map(paths.map((path) => [path, new TextEncoder().encode(path)]));
const within = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
const LIST = '.southwell-site.json';

test('a site takes the place of an earlier one; what is gone goes, with its folders', () => {
  const out = at('again');
  writeSite(out, files('index.html', 'assets/a.js', 'papers/01/index.html'));
  expect(within(out)).toEqual([LIST, 'assets/a.js', 'index.html', 'papers/01/index.html']);
  writeSite(out, files('index.html', 'assets/b.js'));
  expect(within(out)).toEqual([LIST, 'assets/b.js', 'index.html']);
  expect(existsSync(join(out, 'papers'))).toBe(false);
});

test.each([
  ['a file', (out: string) => writeFileSync(join(out, 'CNAME'), 'example.org'), /CNAME/],
  [
    'a file in a folder',
    (out: string) => {
      mkdirSync(join(out, 'assets'));
      writeFileSync(join(out, 'assets/own.txt'), '');
    },
    /assets/,
  ],
  ['a link', (out: string) => symlinkSync('/tmp', join(out, 'assets')), /assets/],
])('a folder that holds %s of somebody else is left alone', (_, put, named) => {
  const out = at(`other-${named.source.length}`);
  for (const before of [() => {}, () => writeSite(out, files('index.html'))]) {
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out);
    before();
    put(out);
    const held = within(out);
    expect(() => writeSite(out, files('index.html', 'assets/a.js'))).toThrow(UsageError);
    expect(() => writeSite(out, files('index.html', 'assets/a.js'))).toThrow(named);
    expect(within(out)).toEqual(held);
  }
});

test('what a cut run left is cleared away, whether it had begun to place its files or not', () => {
  const out = at('cut');
  writeSite(out, files('index.html', 'old.js'));
  mkdirSync(join(out, '.southwell-site-new/assets'), { recursive: true });
  writeFileSync(join(out, '.southwell-site-new/assets/half.js'), '');
  // Placed, and in the list of both sites, as the writer keeps it meanwhile.
  writeFileSync(join(out, 'new.js'), '');
  writeFileSync(join(out, LIST), JSON.stringify({ files: ['index.html', 'old.js', 'new.js', '../cut-neighbour'] }));
  file('cut-neighbour', 'stays');
  writeSite(out, files('index.html', 'last.js'));
  expect(within(out)).toEqual([LIST, 'index.html', 'last.js']);
  expect(readFileSync(at('cut-neighbour'), 'utf8')).toBe('stays');
});

test('a write that fails leaves the earlier site as it was', () => {
  const out = at('fails');
  writeSite(out, files('index.html', 'a.js'));
  // No file can have others in it.
  expect(() => writeSite(out, files('index.html', 'b.js', 'b.js/c.js'))).toThrow(/cannot be written/);
  expect(within(out).filter((path) => !path.startsWith('.southwell-site-new/'))).toEqual([LIST, 'a.js', 'index.html']);
});

test('the command: its files, its JSON, its sentences', async () => {
  const made = await here(['site', '--out', at('site'), '--json']);
  expect(made.code).toBe(0);
  const told = JSON.parse(made.out);
  expect(within(at('site'))).toHaveLength(told.files + 1);
  expect(existsSync(at('site/race/index.html'))).toBe(true);
  expect((await here(['site', '--out', at('site')])).out).toMatch(
    /^The site is written to .*index\.html: [\d,]+ files, .* MB/,
  );
  for (const [args, sentence] of [
    [['--out', file('taken', '')], /is a file: name a folder/],
    [['--out', at('.')], /contains files that are not part of a site/],
    [['--out', at('new'), '--base-url', 'example.org'], /begins with https/],
    [[], /--out/],
  ] as const) {
    const { code, out, err } = await here(['site', ...args]);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(sentence);
  }
});
