import { expect, test } from 'vitest';
import type { Measure } from '../bars.ts';
import type { Outcome, Verdict } from '../experiment.ts';
import type { MeasuredClaim } from '../record.ts';
import type { Size } from '../size.ts';
import type { Ledger } from './ledger.ts';
import { lockedDigest } from './locked.ts';
import {
  claimStandingText,
  type Evidence,
  firstSeed,
  type Judged,
  paperStanding,
  seedsText,
  standings,
  tallyOf,
} from './standing.ts';

const measures: Record<string, Measure> = { x: { quantity: 'x', '≤': 1 } };
const claim = (id: string): MeasuredClaim => ({ id, sentence: '', quantity: '', measures });
const standingText = (
  record: { readonly claims: readonly MeasuredClaim[] },
  runs: readonly Judged[],
  evidence?: Evidence,
) => paperStanding(record, runs, evidence).tally.text;
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
  expect(standingText(three, runs)).toBe('3 of 3 hold · quick, full not run since · seeds 1–5');
  expect(standingText(three, [...runs, ...runs])).toBe('3 of 3 hold · quick, full not run since · seeds 1–5');
  expect(standingText(three, runs.slice(0, 1))).toBe(
    '2 of 3 hold, 1 without verdict · quick, full not run since · seed 1',
  );
  expect(standingText(three, [])).toBe('none of 3 decided yet');
});

test('verdicts of claims that the record does not have are left out', () => {
  expect(standingText(three, [run([verdict('z', 'holds')])])).toBe('none of 3 decided yet');
});

test('runs with set parameters do not count', () => {
  expect(standings(three, [run([verdict('a', 'holds')], { set: { steps: 3 } })])[0].outcome).toBeUndefined();
  expect(standings(three, [run([verdict('a', 'holds')], { set: {} })])[0].outcome).toBe('holds');
});

test('the worse of both sizes counts, whenever they ran', () => {
  const runs = [
    run([verdict('a', 'holds', 1, 'full'), verdict('b', 'does not hold', 2, 'full'), verdict('c', 'holds', 2, 'full')]),
    run([verdict('a', 'partly', 1), verdict('a', 'partly', 2), verdict('b', 'holds'), verdict('c', 'holds')], {
      date: '2026-02-01T00:00:00.000Z',
    }),
  ];
  const [a, b, c] = standings(three, runs);
  expect(a).toMatchObject({ outcome: 'partly', size: 'quick' });
  expect(b).toMatchObject({ outcome: 'does not hold', size: 'full' });
  expect(c).toMatchObject({ outcome: 'holds', size: 'full' });
  expect(claimStandingText(a)).toBe('partly · quick, seeds 1 and 2 · full: holds, seed 1');
  expect(claimStandingText(b)).toBe('does not hold · full, seed 2 · quick: holds, seed 1');
  expect(standingText(three, runs)).toBe(
    '1 of 3 holds, 1 partly holds, 1 does not hold · worse of quick and full · seeds 1 and 2',
  );
  expect(standingText(three, runs.slice(1))).toContain('quick, full not run since');
  expect(standingText(three, [runs[1], run([verdict('a', 'holds', 1, 'full')])])).toContain(
    'worse of quick and full, full of 1 of 3',
  );
});

test.each<[Outcome, Outcome, Outcome]>([
  ['holds', 'undecided', 'undecided'],
  ['undecided', 'partly', 'partly'],
  ['does not hold', 'partly', 'does not hold'],
])('%s at one size and %s at the other is %s', (one, other, worse) => {
  for (const [quick, full] of [
    [one, other],
    [other, one],
  ]) {
    const runs = [run([verdict('a', quick)]), run([verdict('a', full, 1, 'full')])];
    expect(standings(three, runs)[0].outcome).toBe(worse);
  }
});

test('a size without the comparison is a smoke test, whose verdicts do not count', () => {
  const smoke = { claims: [{ ...claim('a'), measures: { x: { quantity: 'x', '≤': { full: 1 } } } } as const] };
  const quick = run([verdict('a', 'holds')]);
  expect(standings(smoke, [quick])[0].outcome).toBeUndefined();
  expect(claimStandingText(standings(smoke, [quick])[0])).toContain('quick is a smoke test');
  const [a] = standings(smoke, [quick, run([verdict('a', 'partly', 1, 'full')])]);
  expect(claimStandingText(a)).toBe('partly · full, seed 1 · quick is a smoke test');
});

test('runs under other bars, and seeds that were seen before the bars were fixed, do not count', () => {
  const locked = {
    claims: [{ ...claim('a'), experiment: 'e', sizes: { quick: { n: 1 }, full: { n: 2 } } }],
    grids: {},
  };
  const digest = lockedDigest(locked, 'e');
  expect(standings(locked, [run([verdict('a', 'holds', 11)], { locked: digest })])[0].outcome).toBe('holds');
  expect(standings(locked, [run([verdict('a', 'holds', 11)], { locked: 'older' })])[0].outcome).toBeUndefined();
  expect(standings(locked, [run([verdict('a', 'holds', 11)])])[0].outcome).toBeUndefined();
  const seen = { a: [1, 2, 3] };
  const runs = [run([verdict('a', 'holds', 3), verdict('a', 'partly', 4)], { locked: digest })];
  expect(standings(locked, runs, { seen })[0]).toMatchObject({ outcome: 'partly', sizes: { quick: { seeds: [4] } } });
  expect(firstSeed(seen)).toBe(4);
  expect(firstSeed({})).toBe(1);
  const other = { ...locked, claims: [{ ...locked.claims[0], sizes: { quick: { n: 3 }, full: { n: 2 } } }] };
  expect(lockedDigest(other, 'e')).not.toBe(digest);
});

test('the paper’s claims are counted by its ledger; what a null meets as well is not told apart', () => {
  const ledger: Ledger = {
    paper: [
      { from: 'abstract', says: '', state: 'checked', claims: ['a'] },
      { from: 'abstract', says: '', state: 'narrowed', claims: ['a', 'b'] },
      { from: 'card', says: '', state: 'contradicted', claims: ['b'] },
      { from: 'card', says: '', state: 'not checked', claims: [] },
    ],
    ours: ['c'],
    rivalsLeftOut: [],
    asWell: { b: 'with random vectors' },
  };
  const runs = [run([verdict('a', 'holds'), verdict('b', 'holds'), verdict('c', 'holds')])];
  expect(standingText(three, runs, { ledger })).toBe(
    '1 of 3 holds, 1 is not told apart, 1 does not hold · 1 not checked · ours: 1 of 1 holds · quick, full not run since · seed 1',
  );
});

test('of two runs with one seed the later counts, wherever it stands', () => {
  const late = run([verdict('a', 'partly')], { date: '2026-02-01T00:00:00.000Z', own: true });
  const early = run([verdict('a', 'holds')]);
  for (const runs of [
    [late, early],
    [early, late],
  ]) {
    expect(standings(three, runs)[0]).toMatchObject({
      outcome: 'partly',
      sizes: { quick: { counts: { partly: 1 } } },
      own: true,
    });
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
  expect(claimStandingText(a)).toBe('partly (holds on 2, does not hold on 1) · quick, seeds 1–3 · full not run since');
  expect(claimStandingText(b)).toBe('no verdict yet');
  expect(tallyOf([a]).text).toBe('1 of 1 partly holds · quick, full not run since · seeds 1–3');
});

test.each([
  [[7], 'seed 7'],
  [[1, 2], 'seeds 1 and 2'],
  [[1, 2, 3, 7, 9], 'seeds 1–3, 7 and 9'],
  [[1, 3, 5, 7, 9], '5 seeds'],
])('%j are %s', (seeds, text) => {
  expect(seedsText(seeds)).toBe(text);
});
