import { decodeCheckpoint, encodeCheckpoint, Random, SouthwellError } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bbob } from './bbob/functions.ts';
import { cmaEsParameters } from './methods/cmaEs.ts';
import { type MethodName, type MethodSpec, methodNames } from './methods.ts';
import { type MinimizeOptions, minimize, minimizeAsync } from './minimize.ts';
import { Search, type SearchState } from './search.ts';

/** Through the text of a file. */
const kept = (state: SearchState) => decodeCheckpoint<SearchState>(encodeCheckpoint({ ...file, state })).state;
const file = { method: 'search', problem: '', iteration: 0 };

const sphere = (x: Float64Array) => x.reduce((s, v, i) => s + (v - 0.3 * (i + 1)) ** 2, 0);
const rosenbrock = (x: Float64Array) => {
  let sum = 0;
  for (let i = 0; i + 1 < x.length; i++) sum += 100 * (x[i + 1] - x[i] * x[i]) ** 2 + (1 - x[i]) ** 2;
  return sum;
};
/** What each method reaches on an easy problem with 4000 evaluations. */
const precision: Record<MethodName, number> = {
  'cma-es': 1e-12,
  'differential-evolution': 1e-8,
  auto: 1e-12,
  bobyqa: 1e-12,
  praxis: 1e-12,
  'nelder-mead': 1e-12,
  'pattern-search': 1e-12,
  'direct-search': 1e-12,
  'simulated-annealing': 1e-5,
  cbo: 1e-2,
  'consensus-hopping': 1e-2,
  'random-search': 0.05,
};

/** With the swarm's settings for few evaluations. */
const specOf = (name: MethodName): MethodSpec =>
  name === 'cbo'
    ? { name, particles: 40, dt: 0.1, noise: 1 }
    : name === 'consensus-hopping'
      ? { name, spread: 0.2 }
      : { name };

describe.each(methodNames)('%s', (name) => {
  const method = specOf(name);
  const box = { dim: 2, lower: -2, upper: 3, method, budget: 4000 };

  test('finds the least of a sphere', () => {
    for (const seed of [1, 2, 3]) {
      const r = minimize(sphere, { ...box, seed });
      expect(r.objective).toBeLessThan(precision[name]);
      expect(sphere(r.point)).toBe(r.objective);
      expect(r.evaluations).toBeLessThanOrEqual(4000);
      expect(r.message).toMatch(/\.$/);
    }
  });

  test('the same seed asks the same points, another others', () => {
    const points = (seed: number) => {
      const seen: number[] = [];
      minimize((x) => seen.push(...x) && sphere(x), { ...box, budget: 300, seed, x0: [1, 1] });
      return seen;
    };
    expect(points(5)).toEqual(points(5));
    if (!['auto', 'bobyqa', 'praxis', 'nelder-mead', 'pattern-search'].includes(name))
      expect(points(5)).not.toEqual(points(6));
  });

  test('never leaves the bounds, and whole coordinates are whole', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 4 }), (seed, dim) => {
        const lower = Array.from({ length: dim }, (_, i) => -1.5 - i);
        const upper = Array.from({ length: dim }, (_, i) => 0.7 + 3 * i);
        const outside: number[] = [];
        // Downhill to beyond a bound.
        const r = minimize(
          (x) => {
            x.forEach((v, i) => {
              if (!(v >= lower[i] && v <= upper[i])) outside.push(v);
            });
            if (!Number.isInteger(x[dim - 1])) outside.push(x[dim - 1]);
            return x.reduce((s, v) => s + (v - 100) ** 2, 0);
          },
          { lower, upper, integer: [dim - 1], method, seed, budget: 250 },
        );
        expect(outside).toEqual([]);
        expect(r.evaluations).toBeGreaterThan(0);
      }),
      { numRuns: 12, seed: 1 },
    );
  });

  test('a resumed search ends bit for bit as one that never stopped', () => {
    const options: MinimizeOptions = { ...box, budget: 700, seed: 9, restarts: 2 };
    const whole = minimize(sphere, options);
    for (const cut of [1, 37, 350, 699]) {
      let left = cut;
      const first = new Search(options);
      for (let c = first.ask(); c && left-- > 0; c = first.ask()) first.tell(c.id, sphere(c.x));
      const saved = kept(first.checkpoint());
      let fresh = 0;
      const resumed = minimize((x) => ++fresh && sphere(x), { ...options, resume: saved });
      expect(resumed.point).toEqual(whole.point);
      expect(resumed.objective).toBe(whole.objective);
      expect(resumed.checkpoint).toEqual(whole.checkpoint);
      expect(fresh).toBe(whole.evaluations - Math.min(cut, whole.evaluations));
    }
  });

  test('any number of jobs, answering in any order, gives the same', async () => {
    const options = { ...box, budget: 400, seed: 4 };
    const one = minimize(sphere, options);
    const random = new Random(1);
    const many = await minimizeAsync(
      async (x) => {
        for (let k = random.integer(6); k > 0; k--) await Promise.resolve();
        return sphere(x);
      },
      { ...options, jobs: 7 },
    );
    expect(many.point).toEqual(one.point);
    expect(many.checkpoint).toEqual(one.checkpoint);
    expect(many.evaluations).toBe(one.evaluations);
  });

  test('takes NaN as the worst value, and goes on', () => {
    const r = minimize((x) => (x[0] < 0 ? Number.NaN : sphere(x)), { ...box, seed: 2 });
    expect(r.objective).toBeLessThan(10 * precision[name]);
    expect(r.point[0]).toBeGreaterThanOrEqual(0);
  });

  test('a throw ends it as failed with the best point and the cause, or is passed over', () => {
    const broken = (x: Float64Array) => {
      if (x[0] + x[1] > 1.5) throw new TypeError('no licence');
      return sphere(x);
    };
    const options = { ...box, seed: 3, x0: [1, 1] };
    // Before there is a value there is nothing to give but the error; the seeds of some methods begin there.
    let failed: ReturnType<typeof minimize> | undefined;
    let caught: unknown;
    try {
      failed = minimize(broken, options);
      caught = failed.error;
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(SouthwellError);
    expect(caught).toMatchObject({ code: 'OBJECTIVE', cause: { message: 'no licence' } });
    expect((caught as Error).message).toMatch(/evaluation \d+: no licence/);
    if (failed) {
      expect(failed).toMatchObject({ status: 'failed', message: failed.error!.message });
      expect(failed.next).toMatch(/skip such points/);
      expect(sphere(failed.point)).toBe(failed.objective);
    }
    const r = minimize(broken, { ...options, x0: [0, 0], onError: 'skip' });
    expect(r.objective).toBeLessThan(10 * precision[name]);
  });

  test('works in one coordinate', () => {
    const r = minimize(([x]) => (x - 0.7) ** 2 + 5, { dim: 1, lower: -2, upper: 3, method, budget: 3000, seed: 1 });
    expect(Math.abs(r.point[0] - 0.7)).toBeLessThan(0.05);
  });

  test('the scale of f and x does not matter', () => {
    for (const [scaleX, scaleF] of [
      [1e120, 1e60],
      [1e-120, 1e-60],
      [1e8, 1e300],
      [1, 1e-300],
    ]) {
      const f = (x: Float64Array) => scaleF * sphere(x.map((v) => v / scaleX));
      // Swarms have an inverse temperature, in units of f.
      const spec = name === 'cbo' || name === 'consensus-hopping' ? { ...method, alpha: 100 / scaleF } : method;
      const own = name === 'nelder-mead' || name === 'cma-es' ? { ...method, tolF: 1e-12 * scaleF } : spec;
      const r = minimize(f, { ...box, method: own as MethodSpec, lower: -2 * scaleX, upper: 3 * scaleX, seed: 1 });
      expect(r.objective / scaleF).toBeLessThan(precision[name] === 1e-12 ? 1e-10 : precision[name]);
    }
  });
});

test.each([
  [50, 3.965213816004549, [-0.7123467767173586, 0.5122912976170029, 0.2814652773926623, 0.12825206113849144]],
  [150, 3.7027127192065907, [-0.749452419000731, 0.5722118709762459, 0.33319435565278605, 0.11015065333631588]],
  [400, 3.7014286104301486, [-0.7756590725952324, 0.6130931377014827, 0.38206257710959346, 0.14597178473397765]],
])('the simplex goes the way of SciPy with adaptive=True: after %i evaluations', (budget, value, point) => {
  const method = { name: 'nelder-mead', tolF: 0, tolX: 0 } as const;
  const r = minimize(rosenbrock, { x0: [-1.2, 1, 0.5, -0.3], sigma: 0.5, method, budget });
  expect(r.objective).toBeCloseTo(value, 12);
  r.point.forEach((v, i) => void expect(v).toBeCloseTo(point[i], 11));
});

describe('CMA-ES', () => {
  test('has the strategy parameters of the tutorial', () => {
    // Hansen's tutorial and his Python code give these for n = 10 and λ = 10.
    const p = cmaEsParameters(10, 10);
    expect(p.mu).toBe(5);
    expect(p.muEff).toBeCloseTo(3.1673, 4);
    expect(p.cC).toBeCloseTo(0.295, 3);
    expect(p.weights.slice(0, 5).reduce((s, w) => s + w, 0)).toBeCloseTo(1, 14);
    // The matrix keeps its trace when all directions are alike, and stays positive.
    const negative = p.weights.slice(5).reduce((s, w) => s + w, 0);
    expect(negative).toBeLessThan(0);
    expect(p.c1 + p.cMu * (1 + negative)).toBeLessThan(1);
    expect(-negative * p.cMu * 10).toBeLessThanOrEqual(1 - p.c1 - p.cMu + 1e-12);
    for (const n of [1, 2, 100])
      for (const lambda of [4, 5, 50, 1000]) {
        const { c1, cMu, cSigma, cC } = cmaEsParameters(n, lambda, true);
        expect(c1 + cMu).toBeLessThanOrEqual(1);
        for (const c of [c1, cMu, cSigma, cC]) expect(c).toBeGreaterThan(0);
      }
  });

  const asked = (f: (x: Float64Array) => number, options: MinimizeOptions) => {
    const seen: number[] = [];
    minimize((x) => seen.push(...x) && f(x), options);
    return seen;
  };

  test('sees the order of values alone', () => {
    const options = { dim: 4, x0: [3, 1, 2, -1], budget: 800, seed: 3 };
    const plain = asked(rosenbrock, options);
    expect(asked((x) => Math.cbrt(rosenbrock(x)) * 1e5 - 7e6, options)).toEqual(plain);
    expect(asked((x) => rosenbrock(x) * 2 ** 40, options)).toEqual(plain);
    expect(asked((x) => -rosenbrock(x), options)).not.toEqual(plain);
  });

  test('is as fast as is known on a sphere, a narrow ellipsoid and the banana', () => {
    // Hansen, "The CMA evolution strategy: a comparing review" (2006) and the BBOB archive: some 100 n, 400 n, 600 n.
    for (const [number, most] of [
      [1, 1500],
      [10, 5000],
      [8, 9000],
    ]) {
      const { f, fopt } = bbob(number, 10, 1);
      const r = minimize(f, { dim: 10, sigma: 2, target: fopt + 1e-8, seed: 1, budget: 2e4 });
      expect(r.status).toBe('converged');
      expect(r.evaluations).toBeLessThan(2 * most);
    }
  });

  test('finds a corner of the box, and the best whole numbers', () => {
    const corner = minimize((x) => x[0] + 2 * x[1], { dim: 2, lower: [1, -3], upper: 4, seed: 1 });
    expect(corner.objective).toBeCloseTo(-5, 8);
    const whole = minimize((x) => x.reduce((s, v, i) => s + (i + 1) * (v - 3.4 * i) ** 2, 0), {
      dim: 5,
      lower: -20,
      upper: 20,
      integer: true,
      budget: 5000,
      seed: 1,
    });
    expect([...whole.point]).toEqual([0, 3, 7, 10, 14]);
  });

  test('says that a linear function without bounds has no least value', () => {
    expect(minimize((x) => x[0], { dim: 2, seed: 1 }).status).toBe('diverged');
    expect(minimize(() => Number.NEGATIVE_INFINITY, { dim: 2 }).status).toBe('unbounded');
  });
});

describe('the search', () => {
  test('spends the budget exactly, and stops at the target', () => {
    for (const budget of [1, 7, 100]) {
      let calls = 0;
      const r = minimize((x) => ++calls && sphere(x), { dim: 3, budget });
      expect([calls, r.evaluations, r.status]).toEqual([budget, budget, 'iteration-limit']);
    }
    const r = minimize(sphere, { dim: 3, target: 1e-3 });
    expect(r.status).toBe('converged');
    expect(r.objective).toBeLessThanOrEqual(1e-3);
  });

  test('nothing but NaN gives +∞, not a number', () => {
    const r = minimize(() => Number.NaN, { dim: 2, budget: 50 });
    expect(r.objective).toBe(Number.POSITIVE_INFINITY);
    expect(r.evaluations).toBe(50);
  });

  test('refuses what it did not ask, and checkpoints of others', () => {
    const search = new Search({ dim: 2 });
    const { id } = search.ask()!;
    search.tell(id, 1);
    expect(() => search.tell(id, 1)).toThrow('is not waiting for a value');
    expect(() => search.tell(99, 1)).toThrow('is not waiting for a value');
    const saved = search.checkpoint();
    expect(() => new Search({ dim: 2, seed: 1 }).resume(saved)).toThrow('other settings');
    expect(() => new Search({ dim: 3 }).resume(saved)).toThrow('other settings');
    expect(() => new Search({ dim: 2 }).resume({} as SearchState)).toThrow('not a checkpoint');
    // The budget may grow where the method does not plan by it.
    expect(new Search({ dim: 2, budget: 99 }).resume(saved).evaluations).toBe(1);
    const planned = new Search({ dim: 2, method: 'simulated-annealing' }).checkpoint();
    expect(() => new Search({ dim: 2, method: 'simulated-annealing', budget: 99 }).resume(planned)).toThrow('other');
  });

  test.each([
    [{}, 'number of coordinates is unknown'],
    [{ dim: 0 }, 'whole number of at least 1'],
    [{ dim: 2, x0: [1] }, '2 coordinates has 1'],
    [{ dim: 2, lower: 1, upper: 0 }, 'no value between'],
    [{ dim: 1, lower: 0.2, upper: 0.8, integer: true }, 'no value between'],
    [{ dim: 2, sigma: 0 }, 'sigma must be above 0'],
    [{ x0: [5, 0], lower: -1, upper: 1 }, /x0 is 5 in coordinate x1 .*outside of its bounds, -1 to 1/],
    [{ x0: [1, 20], lower: 1, upper: 10, log: true }, /x0 is 20.* in coordinate x2 .*outside of its bounds, 1 to 10\./],
    [{ dim: 2, x0: [0, Number.NaN] }, 'coordinate x2'],
    [{ dim: 2, integer: [2] }, 'coordinate 2, which does not exist'],
    [{ dim: 2, budget: 0 }, 'budget'],
    [{ dim: 2, restarts: -1 }, 'restarts'],
    [{ dim: 2, method: { name: 'cma-es' as const, population: 1 } }, 'population'],
    [{ dim: 2, method: 'cma-ed' as MethodName }, "did you mean 'cma-es'"],
  ])('wrong options are told: %j', (options, message) => {
    expect(() => minimize(sphere, options)).toThrow(message);
  });

  test('stops on request and at the time limit, keeping the best', async () => {
    const controller = new AbortController();
    let calls = 0;
    const slow = async (x: Float64Array) => {
      if (++calls === 30) controller.abort();
      await new Promise((resolve) => setTimeout(resolve, 1));
      return sphere(x);
    };
    const r = await minimizeAsync(slow, { dim: 2, jobs: 2, signal: controller.signal, seed: 1 });
    expect(r.status).toBe('aborted');
    expect(r.evaluations).toBeGreaterThan(20);
    expect(r.evaluations).toBeLessThan(30);
    expect(r.objective).toBe(sphere(r.point));
    const timed = await minimizeAsync(slow, { dim: 2, timeLimit: 0.05 });
    expect(timed.status).toBe('time-limit');
    // Work that never ends does not hold it.
    const stuck = await minimizeAsync(() => new Promise<number>(() => {}), { dim: 2, timeLimit: 0.05 });
    expect([stuck.status, stuck.evaluations]).toEqual(['time-limit', 0]);
  });

  test('one of many that fails late ends it too', async () => {
    // The others of the batch are all asked and answered before.
    let calls = 0;
    const f = async (x: Float64Array) => {
      if (++calls === 3) {
        await new Promise((resolve) => setTimeout(resolve, 60));
        throw new Error('late');
      }
      // Long enough for the loop to let others have their turn.
      for (const end = performance.now() + 12; performance.now() < end; );
      return sphere(x);
    };
    const r = await minimizeAsync(f, { dim: 2, jobs: 2, seed: 1 });
    expect([r.status, r.error?.message]).toEqual(['failed', expect.stringMatching(/late/)]);
    expect(sphere(r.point)).toBe(r.objective);
  });

  test('what is no number is a failure, not a bad point', async () => {
    const f = (value: unknown) => () => value as number;
    for (const [value, type] of [
      [undefined, 'undefined'],
      ['1', 'string'],
      [null, 'null'],
      [1n, 'bigint'],
    ] as const) {
      expect(() => minimize(f(value), { dim: 2 })).toThrow(`evaluation 1: it gave ${type} instead of a number.`);
      await expect(minimizeAsync(f(value), { dim: 2 })).rejects.toMatchObject({ code: 'OBJECTIVE' });
      await expect(minimizeAsync(async () => f(value)(), { dim: 2 })).rejects.toThrow(`gave ${type} instead`);
    }
    expect(() => minimize(f(Promise.resolve(1)), { dim: 2 })).toThrow('gave object instead of a number');
    const r = await minimizeAsync(f(undefined), { dim: 2, budget: 9, onError: 'skip' });
    expect([r.evaluations, r.objective]).toEqual([9, Number.POSITIVE_INFINITY]);
  });

  test('an asynchronous objective that fails ends it, or is passed over', async () => {
    const f = async (x: Float64Array) => {
      if (x[0] > 0) throw new Error('down');
      return sphere(x);
    };
    const failed = await minimizeAsync(f, { dim: 2, jobs: 3, seed: 1 });
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'OBJECTIVE' } });
    const r = await minimizeAsync(f, { dim: 2, jobs: 3, seed: 1, onError: 'skip', budget: 2000 });
    expect(r.objective).toBeCloseTo(0.09, 6);
  });
});
