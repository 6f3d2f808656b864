import { Random } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coveringPoint } from './coveringPoint.ts';
import { type Poll, pollDirections } from './pollDirections.ts';
import { randomDirection } from './randomDirection.ts';

const dot = (a: Float64Array, b: Float64Array) => a.reduce((s, v, i) => s + v * b[i], 0);
const normOf = (d: Float64Array) => Math.max(...d.map(Math.abs));
const unit = (d: Float64Array) => d.map((v) => v / Math.sqrt(dot(d, d)));
const cases = fc.record({ n: fc.integer({ min: 1, max: 12 }), seed: fc.nat() });

describe.each(['2n', 'n+1'] as const satisfies readonly Poll[])('poll in %s directions', (poll) => {
  test('an orthonormal basis and its negatives, or the negative of its sum, all of length 1', () => {
    fc.assert(
      fc.property(cases, ({ n, seed }) => {
        const all = [...pollDirections(n, poll, new Random(seed))];
        expect(all).toHaveLength(poll === '2n' ? 2 * n : n + 1);
        for (const d of all) expect(normOf(d)).toBeCloseTo(1, 12);
        const basis = all.slice(0, n).map(unit);
        basis.forEach((a, i) => {
          const errors = basis.map((b, j) => Math.abs(dot(a, b) - (i === j ? 1 : 0)));
          expect(Math.max(...errors)).toBeLessThan(1e-12);
        });
        if (poll === '2n') expect(all.slice(n)).toEqual(all.slice(0, n).map((d) => d.map((v) => -v)));
        else for (const h of basis) expect(dot(unit(all[n]), h)).toBeCloseTo(-1 / Math.sqrt(n), 12);
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  test('one of them is at an acute angle to any vector', () => {
    fc.assert(
      fc.property(cases, ({ n, seed }) => {
        const random = new Random(seed);
        const all = [...pollDirections(n, poll, random)].map(unit);
        for (let k = 0; k < 20; k++) {
          const g = randomDirection(n, random);
          const cosine = Math.max(...all.map((d) => dot(g, d)));
          // The cosine measures of both sets.
          const least = poll === '2n' ? 1 / Math.sqrt(n) : 1 / Math.sqrt(n * n + 2 * (n - 1) * Math.sqrt(n));
          expect(cosine).toBeGreaterThan(least - 1e-12);
        }
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  test('in one coordinate both ways, in none no direction', () => {
    const all = [...pollDirections(1, poll, new Random(3))].map(([v]) => v);
    expect(all.sort()).toEqual([-1, 1]);
    expect([...pollDirections(0, poll, new Random(3))]).toEqual([]);
  });
});

test('covering points are in all directions, with lengths between 0 and the root of the radius', () => {
  const random = new Random(1);
  for (const n of [1, 2, 7]) {
    const all = Array.from({ length: 300 }, () => coveringPoint(n, 0.5, random));
    const most = 0.5 ** (1 / n);
    const longest = Math.max(...all.map(normOf));
    expect(longest).toBeLessThanOrEqual(most + 1e-12);
    expect(longest).toBeGreaterThan(0.95 * most);
    for (let i = 0; i < n; i++) expect(all.filter((d) => d[i] > 0).length).toBeGreaterThan(110);
    // A length of at most half the largest has probability 2⁻ⁿ.
    expect(all.filter((d) => normOf(d) < most / 2).length / 300).toBeCloseTo(2 ** -n, 1);
  }
});
