import { readFileSync } from 'node:fs';
import { Random } from 'southwell';
import { ccaExact } from 'southwell/factorisation';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, here, southwell } = workshop();

// A common number that no line finds: the first view has its square, the second itself.
const random = new Random(1);
const rows = Array.from({ length: 500 }, () => {
  const common = random.normal();
  return [
    100 + common ** 2 + 0.1 * random.normal(),
    random.normal(),
    1e-3 * (common + 0.1 * random.normal()),
    random.normal(),
  ];
});
const text = (names: string, of: ReadonlyArray<ReadonlyArray<number | string>>) =>
  `${names}\n${of.map((r) => r.join(',')).join('\n')}\n`;
file('both.csv', text('a,b,p,q', rows));
file(
  'new.csv',
  text(
    'q,p,other',
    rows.slice(0, 5).map(([, , p, q]) => [q, p, 7]),
  ),
);
file(
  'gaps.csv',
  text(
    'a,b,p,q',
    rows.map((r, i) => (i === 3 ? ['', ...r.slice(1)] : r)),
  ),
);
file(
  'same.csv',
  text(
    'a,b,p,q',
    rows.map(([a, b, , q]) => [a, b, 2, q]),
  ),
);
const views = ['--x', 'a,b', '--y', 'p,q'];
const fit = (...more: string[]) => here(['factor', 'deep-cca', ...more]);
const lines = (name: string) =>
  readFileSync(at(name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));

test('networks find on rows held out what lines do not; predict gives new rows their scores', async () => {
  const args = ['both.csv', ...views, '--hidden', '16', '--learning-rate', '0.01', '--epochs', '20'];
  const { code, out } = await fit(...args, '--save', 'model.json', '--out-scores', 's.csv', '--json');
  expect(code).toBe(0);
  const found = JSON.parse(out);
  const exact = ccaExact([rows.map((r) => r.slice(0, 2)), rows.map((r) => r.slice(2))], { components: 1 });
  expect(exact.eigenvalues[0]).toBeLessThan(0.3);
  expect(found.correlations.held[0]).toBeGreaterThan(0.85);
  expect([found.fitted, found.validation, found.holdout]).toEqual([350, 50, 100]);
  expect(found.networks[0]).toEqual({ layers: '2 → 16 → 1, relu', parameters: 65 });
  const scores = lines('s.csv');
  expect(scores[0]).toEqual(['x_1', 'y_1']);
  const again = southwell('predict', 'model.json', 'both.csv', '--out', 'p.csv');
  expect(again.code).toBe(0);
  expect(lines('p.csv').map((line) => line.slice(-2))).toEqual(scores);
  // One view alone, its columns in another order.
  expect((await here(['predict', 'model.json', 'new.csv', '--out', 'n.csv'])).code).toBe(0);
  expect(lines('n.csv')[0].at(-1)).toBe('y_1');
  expect(lines('n.csv')[3].at(-1)).toBe(scores[3][1]);
  const shown = (await fit(...args)).out;
  expect(shown).toMatch(/Total correlation 0\.[89]\d* of 100 held-out rows, at most 1\./);
  expect(shown).toMatch(/pair +fitted +validation +held out/);
});

test('rows that lack a value have no scores; a resumed run has the bits of a whole one', async () => {
  const args = ['gaps.csv', ...views, '--missing', 'drop-rows', '--hidden', '8', '--epochs', '3', '--holdout', '0'];
  const whole = JSON.parse((await fit(...args, '--json')).out);
  expect([whole.used, whole.scores[0][0][3]]).toEqual([499, null]);
  expect((await fit(...args, '--checkpoint', 'run.json')).code).toBe(0);
  const resumed = JSON.parse((await fit(...args, '--checkpoint', 'run.json', '--resume', '--json')).out);
  expect(resumed.scores).toEqual(whole.scores);
  expect(whole.correlations.held).toBeUndefined();
});

test.each([
  [['both.csv', '--x', 'a,b'], 'Name the columns of both views: give --x and --y, or a second file.'],
  [['both.csv', '--x', 'a,b', '--y', 'b,q'], "'b' is in both --x and --y: it would correlate with itself."],
  [['same.csv', '--x', 'a,b', '--y', 'p'], 'All columns of --y are constant: it has no correlations.'],
  [['both.csv', ...views, '--batch-size', '1'], 'batch-size'],
  [
    ['both.csv', ...views, '--batch-size', '400'],
    '--batch-size is 400, but 350 rows without gaps are left to fit, besides 100 for --holdout and 50 for --validation: take a smaller one.',
  ],
  [['both.csv', ...views, '-k', '350'], '-k 350 need at least 351.'],
  [['both.csv', ...views, '--hidden', 'many'], '--hidden must be whole numbers'],
  [
    ['both.csv', ...views, '--holdout', '0.6', '--validation', '0.5'],
    '--validation and --holdout must add up to less than 1',
  ],
])('what cannot be is refused by a sentence: %j', async (args, sentence) => {
  const { code, err } = await fit(...args);
  expect(code).toBe(2);
  expect(err).toContain(sentence);
});

test('of five rows one is held out, which tells nothing, and that is said', () => {
  file('five.csv', 'a,b,c,d\n1,2,3,4\n2,1,4,3\n3,3,1,2\n5,4,2,1\n4,6,5,6\n');
  const words = ['factor', 'deep-cca', 'five.csv', '--x', 'a,b', '--y', 'c,d'];
  const said = (...more: string[]) => southwell(...words, ...more).out.replaceAll(/\s+/g, ' ');
  expect(said()).toContain('only one row was held out, which has no correlation; hold out more.');
  expect(said('--holdout', '0')).toContain('use holdout.');
});
