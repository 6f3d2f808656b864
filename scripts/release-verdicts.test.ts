import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('release-verdicts.mjs', import.meta.url));
const run = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });

test('what it cannot do is said', () => {
  expect(run('09')).toMatchObject({ status: 1, stderr: expect.stringContaining('no paper 09') });
  expect(run('16', '--experiment', 'linear-errors').stderr).toContain('--out');
});
