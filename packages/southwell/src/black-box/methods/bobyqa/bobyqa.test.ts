import { Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { describe, expect, test } from 'vitest';
import { minimize } from '../../minimize.ts';
import { smooth, sum } from '../../testing.ts';
import { boxStep } from './boxStep.ts';
import { QuadraticModel } from './model.ts';

const { exp, log } = elementary;

/**
 * Evaluations until a value is at most 1e-8, by NLopt 2.7.1:
 * o = nlopt.opt(nlopt.LN_BOBYQA, n); o.set_initial_step([0.5] * n); o.set_stopval(1e-8); o.set_xtol_abs(1e-9) in ±10; for
 * trid a step of n in ±10n². Starts are random.
 */
const nlopt: ReadonlyArray<[string, number[], number]> = [
  ['sphere', [0.353, 1.591], 7],
  ['sphere', [-1.805, -0.844], 8],
  ['sphere', [0.577, -0.477, 0.652], 9],
  ['sphere', [-0.856, 1.832, 1.081], 10],
  ['sphere', [-0.022, -1.088, -0.978, -0.415, -0.491], 14],
  ['sphere', [0.703, -1.821, -0.627, 0.576, -0.863], 14],
  ['ellipsoid', [0.353, 1.591], 8],
  ['ellipsoid', [-1.805, -0.844], 8],
  ['ellipsoid', [0.577, -0.477, 0.652], 9],
  ['ellipsoid', [-0.856, 1.832, 1.081], 10],
  ['ellipsoid', [-0.022, -1.088, -0.978, -0.415, -0.491], 14],
  ['ellipsoid', [0.703, -1.821, -0.627, 0.576, -0.863], 14],
  ['ellipsoid', [0.174, -0.887, -0.302, 1.379, -1.981, -1.514, 0.683, 1.303, -1.453, 0.3], 30],
  ['ellipsoid', [0.066, 0.283, -1.886, -1.314, 0.741, 1.336, -0.772, 1.574, 0.886, -1.24], 27],
  [
    'ellipsoid',
    [
      1.791, -1.094, 0.378, -0.287, 1.057, -1.989, -0.57, 1.639, -0.176, 1.927, 1.469, 1.944, 1.693, -0.785, 1.384,
      -1.515, 1.142, -0.998, -1.616, 1.774,
    ],
    61,
  ],
  [
    'ellipsoid',
    [
      -1.544, 0.992, 0.444, 1.239, 0.851, -1.44, -0.93, -1.41, -1.088, -1.058, 0.76, -1.407, -0.218, 0.803, -1.613,
      1.531, 1.479, 1.378, -0.905, 1.143,
    ],
    62,
  ],
  ['rosenbrock', [0.353, 1.591], 81],
  ['rosenbrock', [-1.805, -0.844], 164],
  ['rosenbrock', [0.577, -0.477, 0.652], 144],
  ['rosenbrock', [-0.856, 1.832, 1.081], 312],
  ['rosenbrock', [-0.022, -1.088, -0.978, -0.415, -0.491], 369],
  ['rosenbrock', [0.703, -1.821, -0.627, 0.576, -0.863], 423],
  ['rosenbrock', [0.174, -0.887, -0.302, 1.379, -1.981, -1.514, 0.683, 1.303, -1.453, 0.3], 1152],
  ['rosenbrock', [0.066, 0.283, -1.886, -1.314, 0.741, 1.336, -0.772, 1.574, 0.886, -1.24], 1202],
  ['quartic', [0.353, 1.591], 24],
  ['quartic', [-1.805, -0.844], 28],
  ['quartic', [0.577, -0.477, 0.652], 31],
  ['quartic', [-0.856, 1.832, 1.081], 35],
  ['quartic', [-0.022, -1.088, -0.978, -0.415, -0.491], 81],
  ['quartic', [0.703, -1.821, -0.627, 0.576, -0.863], 88],
  ['quartic', [0.174, -0.887, -0.302, 1.379, -1.981, -1.514, 0.683, 1.303, -1.453, 0.3], 220],
  ['quartic', [0.066, 0.283, -1.886, -1.314, 0.741, 1.336, -0.772, 1.574, 0.886, -1.24], 192],
  [
    'quartic',
    [
      1.791, -1.094, 0.378, -0.287, 1.057, -1.989, -0.57, 1.639, -0.176, 1.927, 1.469, 1.944, 1.693, -0.785, 1.384,
      -1.515, 1.142, -0.998, -1.616, 1.774,
    ],
    660,
  ],
  [
    'quartic',
    [
      -1.544, 0.992, 0.444, 1.239, 0.851, -1.44, -0.93, -1.41, -1.088, -1.058, 0.76, -1.407, -0.218, 0.803, -1.613,
      1.531, 1.479, 1.378, -0.905, 1.143,
    ],
    532,
  ],
  ['trid', [0.353, 1.591], 19],
  ['trid', [-1.805, -0.844], 22],
  ['trid', [0.577, -0.477, 0.652], 35],
  ['trid', [-0.856, 1.832, 1.081], 43],
  ['trid', [-0.022, -1.088, -0.978, -0.415, -0.491], 89],
  ['trid', [0.703, -1.821, -0.627, 0.576, -0.863], 79],
  ['trid', [0.174, -0.887, -0.302, 1.379, -1.981, -1.514, 0.683, 1.303, -1.453, 0.3], 225],
  ['trid', [0.066, 0.283, -1.886, -1.314, 0.741, 1.336, -0.772, 1.574, 0.886, -1.24], 233],
  [
    'trid',
    [
      1.791, -1.094, 0.378, -0.287, 1.057, -1.989, -0.57, 1.639, -0.176, 1.927, 1.469, 1.944, 1.693, -0.785, 1.384,
      -1.515, 1.142, -0.998, -1.616, 1.774,
    ],
    724,
  ],
  [
    'trid',
    [
      -1.544, 0.992, 0.444, 1.239, 0.851, -1.44, -0.93, -1.41, -1.088, -1.058, 0.76, -1.407, -0.218, 0.803, -1.613,
      1.531, 1.479, 1.378, -0.905, 1.143,
    ],
    758,
  ],
  ['expsum', [0.353, 1.591], 28],
  ['expsum', [-1.805, -0.844], 23],
  ['expsum', [0.577, -0.477, 0.652], 28],
  ['expsum', [-0.856, 1.832, 1.081], 54],
  ['expsum', [-0.022, -1.088, -0.978, -0.415, -0.491], 49],
  ['expsum', [0.703, -1.821, -0.627, 0.576, -0.863], 56],
  ['expsum', [0.174, -0.887, -0.302, 1.379, -1.981, -1.514, 0.683, 1.303, -1.453, 0.3], 147],
  ['expsum', [0.066, 0.283, -1.886, -1.314, 0.741, 1.336, -0.772, 1.574, 0.886, -1.24], 194],
  [
    'expsum',
    [
      1.791, -1.094, 0.378, -0.287, 1.057, -1.989, -0.57, 1.639, -0.176, 1.927, 1.469, 1.944, 1.693, -0.785, 1.384,
      -1.515, 1.142, -0.998, -1.616, 1.774,
    ],
    650,
  ],
  [
    'expsum',
    [
      -1.544, 0.992, 0.444, 1.239, 0.851, -1.44, -0.93, -1.41, -1.088, -1.058, 0.76, -1.407, -0.218, 0.803, -1.613,
      1.531, 1.479, 1.378, -0.905, 1.143,
    ],
    465,
  ],
];

const evaluations = (name: string, x0: readonly number[]): number | undefined => {
  const n = x0.length;
  const [sigma, bound] = name === 'trid' ? [n, 10 * n * n] : [0.5, 10];
  const options = { method: 'bobyqa', x0, sigma, lower: -bound, upper: bound, target: 1e-8, budget: 20_000 } as const;
  const r = minimize(smooth[name], options);
  return r.objective <= 1e-8 ? r.evaluations : undefined;
};

test('as many evaluations as BOBYQA of NLopt, 2 to 20 coordinates', () => {
  const ratios = new Map<string, number[]>();
  let missed = 0;
  for (const [name, x0, theirs] of nlopt) {
    const ours = evaluations(name, x0);
    if (ours === undefined) missed++;
    else ratios.set(name, [...(ratios.get(name) ?? []), log(ours / theirs)]);
  }
  // The banana has a second minimum, where one run in ten of either ends.
  expect(missed).toBeLessThanOrEqual(1);
  const mean = (v: readonly number[]) => exp(v.reduce((a, b) => a + b, 0) / v.length);
  for (const [name, own] of ratios) expect(mean(own), name).toBeLessThan(1.1);
  expect(mean([...ratios.values()].flat())).toBeLessThan(1.1);
});

describe('bounds', () => {
  test('the least value on a face and in a corner, to the bit on the bounds', () => {
    const f = (x: Float64Array) => (x[0] - 3) ** 2 + (x[1] + 2) ** 2 + (x[2] - 0.25) ** 2 + 0.5 * x[0] * x[2];
    const r = minimize(f, { method: 'bobyqa', lower: [-1, -1, -1], upper: [1, 1, 1] });
    expect(r.status).toBe('converged');
    expect(Array.from(r.point.subarray(0, 2))).toEqual([1, -1]);
    expect(r.point[2]).toBeCloseTo(0, 8);
    expect(r.evaluations).toBeLessThan(60);
  });

  test('a start on bounds, and coordinates that cannot move', () => {
    const f = (x: Float64Array) => sum(x, (v, i) => (i + 1) * (v - 0.3) ** 2);
    const r = minimize(f, { method: 'bobyqa', lower: [-1, -1, 0.5], upper: [1, 1, 0.5], x0: [-1, 1, 0.5] });
    expect(r.point[2]).toBe(0.5);
    expect(r.objective).toBeCloseTo(3 * 0.04, 12);
    const one = minimize(f, { method: 'bobyqa', lower: [1, 2], upper: [1, 2] });
    expect([one.status, one.evaluations]).toEqual(['converged', 1]);
  });
});

test('how it ends: at its final radius, without end where there are no bounds, flat, or stepped', () => {
  const end = (f: (x: Float64Array) => number, more = {}) => minimize(f, { method: 'bobyqa', dim: 3, ...more });
  expect(end(() => 3)).toMatchObject({ status: 'converged', objective: 3 });
  expect(end((x) => x[0] + 2 * x[1])).toMatchObject({ status: 'diverged' });
  expect(end((x) => Math.floor(10 * sum(x, (v) => (v - 0.3) ** 2)))).toMatchObject({
    status: 'converged',
    objective: 0,
  });
  const coarse = end((x) => sum(x, (v) => (v - 0.3) ** 4), { method: { name: 'bobyqa', rhoEnd: 1e-2 } });
  const fine = end((x) => sum(x, (v) => (v - 0.3) ** 4));
  expect(coarse.evaluations).toBeLessThan(fine.evaluations);
  expect(coarse.message).toMatch(/final radius/);
  expect(() => end(() => 1, { method: { name: 'bobyqa', rhoEnd: 0 } })).toThrow(/rhoEnd must be above 0/);
});

test('the model takes all values after any replacements, and its Lagrange functions are 1 and 0', () => {
  const random = new Random(3);
  const n = 4;
  const f = (x: Float64Array) => sum(x, (v, i) => exp(0.3 * v) * (v - i) ** 2) + x[0] * x[3];
  const steps = Array.from({ length: n }, (_, i) => (i % 2 ? [0.5, 1] : [0.5, -0.5]) as [number, number]);
  const first = [
    new Float64Array(n),
    ...[0, 1].flatMap((k) => steps.map((s, i) => new Float64Array(n).fill(s[k], i, i + 1))),
  ];
  const model = new QuadraticModel(new Float64Array(n), steps, Float64Array.from(first, f));
  const check = () => {
    const { centre, points, values, best } = model;
    points.forEach((y, t) => {
      const d = y.map((v, i) => v - centre[i]);
      expect(model.change(d)).toBeCloseTo(values[t] - values[best], 9);
      const { lagrange, beta } = model.exchange(d);
      for (let k = 0; k < model.m; k++) expect(lagrange[k]).toBeCloseTo(k === t ? 1 : 0, 9);
      expect(beta).toBeCloseTo(0, 9);
    });
  };
  check();
  for (let round = 0; round < 40; round++) {
    if (round % 7 === 3) model.shift();
    const exchange = model.exchange(new Float64Array(n).map(() => random.normal()));
    let t = model.best === 0 ? 1 : 0;
    for (let k = 0; k < model.m; k++) {
      if (k !== model.best && exchange.denominator(k) > exchange.denominator(t)) t = k;
    }
    const d = exchange.y.map((v, i) => v - model.centre[i]);
    const value = f(model.outer(exchange.y));
    model.replace(t, exchange, value, value - model.values[model.best] - model.change(d));
    check();
  }
});

test('the step in the box is nearly the best: no worse than 0.95 of what projected descent gains, and feasible', () => {
  const random = new Random(5);
  for (let round = 0; round < 60; round++) {
    const n = 1 + (round % 6);
    const L = Array.from({ length: n }, () => Float64Array.from({ length: n }, () => random.normal()));
    const shift = round % 3 === 0 ? 0 : 2 * random.uniform();
    const times = (v: Float64Array) =>
      Float64Array.from({ length: n }, (_, i) => sum(v, (a, j) => a * sum(L[i], (b, k) => b * L[j][k])) - shift * v[i]);
    const g = Float64Array.from({ length: n }, () => 3 * random.normal());
    const low = Float64Array.from({ length: n }, () => -random.uniform() * (random.uniform() < 0.2 ? 0 : 1));
    const high = Float64Array.from({ length: n }, () => random.uniform());
    const radius = 0.7;
    const { d, gradient } = boxStep(g, times, radius, { low, high });
    expect(Math.sqrt(sum(d, (v) => v * v))).toBeLessThan(radius * (1 + 1e-9));
    const gain = (v: Float64Array) => -sum(v, (a, i) => a * g[i]) - 0.5 * sum(times(v), (a, i) => a * v[i]);
    const Bd = times(d);
    d.forEach((v, i) => {
      expect(v).toBeGreaterThanOrEqual(low[i]);
      expect(v).toBeLessThanOrEqual(high[i]);
      expect(gradient[i]).toBeCloseTo(g[i] + Bd[i], 8);
    });
    // Steepest descent, projected.
    let best = 0;
    for (let s = 0.001; s < 4; s *= 1.3) {
      const p = g.map((v, i) => Math.min(Math.max(-s * v, low[i]), high[i]));
      const length = Math.sqrt(sum(p, (v) => v * v));
      best = Math.max(best, gain(length > radius ? p.map((v) => (v * radius) / length) : p));
    }
    expect(gain(d)).toBeGreaterThanOrEqual(0.95 * best);
  }
});
