import { Random } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attack, type Network } from './attack.ts';
import { affine, counted, denseNetwork } from './testing.ts';

const along = (network: Network, x: ArrayLike<number>, u: readonly number[]) =>
  Array.from(network.value(Float64Array.from(x))).reduce((s, y, k) => s + u[k] * y, 0);
const plus = (x: readonly number[], d: Float64Array) => x.map((v, i) => v + d[i]);
const number = fc.double({ min: -3, max: 3, noNaN: true });

describe.each(['fgsm', 'pgd'] as const)('%s', (method) => {
  test('attains the maximum over the ball where the network is affine', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(number, { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 2 }),
        fc.array(number, { minLength: 2, maxLength: 2 }),
        fc.double({ min: 1e-3, max: 10, noNaN: true }),
        (rows, u, radius) => {
          const network = affine(rows, [1, -2]);
          const x = [0.1, -0.7, 2];
          const d = attack(network, x, u, radius, { method });
          const slopes = network.vjp(Float64Array.from(x), Float64Array.from(u));
          const most = radius * Array.from(slopes).reduce((s, g) => s + Math.abs(g), 0);
          expect(along(network, plus(x, d), u) - along(network, x, u)).toBeCloseTo(most, 8);
          for (const v of d) expect(Math.abs(v)).toBeLessThanOrEqual(radius);
        },
      ),
      { numRuns: 50, seed: 1 },
    );
  });

  test('and over the intersection with a box', () => {
    const network = affine([[1, -2, 3]], [0]);
    const d = attack(network, [0, 0, 0.9], [1], 0.5, { method, lower: [-1, -0.2, -1], upper: 1 });
    expect(Array.from(d, (v) => Number(v.toFixed(12)))).toEqual([0.5, -0.2, 0.1]);
  });

  test('the signs are those of differences', () => {
    const network = denseNetwork([5, 16, 3], 'tanh', 4);
    const [x, u] = [
      [0.2, -0.4, 0.1, 0.8, -0.3],
      [1, -2, 0.5],
    ];
    const d = attack(network, x, u, 1e-4, { method });
    x.forEach((_, i) => {
      const moved = (h: number) =>
        along(
          network,
          Float64Array.from(x, (v, j) => (j === i ? v + h : v)),
          u,
        );
      expect(Math.sign(d[i])).toBe(Math.sign(moved(1e-5) - moved(-1e-5)));
    });
  });

  test('zero where the gradient is zero or not a number', () => {
    const dead: Network = { value: () => [0, 0], vjp: (x) => x.map(() => 0) };
    expect([...attack(dead, [1, 2], [1, 1], 0.3, { method })]).toEqual([0, 0]);
    const broken: Network = { value: (x) => x, vjp: () => [Number.NaN, 2] };
    expect([...attack(broken, [1, 2], [1, 1], 0.5, { method })]).toEqual([0, 0.5]);
  });

  test('wrong lengths, radii and options are told', () => {
    const network = affine([[1, 2]], [0]);
    expect(() => attack(network, [0, 0], [1], 0, { method })).toThrow('radius of an attack must be above 0');
    expect(() => attack(network, [0, 0], [1], Number.NaN, { method })).toThrow('radius');
    expect(() => attack(network, [0, 0], [1], 1, { method, lower: [0] })).toThrow('lower has 1 numbers');
    expect(() => attack({ ...network, vjp: () => [1] }, [0, 0], [1], 1, { method })).toThrow('1 numbers for 2 inputs');
    expect(() => attack(network, [0, 0], [1], 1, { method: 'cw' as 'fgsm' })).toThrow('method');
  });
});

test('pgd is the best of its points, within the ball, and often better than fgsm', () => {
  let better = 0;
  const random = new Random(1);
  for (let seed = 1; seed <= 20; seed++) {
    const network = counted(denseNetwork([8, 24, 24, 4], 'relu', seed));
    const x = Array.from({ length: 8 }, () => random.normal());
    const u = [1, -1, 2, 0.5];
    const d = attack(network, x, u, 0.7, { method: 'pgd' });
    expect(network.points.length).toBeLessThanOrEqual(11);
    expect(network.products()).toBeLessThanOrEqual(10);
    expect(Math.max(...d.map(Math.abs))).toBeLessThanOrEqual(0.7);
    const values = network.points.map((p) => along(network, p, u));
    expect(along(network, plus(x, d), u)).toBe(Math.max(...values));
    const once = attack(network, x, u, 0.7);
    if (along(network, plus(x, d), u) >= along(network, plus(x, once), u)) better++;
  }
  expect(better).toBeGreaterThan(14);
});

test('fgsm asks for one product and no value', () => {
  const network = counted(denseNetwork([4, 8, 2], 'tanh', 1));
  attack(network, [0, 0, 0, 0], [1, 1], 0.1);
  expect([network.points.length, network.products()]).toEqual([0, 1]);
});

test('pgd stays at x where nothing is better', () => {
  // Every step from the top of a cone leads down.
  const cone: Network = { value: ([v]) => [-Math.abs(v)], vjp: (x, [u]) => x.map((v) => (v < 0 ? u : v > 0 ? -u : u)) };
  expect([...attack(cone, [0], [1], 1, { method: 'pgd' })]).toEqual([0]);
});
