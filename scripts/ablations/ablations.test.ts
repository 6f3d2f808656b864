import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { experimentsOf, records, stateOf } from '@southwell/papers';
import { describe, expect, test } from 'vitest';
import type { Ablation } from '../../packages/papers/src/ablation.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const running = records.filter((r) => stateOf(r) === 'runs');

describe.each(running.map((r) => [r.slug, r] as const))('%s', (slug, record) => {
  const file = join(root, 'packages/papers/src', slug, 'ablations.ts');
  test('every claim names its ingredient, and an ablation takes it out', async () => {
    const { default: ablations } = (await import(pathToFileURL(file).href)) as { default: readonly Ablation[] };
    for (const claim of record.claims) {
      if ('measures' in claim) expect(claim.ingredient, claim.id).toMatch(/\S/);
    }
    const turned = ablations.flatMap((a) => a.turns);
    expect([...new Set(turned)].sort()).toEqual(record.claims.map((c) => c.id).sort());
    expect(new Set(ablations.map((a) => a.id)).size).toBe(ablations.length);
    expect((await experimentsOf(record.number)).length).toBeGreaterThan(0);
  });

  // Runs what is built.
  test('at quick size the ablations turn their claims, as its table in docs/ says', async () => {
    const args = [join(root, 'scripts/ablations/index.mjs'), '--paper', slug.slice(0, 2), '--check'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let told = '';
    child.stdout.on('data', (chunk) => (told += chunk));
    child.stderr.on('data', (chunk) => (told += chunk));
    const code = await new Promise((done) => child.on('close', done));
    expect(code, told).toBe(0);
  }, 600_000);
});
