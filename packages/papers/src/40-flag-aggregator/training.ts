import { Random } from '@southwell/numerics/core';
import { type AggregateOptions, type Attack, aggregate, attackGradients } from 'southwell/distributed-methods';
import { sgd } from 'southwell/optimisers';
import type { Perceptron, Rows } from '../material/network.ts';
import type { Pause } from '../pauses.ts';

/** What workers train on. */
export interface Task {
  readonly network: Perceptron;
  readonly train: Rows;
  readonly test: Rows;
}

/** Under what workers train. */
export interface Condition {
  readonly name: string;
  /** Number of the last workers that are hostile, and what they send. */
  readonly faulty: number;
  readonly attack?: Attack | undefined;
  /** Number that the rule is told. */
  readonly declared: number;
  /** Number of the first workers that see rows otherwise, and how: writes a row of the training set. */
  readonly noisy?: number;
  readonly see?: ((row: number, random: Random, into: Float64Array) => void) | undefined;
}

export interface Setting {
  readonly workers: number;
  readonly batch: number;
  readonly iterations: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** Iterations between two measurements of the accuracy; without it, there is one at the end. */
  readonly every?: number | undefined;
}

export interface Training {
  readonly accuracy: number;
  /** Test accuracy after numbers of iterations. */
  readonly course: ReadonlyArray<readonly [iterations: number, accuracy: number]>;
}

/** A parameter beyond this ends a run that diverges. */
const FAR = 1e8;

/** The rows that a worker draws, as it sees them. */
class Batches {
  private readonly rows: { readonly features: Float64Array; readonly labels: Int32Array; readonly count: number };

  constructor(
    private readonly task: Task,
    private readonly condition: Condition,
    private readonly size: number,
  ) {
    const width = task.train.features.length / task.train.count;
    this.rows = { features: new Float64Array(size * width), labels: new Int32Array(size), count: size };
  }

  /** Fills the gradient of a worker at x. */
  gradient(worker: number, x: Float64Array, random: Random, into: Float64Array): void {
    const { task, condition, size, rows } = this;
    const { train, network } = task;
    const width = rows.features.length / size;
    const noisy = worker < (condition.noisy ?? 0);
    into.fill(0);
    for (let k = 0; k < size; k++) {
      const row = random.integer(train.count);
      const features = rows.features.subarray(k * width, (k + 1) * width);
      if (noisy && condition.see) condition.see(row, random, features);
      else features.set(train.features.subarray(row * width, (row + 1) * width));
      rows.labels[k] = train.labels[row];
      network.addGradient(x, rows, k, into, 1 / size);
    }
  }
}

/**
 * Trains a network by steps of SGD with momentum along what the rule makes of the gradients of all workers. Start, batches and attacks
 * are the same for all rules and rates.
 */
export async function training(
  task: Task,
  condition: Condition,
  options: AggregateOptions,
  { workers, batch, iterations, momentum, weightDecay, every = iterations }: Setting,
  rate: number,
  random: Random,
  pause: Pause,
): Promise<Training> {
  const { network, test } = task;
  const x = network.start(random.split(0));
  const hostile = random.split(1);
  const draws = Array.from({ length: workers }, (_, w) => random.split(2 + w));
  const gradients = draws.map(() => new Float64Array(network.length));
  const batches = new Batches(task, condition, batch);
  const optimiser = sgd({ rate, momentum, weightDecay });
  const state = optimiser.init(x);
  const course: Array<[number, number]> = every < iterations ? [[0, network.accuracy(x, test)]] : [];
  let far = false;
  try {
    for (let t = 1; t <= iterations; t++) {
      if (!far) {
        for (const [w, own] of draws.entries()) batches.gradient(w, x, own, gradients[w]);
        const { attack, faulty } = condition;
        const sent = attack ? attackGradients(gradients, faulty, attack, hostile) : gradients;
        optimiser.step(state, x, aggregate(sent, options).direction);
        far = x.some((v) => Math.abs(v) > FAR);
      }
      if (t % every === 0 || t === iterations) course.push([t, network.accuracy(x, test)]);
      await pause();
    }
  } finally {
    state.free();
  }
  return { accuracy: course[course.length - 1][1], course };
}

/** The first number of iterations after which the accuracy is reached; infinite if it is not. */
export const iterationsTo = ({ course }: Training, accuracy: number): number =>
  course.find(([, reached]) => reached >= accuracy)?.[0] ?? Number.POSITIVE_INFINITY;

export const drawOf = (seed: number, draw: number): Random => new Random(seed).split(draw);
