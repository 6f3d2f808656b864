import { Random, run } from '@southwell/numerics/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AggregationRule,
  aggregate,
  aggregationRules,
  geometricMedianIterates,
  geometricMedianWeights,
  krumWeights,
} from './index.ts';
import { sortingNetwork } from './sorted.ts';
import { distance, dot, drawn, gram, near, norm } from './testing.ts';

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const middle = (values: readonly number[]): number => {
  const sorted = ascending(values);
  return mean(sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1));
};
const trimmed = (values: readonly number[], f: number): number => mean(ascending(values).slice(f, values.length - f));
const nearest = (values: readonly number[], centre: number, keep: number): number =>
  mean([...values].sort((a, b) => Math.abs(a - centre) - Math.abs(b - centre) || a - b).slice(0, keep));
const byEntry = (gradients: readonly Float64Array[], of: (values: readonly number[]) => number): Float64Array =>
  gradients[0].map((_, k) => of(gradients.map((g) => g[k])));

/** All subsets of `size` of the numbers. */
function subsets(from: readonly number[], size: number): number[][] {
  if (size === 0) return [[]];
  return from.flatMap((v, at) => subsets(from.slice(at + 1), size - 1).map((rest) => [v, ...rest]));
}

/** The score of Krum as the smallest sum over all sets of neighbours. */
const scoreOf = (gradients: readonly Float64Array[], among: readonly number[], i: number, f: number): number => {
  const others = among.filter((j) => j !== i);
  const sets = subsets(others, Math.max(1, among.length - f - 2));
  return Math.min(...sets.map((set) => set.reduce((sum, j) => sum + distance(gradients[i], gradients[j]) ** 2, 0)));
};

function ranked(gradients: readonly Float64Array[], among: readonly number[], f: number): number[] {
  const scores = new Map(among.map((i) => [i, scoreOf(gradients, among, i, f)]));
  const beyond = (i: number) =>
    among
      .filter((j) => j !== i)
      .map((j) => distance(gradients[i], gradients[j]) ** 2)
      .sort((a, b) => a - b)
      .slice(Math.max(1, among.length - f - 2));
  const compared = (a: readonly number[], b: readonly number[]): number =>
    a.length === 0 ? 0 : a[0] - b[0] || compared(a.slice(1), b.slice(1));
  return [...among].sort((a, b) => scores.get(a)! - scores.get(b)! || compared(beyond(a), beyond(b)));
}

function bulyan(gradients: readonly Float64Array[], f: number): Float64Array {
  let left = gradients.map((_, i) => i);
  const selected: number[] = [];
  while (selected.length < gradients.length - 2 * f) {
    const [best] = ranked(gradients, left, f);
    selected.push(best);
    left = left.filter((i) => i !== best);
  }
  const chosen = selected.map((i) => gradients[i]);
  return byEntry(chosen, (v) => nearest(v, middle(v), v.length - 2 * f));
}

test('every rule but the iterative ones against brute force', () => {
  for (let p = 5; p <= 9; p++) {
    for (const [seed, f] of [
      [p, 0],
      [p + 10, 1],
      [p + 20, 2],
    ]) {
      const g = drawn(p, 3, f, seed);
      const everyone = g.map((_, i) => i);
      const average = (chosen: readonly number[]) =>
        byEntry(
          chosen.map((i) => g[i]),
          mean,
        );
      const expected: Partial<Record<AggregationRule, Float64Array>> = {
        mean: byEntry(g, mean),
        'normalized-mean': byEntry(
          g.map((v) => v.map((x) => x / norm(v))),
          mean,
        ),
        median: byEntry(g, middle),
        'trimmed-mean': byEntry(g, (v) => trimmed(v, f)),
        meamed: byEntry(g, (v) => nearest(v, middle(v), p - f)),
        phocas: byEntry(g, (v) => nearest(v, trimmed(v, f), p - f)),
        krum: average(ranked(g, everyone, f).slice(0, 1)),
        'multi-krum': average(ranked(g, everyone, f).slice(0, p - f - 2)),
        ...(p >= 4 * f + 3 && { bulyan: bulyan(g, f) }),
      };
      for (const [rule, direction] of Object.entries(expected)) {
        const found = aggregate(g, { rule: rule as AggregationRule, f });
        expect([rule, p, f, near(found.direction, direction!)]).toEqual([rule, p, f, true]);
        if (found.weights)
          expect(
            near(
              byEntry(g, (v) => dot(v, found.weights!)),
              direction!,
            ),
          ).toBe(true);
      }
    }
  }
});

test('sorting networks sort zeros and ones, wherever they lie, at the places that are wanted', () => {
  for (let n = 1; n <= 11; n++) {
    for (const wanted of [Array.from({ length: n }, (_, i) => i), [n >> 1], [0, n - 1]]) {
      const network = sortingNetwork(n, wanted);
      for (let bits = 0; bits < 2 ** n; bits++) {
        const values = Array.from({ length: n }, (_, i) => (bits >> i) & 1);
        const sorted = ascending(values);
        for (const { low, high, keepsLow, keepsHigh } of network) {
          const [a, b] = [values[low], values[high]];
          // What is not kept may hold anything.
          values[low] = keepsLow ? Math.min(a, b) : Number.NaN;
          values[high] = keepsHigh ? Math.max(a, b) : Number.NaN;
        }
        expect(wanted.map((i) => values[i])).toEqual(wanted.map((i) => sorted[i]));
      }
    }
  }
  expect(sortingNetwork(15, [7]).length).toBeLessThan(
    sortingNetwork(
      15,
      Array.from({ length: 15 }, (_, i) => i),
    ).length,
  );
});

test('coordinates in several blocks, single precision, and lists of numbers', () => {
  const g = drawn(7, 20_001, 2).map((v) => v.map((x) => Math.fround(x)));
  for (const [rule, of] of [
    ['median', middle],
    ['trimmed-mean', (v: readonly number[]) => trimmed(v, 2)],
    ['meamed', (v: readonly number[]) => nearest(v, middle(v), 5)],
  ] as const) {
    const expected = byEntry(g, of);
    expect(near(aggregate(g, { rule, f: 2 }).direction, expected)).toBe(true);
    expect(
      near(
        aggregate(
          g.map((v) => Float32Array.from(v)),
          { rule, f: 2 },
        ).direction,
        expected,
      ),
    ).toBe(true);
    expect(
      near(
        aggregate(
          g.map((v) => [...v]),
          { rule, f: 2 },
        ).direction,
        expected,
      ),
    ).toBe(true);
  }
});

/** Least sum of distances by descent of a smoothed sum, without Gram matrices. */
function descended(g: readonly Float64Array[]): number {
  const z = byEntry(g, middle);
  const sum = () => g.reduce((s, v) => s + distance(v, z), 0);
  for (let step = 1; step > 1e-12; ) {
    const before = sum();
    const slope = byEntry(g, () => 0);
    for (const v of g) {
      const d = Math.max(distance(v, z), 1e-12);
      for (let k = 0; k < z.length; k++) slope[k] += (z[k] - v[k]) / d;
    }
    for (let k = 0; k < z.length; k++) z[k] -= step * slope[k];
    if (sum() < before) continue;
    for (let k = 0; k < z.length; k++) z[k] += step * slope[k];
    step /= 2;
  }
  return sum();
}

test('the geometric median has the least sum of distances, which falls at every iterate, and a gap that says how near it is', () => {
  for (let seed = 1; seed <= 8; seed++) {
    const g = drawn(5 + (seed % 4), 3, seed % 3, seed);
    const K = gram(g);
    const least = descended(g);
    let before = Number.POSITIVE_INFINITY;
    const solution = run(geometricMedianIterates(K), {
      tol: 1e-7,
      maxIter: 5000,
      onIterate: ({ objective, certificate }) => {
        expect(objective).toBeLessThanOrEqual(before * (1 + 1e-12));
        expect(objective - certificate!.value).toBeLessThanOrEqual(least * (1 + 1e-9));
        before = objective;
      },
    });
    expect(solution.status).toBe('converged');
    expect(solution.objective).toBeLessThanOrEqual(least * (1 + 1e-7));
    const point = byEntry(g, (v) => dot(v, solution.point.weights));
    expect(g.reduce((s, v) => s + distance(v, point), 0)).toBeCloseTo(solution.objective, 9);
    expect(near(aggregate(g, { rule: 'geometric-median' }).direction, point, 1e-3)).toBe(true);
  }
});

test('the geometric median at a gradient is found exactly, also among equal ones', () => {
  const corner = geometricMedianWeights(
    gram(
      [
        [0, 0],
        [1, 0],
        [-1, -0.1],
        [0, 1],
      ].map((v) => Float64Array.from(v)),
    ),
  );
  // A point in the triangle of the others is the median of four.
  expect(corner.status).toBe('converged');
  expect([...corner.point.weights]).toEqual([1, 0, 0, 0]);
  const equal = geometricMedianWeights(
    gram(
      [
        [3, 4],
        [3, 4],
        [3, 4],
      ].map((v) => Float64Array.from(v)),
    ),
  );
  expect([equal.status, equal.objective, [...equal.point.weights]]).toEqual(['converged', 0, [1, 0, 0]]);
  const most = geometricMedianWeights(
    gram(
      [
        [3, 4],
        [50, 1],
        [3, 4],
        [9, -60],
        [3, 4],
      ].map((v) => Float64Array.from(v)),
    ),
  );
  expect(most.point.distances.filter((d) => d === 0)).toHaveLength(3);
  const line = aggregate([[1], [2], [4], [9]], { rule: 'geometric-median' });
  expect(line.direction[0]).toBeGreaterThanOrEqual(2 - 1e-6);
  expect(line.direction[0]).toBeLessThanOrEqual(4 + 1e-6);
  expect(line.certificate!.relative).toBeLessThanOrEqual(1e-6);
});

test('centered clipping step by step', () => {
  const g = drawn(7, 3, 2, 4);
  for (const radius of [0.3, 2, 1e6]) {
    let z = new Float64Array(3);
    for (let pass = 0; pass < 3; pass++) {
      const next = z.slice();
      for (const v of g) {
        const factor = Math.min(1, radius / distance(v, z));
        for (let k = 0; k < 3; k++) next[k] += ((v[k] - z[k]) * factor) / 7;
      }
      z = next;
    }
    expect(near(aggregate(g, { rule: 'centered-clipping', radius, iterations: 3 }).direction, z)).toBe(true);
  }
  const zeros = aggregate(
    [
      [0, 0],
      [0, 0],
      [5, 5],
    ],
    { rule: 'centered-clipping' },
  );
  expect([...zeros.direction]).toEqual([0, 0]);
});

const all = Object.keys(aggregationRules) as AggregationRule[];

test('equal gradients give that gradient, or its direction', () => {
  const g = Float64Array.of(3, -4, 12);
  for (const rule of all) {
    const { direction } = aggregate(
      Array.from({ length: 7 }, () => g.slice()),
      { rule, f: 1 },
    );
    const unit = rule === 'flag' || rule === 'normalized-mean';
    expect([rule, near(direction, unit ? g.map((v) => v / 13) : g, 1e-12)]).toEqual([rule, true]);
  }
});

test('no rule depends on the order of the workers, and rules of distances turn with the gradients', () => {
  const coordinates = new Set<AggregationRule>(['median', 'trimmed-mean', 'meamed', 'phocas', 'bulyan']);
  const turnedOtherwise = new Set<AggregationRule>();
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), (seed) => {
      const g = drawn(8, 5, 1, seed);
      const order = [...new Random(seed).permutation(8)];
      // A reflection.
      const axis = drawn(1, 5, 0, seed + 1)[0];
      const turn = (v: Float64Array) => v.map((x, k) => x - (2 * dot(v, axis) * axis[k]) / dot(axis, axis));
      for (const rule of all) {
        const { direction } = aggregate(g, { rule, f: 1 });
        const permuted = aggregate(
          order.map((i) => g[i]),
          { rule, f: 1 },
        ).direction;
        expect([rule, distance(permuted, direction) <= 1e-7 * norm(direction)]).toEqual([rule, true]);
        const turned = near(aggregate(g.map(turn), { rule, f: 1 }).direction, turn(direction), 1e-6);
        if (!coordinates.has(rule)) expect([rule, turned]).toEqual([rule, true]);
        else if (!turned) turnedOtherwise.add(rule);
      }
    }),
    { numRuns: 10 },
  );
  expect(turnedOtherwise).toEqual(coordinates);
});

test('a gradient far away does not decide between two that are each other’s only neighbours', () => {
  // On a line: 1 has the nearer next neighbour, and 0 is nearer to all others together.
  const line = [[0], [1], [2.5], [-1000], [-3000]];
  expect(aggregate(line, { rule: 'krum', f: 2 }).selected).toEqual([1]);
  expect(aggregate(line.toReversed(), { rule: 'krum', f: 2 }).selected).toEqual([3]);
  for (const far of [-1e9, 1e9, 1e12])
    expect(aggregate([...line.slice(0, 4), [far]], { rule: 'krum', f: 2 }).selected).toEqual([1]);
  // All distances are the same: the lowest index.
  expect(aggregate([[0], [1]].concat([[0], [1]]), { rule: 'multi-krum', f: 1, m: 4 - 1 }).selected).toEqual([0, 1, 2]);
});

test('Krum in its own words', () => {
  const g = drawn(9, 4, 2, 3);
  const { weights, selected, scores } = krumWeights(gram(g), { f: 2, m: 3 });
  expect(selected).toEqual(
    ranked(
      g,
      g.map((_, i) => i),
      2,
    ).slice(0, 3),
  );
  expect(selected.every((i) => i < 7)).toBe(true);
  expect([...weights]).toEqual(g.map((_, i) => (selected.includes(i) ? 1 / 3 : 0)));
  expect(scores[selected[0]]).toBeCloseTo(
    scoreOf(
      g,
      g.map((_, i) => i),
      selected[0],
      2,
    ),
    9,
  );
});
