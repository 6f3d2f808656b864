import { Arena } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  box,
  type CoordinatePenalty,
  checkedParameters,
  coordinatePenalty,
  elasticNet,
  l1,
  mcp,
  nonNegative,
  type Penalty,
  penalties,
  ridge,
  scad,
} from './index.ts';

const records: Penalty[] = Object.values(penalties);
const FREE = { lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY };

/** A record at an alpha, with its parameters as they are by default. */
const at = (record: Penalty, alpha: number, given = {}): CoordinatePenalty =>
  coordinatePenalty(record, { ...record.unit(checkedParameters(record, given), alpha, 1), ...FREE });

const cases: CoordinatePenalty[] = [
  ...records.flatMap((record) => [at(record, 0.6), at(record, 2.5)]),
  l1(0.7),
  ridge(1.3),
  elasticNet(0.9, 0.4),
  nonNegative(0.3),
  box(-0.5, 2, 0.2),
  mcp(0.8, 0.4),
  scad(0.6, 2.1),
];

describe.each(cases.map((p) => [p.name, p] as const))('%s', (_, penalty) => {
  const objective = (u: number, z: number, step: number) => (u - z) ** 2 / (2 * step) + penalty.value(0, u);

  test('prox is no worse than any point of a fine grid', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -6, max: 6, noNaN: true }),
        fc.double({ min: 0.05, max: 4, noNaN: true }),
        (z, step) => {
          const best = objective(penalty.prox(0, z, step), z, step);
          let least = Number.POSITIVE_INFINITY;
          for (let k = -700; k <= 700; k++) least = Math.min(least, objective(k / 100, z, step));
          expect(best).toBeLessThanOrEqual(least + 1e-12);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('the prox point is stationary, and derivative and curvature match differences of the value', () => {
    fc.assert(
      fc.property(fc.double({ min: -6, max: 6, noNaN: true }), (z) => {
        const step = 0.3;
        const u = penalty.prox(0, z, step);
        expect(penalty.subdifferentialDistance(0, u, (u - z) / step)).toBeLessThan(1e-9);
        if (penalty.inSupport(0, u) && Math.abs(u) > 1e-3) {
          const h = 1e-6 * Math.abs(u);
          const slope = (penalty.value(0, u + h) - penalty.value(0, u - h)) / (2 * h);
          if (Number.isFinite(slope)) expect(penalty.derivative(0, u)).toBeCloseTo(slope, 4);
          const bend = (penalty.derivative(0, u + h) - penalty.derivative(0, u - h)) / (2 * h);
          // At a joint of the pieces the second derivative jumps.
          if (Math.abs(penalty.curvature(0, u + h) - penalty.curvature(0, u - h)) < 1e-3) {
            expect(penalty.curvature(0, u)).toBeCloseTo(bend, 3);
          }
        }
      }),
    );
  });

  test('the WebAssembly prox equals its twin', () => {
    const kernels = new Arena({ engine: 'wasm' }).use(modelKernels);
    const [a1, a2, gamma, lower, upper] = (['a1', 'a2', 'gamma', 'lower', 'upper'] as const).map(
      (name) => penalty.parameters[name] as number,
    );
    fc.assert(
      fc.property(
        fc.double({ min: -50, max: 50, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (z, t) => {
          const native = kernels.proximal(penalty.penalty.code, z, t, a1, a2, gamma, lower, upper);
          const plain = penalty.prox(0, z, t);
          expect(Math.abs(native - plain)).toBeLessThanOrEqual(1e-13 * Math.abs(plain));
        },
      ),
    );
  });
});

describe.each(records.map((record) => [record.name, record] as const))('the record of %s', (name, record) => {
  test('has the name and the kernel under which it is listed', () => {
    expect((penalties as Record<string, Penalty>)[name]).toBe(record);
    expect(records.filter((other) => other.code === record.code)).toEqual([record]);
  });

  test('is its own value in other units, where it says that it can be', () => {
    if (!record.rescalable) return;
    const parameters = checkedParameters(record, {});
    const own = record.unit(parameters, 0.8, 1);
    for (const t of [1e-3, 0.7, 40]) {
      const scaled = record.unit(parameters, 0.8, t);
      for (const b of [-3, -0.2, 0.01, 1, 5]) {
        const [expected, value] = [own, scaled].map(({ a1, a2, gamma }, k) =>
          record.value(k === 0 ? t * b : b, a1, a2, gamma, FREE.lower, FREE.upper),
        );
        expect(value).toBeCloseTo(expected, 12 - Math.max(0, Math.ceil(Math.log10(expected))));
      }
    }
  });

  test('follows a target to other units, where it says that it does', () => {
    if (!record.followsTarget) return;
    const { a1, a2, gamma } = record.unit(checkedParameters(record, {}), 0.8, 1);
    for (const s of [0.125, 64]) {
      for (const b of [-3, -0.2, 0.01, 1, 5]) {
        const expected = record.value(s * b, a1, a2, gamma, FREE.lower, FREE.upper) / s ** 2;
        expect(record.value(b, a1 / s, a2, gamma, FREE.lower, FREE.upper)).toBeCloseTo(expected, 12);
      }
    }
  });

  test('has its slope at zero as threshold, or is infinitely steep there', () => {
    const { a1, a2, gamma } = record.unit(checkedParameters(record, {}), 0.8, 1);
    const h = 1e-9;
    const slope = record.value(h, a1, a2, gamma, FREE.lower, FREE.upper) / h;
    if (record.screenable) expect(record.threshold(a1, gamma)).toBeCloseTo(slope, 6);
    else expect(slope).toBeGreaterThan(100 * record.threshold(a1, gamma));
    // In proportion to the alpha: what alphaMax rests on.
    const twice = record.unit(checkedParameters(record, {}), 1.6, 1);
    expect(record.threshold(twice.a1, twice.gamma)).toBeCloseTo(2 * record.threshold(a1, gamma), 12);
  });

  test('keeps to midpoints where it is convex, and has a conjugate just then', () => {
    const { a1, a2, gamma } = record.unit(checkedParameters(record, {}), 0.8, 1);
    const value = (b: number) => record.value(b, a1, a2, gamma, FREE.lower, FREE.upper);
    let above = 0;
    for (let b = -4; b <= 4; b += 0.25) {
      for (let c = b; c <= 4; c += 0.25) above = Math.max(above, value((b + c) / 2) - (value(b) + value(c)) / 2);
    }
    expect(above < 1e-12).toBe(record.convex);
    expect(record.conjugate !== undefined).toBe(record.convex);
  });

  test('has the conjugate of its value: Fenchel and Young, with equality where u is the slope', () => {
    const { conjugate } = record;
    if (!conjugate) return;
    const [a1, a2] = [0.7, 0.4];
    for (const [lower, upper] of [
      [FREE.lower, FREE.upper],
      [-0.5, 2],
      [0, FREE.upper],
    ]) {
      for (let u = -3; u <= 3; u += 0.1) {
        let best = Number.NEGATIVE_INFINITY;
        for (let b = Math.max(lower, -10); b <= Math.min(upper, 10); b += 1e-3) {
          best = Math.max(best, u * b - record.value(b, a1, a2, 0, lower, upper));
        }
        const found = conjugate.value(u, a1, a2, 0, lower, upper);
        expect(found).toBeGreaterThanOrEqual(best - 1e-12);
        expect(found).toBeLessThan(best + 1e-5);
      }
    }
  });

  test('refuses parameters out of range in a sentence', () => {
    for (const [parameter, { range, allows }] of Object.entries(record.parameters)) {
      const bad = [-1, 0, 1, 5].find((v) => !allows(v)) as number;
      expect(() => checkedParameters(record, { [parameter]: bad })).toThrow(
        `${record.title} needs ${parameter} ${range}, but ${parameter} is ${bad}.`,
      );
    }
  });
});

test('a crippled prox would be caught: the grid test sees a wrong threshold', () => {
  const penalty = l1(0.7);
  const objective = (u: number, z: number) => (u - z) ** 2 / 2 + penalty.value(0, u);
  const wrong = Math.sign(2) * (2 - 0.5 * 0.7);
  expect(objective(wrong, 2)).toBeGreaterThan(objective(penalty.prox(0, 2, 1), 2) + 1e-3);
});
