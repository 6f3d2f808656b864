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
import { gapOf, type Method, type Regression } from './lab.ts';
import { locked } from './locked.ts';

/** The draw on which step sizes are compared. */
export const TUNING = 100;

export const rivals = ['SGD', 'Adam', 'AdaGrad', 'line search'] as const;
export type Rival = (typeof rivals)[number];

export const optimiserOf: Readonly<Record<Exclude<Rival, 'line search'>, (rate: number) => TrainingOptimiser>> = {
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

/** The step size with the least result, and that; NaN counts as infinite. */
export async function best(
  steps: readonly number[],
  ending: (step: number) => Promise<number>,
): Promise<readonly [step: number, least: number]> {
  let [found, least] = [steps[0], Number.POSITIVE_INFINITY];
  for (const step of steps) {
    const value = await ending(step);
    if (value < least) [found, least] = [step, value];
  }
  return [found, least];
}

export interface Tuned {
  /** Of the rivals by name, of surrogates by the number of inner steps. */
  readonly steps: Readonly<Record<string, number>>;
  /** The best number of inner steps. */
  readonly inner: number;
}

/** Step sizes of all methods on a problem that does not judge. */
export async function tuned(method: Method, run: Batches, pause: Pause): Promise<Tuned> {
  const steps: Record<string, number> = {};
  const { grids } = locked;
  for (const name of rivals) {
    const grid = name === 'line search' ? grids[name].longest : grids[name].rate;
    [steps[name]] = await best(grid, (step) => byRival(name, run, step, pause));
  }
  const [inner] = await best(grids.surrogates.steps, async (m) => {
    const [eta, least] = await best(grids.surrogates.eta, (part) => bySurrogates(method, run, m, part, pause));
    steps[m] = eta;
    return least;
  });
  return { steps, inner };
}

/** The gap after some passes with m steps on each surrogate. */
export async function bySurrogates(
  method: Method,
  { problem, batch, passes, seed }: Batches,
  m: number,
  part: number,
  pause: Pause,
): Promise<number> {
  const oracleCalls = passes * Math.floor(problem.examples / batch);
  const eta = part / problem.loss.smoothness!;
  for (const it of method(problem, { steps: m, eta, batchSize: batch, oracleCalls, seed })) {
    if (it.done) return gapOf(problem, problem.whole(it.snapshot()));
    if (it.iteration % 16 === 0) await pause();
  }
  return Number.POSITIVE_INFINITY;
}

/** The same with a rival; trials of a line search are not counted as calls. */
export async function byRival(
  name: Rival,
  { problem, batch: batchSize, passes, seed }: Batches,
  step: number,
  pause: Pause,
): Promise<number> {
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
