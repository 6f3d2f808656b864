import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import katex from 'katex';
import { describe, expect, test } from 'vitest';
import {
  barText,
  comparisons,
  decidedAt,
  experimentsOf,
  families,
  findRecord,
  records,
  snippetOf,
  stateOf,
} from './index.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
/** The studies that the records are written from; they lie beside the checkout, and not everywhere. */
const cards = join(here, '../../../../shared/methods');
const folders = readdirSync(here).filter((name) => /^\d\d-/.test(name));
const words = (text: string) => text.split(/\s+/).length;
const levels = ['full', 'scaled', 'miniature'];
const each = records.map((r) => [r.slug, r] as const);

test('papers by number, each in the folder of its slug', () => {
  expect(records.length).toBeGreaterThanOrEqual(55);
  expect(records.map((r) => r.number)).toEqual(records.map((_, k) => k + 1));
  expect(records.map((r) => r.slug)).toEqual(folders.sort());
  for (const r of records) expect(Number(r.slug.slice(0, 2))).toBe(r.number);
});

test('no two papers share an arXiv id or a title', () => {
  for (const key of ['arxiv', 'title'] as const) {
    const values = records.map((r) => r[key]).filter((v) => v !== undefined);
    expect(new Set(values).size).toBe(values.length);
  }
});

test('every family has a paper', () => {
  expect([...new Set(records.map((r) => r.family))].sort()).toEqual([...families].sort());
});

describe.each(each)('%s', (_, record) => {
  test('its date is one, has passed, and fits the arXiv number', () => {
    expect(record.date).toMatch(/^\d{4}-\d{2}(-\d{2})?$/);
    const date = new Date(record.date);
    expect(date.toISOString().startsWith(record.date)).toBe(true);
    expect(date.getTime()).toBeLessThan(Date.now());
    if (record.arxiv === undefined) return;
    expect(record.arxiv).toMatch(/^\d{4}\.\d{5}$/);
    // A number is given out on the day of announcement, at most some days after submission.
    const month = Date.UTC(2000 + Number(record.arxiv.slice(0, 2)), Number(record.arxiv.slice(2, 4)) - 1);
    const days = (date.getTime() - month) / 864e5;
    expect(days).toBeGreaterThan(-7);
    expect(days).toBeLessThan(31);
  });

  test('its facts are filled in', () => {
    expect(record.authors).toBeGreaterThan(0);
    expect(record.firstAuthors?.length ?? 1).toBeLessThanOrEqual(Math.min(3, record.authors));
    expect(record.firstAuthors?.length ?? 1).toBeGreaterThan(0);
    expect(record.venue).toMatch(/\d{4}/);
    expect(families).toContain(record.family);
    expect(new Set(record.methods).size).toBe(record.methods.length);
    expect(record.methods.length).toBeGreaterThan(0);
    if (record.code !== undefined) expect(record.code).toMatch(/^https:\/\/[\w.-]+\/[\w./-]+[\w-]$/);
    expect(words(record.fidelity.note)).toBeGreaterThan(5);
  });

  test('its summary is neither too short nor too long', () => {
    expect(words(record.summary)).toBeGreaterThanOrEqual(40);
    expect(words(record.summary)).toBeLessThanOrEqual(130);
  });

  test('what is planned is told of in the future, without an outcome', () => {
    if (stateOf(record) === 'runs') return;
    expect(record.summary).toMatch(/\b[Ww]e will [a-z]/);
    const said = `${record.summary} ${record.fidelity.note}`;
    expect(said).not.toMatch(/(^|[.!?:;,] )(and )?[Ww]e (?!will )[a-z]/);
    expect(said).not.toMatch(/\bin trials\b|\bturn(s|ed) out\b|\bhere showed\b|\bwe (say|found|report)\b/i);
  });

  test('its formulas are KaTeX', () => {
    expect(record.formulas.length).toBeGreaterThan(0);
    expect(record.formulas.length).toBeLessThanOrEqual(3);
    for (const { tex, says } of record.formulas) {
      expect(() => katex.renderToString(tex, { displayMode: true, throwOnError: true, strict: 'error' })).not.toThrow();
      expect(says).toMatch(/^[A-Z].*\.$/);
    }
  });

  test('every claim has a sentence, a quantity, and bars at both sizes that can be told', () => {
    expect(record.claims.length).toBeGreaterThan(0);
    expect(new Set(record.claims.map((c) => c.id)).size).toBe(record.claims.length);
    for (const claim of record.claims) {
      expect(claim.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(claim.sentence).toMatch(/^[A-Z].*\.$/);
      expect(claim.quantity.trim()).not.toBe('');
      for (const size of ['quick', 'full'] as const) {
        expect(barText(claim, size)).toMatch(/\S/);
        expect(barText(claim, size)).not.toMatch(/undefined|NaN|\{|\}/);
        if ('measures' in claim) {
          // The quick size may be a smoke test.
          if (size === 'full') expect(decidedAt(claim, size)).toBe(true);
        }
      }
      for (const measure of 'measures' in claim ? Object.values(claim.measures) : []) {
        expect(comparisons.some((is) => measure[is] !== undefined)).toBe(true);
        if (measure.count) expect(comparisons.filter((is) => measure.count?.[is] !== undefined)).toHaveLength(1);
      }
    }
  });

  test('it is found by number, slug and arXiv id', () => {
    for (const name of [String(record.number), record.slug.slice(0, 2), record.slug]) {
      expect(findRecord(name)).toBe(record);
    }
    if (record.arxiv !== undefined) expect(findRecord(record.arxiv)).toBe(record);
  });

  test('it runs if it has experiments, which are registered and decide every claim once', async () => {
    const experiments = await experimentsOf(record.number);
    const folder = join(here, record.slug, 'experiments');
    const files = existsSync(folder) ? readdirSync(folder) : [];
    expect(experiments.map((e) => `${e.id}.ts`).sort()).toEqual(files.sort());
    expect(stateOf(record)).toBe(files.length > 0 ? 'runs' : 'not-yet');
    expect((await snippetOf(record.number)) !== undefined).toBe(files.length > 0);
    if (files.length === 0) return;
    // In the order of the record, those that decide nothing last.
    const firsts = experiments.flatMap((e) => e.claims.slice(0, 1));
    const places = firsts.map((c) => record.claims.indexOf(c));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    const decided = experiments.flatMap((e) => e.claims);
    expect(new Set(decided)).toEqual(new Set(record.claims));
    expect(decided.length).toBe(record.claims.length);
  });

  const study = join(cards, `${record.slug}.md`);
  test.skipIf(!existsSync(study))('it agrees with its card (skipped where the study is absent)', () => {
    const card = readFileSync(study, 'utf8').replace(/\s+/g, ' ');
    expect(card).toContain(`- Family: ${record.family} `);
    // What is possible may not have been reached.
    const possible = /- Fidelity possible here: (full|scaled|miniature)/.exec(card)![1];
    expect(levels.indexOf(record.fidelity.level)).toBeGreaterThanOrEqual(levels.indexOf(possible));
    // From "Paper:" to the next item of the list.
    const facts = card.slice(card.indexOf('- Paper: '), card.indexOf('- Family: '));
    expect(facts.toLowerCase()).toContain(record.title.toLowerCase());
    expect(Number(facts.match(/(\d+) authors/)?.[1])).toBe(record.authors);
    if (record.arxiv !== undefined) expect(facts).toContain(record.arxiv);
    if (record.code !== undefined) expect(facts).toContain(record.code.replace('https://github.com/', ''));
  });
});

test('what is not a paper is not found, and has no experiments', async () => {
  const next = records.length + 1;
  for (const name of ['', '0', String(next), '001', '1.5', 'bcd', '1712.0885'])
    expect(findRecord(name)).toBeUndefined();
  expect(await experimentsOf(next)).toEqual([]);
});
