import { Random } from '@southwell/numerics/core';
import { DenseMatrix } from 'southwell';
import { expect, test } from 'vitest';
import { rankCorrelation } from '../rankCorrelation.ts';
import { expectAbort } from '../testing.ts';
import optimisersAtOnce from './experiments/optimisers.ts';
import { drawDigits, wrongSide } from './lab.ts';
import { noisyDigits, risesBy } from './twoLayer.ts';

test('digits are drawn without one in both sets, and a tenth of the labels is wrong', () => {
  const n = 500;
  const X = DenseMatrix.create(n, 64);
  for (let i = 0; i < n; i++) for (let j = 0; j < 64; j++) X.set(i, j, j === 0 ? i : (i * j) % 7);
  const labels = Int32Array.from({ length: n }, (_, i) => i % 10);
  const {
    train,
    test: other,
    held,
  } = drawDigits({ X, labels }, { examples: 200, tests: 200, held: 100 }, new Random(1));
  const all = [...train.X.column(0), ...other.X.column(0), ...held.X.column(0)];
  expect(new Set(all).size).toBe(n);
  const { data } = train.X;
  const mean = data.reduce((a, b) => a + b) / data.length;
  expect(data.reduce((s, v) => s + (v - mean) ** 2, 0) / data.length).toBeCloseTo(1, 10);
  expect(train.Y.data.reduce((a, b) => a + b)).toBe(200);

  const noisy = noisyDigits({ X, labels }, { examples: 200, tests: 300, noise: 0.1 }, new Random(2));
  const own = (i: number) => Math.round(Number(noisy.train.inputs.values[64 * i]) * 16) % 10;
  const classes = Array.from({ length: 200 }, (_, i) =>
    Array.from({ length: 10 }, (__, c) => noisy.train.targets.values[10 * i + c]).indexOf(1),
  );
  expect(classes.filter((c, i) => c !== own(i)).length).toBe(20);
  expect(noisy.wrong(noisy.test.targets.values)).toBe(0);
  expect(noisy.wrong(noisy.test.targets.values.map((v) => -v))).toBeGreaterThan(0.8);
});

test('ranks and rises', () => {
  expect(rankCorrelation([1, 2, 3], [9, 4, 1])).toBe(-1);
  expect(rankCorrelation([1, 2, 3, 4], [1, 3, 2, 9])).toBeCloseTo(0.8, 14);
  // Ranks 1, 2.5, 2.5, 4 against 1 to 4.
  expect(rankCorrelation([0, 5, 5, 7], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 14);
  expect(risesBy([5, 3, 4, 6, 2, 4])).toBe(3);
  expect(risesBy([3, 2, 1])).toBe(0);
});

test('optimisers on the wrong side of a threshold', () => {
  const of = (...all: Array<[number, number]>) => all.map(([loss, height]) => ({ loss, height }));
  expect(wrongSide(of([1, 0.2], [2, 0.1], [3, 0]), 0.05)).toBe(0);
  expect(wrongSide(of([1, 0.2], [2, 0], [3, 0.1], [4, 0]), 0.05)).toBe(1);
  expect(wrongSide(of([1, 0], [2, 0.1]), 0.05)).toBe(1);
  expect(wrongSide(of([1, 0], [2, 0]), 0.05)).toBe(2);
  expect(wrongSide(of([1, 1], [2, 1]), 0.05)).toBe(2);
});

test('an abort ends a run by its reason', () => expectAbort(optimisersAtOnce));
