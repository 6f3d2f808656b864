import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { records, snippets, stateOf } from '@southwell/papers';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = existsSync(new URL('../packages/southwell/dist/index.js', import.meta.url));

test('every paper that runs shows how to use its method', () => {
  const running = records.filter((r) => stateOf(r) === 'runs').map((r) => r.number);
  expect(Object.keys(snippets).map(Number)).toEqual(running);
});

test.skipIf(!built).each(Object.entries(snippets))(
  'the code shown for paper %s runs as it is (needs a build)',
  (_, code) => {
    const r = spawnSync(process.execPath, ['--input-type=module', '-e', code], { cwd: root, encoding: 'utf8' });
    expect(r.stderr).toBe('');
    expect(r.stdout.trim().length).toBeGreaterThan(5);
    expect(r.stdout).not.toMatch(/NaN|undefined/);
  },
);
