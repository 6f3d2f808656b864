import { expect, test } from 'vitest';
import { atLeast, atMost, short, verdict } from './experiment.ts';
import type { Claim } from './record.ts';

const claim: Claim = { id: 'c', sentence: '', quantity: '', bar: { quick: '', full: '' } };
const outcome = (...values: number[]) => {
  const event = verdict(
    claim,
    { size: 'quick', seed: 1 },
    values.map((v) => atMost('v', v, 1)),
  );
  return event.kind === 'verdict' && event.verdict.outcome;
};

test('all, some or none of the measurements meet their bars; what is not a number does not', () => {
  expect(outcome(1, 0.5)).toBe('holds');
  expect(outcome(1, 2)).toBe('partly');
  expect(outcome(2, 3)).toBe('does not hold');
  expect(outcome(Number.NaN)).toBe('does not hold');
  expect(atLeast('v', Number.NaN, 0).ok).toBe(false);
  expect(atLeast('v', 1, 1).ok).toBe(true);
});

test('numbers are short', () => {
  expect([0, 12, 0.123456, 1234.5, 1e-9, 123456789.5].map(short)).toEqual([
    '0',
    '12',
    '0.123',
    '1230',
    '1.00e-9',
    '1.23e+8',
  ]);
});
