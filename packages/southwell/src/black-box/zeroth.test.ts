import { decodeCheckpoint, encodeCheckpoint, Random, run, runAsync } from '@southwell/numerics/core';
import { afterAll, describe, expect, test } from 'vitest';
import { sgd } from '../optimisers/index.ts';
import {
  drawActive,
  layersByRatios,
  layersByScores,
  workerObjective,
  type ZoDescentState,
  type ZoEstimator,
  zoDescentAsyncIterates,
  zoDescentIterates,
  zoGradient,
  zoGradientAsync,
  zoGraspScores,
} from './index.ts';

const random = new Random(3);
const d = 6;
const B = Array.from({ length: d }, () => Array.from({ length: d }, () => random.normal()));
/** A symmetric matrix, of no sign. */
const H = B.map((row, i) => row.map((v, j) => v + B[j][i]));
const b = Array.from({ length: d }, () => random.normal());
const x0 = Float64Array.from({ length: d }, () => random.normal());
const times = (v: ArrayLike<number>) => H.map((row) => row.reduce((s, h, j) => s + h * v[j], 0));
const quadratic = (x: ArrayLike<number>) => Array.from(x).reduce((s, v, i) => s + v * b[i] + (v * times(x)[i]) / 2, 0);
const gradientAt = (x: ArrayLike<number>) => times(x).map((v, i) => v + b[i]);

describe('estimates', () => {
  test('on a quadratic forward differences are off by μH/2, central ones by nothing', () => {
    const exact = gradientAt(x0);
    for (const mu of [0.5, 1e-2]) {
      const forward = zoGradient(quadratic, x0, { mu });
      const central = zoGradient(quadratic, x0, { mu, estimator: 'cge-central' });
      exact.forEach((g, j) => {
        expect(forward.gradient[j] - g).toBeCloseTo((mu * H[j][j]) / 2, 11);
        expect(central.gradient[j]).toBeCloseTo(g, 11);
      });
      expect([forward.queries, central.queries]).toEqual([d + 1, 2 * d + 1]);
    }
  });

  test('random directions are right on the mean, and off by what theory says', () => {
    const slope = (x: ArrayLike<number>) => Array.from(x).reduce((s, v, i) => s + v * b[i], 1);
    const { gradient, queries } = zoGradient(slope, x0, { estimator: 'rge', directions: 20_000, seed: 4 });
    expect(queries).toBe(20_001);
    const length = Math.hypot(...b);
    // Each coordinate has a deviation below √2‖b‖/√q: five of them.
    gradient.forEach((g, j) => {
      expect(Math.abs(g - b[j])).toBeLessThan((5 * Math.SQRT2 * length) / Math.sqrt(20_000));
    });
    const q = 3;
    let sum = 0;
    for (let seed = 0; seed < 4000; seed++) {
      const one = zoGradient(slope, x0, { estimator: 'rge', directions: q, seed });
      sum += one.gradient.reduce((s, g, j) => s + (g - b[j]) ** 2, 0);
    }
    expect(sum / 4000 / length ** 2 / ((d + 1) / q)).toBeCloseTo(1, 1);
  });

  test('every query is counted, none is made outside of the active coordinates, and the point stays as it is', () => {
    let asked = 0;
    const given = x0.slice();
    const f = (x: Float64Array) => {
      asked++;
      expect([x[0], x[2]]).toEqual([x0[0], x0[2]]);
      const value = quadratic(x);
      x.fill(7);
      return value;
    };
    for (const estimator of ['cge', 'cge-central', 'rge'] as const) {
      asked = 0;
      const found = zoGradient(f, given, { estimator, coords: [1, 3, 4, 5] });
      expect(found.queries).toBe(asked);
      expect([found.gradient[0], found.gradient[2]]).toEqual([0, 0]);
      expect(found.value).toBe(quadratic(x0));
      const cheaper = zoGradient(f, given, { estimator, coords: [1, 3, 4, 5], base: quadratic(x0) });
      expect(cheaper.queries).toBe(found.queries - 1);
      expect(cheaper.gradient).toEqual(found.gradient);
    }
    expect(given).toEqual(x0);
  });

  test('values that are not finite are left out and told, of the point itself refused', () => {
    const cliff = (x: ArrayLike<number>) => (x[1] > x0[1] ? Number.NaN : quadratic(x));
    const { gradient, skipped } = zoGradient(cliff, x0);
    expect([gradient[1], skipped]).toEqual([0, 1]);
    expect(gradient[0]).toBe(zoGradient(quadratic, x0).gradient[0]);
    const half = zoGradient(cliff, x0, { estimator: 'rge', directions: 100 });
    expect(half.skipped).toBeGreaterThan(20);
    expect(half.skipped).toBeLessThan(80);
    expect(() => zoGradient(() => Number.POSITIVE_INFINITY, [1])).toThrow('is Infinity at the point itself');
    expect(() => zoGradient(quadratic, [1, Number.NaN])).toThrow('NaN at index 1');
    expect(() => zoGradient(quadratic, [])).toThrow('no coordinates');
    expect(() => zoGradient(quadratic, x0, { coords: [] })).toThrow('no active coordinates');
    expect(() => zoGradient(quadratic, x0, { coords: [1, 1] })).toThrow('has 1 twice');
    expect(() => zoGradient(quadratic, x0, { coords: [6] })).toThrow('0 to 5');
    expect(() => zoGradient(quadratic, x0, { mu: 0 })).toThrow('mu must be finite and above 0');
    expect(() => zoGradient((x) => x[0], [1e20])).toThrow('too small to change coordinate 1');
    expect(() => zoGradient(quadratic, x0, { directions: 3 })).toThrow("for the estimator 'rge'");
    expect(() => zoGradient(quadratic, x0, { estimator: 'spsa' as ZoEstimator })).toThrow(
      'estimator must be one of cge',
    );
  });
});

const source = `export default (x) => {
  if (x[0] > 50) throw new RangeError('too far');
  return x.reduce((s, v, i) => s + (i + 1) * (v - 1) ** 2, 0);
}`;
const away = workerObjective(`data:text/javascript,${encodeURIComponent(source)}`);
afterAll(() => away.close());
const bowl = (x: ArrayLike<number>) => Array.from(x).reduce((s, v, i) => s + (i + 1) * (v - 1) ** 2, 0);

describe('in workers', () => {
  test('estimates and descents have the same bits, whatever the number of values under way', async () => {
    for (const estimator of ['cge', 'rge'] as const) {
      const here = zoGradient(bowl, x0, { estimator });
      for (const jobs of [1, 3]) expect(await zoGradientAsync(away, x0, { estimator, jobs })).toEqual(here);
    }
    const options = { steps: 8, optimiser: sgd({ rate: 0.05 }) };
    const here = run(zoDescentIterates(bowl, x0, options));
    const there = await runAsync(zoDescentAsyncIterates(away, x0, { ...options, jobs: 2 }));
    expect(there.point).toEqual(here.point);
  });

  test('what f throws ends an estimate, and so does a signal', async () => {
    await expect(zoGradientAsync(away, [60, 1], { jobs: 2 })).rejects.toThrow('too far');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(zoGradientAsync(away, [1, 1], { signal })).rejects.toThrow('enough');
  });
});

describe('descent', () => {
  test('goes where gradient descent goes, on central differences to rounding', () => {
    const rate = 0.05;
    const x = x0.slice();
    for (let step = 0; step < 20; step++) for (let i = 0; i < d; i++) x[i] -= rate * 2 * (i + 1) * (x[i] - 1);
    const { point, status, metrics } = run(
      zoDescentIterates(bowl, x0, { steps: 20, estimator: 'cge-central', optimiser: sgd({ rate }) }),
    );
    expect(status).toBe('completed');
    point.forEach((v, i) => {
      expect(v).toBeCloseTo(x[i], 10);
    });
    expect(metrics!.queries).toBe(20 * (2 * d + 1) + 1);
  });

  test('steps take |S| + 1 values, those that are not active stay, and a budget is kept', () => {
    const layers = [{ from: 0, to: 4, active: 1 }];
    let asked = 0;
    const f = (x: Float64Array) => {
      asked++;
      return bowl(x);
    };
    const options = { steps: 100, layers, maskInterval: 3, optimiser: sgd({ rate: 0.01 }), queryBudget: 50 };
    let before: Float64Array = x0.slice();
    for (const iterate of zoDescentIterates(f, x0, options)) {
      const point = iterate.snapshot();
      const changed = [...point.keys()].filter((j) => point[j] !== before[j]);
      if (iterate.iteration > 0)
        expect(changed).toEqual([...drawActive(d, layers, 0, Math.floor((iterate.iteration - 1) / 3))]);
      expect(iterate.metrics).toEqual({ queries: asked, skipped: 0, active: 3 });
      expect(asked).toBe(4 * iterate.iteration + 1);
      before = point;
    }
    // The next step would have ended at 53.
    expect(asked).toBe(49);
  });

  test('goes on from a checkpoint to the bit', () => {
    const options = {
      ...({ steps: 12, estimator: 'rge', directions: 2, maskInterval: 5, seed: 9 } as const),
      ...{ layers: [{ from: 1, to: 5, active: 2 }], optimiser: sgd({ rate: 0.01, momentum: 0.9 }) },
    };
    const whole = run(zoDescentIterates(bowl, x0, options));
    for (const cut of [1, 7]) {
      let kept: unknown;
      for (const iterate of zoDescentIterates(bowl, x0, options)) {
        kept = iterate.checkpoint!();
        if (iterate.iteration === cut) break;
      }
      const resume = decodeCheckpoint(encodeCheckpoint({ method: 'zo', problem: '', iteration: cut, state: kept }))
        .state as ZoDescentState;
      const again = run(zoDescentIterates(bowl, x0, { ...options, resume }));
      expect(again.point).toEqual(whole.point);
      expect(again.metrics).toEqual(whole.metrics);
    }
  });

  test('never says more than it did', () => {
    expect(run(zoDescentIterates(bowl, x0, { steps: 5 }), { maxIter: 2 }).status).toBe('iteration-limit');
    const wild = run(zoDescentIterates((x) => (x[0] === x0[0] ? bowl(x) : bowl(x) * 1e300), x0, { steps: 9 }));
    expect(wild.status).toBe('diverged');
    expect(() => run(zoDescentIterates(bowl, x0, { steps: 1, layers: [{ from: 0, to: 2, active: 3 }] }))).toThrow(
      'active weights of layer 1',
    );
    expect(() => zoDescentIterates(bowl, x0, { steps: 1, mu: -1 }).next()).toThrow("above 0, or 'rate'");
    expect(() => zoDescentIterates(bowl, x0, { steps: 1, maskInterval: 0 }).next()).toThrow('maskInterval');
    expect(() => zoDescentIterates(bowl, x0, { steps: 1, queryBudget: 0 }).next()).toThrow('queryBudget');
  });
});

describe('active weights', () => {
  test('are drawn uniformly in each layer, what lies in none always is', () => {
    const layers = [
      { from: 0, to: 5, active: 2 },
      { from: 6, to: 16, active: 1 },
    ];
    const counts = new Float64Array(18);
    for (let interval = 0; interval < 5000; interval++) {
      const drawn = drawActive(18, layers, 1, interval);
      expect(drawn.length).toBe(6);
      for (const j of drawn) counts[j]++;
    }
    counts.forEach((c, j) => {
      const share = j < 5 ? 2 / 5 : j >= 6 && j < 16 ? 1 / 10 : 1;
      // Five deviations.
      expect(Math.abs(c / 5000 - share)).toBeLessThanOrEqual(5 * Math.sqrt((share * (1 - share)) / 5000));
    });
    expect(drawActive(18, layers, 1, 7)).toEqual(drawActive(18, layers, 1, 7));
  });

  test('ratios by scores keep the largest of all layers, and leave each its least', () => {
    const scores = Float64Array.from({ length: 30 }, (_, j) => (j < 10 ? 10 + j : j < 20 ? -(5 + j) : 0.1));
    const layers = [
      { from: 0, to: 10 },
      { from: 10, to: 20 },
      { from: 20, to: 30, least: 2 },
    ];
    // The twelve largest are 19 to 16 of the first and −24 to −17 of the second, two of which go to the last.
    expect(layersByScores(scores, layers, 0.6).map((l) => l.active)).toEqual([4, 6, 2]);
    expect(layersByScores(scores, layers, 0.6).reduce((s, l) => s + l.active, 0)).toBe(12);
    expect(layersByScores(scores, layers, 0.99).map((l) => l.active)).toEqual([1, 1, 2]);
    expect(layersByRatios(layers, 0.7).map((l) => l.active)).toEqual([3, 3, 3]);
    expect(layersByRatios(layers, [0, 0.5, 0.95]).map((l) => l.active)).toEqual([10, 5, 2]);
    expect(() => layersByRatios(layers, [0.5])).toThrow('1 ratios for 3 layers');
    expect(() => layersByScores(scores, layers, 1)).toThrow('at least 0 and below 1');
    expect(() => layersByScores([Number.NaN], [{ from: 0, to: 1 }], 0.5)).toThrow('NaN');
  });

  test('with exact gradients scores are −x∘Hg; by values alone they agree with them', () => {
    const Hg = times(gradientAt(x0));
    const gradient = (x: Float64Array, g: Float64Array) => g.set(gradientAt(x));
    const { scores, queries } = zoGraspScores(quadratic, x0, { gradient });
    expect(queries).toBe(0);
    Hg.forEach((v, j) => {
      expect(scores[j]).toBeCloseTo(-x0[j] * v, 9);
    });
    const seen = zoGraspScores(quadratic, x0, {
      directions: 40_000,
      sameDirections: true,
      mu: 1e-3,
      coords: [0, 1, 2, 3, 5],
    });
    expect(seen.queries).toBe(80_002);
    expect(seen.scores[4]).toBe(0);
    // Of these coordinates alone.
    const own = gradientAt(x0).map((v, j) => (j === 4 ? 0 : v));
    const expected = times(own).map((v, j) => (j === 4 ? 0 : -x0[j] * v));
    const apart = Math.hypot(...expected.map((v, j) => v - seen.scores[j])) / Math.hypot(...expected);
    expect(apart).toBeLessThan(0.1);
  });
});

test('options that there are not', () => {
  const refusesUnknown = (name: string, call: (more: object) => unknown) =>
    expect(() => call({ sed: 1 })).toThrow(`${name} has no option 'sed'; did you mean 'seed'?`);
  refusesUnknown('zoGradient', (more) => zoGradient(bowl, x0, more));
  refusesUnknown('zoGraspScores', (more) => zoGraspScores(bowl, x0, more));
  refusesUnknown('zoDescentIterates', (more) => zoDescentIterates(bowl, x0, { steps: 1, ...more }).next());
});
