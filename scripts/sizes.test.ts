import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const files = execFileSync('git', ['ls-files', 'packages', 'bench', 'scripts'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((name) => /\.(ts|mjs|svelte)$/.test(name) && !name.endsWith('.test.ts'));

test('a file over 400 lines says why in its first comment', () => {
  expect(files.length).toBeGreaterThan(300);
  const silent = files.filter((name) => {
    const text = readFileSync(join(root, name), 'utf8');
    return text.split('\n').length > 401 && !/^(<!--|\/\/|\/\*\*?)\s*Over 400 lines: /.test(text);
  });
  expect(silent).toEqual([]);
});
