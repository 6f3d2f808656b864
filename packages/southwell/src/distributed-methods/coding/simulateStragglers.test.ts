import { expect, test } from 'vitest';
import { gilbertElliott } from './gilbertElliott.ts';
import { type SequentialCodeOptions, sequentialCode } from './sequentialCode.ts';
import { simulateStragglers } from './simulateStragglers.ts';
import { tuneCode } from './tuneCode.ts';

const codes: SequentialCodeOptions[] = [
  { kind: 'none', n: 8 },
  { kind: 'gc', n: 8, s: 2 },
  { kind: 'sr-sgc', n: 8, B: 2, W: 3, lambda: 3 },
  { kind: 'm-sgc', n: 8, B: 1, W: 3, lambda: 3 },
];

test('equal delays: a round a job, and the delay of multiplexed codes in addition', () => {
  for (const options of codes) {
    const code = sequentialCode(options);
    const rounds = 10 + (options.kind === 'm-sgc' ? code.delay : 0);
    const run = simulateStragglers(code, new Float64Array(8 * 20).fill(2), { jobs: 10, loadSlope: 4 });
    expect(run.runtime).toBeCloseTo(rounds * (2 + 4 * code.load), 10);
    expect([run.status, run.waitOuts]).toEqual(['finished', 0]);
  }
});

test('rounds by hand: one straggler is dropped, two are not, so that the round waits for one of them, or for both', () => {
  const delays = Float64Array.of(1, 1, 9, 7, 1, 7, 1, 1.5, 1); // three workers, three rounds
  const code = sequentialCode({ kind: 'gc', n: 3, s: 1 });
  for (const [waitFor, last] of [
    ['enough', 7],
    ['all', 9],
  ] as const) {
    const { roundTimes, waitOuts, jobFinish } = simulateStragglers(code, delays, { jobs: 3, waitFor });
    expect([...roundTimes]).toEqual([2, 1.5, last]);
    expect([...jobFinish]).toEqual([2, 3.5, 3.5 + last]);
    expect(waitOuts).toBe(1);
  }
});

test('waiting for enough is not slower in a round without history', () => {
  for (let seed = 0; seed < 20; seed++) {
    const delays = gilbertElliott({ n: 8, rounds: 20, pSlow: 0.3, pRecover: 0.5, seed });
    const code = sequentialCode({ kind: 'gc', n: 8, s: 2 });
    const [enough, all] = (['enough', 'all'] as const).map((waitFor) =>
      simulateStragglers(code, delays, { jobs: 20, waitFor }),
    );
    expect(enough.waitOuts).toBe(all.waitOuts);
    enough.roundTimes.forEach((seconds, r) => void expect(seconds).toBeLessThanOrEqual(all.roundTimes[r]));
    expect(enough.runtime).toBeLessThan(all.runtime);
  }
});

test('waiting never leaves a job undecoded', () => {
  for (let seed = 0; seed < 30; seed++) {
    const delays = gilbertElliott({ n: 8, rounds: 40, pSlow: 0.2, pRecover: 0.5, seed });
    for (const options of codes) {
      for (const waitFor of ['enough', 'all'] as const) {
        const { jobFinish } = simulateStragglers(sequentialCode(options), delays, { jobs: 30, waitFor });
        expect(jobFinish.every((v) => v > 0)).toBe(true);
      }
    }
  }
});

test('a dead worker is dropped while the code allows it; otherwise the run stalls', () => {
  const delays = new Float64Array(8 * 20).fill(1).fill(Infinity, 0, 20);
  const status = (options: SequentialCodeOptions) =>
    simulateStragglers(sequentialCode(options), delays, { jobs: 10 }).status;
  expect(status({ kind: 'gc', n: 8, s: 1 })).toBe('finished');
  expect(status({ kind: 'none', n: 8 })).toBe('stalled');
  expect(status({ kind: 'm-sgc', n: 8, B: 1, W: 3, lambda: 3 })).toBe('stalled');
});

test('no code comes first where all delays are equal, and a code where workers are slow', () => {
  expect(tuneCode(new Float64Array(160).fill(1), { n: 8, slope: 2 })[0].options.kind).toBe('none');
  const delays = gilbertElliott({ n: 16, rounds: 40, seed: 1 });
  const table = tuneCode(delays, { n: 16, slope: 1 });
  expect(table[0].options.kind).not.toBe('none');
  expect(table.every((one, k) => k === 0 || one.runtime >= table[k - 1].runtime)).toBe(true);
});

test('the share of slow rounds is that of the chain', () => {
  const delays = gilbertElliott({ n: 200, rounds: 500, pSlow: 0.1, pRecover: 0.4, seed: 5 });
  expect(delays.filter((v) => v > 1.8).length / delays.length).toBeCloseTo(0.2, 1.7);
});

test('bad input', () => {
  const code = sequentialCode({ kind: 'gc', n: 2, s: 1 });
  expect(() => simulateStragglers(code, Float64Array.of(1, 2, 3, -4), { jobs: 2 })).toThrow(
    'worker 2 in round 2 is -4',
  );
  expect(() => simulateStragglers(code, Float64Array.of(1, NaN, 3, 4), { jobs: 2 })).toThrow(
    'worker 1 in round 2 is NaN',
  );
  expect(() => simulateStragglers(code, Float64Array.of(1, 2, 3, 4), { jobs: 3 })).toThrow('need 3 rounds');
  expect(() => simulateStragglers(code, Float64Array.of(1, 2, 3), { jobs: 1 })).toThrow('2 rows of equal length');
});
