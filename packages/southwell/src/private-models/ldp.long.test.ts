import { expect, test } from 'vitest';
import { type LdpFit, ldpSparseRegression, seededSource } from './index.ts';
import { fitted, people } from './testing.ts';

test('estimates from reports of real noise find what is there, by all modes, with secure noise', () => {
  const { X: many, y: targets } = people(30_000, [0.8, -0.6], 0.3, 2);
  const error = ({ theta: t }: LdpFit) => Math.hypot(t[0] - 0.8, t[1] + 0.6);
  const common = { d: 2, epsilon: 6, clip: { x: 2.5, y: 2.5 }, eigenFloor: 0.3 } as const;
  const source = seededSource(9);
  expect(error(fitted({ ...common, delta: 1e-5, mode: 'noninteractive' }, many, targets, source))).toBeLessThan(0.35);
  expect(error(fitted({ ...common, mode: 'noninteractive' }, many, targets, source))).toBeLessThan(0.45);
  expect(
    error(fitted({ ...common, delta: 1e-5, mode: 'public' }, many, targets, source, many.slice(0, 500))),
  ).toBeLessThan(0.25);
  const rounds = { d: 2, epsilon: 4, mode: 'sequential', clip: { x: 1.5, y: 1.5 }, sparsity: 2, rounds: 6 } as const;
  // Clipping biases these.
  expect(error(fitted(rounds, many, targets, source))).toBeLessThan(0.5);
  expect(error(fitted({ ...rounds, delta: 1e-5 }, many, targets, source))).toBeLessThan(0.5);
  const protocol = ldpSparseRegression({ ...common, delta: 1e-5, mode: 'public' });
  expect(protocol.client().encode([1, 2], 1).noise).toBe('secure');
});
