import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Null, records, releasedOf, stateOf } from '@southwell/papers';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const running = records.filter((r) => stateOf(r) === 'runs');
const fileOf = (slug: string, name: string) => join(root, 'packages/papers/src', slug, name);
const locked = running.filter((r) => existsSync(fileOf(r.slug, 'locked.ts')));
const nullsOf = async (slug: string) =>
  ((await import(pathToFileURL(fileOf(slug, 'nulls.ts')).href)) as { default: readonly Null[] }).default;
/** A null, with a claim, of the experiment that took least time when its verdicts were released. */
async function quickest() {
  const found: Array<{ readonly slug: string; readonly id: string; readonly claim: string; readonly seconds: number }> =
    [];
  for (const record of locked) {
    const runs = (await releasedOf(record.number))!.runs.filter((r) => r.size === 'quick');
    for (const { id, claims } of await nullsOf(record.slug)) {
      for (const claim of claims) {
        const seconds = Math.min(
          ...runs.flatMap((r) => (r.verdicts.some((v) => v.claim === claim) ? [r.seconds ?? 99] : [])),
        );
        found.push({ slug: record.slug, id, claim, seconds });
      }
    }
  }
  return found.reduce((best, one) => (one.seconds < best.seconds ? one : best));
}

// Runs what is built.
test('a null of a paper, run anew, gives the verdicts that are kept', async () => {
  const { slug, id, claim } = await quickest();
  const which = [slug.slice(0, 2), '--null', id, '--claim', claim, '--json'];
  const child = spawn(process.execPath, ['--conditions=modules', join(root, 'scripts/nulls/index.mjs'), ...which], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  await new Promise((done) => child.on('close', done));
  expect(out, err).not.toBe('');
  const [{ verdicts }] = JSON.parse(out).papers as [{ verdicts: object[] }];
  const kept = JSON.parse(readFileSync(fileOf(slug, 'nulls.json'), 'utf8')) as Array<{ null: string; claim: string }>;
  expect(verdicts).toEqual(kept.filter((v) => v.null === id && v.claim === claim));
  expect(verdicts.length).toBe(3);
}, 300_000);
