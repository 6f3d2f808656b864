import { Random, run } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import type { Entries } from './axes.ts';
import { axisOf, entriesOf } from './axes.ts';
import { type Moments, TuckerCoupling } from './coupling.ts';
import { CpCoupling } from './cpCoupling.ts';
import {
  type FunctionalState,
  FunctionalTuckerModel,
  functionalTucker,
  functionalTuckerIterates,
  matern,
} from './index.ts';
import { field, rmse } from './testing.ts';

const unit = { low: 0, high: 1 };
const packedAt = (r: number, s: number) => (Math.max(r, s) * (Math.max(r, s) + 1)) / 2 + Math.min(r, s);

/** Entries at random places of K axes with few distinct ones, and moments of factors there. */
function drawn(K: number, R: number, N: number, seed: number) {
  const random = new Random(seed);
  const columns = Array.from({ length: K }, () => Float64Array.from({ length: N }, () => random.integer(4) / 4));
  const values = Float64Array.from({ length: N }, () => random.normal());
  const entries: Entries = {
    axes: columns.map((column) => axisOf(column, unit)),
    values,
    mean: 0,
    scale: 1,
    weights: Float64Array.from({ length: N }, () => 0.5 + random.uniform()),
  };
  const S = (R * (R + 1)) / 2;
  const covariances = entries.axes.map(({ places }) =>
    Array.from(places, () => {
      const a = Array.from({ length: R * R }, () => 0.3 * random.normal());
      return (r: number, s: number) => a.slice(r * R, r * R + R).reduce((sum, v, j) => sum + v * a[s * R + j], 0);
    }),
  );
  const moments: Moments[] = entries.axes.map(({ places }, k) => {
    const mean = Float64Array.from({ length: places.length * R }, () => random.normal());
    const second = new Float64Array(places.length * S);
    for (let i = 0; i < places.length; i++)
      for (let r = 0; r < R; r++)
        for (let s = 0; s <= r; s++)
          second[i * S + packedAt(r, s)] = covariances[k][i](r, s) + mean[i * R + r] * mean[i * R + s];
    return { mean, second };
  });
  const core = Float64Array.from({ length: R ** K }, () => random.normal());
  return { entries, moments, core, S };
}

/** The digits of a place of the core, by nested loops in effect: the first axis runs slowest. */
const digits = (p: number, K: number, R: number) =>
  Array.from({ length: K }, (_, k) => Math.floor(p / R ** (K - 1 - k)) % R);

describe.each([
  [1, 2],
  [2, 3],
  [3, 2],
  [4, 2],
])('%d axes, rank %d', (K, R) => {
  const { entries, moments, core, S } = drawn(K, R, 20, 7);
  const size = R ** K;
  const second = (k: number, i: number, r: number, s: number) => moments[k].second[i * S + packedAt(r, s)];

  test.each(Array.from({ length: K }, (_, k) => k))('messages of axis %d are those of nested loops', (k) => {
    const n = entries.axes[k].places.length;
    const [precision, vector] = [new Float64Array(n * S), new Float64Array(n * R)];
    const tucker = new TuckerCoupling(entries, R, () => ({ mean: core }));
    tucker.take(core);
    tucker.sums(k, moments, precision, vector);
    const [B, a] = [new Float64Array(n * S), new Float64Array(n * R)];
    const places = Array.from(entries.values, (_, e) => entries.axes.map(({ of }) => of[e]));
    places.forEach((at, e) => {
      const [w, y] = [entries.weights![e], entries.values[e]];
      for (let p = 0; p < size; p++) {
        const i = digits(p, K, R);
        const others = at.map((place, j) => (j === k ? 1 : moments[j].mean[place * R + i[j]]));
        a[at[k] * R + i[k]] += w * y * core[p] * others.reduce((x, v) => x * v, 1);
        for (let q = 0; q < size; q++) {
          const j = digits(q, K, R);
          if (j[k] > i[k]) continue;
          const pair = at.map((place, m) => (m === k ? 1 : second(m, place, i[m], j[m])));
          B[at[k] * S + packedAt(i[k], j[k])] += w * core[p] * core[q] * pair.reduce((x, v) => x * v, 1);
        }
      }
    });
    precision.forEach((value, at) => {
      expect(value).toBeCloseTo(B[at], 9);
    });
    vector.forEach((value, at) => {
      expect(value).toBeCloseTo(a[at], 9);
    });
  });

  test('the core sees all products of factors, and the loss is their expected square', () => {
    let seen: { precision: Float64Array; vector: Float64Array } | undefined;
    const tucker = new TuckerCoupling(entries, R, (precision, vector) => {
      seen = { precision: precision.slice(), vector: vector.slice() };
      return { mean: core };
    });
    const loss = tucker.settle(moments, 2, 0);
    const [G, h] = [new Float64Array(size * size), new Float64Array(size)];
    let squares = 0;
    for (let e = 0; e < entries.values.length; e++) {
      const [w, y] = [entries.weights![e], entries.values[e]];
      squares += w * y * y;
      for (let p = 0; p < size; p++) {
        const i = digits(p, K, R);
        h[p] += 2 * w * y * entries.axes.reduce((x, { of }, k) => x * moments[k].mean[of[e] * R + i[k]], 1);
        for (let q = 0; q < size; q++) {
          const j = digits(q, K, R);
          G[p * size + q] += 2 * w * entries.axes.reduce((x, { of }, k) => x * second(k, of[e], i[k], j[k]), 1);
        }
      }
    }
    for (let p = 0; p < size; p++) {
      expect(seen!.vector[p]).toBeCloseTo(h[p], 8);
      squares -= core[p] * h[p];
      for (let q = 0; q < size; q++) {
        expect(seen!.precision[p * size + q]).toBeCloseTo(G[p * size + q], 8);
        squares += (core[p] * core[q] * G[p * size + q]) / 2;
      }
    }
    expect(loss).toBeCloseTo(squares, 7);
  });

  test('CP is Tucker with ones on the superdiagonal', () => {
    const ones = new Float64Array(size);
    for (let r = 0; r < R; r++) ones[r * ((size - 1) / (R - 1))] = 1;
    const tucker = new TuckerCoupling(entries, R, () => ({ mean: ones }));
    tucker.take(ones);
    const cp = new CpCoupling(entries, R);
    for (let k = 0; k < K; k++) {
      const n = entries.axes[k].places.length;
      const lists = () => [new Float64Array(n * S), new Float64Array(n * R)] as const;
      const [one, two] = [lists(), lists()];
      tucker.sums(k, moments, ...one);
      cp.sums(k, moments, ...two);
      for (const part of [0, 1])
        two[part].forEach((value, at) => {
          expect(value).toBeCloseTo(one[part][at], 10);
        });
    }
    expect(cp.settle(moments)).toBeCloseTo(tucker.settle(moments, 1, 0), 8);
  });
});

test('with the other factors and the noise fixed an update is dense Bayesian regression on Gaussian processes', () => {
  const [R, N, tau] = [2, 30, 7];
  const random = new Random(9);
  const t = Float64Array.from({ length: N }, () => random.integer(20) / 20);
  const known = Array.from({ length: N }, () => [random.normal(), random.normal()]);
  const y = Float64Array.from({ length: N }, () => random.normal());
  const own = axisOf(t, unit);
  const other = axisOf(
    Float64Array.from({ length: N }, (_, n) => n / N),
    unit,
  );
  const entries: Entries = { axes: [own, other], values: y, mean: 0, scale: 1 };
  // The other factors are known without doubt: E[uuᵀ] = mmᵀ.
  const moments: Moments[] = [
    { mean: new Float64Array(own.places.length * R), second: new Float64Array(own.places.length * 3) },
    {
      mean: Float64Array.from(known.flat()),
      second: Float64Array.from(known.flatMap(([a, b]) => [a * a, a * b, b * b])),
    },
  ];
  const [precision, vector] = [new Float64Array(own.places.length * 3), new Float64Array(own.places.length * R)];
  new CpCoupling(entries, R).sums(0, moments, precision, vector);
  const prior = matern(1.5, { lengthscale: 0.3 });
  const scaled = (list: Float64Array) => list.map((v) => tau * v);
  const path = prior.smooth(own.places, scaled(precision), scaled(vector));
  // y = Σ a_r u_r(t) + ε over all entries at once: covariances of u with y, solved by relaxation of the dense system.
  const k = (a: number, b: number) =>
    (1 + (Math.sqrt(3) * Math.abs(a - b)) / 0.3) * Math.exp((-Math.sqrt(3) * Math.abs(a - b)) / 0.3);
  const dot = (n: number, m: number) => known[n][0] * known[m][0] + known[n][1] * known[m][1];
  const K = Array.from(t, (a, n) => Array.from(t, (b, m) => k(a, b) * dot(n, m) + (n === m ? 1 / tau : 0)));
  const solve = (b: readonly number[]) => {
    // Conjugate gradients to the end.
    const x = b.map(() => 0);
    let r = [...b];
    let p = [...r];
    for (let step = 0; step < 400; step++) {
      const Kp = K.map((row) => row.reduce((sum, v, m) => sum + v * p[m], 0));
      const rr = r.reduce((sum, v) => sum + v * v, 0);
      if (rr < 1e-26) break;
      const alpha = rr / p.reduce((sum, v, m) => sum + v * Kp[m], 0);
      r = r.map((v, m) => v - alpha * Kp[m]);
      p.forEach((v, m) => {
        x[m] += alpha * v;
      });
      const beta = r.reduce((sum, v) => sum + v * v, 0) / rr;
      p = r.map((v, m) => v + beta * p[m]);
    }
    return x;
  };
  const weights = solve([...y]);
  own.places.forEach((place, i) => {
    for (let a = 0; a < R; a++) {
      const cross = Array.from(t, (b, n) => k(place, b) * known[n][a]);
      expect(path.mean[i * R + a]).toBeCloseTo(
        cross.reduce((sum, v, n) => sum + v * weights[n], 0),
        7,
      );
      const reduced = solve(cross);
      const variance = 1 - cross.reduce((sum, v, n) => sum + v * reduced[n], 0);
      expect(path.covariance[i * 3 + packedAt(a, a)]).toBeCloseTo(variance, 7);
    }
  });
});

const quick = {
  rank: 2,
  lengthscales: 0.5,
  centre: false,
  calibrate: 0,
  sweeps: 12,
  restarts: 2,
};

test('the order of entries counts for nothing; one given twice is one of doubled precision', () => {
  const { indices, values, asked } = field(60, 4);
  const noise = indices.map((_, n) => (n === 5 ? 0.1 / Math.SQRT2 : 0.1));
  const predict = (rows: readonly number[], sd: readonly number[]) => {
    // The same scale of values, so that nothing but the entries differs.
    const data = entriesOf(
      [0, 1].map((k) => Float64Array.from(rows, (n) => indices[n][k])),
      [unit, unit],
      Float64Array.from(rows, (n) => values[n]),
      Float64Array.from(sd),
      false,
    );
    const moments: Moments[] = data.axes.map(({ places: { length: n } }) => ({
      mean: Float64Array.from({ length: 2 * n }, (_, i) => Math.sin(i)),
      second: Float64Array.from({ length: 3 * n }, (_, i) => 1 + Math.cos(i) ** 2),
    }));
    const [precision, vector] = [
      new Float64Array(3 * data.axes[0].places.length),
      new Float64Array(2 * data.axes[0].places.length),
    ];
    new CpCoupling(data, 2).sums(0, moments, precision, vector);
    const root = data.noise!;
    return [...precision.map((v) => v / root ** 2), ...vector.map((v) => (v * data.scale) / root ** 2)];
  };
  const all = Array.from(indices.keys());
  const once = predict(all, noise);
  const twice = predict([...all, 5], [...noise.map(() => 0.1), 0.1]);
  twice.forEach((v, i) => {
    expect(v).toBeCloseTo(once[i], 6);
  });
  const order = [...new Random(1).permutation(60)];
  const fit = (rows: readonly number[]) =>
    functionalTucker(quick).fit(
      rows.map((n) => indices[n]),
      rows.map((n) => values[n]),
      { noise: 0.1 },
    );
  const [straight, mixed] = [all, order].map((rows) => fit(rows).predict(asked));
  expect(rmse(straight.mean, mixed.mean)).toBeLessThan(1e-6);
  expect(rmse(straight.variance, mixed.variance)).toBeLessThan(1e-6);
});

test('a model goes through its parts with all bits; beyond the data it knows less and less', () => {
  const { indices, values, asked } = field(150, 5);
  const model = functionalTucker({ ...quick, calibrate: 0.1 }).fit(indices, values);
  const again = new FunctionalTuckerModel(JSON.parse(JSON.stringify(model.parts)));
  expect(again.predict(asked)).toEqual(model.predict(asked));
  expect(again.interval(asked, 0.8)).toEqual(model.interval(asked, 0.8));
  const { variance } = model.predict([0.5, 1.2, 2, 5].map((x) => [x, 0.5]));
  expect([...variance].sort((a, b) => a - b)).toEqual([...variance]);
  const { mean, sd } = model.latent(0, [0.5, 1.2, 2, 9]);
  expect([mean.length, mean[0].length]).toEqual([2, 4]);
  expect(sd[0][3]).toBeCloseTo(1, 3);
  expect(mean[1][3]).toBeCloseTo(0, 6);
  const few = new FunctionalTuckerModel({ ...model.parts, scores: [0.5, 3, 4] });
  expect([few.deviations(0.5), few.deviations(0.9)]).toEqual([3, 4]);
});

test('what is held out changes nothing of what is learned, neither of the axes nor of the values', () => {
  const { indices, values } = field(150, 5);
  // As the fit draws them.
  const order = new Random(3).split(1).permutation(values.length);
  const [held, fitted] = [order.slice(0, 15), order.slice(15)];
  for (const options of [quick, { ...quick, lengthscales: undefined, centre: undefined, sweeps: 4 }]) {
    const fit = (rows: ReadonlyArray<readonly number[]>, y: ArrayLike<number>) =>
      functionalTucker({ ...options, calibrate: 0.1, seed: 3 }).fit(rows, y).parts;
    const { scores, ...learned } = fit(indices, values);
    const planted = indices.map((row, n) => (held.includes(n) ? [row[0] + 1000 + n, -50 * row[1]] : row));
    const far = values.map((y, n) => (held.includes(n) ? 1e4 + y : y));
    const { scores: off, ...same } = fit(planted, far);
    expect(same).toEqual(learned);
    expect(Math.min(...off)).toBeGreaterThan(Math.max(...scores));
    const ends = [0, 1].map((k) => fitted.reduce((most, n) => Math.max(most, indices[n][k]), -1));
    expect(learned.axes.map(({ high }) => high)).toEqual(ends);
  }
});

test('a fit that is cut goes on from its checkpoint with the same bits, and says how it ended', () => {
  const { indices, values, asked } = field(120, 6);
  const options = { ...quick, lengthscales: undefined, calibrate: 0.1, sweeps: 6 };
  const whole = functionalTucker(options).fit(indices, values);
  const states: unknown[] = [];
  const controller = new AbortController();
  const cut = functionalTucker({
    ...options,
    signal: controller.signal,
    onIterate: ({ iteration }) => iteration === 8 && controller.abort(),
    checkpoint: { save: (state) => states.push(structuredClone(state)) },
  }).fit(indices, values);
  expect([cut.fitting!.solution.status, cut.fitting!.solution.iterations]).toEqual(['aborted', 8]);
  for (const state of [states[0], states[6], states[8]]) {
    const rest = functionalTucker({ ...options, resume: state as never }).fit(indices, values);
    expect(rest.predict(asked)).toEqual(whole.predict(asked));
  }
  const iterates = () => functionalTuckerIterates(indices, values, quick);
  const short = run(iterates(), { maxIter: 3 });
  expect([short.status, short.iterations]).toEqual(['iteration-limit', 3]);
  const from = states[6] as { sweeps: FunctionalState };
  expect(from.sweeps.sweep).toBe(6);
});

describe('poor data', () => {
  const grid = Array.from({ length: 30 }, (_, n) => [n % 6, Math.floor(n / 6)]);

  test('constant values, one entry, one place', () => {
    const flat = functionalTucker({ rank: 2 }).fit(
      grid,
      grid.map(() => 7.1),
    );
    expect([...flat.predict([[2.5, 1]]).mean, ...flat.predict([[2.5, 90]]).variance]).toEqual([
      expect.closeTo(7.1, 12),
      0,
    ]);
    const one = functionalTucker({ rank: 1 }).fit([[3, 4]], [2]);
    expect([...one.predict([[0, 0]]).mean]).toEqual([2]);
    const same = functionalTucker({ rank: 1 }).fit(
      grid.map(() => [1, 1]),
      grid.map((_, n) => (n % 2) + 1),
    );
    expect(same.predict([[1, 1]]).mean[0]).toBeCloseTo(1.5, 1);
  });

  test('more rank than there is, and stretches without any entry', () => {
    const random = new Random(2);
    // Nothing between 0.3 and 0.7 of the first axis.
    const rows = Array.from({ length: 200 }, () => [
      0.3 * random.uniform() + (random.uniform() < 0.5 ? 0.7 : 0),
      random.uniform(),
    ]);
    const values = rows.map(([x, t]) => Math.sin(2 * x) * (1 + t) + 0.05 * random.normal());
    const model = functionalTucker({ ...quick, rank: 4, sweeps: 30 }).fit(rows, values);
    const { mean, variance } = model.predict([
      [0.2, 0.5],
      [0.5, 0.5],
    ]);
    expect(mean[0]).toBeCloseTo(Math.sin(0.4) * 1.5, 1);
    expect(variance[1]).toBeGreaterThan(variance[0]);
    expect(Number.isFinite(mean[1])).toBe(true);
  });

  test.each<[string, () => unknown, string]>([
    ['no entries', () => functionalTucker({ rank: 1 }).fit([], []), 'no entries'],
    ['too few values', () => functionalTucker({ rank: 1 }).fit([[1]], []), '1 rows of coordinates, but 0 values'],
    [
      'rows that differ',
      () => functionalTucker({ rank: 1 }).fit([[1, 2], [1]], [1, 2]),
      'Row 2 of the indices has 1 numbers, where 2 are',
    ],
    ['no indices', () => functionalTucker({ rank: 1 }).fit([[]], [1]), 'at least 1 is expected'],
    [
      'an index that is none',
      () => functionalTucker({ rank: 1 }).fit([[1], [Number.NaN]], [1, 2]),
      'Index 1 of row 2 is NaN',
    ],
    [
      'a value that is none',
      () => functionalTucker({ rank: 1 }).fit([[1], [2]], [1, 1 / 0]),
      'value of row 2 is Infinity',
    ],
    [
      'out of range',
      () => functionalTucker({ rank: 1, ranges: [[0, 1]] }).fit([[0.5], [2]], [1, 2]),
      'Index 1 is 2 in row 2, outside of its range 0 to 1',
    ],
    [
      'a range upside down',
      () => functionalTucker({ rank: 1, ranges: [[1, 0]] }).fit([[0.5]], [1]),
      'the first the smaller',
    ],
    [
      'too many ranges',
      () =>
        functionalTucker({
          rank: 1,
          ranges: [
            [0, 1],
            [0, 1],
          ],
        }).fit([[0.5]], [1]),
      '2 ranges for 1 axes',
    ],
    [
      'a core too large',
      () => functionalTucker({ rank: 13 }).fit([[1, 2, 3]], [1]),
      'has 2197 entries, more than 2000',
    ],
    [
      'length scales',
      () => functionalTucker({ rank: 1, lengthscales: [1, 0] }).fit([[1, 2]], [1]),
      'lengthscales must be finite and above 0',
    ],
    [
      'length scales of other axes',
      () => functionalTucker({ rank: 1, lengthscales: [1, 2] }).fit([[1]], [1]),
      '2 numbers for 1 axes',
    ],
    ['rank', () => functionalTucker({ rank: 0 }), 'rank must be a whole number of at least 1'],
    [
      'damping',
      () => functionalTucker({ rank: 1, damping: { core: 1 } }),
      'damping.core must be at least 0 and below 1',
    ],
    [
      'kernel',
      () => functionalTucker({ rank: 1, kernel: 'rbf' as 'matern12' }),
      'kernel must be one of matern12, matern32, matern52, but is rbf',
    ],
    ['form', () => functionalTucker({ rank: 1, form: 'tt' as 'cp' }), 'form must be one of tucker, cp, but is tt'],
    ['calibrate', () => functionalTucker({ rank: 1, calibrate: 1 }), 'calibrate must be from 0 to 0.5'],
    [
      'noise',
      () => functionalTucker({ rank: 1 }).fit([[1]], [1], { noise: [0] }),
      'must be above 0, but number 1 is 0',
    ],
    [
      'noises',
      () => functionalTucker({ rank: 1 }).fit([[1]], [1], { noise: [1, 2] }),
      '1 values, but 2 noise standard deviations',
    ],
    [
      'a level',
      () =>
        functionalTucker({ rank: 1 })
          .fit([[1]], [1])
          .deviations(1),
      'between 0 and 1',
    ],
    [
      'an axis',
      () =>
        functionalTucker({ rank: 1 })
          .fit([[1]], [1])
          .latent(1, [0]),
      'There is no axis 1',
    ],
    [
      'an unknown option',
      () => functionalTucker({ rank: 1, lenghtscales: 1 } as never),
      "did you mean 'lengthscales'?",
    ],
    [
      'indices to predict',
      () =>
        functionalTucker({ rank: 1 })
          .fit([[1]], [1])
          .predict([[1, 2]]),
      'where 1 is expected',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
