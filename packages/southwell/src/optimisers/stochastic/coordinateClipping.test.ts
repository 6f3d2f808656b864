import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import {
  adagrad,
  adamW,
  cosineDecay,
  linearDecay,
  loadState,
  muon,
  type Numbers,
  rangesOf,
  saveState,
  sgd,
  stateBytes,
  type TrainingOptimiser,
  withCoordinateClipping,
} from '../index.ts';
import { sentence } from '../testing.ts';

const N = 24;
const ranges = rangesOf([[4, 3], [4], [2, 4]]);
const slope = (x: Numbers, g: Numbers) => {
  for (let i = 0; i < x.length; i++) g[i] = (1 + i * i) * x[i] + Math.sin(5 * x[i]);
};
type Kind = Float32ArrayConstructor | Float64ArrayConstructor;
/** The points of some steps. */
function course(optimiser: TrainingOptimiser, Kind: Kind = Float64Array, steps = 20, split = ranges): Numbers[] {
  const [x, g] = [new Kind(N).fill(0.5), new Kind(N)];
  const state = optimiser.init(x, split);
  return Array.from({ length: steps }, () => {
    slope(x, g);
    optimiser.step(state, x, g);
    return x.slice();
  });
}
/** The definition, by sorting. */
function clipped(u: readonly number[], fraction: number): number[] {
  const sizes = u.map(Math.abs).filter((v) => v > 0);
  sizes.sort((a, b) => b - a);
  const bar = sizes[Math.min(sizes.length, Math.ceil(fraction * u.length)) - 1] ?? 0;
  return u.map((v) => Math.sign(v) * Math.min(Math.abs(v), bar));
}
const optimisers: Record<string, TrainingOptimiser> = {
  sgd: sgd({ rate: 1e-3 }),
  momentum: sgd({ rate: 1e-3, momentum: 0.9, weightDecay: 0.1 }),
  adamW: adamW({ rate: cosineDecay({ rate: 0.05, steps: 20 }) }),
  amsgrad: adamW({ rate: 0.05, amsgrad: true, weightDecay: 0 }),
  adagrad: adagrad({ rate: 0.1 }),
  muon: muon({ rate: 0.02 }),
};

describe.each(Object.entries(optimisers))('clipping of %s', (_, optimiser) => {
  test('none of it, and a bar above all there is, leave every bit', () => {
    for (const Kind of [Float32Array, Float64Array] as const) {
      const plain = course(optimiser, Kind);
      for (const where of ['gradient', 'update'] as const) {
        for (const scope of ['all', 'range'] as const) {
          expect(course(withCoordinateClipping(optimiser, { fraction: 0, where, scope }), Kind)).toEqual(plain);
          expect(course(withCoordinateClipping(optimiser, { threshold: 1e9, where, scope }), Kind)).toEqual(plain);
        }
        expect(course(withCoordinateClipping(optimiser, { fraction: 0.3, where }), Kind)).not.toEqual(plain);
      }
    }
  });

  test('a state is that of the optimiser, saved and loaded too; what is not finite is refused and changes nothing', () => {
    const cut = withCoordinateClipping(optimiser, { fraction: 0.3 });
    const [x, g] = [new Float64Array(N).fill(0.5), new Float64Array(N)];
    const state = cut.init(x, ranges);
    const go = (of: typeof state, p: Float64Array) => {
      slope(p, g);
      cut.step(of, p, g);
    };
    for (let k = 0; k < 5; k++) go(state, x);
    expect(stateBytes(state)).toBe(stateBytes(optimiser.init(x, ranges)));
    const y = x.slice();
    const again = loadState(cut, saveState(state), y, ranges);
    for (let k = 0; k < 5; k++) {
      go(state, x);
      go(again, y);
    }
    expect(y).toEqual(x);
    const [before, kept] = [saveState(state), x.slice()];
    // Cut to a bar, it would pass.
    g[3] = Number.POSITIVE_INFINITY;
    expect(sentence(() => cut.step(state, x, g))).toMatch(/NON_FINITE: The gradient holds Infinity in entry 4/);
    expect([saveState(state), x]).toEqual([before, kept]);
  });
});

test('the gradient is cut before momentum, as the definition says', () => {
  const random = new Random(1);
  const momentum = withCoordinateClipping(sgd({ rate: 0.1, momentum: 0.5 }), { fraction: 0.25 });
  const x = new Float64Array(N);
  const state = momentum.init(x);
  let [own, v] = [new Float64Array(N), new Float64Array(N)];
  for (let step = 0; step < 6; step++) {
    const g = Float64Array.from({ length: N }, () => Math.max(0, random.normal()) ** 2);
    const kept = g.slice();
    momentum.step(state, x, g);
    expect(g).toEqual(kept);
    const u = clipped([...g], 0.25);
    v = v.map((m, k) => 0.5 * m + u[k]);
    own = own.map((p, k) => p - 0.1 * v[k]);
    x.forEach((value, k) => {
      expect(value).toBeCloseTo(own[k], 14);
    });
  }
});

test("Adam's update is cut, in all or in each range, and ranges with rates of their own are cut by their updates", () => {
  const split = ranges.map((range, k) => ({ ...range, rateFactor: k === 1 ? 3 : 1, frozen: k === 2 }));
  const rate = linearDecay({ rate: 0.1, steps: 9 });
  for (const scope of ['all', 'range'] as const) {
    const cut = withCoordinateClipping(adamW({ rate, weightDecay: 0 }), { fraction: 0.5, where: 'update', scope });
    const x = new Float64Array(N).fill(0.5);
    const g = new Float64Array(N);
    const state = cut.init(x, split);
    const [m, v, own] = [new Float64Array(N), new Float64Array(N), x.slice()];
    for (let t = 1; t <= 8; t++) {
      slope(x, g);
      g[t] *= 0.001;
      cut.step(state, x, g);
      const u = [...g].map((value, k) => {
        m[k] = 0.9 * m[k] + 0.1 * value;
        v[k] = 0.999 * v[k] + 0.001 * value * value;
        return m[k] / (1 - 0.9 ** t) / (Math.sqrt(v[k] / (1 - 0.999 ** t)) + 1e-8);
      });
      const parts = scope === 'all' ? [u.slice(0, 16)] : [u.slice(0, 12), u.slice(12, 16)];
      const steps = parts.flatMap((part) => clipped(part, 0.5));
      steps.forEach((step, k) => {
        own[k] -= rate(t - 1) * (k >= 12 ? 3 : 1) * step;
      });
      x.forEach((value, k) => {
        expect(value).toBeCloseTo(own[k], 12);
      });
    }
    expect([...x.subarray(16)]).toEqual(new Array(8).fill(0.5));
  }
});

test('all of it is the sign at one length, and signs stay as they are', () => {
  const [x, g] = [new Float64Array(4), Float64Array.of(3, -0.5, 0, 1)];
  const all = withCoordinateClipping(sgd({ rate: 1 }), { fraction: 1 });
  all.step(all.init(x), x, g);
  expect([...x].map((v) => v + 0)).toEqual([-0.5, 0.5, 0, -0.5]);
  // Numbers of one size already: cut again, they stay.
  const sign = Float64Array.of(0.5, -0.5, 0, 0.5);
  const half = withCoordinateClipping(sgd({ rate: 1 }), { fraction: 0.3 });
  const y = new Float64Array(4);
  half.step(half.init(y), y, sign);
  expect([...y].map((v) => v + 0)).toEqual([-0.5, 0.5, 0, -0.5]);
});

test('a bar for the update is in units of the rate', () => {
  const cut = withCoordinateClipping(sgd({ rate: 0.01 }), { threshold: 2, where: 'update' });
  const [x, g] = [new Float64Array(3), Float64Array.of(5, -1, -7)];
  cut.step(cut.init(x), x, g);
  expect([...x]).toEqual([-0.02, 0.01, 0.02]);
});

test('options that are none', () => {
  const of = (options: object) => sentence(() => withCoordinateClipping(sgd({ rate: 1 }), options));
  expect(of({})).toMatch(/either a fraction or a threshold/);
  expect(of({ fraction: 0.1, threshold: 1 })).toMatch(/either/);
  expect(of({ fraction: -0.1 })).toMatch(/fraction must be from 0 to 1, but is -0.1/);
  expect(of({ threshold: Number.NaN })).toMatch(/threshold must be finite and at least 0/);
  expect(of({ fraction: 0.1, where: 'momentum' })).toMatch(/where must be one of gradient, update, but is momentum/);
  expect(of({ fraction: 0.1, scope: 'tensor' })).toMatch(/scope must be one of all, range/);
  const cut = withCoordinateClipping(sgd({ rate: 1 }), { fraction: 0.1 });
  const x = new Float64Array(3);
  expect(sentence(() => cut.step(cut.init(x), x, new Float64Array(2)))).toMatch(/INVALID_SHAPE/);
});
