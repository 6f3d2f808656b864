import { decodeCheckpoint, encodeCheckpoint, Random } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inBox } from './chebCb.ts';
import { tsallisWeights } from './tsallisWeights.ts';
import { SequenceTuner, type TunerOptions, tuneAcrossSequence } from './tuner.ts';

test('probabilities sum to 1, fall with losses and solve the equation of their normaliser', () => {
  for (const spread of [0, 1e-9, 1, 1e6, 1e12]) {
    for (const eta of [2, 0.3, 0.02]) {
      const k = Float64Array.from({ length: 7 }, (_, i) => 1e3 + spread * ((i * 3) % 7));
      const p = tsallisWeights(k, eta);
      expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
      // 2/√pᵢ − 2/√pⱼ = η(kᵢ − kⱼ), whatever the normaliser.
      for (let i = 1; i < k.length; i++) {
        const left = 2 / Math.sqrt(p[i]) - 2 / Math.sqrt(p[0]);
        const right = eta * (k[i] - k[0]);
        expect(Math.abs(left - right)).toBeLessThanOrEqual(1e-6 * (1 + Math.abs(right)) + 1e-9 * (2 / Math.sqrt(p[i])));
      }
    }
  }
});

test('regret of Tsallis-INF on five arms of fixed means stays below 4√(dT)', () => {
  const means = [0.5, 0.5, 0.3, 0.6, 0.5];
  const T = 10_000;
  for (const seed of [1, 2, 3]) {
    const random = new Random(100 + seed);
    const tuner = tuneAcrossSequence({ arms: means, leastCost: 0, seed });
    let regret = 0;
    for (let t = 0; t < T; t++) {
      const { index } = tuner.choose();
      tuner.report(random.uniform() < means[index] ? 1 : 0);
      regret += means[index] - 0.3;
    }
    expect(regret).toBeLessThan(4 * Math.sqrt(means.length * T));
    // A quarter of what arms at random would cost: 0.18 a round.
    expect(regret).toBeLessThan(0.25 * 0.18 * T);
  }
});

test('cheb-cb finds costs that are polynomials, and then plays the best arm of each context', () => {
  // Costs between 10 and 20, the best arm depends on the context.
  const cost = (i: number, c: number) => 15 + [0, 3 * c, -3 * c][i] + 0.5 * c ** 3;
  const tuner = tuneAcrossSequence({ arms: [0, 1, 2], learner: 'cheb-cb', contextRange: [-1, 1], degree: 3, seed: 4 });
  const random = new Random(5);
  const T = 3000;
  let late = 0;
  for (let t = 0; t < T; t++) {
    const c = 2 * random.uniform() - 1;
    const { index } = tuner.choose(c);
    tuner.report(cost(index, c));
    if (t >= T / 2) late += cost(index, c) - Math.min(...[0, 1, 2].map((i) => cost(i, c)));
  }
  for (const i of [0, 1, 2])
    for (const c of [-1, -0.3, 0.2, 0.9])
      expect(Math.abs(tuner.expectedCost(i, c) - cost(i, c))).toBeLessThan(1e-8 * 15);
  // At random it would be 1.5 a round.
  expect(late / (T / 2)).toBeLessThan(0.1);
});

test('least squares in a box are those of brute force over its faces', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
      const random = new Random(seed);
      const m = 3;
      const rows = Array.from({ length: 6 }, () => Array.from({ length: m }, () => random.normal()));
      const y = rows.map(() => 3 * random.normal());
      const G = new Float64Array(m * m);
      const h = new Float64Array(m);
      rows.forEach((x, i) => {
        for (let a = 0; a < m; a++) {
          h[a] += x[a] * y[i];
          for (let b = 0; b < m; b++) G[a * m + b] += x[a] * x[b];
        }
      });
      const bounds = Array.from({ length: m }, () => 0.1 + random.uniform());
      const theta = new Float64Array(m);
      inBox(G, h, theta, (j) => bounds[j]);
      // KKT: the gradient vanishes inside, and points outwards at bounds.
      for (let j = 0; j < m; j++) {
        let gradient = -h[j];
        for (let l = 0; l < m; l++) gradient += G[j * m + l] * theta[l];
        expect(Math.abs(theta[j])).toBeLessThanOrEqual(bounds[j]);
        if (theta[j] === bounds[j]) expect(gradient).toBeLessThan(1e-9);
        else if (theta[j] === -bounds[j]) expect(gradient).toBeGreaterThan(-1e-9);
        else expect(Math.abs(gradient)).toBeLessThan(1e-9);
      }
    }),
    { numRuns: 100 },
  );
});

const kinds: TunerOptions[] = [
  { arms: [1, 1.5, 1.9] },
  { arms: [1, 1.5, 1.9], learner: 'tsallis-inf-binned', contextRange: [0, 1], bins: 3 },
  { arms: [1, 1.5, 1.9], learner: 'cheb-cb', contextRange: [0, 1] },
];

describe.each(kinds)('$learner', (options) => {
  const cost = (value: number, c: number) => 1 + Math.round(20 * Math.abs(value - 1 - c));
  const play = (tuner: SequenceTuner, from: number, to: number) => {
    const chosen: number[] = [];
    for (let t = from; t < to; t++) {
      const c = (t * 0.37) % 1;
      const { value, index } = tuner.choose(c);
      chosen.push(index);
      tuner.report(cost(value, c));
    }
    return chosen;
  };

  test('goes on from its text with the same choices', () => {
    const whole = play(tuneAcrossSequence({ ...options, seed: 7 }), 0, 120);
    const first = tuneAcrossSequence({ ...options, seed: 7 });
    const begun = play(first, 0, 50);
    const second = SequenceTuner.restore(first.serialize());
    expect([...begun, ...play(second, 50, 120)]).toEqual(whole);
    expect(second.summary().rounds).toBe(120);
  });

  test('one arm is played with probability 1; costs that never differ and a first cost of 1 are no trouble', () => {
    const one = tuneAcrossSequence({ ...options, arms: [1.3] });
    for (let t = 0; t < 20; t++) {
      expect(one.choose(t / 20)).toEqual({ value: 1.3, index: 0, probability: 1 });
      one.report(1 + (t % 3));
    }
    const flat = tuneAcrossSequence({ ...options, seed: 3 });
    for (let t = 0; t < 300; t++) {
      const { probability } = flat.choose(0.5);
      expect(probability).toBeGreaterThan(0);
      flat.report(1);
    }
    for (const { pulls } of flat.summary().arms) expect(pulls).toBeGreaterThan(40);
  });

  test('contexts beyond the range are clamped and counted; what is out of order is told', () => {
    const tuner = tuneAcrossSequence(options);
    expect(() => tuner.report(3)).toThrow(/choose an arm first/);
    tuner.choose(7);
    expect(() => tuner.choose(0.5)).toThrow(/Report what the last arm cost/);
    expect(() => tuner.serialize()).toThrow(/Report what/);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 0.5, -1]) {
      expect(() => tuner.report(bad)).toThrow(/leastCost: 0/);
    }
    tuner.report(3);
    const seesContext = options.learner !== undefined;
    expect(tuner.summary().clamped).toBe(seesContext ? 1 : 0);
    if (seesContext) expect(() => tuner.choose()).toThrow(/needs the context/);
  });
});

test('no round, and options that are none', () => {
  const summary = tuneAcrossSequence({ arms: [1, 2] }).summary();
  expect(summary).toMatchObject({ rounds: 0, totalCost: 0, regret: 0 });
  expect(() => tuneAcrossSequence({ arms: [] })).toThrow(/at least one/);
  expect(() => tuneAcrossSequence({ arms: [1, Number.NaN] })).toThrow(/arms\[1\] is NaN/);
  expect(() => tuneAcrossSequence({ arms: [1], learner: 'cheb-cb' })).toThrow(/contextRange/);
  expect(() => tuneAcrossSequence({ arms: [1], learner: 'cheb-cb', contextRange: [1, 1] })).toThrow(/contextRange/);
  expect(() => tuneAcrossSequence({ arms: [1], learner: 'ucb' as 'cheb-cb' })).toThrow(/but is ucb/);
  expect(() => tuneAcrossSequence({ arms: [1], leastCost: -1 })).toThrow(/leastCost/);
  expect(() => SequenceTuner.restore('nothing')).toThrow(/not a checkpoint/);
  const text = tuneAcrossSequence({ arms: [1] }).serialize();
  const checkpoint = decodeCheckpoint<{ readonly options: object }>(text, { method: 'sequence-tuner' });
  const { state } = checkpoint;
  const altered = encodeCheckpoint({ ...checkpoint, state: { ...state, options: { ...state.options, bins: 0 } } });
  expect(() => SequenceTuner.restore(altered)).toThrow(/^bins must be .* but is 0\.$/);
});
