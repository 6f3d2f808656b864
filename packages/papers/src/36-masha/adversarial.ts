import { alone } from '@southwell/distributed';
import type { Random } from '@southwell/numerics/core';
import type { Compressor, VariationalProblem, VariationalSettings } from 'southwell/distributed-methods';
import { loadDigits } from '../material/images.ts';
import { divided, Perceptron, type Rows } from '../material/network.ts';
import type { Pause } from '../pauses.ts';
import type { Run } from './lab.ts';

/** A network that is trained on several devices against perturbations of its rows (`locked.ts`). */
export interface AdversarialSettings {
  readonly devices: number;
  readonly hidden: number;
  readonly train: number;
  readonly test: number;
  /** Share of rows that go to the device of their label. */
  readonly skew: number;
  /** Largest norm of the perturbation of a row. */
  readonly epsilon: number;
  /** Perturbations move by this many times the step size along the gradient of the loss of their row. */
  readonly pace: number;
  /** Steps of the attack on rows that did not train. */
  readonly attack: number;
}

/** The pixels of a digit. */
const PIXELS = 64;
const CLASSES = 10;

/** A draw of rows, devices and starting weights. */
export interface Training {
  readonly problem: VariationalProblem;
  /** The number of weights, the first entries of a point. */
  readonly weights: number;
  /** The share of rows that did not train whose class is found, with the perturbation of an attack. */
  readonly accuracy: (z: Float64Array) => number;
}

/** Digits of 8 × 8 pixels from 0 to 1 in a random order. */
async function digitRows(random: Random): Promise<Rows> {
  const { X, labels } = await loadDigits();
  const order = random.permutation(labels.length);
  const features = new Float64Array(PIXELS * labels.length);
  for (const [r, row] of order.entries())
    for (let j = 0; j < PIXELS; j++) features[r * PIXELS + j] = X.get(row, j) / 16;
  return { features, labels: Array.from(order, (row) => labels[row]), count: labels.length };
}

const part = ({ features, labels }: Rows, from: number, count: number): Rows => ({
  features: features.slice(from * PIXELS, (from + count) * PIXELS),
  labels: Array.from(labels).slice(from, from + count),
  count,
});

/** Subtracts the mean of some rows from others. */
function centre({ features, count }: Rows, others: readonly Rows[]): void {
  const mean = new Float64Array(PIXELS);
  for (let k = 0; k < features.length; k++) mean[k % PIXELS] += features[k] / count;
  for (const { features: v } of others) for (let k = 0; k < v.length; k++) v[k] -= mean[k % PIXELS];
}

/** v ← its projection onto the ball of a radius, for the numbers from `at` on. */
function intoBall(v: Float64Array, at: number, radius: number): void {
  let square = 0;
  for (let j = 0; j < PIXELS; j++) square += v[at + j] ** 2;
  if (square <= radius ** 2) return;
  const factor = radius / Math.sqrt(square);
  for (let j = 0; j < PIXELS; j++) v[at + j] *= factor;
}

/**
 * The share of rows that are classified correctly, also after steps of 2.5ε / `steps` along normalised gradients of their loss, each projected onto the
 * ball of radius ε.
 */
export function attacked(
  network: Perceptron,
  x: Float64Array,
  rows: Rows,
  { epsilon, attack }: { readonly epsilon: number; readonly attack: number },
): number {
  const gradient = new Float64Array(PIXELS);
  const moved = new Float64Array(PIXELS);
  const one = { features: new Float64Array(PIXELS), labels: [0], count: 1 };
  let right = 0;
  for (let r = 0; r < rows.count; r++) {
    one.labels[0] = rows.labels[r];
    moved.fill(0);
    for (let step = 0; ; step++) {
      for (let j = 0; j < PIXELS; j++) one.features[j] = rows.features[r * PIXELS + j] + moved[j];
      gradient.fill(0);
      if (!network.addInputGradient(x, one, 0, gradient)) break;
      if (step === attack) {
        right++;
        break;
      }
      const norm = Math.hypot(...gradient);
      if (norm > 0) for (let j = 0; j < PIXELS; j++) moved[j] += ((2.5 * epsilon) / attack / norm) * gradient[j];
      intoBall(moved, 0, epsilon);
    }
  }
  return right / rows.count;
}

/**
 * Adversarial training as a variational inequality: min over weights x, max over perturbations rᵢ with ‖rᵢ‖ ≤ ε of the mean loss of
 * rows aᵢ + rᵢ. A point is (x, u) with r = s·u and s² = N·pace for N rows, such that a step γ moves weights by γ times the mean gradient and rᵢ by
 * γ·pace times the gradient of its own loss; such a scaling changes the metric of steps, not the solutions.
 *
 * The operator of a device is zero for perturbations of rows that others have, and depends on no perturbations but its own. These therefore stay
 * on the device, uncompressed, and only the part of the weights travels ({@link onWeights}); all vectors are the whole point here for simplicity.
 */
export async function trainingOf(sizes: AdversarialSettings, random: Random, perturbed = true): Promise<Training> {
  const { devices, hidden, skew, epsilon, pace } = sizes;
  const network = new Perceptron([PIXELS, hidden, CLASSES]);
  const all = await digitRows(random.split(0));
  const [train, test] = [part(all, 0, sizes.train), part(all, sizes.train, sizes.test)];
  centre(train, [train, test]);
  const owned = divided(train, devices, skew, random.split(1));
  const D = network.length;
  const length = D + PIXELS * train.count;
  const scale = Math.sqrt(train.count * pace);
  // The mean over devices is the mean over rows, whatever the numbers of rows.
  const weight = devices / train.count;
  const operators = owned.map((own) => {
    const seen = {
      features: new Float64Array(PIXELS * own.length),
      labels: own.map((r) => train.labels[r]),
      count: own.length,
    };
    const gradient = new Float64Array(PIXELS);
    return (z: Float64Array) => {
      const out = new Float64Array(length);
      for (const [i, r] of own.entries()) {
        const at = D + r * PIXELS;
        for (let j = 0; j < PIXELS; j++)
          seen.features[i * PIXELS + j] = train.features[r * PIXELS + j] + scale * z[at + j];
        gradient.fill(0);
        network.addGradient(z, seen, i, out, weight, gradient);
        if (perturbed) for (let j = 0; j < PIXELS; j++) out[at + j] = -scale * gradient[j];
      }
      return out;
    };
  });
  const z0 = new Float64Array(length);
  z0.set(network.start(random.split(2)));
  const prox = (z: Float64Array) => {
    const out = z.slice();
    for (let at = D; at < length; at += PIXELS) intoBall(out, at, epsilon / scale);
    return out;
  };
  return { problem: { operators, z0, prox }, weights: D, accuracy: (z) => attacked(network, z, test, sizes) };
}

/** Compresses the first `count` numbers of a vector; the others, which do not leave their device, are kept as they are. */
export function onWeights(inner: Compressor, count: number): Compressor {
  const q = (value: number | undefined, of: (a: number, b: number) => number) =>
    value === undefined ? undefined : of(value, 1);
  return {
    name: `${inner.name} of ${count}`,
    delta: () => q(inner.delta(count), Math.min),
    secondMoment: () => q(inner.secondMoment(count), Math.max),
    memory: () => inner.memory(count),
    compress(v, random, memory) {
      const message = inner.compress(v.subarray(0, count), random, memory);
      let [from, to] = [count, v.length];
      while (to > from && v[to - 1] === 0) to--;
      while (from < to && v[from] === 0) from++;
      const bytes = new Uint8Array(12 + 8 * (to - from) + message.length);
      bytes.set(new Uint8Array(Int32Array.of(message.length, from, to).buffer));
      bytes.set(new Uint8Array(v.slice(from, to).buffer), 12);
      bytes.set(message, 12 + 8 * (to - from));
      return bytes;
    },
    restore(bytes, into) {
      const [length, from, to] = new Int32Array(bytes.slice(0, 12).buffer);
      const end = 12 + 8 * (to - from);
      inner.restore(bytes.subarray(end, end + length), into.subarray(0, count));
      into.fill(0, count);
      into.set(new Float64Array(bytes.slice(12, end).buffer), from);
    },
  };
}

/** Accuracies under attack during training, and numbers of the weights' part that each device had sent by then. */
export interface AdversarialCourse {
  readonly numbers: readonly number[];
  readonly accuracies: readonly number[];
}

/** How many accuracies are averaged, against chance. */
export const AVERAGED = 3;

/** Means of so many successive accuracies; shorter by two. */
export const averaged = ({ accuracies }: AdversarialCourse): number[] =>
  accuracies.slice(AVERAGED - 1).map((_, i) => {
    const window = accuracies.slice(i, i + AVERAGED);
    return window.reduce((a, b) => a + b, 0) / AVERAGED;
  });

/** Numbers sent until the averaged accuracy was first reached; infinite if it was not. */
export function numbersTo(course: AdversarialCourse, accuracy: number): number {
  const found = averaged(course).findIndex((value) => value >= accuracy);
  return found < 0 ? Number.POSITIVE_INFINITY : course.numbers[found + AVERAGED - 1];
}

/**
 * Follows training for some steps, or until an accuracy is reached, or weights diverge, after which accuracies are 0.
 * @param every steps between accuracies.
 * @param sent numbers that a device has sent after some steps and refreshes.
 */
export async function followTraining(
  run: Run,
  { problem, accuracy }: Training,
  settings: VariationalSettings,
  {
    steps,
    every,
    until = Number.POSITIVE_INFINITY,
  }: { readonly steps: number; readonly every: number; readonly until?: number },
  sent: (step: number, refreshes: number) => number,
  pause: Pause,
): Promise<AdversarialCourse> {
  const [numbers, accuracies]: [number[], number[]] = [[], []];
  for (const iterate of alone((comm) => run(comm, problem, settings))) {
    if (!('iteration' in iterate)) continue;
    const { iteration, metrics, done } = iterate;
    if (iteration % every === 0 || done) {
      numbers.push(sent(iteration, metrics!.refreshes));
      accuracies.push(done === 'diverged' ? 0 : accuracy(iterate.snapshot().z));
      if (Number.isFinite(numbersTo({ numbers, accuracies }, until))) break;
    }
    if (done || iteration >= steps) break;
    await pause();
  }
  return { numbers, accuracies };
}
