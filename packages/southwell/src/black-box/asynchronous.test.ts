import { Random, SouthwellError } from '@southwell/numerics/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { testFunction } from './classic.ts';
import type { AsynchronousMethod } from './method.ts';
import { asynchronousCmaEs, cmaEsParameters } from './methods/cmaEs.ts';
import { asynchronousMethodNames, type MethodSpec, methodNames } from './methods.ts';
import { minimize, minimizeAsync } from './minimize.ts';
import { Search } from './search.ts';
import { simulateWorkers } from './simulatedWorkers.ts';
import { durations, paysOnUnequalDurations, resumesAnywhere, specOf, specs, sphere } from './testing.ts';

resumesAnywhere({ runs: 25 });

describe.each(specs)('%j', (method) => {
  const box = { dim: 2, lower: -2, upper: 3, method, asynchronous: true, budget: 4000 } as const;

  test('has a point for every worker at every moment', () => {
    for (const jobs of [1, 3, 8, 300]) {
      const search = new Search({ ...box, budget: 1500 });
      let [moments, idle] = [0, 0];
      simulateWorkers(sphere, search, {
        jobs,
        duration: durations('heavy', 1),
        onEvent: (_, underWay) => {
          if (search.status) return;
          if (underWay !== Math.min(jobs, search.budget - search.evaluations)) idle++;
          moments++;
        },
      });
      expect(idle).toBe(0);
      expect(moments).toBeGreaterThan(100);
    }
  });

  test('finds the least of a sphere, by many and by one at a time', () => {
    const precision = { 'random-search': 0.05, cbo: 1e-2 } as Record<string, number>;
    for (const jobs of [1, 7]) {
      const search = new Search({ ...box, seed: 3 });
      simulateWorkers(sphere, search, { jobs, duration: durations('exponential', 2) });
      expect(search.best!.value).toBeLessThan(precision[method.name] ?? 1e-8);
      expect(sphere(search.best!.x)).toBe(search.best!.value);
      expect(search.evaluations).toBeLessThanOrEqual(4000);
    }
  });

  test('never leaves the bounds, keeps whole coordinates whole, and passes over NaN', () => {
    const search = new Search({ ...box, upper: [0.7, 4], integer: [1], budget: 900 });
    const outside: Float64Array[] = [];
    simulateWorkers(
      (x) => {
        if (!(x[0] >= -2 && x[0] <= 0.7 && Number.isInteger(x[1]))) outside.push(x);
        return x[0] < -1.5 ? Number.NaN : (x[0] - 100) ** 2 + x[1] ** 2;
      },
      search,
      { jobs: 5, duration: durations('heavy', 3) },
    );
    expect(outside).toEqual([]);
    expect(Math.abs(search.best!.x[1])).toBeLessThanOrEqual(method.name === 'random-search' ? 1 : 0);
    expect(search.best!.x[0]).toBeGreaterThan(0.65);
  });

  test('one job asks the same points for the same seed', () => {
    const points = (seed: number) => {
      const seen: number[] = [];
      minimize((x) => seen.push(...x) && sphere(x), { ...box, budget: 300, seed });
      return seen;
    };
    expect(points(5)).toEqual(points(5));
    expect(points(5)).not.toEqual(points(6));
  });
});

describe('with a target', () => {
  test.each<[string, MethodSpec, number]>([
    ['sphere', { name: 'cma-es' }, 1.3],
    ['sphere', { name: 'differential-evolution', population: 30 }, 1.1],
  ])('%s by %j: the same precision on equal durations, at a price; less time on others', paysOnUnequalDurations);

  test('CMA-ES with many more workers than its population still ends at the least', () => {
    const { f } = testFunction('ellipsoid', 5);
    for (const seed of [1, 2, 3]) {
      const search = new Search({ x0: [2, 2, 2, 2, 2], target: 1e-8, budget: 30_000, seed, asynchronous: true });
      simulateWorkers(f, search, { jobs: 60, duration: durations('exponential', seed) });
      expect(search.best!.value).toBeLessThan(1e-8);
    }
  });

  test('differential evolution ends by its own tolerance', () => {
    for (const name of ['sphere', 'ellipsoid', 'rosenbrock']) {
      const { f, lower, upper } = testFunction(name, 5);
      const options = { dim: 5, lower, upper, method: 'differential-evolution', budget: 1e5, seed: 2 } as const;
      const search = new Search({ ...options, asynchronous: true });
      // Above zero, since the tolerance is relative.
      simulateWorkers((x) => f(x) + 1, search, { jobs: 8, duration: () => 1 });
      expect(search.message).toMatch(/population differ/);
      expect(search.best!.value - 1).toBeLessThan(1e-8);
    }
  });
});

describe('CMA-ES', () => {
  test('one point at a time is the method in batches, restarts included', () => {
    const points = (asynchronous: boolean) => {
      const seen: number[] = [];
      const { f } = testFunction('bbob:15', 3);
      const r = minimize((x) => seen.push(...x) && f(x), { dim: 3, budget: 6000, restarts: 9, asynchronous, seed: 1 });
      return { seen, iterations: r.iterations, objective: r.objective };
    };
    expect(points(true)).toEqual(points(false));
  });

  /** The mean and the standard deviation of what is drawn from now on. */
  const cloud = (method: AsynchronousMethod) => {
    const draw = 20_000;
    const points = Array.from({ length: draw }, () => method.propose());
    const mean = points[0].map((_, i) => points.reduce((s, x) => s + x[i], 0) / draw);
    const squares = points.reduce((s, x) => s + x.reduce((t, v, i) => t + (v - mean[i]) ** 2, 0), 0);
    const spread = Math.sqrt(squares / draw / mean.length);
    return { mean, spread, error: (6 * spread) / Math.sqrt(draw) };
  };

  test('the mean goes to where the points lie, also those of an older distribution', () => {
    const n = 3;
    const { space } = new Search({ dim: n });
    const method = asynchronousCmaEs({
      space,
      random: new Random(7),
      restarts: 0,
      budget: 1e9,
      recommend: () => {},
      explain: () => {},
    });
    const lambda = 7;
    const f = (x: Float64Array) => x.reduce((s, v) => s - v, 0);
    const asked = Array.from({ length: lambda }, () => method.propose());
    // All but the last point of the second generation are drawn before the first update.
    for (let k = 0; k < 2 * lambda; k++) {
      method.update(asked[k], f(asked[k]));
      if (k < lambda) asked.push(method.propose());
    }
    expect(method.generation).toBe(2);
    const second = asked.slice(lambda).sort((a, b) => f(a) - f(b));
    const { weights, mu } = cmaEsParameters(n, lambda);
    const { mean, error } = cloud(method);
    mean.forEach((v, i) => {
      const expected = second.slice(0, mu).reduce((s, x, k) => s + weights[k] * x[i], 0);
      expect(Math.abs(v - expected)).toBeLessThan(error);
    });
  });

  test('the best point of all that comes very late does not blow up the steps', () => {
    const f = (x: Float64Array) => x[0] ** 2 + x[1] ** 2 + 1;
    for (const seed of [1, 2, 3]) {
      const { space } = new Search({ x0: [2, 2] });
      const context = {
        space,
        random: new Random(seed),
        restarts: 0,
        budget: 1e9,
        recommend: () => {},
        explain: () => {},
      };
      const method = asynchronousCmaEs(context);
      const late = method.propose();
      const asked = Array.from({ length: 4 }, () => method.propose());
      const go = (steps: number) => {
        for (let k = 0; k < steps; k++) {
          const x = asked.shift()!;
          method.update(x, f(x));
          asked.push(method.propose());
        }
      };
      go(400);
      expect(method.stop).toBeUndefined();
      const far = () => Math.sqrt(Math.max(...asked.map(f)) - 1);
      const before = far();
      expect(before).toBeLessThan(1e-3);
      method.update(late, 0);
      let farthest = 0;
      for (let k = 0; k < 60; k++) {
        go(1);
        farthest = Math.max(farthest, far());
      }
      expect(farthest).toBeLessThan(1000 * before);
    }
  });
});

describe('minimizeAsync', () => {
  afterEach(() => vi.useRealTimers());

  test.each(asynchronousMethodNames)('%s keeps as many under way as there are jobs', async (name) => {
    vi.useFakeTimers();
    const duration = durations('heavy', 4);
    let [running, calls] = [0, 0];
    const f = async (x: Float64Array) => {
      running++;
      calls++;
      await new Promise((resolve) => setTimeout(resolve, 1000 * duration()));
      running--;
      return sphere(x);
    };
    const [jobs, budget] = [5, 400];
    const options = { dim: 2, lower: -2, upper: 3, method: specOf(name), asynchronous: true, jobs, budget };
    let ended = false;
    const result = minimizeAsync(f, options).finally(() => {
      ended = true;
    });
    let moments = 0;
    await vi.advanceTimersByTimeAsync(0);
    while (!ended) {
      if (calls < budget) {
        expect(running).toBe(jobs);
        moments++;
      }
      await vi.advanceTimersToNextTimerAsync();
      // The loop lets others have their turn now and then.
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(moments).toBeGreaterThan(300);
    // A swarm plans whole steps.
    const { evaluations } = await result;
    if (name === 'cbo') expect(evaluations).toBeGreaterThan(budget - 41);
    else expect(evaluations).toBe(budget);
  });

  const box = { dim: 2, lower: -2, upper: 3, asynchronous: true, seed: 1 } as const;
  const later = async (value: number, rounds: number) => {
    for (let k = 0; k < rounds; k++) await Promise.resolve();
    return value;
  };

  test('an objective that fails ends it, or is passed over', async () => {
    const f = async (x: Float64Array) => {
      if (x[0] > 0.6) throw new Error('down');
      return sphere(x);
    };
    expect(await minimizeAsync(f, { ...box, jobs: 3 })).toMatchObject({
      status: 'failed',
      error: { code: 'OBJECTIVE' },
    });
    const r = await minimizeAsync(f, { ...box, jobs: 3, onError: 'skip', seed: 2 });
    expect(r.objective).toBeLessThan(1e-8);
  });

  test('budget and repeats are kept, a target and a time limit end it', async () => {
    let calls = 0;
    const f = (x: Float64Array) => later(++calls && sphere(x), calls % 7);
    const spent = await minimizeAsync(f, { ...box, jobs: 4, budget: 333, repeats: 3 });
    expect([calls, spent.evaluations, spent.status]).toEqual([333, 333, 'iteration-limit']);
    const reached = await minimizeAsync(f, { ...box, jobs: 4, target: 1e-3 });
    expect(reached.status).toBe('converged');
    expect(reached.objective).toBeLessThanOrEqual(1e-3);
    const stuck = await minimizeAsync(() => new Promise<number>(() => {}), { ...box, jobs: 4, timeLimit: 0.05 });
    expect([stuck.status, stuck.evaluations]).toEqual(['time-limit', 0]);
  });

  test('aborted, it goes on from its checkpoint with what was under way', async () => {
    const controller = new AbortController();
    const under = new Set<string>();
    let calls = 0;
    const f = async (x: Float64Array) => {
      under.add(x.join());
      if (++calls === 60) controller.abort();
      await later(0, calls % 9);
      under.delete(x.join());
      return sphere(x);
    };
    const options = { ...box, jobs: 4, budget: 200 };
    const first = await minimizeAsync(f, { ...options, signal: controller.signal });
    expect(first.status).toBe('aborted');
    const asked: string[] = [];
    const second = await minimizeAsync((x) => asked.push(x.join()) && sphere(x), {
      ...options,
      resume: structuredClone(first.checkpoint),
    });
    expect(second.evaluations).toBe(200);
    expect(asked.length).toBe(200 - first.evaluations);
    // The last one asked never reached a worker's end; all others of the four that did not count are asked first.
    expect(asked.slice(0, 4)).toEqual(expect.arrayContaining([...under].slice(0, 3)));
  });
});

describe('refuses', () => {
  test.each(methodNames.filter((name) => !asynchronousMethodNames.includes(name)))('%s', (method) => {
    const make = () => new Search({ dim: 2, method, asynchronous: true });
    expect(make).toThrow(SouthwellError);
    expect(make).toThrow(`${method} chooses its next points`);
    expect(make).toThrow('cma-es, differential-evolution, cbo, random-search can.');
    try {
      make();
    } catch (error) {
      expect(error).toMatchObject({ code: 'NOT_SUPPORTED' });
    }
  });

  test('noisy, mini-batches, methods of batches, and checkpoints of the other kind', () => {
    const of = (method: MethodSpec) => () => new Search({ dim: 2, method, asynchronous: true });
    expect(of({ name: 'cma-es', noisy: true })).toThrow(/noisy .* cannot be asynchronous; use repeats instead/);
    expect(of({ name: 'cbo', miniBatch: 5 })).toThrow('miniBatch cannot be asynchronous');
    expect(of({ name: 'cma-ed' as 'cma-es' })).toThrow("did you mean 'cma-es'");
    const own = function* (): Generator<Float64Array[], never, Float64Array> {
      for (;;) yield [new Float64Array(2)];
    };
    expect(() => new Search({ dim: 2, asynchronous: true }, own)).toThrow('proposes batches');
    const [batches, steady] = [false, true].map((asynchronous) => new Search({ dim: 2, asynchronous }));
    const saved = [batches, steady].map((search) => {
      search.tell(search.ask()!.id, 1);
      return search.checkpoint();
    });
    expect(() => new Search({ dim: 2, asynchronous: true }).resume(saved[0])).toThrow('other settings');
    expect(() => new Search({ dim: 2 }).resume(saved[1])).toThrow('other settings');
    const fresh = () => new Search({ dim: 2, asynchronous: true });
    expect(() => fresh().resume({ ...saved[1], events: undefined })).toThrow('lacks the order of its values');
    expect(() => fresh().resume({ ...saved[1], events: Float64Array.of(0) })).toThrow(SouthwellError);
    const wrong = Float64Array.of(3, 1);
    expect(() => fresh().resume({ ...saved[1], events: wrong })).toThrow('was not asked for');
  });

  test('values that it does not await', () => {
    const search = new Search({ dim: 2, asynchronous: true });
    const { id } = search.ask()!;
    search.tell(id, 1);
    expect(() => search.tell(id, 1)).toThrow('is not waiting for a value');
    expect(() => search.tell(9, 1)).toThrow('is not waiting for a value');
  });
});

test('a method of your own may be asynchronous', () => {
  const search = new Search({ dim: 1, budget: 20 }, ({ random }) => ({
    propose: () => Float64Array.of(random.uniform()),
    update: () => {},
    generation: 0,
    stop: undefined,
  }));
  expect(search.asynchronous).toBe(true);
  simulateWorkers(([x]) => x, search, { jobs: 4, duration: () => 1 });
  expect(search.evaluations).toBe(20);
});
