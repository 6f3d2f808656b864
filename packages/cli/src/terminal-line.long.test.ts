import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cleanEnv, command, workshop } from './testing.ts';

const { folder, at } = workshop();

const script = (args: string[], shell: string) =>
  spawnSync('script', ['-qec', shell, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...cleanEnv(), TERM: 'xterm' },
  });
const hasScript = process.platform === 'linux' && script([at('probe')], 'true').status === 0;

test.skipIf(!hasScript)('on a terminal one line is rewritten: objective, gap, active features (needs script)', () => {
  const job = 'fit bundled:spambase --model logistic --standardize --cv 12 --threads 1 --n-alphas 60';
  const r = script([at('typescript')], `stty cols 80; '${process.execPath}' '${command}' ${job} >'${at('table.txt')}'`);
  expect(r.status).toBe(0);
  const shown = r.stdout.split('\r\u001b[2K').slice(1);
  expect(shown.length).toBeGreaterThan(3);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are to be removed
  const texts = shown.map((line) => line.replace(/\u001b\[\d+m/g, ''));
  expect(texts.at(-1)).toBe(''); // cleared in the end
  for (const text of texts) {
    expect(text.length).toBeLessThanOrEqual(79);
    expect(text).not.toContain('\n');
  }
  expect(texts.slice(0, -1).join('\n')).toMatch(
    /^cross-validating \d+\/780: objective [\d.]+, gap \d\.\de-?\d+, \d+ features? +\d+ s$/m,
  );
  expect(readFileSync(at('table.txt'), 'utf8')).toMatch(/Converged: /);
});
