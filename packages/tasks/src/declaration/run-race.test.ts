import { readTable } from '@southwell/data';
import { expect, test } from 'vitest';
import { type AnyRequest, check, flags } from './check.ts';
import type { Contest, Race } from './race.ts';
import { families } from './registry.ts';
import { type Finish, raceCommand, ranked, runRace, winnerText } from './run-race.ts';

const end = (racer: string, value: number, seconds: number, reached = false): Finish => ({
  racer,
  value,
  seconds,
  extra: 0,
  reached,
});
const about = {
  measure: 'gap',
  racers: [
    ['a', 'method A'],
    ['b', 'method B'],
    ['c', 'method C'],
  ],
} as const;

test('who got there comes first, by time; the others by what they measure; equal ones by time', () => {
  const finish = [end('a', 0.5, 1), end('b', 1e-9, 2, true), end('c', 1e-10, 3, true), end('d', 0.5 + 1e-9, 0.5)];
  expect(ranked(finish).map((f) => f.racer)).toEqual(['b', 'c', 'd', 'a']);
  expect(ranked([end('a', Number.NaN, 1), end('b', 9, 1)]).map((f) => f.racer)).toEqual(['b', 'a']);
});

test('the winner, and by how much', () => {
  expect(winnerText(about, [end('a', 1e-9, 0.5, true), end('b', 1e-9, 2, true)])).toBe(
    'method A won: gap 1.00e-9 after 0.500 s, 4 times as fast as method B (2 s).',
  );
  expect(winnerText(about, [end('a', 0.5, 1), end('b', 0.25, 3)])).toBe(
    'method B won: gap 0.250 after 3 s; method A, the next, ended at 0.500 after 1 s, 2 times as much.',
  );
  expect(winnerText(about, [end('a', 0.25, 1), end('b', 0.25, 3)])).toBe(
    'method A won by time: gap 0.250 after 1 s, as good as method B in 3 s.',
  );
  expect(winnerText(about, [end('c', 0.25, 1)])).toBe('method C ran alone: gap 0.250 after 1 s.');
  expect(winnerText(about, [])).toBe('');
});

test('a race stops at its target, measures the last step, and tells what it sees', async () => {
  const contest = async (): Promise<Contest<number>> => ({
    about: 'halves',
    target: 0.1,
    measure: (value) => ({ value, extra: 2 * value }),
    racers: {
      a: function* () {
        for (let k = 0; ; k++) yield { work: k, snapshot: () => 2 ** -k };
      },
      b: function* () {
        for (let k = 0; k < 3; k++) yield { work: k, snapshot: () => 1 };
      },
    },
  });
  const race = { contest } as unknown as Race<AnyRequest, number>;
  const seen: string[] = [];
  const y: number[] = [];
  const tools = { racers: ['a', 'b'], limit: 1, read: () => Promise.reject(new Error('no file')) };
  const { about: told, finish } = await runRace(race as Race, {}, tools, {
    progress: (racer) => seen.push(racer),
    points: (racer, course) => racer === 'a' && y.push(...course.y),
    end: (f) => seen.push(`${f.racer} ended`),
  });
  expect(told).toBe('halves');
  expect(seen).toEqual(['a', 'a ended', 'b', 'b ended']);
  expect(y).toEqual([1, 0.5, 0.25, 0.125, 0.0625]);
  expect(finish.map((f) => [f.racer, f.value, f.extra, f.reached])).toEqual([
    ['a', 0.0625, 0.125, true],
    ['b', 1, 2, false],
  ]);
});

test('a race that is stopped cuts off who runs, and starts nobody else', async () => {
  const stop = new AbortController();
  const endless = function* () {
    for (let k = 0; ; k++) yield { work: k, snapshot: () => 1 };
  };
  const racers = { a: endless, b: endless, c: endless };
  const contest = async (): Promise<Contest<number>> => ({
    about: 'nothing',
    target: 0,
    measure: (value) => ({ value, extra: 0 }),
    racers,
  });
  const tools = { racers: ['a', 'b', 'c'], limit: 0.01, read: () => Promise.reject(new Error('no file')) };
  const race = { contest } as unknown as Race;
  const { finish } = await runRace(
    race,
    {},
    { ...tools, signal: stop.signal },
    {
      progress: (racer) => racer === 'b' && stop.abort(),
    },
  );
  expect(finish.map((f) => [f.racer, f.cutOff])).toEqual([
    ['a', undefined],
    ['b', true],
  ]);
  // Who was cut off has not lost to anybody.
  expect(ranked([end('a', 9, 1), { ...end('b', 1, 0.1), cutOff: true }]).map((f) => f.racer)).toEqual(['a', 'b']);
  expect(winnerText(about, finish)).toMatch(/^method A ran alone/);
});

test('the command of a race leaves out what is usual', () => {
  const race = families.flatMap(({ races = [] }) => races).find((r) => r.id === 'black-box')!;
  const all = race.racers.map(([id]) => id);
  expect(raceCommand(race, { dim: 10, seed: 1 }, { racers: all, limit: 3 })).toBe('npx southwell race black-box');
  expect(raceCommand(race, { dim: 4, seed: 7 }, { racers: ['cma-es', 'cbo'], limit: 0.5 })).toBe(
    'npx southwell race black-box --dim 4 --seed 7 --racers cma-es,cbo --limit 0.5',
  );
});

test('what a race leaves out of a table is told; more clusters than rows are refused', async () => {
  const raceOf = (id: string) => families.flatMap(({ races = [] }) => races).find((race) => race.id === id)!;
  const lines = ['1,4,good,2', '2,x7,see remarks,1', '3,5,ok,5', '5,8,bad tyre,3', '8,2,fine,9', '9,1,lost,4'];
  const table = await readTable(new TextEncoder().encode(`a,b,note,y\n${lines.join('\n')}\n`), { name: 'own.csv' });
  const asked = (id: string, values: object) => {
    const race = raceOf(id);
    return race.contest(check(race, { data: 'file', file: new Blob(['']), ...values }, flags(race)), async () => table);
  };
  expect((await asked('linear-models', {})).about).toMatch(
    /^own\.csv: 6 rows, 1 column \(left out, not numbers: b, note\); alpha = /,
  );
  expect((await asked('clustering', { k: 2 })).about).toBe(
    'own.csv: 6 rows, 2 columns (left out, not numbers: b, note)',
  );
  await expect(asked('clustering', { k: 7 })).rejects.toThrow(
    'There are 6 rows: choose at most that many clusters, not 7.',
  );
});
