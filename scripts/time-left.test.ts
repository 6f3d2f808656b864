// How long runs take, as the page tells it.
import { calibration } from '@southwell/papers';
import { expect, test } from 'vitest';
import { expectedSeconds, leftText, totalSeconds } from '../packages/workbench/app/lib/timeLeft.ts';

const machine = { cpu: '', cores: 2, node: '20' };
const run = (seconds: number | undefined, size: 'quick' | 'full' = 'quick', experiment = 'a') =>
  ({ experiment, size, seed: 1, date: '2026-01-01', verdicts: [], seconds }) as const;

test('what is expected: the median of the release, scaled by the machine', () => {
  const runs = [run(30), run(10), run(12), run(undefined), run(500, 'full'), run(1, 'quick', 'b')];
  expect(expectedSeconds({ runs, machine }, 'a', 'quick', 20)).toBe(12);
  expect(expectedSeconds({ runs, machine: { ...machine, calibration: 10 } }, 'a', 'quick', 20)).toBe(24);
  expect(expectedSeconds({ runs, machine: { ...machine, calibration: 10 } }, 'a', 'full', undefined)).toBe(500);
  expect(expectedSeconds({ runs, machine }, 'c', 'quick', 20)).toBeUndefined();
  expect(expectedSeconds(undefined, 'a', 'quick', 20)).toBeUndefined();
});

test('the estimate begins with what is expected and ends with the progress of the run', () => {
  expect(totalSeconds({ elapsed: 0, fraction: 0, expected: 20 })).toBe(20);
  expect(totalSeconds({ elapsed: 5, fraction: 0, expected: undefined })).toBeUndefined();
  expect(totalSeconds({ elapsed: 5, fraction: 0.25, expected: undefined })).toBe(20);
  // Late, and half done.
  expect(totalSeconds({ elapsed: 40, fraction: 0.5, expected: 20 })).toBe(80);
  // Without progress it is never over before it is.
  for (const elapsed of [19, 21, 300]) {
    expect(totalSeconds({ elapsed, fraction: 0, expected: 20 })).toBeGreaterThan(elapsed);
    expect(totalSeconds({ elapsed, fraction: 1, expected: 20 })).toBeGreaterThanOrEqual(elapsed);
  }
});

test('a steady run counts down, whatever was expected', () => {
  for (const expected of [undefined, 5, 30, 200]) {
    const left = Array.from({ length: 19 }, (_, k) => {
      const elapsed = 1.5 * (k + 1);
      return totalSeconds({ elapsed, fraction: elapsed / 30, expected })! - elapsed;
    });
    expect(left[18]).toBeLessThan(6);
    if (expected === undefined || expected === 30)
      for (let k = 1; k < left.length; k++) expect(left[k]).toBeLessThan(left[k - 1]);
  }
});

test('in words', () => {
  const told = (seconds: number) => leftText({ elapsed: 0, fraction: 0, expected: seconds });
  expect([1, 4.2, 12, 61, 200].map(told)).toEqual([
    'about a second left',
    'about 4 s left',
    'about 10 s left',
    'about 60 s left',
    'about 3 min left',
  ]);
  expect(leftText({ elapsed: 9.5, fraction: 0, expected: 10 })).toBe('a moment left');
  expect(leftText({ elapsed: 3, fraction: 0, expected: undefined })).toBe('');
});

test('the calibration takes the best of three rounds', () => {
  const times = [0, 30, 30, 50, 50, 90];
  expect(calibration(() => times.shift()!)).toBe(20);
});
