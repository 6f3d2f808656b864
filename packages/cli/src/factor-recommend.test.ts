import { readFileSync } from 'node:fs';
import { Random } from 'southwell';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, here } = workshop();

/** Users of three tastes, each for a third of the songs. */
function write() {
  const random = new Random(2);
  const parts: Record<'old' | 'fresh', string[]> = { old: [], fresh: [] };
  for (let i = 0; i < 60; i++) {
    for (let j = 0; j < 30; j++) {
      if (random.uniform() > (i % 3 === j % 3 ? 0.6 : 0.03)) continue;
      parts[i < 57 ? 'old' : 'fresh'].push(`u${i},s${j},${1 + Math.floor(4 * random.uniform())}`);
    }
  }
  file('plays.csv', `user,song,plays\n${parts.old.join('\n')}\n`);
  file('fresh.csv', `user,song,plays\n${parts.fresh.join('\n')}\n`);
  return parts;
}
const lines = (name: string) => readFileSync(at(name), 'utf8').trimEnd().split('\n');
const share = (list: string[][]) =>
  list.filter(([user, , song]) => Number(user.slice(1)) % 3 === Number(song.slice(1)) % 3).length / list.length;

test('recommends of the same taste, nothing that was seen, to rows of the fit and to new ones', async () => {
  const parts = write();
  const args = ['factor', 'recommend', 'plays.csv', '--types', 'user=category,song=category', '--top', '2'];
  const r = await here([...args, '--holdout', '0.1', '--json', '--out', 'best.csv', '--save', 'model.json']);
  expect(r.code, r.err).toBe(0);
  const { heldOut, tried, rank } = JSON.parse(r.out);
  expect(tried).toHaveLength(12);
  expect(rank).toBeLessThanOrEqual(16);
  expect(heldOut.ndcg).toBeGreaterThan(heldOut.popular);
  const [head, ...best] = lines('best.csv');
  expect(head).toBe('user,place,song,score');
  const seen = new Set([...parts.old, ...parts.fresh].map((line) => line.split(',', 2).join()));
  const found = best.map((line) => line.split(','));
  expect(found.some(([user, , song]) => seen.has(`${user},${song}`))).toBe(false);
  // By chance it would be some 0.17: of their own taste they saw most.
  expect(share(found)).toBeGreaterThan(0.66);

  const p = await here(['predict', 'model.json', 'fresh.csv', '--out', 'for-them.csv']);
  expect(p.code, p.err).toBe(0);
  expect(p.err + p.out).toContain('3 new users coded');
  const own = lines('for-them.csv')
    .slice(1)
    .map((line) => line.split(','));
  expect(own).toHaveLength(6);
  expect(own.some(([user, , song]) => seen.has(`${user},${song}`))).toBe(false);
  expect(share(own)).toBeGreaterThan(0.5);
  // A row of the fit gets what the fit gave it.
  file('one.csv', 'user,song\nu4,s0\n');
  await here(['predict', 'model.json', 'one.csv', '--out', 'one-out.csv']);
  const before = best.filter((line) => line.startsWith('u4,'));
  const after = lines('one-out.csv').slice(1);
  if (!before.some((line) => line.split(',')[2] === 's0')) expect(after).toEqual(before);
});

test('lines without counts count once each, those of a pair together; mistakes are sentences', async () => {
  file('few.csv', 'who,what\nx,p\nx,q\ny,p\ny,p\nz,q\n');
  const few = await here(['factor', 'recommend', 'few.csv', '--json']);
  expect(few.code, few.err).toBe(0);
  const { observed, data, rank } = JSON.parse(few.out);
  expect([observed, rank]).toEqual([4, 2]);
  expect(data.notes.join(' ')).toContain('each once');
  expect(data.notes.join(' ')).toContain('Repeated pairs are summed: 1 lines');
  file('negative.csv', 'who,what,often\nx,p,1\ny,q,-2\nz,p,3\n');
  const wrong = await here(['factor', 'recommend', 'negative.csv']);
  expect(wrong.code).toBe(2);
  expect(wrong.err).toContain('-2 for who y, what q');
  expect((await here(['factor', 'recommend', 'few.csv', '--rank', '3'])).err).toContain(
    '--rank must be a whole number from 1 to 2',
  );
  file('narrow.csv', 'who\nx\ny\n');
  expect((await here(['factor', 'recommend', 'narrow.csv'])).err).toContain('needs two: row and column');
});
