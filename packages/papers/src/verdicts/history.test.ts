import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changesBetween, type HistoryEntry, replay, seedsSeenOf } from './history.ts';

const entry = (was: unknown, is: unknown, seeds: number[] = []): HistoryEntry => ({
  date: '2026-01-01',
  changes: changesBetween(was, is),
  why: 'A test.',
  seen: seeds.length > 0 ? [{ size: 'quick', seeds, outcomes: {} }] : [],
});

const state = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.string(), fc.array(fc.integer()), tie('object')),
  object: fc.dictionary(fc.oneof(fc.constantFrom('a', 'b', 'a/b', 'm~n', '', 'toString'), fc.string()), tie('value')),
})).object;

test('replaying the changes between any states gives the last', () => {
  fc.assert(
    fc.property(fc.array(state, { minLength: 1, maxLength: 4 }), (states) => {
      const plain = JSON.parse(JSON.stringify(states)) as unknown[];
      const history = plain.map((is, k) => entry(k === 0 ? null : plain[k - 1], is));
      expect(replay(JSON.parse(JSON.stringify(history)))).toEqual(plain.at(-1));
    }),
  );
});

test('keys may have the names of methods that objects inherit', () => {
  const states: unknown[] = [{}, { valueOf: '', a: 1 }, { toString: { constructor: 2 }, a: 1 }, { a: 1 }];
  const history = states.map((is, k) => entry(k === 0 ? null : states[k - 1], is));
  for (const [k, is] of states.entries()) expect(replay(history.slice(0, k + 1))).toEqual(is);
  expect(changesBetween({}, { valueOf: '' })).toEqual([{ path: '/valueOf', was: null, is: '' }]);
});

test('changes are the smallest parts that differ; lists are one value', () => {
  const was = { claims: { a: { bar: 1, draws: [2, 3] }, b: { bar: 2 } } };
  const is = { claims: { a: { bar: 1, draws: [2, 4] }, 'c/d': { bar: 2 } } };
  expect(changesBetween(was, is)).toEqual([
    { path: '/claims/a/draws', was: [2, 3], is: [2, 4] },
    { path: '/claims/b', was: { bar: 2 }, is: null },
    { path: '/claims/c~1d', was: null, is: { bar: 2 } },
  ]);
  expect(changesBetween(null, was)).toEqual([{ path: '', was: null, is: was }]);
});

test('an entry that does not start from the state before it is refused', () => {
  const history = [entry(null, { a: 1 }), entry({ a: 2 }, { a: 3 })];
  expect(() => replay(history)).toThrow('The entry of 2026-01-01 changes /a from what it was not.');
  expect(() => replay([entry(null, { a: 1 }), entry({ a: { b: 2 } }, { a: { b: 3 } })])).toThrow('does not exist');
});

test('seeds that were seen do not count for the claims that changed then', () => {
  const claims = [{ id: 'a' }, { id: 'b', grids: ['rates'] }, { id: 'ab' }];
  const first = { claims: { a: 1, b: 1, ab: 1 }, grids: { rates: [1], other: [1] } };
  const second = { ...first, claims: { ...first.claims, a: 2 } };
  const third = { ...second, grids: { rates: [2], other: [1] } };
  const history = [entry(null, first, [1, 2]), entry(first, second, [11]), entry(second, third, [12])];
  expect(seedsSeenOf({ claims }, history)).toEqual({ a: [1, 2, 11], b: [1, 2, 12], ab: [1, 2] });
});
