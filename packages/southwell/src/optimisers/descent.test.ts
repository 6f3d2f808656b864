import { Random, run } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adam } from './adam.ts';
import { descentIterates } from './descent.ts';
import { HeavyBall, heavyBall } from './heavyBall.ts';
import { lbfgs } from './lbfgs.ts';
import type { GradientOracle } from './oracle.ts';
import { armijo } from './search/armijo.ts';
import { constantStep } from './search/constantStep.ts';
import { halving, halvingSearch } from './search/halving.ts';
import { strongWolfe } from './search/strongWolfe.ts';
import { settling } from './settling.ts';
import { steepestDescent } from './steepestDescent.ts';
import { minimise, quadratic, rosenbrock, rosenbrockStart, symmetric } from './testing.ts';

const directions = {
  steepest: steepestDescent(),
  'heavy ball': heavyBall({ momentum: 0.5 }),
  'L-BFGS': lbfgs(),
} as const;
// Steps of nearly 2/L lower a quadratic by next to nothing, for ever: with the usual 1e-4 of what the gradient promises steepest
// descent may take more than twenty thousand of them, with a tenth it contracts by 0.8.
const searches = { halving: halving({ sufficient: 0.1 }), armijo: armijo(), wolfe: strongWolfe() } as const;
const pairs = Object.entries(directions).flatMap(([d, direction]) =>
  Object.entries(searches).map(([s, search]) => [`${d}, ${s}`, { direction, search }] as const),
);

describe.each(pairs)('%s', (_, options) => {
  test('convex quadratics to their minimisers, never upwards', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 30, noNaN: true }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 1e6 }),
        (eigenvalues, seed) => {
          const random = new Random(seed);
          const c = eigenvalues.map(() => 3 * random.normal());
          const f = quadratic(symmetric(eigenvalues, seed), c);
          const s = minimise(f, new Float64Array(c.length), { ...options, tol: 1e-9 });
          expect(['converged', 'stalled']).toContain(s.status);
          for (let k = 0; k < c.length; k++) expect(Math.abs(s.point[k] - c[k])).toBeLessThan(1e-5);
          for (let k = 1; k < s.trace.length; k++) {
            expect(s.trace[k].objective).toBeLessThanOrEqual(s.trace[k - 1].objective);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test('the valley of Rosenbrock', () => {
    const s = minimise(rosenbrock, [-1.2, 1], { ...options, tol: 1e-7 });
    expect(s.status).toBe('converged');
    for (const v of s.point) expect(v).toBeCloseTo(1, 3);
  });

  test('one variable on scales far from 1, from either side', () => {
    for (const scale of [1e-8, 1e8]) {
      for (const start of [-50, 50]) {
        const f: GradientOracle = (x, g) => {
          g[0] = 2 * scale * (x[0] - 3);
          return scale * (x[0] - 3) ** 2;
        };
        const s = minimise(f, [start], { ...options, tol: 1e-9 });
        expect(s.status).toBe('converged');
        expect(s.point[0]).toBeCloseTo(3, 5);
      }
    }
  });

  test('beyond a wall where the objective is not finite, or its gradient is not', () => {
    // x − log x; below 0 a number that is none, or a low value whose gradient is none.
    for (const beyond of [Number.NaN, Number.POSITIVE_INFINITY, -1000]) {
      const f: GradientOracle = (x, g) => {
        g[0] = x[0] > 0 ? 1 - 1 / x[0] : Number.NaN;
        return x[0] > 0 ? x[0] - Math.log(x[0]) : beyond;
      };
      const s = minimise(f, [20], { ...options, tol: 1e-6 });
      expect(s.status).toBe('converged');
      expect(s.point[0]).toBeCloseTo(1, 5);
    }
  });

  test('ends where it is at an optimum, on a flat function, or where nothing is finite', () => {
    const flat = minimise((_, g) => g.fill(0) && 5, [1, 2], options);
    expect([flat.status, flat.iterations, flat.calls]).toEqual(['converged', 0, 1]);
    const f = quadratic([[2]], [7]);
    expect(minimise(f, [7], options)).toMatchObject({ status: 'converged', iterations: 0, calls: 1 });
    expect(minimise(() => Number.NaN, [1], options).status).toBe('diverged');
    expect(minimise(() => Number.POSITIVE_INFINITY, [1], options).status).toBe('diverged');
    expect(minimise((_, g) => g.fill(Number.NaN) && 1, [1], options).status).toBe('diverged');
    expect(minimise(() => Number.NEGATIVE_INFINITY, [1], options).status).toBe('unbounded');
    expect(minimise(() => 1, [], options).status).toBe('converged');
  });

  test('without a tolerance ends by itself, stalled by rounding or at a gradient of 0', () => {
    const f = quadratic(symmetric([1, 3, 9], 5), [0.1, -0.7, 0.3]);
    const s = minimise((x, g) => 1 + f(x, g), [4, 5, 6], { ...options, maxIter: 1e5 });
    expect(['stalled', 'converged']).toContain(s.status);
    expect(s.certificate!.value).toBeLessThan(1e-6);
  });

  test('a gradient of the wrong sign stalls', () => {
    const s = minimise((x, g) => g.fill(-2 * x[0]) && x[0] ** 2, [1], options);
    expect(s.status).toBe('stalled');
    expect(Math.abs(s.point[0] - 1)).toBeLessThan(1e-4);
  });
});

test('L-BFGS takes about as many steps as SciPy’s (79 and 541 to 1e-9)', () => {
  for (const [n, most] of [
    [10, 100],
    [100, 700],
  ]) {
    const s = minimise(rosenbrock, rosenbrockStart(n), { tol: 1e-9 / 400 });
    expect(s.status).toBe('converged');
    expect(s.iterations).toBeLessThan(most);
    for (const v of s.point) expect(v).toBeCloseTo(1, 8);
  }
});

test('L-BFGS ends on ill-scaled problems, where gradients are no guide to distances', () => {
  const c = Array.from({ length: 8 }, (_, k) => 10 ** (k - 3));
  const f: GradientOracle = (x, g) => {
    let value = 0;
    for (let k = 0; k < 8; k++) {
      g[k] = c[k] * (x[k] - 1);
      value += 0.5 * g[k] * (x[k] - 1);
    }
    return value;
  };
  for (const v of minimise(f, new Float64Array(8)).point) expect(v).toBeCloseTo(1, 6);
});

test('counts every call of f, and leaves the start alone', () => {
  const start = Float64Array.from(rosenbrockStart(4));
  let counted = 0;
  const s = minimise(rosenbrock, start, {
    tol: 1e-8,
    onIterate: (it) => {
      counted = it.work.oracleCalls!;
    },
  });
  expect(s.calls).toBe(counted);
  expect([...start]).toEqual(rosenbrockStart(4));
});

test('what falls without end is unbounded', () => {
  const line: GradientOracle = (_, g) => -g.fill(-1).length * _[0];
  expect(minimise(line, [0]).status).toBe('unbounded');
  expect(minimise((x, g) => g.fill(-2 * x[0]) && -(x[0] ** 2), [1]).status).toBe('unbounded');
  // A gradient at odds with its function is not.
  expect(minimise((_, g) => g.fill(1) && 5, [1]).status).toBe('stalled');
});

describe('constant steps', () => {
  test('gradient descent shrinks an error by 1 − αL, and diverges beyond 2/L', () => {
    const f = quadratic([[4]], [0]);
    const steps = [...descentIterates(f, [1], { direction: steepestDescent(), search: constantStep(0.1) })].slice(0, 5);
    expect(steps.length).toBe(5);
    const after = run(descentIterates(f, [1], { direction: steepestDescent(), search: constantStep(0.1) }), {
      maxIter: 10,
    });
    expect(after.point[0]).toBeCloseTo(0.6 ** 10, 14);
    expect(minimise(f, [1], { direction: steepestDescent(), search: constantStep(0.6) }).status).toBe('diverged');
  });

  test('the heavy ball is x ← x − α∇f + β(last step)', () => {
    const f = quadratic(symmetric([1, 10], 3), [1, -1]);
    const [alpha, beta] = [0.08, 0.7];
    const g = new Float64Array(2);
    let [x, before] = [Float64Array.of(4, 2), Float64Array.of(4, 2)];
    for (let k = 0; k < 25; k++) {
      f(x, g);
      [x, before] = [x.map((v, i) => v - alpha * g[i] + beta * (v - before[i])), x];
    }
    const s = run(
      descentIterates(f, [4, 2], { direction: heavyBall({ momentum: beta }), search: constantStep(alpha) }),
      { maxIter: 25 },
    );
    for (let i = 0; i < 2; i++) expect(s.point[i]).toBeCloseTo(x[i], 12);
  });

  test('Adam goes down the valley of Rosenbrock', () => {
    const s = minimise(rosenbrock, [-1.2, 1], { direction: adam(), search: constantStep(0.01), tol: 1e-5 });
    expect(s.status).toBe('converged');
    expect(s.point[0]).toBeCloseTo(1, 2);
  });
});

describe('with an L1 penalty', () => {
  const n = 20;
  const A = symmetric(
    Array.from({ length: n }, (_, k) => 0.5 + k),
    4,
  );
  const random = new Random(4);
  const c = Array.from({ length: n }, () => random.normal());
  const f = quadratic(A, c);

  test.each([0, 2, 1e6])('the lasso conditions hold at λ = %d', (lambda) => {
    const s = minimise(f, new Float64Array(n).fill(1), { search: halving(), l1: lambda, tol: 1e-9 });
    const g = new Float64Array(n);
    f(s.point, g);
    for (let k = 0; k < n; k++) {
      if (s.point[k] !== 0) expect(g[k] + lambda * Math.sign(s.point[k])).toBeCloseTo(0, 5);
      else expect(Math.abs(g[k])).toBeLessThanOrEqual(lambda + 1e-6);
    }
    if (lambda === 2) expect(s.point.some((v) => v === 0) && s.point.some((v) => v !== 0)).toBe(true);
    if (lambda === 1e6) expect(s.point.every((v) => v === 0)).toBe(true);
  });

  test('entries may have weights of their own, 0 among them', () => {
    const l1 = Float64Array.from({ length: n }, (_, k) => (k < 10 ? 0 : 100));
    const s = minimise(f, new Float64Array(n), { l1, tol: 1e-9 });
    expect(s.point.subarray(10).every((v) => v === 0)).toBe(true);
    const g = new Float64Array(n);
    f(s.point, g);
    for (let k = 0; k < 10; k++) expect(g[k]).toBeCloseTo(0, 5);
  });

  test('separable quadratics: soft thresholds, also by constant steps', () => {
    // Thousandths: what is 1e-150 beside 1 is rounding to L-BFGS.
    const number = (min: number, max: number) =>
      fc.integer({ min: 1000 * min, max: 1000 * max }).map((thousandths) => thousandths / 1000);
    const entry = fc.record({ d: number(0.5, 4), c: number(-3, 3), lambda: number(0, 3), x: number(-3, 3) });
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 8 }), (entries) => {
        const separable: GradientOracle = (x, g) => {
          let value = 0;
          entries.forEach(({ d, c: centre }, k) => {
            g[k] = d * (x[k] - centre);
            value += 0.5 * d * (x[k] - centre) ** 2;
          });
          return value;
        };
        const l1 = Float64Array.from(entries, (e) => e.lambda);
        const start = entries.map((e) => e.x);
        for (const options of [{}, { direction: steepestDescent(), search: constantStep(0.2) }]) {
          const s = minimise(separable, start, { ...options, l1, maxIter: 1000 });
          entries.forEach(({ d, c: centre, lambda }, k) => {
            const soft = Math.sign(centre) * Math.max(Math.abs(centre) - lambda / d, 0);
            expect(Math.abs(s.point[k] - soft)).toBeLessThan(1e-5);
          });
        }
      }),
      { numRuns: 100 },
    );
  });

  test('settling ends at the limits of L-BFGS-B and says so', () => {
    const iterates = [...settling(descentIterates(f, new Float64Array(n), { l1: 2 }))];
    expect(iterates.filter((it) => it.done).length).toBe(1);
    expect(iterates.at(-1)!.done).toBe('converged');
    const objectives = iterates.map((it) => it.objective);
    const [last, before] = [objectives.at(-1)!, objectives.at(-2)!];
    expect(before - last <= 2.2e-9 * Math.abs(before) || iterates.at(-1)!.certificate!.value <= 1e-5).toBe(true);
    const infinite = [...settling(descentIterates(() => Number.POSITIVE_INFINITY, [1]))];
    expect(infinite.map((it) => it.done)).toEqual(['diverged']);
  });
});

test('wrong options are sentences', () => {
  const f = quadratic([[1]], [0]);
  const begin = (start: ArrayLike<number>, options: Parameters<typeof descentIterates>[2]) => () => [
    ...descentIterates(f, start, options),
  ];
  expect(begin([1], { l1: 1, search: strongWolfe() })).toThrow(/use halving\(\)/);
  expect(begin([1], { l1: -1 })).toThrow(/at least 0/);
  expect(begin([1], { l1: Float64Array.of(1, 2) })).toThrow(/one number or 1/);
  expect(begin([Number.NaN], {})).toThrow(/NaN at position 1/);
  expect(() => constantStep(0)).toThrow(/must be above 0/);
  expect(() => lbfgs({ memory: 0 })).toThrow(/whole number/);
  expect(() => strongWolfe({ curvature: 1 })).toThrow(/curvature must be above 0 and below 1, but is 1/);
  expect(() => strongWolfe({ sufficient: 0.2, curvature: 0.1 })).toThrow(/curvature must be above sufficient, 0.2/);
  expect(() => heavyBall({ momentum: 1 })).toThrow(/momentum must be at least 0 and below 1, but is 1/);
  expect(() => new HeavyBall(1, -1)).toThrow(/momentum must be at least 0 and below 1, but is -1/);
  for (const search of [armijo, halving])
    expect(() => search({ sufficient: 1 })).toThrow(/sufficient must be above 0 and below 1, but is 1/);
  expect(() => [...settling([], { decrease: -1 })]).toThrow(/decrease must be at least 0, but is -1/);
});

test('halves from the first length on, so many times', () => {
  expect(halvingSearch((a) => a < 0.3, 10)).toBe(0.25);
  expect(halvingSearch((a) => a < 0.3, 10, 8)).toBe(0.25);
  const tried: number[] = [];
  expect(halvingSearch((a) => tried.push(a) < 0, 3)).toBe(0);
  expect(tried).toEqual([1, 0.5, 0.25]);
});
