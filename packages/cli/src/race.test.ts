import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { southwell, file } = workshop();

test('a race: a sorted table, the winner, and a document whose command repeats it', () => {
  const args = ['race', 'black-box', '--dim', '2', '--limit', '0.2', '--racers', 'praxis,nelder-mead'];
  const shown = southwell(...args);
  expect(shown).toMatchObject({ code: 0, err: '' });
  expect(shown.out).toMatch(
    /^f8 Rosenbrock in 2 dimensions\.\n[\s\S]*method +time +f − smallest f +evaluations[\s\S]*\w won: f − smallest f /,
  );
  const r = southwell(...args, '--json');
  const told = JSON.parse(r.out);
  expect(told).toMatchObject({
    southwell: 1,
    race: 'black-box',
    options: { dim: 2, seed: 1 },
    limit: 0.2,
    exitCode: 0,
  });
  expect(told.command).toBe(`southwell ${args.join(' ')} --json`);
  expect(told.finish).toHaveLength(2);
  expect(told.finish[0]).toMatchObject({ racer: told.winner, reached: true });
  expect(told.won).toContain('won: f − smallest f ');
});

test('a race on a file, which is named in the document', () => {
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 3},${(i % 3) * 2 + (i % 5) / 9},${i % 3}`);
  file('points.csv', `a,b,c\n${rows.join('\n')}\n`);
  const args = ['--data', 'file', '--file', 'points.csv', '--labels', 'c', '--k', '3', '--limit', '0.1'];
  const r = southwell('race', 'clustering', ...args, '--racers', 'kmeans', '--json');
  const told = JSON.parse(r.out);
  expect(told).toMatchObject({ about: 'points.csv: 60 rows, 2 columns', options: { file: 'points.csv', labels: 'c' } });
  expect(told.finish[0].extra).toBe(1);
});

test.each([
  [['race', 'clustering', '--racers', 'kmeans,fastest'], /no racer 'fastest'; there are kmeans, /],
  [['race', 'clustering', '--k', '0'], /--k must be a whole number from 1 to 200/],
  [['race', 'clustering', '--labels', 'c'], /--labels cannot be combined with --data generated/],
  [['race', 'clustering', '--data', 'file', '--file', 'absent.csv'], /absent\.csv/],
  [['race', 'clustering', '--limit', '0'], /a number above 0/],
  [['race', 'chess'], /unknown command|chess/],
] as const)('%j is a sentence', (args, sentence) => {
  const r = southwell(...args);
  expect(r.code).toBe(2);
  expect(r.err).toMatch(sentence);
});
