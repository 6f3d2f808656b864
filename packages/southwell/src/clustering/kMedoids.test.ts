import { decodeCheckpoint, encodeCheckpoint, Random, run } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kMedoids, kMedoidsIterates, type MedoidMetric, type RestartState } from './index.ts';
import { blobs } from './testing.ts';

type Rows = readonly (readonly number[])[];

const between = (x: readonly number[], y: readonly number[], metric: MedoidMetric = 'euclidean'): number => {
  const differences = x.map((v, j) => Math.abs(v - y[j]));
  return metric === 'manhattan' ? differences.reduce((a, b) => a + b) : Math.hypot(...differences);
};
const deviation = (rows: Rows, medoids: Iterable<number>, metric?: MedoidMetric): number => {
  const own = [...medoids];
  return rows.reduce((sum, x) => sum + Math.min(...own.map((m) => between(x, rows[m], metric))), 0);
};
/** All sets of k of the numbers from `from` to n − 1. */
const subsets = (n: number, k: number, from = 0): number[][] =>
  k === 0
    ? [[]]
    : Array.from({ length: Math.max(0, n - from) }, (_, i) => from + i).flatMap((m) =>
        subsets(n, k - 1, m + 1).map((rest) => [m, ...rest]),
      );
const least = (rows: Rows, k: number, metric?: MedoidMetric): number =>
  Math.min(...subsets(rows.length, k).map((medoids) => deviation(rows, medoids, metric)));
/** The least sum after one swap. */
const swapped = (rows: Rows, medoids: ArrayLike<number>, metric?: MedoidMetric): number => {
  const own = Array.from(medoids);
  const sums = own.flatMap((_, c) =>
    rows.flatMap((__, o) => (own.includes(o) ? [] : [deviation(rows, own.with(c, o), metric)])),
  );
  return Math.min(Number.POSITIVE_INFINITY, ...sums);
};

const random = new Random(3);
const cloud = (n: number, d: number) =>
  Array.from({ length: n }, () => Array.from({ length: d }, () => random.normal()));
const table = fc.record({ n: fc.integer({ min: 1, max: 9 }), d: fc.integer({ min: 1, max: 3 }) }).chain(({ n, d }) =>
  fc.record({
    rows: fc.array(fc.array(fc.integer({ min: -4, max: 4 }), { minLength: d, maxLength: d }), {
      minLength: n,
      maxLength: n,
    }),
    k: fc.integer({ min: 1, max: n }),
    seed: fc.integer({ min: 0, max: 99 }),
    metric: fc.constantFrom<MedoidMetric>('euclidean', 'manhattan'),
  }),
);

describe('by the definition', () => {
  test.each([
    [1, 'euclidean'],
    [2, 'euclidean'],
    [3, 'manhattan'],
    [4, 'euclidean'],
    [10, 'euclidean'],
  ] as const)('ten rows, k = %s, %s: no set of rows is better', (k, metric) => {
    for (let t = 0; t < 5; t++) {
      const rows = cloud(10, 2);
      const { point, objective, status } = kMedoids(rows, k, { metric, restarts: 30 });
      expect(status).toBe('converged');
      expect(objective).toBeCloseTo(least(rows, k, metric), 10);
      expect(objective).toBeCloseTo(deviation(rows, point.medoids, metric), 10);
    }
  });

  test('any table, ties and equal rows too: the sum is that of the medoids, never grows, and no swap lowers its end', () => {
    fc.assert(
      fc.property(table, ({ rows, k, seed, metric }) => {
        let before = Number.POSITIVE_INFINITY;
        const { point, status, objective, certificate } = run(kMedoidsIterates(rows, k, { seed, metric }), {
          onIterate: ({ objective, snapshot }) => {
            expect(objective).toBeLessThanOrEqual(before);
            expect(objective).toBeCloseTo(deviation(rows, snapshot().medoids, metric), 9);
            before = objective;
          },
        });
        const { medoids, assignments, prototypes } = point;
        expect(status).toBe('converged');
        expect([certificate!.kind, certificate!.relative <= 1e-12]).toEqual(['swapGain', true]);
        expect(swapped(rows, medoids, metric)).toBeGreaterThanOrEqual(objective - 1e-9);
        expect(new Set(medoids).size).toBe(k);
        // A row is in the cluster of a nearest medoid, medoids are in their own, and prototypes are those rows.
        const nearest = (x: readonly number[]) => Math.min(...Array.from(medoids, (m) => between(x, rows[m], metric)));
        rows.forEach((x, i) => {
          expect(between(x, rows[medoids[assignments[i]]], metric)).toBeCloseTo(nearest(x), 9);
        });
        medoids.forEach((m, c) => {
          expect([assignments[m], ...rows[m].map((_, j) => prototypes.get(c, j))]).toEqual([c, ...rows[m]]);
        });
      }),
      { numRuns: 150 },
    );
  });

  test('larger clouds: no swap is better, and most groups are found', () => {
    const { rows, groups } = blobs(120, 3, 5, 8, 2);
    const { point, objective } = kMedoids(rows, 5);
    expect(swapped(rows, point.medoids)).toBeGreaterThanOrEqual(objective * (1 - 1e-12));
    expect(new Set(Array.from(groups, (g, i) => `${g} ${point.assignments[i]}`)).size).toBe(5);
  });
});

test('every pass makes the swaps that sums over all rows choose, computed anew for each try', () => {
  const cloud = (random: Random) => Array.from({ length: 24 }, () => [random.normal(), random.normal()]);
  for (let seed = 0; seed < 15; seed++) {
    const rows = cloud(new Random(seed));
    let expected: Int32Array | undefined;
    run(kMedoidsIterates(rows, 5, { seed }), {
      onIterate: ({ snapshot }) => {
        const { medoids } = snapshot();
        if (!expected) expected = medoids.slice();
        else {
          for (let c = 0; c < rows.length; c++) {
            if (expected.includes(c)) continue;
            const sums = Array.from(expected, (_, slot) => deviation(rows, expected!.with(slot, c)));
            const least = Math.min(...sums);
            if (least < deviation(rows, expected) * (1 - 1e-12)) expected[sums.indexOf(least)] = c;
          }
        }
        expect(medoids).toEqual(expected);
      },
    });
  }
});

describe('degenerate data', () => {
  test('groups so tight that their distance drowns theirs', () => {
    const rows = [0, 1].flatMap((at) => [0, 1, 2, 4, 8].map((v) => [at + v * 2 ** -44]));
    const { point, objective, status } = kMedoids(rows, 2);
    expect([status, objective]).toEqual(['converged', 22 * 2 ** -44]);
    expect([...point.medoids].sort((a, b) => a - b)).toEqual([2, 7]);
  });

  test('equal rows, one row, as many clusters as rows', () => {
    const same = kMedoids([[3], [3], [3]], 2);
    expect([same.status, same.objective, same.certificate!.relative]).toEqual(['converged', 0, 0]);
    expect([...new Set(same.point.medoids)]).toHaveLength(2);
    expect([...kMedoids([[7, 1]], 1).point.medoids]).toEqual([0]);
    const all = kMedoids([[1], [2], [2], [4]], 4).point;
    expect(all.assignments.toSorted()).toEqual(Int32Array.of(0, 1, 2, 3));
  });

  test.each([1e-320, 1e-300, 1e-160, 1e150, 1e300])('units of %s change nothing but units', (unit) => {
    const whole = Array.from({ length: 30 }, (_, i) => [(i * 37) % 23, (i * 11) % 19]);
    const plain = kMedoids(whole, 3);
    const { point, objective } = kMedoids(
      whole.map((row) => row.map((v) => v * unit)),
      3,
    );
    expect(deviation(whole, point.medoids)).toBeCloseTo(plain.objective, 9);
    expect(objective / unit / plain.objective).toBeCloseTo(1, 2);
  });

  test('far from the origin no digit is lost that the data have', () => {
    const rows = cloud(20, 2).map((row) => row.map((v) => 2 ** 40 + Math.round(v * 256) / 256));
    const moved = kMedoids(rows, 3);
    const near = kMedoids(
      rows.map((row) => row.map((v) => v - 2 ** 40)),
      3,
    );
    expect([moved.objective, moved.point.medoids]).toEqual([near.objective, near.point.medoids]);
  });

  test.each([
    ['NaN', [[1], [Number.NaN]], 1, 'NON_FINITE'],
    ['infinite', [[1], [Number.POSITIVE_INFINITY]], 1, 'NON_FINITE'],
    ['no rows', [], 1, 'EMPTY'],
    ['no columns', [[], []], 1, 'EMPTY'],
    ['no cluster', [[1], [2]], 0, 'INVALID_PARAMETER'],
    ['half a cluster', [[1], [2]], 1.5, 'INVALID_PARAMETER'],
    ['more clusters than rows', [[1], [2]], 3, 'INVALID_PARAMETER'],
    ['differences that overflow', [[-1e308], [1e308]], 1, 'NUMERICAL'],
  ])('%s', (_, rows, k, code) => {
    expect(() => kMedoids(rows, k)).toThrow(expect.objectContaining({ code }));
  });

  test('too many rows are refused before their distances are made, and how many are not is said', () => {
    const rows = Array.from({ length: 20_001 }, (_, i) => [i]);
    expect(() => kMedoids(rows, 2)).toThrow(
      'k-medoids stores the distances between all rows: 3.2 GB for 20001 rows. Use a sample of at most 20000, or k-means.',
    );
  });
});

describe('statuses', () => {
  const { rows } = blobs(90, 2, 6, 1, 5);

  test('limits are told, and the point is that of the sum', () => {
    for (const maxIter of [0, 1]) {
      const cut = kMedoids(rows, 6, { maxIter, restarts: 1 });
      expect([cut.status, cut.iterations, cut.certificate]).toEqual(['iteration-limit', maxIter, undefined]);
      expect(cut.objective).toBeCloseTo(deviation(rows, cut.point.medoids), 9);
    }
    expect(kMedoids(rows, 6, { signal: AbortSignal.abort() }).status).toBe('aborted');
    expect(kMedoids(rows, 6, { timeLimit: 0, restarts: 2 }).status).toBe('time-limit');
  });

  test('goes on from every checkpoint with the same bits', () => {
    const states: string[] = [];
    const save = (state: unknown, iteration: number) =>
      states.push(encodeCheckpoint({ method: 'm', problem: 'p', iteration, state }));
    const bits = ({ point, objective, iterations, status, work }: ReturnType<typeof kMedoids>) =>
      JSON.stringify([[...point.medoids], [...point.assignments], objective, iterations, status, work]);
    const whole = bits(kMedoids(rows, 6, { restarts: 3, checkpoint: { save } }));
    expect(states.length).toBeGreaterThan(6);
    for (const state of states) {
      const { state: resume } = decodeCheckpoint<RestartState>(state);
      expect(bits(kMedoids(rows, 6, { restarts: 3, resume }))).toBe(whole);
    }
  });

  test('options that there are not', () => {
    const refusesUnknown = (name: string, call: (more: object) => unknown) =>
      expect(() => call({ sed: 1 })).toThrow(`${name} has no option 'sed'; did you mean 'seed'?`);
    refusesUnknown('kMedoids', (more) => kMedoids([[1]], 1, more));
    refusesUnknown('kMedoidsIterates', (more) => kMedoidsIterates([[1]], 1, more).next());
    expect(() => kMedoids([[1]], 1, { tol: 1 } as object)).toThrow("kMedoids has no option 'tol'");
    expect(() => kMedoids([[1]], 1, { metric: 'cosine' as MedoidMetric })).toThrow(
      'metric must be one of euclidean, manhattan, but is cosine.',
    );
    expect(() => kMedoids([[1]], 1, { restarts: 0 })).toThrow('restarts must be a whole number of at least 1, not 0.');
  });
});
