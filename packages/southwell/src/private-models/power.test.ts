import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { designOf, estimateFrom, type LdpOptions, ldpPower, ldpSparseRegression } from './index.ts';

const options: LdpOptions = {
  ...{ d: 6, epsilon: 4, delta: 1e-6, mode: 'noninteractive' },
  clip: { x: 4, y: 4 },
};

/** The share of simulations in which the first coefficient is kept, of features with this correlation. */
function shown(given: LdpOptions, theta: number, people: number, correlation = 0, trials = 400): number {
  const design = designOf(given);
  const { d } = given;
  const noise = ldpSparseRegression(given).noiseStd(people);
  const random = new Random(7);
  let kept = 0;
  for (let trial = 0; trial < trials; trial++) {
    const covariance = new Float64Array(d * d);
    for (let i = 0; i < d; i++) {
      for (let j = i; j < d; j++) {
        const value = (i === j ? 1 : correlation) + noise.matrix * random.normal();
        covariance[i * d + j] = value;
        covariance[j * d + i] = value;
      }
    }
    const moment = Float64Array.from(
      { length: d },
      (_, j) => theta * (j === 0 ? 1 : correlation) + noise.vector * random.normal(),
    );
    if (estimateFrom(design, covariance, moment, people).theta[0] > 0) kept++;
  }
  return kept / trials;
}

describe('what a protocol can show', () => {
  test.each([0.5, 1])(
    'an effect of %d is shown by the number of people that it needs, and not by a quarter',
    (theta) => {
      const { needed } = ldpPower(options, [theta], { people: 1000 });
      const { people } = needed[0];
      expect(shown(options, theta, people)).toBeGreaterThan(0.7);
      expect(shown(options, theta, people)).toBeLessThan(0.97);
      expect(shown(options, theta, Math.ceil(people / 4))).toBeLessThan(0.3);
    },
  );

  test.each([0.5, 0.8, 0.95])('of features with correlation %d', (correlation) => {
    const [{ people }] = ldpPower(options, [0.5], { people: 1000, correlation }).needed;
    expect(shown(options, 0.5, people, correlation)).toBeGreaterThan(0.7);
    expect(shown(options, 0.5, people, correlation)).toBeLessThan(0.99);
    expect(shown(options, 0.5, Math.ceil(people / 6), correlation)).toBeLessThan(0.35);
  });

  test('the smallest effect that is shown needs exactly these people and this ε', () => {
    const people = 60_000;
    const { detectable } = ldpPower(options, [], { people });
    const { needed } = ldpPower(options, [detectable], { people });
    expect(needed[0].people / people).toBeCloseTo(1, 2);
    expect(needed[0].epsilon! / options.epsilon).toBeCloseTo(1, 2);
    for (const mode of ['noninteractive', 'public'] as const) {
      const sizes = ldpPower({ ...options, mode }, [0.1, 0.2, 0.4], { people }).needed;
      for (let k = 1; k < 3; k++) {
        expect(sizes[k].people).toBeLessThan(sizes[k - 1].people);
        expect(sizes[k].epsilon ?? 0).toBeLessThan(sizes[k - 1].epsilon ?? 51);
      }
    }
    // More power, correlated columns and less privacy.
    const at = (more: object, given = {}) => ldpPower({ ...options, ...given }, [], { people, ...more }).detectable;
    expect(at({ power: 0.95 })).toBeGreaterThan(at({}));
    expect(at({ correlation: 0.8, people: 1e8 })).toBeGreaterThan(at({ people: 1e8 }));
    expect(at({}, { epsilon: 8 })).toBeLessThan(at({}));
    expect(at({}, { delta: 0 })).toBeGreaterThan(0);
  });

  test('tiny effects need more people than there are, or no ε of use', () => {
    const { needed } = ldpPower(options, [1e-9], { people: 100 });
    expect(needed[0].people).toBeGreaterThan(1e12);
    expect(needed[0].epsilon).toBeUndefined();
  });

  test('bad requests', () => {
    expect(() => ldpPower(options, [0], { people: 10 })).toThrow('an effect must be finite and above 0');
    expect(() => ldpPower(options, [1], { people: 0 })).toThrow('people must be');
    expect(() => ldpPower(options, [1], {} as never)).toThrow('people');
    expect(() => ldpPower({ ...options, mode: 'sequential', sparsity: 1, rounds: 2 }, [1], { people: 10 })).toThrow(
      'sequential',
    );
  });
});
