import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openFolder } from '../node.ts';
import { folderOf, isFolder } from './folder.ts';
import { readBytes } from './source.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('files by their paths, in the order of the alphabet, without hidden ones', async () => {
  const names = ['b/2.png', 'a.txt', '.hidden', 'b/.git/x', 'b/10.png', 'B.txt', 'c/d/e.csv'];
  const folder = folderOf('given', new Map(names.map((name) => [name, bytes(name)])));
  expect(folder.paths).toEqual(['B.txt', 'a.txt', 'b/10.png', 'b/2.png', 'c/d/e.csv']);
  expect([...folder.folders].sort()).toEqual(['b', 'c', 'c/d']);
  const file = folder.open('c/d/e.csv');
  expect([file.name, new TextDecoder().decode(await readBytes(file))]).toEqual(['c/d/e.csv', 'c/d/e.csv']);
  expect(() => folder.open('c/d')).toThrow('given has no file c/d.');
  expect([isFolder(folder), isFolder(bytes('x')), isFolder('given'), isFolder(null)]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test('a folder on the disk is the same, and a link to its own beginning ends it', async () => {
  const path = mkdtempSync(join(tmpdir(), 'southwell-folder-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  mkdirSync(join(path, 'in', 'empty'), { recursive: true });
  for (const name of ['in/z.txt', 'in/.dot', 'y.txt']) writeFileSync(join(path, name), name);
  symlinkSync(path, join(path, 'in', 'again'));
  const folder = openFolder(path);
  expect(folder.paths).toEqual(['in/z.txt', 'y.txt']);
  expect([...folder.folders].sort()).toEqual(['in', 'in/again', 'in/empty']);
  expect(new TextDecoder().decode(await readBytes(folder.open('in/z.txt')))).toBe('in/z.txt');
  expect(() => openFolder(join(path, 'nowhere'))).toThrow(/there is no such file/);
});
