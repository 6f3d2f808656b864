import { packedBytes, type Tensor } from '@southwell/autodiff';
import type * as nn from '@southwell/autodiff/nn';
import { type Iterate, Random } from '@southwell/numerics/core';
import {
  type CodebookNetwork,
  type CodebooksOptions,
  type CompressedLayer,
  compressToCodebooksIterates,
  packWeights,
} from 'southwell/compression';
import type { Examples } from 'southwell/training';
import type { ExperimentEvent } from '../experiment.ts';
import { chosen, type ImageSet, quality, tensorsOf, trainedPerceptron } from '../material/perceptrons.ts';
import type { Pause } from '../pauses.ts';

/** The method under test. */
export const learn = compressToCodebooksIterates;
export type Learn = typeof learn;

/** A trained network, and images of its training set that codes are learned from and judged by. */
export interface Material {
  readonly set: ImageSet;
  readonly model: nn.Model;
  readonly calibrate: Tensor;
  readonly judge: Tensor;
  readonly random: Random;
}

export async function materialOf(
  set: ImageSet,
  sizes: {
    readonly widths: readonly number[];
    readonly epochs: number;
    readonly calibrate: number;
    readonly judge?: number;
  },
  seed: number,
  pause: Pause,
): Promise<Material> {
  const { widths, epochs, calibrate, judge = 1 } = sizes;
  const model = await trainedPerceptron(set.train, { widths, epochs, seed }, pause);
  const random = new Random(seed);
  const rows = random.permutation(set.train.count);
  const [some] = tensorsOf(chosen(set.train, rows.subarray(0, calibrate)));
  const [others] = tensorsOf(chosen(set.train, rows.subarray(calibrate, calibrate + judge)));
  return { set, model, calibrate: some, judge: others, random };
}

/** Steps between points of a curve. */
const EVERY = 5;

/** The codes of some layers, with the error of the steps' rows in a panel as they are learned. */
export async function* codesOf(
  steps: Generator<Iterate<CodebookNetwork, undefined>>,
  curve: { readonly panel: string; readonly series: string } | undefined,
  pause: Pause,
): AsyncGenerator<ExperimentEvent, CodebookNetwork> {
  for (const { iteration, metrics, done, snapshot } of steps) {
    if (curve && metrics!.error !== undefined && iteration % EVERY === 1)
      yield { kind: 'points', ...curve, x: [iteration], y: [metrics!.error] };
    if (done) return snapshot();
    await pause();
  }
  throw new Error('A method must say how it ended.');
}

/** Training images on which networks between two layers are evaluated. */
const SOME = 1000;

/** The training loss as layers are compressed, and a table of the networks. */
export class Losses {
  readonly dense: { readonly train: number; readonly accuracy: number };
  private readonly some: Examples;
  private readonly rows: Array<Array<string | number>> = [];

  constructor(
    private readonly panel: string,
    private readonly material: Material,
  ) {
    const { model, set, random } = material;
    this.some = chosen(set.train, random.split(2).permutation(set.train.count).subarray(0, SOME));
    this.dense = { train: quality(model, set.train).loss, accuracy: quality(model, set.test).accuracy };
    this.rows.push(['dense', this.dense.train, 0, this.dense.accuracy, 32]);
  }

  /** A point for a network whose first layers are compressed, on some of the images. */
  point(series: string, layers: number, model: nn.Model): ExperimentEvent {
    const { loss } = quality(model, this.some);
    return { kind: 'points', panel: this.panel, series, x: [layers], y: [loss] };
  }

  /** By how much the training loss has risen. */
  rise(name: string, model: nn.Model, bits: number): number {
    const rise = quality(model, this.material.set.train).loss - this.dense.train;
    this.rows.push([
      name,
      this.dense.train + rise,
      rise,
      quality(model, this.material.set.test).accuracy,
      Math.round(bits * 1000) / 1000,
    ]);
    return rise;
  }

  get table(): ExperimentEvent {
    const columns = ['weights', 'training loss', 'rise', 'test accuracy', 'bits a weight'];
    return { kind: 'table', title: 'Networks with compressed layers', columns, rows: this.rows };
  }
}

/** A compressed network, with the rise of its training loss. */
export interface Arm extends CodebookNetwork {
  readonly rise: number;
  readonly bits: number;
}

/** Bits of a weight as the layers are packed. */
export function bitsOf(layers: ReadonlyArray<Pick<CompressedLayer, 'weights' | 'inputs' | 'outputs'>>): number {
  let [bytes, weights] = [0, 0];
  for (const { weights: own, inputs, outputs } of layers) {
    bytes += packedBytes(packWeights(own));
    weights += inputs * outputs;
  }
  return (8 * bytes) / weights;
}

/** Compresses all layers and measures the loss after each of them. */
export async function* armOf(
  name: string,
  method: Learn,
  model: nn.Model,
  material: Material,
  losses: Losses,
  options: CodebooksOptions,
  pause: Pause,
): AsyncGenerator<ExperimentEvent, Arm> {
  let seen = 0;
  yield losses.point(name, 0, model);
  for (const { done, snapshot, metrics } of method(model, [material.calibrate], options)) {
    if (metrics!.done >= seen + 1) {
      seen++;
      yield losses.point(name, seen, snapshot().model);
    }
    if (done) {
      const found = snapshot();
      const bits = bitsOf(found.layers);
      return { ...found, bits, rise: losses.rise(name, found.model, bits) };
    }
    await pause();
  }
  throw new Error('A method must say how it ended.');
}
