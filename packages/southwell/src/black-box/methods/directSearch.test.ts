import { describe, expect, test } from 'vitest';
import { minimize } from '../minimize.ts';

const rosenbrock = ([x, y]: Float64Array) => 100 * (y - x * x) ** 2 + (1 - x) ** 2;
const kinks = (x: Float64Array) => x.reduce((s, v, i) => s + (i + 1) * Math.abs(v - 0.1 * i), 0);

describe('directSearch', () => {
  test.each([1, 2, 3])('Rosenbrock and a function with kinks to 1e-3, seed %i', (seed) => {
    const method = { name: 'direct-search', pollRadius: [1e-5, 10] } as const;
    const valley = minimize(rosenbrock, { x0: [-1.2, 1], method, seed });
    expect(valley.objective).toBeLessThan(1e-3);
    const bent = minimize(kinks, { x0: [1, 1, 1, 1, 1], method, seed });
    expect(bent.objective).toBeLessThan(1e-3);
    expect([valley.status, bent.status]).toEqual(['converged', 'converged']);
    expect(bent.message).toBe(
      'The poll radius is at its minimum, 0.00001: the last poll found no better point. At kinks and jumps that need not be a minimum.',
    );
  });

  test('one coordinate, n + 1 directions, without covering and search', () => {
    for (const poll of ['2n', 'n+1'] as const)
      for (const dim of [1, 2]) {
        const method = { name: 'direct-search', poll, covering: false, search: false } as const;
        const r = minimize((x) => x.reduce((s, v) => s + (v - 0.37) ** 2, 0), { dim, method });
        expect(r.objective).toBeLessThan(1e-12);
        expect(r.status).toBe('converged');
      }
  });

  test('a poll tries up to 2n points, one at a time, and takes the first that is better', () => {
    const seen: number[][] = [];
    const method = { name: 'direct-search', covering: false, search: false } as const;
    // No point is better than the start.
    const f = (x: Float64Array) => {
      seen.push([...x]);
      return Math.abs(x[0]) + Math.abs(x[1]);
    };
    minimize(f, { dim: 2, method, budget: 9 });
    const lengths = seen.map((x) => Math.max(...x.map(Math.abs)));
    for (const [k, length] of [0, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5].entries()) expect(lengths[k]).toBeCloseTo(length, 12);
  });

  test('jumps: a covering step finds the way that no small poll sees', () => {
    // Lower only on a disc away from the start, of which polls from the start see nothing.
    const f = ([x, y]: Float64Array) => ((x - 0.5) ** 2 + (y - 0.5) ** 2 < 0.01 ? -1 : x * x + y * y);
    const of = (covering: boolean, seed: number) =>
      minimize(f, {
        x0: [0, 0],
        seed,
        method: { name: 'direct-search', radius0: 1, pollRadius: [1e-3, 1], covering, search: false },
      }).objective;
    const found = (covering: boolean) => Array.from({ length: 40 }, (_, k) => of(covering, k)).filter((v) => v === -1);
    expect(found(true).length).toBeGreaterThan(found(false).length);
  });

  test('integer coordinates are polled by whole steps, whatever the radius', () => {
    const f = (x: Float64Array) => (x[0] - 0.3) ** 2 + Math.abs(x[1] - 7) + Math.abs(x[2] + 3);
    const r = minimize(f, { dim: 3, lower: -10, upper: 10, integer: [1, 2], method: 'direct-search' });
    expect([r.point[1], r.point[2]]).toEqual([7, -3]);
    expect(r.objective).toBeLessThan(1e-12);
  });

  test('bounds that leave no choice', () => {
    const r = minimize((x) => x[0], { dim: 1, lower: 2, upper: 2, method: 'direct-search' });
    expect([r.objective, r.evaluations, r.status]).toEqual([2, 1, 'converged']);
  });

  test.each([
    [{ radius0: 0 }, 'radius0 must be'],
    [{ pollRadius: [0, 1] }, 'pollRadius'],
    [{ pollRadius: [1e-3] }, 'pollRadius must be two numbers'],
    [{ pollRadius: [1, 1] }, 'pollRadius must be the smallest and the largest, but 1 is not below 1.'],
    [{ radius0: 1e-3, pollRadius: [1e-3, 1] }, 'radius0 must be above the smallest pollRadius, 0.001, but is 0.001.'],
    [{ poll: '3n' as '2n' }, 'poll'],
  ])('wrong options are told: %j', (options, message) => {
    expect(() => minimize(kinks, { dim: 2, method: { name: 'direct-search', ...options } })).toThrow(message);
  });
});
