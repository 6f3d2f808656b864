import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { experimentsOf, records, releasedOf, releasedRuns, standings, stateOf } from '@southwell/papers';
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
    // What does not hold as shipped has no verdict to lose.
    const standing = standings(record, releasedRuns((await releasedOf(record.number))!));
    const lost = standing.filter((s) => s.outcome === 'does not hold').map((s) => s.claim);
    expect([...new Set(turned)].sort()).toEqual(
      record.claims
        .map((c) => c.id)
        .filter((id) => !lost.includes(id))
        .sort(),
    );
    expect(new Set(ablations.map((a) => a.id)).size).toBe(ablations.length);
    expect((await experimentsOf(record.number)).length).toBeGreaterThan(0);
  });

  test('its table in docs/ has a row for every claim and each of its ablations', async () => {
    const { default: ablations } = (await import(pathToFileURL(file).href)) as { default: readonly Ablation[] };
    const marker = `<!-- ablations ${slug.slice(0, 2)} -->`;
    const docs = join(root, 'docs');
    const pages = readdirSync(docs).filter((name) => name.endsWith('.md'));
    const tables = pages.flatMap((name) => readFileSync(join(docs, name), 'utf8').split(marker).slice(1, 2));
    expect(tables.length).toBe(1);
    const rows = tables[0]
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    const listed = record.claims.flatMap(({ id }) =>
      ablations.filter((a) => a.turns.includes(id)).map(({ says }) => [`\`${id}\``, says]),
    );
    expect(rows.map(([claim, , says]) => [claim, says])).toEqual(listed);
    for (const [claim, shipped, , without] of rows) expect(without, claim).not.toBe(shipped);
  });
});

// Runs what is built. All of them take six minutes: npm run ablations -- --check.
test('the first ablation of the first paper turns its claim', async () => {
  const { slug } = running[0];
  const file = join(root, 'packages/papers/src', slug, 'ablations.ts');
  const { default: ablations } = (await import(pathToFileURL(file).href)) as { default: readonly Ablation[] };
  const [{ id, turns }] = ablations;
  const which = ['--paper', slug.slice(0, 2), '--ablation', id, '--claim', turns.at(-1)!];
  const child = spawn(process.execPath, [join(root, 'scripts/ablations/index.mjs'), ...which], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  child.stdout.on('data', (chunk) => (told += chunk));
  child.stderr.on('data', (chunk) => (told += chunk));
  const code = await new Promise((done) => child.on('close', done));
  expect(code, told).toBe(0);
  expect(told).toContain(turns.at(-1));
}, 300_000);
