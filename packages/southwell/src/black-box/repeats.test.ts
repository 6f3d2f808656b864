import { expect, test } from 'vitest';
import { minimize, minimizeAsync } from './index.ts';

const space = { dim: 2, lower: -2, upper: 3, integer: true, budget: 160, seed: 1 };
const bowl = (x: Float64Array) => (x[0] - 1) ** 2 + (x[1] + 1) ** 2;

test('whole coordinates: a point is evaluated once, and what is found is the same', async () => {
  const seen: string[] = [];
  const counted = (x: Float64Array) => {
    seen.push(x.join());
    return bowl(x);
  };
  const r = minimize(counted, space);
  expect(new Set(seen).size).toBe(seen.length);
  expect(r.evaluations).toBe(seen.length + r.repeated);
  expect(r.repeated).toBeGreaterThan(0);
  expect(Array.from(r.point)).toEqual([1, -1]);

  seen.length = 0;
  const later = await minimizeAsync((x) => new Promise((resolve) => setTimeout(() => resolve(counted(x)))), {
    ...space,
    jobs: 4,
  });
  expect(new Set(seen).size).toBe(seen.length);
  expect([later.evaluations, later.repeated, later.objective]).toEqual([r.evaluations, r.repeated, r.objective]);

  // Going on evaluates nothing again that an earlier run has.
  seen.length = 0;
  minimize(counted, { ...space, budget: 40 });
  const before = new Set(seen);
  const { checkpoint } = minimize(bowl, { ...space, budget: 40 });
  seen.length = 0;
  minimize(counted, { ...space, resume: checkpoint });
  expect(seen.filter((x) => before.has(x))).toEqual([]);
});

test('where noise is met by more values, each is a value of its own', () => {
  let calls = 0;
  const r = minimize((x) => bowl(x) + 0 * calls++, { ...space, repeats: 3 });
  expect([calls, r.repeated]).toEqual([r.evaluations, 0]);
});

test.each([
  ['NaN', () => Number.NaN, /NaN, or failed, at every point/],
  ['infinite', () => Number.POSITIVE_INFINITY, /infinite at every point/],
  [
    'thrown',
    () => {
      throw new Error('no');
    },
    /NaN, or failed, at every point/,
  ],
] as const)('an objective that is %s everywhere is said to be so', (_, f, sentence) => {
  for (const integer of [false, true]) {
    const r = minimize(f, { ...space, integer, budget: 60, onError: 'skip' });
    expect(r.status).toBe('stalled');
    expect(r.message).toMatch(sentence);
    expect(r.objective).toBe(Number.POSITIVE_INFINITY);
  }
});
