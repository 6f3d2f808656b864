import { SouthwellError } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { concavePenalty } from './coordinate.ts';
import {
  box,
  type CoordinatePenalty,
  checkedParameters,
  coordinatePenalty,
  elasticNet,
  l1,
  mcp,
  none,
  nonNegative,
  type Penalty,
  penalties,
  ridge,
  scad,
} from './index.ts';

const records: Penalty[] = Object.values(penalties);
const concave = records.flatMap((record) => (record.convex ? [] : [[record.name, record] as const]));
const FREE = { lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY };
/** With a parameter that is not its default, where there is one; no joint of any is one of the points below. */
const made = (record: Penalty): [string, () => CoordinatePenalty] => {
  const given = Object.entries(record.parameters).map(([name, p]) => [name, p.allows(1.5) ? 1.5 : 2.5]);
  return [record.name, () => concavePenalty(record, 0.7, Object.fromEntries(given))];
};
// Made inside of the tests, so that a test of a function runs the function.
const makers: [string, () => CoordinatePenalty][] = [
  ['none', none],
  ['l1', () => l1(0.7)],
  ['ridge', () => ridge(1.3)],
  ['elastic-net', () => elasticNet(0.9, 0.4)],
  ['non-negative', () => nonNegative(0.3)],
  ['box', () => box(-0.5, 2, 0.2)],
  ['closed box', () => box(0, 0)],
  ...concave.map(([, record]) => made(record)),
];
const points = [-4, -1.1, -0.5, -0.3, 0, 0.2, 0.9, 2, 5];

describe.each(makers)('%s', (_, make) => {
  /** The slopes of the value to the left and the right of x: ∓∞ where it ends, or leaves a root's zero. */
  const slopes = (penalty: CoordinatePenalty, x: number) => {
    const h = 1e-7;
    const [before, here, after] = [x - h, x, x + h].map((t) => penalty.value(0, t));
    const steep = (slope: number) => (Math.abs(slope) > 100 ? slope * Number.POSITIVE_INFINITY : slope);
    return [steep((here - before) / h), steep((after - here) / h)];
  };

  test('the distance to the subdifferential is that to the slopes on both sides', () => {
    const penalty = make();
    for (const x of points) {
      if (penalty.value(0, x) === Number.POSITIVE_INFINITY) continue;
      const [left, right] = slopes(penalty, x);
      for (const gradient of [-3, -0.65, -0.1, 0, 0.1, 0.65, 3]) {
        const expected = Math.max(left + gradient, -gradient - right, 0);
        expect(penalty.subdifferentialDistance(0, x, gradient)).toBeCloseTo(expected, 5);
      }
    }
  });

  test('in the support the slopes agree, with the derivative, and their slope is the curvature', () => {
    const penalty = make();
    for (const x of points) {
      if (!penalty.inSupport(0, x)) continue;
      for (const slope of slopes(penalty, x)) expect(penalty.derivative(0, x)).toBeCloseTo(slope, 5);
      const h = 1e-5;
      const bend = (penalty.derivative(0, x + h) - penalty.derivative(0, x - h)) / (2 * h);
      expect(penalty.curvature(0, x)).toBeCloseTo(bend, 6);
    }
  });

  test('the support is what lies between the bounds and off the kinks', () => {
    const penalty = make();
    for (const x of points) {
      if (x === 0) continue;
      const inside = [x - 1e-9, x + 1e-9].every((t) => Number.isFinite(penalty.value(0, t)));
      expect(penalty.inSupport(0, x)).toBe(inside);
    }
    const smooth = ['none', 'ridge'].includes(penalty.name);
    expect(penalty.inSupport(0, 0)).toBe(smooth);
  });
});

test('at zero a flat convex penalty is smooth; one that only happens to be flat there counts zeros as such', () => {
  expect(l1([0, 1]).inSupport(0, 0)).toBe(true);
  expect(l1([0, 1]).inSupport(1, 0)).toBe(false);
  expect(nonNegative().inSupport(0, 0)).toBe(false);
  expect(box(-1, 0).inSupport(0, 0)).toBe(false);
  expect(box(-1, 1).inSupport(0, 0)).toBe(true);
  expect(mcp(0).inSupport(0, 0)).toBe(false);
});

test('numbers by coordinate reach every function', () => {
  const two = coordinatePenalty(
    penalties.mcp,
    { a1: [1, 2], a2: 0, gamma: Float64Array.of(2, 3), ...FREE },
    'two of them',
  );
  expect(two.name).toBe('two of them');
  for (const [j, one] of [mcp(1, 2), mcp(2, 3)].entries()) {
    expect(one.name).toBe('mcp');
    expect(one.convex).toBe(false);
    for (const x of points) {
      expect(two.value(j, x)).toBe(one.value(0, x));
      expect(two.prox(j, x, 0.4)).toBe(one.prox(0, x, 0.4));
      expect(two.subdifferentialDistance(j, x, 0.3)).toBe(one.subdifferentialDistance(0, x, 0.3));
      expect(two.derivative(j, x)).toBe(one.derivative(0, x));
      expect(two.curvature(j, x)).toBe(one.curvature(0, x));
    }
  }
  const sides = box([-1, -2], [3, 1]);
  expect([-1.5, 0, 2].map((x) => [0, 1].map((j) => sides.inSupport(j, x)))).toEqual([
    [false, true],
    [true, true],
    [true, false],
  ]);
  expect([0, 1].map((j) => ridge([1, 2]).curvature(j, 5))).toEqual([1, 2]);
});

describe.each(records.map((record) => [record.name, record] as const))('the record of %s', (_, record) => {
  const at = (alpha: number) =>
    coordinatePenalty(record, { ...record.unit(checkedParameters(record, {}), alpha, 1), ...FREE });

  test('zero alpha is no penalty, an infinite one keeps zero', () => {
    const [zero, full] = [at(0), at(Number.POSITIVE_INFINITY)];
    for (const x of points) {
      expect(zero.value(0, x)).toBe(0);
      expect(zero.prox(0, x, 0.7)).toBeCloseTo(x, 13);
      expect(full.prox(0, x, 0.7) + 0).toBe(0);
      expect(full.subdifferentialDistance(0, 0, x)).toBe(0);
    }
    expect(full.value(0, 0)).toBe(0);
    expect(full.value(0, 0.3)).toBe(Number.POSITIVE_INFINITY);
  });

  test('an infinitely steep zero is stationary whatever pulls, another up to its threshold', () => {
    const penalty = at(0.8);
    const { a1, gamma } = record.unit(checkedParameters(record, {}), 0.8, 1);
    for (const pull of [-9, 9]) {
      const rest = record.screenable ? 9 - record.threshold(a1, gamma) : 0;
      expect(penalty.subdifferentialDistance(0, 0, pull)).toBe(rest);
    }
  });

  test('refuses the limits of open ranges, with a code', () => {
    for (const [parameter, { range, allows }] of Object.entries(record.parameters)) {
      const limit = Number(/^above (\S+)$/.exec(range)?.[1] ?? Number.NaN);
      if (Number.isNaN(limit)) continue;
      expect(allows(limit * (1 + 1e-9) + 1e-9)).toBe(true);
      expect(() => checkedParameters(record, { [parameter]: limit })).toThrow(
        expect.objectContaining({
          constructor: SouthwellError,
          code: 'INVALID_PARAMETER',
          message: `${record.title} needs ${parameter} ${range}, but ${parameter} is ${limit}.`,
        }),
      );
    }
  });
});

test.each(concave)(
  'parameters of %s that are given take effect, and those left out have their defaults',
  (_, record) => {
    for (const [name, p] of Object.entries(record.parameters)) {
      expect(concavePenalty(record, 1, {}).parameters).toMatchObject({ [name]: p.default });
      expect(concavePenalty(record, 1, { [name]: 7 }).parameters).toMatchObject({ [name]: 7 });
    }
    expect(() => concavePenalty(record, -0.5, {})).toThrow('alpha must be at least 0, but is -0.5.');
  },
);

test('joints: SCAD bends from alpha to γ·alpha, MCP from zero to γ·alpha', () => {
  const [bent, minimax] = [scad(1, 3), mcp(1, 3)];
  expect([0.9, 1.1, 2.9, 3.1].map((x) => bent.curvature(0, x))).toEqual([0, -0.5, -0.5, 0]);
  expect([-0.1, 2.9, 3.1].map((x) => minimax.curvature(0, x) + 0)).toEqual([-1 / 3, -1 / 3, 0]);
});
