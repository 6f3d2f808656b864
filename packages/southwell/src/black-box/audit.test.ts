/**
 * Every method of this room with a budget that is too small, a normal one and aborts, in batches and asynchronously:
 * whatever status it gives must be true by what can be computed from its point alone, and a search that was cut anywhere
 * must go on to the same bits.
 */
import { decodeCheckpoint, encodeCheckpoint, finished, SouthwellError } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import * as room from './index.ts';
import {
  asynchronousMethodNames,
  type MethodName,
  type MethodSpec,
  type MinimizeOptions,
  type MinimizeResult,
  methodNames,
  minimize,
  minimizeAsync,
  type SearchState,
} from './index.ts';

/** With the least value 1, since some tolerances are relative. */
const f = (x: Float64Array) => x.reduce((s, v, i) => s + (v - 0.3 * (i + 1)) ** 2, 1);
const box = { dim: 2, lower: -2, upper: 3, seed: 1 };

interface Row {
  readonly method: MethodSpec;
  readonly budget: number;
  /** The method's own end on this problem, and what must then be true. */
  readonly end: 'converged' | 'completed';
  readonly proves: (r: MinimizeResult) => void;
  /** Evaluations that are too few, and what is then said. Default 3, `iteration-limit`. */
  readonly few?: { readonly budget: number; readonly status: 'completed' | 'iteration-limit' };
  readonly asynchronous?: false;
}

const least = (precision: number) => (r: MinimizeResult) => {
  expect(r.objective - 1).toBeLessThan(precision);
  expect(r.evaluations).toBeLessThan(20_000);
};
const evaluations = (count: number) => (r: MinimizeResult) => expect(r.evaluations).toBe(count);
const converges = { budget: 20_000, end: 'converged' } as const;

const rows: Readonly<Record<string, Row>> = {
  'cma-es': { method: { name: 'cma-es' }, ...converges, proves: least(1e-10) },
  'cma-es with restarts': {
    method: { name: 'cma-es', schedule: 'same' },
    budget: 2000,
    end: 'completed',
    proves: evaluations(2000),
    few: { budget: 3, status: 'completed' },
  },
  'differential-evolution': { method: { name: 'differential-evolution' }, ...converges, proves: least(1e-8) },
  auto: { method: { name: 'auto' }, ...converges, proves: least(1e-10) },
  bobyqa: { method: { name: 'bobyqa' }, ...converges, proves: least(1e-10) },
  praxis: { method: { name: 'praxis' }, ...converges, proves: least(1e-10) },
  'nelder-mead': { method: { name: 'nelder-mead' }, ...converges, proves: least(1e-10) },
  'pattern-search': { method: { name: 'pattern-search' }, ...converges, proves: least(1e-10) },
  'direct-search': { method: { name: 'direct-search' }, ...converges, proves: least(1e-10) },
  'simulated-annealing': {
    method: { name: 'simulated-annealing' },
    budget: 500,
    end: 'completed',
    proves: evaluations(500),
  },
  cbo: {
    method: { name: 'cbo', particles: 20, steps: 30 },
    budget: 2000,
    end: 'completed',
    proves: evaluations(31 * 20 + 1),
  },
  'cbo that contracts': {
    method: { name: 'cbo', particles: 40, dt: 0.2, noise: 0.5, tol: 1e-6 },
    ...converges,
    proves: least(1e-3),
  },
  'consensus-hopping': {
    method: { name: 'consensus-hopping', particles: 20, steps: 30 },
    budget: 2000,
    end: 'completed',
    proves: evaluations(30 * 20 + 1),
  },
  'random-search': {
    method: { name: 'random-search' },
    budget: 500,
    end: 'completed',
    proves: evaluations(500),
    // All that was asked for.
    few: { budget: 3, status: 'completed' },
  },
};
/** BOBYQA is done with a quadratic after 27 evaluations; restarts leave something to cut. */
const restartsOf = (name: string) =>
  name === 'cma-es with restarts' ? Number.POSITIVE_INFINITY : name === 'bobyqa' || name === 'auto' ? 3 : 0;

test('the table has every method, and the room no other way to make iterates', () => {
  const audited = new Set(Object.values(rows).map(({ method }) => method.name));
  expect([...audited].sort()).toEqual([...methodNames].sort());
  const camel = methodNames.map((name) => name.replace(/-(.)/g, (_, c: string) => c.toUpperCase()));
  expect(Object.keys(room)).toEqual(expect.arrayContaining(camel));
  const makers = Object.keys(room).filter((name) => /Iterates$/.test(name));
  // Descents by estimated gradients and searches through networks have audits of their own.
  const searches = makers.filter((name) => !/^(zoDescent|throughNetwork)/.test(name));
  expect(searches.sort()).toEqual(['minimizeAsyncIterates', 'minimizeIterates']);
});

function audit(r: MinimizeResult): void {
  if (r.evaluations > 0) expect(r.objective).toBe(f(r.point));
  else expect(r.objective).toBe(Number.POSITIVE_INFINITY);
  expect([...r.point].every((v) => v >= -2 && v <= 3)).toBe(true);
  expect(r.work.oracleCalls).toBe(r.evaluations);
  expect(r.message).toMatch(r.status === 'failed' ? /down$/ : /\.$/);
  expect(r.next === undefined, `${r.status}: ${r.next}`).toBe(finished(r.status));
}

const both: ReadonlyArray<[string, boolean]> = Object.entries(rows).flatMap(([name, { method }]) => [
  [name, false],
  ...(asynchronousMethodNames.includes(method.name) ? [[name, true] as [string, boolean]] : []),
]);

describe.each(both)('%s, asynchronous: %s', (name, asynchronous) => {
  const { method, budget, end, proves, few = { budget: 3, status: 'iteration-limit' } } = rows[name];
  const options: MinimizeOptions = { ...box, method, budget, asynchronous, restarts: restartsOf(name) };

  test('too small a budget, aborts early and late, time: the status says so, and the point is of use', async () => {
    const small = minimize(f, { ...options, ...('steps' in method ? {} : { budget: few.budget }), maxIter: undefined });
    if (!('steps' in method)) expect(small.status).toBe(few.status);
    const spent = minimize(f, { ...options, budget: 7, target: 0 });
    expect(spent.status).toBe('iteration-limit');
    const one = minimize(f, { ...options, maxIter: 1 });
    expect(one.status).toBe('iteration-limit');
    const aborted = minimize(f, { ...options, signal: AbortSignal.abort() });
    expect(aborted.status).toBe('aborted');
    const timed = minimize(f, { ...options, timeLimit: 0 });
    expect(timed.status).toBe('time-limit');
    const controller = new AbortController();
    let calls = 0;
    const later = async (x: Float64Array) => {
      if (++calls === 50) controller.abort();
      return f(x);
    };
    const late = await minimizeAsync(later, { ...options, jobs: 3, signal: controller.signal });
    expect(late.status).toBe('aborted');
    expect(late.evaluations).toBeGreaterThan(40);
    const never = await minimizeAsync(later, { ...options, signal: AbortSignal.abort() });
    expect([never.status, never.evaluations]).toEqual(['aborted', 0]);
    for (const r of [small, spent, one, aborted, timed, late, never]) audit(r);
  });

  test('a normal budget: the end that it claims is the one there is', () => {
    const r = minimize(f, options);
    expect(r.status).toBe(end);
    audit(r);
    proves(r);
    // Who wants a target is not content with steps.
    const wanting = minimize(f, { ...options, target: 0.5 });
    expect(wanting.status).toBe(end === 'completed' ? 'iteration-limit' : 'converged');
    expect(minimize(f, { ...options, target: 4 }).status).toBe('converged');
  });

  test('without a value that is a number nothing is claimed', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      try {
        const r = minimize(() => value, { ...options, budget: Math.min(budget, 3000) });
        expect(finished(r.status)).toBe(false);
        expect(r.next).toBeDefined();
      } catch (error) {
        // A swarm has no consensus then.
        expect(error).toBeInstanceOf(SouthwellError);
      }
    }
  });

  test('an objective that fails: the best point so far, and going on after it is mended gives the same bits', () => {
    let calls = 0;
    const fragile = (x: Float64Array) => {
      if (++calls === 45) throw new Error('down');
      return f(x);
    };
    const failed = minimize(fragile, options);
    expect(failed).toMatchObject({ status: 'failed', evaluations: 44, error: { code: 'OBJECTIVE' } });
    audit(failed);
    const whole = minimize(f, options);
    const rest = minimize(f, { ...options, resume: failed.checkpoint });
    expect([rest.point, rest.objective, rest.status]).toEqual([whole.point, whole.objective, whole.status]);
  });

  test('cut at any boundary and resumed through a text, it ends with the same bits', () => {
    const states: string[] = [];
    const save = (state: unknown, iteration: number) =>
      states.push(encodeCheckpoint({ method: 'audit', problem: '', iteration, state }));
    const whole = minimize(f, { ...options, checkpoint: { save } });
    expect(states.length).toBeGreaterThan(2);
    for (const part of [0, 0.3, 0.7, 1]) {
      const { state } = decodeCheckpoint<SearchState>(states[Math.round(part * (states.length - 1))]);
      const rest = minimize(f, { ...options, resume: state });
      expect([rest.point, rest.objective, rest.status]).toEqual([whole.point, whole.objective, whole.status]);
      expect([rest.evaluations, rest.iterations, rest.message]).toEqual([
        whole.evaluations,
        whole.iterations,
        whole.message,
      ]);
    }
  });
});

test('restarts: the status is that of the run that found the point', () => {
  // A narrow well in a plain: who does not find it stalls or settles on the plain.
  for (const name of ['cma-es', 'nelder-mead'] satisfies MethodName[]) {
    const r = minimize(f, { ...box, method: name, restarts: 2, budget: 20_000 });
    expect(r.status).toBe('converged');
    expect(r.objective - 1).toBeLessThan(1e-9);
  }
});
