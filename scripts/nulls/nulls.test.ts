import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  decidedAt,
  dossierOf,
  lockedDigest,
  type Null,
  nullKinds,
  type PaperRecord,
  records,
  releasedOf,
  releasedRuns,
  replay,
  standings,
  stateOf,
  toldApart,
} from '@southwell/papers';
import { beforeAll, describe, expect, test } from 'vitest';
import { placed, rowsOf } from './table.mjs';

// The rules of docs/papers.md, for every paper whose bars are locked.

const root = fileURLToPath(new URL('../..', import.meta.url));
const running = records.filter((r) => stateOf(r) === 'runs');
const fileOf = (slug: string, name: string) => join(root, 'packages/papers/src', slug, name);
const locked = running.filter((r) => existsSync(fileOf(r.slug, 'locked.ts')));
const nullsOf = async (slug: string) =>
  ((await import(pathToFileURL(fileOf(slug, 'nulls.ts')).href)) as { default: readonly Null[] }).default;
const levels = ['full', 'scaled', 'miniature'];

/** The page of each paper with its table as it should be. */
async function pagesOf() {
  const papers = await Promise.all(
    locked.map(async (record) => {
      const [nulls, { nulls: verdicts }] = [await nullsOf(record.slug), await dossierOf(record.number)];
      const released = (await releasedOf(record.number))!;
      return { record, rows: rowsOf(record, nulls, verdicts, standings(record, releasedRuns(released), released)) };
    }),
  );
  const all = placed(join(root, 'docs'), papers);
  return new Map(locked.map(({ slug }, k) => [slug, all[k]]));
}
let pages: ReturnType<typeof pagesOf>;
beforeAll(() => {
  pages = pagesOf();
});

test.each(running.map((r) => [r.slug, r] as const))('nulls of %s are of its claims', async (slug, record) => {
  const nulls = await nullsOf(slug);
  expect(new Set(nulls.map((n) => n.id)).size).toBe(nulls.length);
  for (const { says, kinds, claims } of nulls) {
    expect(says).toMatch(/^(with|without|after|at|on) /);
    expect(kinds.length).toBeGreaterThan(0);
    for (const id of claims) expect(record.claims.map((c) => c.id)).toContain(id);
  }
});

describe.each(locked.map((r) => [r.slug, r] as const))('%s', (slug, record: PaperRecord) => {
  test('its history leads from nothing to what is locked', async () => {
    const module = (await import(pathToFileURL(fileOf(slug, 'locked.ts')).href)) as { locked: object };
    const { history } = await dossierOf(record.number);
    expect(replay(history), 'npm run lock').toEqual(JSON.parse(JSON.stringify(module.locked)));
    expect(history[0].changes[0]).toMatchObject({ path: '', was: null });
    expect(history.map((e) => e.date)).toEqual(history.map((e) => e.date).sort());
    // What the record says is what is locked.
    for (const claim of record.claims) {
      if ('measures' in claim)
        expect(claim).toMatchObject((module.locked as { claims: Record<string, object> }).claims[claim.id]);
    }
  });

  test('its ledger has every claim once, with reasons', async () => {
    const { ledger } = (await releasedOf(record.number))!;
    expect(ledger, 'ledger.ts').toBeDefined();
    const { paper, ours, asWell = {}, rivalsLeftOut } = ledger!;
    const named = paper.flatMap((entry) => entry.claims);
    const ids = record.claims.map((c) => c.id);
    expect([...new Set([...named, ...ours])].sort()).toEqual([...ids].sort());
    expect(ours.filter((id) => named.includes(id))).toEqual([]);
    expect(paper.some((entry) => entry.from === 'abstract')).toBe(true);
    for (const { says, state, why, claims, fidelity, harder } of paper) {
      expect(says).toMatch(/^[A-Z].*\.$/);
      expect(claims.length > 0, says).toBe(state !== 'not checked');
      if (state !== 'checked') expect(why, says).toMatch(/^[A-Z].*\.$/);
      if (state !== 'not checked') expect(levels, says).toContain(fidelity);
      if (claims.some((id) => asWell[id])) expect(harder, says).toMatch(/^[A-Z].*\.$/);
    }
    for (const { name, why } of rivalsLeftOut) expect(`${name}: ${why}`).toMatch(/^\S.*: [A-Z].*\.$/);
    // The fidelity of the paper is the lowest of its parts.
    const lowest = Math.max(...paper.map((entry) => levels.indexOf(entry.fidelity ?? 'full')));
    expect(record.fidelity.level).toBe(levels[lowest]);
  });

  test('every claim has a null of each kind, and is told apart from it or says that it is not', async () => {
    const nulls = await nullsOf(slug);
    const { nulls: verdicts } = await dossierOf(record.number);
    const { ledger, seen } = (await releasedOf(record.number))!;
    const { asWell = {}, withoutNull = [] } = ledger!;
    for (const claim of record.claims) {
      if (!('measures' in claim)) continue;
      const own = nulls.filter((n) => n.claims.includes(claim.id));
      const kinds = new Set(own.flatMap((n) => n.kinds));
      for (const { claim: of, kind, why } of withoutNull) {
        if (of !== claim.id) continue;
        expect(kinds.has(kind), `${claim.id} has such a null`).toBe(false);
        expect(why).toMatch(/^[A-Z].*\.$/);
        kinds.add(kind);
      }
      const wanted = nullKinds.filter((kind) => kind !== (kinds.has('unequal') ? 'baseline' : 'unequal'));
      expect([...kinds].sort(), claim.id).toEqual([...wanted].sort());
      const size = decidedAt(claim, 'quick') ? 'quick' : 'full';
      for (const { id, says } of own) {
        const found = verdicts.filter((v) => v.null === id && v.claim === claim.id);
        expect(new Set(found.map((v) => v.seed)).size, `${id}: npm run nulls -- ${slug.slice(0, 2)} --write`).toBe(3);
        for (const v of found) {
          expect(v.says).toBe(says);
          expect(v.locked).toBe(lockedDigest(record, claim.experiment!));
          expect(v.size).toBe(size);
          expect(seen[claim.id]).not.toContain(v.seed);
          if (!toldApart(claim.id, [v])) continue;
          // A measure that a null meets decides nothing, unless the claim says that it is not told apart.
          if (!asWell[claim.id])
            for (const name of v.met)
              expect(claim.measures[name], `${claim.id} ${name}`).toMatchObject({ check: true });
        }
      }
      expect(asWell[claim.id] !== undefined, claim.id).toBe(!toldApart(claim.id, verdicts));
    }
    expect(verdicts.every((v) => nulls.some((n) => n.id === v.null && n.claims.includes(v.claim)))).toBe(true);
  });

  test('its table in docs/ has these verdicts', async () => {
    const { now, before } = (await pages).get(slug)!;
    expect(now, `npm run nulls -- ${slug.slice(0, 2)} --write`).toBe(before);
  });
});

/** A null, with a claim, of the experiment that took least time when its verdicts were released. */
async function _quickest() {
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
