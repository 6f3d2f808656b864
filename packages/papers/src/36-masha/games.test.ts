import { Random } from '@southwell/numerics/core';
import { solveVI } from 'southwell/distributed-methods';
import { expect, test } from 'vitest';
import { bestOf, followGap, matrixGamesOf, projectPair } from './games.ts';
import { gamesOf, libraryRun } from './lab.ts';
import { sampledOf, type Variant, variantOf } from './variants.ts';

const meanOf = (vectors: readonly Float64Array[]) =>
  vectors[0].map((_, i) => vectors.reduce((sum, v) => sum + v[i], 0) / vectors.length);

test('the duality gap is the largest product of the mean operator with z − z′', () => {
  const d = 5;
  const { operators, gapOf, length } = matrixGamesOf({ d, devices: 3, apart: 0.5 }, new Random(1));
  const random = new Random(2);
  const z = projectPair(Float64Array.from({ length }, () => random.uniform()));
  const F = meanOf(operators.map((of) => of(z)));
  // ⟨F(z), z⟩ = 0 in zero-sum games; the rest is least at corners.
  expect(F.reduce((sum, v, i) => sum + v * z[i], 0)).toBeCloseTo(0, 12);
  expect(gapOf(z)).toBeCloseTo(-Math.min(...F.subarray(0, d)) - Math.min(...F.subarray(d)), 12);
  expect(gapOf(z)).toBeGreaterThan(0.1);
});

test('both methods end at strategies with the gap that was asked for', async () => {
  const games = matrixGamesOf({ d: 4, devices: 2, apart: 0.3 }, new Random(3));
  const limits = { gap: 1e-3, steps: 20_000 };
  for (const settings of [{ method: 'eg', gamma: 0.1 } as const, { gamma: 0.1, tau: 0.5 }]) {
    const course = await followGap(
      libraryRun,
      games,
      settings,
      limits,
      (t) => t,
      async () => {},
    );
    expect(course.solved).toBe(true);
    expect(course.gaps.at(-1)).toBeLessThanOrEqual(1e-3);
    expect(course.floats).toEqual(course.gaps.map((_, t) => t));
  }
});

test('the step that solves most games, then that with the least median', () => {
  const none = Number.POSITIVE_INFINITY;
  expect(
    bestOf([
      [1, 1, none],
      [9, 9, 9],
      [8, 9, 10],
      [8, 1, 20],
    ]),
  ).toBe(3);
  expect(
    bestOf([
      [9, 9, 9],
      [8, 9, 10],
    ]),
  ).toBe(0);
  expect(bestOf([[none], [none]])).toBe(0);
});

const settings = { d: 4, least: 1, most: 10, apart: 3, offset: 5, lambda: 1 };
const sizes = { ...settings, q: 4, samples: 6, batch: 2, spread: 3, participation: 2 };

test('an operator is the mean of its samples, which differ', () => {
  const games = gamesOf(3, settings, new Random(4));
  const sampled = sampledOf(games, sizes, new Random(5));
  const random = new Random(6);
  const z = Float64Array.from({ length: 8 }, () => random.normal());
  for (const [m, F] of sampled.entries()) {
    const whole = games.operators[m](z);
    expect(F.at(z)).toEqual(whole);
    const single = Array.from({ length: 6 }, (_, s) => F.at(z, Int32Array.of(s)));
    for (const [i, v] of meanOf(single).entries()) expect(v).toBeCloseTo(whole[i], 11);
    for (const [i, v] of F.at(z, Int32Array.of(1, 4)).entries())
      expect(v).toBeCloseTo((single[1][i] + single[4][i]) / 2, 11);
    // No sample is the mean, also at the solution.
    for (const s of [0, 1, 2, 3, 4, 5]) {
      const apart = F.at(games.solution, Int32Array.of(s)).map((v, i) => v - games.operators[m](games.solution)[i]);
      expect(Math.hypot(...apart)).toBeGreaterThan(1);
    }
  }
});

test.each<Variant>(['batch', 'participation', 'downlink', 'all', 'largest'])('the variant %s converges', (variant) => {
  const games = gamesOf(3, settings, new Random(7));
  const sampled = sampledOf(games, sizes, new Random(8));
  const { settings: options, k } = variantOf(variant, games, sizes, 0.4, 1);
  expect(k).toBe(2);
  const operators = options.batch ? sampled : games.operators;
  const { point, metrics } = solveVI({ operators, z0: new Float64Array(8) }, { ...options, tol: 1e-6 });
  expect(Math.hypot(...point.z.map((v, i) => v - games.solution[i]))).toBeLessThan(1e-4);
  // Messages down are short where the server compresses.
  const short = variant === 'downlink' || variant === 'all' || variant === 'largest';
  expect(metrics!.bitsDown < 1.5 * metrics!.bitsUp).toBe(short);
});
