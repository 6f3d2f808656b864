import { describe, expect, test } from 'vitest';
import { type SequentialCodeOptions, sequentialCode } from './sequentialCode.ts';

test('loads of the authors for 256 workers', () => {
  const load = (o: SequentialCodeOptions) => sequentialCode(o).load;
  expect(load({ kind: 'none', n: 256 })).toBeCloseTo(1 / 256, 12);
  expect(load({ kind: 'gc', n: 256, s: 15 })).toBeCloseTo(16 / 256, 12);
  expect(load({ kind: 'sr-sgc', n: 256, B: 2, W: 3, lambda: 23 })).toBeCloseTo(13 / 256, 12);
  expect(load({ kind: 'm-sgc', n: 256, B: 1, W: 2, lambda: 27 })).toBeCloseTo(56 / (256 * 29), 12);
  expect(load({ kind: 'm-sgc', n: 8, B: 2, W: 3, lambda: 8 })).toBeCloseTo(4 / 16, 12);
  expect(load({ kind: 'm-sgc', n: 8, B: 1, W: 100_000, lambda: 3 })).toBeCloseTo(1 / 8, 5);
});

/** Follows every admitted sequence of straggler sets and checks that each job is decoded by its deadline. */
function everyPattern(options: SequentialCodeOptions, jobs: number): number {
  const code = sequentialCode(options);
  const { n, delay } = code;
  const sets = Array.from({ length: 2 ** n }, (_, set) => Uint8Array.from({ length: n }, (_, i) => (set >> i) % 2));
  let leaves = 0;
  const follow = (path: readonly Uint8Array[]) => {
    const rounds = code.rounds(jobs);
    const when = new Map<number, number>();
    path.forEach((mask, r) => {
      for (const job of rounds.end(mask)) when.set(job, r + 1);
    });
    for (let t = 1; t + delay <= path.length; t++) expect(when.get(t) ?? Infinity).toBeLessThanOrEqual(t + delay);
    if (path.length === jobs + delay) {
      leaves++;
      expect(rounds.decoded).toBe(jobs);
      return;
    }
    for (const mask of sets) if (rounds.admits(mask)) follow([...path, mask]);
  };
  follow([]);
  return leaves;
}

describe('every admitted pattern meets all deadlines', () => {
  test.each<[SequentialCodeOptions, number]>([
    [{ kind: 'none', n: 3 }, 4],
    [{ kind: 'gc', n: 4, s: 1 }, 3],
    [{ kind: 'sr-sgc', n: 3, B: 1, W: 2, lambda: 2 }, 3],
    [{ kind: 'sr-sgc', n: 4, B: 1, W: 3, lambda: 3 }, 2],
    [{ kind: 'sr-sgc', n: 3, B: 2, W: 3, lambda: 2 }, 2],
    [{ kind: 'm-sgc', n: 3, B: 1, W: 2, lambda: 1 }, 4],
    [{ kind: 'm-sgc', n: 3, B: 1, W: 3, lambda: 2 }, 3],
    [{ kind: 'm-sgc', n: 3, B: 2, W: 3, lambda: 2 }, 2],
    [{ kind: 'm-sgc', n: 3, B: 1, W: 2, lambda: 3 }, 3],
  ])('%j, %i jobs', (options, jobs) => {
    expect(everyPattern(options, jobs)).toBeGreaterThan(0);
  });
});

test('strict codes tolerate one straggler less', () => {
  const one = Uint8Array.of(1, 0, 0);
  expect(sequentialCode({ kind: 'gc', n: 3, s: 1 }).rounds(1).admits(one)).toBe(true);
  expect(sequentialCode({ kind: 'gc', n: 3, s: 1, strict: true }).rounds(1).admits(one)).toBe(false);
});

test('bad input', () => {
  expect(() => sequentialCode({ kind: 'sr-sgc', n: 8, B: 2, W: 4, lambda: 3 })).toThrow('2 does not divide 3');
  expect(() => sequentialCode({ kind: 'sr-sgc', n: 8, B: 1, W: 2, lambda: 8 })).toThrow('lambda must be');
  expect(() => sequentialCode({ kind: 'm-sgc', n: 8, B: 2, W: 2, lambda: 3 })).toThrow('W must be');
  expect(() => sequentialCode({ kind: 'gc', n: 8, s: 8 })).toThrow('s must be');
});
