import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { experimentsOf, RELEASED_FORMAT, records, releasedOf, releasedRuns, standings, stateOf } from './index.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const { version } = JSON.parse(readFileSync(`${here}../package.json`, 'utf8'));
const running = records.filter((r) => stateOf(r) === 'runs').map((r) => [r.slug, r] as const);

describe.each(running)('released results of %s', (slug, record) => {
  test('they are of this version, and every seed decides exactly the claims of the record', async () => {
    const released = (await releasedOf(record.number))!;
    expect(released, 'npm run release-verdicts').toBeDefined();
    expect(released.format).toBe(RELEASED_FORMAT);
    expect(released.version).toBe(version);
    expect(Date.parse(released.date)).toBeGreaterThan(0);
    const seeds = [...new Set(released.runs.map((r) => r.seed))];
    expect(seeds.length).toBeGreaterThan(0);
    const experiments = await experimentsOf(record.number);
    for (const seed of seeds) {
      const runs = released.runs.filter((r) => r.seed === seed && r.size === 'quick');
      const decided = runs.flatMap((r) => r.verdicts.map((v) => v.claim));
      expect([...decided].sort()).toEqual(record.claims.map((c) => c.id).sort());
      for (const { experiment, verdicts } of runs) {
        const claims = experiments.find((e) => e.id === experiment)?.claims.map((c) => c.id);
        for (const v of verdicts) {
          expect(claims).toContain(v.claim);
          expect(v.measured.length).toBeGreaterThan(0);
          expect(v).toMatchObject({ seed, size: 'quick' });
        }
      }
    }
    for (const s of standings(record, releasedRuns(released))) expect(s.seeds).toEqual(seeds.sort((a, b) => a - b));
  });

  test('its picture is the one that the record names, and the file is small', async () => {
    const { picture } = (await releasedOf(record.number))!;
    const told = record.picture!;
    expect((await experimentsOf(record.number)).map((e) => e.id)).toContain(told.experiment);
    expect(picture?.says).toBe(told.says);
    if (picture?.kind === 'chart') {
      if (told.series) expect(picture.curves.map((c) => c.name)).toEqual(Object.values(told.series));
      for (const { x, y } of picture.curves) {
        expect(x.length).toBe(y.length);
        expect(x.length).toBeGreaterThan(0);
        expect([...x, ...y].every(Number.isFinite)).toBe(true);
      }
    }
    expect(JSON.stringify(picture).length).toBeLessThan(8_000);
    expect(readFileSync(`${here}${slug}/released.json`).length).toBeLessThan(64_000);
  });
});

test('what does not run has none', async () => {
  expect(await releasedOf(2)).toBeUndefined();
});
