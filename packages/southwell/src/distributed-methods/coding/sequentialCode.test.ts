import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { type SequentialCodeOptions, sequentialCode } from './sequentialCode.ts';
import { bursts, everyPatternUpToOrder } from './testing.patterns.ts';

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

test('every admitted pattern of up to five workers meets the deadline of M-SGC; the long test has eight', () => {
  let sequences = 0;
  for (let n = 1; n <= 5; n++) {
    for (const [B, W] of bursts) {
      for (let lambda = 0; lambda <= n; lambda++) sequences += everyPatternUpToOrder(n, B, W, lambda);
    }
  }
  expect(sequences).toBeGreaterThan(4000);
});

/**
 * Runs jobs of random chunk gradients by the assignments and combinations of a code, and compares each job with the sum of its
 * chunks. Stragglers are drawn until the code admits them. Returns the number of dropped workers, and the sums.
 */
function decodeRandomly(options: SequentialCodeOptions, jobs: number, seed: number) {
  const code = sequentialCode(options);
  const { n, chunks, delay, load } = code;
  const random = new Random(seed);
  const gradients = Array.from({ length: jobs }, () =>
    Float64Array.from(chunks, (size) => size * (1 + random.normal())),
  );
  const results = new Map<string, number>();
  const rounds = code.rounds(jobs);
  const sums: number[] = [];
  let dropped = 0;
  for (let r = 1; rounds.decoded < jobs; r++) {
    expect(r).toBeLessThanOrEqual(jobs + delay);
    const assignment = rounds.assignment();
    let mask = new Uint8Array(n);
    for (let attempt = 0; attempt < 20; attempt++) {
      const rate = random.uniform();
      const next = Uint8Array.from({ length: n }, () => (random.uniform() < rate ? 1 : 0));
      if (!rounds.admits(next)) continue;
      mask = next;
      break;
    }
    assignment.forEach((tasks, i) => {
      const size = tasks.reduce((sum, one) => sum + one.chunks.reduce((part, c) => part + chunks[c], 0), 0);
      expect(size).toBeLessThanOrEqual(load + 1e-12);
      if (mask[i]) dropped++;
      else {
        for (const task of tasks) {
          const value = task.chunks.reduce((sum, c, k) => sum + task.weights[k] * gradients[task.job - 1][c], 0);
          results.set(`${task.job} ${r} ${i}`, value);
        }
      }
    });
    for (const job of rounds.end(mask)) {
      const sum = rounds
        .combination(job)
        .reduce((total, { worker, round, weight }) => total + weight * results.get(`${job} ${round} ${worker}`)!, 0);
      expect(Math.abs(sum - gradients[job - 1].reduce((a, b) => a + b, 0))).toBeLessThanOrEqual(1e-8);
      sums[job - 1] = sum;
    }
  }
  return { dropped, sums };
}

describe('the combinations are the sums of the chunks, up to eight workers', () => {
  test('of every model of stragglers', () => {
    const counted = { cases: 0, dropped: 0 };
    for (let n = 1; n <= 8; n++) {
      const all: SequentialCodeOptions[] = [{ kind: 'none', n }];
      for (let s = 0; s < n; s++) all.push({ kind: 'gc', n, s });
      for (let B = 1; B <= 3; B++) {
        for (let W = B + 1; W <= 6; W++) {
          for (let lambda = 0; lambda <= n; lambda++) {
            all.push({ kind: 'm-sgc', n, B, W, lambda });
            if ((W - 1) % B === 0 && lambda < n) all.push({ kind: 'sr-sgc', n, B, W, lambda });
          }
        }
      }
      for (const options of all) {
        const { delay, chunks } = sequentialCode(options);
        expect(chunks.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
        counted.cases++;
        counted.dropped += decodeRandomly(options, Math.max(1, 8 - delay), counted.cases).dropped;
      }
    }
    expect(counted.cases).toBeGreaterThan(700);
    expect(counted.dropped).toBeGreaterThan(3000);
  });

  test('with the same bits whoever straggles, where the code is a fractional repetition', () => {
    for (const options of [
      { kind: 'gc', n: 8, s: 3 },
      { kind: 'm-sgc', n: 8, B: 2, W: 4, lambda: 3 },
      { kind: 'sr-sgc', n: 8, B: 1, W: 2, lambda: 2 },
    ] as const) {
      const code = sequentialCode(options);
      const value = (job: number, c: number) => Math.sin(job * 100 + c) * 1e3;
      const sums = (seed: number) => {
        const random = new Random(seed);
        const rounds = code.rounds(6);
        const results = new Map<string, number>();
        const out: number[] = [];
        let dropped = 0;
        for (let r = 1; rounds.decoded < 6; r++) {
          const drawn = Uint8Array.from({ length: 8 }, () => (random.uniform() < 0.3 ? 1 : 0));
          const mask = rounds.admits(drawn) ? drawn : new Uint8Array(8);
          dropped += mask.filter((v) => v).length;
          rounds.assignment().forEach((tasks, i) => {
            for (const { job, chunks } of tasks) {
              results.set(
                `${job} ${r} ${i}`,
                chunks.reduce((sum, c) => sum + value(job, c), 0),
              );
            }
          });
          for (const job of rounds.end(mask)) {
            const terms = rounds.combination(job);
            out[job] = terms.reduce((sum, t) => sum + t.weight * results.get(`${job} ${t.round} ${t.worker}`)!, 0);
          }
        }
        return { out, dropped };
      };
      const found = [1, 2, 3, 4].map(sums);
      expect(found.some(({ dropped }) => dropped > 0)).toBe(true);
      for (const { out } of found) expect(out).toEqual(found[0].out);
    }
  });

  test('only of the jobs that the last round completed', () => {
    const rounds = sequentialCode({ kind: 'gc', n: 2, s: 1 }).rounds(2);
    expect(rounds.end(Uint8Array.of(1, 0))).toEqual([1]);
    expect(rounds.combination(1)).toEqual([{ worker: 1, round: 1, weight: 1 }]);
    expect(() => rounds.combination(2)).toThrow('did not complete job 2');
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
