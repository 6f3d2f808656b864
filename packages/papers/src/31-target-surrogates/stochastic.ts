import { Random } from 'southwell';
import {
  adagrad,
  adamW,
  StochasticLineSearch,
  type StochasticProblem,
  sgd,
  stochasticIterates,
  type TrainingOptimiser,
} from 'southwell/optimisers';
import type { Pause } from '../pauses.ts';
import { course, type Ends, gapOf, type Method, optimiserCalls, type Regression } from './lab.ts';
import { locked } from './locked.ts';

/** The draw on which step sizes are compared. */
export const TUNING = 100;

export const rivals = ['SGD', 'SVRG', 'Adam', 'AdaGrad', 'line search'] as const;
export type Rival = (typeof rivals)[number];
/** The least gap of a rival. */
export const ofRivals = (all: Readonly<Record<string, number>>): number => Math.min(...rivals.map((name) => all[name]));

/** Optimisers of the library with a constant rate, by the names of their grids. */
export const optimisers = ['SGD', 'Adam', 'AdaGrad'] as const;
export type Optimiser = (typeof optimisers)[number];
export const optimiserOf: Readonly<Record<Optimiser, (rate: number) => TrainingOptimiser>> = {
  SGD: (rate) => sgd({ rate }),
  Adam: (rate) => adamW({ rate, weightDecay: 0 }),
  AdaGrad: (rate) => adagrad({ rate }),
};

/** Small batches of a problem. */
export interface Batches {
  readonly problem: Regression;
  readonly batch: number;
  readonly passes: number;
  /** Of the order of the examples. */
  readonly seed: number;
}

/** The setting with the least result, and that; NaN counts as infinite. */
export async function best<T>(
  settings: readonly T[],
  ending: (setting: T) => Promise<number>,
): Promise<readonly [setting: T, least: number]> {
  let [found, least] = [settings[0], Number.POSITIVE_INFINITY];
  for (const setting of settings) {
    const value = await ending(setting);
    if (value < least) [found, least] = [setting, value];
  }
  return [found, least];
}

/**
 * Calls for full gradients with the rate that needs the fewest on another problem, or ends lowest; a trial ends where it
 * needs more calls than an earlier one.
 */
export async function tunedCalls(
  name: Optimiser,
  problem: Regression,
  other: Regression,
  ends: Ends,
  pause: Pause,
): Promise<readonly [rate: number, calls: number]> {
  let few = ends.calls;
  const [rate] = await best(locked.grids[name].rate, async (step) => {
    const { calls, gap } = await optimiserCalls(other, optimiserOf[name](step), { ...ends, calls: few }, pause);
    few = Math.min(few, calls);
    return Number.isFinite(calls) ? calls : ends.calls + gap;
  });
  return [rate, (await optimiserCalls(problem, optimiserOf[name](rate), ends, pause)).calls];
}

/** How η of surrogates is set: a rule, and its first value in units of 1/L. */
export interface Eta {
  readonly rule: (typeof locked.grids.surrogates.rule)[number];
  readonly part: number;
}
const { eta: parts, rule: rules, steps: numbers } = locked.grids.surrogates;
const etas: readonly Eta[] = rules.flatMap((rule) => parts.map((part) => ({ rule, part })));
/** Numbers of inner steps: one, and those of the method. */
export const inner = [1, ...numbers] as const;

/** The same with m steps on each surrogate; η is 1/L if no trial reaches the gap. */
export async function tunedSurrogates(
  method: Method,
  problem: Regression,
  other: Regression,
  m: number,
  ends: Ends,
  pause: Pause,
): Promise<readonly [part: number, calls: number]> {
  const by = (part: number) => ({ steps: m, eta: part / problem.loss.smoothness! });
  let few = ends.calls;
  const [part, least] = await best(parts, async (one) => {
    const { calls } = await course(method, other, by(one), { ...ends, calls: few }, pause);
    few = Math.min(few, calls);
    return calls;
  });
  const chosen = Number.isFinite(least) ? part : 1;
  return [chosen, (await course(method, problem, by(chosen), ends, pause)).calls];
}

export interface Tuned {
  readonly rivals: Readonly<Record<string, number>>;
  /** By the number of inner steps. */
  readonly etas: Readonly<Record<number, Eta>>;
  /** The best number of inner steps above one. */
  readonly inner: number;
}

/** Step sizes of all methods on a problem that does not judge. */
export async function tuned(method: Method, run: Batches, pause: Pause): Promise<Tuned> {
  const { grids } = locked;
  const steps: Record<string, number> = {};
  for (const name of rivals) {
    const grid = name === 'line search' ? grids[name].longest : grids[name].rate;
    [steps[name]] = await best(grid, (step) => byRival(name, run, step, pause));
  }
  const chosen: Record<number, Eta> = {};
  const gaps = new Map<number, number>();
  for (const m of inner) {
    const [eta, least] = await best(etas, (one) => bySurrogates(method, run, m, one, pause));
    chosen[m] = eta;
    gaps.set(m, least);
  }
  const [most] = await best(numbers, async (m) => gaps.get(m)!);
  return { rivals: steps, etas: chosen, inner: most };
}

/**
 * With all rows in each batch: the gap with m steps on each surrogate, and the least of the rivals; step sizes are the
 * best on other rows.
 */
export async function wholeGaps(
  method: Method,
  run: Batches,
  other: Batches,
  m: number,
  pause: Pause,
): Promise<{ readonly surrogates: number; readonly rivals: number }> {
  const found: number[] = [];
  for (const name of [...optimisers, 'line search'] as const) {
    const grid = name === 'line search' ? locked.grids[name].longest : locked.grids[name].rate;
    const [step] = await best(grid, (one) => byRival(name, other, one, pause));
    found.push(await byRival(name, run, step, pause));
  }
  const constant = parts.map((part): Eta => ({ rule: 'constant', part }));
  const [eta] = await best(constant, (one) => bySurrogates(method, other, m, one, pause));
  const surrogates = await bySurrogates(method, run, m, eta, pause);
  return { surrogates, rivals: Math.min(...found) };
}

/** The gaps of all methods after some passes. */
export async function gapsOf(
  method: Method,
  run: Batches,
  by: Tuned,
  pause: Pause,
): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {};
  for (const name of rivals) found[name] = await byRival(name, run, by.rivals[name], pause);
  for (const m of inner) found[m] = await bySurrogates(method, run, m, by.etas[m], pause);
  return { ...found, surrogates: found[by.inner] };
}

/** The chosen step sizes as cells of a table. */
export const chosenOf = (by: Tuned): Array<string | number> => [
  ...rivals.map((name) => by.rivals[name]),
  ...inner.map((m) => `${by.etas[m].rule}, ${by.etas[m].part}/L`),
  by.inner,
];
export const columnsOf = [...rivals, ...inner.map((m) => `m = ${m}`)] as const;

/** The gap after some passes with m steps on each surrogate. */
async function bySurrogates(
  method: Method,
  { problem, batch, passes, seed }: Batches,
  m: number,
  { rule, part }: Eta,
  pause: Pause,
): Promise<number> {
  const oracleCalls = passes * Math.floor(problem.examples / batch);
  const first = part / problem.loss.smoothness!;
  const by = rule === 'constant' ? { eta: first } : { eta: rule, firstEta: first };
  for (const it of method(problem, { steps: m, ...by, batchSize: batch, oracleCalls, seed })) {
    if (it.done === 'diverged') break;
    if (it.done) return gapOf(problem, problem.whole(it.snapshot()));
    if (it.iteration % 16 === 0) await pause();
  }
  return Number.POSITIVE_INFINITY;
}

/** The same with a rival; trials of a line search are not counted as calls. */
export async function byRival(name: Rival, run: Batches, step: number, pause: Pause): Promise<number> {
  if (name === 'SVRG') return bySvrg(run, step, pause);
  const { problem, batch: batchSize, passes, seed } = run;
  const { examples, model, loss, start } = problem;
  const [parameters, gradient] = [Float64Array.from(start), new Float64Array(start.length)];
  const [z, slope] = [new Float64Array(batchSize), new Float64Array(batchSize)];
  const value = (batch: Int32Array): number => {
    model.forward(parameters, batch, z);
    return loss.evaluate(z, batch, slope);
  };
  const by: StochasticProblem = {
    ...{ examples, parameters, gradient },
    evaluate(batch) {
      const found = value(batch);
      model.pull(
        parameters,
        batch,
        slope.map((v) => v / batch.length),
        gradient,
      );
      return found;
    },
  };
  if (name === 'line search') {
    const stepsPerEpoch = Math.floor(examples / batchSize);
    const search = new StochasticLineSearch({ stepsPerEpoch, longest: step });
    const random = new Random(seed);
    for (let pass = 0; pass < passes; pass++) {
      const order = random.permutation(examples);
      for (let k = 0; k < stepsPerEpoch; k++) {
        const batch = order.slice(k * batchSize, (k + 1) * batchSize);
        search.step(parameters, gradient, by.evaluate(batch), () => value(batch));
      }
      await pause();
    }
    return gapOf(problem, problem.whole(parameters));
  }
  for (const it of stochasticIterates(by, optimiserOf[name](step), { batchSize, epochs: passes, seed })) {
    if (it.done) return it.done === 'completed' ? gapOf(problem, problem.whole(parameters)) : Number.POSITIVE_INFINITY;
    if (it.iteration % 64 === 0) await pause();
  }
  return Number.POSITIVE_INFINITY;
}

/**
 * Stochastic variance-reduced gradient steps: every other pass renews the gradient of all examples, which is counted as a
 * pass; slopes in the outputs are kept from there, so that a step takes one call.
 */
async function bySvrg({ problem, batch: size, passes, seed }: Batches, rate: number, pause: Pause): Promise<number> {
  const { examples: n, model, loss, start } = problem;
  const everyone = Int32Array.from({ length: n }, (_, i) => i);
  const [p, g, mean] = [Float64Array.from(start), new Float64Array(start.length), new Float64Array(start.length)];
  const [all, kept, z, slope] = [n, n, size, size].map((length) => new Float64Array(length));
  const perPass = Math.floor(n / size);
  const random = new Random(seed);
  for (let left = passes; left > 0; left--) {
    // The last pass is not spent on a gradient that no step would use.
    if (left > 1) {
      model.forward(p, everyone, all);
      loss.evaluate(all, everyone, kept);
      for (let i = 0; i < n; i++) all[i] = kept[i] / n;
      model.pull(p, everyone, all, mean);
      left--;
    }
    const order = random.permutation(n);
    for (let k = 0; k < perPass; k++) {
      const batch = order.slice(k * size, (k + 1) * size);
      model.forward(p, batch, z);
      loss.evaluate(z, batch, slope);
      for (let i = 0; i < size; i++) slope[i] = (slope[i] - kept[batch[i]]) / size;
      model.pull(p, batch, slope, g);
      for (let j = 0; j < p.length; j++) p[j] -= rate * (g[j] + mean[j]);
    }
    await pause();
  }
  const gap = gapOf(problem, problem.whole(p));
  return Number.isFinite(gap) ? gap : Number.POSITIVE_INFINITY;
}
