import { expect, test } from 'vitest';
import type { Outcome, Verdict } from './experiment.ts';
import type { Size } from './size.ts';
import { claimStandingText, type Judged, seedsText, standings, standingText, tallyOf } from './standing.ts';

const claim = (id: string) => ({ id, sentence: '', quantity: '', measures: {} });
const three = { claims: [claim('a'), claim('b'), claim('c')] };
const verdict = (claim: string, outcome: Outcome, seed = 1, size: Size = 'quick'): Verdict => ({
  claim,
  outcome,
  seed,
  size,
  measured: [],
});
const run = (verdicts: Verdict[], more: Partial<Judged> = {}): Judged => ({
  date: '2026-01-01T00:00:00.000Z',
  verdicts,
  ...more,
});

test('claims are counted, not runs or verdicts', () => {
  const seeds = [1, 2, 3, 4, 5];
  const runs = seeds.flatMap((s) => [
    run([verdict('a', 'holds', s), verdict('b', 'holds', s)]),
    run([verdict('c', 'holds', s)]),
  ]);
  expect(standingText(three, runs)).toBe('3 of 3 hold · quick · seeds 1–5');
  expect(standingText(three, [...runs, ...runs])).toBe('3 of 3 hold · quick · seeds 1–5');
  expect(standingText(three, runs.slice(0, 1))).toBe('2 of 3 hold, 1 without verdict · quick · seed 1');
  expect(standingText(three, [])).toBe('none of 3 decided yet');
});

test('verdicts of claims that the record does not have are left out', () => {
  expect(standingText(three, [run([verdict('z', 'holds')])])).toBe('none of 3 decided yet');
});

test('runs with set parameters do not count', () => {
  expect(standings(three, [run([verdict('a', 'holds')], { set: { steps: 3 } })])[0].outcome).toBeUndefined();
  expect(standings(three, [run([verdict('a', 'holds')], { set: {} })])[0].outcome).toBe('holds');
});

test('full outranks quick, whenever they ran', () => {
  const runs = [
    run([verdict('a', 'does not hold', 1, 'full'), verdict('b', 'holds')]),
    run([verdict('a', 'holds', 1), verdict('a', 'holds', 2)], { date: '2026-02-01T00:00:00.000Z' }),
  ];
  expect(standings(three, runs)[0]).toMatchObject({ outcome: 'does not hold', size: 'full', seeds: [1] });
  expect(standingText(three, runs)).toBe('1 of 3 holds, 1 does not hold, 1 without verdict · 1 full, 1 quick · seed 1');
});

test('of two runs with one seed the later counts, wherever it stands', () => {
  const late = run([verdict('a', 'partly')], { date: '2026-02-01T00:00:00.000Z', own: true });
  const early = run([verdict('a', 'holds')]);
  for (const runs of [
    [late, early],
    [early, late],
  ]) {
    expect(standings(three, runs)[0]).toMatchObject({ outcome: 'partly', counts: { partly: 1 }, own: true });
  }
  expect(standings(three, [early])[0].own).toBe(false);
});

test.each<[Outcome[], Outcome]>([
  [['holds', 'holds'], 'holds'],
  [['does not hold', 'does not hold'], 'does not hold'],
  [['holds', 'does not hold'], 'partly'],
  [['holds', 'partly'], 'partly'],
  [['partly', 'partly'], 'partly'],
  [['holds', 'undecided'], 'undecided'],
  [['does not hold', 'undecided'], 'undecided'],
  [['undecided', 'undecided'], 'undecided'],
  [['partly', 'undecided'], 'partly'],
  [['holds', 'does not hold', 'undecided'], 'partly'],
])('seeds that say %j say %s together', (said, together) => {
  const runs = said.map((outcome, k) => run([verdict('a', outcome, k + 1)]));
  expect(standings(three, runs)[0].outcome).toBe(together);
});

test('a claim tells on how many seeds it is what', () => {
  const runs = (['holds', 'does not hold', 'holds'] as const).map((o, k) => run([verdict('a', o, k + 1)]));
  const [a, b] = standings(three, runs);
  expect(claimStandingText(a)).toBe('partly (holds on 2, does not hold on 1) · quick · seeds 1–3');
  expect(claimStandingText(b)).toBe('no verdict yet');
  expect(tallyOf([a]).text).toBe('1 of 1 partly holds · quick · seeds 1–3');
});

test.each([
  [[7], 'seed 7'],
  [[1, 2], 'seeds 1 and 2'],
  [[1, 2, 3, 7, 9], 'seeds 1–3, 7 and 9'],
  [[1, 3, 5, 7, 9], '5 seeds'],
])('%j are %s', (seeds, text) => {
  expect(seedsText(seeds)).toBe(text);
});
