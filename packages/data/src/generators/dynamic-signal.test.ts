import { SouthwellError } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { dynamicSignal } from './index.ts';

const task = dynamicSignal({ patches: 5, patchDim: 3, sigma: 0.5, seed: 1 });

test('inputs are noise with the signed pattern in one patch, any as often as any other', () => {
  const n = 20_000;
  const { count, inputs, targets } = dynamicSignal({ patches: 5, patchDim: 3, sigma: 0.01, seed: 2 }).sample(n);
  expect([count, inputs.shape, targets.shape]).toEqual([n, [5, 3], []]);
  const signal = dynamicSignal({ patches: 5, patchDim: 3, sigma: 0.01, seed: 2 }).signal;
  expect(Math.hypot(...signal)).toBeCloseTo(1, 14);
  const seen = new Float64Array(5);
  let positive = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const y = targets.values[i];
    expect(Math.abs(y)).toBe(1);
    if (y > 0) positive++;
    const lengths = Array.from({ length: 5 }, (_, p) =>
      Math.hypot(...inputs.values.subarray(15 * i + 3 * p, 15 * i + 3 * p + 3)),
    );
    const t = lengths.indexOf(Math.max(...lengths));
    seen[t]++;
    for (let p = 0; p < 5; p++) {
      for (let j = 0; j < 3; j++) squares += (inputs.values[15 * i + 3 * p + j] - (p === t ? y * signal[j] : 0)) ** 2;
    }
  }
  expect(Math.abs(positive / n - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / n));
  for (const times of seen) expect(Math.abs(times / n - 0.2)).toBeLessThan(4 * Math.sqrt(0.16 / n));
  expect(Math.abs(squares / (15 * n) / 1e-4 - 1)).toBeLessThan(4 * Math.sqrt(2 / (15 * n)));
});

test('a fixed patch, a pattern of its own, and the same bits for one seed and stream', () => {
  const fixed = dynamicSignal({ patches: 3, patchDim: 2, sigma: 0, signal: [3, -4], patch: 1 });
  const { inputs, targets } = fixed.sample(4);
  for (let i = 0; i < 4; i++) {
    const y = targets.values[i];
    expect([...inputs.values.subarray(6 * i, 6 * i + 6)].map((v) => v + 0)).toEqual([0, 0, 0.6 * y, -0.8 * y, 0, 0]);
  }
  expect([...fixed.logOdds(inputs.values)]).toEqual([...targets.values].map((y) => y * Infinity));
  expect(task.sample(9)).toEqual(task.sample(9));
  expect(task.sample(9).inputs.values.subarray(0, 75)).toEqual(task.sample(5).inputs.values);
  expect(task.sample(9, 1)).not.toEqual(task.sample(9));
  expect(task.sample(0).count).toBe(0);
});

test('log odds are those of the densities', () => {
  const { inputs } = task.sample(30);
  const density = (x: Float64Array, y: number) => {
    let sum = 0;
    for (let t = 0; t < 5; t++) {
      let square = 0;
      for (let j = 0; j < 15; j++) square += (x[j] - (Math.floor(j / 3) === t ? y * task.signal[j % 3] : 0)) ** 2;
      sum += Math.exp(-square / (2 * 0.25)) / 5;
    }
    return sum;
  };
  const odds = task.logOdds(inputs.values);
  for (let i = 0; i < 30; i++) {
    const x = inputs.values.slice(15 * i, 15 * i + 15);
    expect(odds[i]).toBeCloseTo(Math.log(density(x, 1)) - Math.log(density(x, -1)), 9);
  }
});

test('at k = 8, d = 20, σ = 0.25 the best sign is wrong 1.2 % of the time, and a linear one Φ(−1/(σ√k)) = 7.9 %', () => {
  const faint = dynamicSignal({ patches: 8, patchDim: 20, sigma: 0.25, seed: 4 });
  const n = 30_000;
  const { inputs, targets } = faint.sample(n);
  const share = (scores: Float64Array) => scores.filter((s, i) => !(s * targets.values[i] > 0)).length / n;
  const linear = Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < 160; j++) sum += inputs.values[160 * i + j] * faint.signal[j % 20];
    return sum;
  });
  // Φ(−√2) from tables.
  expect(Math.abs(share(linear) - 0.07865)).toBeLessThan(4 * Math.sqrt(0.07865 / n));
  expect(Math.abs(share(faint.logOdds(inputs.values)) - 0.012)).toBeLessThan(4 * Math.sqrt(0.012 / n));
});

test.each<[string, () => unknown]>([
  ['patches must be a whole number of at least 1', () => dynamicSignal({ patches: 0, patchDim: 2, sigma: 1 })],
  ['sigma must be a finite number of at least 0, not -1', () => dynamicSignal({ patches: 1, patchDim: 2, sigma: -1 })],
  ['patch must be a whole number from 0 to 2', () => dynamicSignal({ patches: 3, patchDim: 2, sigma: 1, patch: 3 })],
  [
    'The signal has 1 numbers, but a patch has 2',
    () => dynamicSignal({ patches: 3, patchDim: 2, sigma: 1, signal: [1] }),
  ],
  ['The signal is zero', () => dynamicSignal({ patches: 3, patchDim: 2, sigma: 1, signal: [0, 0] })],
  [
    'The signal has NaN at position 2',
    () => dynamicSignal({ patches: 3, patchDim: 2, sigma: 1, signal: [0, Number.NaN] }),
  ],
  ["dynamicSignal has no option 'patchdim'", () => dynamicSignal({ patches: 3, patchdim: 2, sigma: 1 } as never)],
  ['The number of inputs, 14, is not a multiple of 5 × 3', () => task.logOdds(new Float64Array(14))],
])('refuses: %s', (message, call) => {
  expect(call).toThrow(SouthwellError);
  expect(call).toThrow(message);
});
