import { expect, test } from 'vitest';
import { choiceNote, forecastOf, type Planned, slowNote } from './planRanks.ts';
import { exchangeSeconds, fastestRanks, partsOf, paysFrom, type StepCosts, stepSeconds } from './stepModel.ts';

const costs: StepCosts = { step: 2e-4, row: 1e-5, message: 3e-5, byte: 2e-9, waiting: 1e-4, bytes: 40_000 };
const spell = (name: string) => `--${name}`;

/** A machine that has these costs, rank by rank and message by message. */
function measured(of: StepCosts, batch: number, ranks: number): number {
  const parts = partsOf(batch, 1, ranks);
  const rows = Array.from({ length: ranks }, () => 0);
  // Consecutive parts, as many for each rank as for the first.
  const each = Math.ceil(parts / ranks);
  for (let part = 0; part < parts; part++) rows[Math.floor(part / each)] += batch / parts;
  const times = rows.map((n) => of.step + n * of.row);
  let now = Math.max(...times);
  if (ranks === 2) now += of.waiting + of.message + of.bytes * of.byte;
  if (ranks > 2) {
    // Every other rank is sent a part of the gradient, and then the sum of this rank's part.
    now += of.waiting;
    for (let exchange = 0; exchange < 2; exchange++)
      for (let other = 1; other < ranks; other++) now += of.message + (of.bytes / ranks) * of.byte;
  }
  return now;
}

test('the time of a step is that of a machine with the same costs', () => {
  for (const batch of [1, 7, 8, 10, 64, 96, 512])
    for (const ranks of [1, 2, 3, 4, 8, 16]) {
      const parts = partsOf(batch, 1, ranks);
      expect(stepSeconds(costs, { rows: batch, parts }, ranks)).toBeCloseTo(measured(costs, batch, ranks), 12);
    }
});

test('ranks pay from the batch size at which they are faster on the machine', () => {
  // Never as fast as one rank to the last bit.
  for (const ranks of [2, 4, 8])
    for (const row of [1.3e-6, 1.1e-5, 3.1e-4]) {
      const of = { ...costs, row };
      let first = ranks;
      while (measured(of, first, ranks) > measured(of, first, 1)) first += ranks;
      const predicted = paysFrom(of, ranks);
      expect(predicted).toBeGreaterThan(first - ranks);
      expect(predicted).toBeLessThanOrEqual(first);
    }
  expect(paysFrom({ ...costs, row: 0 }, 2)).toBe(Number.POSITIVE_INFINITY);
});

test('the fastest number of ranks, or fewer where more would save next to nothing', () => {
  for (const batch of [1, 8, 30, 64, 100, 512, 4096]) {
    const times = Array.from({ length: 12 }, (_, k) => measured(costs, batch, k + 1));
    const chosen = fastestRanks(costs, (ranks) => ({ rows: batch, parts: partsOf(batch, 1, ranks) }), 12);
    const least = Math.min(...times);
    expect(times[chosen - 1]).toBeLessThanOrEqual(least / 0.95);
    for (const time of times.slice(0, chosen - 1)) expect(time).toBeGreaterThan(least / 0.95);
  }
  const step = (batch: number) => (ranks: number) => ({ rows: batch, parts: partsOf(batch, 1, ranks) });
  expect(fastestRanks(costs, step(8), 4)).toBe(1);
  expect(fastestRanks(costs, step(4096), 4)).toBe(4);
});

test('a batch that cannot be cut evenly costs what its largest share costs', () => {
  // Five parts of two rows on four ranks: two of them on the first.
  expect(partsOf(10, 1, 4)).toBe(5);
  const exchange = exchangeSeconds(costs, 4);
  expect(stepSeconds(costs, { rows: 10, parts: 5 }, 4)).toBeCloseTo(costs.step + 4 * costs.row + exchange, 12);
});

const planned = (batch: number, examples = 10_000): Planned => ({ batch, accumulate: 1, examples, noun: 'row' });
const slow = (batch: number, ranks: number, examples?: number) => {
  const plan = planned(batch, examples);
  return slowNote(costs, forecastOf(costs, plan, ranks, ranks), plan, spell);
};

test('ranks that are slower than one are said to be, with the batch size from which they are not', () => {
  expect(slow(8, 2)).toBe(
    'On 2 ranks a step of 8 rows is predicted to take 0.45 ms, and on one 0.28 ms, since the gradients are exchanged in 0.21 ms: use one rank, or --batch 42 or more, from where 2 ranks are faster.',
  );
  expect(slow(8, 2, 30)).toMatch(/: use one rank; no batch of the 30 rows is large enough for 2 ranks to be faster\.$/);
  expect(slow(512, 2)).toBeUndefined();
});

test('a choice is told with its reason', () => {
  const told = (batch: number, taken: number, of: number) =>
    choiceNote(forecastOf(costs, planned(batch), taken, of), planned(batch), spell);
  expect(told(8, 1, 2)).toBe(
    '--ranks auto uses 1 rank of 2: a step of 8 rows is predicted to take 0.28 ms on one and 0.45 ms on 2; 2 ranks are faster from --batch 42 on.',
  );
  expect(told(512, 2, 4)).toMatch(
    /^--ranks auto uses 2 ranks of 4: a step of 512 rows is predicted to take [\d.]+ ms on one, [\d.]+ ms on 2 and [\d.]+ ms on 4\.$/,
  );
});

test('accumulated batches are rows of the same step', () => {
  const plan = { ...planned(8), accumulate: 4 };
  expect(forecastOf(costs, plan, 2, 2).batch).toBe(Math.ceil(paysFrom(costs, 2) / 4));
});
