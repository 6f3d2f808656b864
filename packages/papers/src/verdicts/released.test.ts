import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { decidedAt, experimentsOf, lockedDigest, RELEASED_FORMAT, records, releasedOf, stateOf } from '../index.ts';

const here = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${here}../package.json`, 'utf8'));
const running = records.filter((r) => stateOf(r) === 'runs').map((r) => [r.slug, r] as const);

describe.each(running)('released results of %s', (slug, record) => {
  test('they are of this version, under the bars of today, and decide every claim on enough quick seeds', async () => {
    const released = (await releasedOf(record.number))!;
    expect(released, 'npm run release-verdicts').toBeDefined();
    expect(released.version).toBe(version);
    const experiments = await experimentsOf(record.number);
    for (const { experiment, size, seed, date, locked, verdicts } of released.runs) {
      expect(Date.parse(date)).toBeGreaterThan(0);
      const claims = experiments.find((e) => e.id === experiment)?.claims.map((c) => c.id);
      // Results of other bars, or of seeds whose results were known when the bars were fixed, are not released.
      expect(locked).toBe(lockedDigest(record, experiment));
      for (const v of verdicts) {
        expect(claims).toContain(v.claim);
        expect(released.seen[v.claim]).not.toContain(seed);
        expect(v.measured.length).toBeGreaterThan(0);
        expect(v).toMatchObject({ seed, size });
      }
    }
    const quick = released.runs.filter((r) => r.size === 'quick');
    const decided = record.claims.filter((c) => decidedAt(c, 'quick')).map((c) => c.id);
    const claimsOf = quick.flatMap((r) => r.verdicts.map((v) => v.claim));
    expect([...new Set(claimsOf)].sort()).toEqual([...decided].sort());
    for (const claim of decided) {
      const seeds = quick.filter((r) => r.verdicts.some((v) => v.claim === claim)).map((r) => r.seed);
      expect(new Set(seeds).size).toBe(seeds.length);
      // Papers whose bars are not locked yet have fewer.
      expect(seeds.length).toBeGreaterThanOrEqual(released.format === RELEASED_FORMAT ? 10 : 3);
    }
  });

  test('its picture is the one that the record names, and the file is small', async () => {
    const { picture } = (await releasedOf(record.number))!;
    const told = record.picture!;
    expect((await experimentsOf(record.number)).map((e) => e.id)).toContain(told.experiment);
    expect(picture?.says).toBe(told.says);
    if (picture?.kind === 'chart') {
      if (told.series) expect(picture.curves.map((c) => c.series).sort()).toEqual([...told.series].sort());
      for (const { x, y } of picture.curves) {
        expect(x.length).toBe(y.length);
        expect(x.length).toBeGreaterThan(0);
        expect([...x, ...y].every(Number.isFinite)).toBe(true);
      }
    }
    expect(JSON.stringify(picture).length).toBeLessThan(8_000);
    expect(readFileSync(`${here}${slug}/released.json`).length).toBeLessThan(160_000);
  });
});

test('what does not run has none', async () => {
  expect(await releasedOf(9)).toBeUndefined();
});
