import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { follow, gamesOf, libraryRun, sentBy, settingsOf } from './lab.ts';

const settings = { d: 6, least: 1, most: 20, apart: 5, offset: 10, lambda: 1 };

test('the mean of the operators vanishes at the solution, that of each device does not', () => {
  const { operators, solution, lipschitz, L } = gamesOf(4, settings, new Random(1));
  const values = operators.map((F) => F(solution));
  expect(Math.hypot(...values[0].map((_, i) => values.reduce((sum, v) => sum + v[i], 0) / 4))).toBeLessThan(1e-11);
  for (const v of values) expect(Math.hypot(...v)).toBeGreaterThan(1);
  expect(L).toBeCloseTo(Math.hypot(20, 1), 12);
  // No difference is longer than the constant says.
  const random = new Random(2);
  for (const [m, F] of operators.entries()) {
    const [a, b] = [0, 1].map(() => solution.map(() => random.normal()));
    const change = Math.hypot(...F(a).map((v, i) => v - F(b)[i]));
    expect(change).toBeLessThanOrEqual(lipschitz[m] * Math.hypot(...a.map((v, i) => v - b[i])) * (1 + 1e-12));
  }
});

test('numbers that are sent: k a step and all at a refresh; two dense messages a step of extragradient', async () => {
  const games = gamesOf(3, settings, new Random(3));
  const pause = async () => {};
  const one = settingsOf('masha1', games, { q: 4, lambda: 1, multiple: 2, seed: 1 });
  const ours = await follow(libraryRun, games, one.settings, { tol: 0, steps: 40, k: one.k }, pause);
  expect(one.k).toBe(3);
  const jumps = ours.floats.slice(1).map((v, i) => v - ours.floats[i]);
  expect([...new Set(jumps)].sort((a, b) => a - b)).toEqual([3, 15]);
  expect(ours.floats[0]).toBe(12);
  expect([ours.solved, sentBy(ours)]).toEqual([false, Number.POSITIVE_INFINITY]);
  const eg = settingsOf('eg', games, { q: 1, lambda: 1, multiple: 1, seed: 1 });
  const plain = await follow(libraryRun, games, eg.settings, { tol: 1e-6, steps: 5000, k: undefined }, pause);
  expect(plain.solved).toBe(true);
  expect(sentBy(plain)).toBe(24 * (plain.errors.length - 1));
});
