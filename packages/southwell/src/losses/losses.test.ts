import { Random, SouthwellError } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import {
  type BoundLoss,
  cox,
  gamma,
  huber,
  logistic,
  poisson,
  quantile,
  squared,
  squaredHinge,
  tweedie,
} from './index.ts';

const n = 12;
const random = new Random(7);
const w = Float64Array.from({ length: n }, (_, i) => (i === 3 ? 0 : 1 + (i % 3)));
{
  const total = w.reduce((a, b) => a + b);
  for (let i = 0; i < n; i++) w[i] /= total;
}
const real = Float64Array.from({ length: n }, () => 2 * random.normal());
const positive = real.map((v) => Math.abs(v) + 0.1);
const counts = real.map((v) => Math.floor(Math.abs(v)));
const signs = real.map((_, i) => (i % 3 === 0 ? -1 : 1));
const time = Float64Array.from({ length: n }, (_, i) => [5, 3, 3, 8, 1, 1, 1, 4, 9, 3, 2, 2][i]);
const event = Float64Array.from({ length: n }, (_, i) => [1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0][i]);

const cases: Array<[string, BoundLoss]> = [
  ['squared', squared().bind(real, w)],
  ['huber', huber(0.8).bind(real, w)],
  ['quantile', quantile(0.3, 0.4).bind(real, w)],
  ['poisson', poisson().bind(counts, w)],
  ['gamma', gamma().bind(positive, w)],
  ['tweedie 1.2', tweedie(1.2).bind(counts, w)],
  ['tweedie 1.9', tweedie(1.9).bind(positive, w)],
  ['logistic', logistic().bind(signs, w)],
  ['squared hinge', squaredHinge().bind(signs, w)],
  ['cox, breslow', cox('breslow').bind({ time, event }, w)],
  ['cox, efron', cox('efron').bind({ time, event }, w)],
  ['cox, strata', cox('efron').bind({ time, event, strata: [...'uvuvuuvvvuuv'] }, w)],
];

describe.each(cases)('%s', (name, loss) => {
  const eta = Float64Array.from({ length: n }, () => random.normal());
  const v = new Float64Array(n);
  const d = new Float64Array(n);
  const value = loss.derivatives(eta, v, d);
  const other = new Float64Array(n);

  test('value and gradient agree with differences of the value', () => {
    expect(loss.value(eta)).toBeCloseTo(value, 14);
    for (let i = 0; i < n; i++) {
      const h = 1e-6;
      const at = (t: number) => {
        const e = eta.slice();
        e[i] += t;
        return loss.value(e);
      };
      expect(-v[i]).toBeCloseTo((at(h) - at(-h)) / (2 * h), 7);
      if (name.startsWith('cox')) expect((at(1e-4) - 2 * at(0) + at(-1e-4)) / 1e-8).toBeLessThanOrEqual(d[i] + 1e-6);
      else expect(d[i]).toBeCloseTo((at(1e-4) - 2 * at(0) + at(-1e-4)) / 1e-8, 3);
    }
  });

  test('the conjugate attains Fenchel–Young at s = 1 and bounds from above elsewhere', () => {
    let inner = 0;
    for (let i = 0; i < n; i++) inner += v[i] * eta[i];
    expect(value + loss.conjugate(v, 1, eta)).toBeCloseTo(-inner, 12);
    for (let k = 0; k < 200; k++) {
      const s = random.uniform();
      for (let i = 0; i < n; i++) other[i] = 3 * random.normal();
      let cross = 0;
      for (let i = 0; i < n; i++) cross += s * v[i] * other[i];
      expect(loss.value(other) + loss.conjugate(v, s, eta)).toBeGreaterThanOrEqual(-cross - 1e-12);
    }
  });

  test('the majorising model lies above the loss', () => {
    if (['poisson', 'gamma', 'tweedie 1.2', 'tweedie 1.9'].includes(name)) return; // no global quadratic bound is claimed
    loss.derivatives(eta, v, d, true);
    for (let k = 0; k < 200; k++) {
      const scale = name.startsWith('cox') ? 1e-3 : 1; // Cox: a bound on the Hessian at η only
      let model = value;
      for (let i = 0; i < n; i++) {
        other[i] = eta[i] + scale * 3 * random.normal();
        const t = other[i] - eta[i];
        model += -v[i] * t + 0.5 * d[i] * t * t;
      }
      expect(loss.value(other)).toBeLessThanOrEqual(model + 1e-9 * (1 + Math.abs(model)));
    }
  });
});

test('Tweedie tends to Poisson and to gamma', () => {
  const eta = Float64Array.from({ length: n }, () => random.normal());
  expect(
    tweedie(1 + 1e-7)
      .bind(counts, w)
      .value(eta),
  ).toBeCloseTo(poisson().bind(counts, w).value(eta), 5);
  expect(
    tweedie(2 - 1e-7)
      .bind(positive, w)
      .value(eta),
  ).toBeCloseTo(gamma().bind(positive, w).value(eta), 5);
  expect(tweedie(1).name).toBe('poisson');
  expect(tweedie(2).name).toBe('gamma');
  expect(() => tweedie(2.5)).toThrow(/between 1 \(Poisson\) and 2 \(gamma\), not 2\.5/);
  expect(() => tweedie(1.5).bind(real, w)).toThrow(/at least 0; row/);
});

test('Cox agrees with the definition, summed event by event', () => {
  const eta = Float64Array.from({ length: n }, () => random.normal());
  for (const ties of ['breslow', 'efron'] as const) {
    let expected = 0;
    let least = 0; // each term with all its risk on its own deaths
    for (const t of new Set(time)) {
      const deaths = [...time.keys()].filter((i) => time[i] === t && event[i] === 1 && w[i] > 0);
      const mean = deaths.reduce((s, i) => s + w[i], 0) / deaths.length;
      const S = [...time.keys()].filter((i) => time[i] >= t).reduce((s, i) => s + w[i] * Math.exp(eta[i]), 0);
      const E = deaths.reduce((s, i) => s + w[i] * Math.exp(eta[i]), 0);
      deaths.forEach((i, l) => {
        expected -= w[i] * eta[i];
        expected += mean * Math.log(S - (ties === 'efron' ? (l / deaths.length) * E : 0));
        least += mean * Math.log(mean * deaths.length * (1 - (ties === 'efron' ? l / deaths.length : 0)));
      });
    }
    expect(cox(ties).bind({ time, event }, w).value(eta)).toBeCloseTo(expected - least, 12);
  }
});

test('a baseline hazard keeps its digits where e^η has none', () => {
  const loss = cox('efron').bind({ time, event, strata: [...'uvuvuuvvvuuv'] }, w);
  const near = loss.baseline!(real);
  loss.baseline!(real.map((e) => e + 1e4)).forEach(({ logCumulative }, k) => {
    const back = near[k].logCumulative.map((h) => h - 1e4);
    expect(Array.from(logCumulative)).toEqual(Array.from(back, (h) => expect.closeTo(h, 8)));
  });
});

test('targets that a loss cannot take are named', () => {
  const ones = new Float64Array(n).fill(1);
  expect(() => logistic().bind(ones, w)).toThrow(/one class/);
  expect(() => logistic().bind(real, w)).toThrow(SouthwellError);
  expect(() => poisson().bind(real, w)).toThrow(/at least 0/);
  expect(() => gamma().bind(new Float64Array(n), w)).toThrow(/above 0/);
  expect(() => squared().bind(Float64Array.of(1, Number.NaN), Float64Array.of(0.5, 0.5))).toThrow(/row 2/);
  expect(() => cox().bind({ time, event: new Float64Array(n) }, w)).toThrow(/censored/);
});

test('logistic stays finite at huge margins', () => {
  const loss = logistic().bind(Float64Array.of(1, -1), Float64Array.of(0.5, 0.5));
  const v = new Float64Array(2);
  const d = new Float64Array(2);
  expect(loss.derivatives(Float64Array.of(-1e300, -1e300), v, d)).toBe(0.5e300);
  expect(Array.from(v)).toEqual([0.5, -0]);
});

test.each(['breslow', 'efron'] as const)('the Hessian of Cox models is diag(d) − PPᵀ, ties by %s', (ties) => {
  const random = new Random(4);
  const n = 24;
  const draw = () => Float64Array.from({ length: n }, () => random.normal());
  const target = {
    time: Float64Array.from({ length: n }, () => 1 + random.integer(6)),
    event: Int32Array.from({ length: n }, () => +(random.uniform() < 0.7)),
    strata: Array.from({ length: n }, (_, i) => 'uv'[i % 2]),
  };
  const w = Float64Array.from({ length: n }, (_, i) => (i === 5 ? 0 : 1 + random.integer(3)));
  const total = w.reduce((a, b) => a + b);
  const bound = cox(ties).bind(
    target,
    w.map((v) => v / total),
  );
  const [eta, x] = [draw(), draw()];
  const gradient = (at: number) => {
    const [v, d] = [new Float64Array(n), new Float64Array(n)];
    bound.derivatives(
      eta.map((e, i) => e + at * x[i]),
      v,
      d,
    );
    return { v, d };
  };
  const step = 1e-5;
  const [ahead, behind, { d }] = [gradient(step).v, gradient(-step).v, gradient(0)];
  const curvature = x.reduce((sum, xi, i) => sum - (xi * (ahead[i] - behind[i])) / (2 * step), 0);
  const { count, project } = bound.couplings!();
  const out = new Float64Array(count);
  project(x, out);
  const diagonal = x.reduce((sum, xi, i) => sum + d[i] * xi * xi, 0);
  const coupled = out.reduce((sum, v) => sum + v * v, 0);
  expect(diagonal - coupled).toBeCloseTo(curvature, 8);
  // Ties by Breslow share one.
  const deaths = Array.from(target.event.keys()).filter((i) => target.event[i] === 1 && w[i] > 0);
  const times = new Set(deaths.map((i) => `${target.strata[i]} ${target.time[i]}`));
  expect(count).toBe(ties === 'breslow' ? times.size : deaths.length);
  // It is a good part of it, and sees no constants.
  expect(coupled).toBeGreaterThan(0.1 * diagonal);
  project(new Float64Array(n).fill(1), out);
  const constant = out.reduce((sum, v) => sum + v * v, 0);
  expect(constant).toBeCloseTo(
    d.reduce((sum, v) => sum + v, 0),
    12,
  );
});

test('sums of Cox models lose next to nothing to rounding on many rows', () => {
  const random = new Random(7);
  const n = 40_000;
  const time = Float64Array.from({ length: n }, (_, i) => i);
  const event = new Int32Array(n).fill(1);
  const eta = Float64Array.from({ length: n }, () => random.normal());
  const w = new Float64Array(n).fill(1 / n);
  const f = cox().bind({ time, event }, w);
  // In twice the digits (Knuth's sum).
  const exact = () => {
    let [high, low] = [0, 0];
    return {
      add(x: number): void {
        const next = high + x;
        const part = next - high;
        low += high - (next - part) + (x - part);
        high = next;
      },
      get value() {
        return high + low;
      },
    };
  };
  const reference = (of: Float64Array): number => {
    const top = of.reduce((a, b) => Math.max(a, b));
    const [risk, sum] = [exact(), exact()];
    for (let i = n - 1; i >= 0; i--) {
      risk.add(w[i] * Math.exp(of[i] - top));
      sum.add(w[i] * (Math.log(risk.value) + top - of[i]));
    }
    return sum.value;
  };
  // Of differences, as in a search along a line.
  const near = eta.map((v) => 0.999 * v);
  const [change, expected] = [f.value(eta) - f.value(near), reference(eta) - reference(near)];
  expect(Math.abs(change - expected)).toBeLessThan(4e-15 * f.value(eta));
});
