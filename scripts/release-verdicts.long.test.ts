import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { releasedOf } from '@southwell/papers';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('release-verdicts.mjs', import.meta.url));
const run = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });

test('the command gives what was released, to the digits that are kept (one quick experiment)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-released-'));
  try {
    const released = (await releasedOf(16))!;
    const expected = released.runs.filter((r) => r.experiment === 'linear-errors' && r.size === 'quick').slice(0, 2);
    const seeds = expected.map((r) => r.seed).join(',');
    const done = run('16', '--experiment', 'linear-errors', '--seed', seeds, '--out', folder);
    expect(done.stderr).toBe('');
    expect(done.status).toBe(0);
    const { runs, picture } = JSON.parse(readFileSync(join(folder, '16-robust-alternating-completion.json'), 'utf8'));
    expect(runs).toHaveLength(2);
    expect(runs).toMatchObject(
      expected.map(({ seconds: _, date: __, ...r }) => ({
        ...r,
        seconds: expect.any(Number),
        verdicts: r.verdicts.map(({ size: _, seed: __, ...v }) => v),
      })),
    );
    expect(picture).toEqual(released.picture);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
