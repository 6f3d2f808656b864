import { parseEventList, Scenes } from '@southwell/distributed';
import { expect, test } from 'vitest';
import { formOf, valuesOf } from '../declaration/form.ts';
import { rankRunOptions } from './options.ts';
import { rankRunOf } from './run.ts';

const runOf = (changed: object = {}) => rankRunOf(valuesOf(formOf(rankRunOptions), { ...changed }));
const last = (changed: object) => runOf(changed).marks.at(-1)![2]!;

test('the shipped example converges, and its file is read again as it was', () => {
  const list = runOf();
  expect(list.ranks).toHaveLength(8);
  expect(list.marks).toHaveLength(61);
  expect(list.marks[0]).toEqual([0, 0, 1]);
  expect(list.marks.at(-1)![2]).toBeLessThan(1e-2);
  expect(parseEventList(JSON.stringify(list))).toEqual(list);
  // The slow rank works three times as long.
  const totals = list.ranks.map((_, rank) => new Scenes(list).totals(rank).work);
  expect(totals[1]).toBeCloseTo(3 * totals[0], 9);
  expect(runOf()).toEqual(list);
  expect(runOf({ seed: 1 }).marks).not.toEqual(list.marks);
});

test('one hostile rank ruins the mean, and not a rule that limits it', () => {
  expect(last({ attack: 'reverse', hostile: 1, compress: 'none' })).toBeGreaterThan(1);
  for (const aggregate of ['median', 'multi-krum', 'flag'])
    expect(last({ attack: 'reverse', hostile: 1, compress: 'none', aggregate })).toBeLessThan(0.2);
  expect(runOf({ attack: 'reverse', hostile: 2 }).ranks.map(({ hostile }) => hostile)).toEqual([
    ...new Array(6).fill(false),
    true,
    true,
  ]);
});

test('a tenth of the numbers is a tenth of the bytes, and whole gradients go on at the known rate', () => {
  const bits = (compress: string) => new Scenes(runOf({ compress, rounds: 40 })).course().bits.at(-1)!;
  expect(bits('top-k=0.1')).toBeLessThan(0.2 * bits('none'));
  // The slowest error shrinks by 1 − 0.4 · 0.1 in a round, and its square counts; others are hardly faster, or gone.
  const { marks } = runOf({ compress: 'none', rounds: 200 });
  const shrunk = marks[200][2]! / marks[190][2]!;
  expect(shrunk).toBeLessThan(0.96 ** 20);
  expect(shrunk).toBeGreaterThan(0.9 * 0.96 ** 20);
});

test('what cannot be run is a sentence', () => {
  expect(() => runOf({ attack: 'reverse', hostile: 4 })).toThrow('4 of 8 ranks cannot be hostile: fewer than half');
  expect(() => runOf({ ranks: 4, attack: 'reverse', aggregate: 'bulyan' })).toThrow(/bulyan/i);
});
