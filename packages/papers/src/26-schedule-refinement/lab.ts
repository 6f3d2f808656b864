import {
  adamW,
  constantRate,
  cosineDecay,
  equalAverage,
  GradientNorms,
  inverseDecay,
  inverseRootDecay,
  linearDecay,
  type NormKind,
  refineSchedule,
  type Schedule,
  type StochasticProblem,
  sgd,
  stepDecay,
  stochasticIterates,
  tabulatedSchedule,
} from 'southwell/optimisers';
import type { Pause } from '../pauses.ts';
import type { Softmax } from './softmax.ts';

/** The refinement of schedules under test. */
export type Refine = (
  norms: Float64Array,
  options: { readonly norm: NormKind; readonly outputSteps: number },
) => Float64Array;
export const libraryMethod: Refine = refineSchedule;

export type Optimiser = 'SGD' | 'Adam';
export const optimisers: readonly Optimiser[] = ['SGD', 'Adam'];

/** Schedules as functions of their maximum rate and the number of steps. */
export type Shape = (rate: number, steps: number) => Schedule;

export const shapes = {
  flat: (rate) => constantRate(rate),
  '1/t': (rate) => inverseDecay({ rate }),
  '1/√t': (rate) => inverseRootDecay({ rate }),
  step: (rate, steps) => stepDecay({ rate, every: Math.ceil(steps / 3) }),
  cosine: (rate, steps) => cosineDecay({ rate, steps }),
  linear: (rate, steps) => linearDecay({ rate, steps }),
} as const satisfies Readonly<Record<string, Shape>>;
export type ShapeName = keyof typeof shapes;

/** Decay to zero at the same steps as linear decay, with another exponent. */
const exponent =
  (power: number): Shape =>
  (rate, steps) =>
  (step) =>
    rate * (1 - Math.min(1, step / steps)) ** power;

/** Rivals of linear decay with other exponents. */
export const exponents = { 'exponent ½': exponent(0.5), 'exponent 2': exponent(2) } as const;
export type ExponentName = keyof typeof exponents;

export interface Training {
  readonly optimiser: Optimiser;
  readonly epochs: number;
  readonly batchSize: number;
}

/** A problem that can be restarted and evaluated. */
export interface Trained extends StochasticProblem {
  begin(): void;
  /** The loss of all examples, at the current point or at an average. */
  whole(parameters?: ArrayLike<number>): number;
}

/** Starts from zero. */
export const trained = (problem: Softmax): Trained => ({
  ...problem,
  begin: () => problem.parameters.fill(0),
  whole: (parameters = problem.parameters) => problem.loss(parameters),
});

export const stepsOf = ({ examples }: StochasticProblem, { epochs, batchSize }: Training): number =>
  epochs * Math.floor(examples / batchSize);

interface Ended {
  readonly loss: number;
  readonly norms: Float64Array;
  /** The loss at the mean of all points. */
  readonly average: number;
}

/** A complete run; a non-finite loss counts as infinite. */
export async function train(
  problem: Trained,
  training: Training,
  schedule: Schedule,
  seed: number,
  pause: Pause,
): Promise<Ended> {
  const { optimiser, epochs, batchSize } = training;
  const rule = optimiser === 'SGD' ? sgd({ rate: schedule }) : adamW({ rate: schedule, weightDecay: 0 });
  const norms = new GradientNorms(normOf(optimiser));
  const average = equalAverage();
  problem.begin();
  let finite = true;
  for (const { iteration, done } of stochasticIterates(problem, rule, { epochs, batchSize, seed, norms, average })) {
    if (done) finite = done === 'completed';
    else if (iteration % 64 === 0) await pause();
  }
  const lossAt = (parameters?: ArrayLike<number>) => {
    const loss = finite ? problem.whole(parameters) : Number.POSITIVE_INFINITY;
    return Number.isFinite(loss) ? loss : Number.POSITIVE_INFINITY;
  };
  return { loss: lossAt(), norms: norms.values, average: lossAt(average.values) };
}

export const normOf = (optimiser: Optimiser): NormKind => (optimiser === 'SGD' ? 'l2' : 'l1');

/** Number of consecutive worse rates that end the search on a side. */
const PATIENCE = 3;
const FIRST: Readonly<Record<Optimiser, number>> = { SGD: 0, Adam: -5 };

/**
 * The power of two whose run has the lowest final loss: searched upwards and downwards from an initial value, until
 * three in a row are worse.
 */
export async function tuneRate(optimiser: Optimiser, lossAt: (rate: number) => Promise<number>): Promise<number> {
  const first = FIRST[optimiser];
  let [best, least] = [first, await lossAt(2 ** first)];
  for (const way of [1, -1]) {
    for (let [k, worse] = [first + way, 0]; worse < PATIENCE && Math.abs(k) <= 30; k += way) {
      const loss = await lossAt(2 ** k);
      // If the initial rate diverged, the search continues downwards.
      worse = loss < least ? 0 : worse + 1;
      if (loss < least) [best, least] = [k, loss];
    }
  }
  return 2 ** best;
}

/** The result of a schedule whose rate was tuned on one order of the examples, for another order. */
export interface Tried {
  readonly loss: number;
  readonly rate: number;
}

/** The seed of the order for tuning rates and recording norms, and that of the order for evaluation. */
export interface Orders {
  readonly tuning: number;
  readonly judging: number;
}

/** `of`: the loss at the last point, or at the average. `on`: the problem whose loss judges, with the same parameters. */
interface Judge {
  readonly of?: 'loss' | 'average';
  readonly on?: Trained;
}

/** A schedule with its own rate. */
export async function tried(
  problem: Trained,
  training: Training,
  shape: Shape,
  { tuning, judging }: Orders,
  pause: Pause,
  { of = 'loss', on = problem }: Judge = {},
): Promise<Tried> {
  const steps = stepsOf(problem, training);
  const ending = async (subject: Trained, rate: number, seed: number) =>
    (await train(subject, training, shape(rate, steps), seed, pause))[of];
  const rate = await tuneRate(training.optimiser, (r) => ending(problem, r, tuning));
  return { rate, loss: await ending(on, rate, judging) };
}

export interface Refined {
  readonly shape: Shape;
  readonly values: Float64Array;
  readonly norms: Float64Array;
}

/** The refinement of linear decay at its tuned rate: as many values as steps, followed by a zero. */
export async function refinedShape(
  problem: Trained,
  training: Training,
  refine: Refine,
  rate: number,
  { tuning }: Orders,
  pause: Pause,
): Promise<Refined> {
  const steps = stepsOf(problem, training);
  const { norms } = await train(problem, training, shapes.linear(rate, steps), tuning, pause);
  const values = refine(norms, { norm: normOf(training.optimiser), outputSteps: steps + 1 });
  return { norms, values, shape: (top) => tabulatedSchedule({ rate: top, values }) };
}
