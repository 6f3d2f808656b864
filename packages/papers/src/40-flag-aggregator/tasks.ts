import { DenseMatrix } from '@southwell/numerics/arrays';
import type { Random } from '@southwell/numerics/core';
import { matrixProduct, qr } from '@southwell/numerics/linalg';
import { type Attack, attacks } from 'southwell/distributed-methods';
import { blockOfPixel, Perceptron, pooled, type Rows, SIDE } from '../material/network.ts';
import { chosen, type ImageSet } from '../material/perceptrons.ts';
import type { Condition, Task } from './training.ts';

/** The attacks, with the strengths of the study. */
export const ATTACKS = {
  random: { name: 'random, uniform', attack: attacks.random() },
  normal: { name: 'random, normal', attack: attacks.random({ distribution: 'normal' }) },
  reverse: { name: 'reverse', attack: attacks.reverse({ factor: 10 }) },
  lie: { name: 'little is enough', attack: attacks.littleIsEnough({ z: 1.5 }) },
  empire: { name: 'fall of empires', attack: attacks.fallOfEmpires({ epsilon: 1 }) },
} as const satisfies Readonly<Record<string, { readonly name: string; readonly attack: Attack }>>;
export type AttackName = keyof typeof ATTACKS;

export interface ClassesSetting {
  readonly dimension: number;
  readonly classes: number;
  readonly centres: number;
  readonly spread: number;
  readonly gain: number;
  readonly hidden: number;
  readonly train: number;
  readonly test: number;
}

/** An orthogonal matrix in a random direction. O(n³). */
function rotation(n: number, random: Random): DenseMatrix {
  const entries = Float64Array.from({ length: n * n }, () => random.normal());
  const factor = qr(DenseMatrix.fromColumnMajor(entries, n, n));
  try {
    return factor.thinQ();
  } finally {
    factor.free();
  }
}

/** Rows of classes with several centres each: gain · tanh(Q (centre + noise)), with a rotation Q. */
export function classesTask(sizes: ClassesSetting, random: Random): Task {
  const { dimension: d, classes, centres, spread, gain, hidden, train, test } = sizes;
  const Q = rotation(d, random.split(0));
  const means = Float64Array.from({ length: classes * centres * d }, () => spread * random.normal());
  const rowsOf = (count: number): Rows => {
    const labels = new Int32Array(count);
    const points = DenseMatrix.create(d, count);
    const turned = DenseMatrix.create(d, count);
    for (let r = 0; r < count; r++) {
      labels[r] = random.integer(classes);
      const at = (labels[r] * centres + random.integer(centres)) * d;
      for (let j = 0; j < d; j++) points.data[r * d + j] = means[at + j] + random.normal();
    }
    matrixProduct(Q, points, turned);
    return { features: turned.data.map((v) => gain * Math.tanh(v)), labels, count };
  };
  return { network: new Perceptron([d, hidden, classes]), train: rowsOf(train), test: rowsOf(test) };
}

/** Parameters of the predator–prey equations in the authors' script. */
const [ALPHA, BETA, GAMMA, DELTA] = [2 / 3, 4 / 3, 1, 1];
/** Steps of the classical Runge–Kutta method. */
const STEPS = 100;

/** Where x' = αx − βxy, y' = δxy − γy takes a point in a time. */
export function lotkaVolterra(x: number, y: number, time: number): readonly [number, number] {
  const h = time / STEPS;
  const slope = (p: number, q: number) => [ALPHA * p - BETA * p * q, DELTA * p * q - GAMMA * q] as const;
  for (let k = 0; k < STEPS; k++) {
    const a = slope(x, y);
    const b = slope(x + (h / 2) * a[0], y + (h / 2) * a[1]);
    const c = slope(x + (h / 2) * b[0], y + (h / 2) * b[1]);
    const d = slope(x + h * c[0], y + h * c[1]);
    x += (h / 6) * (a[0] + 2 * b[0] + 2 * c[0] + d[0]);
    y += (h / 6) * (a[1] + 2 * b[1] + 2 * c[1] + d[1]);
  }
  return [x, y];
}

/**
 * From where each pixel of a displaced image is taken: pixels are points around the middle of the image, which move along the equations;
 * −1 where that is outside of the image.
 */
export function displacement(time: number): Int32Array {
  const middle = SIDE / 2;
  return Int32Array.from({ length: SIDE * SIDE }, (_, p) => {
    const [x, y] = lotkaVolterra(middle - Math.floor(p / SIDE), middle - (p % SIDE), time);
    const [i, j] = [Math.trunc(middle - x), Math.trunc(middle - y)];
    return i >= 0 && j >= 0 && i < SIDE && j < SIDE ? i * SIDE + j : -1;
  });
}

/** Times of displacement. */
const TIMES = 10;

export interface ImagesSetting {
  readonly block: number;
  readonly hidden: number;
  readonly test: number;
  readonly noisy: number;
  readonly time: number;
  readonly deviation: number;
  readonly noises: readonly string[];
  readonly faulty: readonly number[];
}

/** Tasks of images as means of blocks, each with a random part of the test images, and their conditions. */
export function imagesTasks(set: ImageSet, sizes: ImagesSetting) {
  const { block, hidden, noisy, time, deviation } = sizes;
  const width = (SIDE / block) ** 2;
  const network = new Perceptron([width, hidden, 10]);
  const train = pooled(set.train, block);
  const blocks = blockOfPixel(block);
  const maps = Array.from({ length: TIMES }, (_, k) => displacement(((k + 1) / TIMES) * time));
  const pixels = set.train.inputs.values;
  const displaced = (row: number, draws: Random, into: Float64Array) => {
    const from = maps[draws.integer(TIMES)];
    into.fill(0);
    for (let p = 0; p < from.length; p++) {
      if (from[p] >= 0) into[blocks[p]] += pixels[row * SIDE * SIDE + from[p]] / block ** 2;
    }
  };
  const normal = (row: number, draws: Random, into: Float64Array) => {
    for (let j = 0; j < width; j++) into[j] = train.features[row * width + j] + deviation * draws.normal();
  };
  const conditions = sizes.noises.flatMap((noise) =>
    sizes.faulty.map(
      (faulty): Condition => ({
        name: `${noise === 'gaussian' ? 'normal noise' : 'Lotka–Volterra noise'}, ${faulty} hostile`,
        ...{ faulty, declared: faulty, attack: attacks.random(), noisy },
        see: noise === 'gaussian' ? normal : displaced,
      }),
    ),
  );
  const taskOf = (random: Random): Task => {
    const rows = random.permutation(set.test.count).subarray(0, sizes.test);
    return { network, train, test: pooled(chosen(set.test, rows), block) };
  };
  return { taskOf, conditions };
}
