import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { multinomialRegression, multitaskLasso } from '../../index.ts';
import { groupsOf, mark, measure, outside, within } from './passes.ts';
import { softNorm } from './penalty.ts';

const random = new Random(8);

test('no group is left out whose gradient is outside its threshold', () => {
  let [left, kept] = [0, 0];
  for (let round = 0; round < 2000; round++) {
    const size = 1 + (round % 5);
    const u = Float64Array.from({ length: size }, () => random.normal());
    // Among them entries that are all at the threshold, and gradients just outside it.
    const l1 = round % 3 === 0 ? 0 : Math.abs(round % 7 === 0 ? u[0] * (1 - 1e-9) : random.normal());
    const l2 = round % 2 === 0 ? 0 : random.uniform();
    if (within(softNorm(u, 0, size, 0), l1, l2)) {
      left++;
      expect(softNorm(u, 0, size, l1)).toBeLessThanOrEqual(l2);
    } else kept++;
  }
  expect(Math.min(left, kept)).toBeGreaterThan(200);
});

test('groups of unequal size, of columns out of order', () => {
  const groups = { starts: Int32Array.of(0, 2, 3, 5), columns: Int32Array.of(3, 0, 4, 1, 2) };
  const K = 2;
  expect([...groupsOf(groups, 5)]).toEqual([0, 2, 2, 0, 1]);
  const b = Float64Array.of(0, 0, 0, 0, 0, 4, 3, 0, 0, 0);
  expect([0, 1, 2].map((u) => measure(b, groups, u, K))).toEqual([3, 0, 4]);
  const active = new Float64Array(3).fill(1);
  expect(mark(b, groupsOf(groups, 5), K, active)).toBe(2);
  expect([...active]).toEqual([1, 0, 1]);
  const penalty = { l1: Float64Array.of(3.5, 0, 1), l2: Float64Array.of(0, 1, 2), ridge: new Float64Array(3) };
  expect([...outside(Float64Array.of(3, 0, 4), penalty)]).toEqual([2]);
});

test('fits of which only scores are needed take the same course as those of models', () => {
  const X = DenseMatrix.fromRows(Array.from({ length: 60 }, () => Array.from({ length: 12 }, () => random.normal())));
  const held = new Float64Array(60).fill(1 / 60);
  const classes = Array.from({ length: 60 }, (_, i) => (X.get(i, 0) > 0.4 ? 2 : X.get(i, 1) > 0 ? 1 : 0));
  const tasks = Array.from({ length: 60 }, (_, i) => [X.get(i, 0), X.get(i, 1) + random.normal()]);
  for (const open of [() => multinomialRegression().prepare(X, classes), () => multitaskLasso().prepare(X, tasks)]) {
    const [one, other] = [open(), open()];
    for (const share of [1, 0.5, 0.2, 0.05]) {
      const alpha = share * one.alphaMax;
      expect(other.advance!(alpha)).toBe(one.model(alpha).status);
      expect(other.lossValue).toBe(one.lossValue);
      expect(other.score('deviance', held)).toBe(one.score('deviance', held));
    }
    one.release();
    other.release();
  }
});
