import { decodeCheckpoint, encodeCheckpoint } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { type MinimizeOptions, minimize, minimizeAsync } from './minimize.ts';
import type { SearchState } from './search.ts';

interface Problem {
  readonly f: (x: Float64Array) => number[];
  readonly x0: readonly number[];
  readonly lower?: number | readonly number[];
  readonly upper?: number | readonly number[];
  readonly best: number;
}

/** Hock and Schittkowski, Test Examples for Nonlinear Programming Codes (1981): f, then g ≤ 0, and the least value. */
const problems: Readonly<Record<string, Problem>> = {
  22: { f: ([a, b]) => [(a - 2) ** 2 + (b - 1) ** 2, a + b - 2, a * a - b], x0: [2, 2], best: 1 },
  24: {
    f: ([a, b]) => {
      const r = Math.sqrt(3);
      return [(((a - 3) ** 2 - 9) * b ** 3) / (27 * r), b - a / r, -a - r * b, a + r * b - 6];
    },
    x0: [1, 0.5],
    lower: 0,
    best: -1,
  },
  35: {
    f: ([a, b, c]) => [
      9 - 8 * a - 6 * b - 4 * c + 2 * a * a + 2 * b * b + c * c + 2 * a * b + 2 * a * c,
      a + b + 2 * c - 3,
    ],
    x0: [0.5, 0.5, 0.5],
    lower: 0,
    best: 1 / 9,
  },
  43: {
    f: ([a, b, c, d]) => [
      a * a + b * b + 2 * c * c + d * d - 5 * a - 5 * b - 21 * c + 7 * d,
      a * a + b * b + c * c + d * d + a - b + c - d - 8,
      a * a + 2 * b * b + c * c + 2 * d * d - a - d - 10,
      2 * a * a + b * b + c * c + 2 * a - b - d - 5,
    ],
    x0: [0, 0, 0, 0],
    best: -44,
  },
  65: {
    f: ([a, b, c]) => [(a - b) ** 2 + (a + b - 10) ** 2 / 9 + (c - 5) ** 2, a * a + b * b + c * c - 48],
    // The start of the collection, (−5, 5, 0), is outside of its bounds.
    x0: [-4.5, 4.5, 0],
    lower: [-4.5, -4.5, -5],
    upper: [4.5, 4.5, 5],
    best: 0.9535288567,
  },
  100: {
    f: ([a, b, c, d, e, f, g]) => [
      (a - 10) ** 2 +
        5 * (b - 12) ** 2 +
        c ** 4 +
        3 * (d - 11) ** 2 +
        10 * e ** 6 +
        7 * f * f +
        g ** 4 -
        4 * f * g -
        10 * f -
        8 * g,
      2 * a * a + 3 * b ** 4 + c + 4 * d * d + 5 * e - 127,
      7 * a + 3 * b + 10 * c * c + d - e - 282,
      23 * a + b * b + 6 * f * f - 8 * g - 196,
      4 * a * a + b * b - 3 * a * b + 2 * c * c + 5 * f - 11 * g,
    ],
    x0: [1, 2, 0, 4, 0, 1, 1],
    best: 680.6300573,
  },
};
const options = ({ f, x0, lower, upper }: Problem): MinimizeOptions => {
  const constraints = f(Float64Array.from(x0)).length - 1;
  return { x0, lower, upper, sigma: 0.5, constraints, budget: 50_000 };
};

describe.each(Object.entries(problems))('HS%s', (_, problem) => {
  test.each(['bobyqa', 'cma-es', 'auto'] as const)('%s finds the known value, feasible', (method) => {
    const r = minimize(problem.f, { ...options(problem), method });
    expect(r.status).toBe('converged');
    const [value, ...g] = problem.f(r.point);
    expect(r.objective).toBe(value);
    expect(r.violation).toBe(Math.max(0, ...g));
    expect(r.violation).toBeLessThanOrEqual(1e-6);
    // What 1e-6 of violation is worth by the multipliers, none of which is above 4.
    expect(Math.abs(value - problem.best)).toBeLessThan(5e-6 * Math.max(1, g.length / 2));
  });
});

test('stopped and resumed through a text, and with jobs: the same bits', async () => {
  const { f } = problems[43];
  const own: MinimizeOptions = { ...options(problems[43]), method: 'cma-es', budget: 3000 };
  const whole = minimize(f, own);
  const part = minimize(f, { ...own, budget: 700 });
  const file = { method: 'search', problem: '', iteration: 0 };
  const { state } = decodeCheckpoint<SearchState>(encodeCheckpoint({ ...file, state: part.checkpoint }));
  let fresh = 0;
  const rest = minimize((x) => f(x.map((v) => ++fresh && v)), { ...own, resume: state });
  expect([rest.point, rest.objective, rest.violation]).toEqual([whole.point, whole.objective, whole.violation]);
  expect(fresh).toBe(4 * (whole.evaluations - 700));
  const many = await minimizeAsync(async (x) => f(x), { ...own, jobs: 5 });
  expect(many.checkpoint).toEqual(whole.checkpoint);
  expect(() => minimize(f, { ...own, feasibility: 1e-3, resume: state })).toThrow(/other settings/);
});

test('no feasible point, points that fail, a target, and what does not fit', () => {
  const f = (x: Float64Array) => [x[0] ** 2, x[0], 1 - x[0]];
  const none = minimize(f, { x0: [3], constraints: 2, method: 'bobyqa' });
  expect(none).toMatchObject({ status: 'infeasible', message: expect.stringMatching(/No point was found/) });
  expect(none.violation).toBeCloseTo(0.5, 6);
  expect(none.next).toMatch(/feasibility/);
  const { f: hs, x0 } = problems[22];
  const broken = (x: Float64Array) => {
    if (x[1] > 1.6) throw new Error('no');
    return hs(x);
  };
  const skipped = minimize(broken, { x0: [0.5, 1], sigma: 0.5, constraints: 2, method: 'cma-es', onError: 'skip' });
  expect(skipped.objective).toBeCloseTo(1, 4);
  const aimed = minimize(hs, { x0, sigma: 0.5, constraints: 2, method: 'bobyqa', target: 1.5 });
  expect(aimed.message).toMatch(/target/);
  expect(aimed.violation).toBeLessThanOrEqual(1e-6);
  expect(() => minimize(hs, { x0, constraints: 3 })).toThrow(/3 numbers instead of 4|instead of 4 numbers/);
  expect(() => minimize((x) => x[0], { x0, constraints: 1 })).toThrow(/instead of 2 numbers/);
  expect(() => minimize(hs, { x0, constraints: 2, repeats: 2 })).toThrow(/cannot be combined with repeats/);
  expect(() => minimize(hs, { x0, constraints: -1 })).toThrow(/constraints must be a whole number/);
  expect(() => minimize(hs, { x0, constraints: 2, feasibility: -1 })).toThrow(/feasibility must be at least 0/);
});

// A penalty alone would take 638 and 2690.
test.each([
  ['22', 2, 400],
  ['43', 3, 1700],
])('multipliers spare the weight, and with it evaluations: problem %s', (name, constraints, most) => {
  const { f, x0 } = problems[name];
  const solution = minimize(f as never, { x0, constraints, sigma: 0.5, method: 'bobyqa' });
  expect(solution.status).toBe('converged');
  expect(solution.evaluations).toBeLessThan(most);
});
