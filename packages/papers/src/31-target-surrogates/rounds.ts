import { Random } from 'southwell';
import { StochasticLineSearch, type TargetProblem } from 'southwell/optimisers';
import type { Pause } from '../pauses.ts';
import { expertLoss, firstPolicy, policyLoss, policyModel, sizeOfPolicy, visited } from './control.ts';
import type { Method } from './lab.ts';
import { type Optimiser, optimiserOf, optimisers } from './stochastic.ts';

export interface Game {
  readonly rounds: number;
  /** States of a round, at which the expert is asked. */
  readonly states: number;
  /** States at which the loss is measured. */
  readonly judged: number;
  /** Hidden units of the policy. */
  readonly hidden: number;
  /** Whether the expert decides which states are visited. */
  readonly beta: 0 | 1;
  readonly seed: number;
}

export interface Course {
  readonly losses: number[];
  /** Mean over the last fifth of the rounds. */
  readonly end: number;
}

export const online = [...optimisers, 'line search'] as const;
export type Online = (typeof online)[number];

/** Many steps on the surrogate of each round. */
export function bySurrogates(method: Method, eta: number, steps: number, game: Game, pause: Pause): Promise<Course> {
  return imitate(
    (problem) => {
      let p: Float64Array = Float64Array.from(problem.start);
      for (const it of method(problem, { steps, eta, oracleCalls: 1 })) if (it.done) p = it.snapshot();
      return p;
    },
    game,
    pause,
  );
}

/** One step in each round, of an optimiser whose state is kept. */
export async function byOnline(name: Online, step: number, game: Game, pause: Pause): Promise<Course> {
  const size = sizeOfPolicy(game.hidden);
  const [p, g] = [new Float64Array(size), new Float64Array(size)];
  const stepper = name === 'line search' ? searching(step) : optimising(name, step, p);
  try {
    return await imitate(
      ({ model, loss, start, examples }) => {
        p.set(start);
        const everyone = Int32Array.from({ length: examples }, (_, i) => i);
        const [z, slope] = [new Float64Array(2 * examples), new Float64Array(2 * examples)];
        const value = (): number => {
          model.forward(p, everyone, z);
          return loss.evaluate(z, everyone, slope);
        };
        const before = value();
        for (let k = 0; k < slope.length; k++) slope[k] /= examples;
        model.pull(p, everyone, slope, g);
        if (Number.isFinite(before) && g.every(Number.isFinite)) stepper.step(p, g, before, value);
        return p.slice();
      },
      game,
      pause,
    );
  } finally {
    stepper.free();
  }
}

interface Stepper {
  step(p: Float64Array, g: Float64Array, before: number, value: () => number): void;
  free(): void;
}

function optimising(name: Optimiser, rate: number, p: Float64Array): Stepper {
  const optimiser = optimiserOf[name](rate);
  const state = optimiser.init(p);
  return { step: (at, g) => optimiser.step(state, at, g), free: () => state.free() };
}

/** Trials of the search are not counted: the expert was asked at these states. */
function searching(longest: number): Stepper {
  const search = new StochasticLineSearch({ stepsPerEpoch: 1, longest });
  return { step: (p, g, before, value) => void search.step(p, g, before, value), free: () => {} };
}

/**
 * Rounds of interaction from parameters to the next; the loss after each is evaluated on states that the policy visits
 * from initial states common to all methods.
 */
async function imitate(
  next: (problem: TargetProblem) => Float64Array,
  { rounds, states: samples, judged, hidden, beta, seed }: Game,
  pause: Pause,
): Promise<Course> {
  const random = new Random(seed);
  let p = firstPolicy(random.split(0), hidden);
  const losses: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const states = visited(p, samples, random.split(1).split(round), beta === 1);
    p = next({ examples: samples, model: policyModel(states, hidden), loss: expertLoss(states), start: p });
    losses.push(policyLoss(p, visited(p, judged, random.split(2))));
    await pause();
  }
  const tail = losses.slice(-Math.ceil(rounds / 5));
  const end = tail.reduce((a, b) => a + b, 0) / tail.length;
  return { losses, end: Number.isFinite(end) ? end : Number.POSITIVE_INFINITY };
}
