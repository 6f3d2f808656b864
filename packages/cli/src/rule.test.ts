import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const command = fileURLToPath(new URL('../bin/southwell.mjs', import.meta.url));
const built = existsSync(fileURLToPath(new URL('../dist/index.js', import.meta.url)));

test.skipIf(!built)(
  '--rule keeps the model of its rule: the best score, or the strongest penalty near it (needs a build)',
  () => {
    const fit = (rule: string) => {
      const args = ['fit', 'bundled:diabetes', '--cv', '5', '--rule', rule, '--json'];
      const r = spawnSync(process.execPath, [command, ...args], { encoding: 'utf8' });
      expect(r.status, r.stderr).toBe(0);
      return JSON.parse(r.stdout);
    };
    const [least, sparse] = [fit('min'), fit('1se')];
    expect(least.model.alpha).toBe(least.crossValidation.min.alpha);
    expect(sparse.model.alpha).toBe(sparse.crossValidation.oneStandardError.alpha);
    expect(sparse.model.alpha).toBeGreaterThan(least.model.alpha);
  },
);
