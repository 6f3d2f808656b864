import { Random } from '@southwell/numerics/core';
import { sequentialCode } from 'southwell/distributed-methods';
import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import { type Measured, someRounds } from './delays.ts';
import deadline from './experiments/deadline.ts';
import loads from './experiments/loads.ts';
import { candidates, choosing, codeText, fastest, pathOf, saving, secondsOf } from './lab.ts';
import { admitted } from './patterns.ts';
import { apart, Models, uncoded } from './softmax.ts';

const pause = async () => {};
const chain = { n: 8, pSlow: 0.1, pRecover: 0.8, slowFrom: 3, slowTo: 4 };

test('rules try all codes of their grids that fit the workers and the delay', () => {
  expect(candidates('gc', 5, 3).map(codeText)).toEqual(['s = 0', 's = 1', 's = 2', 's = 3', 's = 4']);
  expect(candidates('strict', 5, 3).every((one) => one.kind === 'gc' && one.strict)).toBe(true);
  expect(candidates('again', 5, 2).map(codeText)).toEqual(['B = 1, W = 2, λ = 5', 'B = 1, W = 3, λ = 5']);
  for (const rule of ['m-sgc', 'sr-sgc'] as const) {
    for (const maxDelay of [1, 3]) {
      const delays = candidates(rule, 8, maxDelay).map((one) => sequentialCode(one).delay);
      expect(Math.max(...delays)).toBe(maxDelay);
    }
  }
});

test('the fastest code has the least seconds; paths depend on the seed and on their number', async () => {
  const path = pathOf(chain, 23, 1, 0);
  expect(pathOf(chain, 23, 1, 0)).toEqual(path);
  expect(pathOf(chain, 23, 1, 1)).not.toEqual(path);
  expect(pathOf(chain, 23, 2, 0)).not.toEqual(path);
  const setting = { jobs: 20, loadSlope: 4 };
  const tried = candidates('m-sgc', 8, 3);
  const { options, seconds } = await fastest(tried, path, setting, pause);
  expect(seconds).toBe(Math.min(...tried.map((one) => secondsOf(one, path, setting))));
  expect(secondsOf(options, path, setting)).toBe(seconds);
  expect(choosing(path, Float64Array.of(1))).toBe(path);
  expect(saving(3, 4)).toBe(25);
});

test('some of the rounds, and the same repeated', () => {
  const measured: Measured = {
    ...{ name: 'two workers', n: 2, rounds: 4, slope: 0, slow: 0 },
    delays: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  };
  expect([...someRounds(measured, 2, 4)]).toEqual([3, 4, 7, 8]);
  expect([...someRounds(measured, 2, 4, 5)]).toEqual([3, 4, 3, 4, 3, 7, 8, 7, 8, 7]);
});

test('patterns are admitted, and whole ones leave no room', () => {
  const code = sequentialCode({ kind: 'm-sgc', n: 8, B: 1, W: 2, lambda: 3 });
  const masks = admitted(code, 10, new Random(1), true);
  const rounds = code.rounds(10);
  for (const mask of masks) {
    expect(rounds.admits(mask)).toBe(true);
    const others = [...mask.keys()].filter((i) => !mask[i]);
    for (const i of others) expect(rounds.admits(Uint8Array.from(mask, (v, k) => (k === i ? 1 : v)))).toBe(false);
    rounds.end(mask);
  }
  expect(rounds.decoded).toBe(10);
  expect(masks.flatMap((mask) => [...mask]).filter(Boolean).length).toBeGreaterThan(10);
});

test('descent on the cross-entropy, whose gradient is that of differences', () => {
  const random = new Random(2);
  const digits = {
    ...{ rows: 6, width: 3, labels: Uint8Array.of(0, 1, 2, 3, 4, 9) },
    features: Float32Array.from({ length: 18 }, () => random.normal()),
  };
  const models = new Models(digits, 1, 3);
  const work = models.jobs(1);
  const loss = (x: Float64Array) => {
    let sum = 0;
    for (let i = 0; i < 6; i++) {
      const scores = Array.from({ length: 10 }, (_, c) =>
        [0, 1, 2].reduce((s, j) => s + digits.features[i * 3 + j] * x[c * 3 + j], 0),
      );
      sum += Math.log(scores.reduce((s, v) => s + Math.exp(v), 0)) - scores[digits.labels[i]];
    }
    return sum;
  };
  const x = models.points[0].slice();
  const gradient = new Float64Array(30);
  work.add(1, x, 0, 6, gradient);
  for (const j of [0, 7, 29]) {
    const [up, down] = [1e-5, -1e-5].map((h) => loss(Float64Array.from(x, (v, k) => (k === j ? v + h : v))));
    expect(gradient[j]).toBeCloseTo((up - down) / 2e-5, 7);
  }
  expect(apart(uncoded(digits, 1, 5, 3), models.points)).toBeGreaterThan(0.01);
  expect(apart(models.points, new Models(digits, 1, 3).points)).toBe(0);
});

test('loads, and one round to spare; the gradient code in place of M-SGC has neither', async () => {
  expect(await outcomesOf([loads, deadline], 11)).toEqual({ loads: 'holds', deadline: 'holds' });
  const plain: typeof sequentialCode = (options) =>
    sequentialCode(options.kind === 'm-sgc' ? { kind: 'gc', n: options.n, s: options.lambda } : options);
  expect(await outcomesOf([loads.withMethod(plain)], 11)).not.toEqual({ loads: 'holds' });
});
